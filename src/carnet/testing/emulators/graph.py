"""How does Microsoft Graph answer about contacts?

An emulator: it behaves as Microsoft documents, and where practice differs, as `tests/emulators` names fact by fact.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from carnet.testing.emulators.faults import Asked, Fault, Said, Trouble
from carnet.testing.emulators.graph_batch import AT_ONCE, parts_of, refused, rounds, run
from carnet.testing.emulators.graph_contacts import ROUTES, person
from carnet.testing.emulators.graph_mailbox import GraphMailbox
from carnet.testing.emulators.graph_turn import Refusal, Turn
from carnet.testing.emulators.server import Emulator, said_json

VERSION = "/v1.0"
LARGEST_PAGE, IN_FLIGHT, QUOTA, WINDOW = 512, AT_ONCE, 10_000, 600.0
UPLOAD, UPLOAD_WINDOW = 150_000_000, 300.0
"""Bytes that an application may send to one mailbox in so many seconds."""
WRITES = {"Contacts.Read": "Contacts.ReadWrite", "MailboxSettings.Read": "MailboxSettings.ReadWrite"}


@dataclass(slots=True, kw_only=True)
class _Spending:
    """What one mailbox has been asked in the present window, and how much of it is in flight."""

    since: float
    uploading_since: float
    requests: int = 0
    uploaded: int = 0
    in_flight: int = 0


class GraphEmulator(Emulator):
    """Contacts of Microsoft 365 on loopback.

    The user of a token is the mailbox it belongs to; where no mailbox has that name, it is the first one's. `default_in_list`:
    whether the list of contact folders names the default one (both have been seen); `knows_names`: whether that one is found
    by its well-known name. `largest_page` caps every page. `conflict`: the status of a stale If-Match (412 and 409 have been
    seen); `resync`: status and code of a token that is no longer good.
    `part_latency`: seconds that a part of a batch takes, of which four run at once. `seen_at`: the address that links name,
    where something stands before the emulator.
    """

    def __init__(
        self,
        *mailboxes: GraphMailbox,
        largest_page: int = LARGEST_PAGE,
        default_in_list: bool = False,
        scopes: Mapping[str, frozenset[str]] | None = None,
        tokens: Mapping[str, str] | None = None,
        latency: float = 0.0,
    ) -> None:
        """`scopes` maps a user to what they consented to; anybody else may do everything."""
        super().__init__(tokens=tokens, latency=latency)
        self.mailboxes = {each.user: each for each in mailboxes or (GraphMailbox("me"),)}
        self.largest_page = largest_page
        self.default_in_list = default_in_list
        self.knows_names = True
        self.scopes = scopes or {}
        self.quota = QUOTA
        self.upload = UPLOAD
        self.conflict = 412
        self.resync = (410, "SyncStateNotFound")
        self.part_latency = 0.0
        self.seen_at = ""
        self.clock: Callable[[], float] = time.monotonic
        self._spending: dict[str, _Spending] = {}
        self._counting = threading.Lock()

    @property
    def url(self) -> str:
        """The service's base address."""
        return self.root + VERSION

    @property
    def mine(self) -> GraphMailbox:
        """The first mailbox."""
        return next(iter(self.mailboxes.values()))

    def address(self, asked: Asked) -> str:
        """The address of that request without its query, as links name it."""
        return f"{self.seen_at or self.root}{asked.path}"

    def answer(self, asked: Asked) -> Said:
        """The answer, throttled as Outlook does: four requests in flight for a mailbox, and a batch takes as many as it runs."""
        is_batch = asked.path == f"{VERSION}/$batch"
        with self._flying(asked, min(IN_FLIGHT, len(parts_of(asked))) if is_batch else 1) as may_fly:
            if not may_fly:
                return _throttled("MailboxConcurrency", 1)
            return self._batch(asked) if is_batch else self._counted(asked)

    def _batch(self, asked: Asked) -> Said:
        if said := refused(asked):
            return said
        self.count(len(parts_of(asked)) - 1)
        self.pause(self.part_latency * rounds(asked))
        answers = run(asked, VERSION, lambda part: self.serve_part(part, self._counted))
        return said_json(200, {"responses": self.faults.rows(asked, answers)})

    def _counted(self, asked: Asked) -> Said:
        """One request, or one part of a batch: each counts in the quota."""
        if wait := self._spent(asked):
            return _throttled("ApplicationThrottled", wait)
        try:
            return self._route(asked)
        except Refusal as refusal:
            return refusal.said

    def _route(self, asked: Asked) -> Said:
        path = re.sub(rf"^{re.escape(VERSION)}/(me|users/[^/]+)(?=/|$)", "", asked.path)
        if path == "" and asked.method == "GET":
            return person(Turn(service=self, asked=asked, mailbox=self._known(asked), names={}))
        for method, pattern, serve, right in ROUTES:
            if method == asked.method and (found := re.fullmatch(pattern, path)):
                mailbox = self._allowed(asked, right)
                with mailbox.lock:
                    return serve(Turn(service=self, asked=asked, mailbox=mailbox, names=found.groupdict()))
        raise Refusal(404, "ResourceNotFound", "Resource could not be discovered.")

    # Who asks, about whose mailbox, how often

    def _owner(self, asked: Asked) -> GraphMailbox:
        found = re.match(rf"{re.escape(VERSION)}/users/([^/]+)", asked.path)
        if found is None:
            return self.mailboxes.get(asked.user) or self.mine
        by_name = {key.lower(): each for each in self.mailboxes.values() for key in (each.user, each.address)}
        if (owner := by_name.get(found[1].lower())) is None:
            raise Refusal(404, "ErrorInvalidUser", "The requested user is invalid.")
        return owner

    def _known(self, asked: Asked) -> GraphMailbox:
        """Whose mailbox it is, for somebody who may see people: the directory has rights, and words, of its own."""
        given = self.scopes.get((self.mailboxes.get(asked.user) or self.mine).user)
        if given is not None and not any(each.startswith("User.Read") for each in given):
            raise Refusal(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.")
        return self._owner(asked)

    def _allowed(self, asked: Asked, right: str) -> GraphMailbox:
        owner, me = self._owner(asked), self.mailboxes.get(asked.user) or self.mine
        given = self.scopes.get(me.user)
        good = {right, WRITES.get(right, right)}
        if owner is not me:
            good = {f"{each}.Shared" for each in good}
        if (given is not None and not given & good) or (owner is not me and me.user not in owner.shared_with):
            raise Refusal(403, "ErrorAccessDenied", "Access is denied. Check credentials and try again.")
        return owner

    def _account(self, asked: Asked) -> _Spending:
        try:
            whose = self._owner(asked).user
        except Refusal:
            whose = ""
        now = self.clock()
        found = self._spending.setdefault(whose, _Spending(since=now, uploading_since=now))
        if now - found.since >= WINDOW:
            found.since, found.requests = now, 0
        if now - found.uploading_since >= UPLOAD_WINDOW:
            found.uploading_since, found.uploaded = now, 0
        return found

    @contextmanager
    def _flying(self, asked: Asked, slots: int) -> Iterator[bool]:
        with self._counting:
            account = self._account(asked)
            may_fly = account.in_flight + slots <= IN_FLIGHT
            account.in_flight += slots if may_fly else 0
        try:
            yield may_fly
        finally:
            with self._counting:
                account.in_flight -= slots if may_fly else 0

    def _spent(self, asked: Asked) -> int:
        """Count one request: the seconds to wait where that is one too many, else 0. Who comes back too early waits from anew."""
        with self._counting:
            account = self._account(asked)
            account.requests += 1
            account.uploaded += len(asked.body)
            if account.uploaded > self.upload:
                return max(1, round(account.uploading_since + UPLOAD_WINDOW - self.clock()))
            if account.requests <= self.quota:
                return 0
            if account.requests > self.quota + 1 and not asked.part:
                account.since = self.clock()
            return max(1, round(account.since + WINDOW - self.clock()))


def overlapping(when: Callable[[Asked], bool], *, times: int = 1) -> Fault:
    """Somebody else writes the same contact at that moment: a conflict though nobody sent If-Match."""
    said = said_json(409, {"error": {"code": "ErrorIrresolvableConflict", "message": "Another writer was faster."}})
    return Fault(trouble=Trouble.STATUS, when=when, times=times, status=said.status, body=said.body)


def _throttled(code: str, seconds: int) -> Said:
    return said_json(429, {"error": {"code": code, "message": "Too many requests."}}, {"Retry-After": str(seconds)})
