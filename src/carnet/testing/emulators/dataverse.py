"""How does Dataverse answer about contacts, accounts and the people who work with them?

An emulator: it behaves as Microsoft documents, and where practice differs, as `tests/emulators` names fact by fact.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace

from carnet.testing.emulators import dataverse_batch as batch
from carnet.testing.emulators import dataverse_delta as delta
from carnet.testing.emulators import dataverse_detecting as detecting
from carnet.testing.emulators import dataverse_metadata as metadata
from carnet.testing.emulators import dataverse_query as query
from carnet.testing.emulators import dataverse_rights as rights
from carnet.testing.emulators import dataverse_rows as rows
from carnet.testing.emulators.dataverse_bulk import bulk
from carnet.testing.emulators.dataverse_organisation import DataverseOrganisation, User
from carnet.testing.emulators.dataverse_turn import (
    KEY,
    LARGEST_ADDRESS,
    LARGEST_ADDRESS_OF_A_PART,
    LARGEST_PAGE,
    VERSION,
    Refusal,
    Turn,
)
from carnet.testing.emulators.faults import Asked, Said
from carnet.testing.emulators.server import Emulator, said_json

REQUESTS, SECONDS, IN_FLIGHT, WINDOW = 6000, 1200.0, 52, 300.0
COOKIE = "ARRAffinity"
_TOO_MANY, _TOO_LONG_RUNNING, _TOO_MANY_AT_ONCE = "0x80072322", "0x80072321", "0x80072326"
_SET = r"/(?P<set>[a-z]+)"
_NAV = r"/(?P<nav>[A-Za-z_]\w*)"
_USER = rf"/(?P<set>systemusers){KEY}"
_CRM = r"Microsoft\.Dynamics\.CRM\."
Route = tuple[str, str, Callable[[Turn], Said]]


def _list(turn: Turn) -> Said:
    return delta.tracked(turn) if delta.is_tracking(turn) else query.listed(turn)


def _count(turn: Turn) -> Said:
    return delta.changed_count(turn) if query.DELTA in turn.asked.query else query.counted(turn)


ROUTES: tuple[Route, ...] = (
    ("GET", r"/WhoAmI(?:\(\))?", rights.who_am_i),
    ("GET", r"/RetrieveDuplicates\(BusinessEntity=@p1,MatchingEntityName=@p2,PagingInfo=@p3\)", detecting.retrieve),
    ("GET", r"/EntityDefinitions", metadata.tables),
    ("GET", r"/EntityDefinitions\(LogicalName='(?P<name>\w+)'\)", metadata.table),
    ("GET", rf"/EntityDefinitions\(LogicalName='(?P<name>\w+)'\)/Attributes(?:/{_CRM}(?P<cast>\w+))?", metadata.columns),
    ("GET", rf"{_USER}/{_CRM}RetrieveUserPrivileges(?:\(\))?", rights.privileges),
    ("GET", rf"{_USER}/systemuserroles_association", rights.roles),
    ("POST", rf"{_SET}/{_CRM}(?P<message>(?:Create|Update|Upsert)Multiple)", bulk),
    ("GET", rf"{_SET}/\$count", _count),
    ("GET", _SET, _list),
    ("POST", _SET, rows.create),
    ("GET", _SET + KEY, rows.read),
    ("PATCH", _SET + KEY, rows.patch),
    ("DELETE", _SET + KEY, rows.delete),
    ("GET", _SET + KEY + _NAV, rows.follow),
    ("PUT", _SET + KEY + _NAV, rows.put),
    ("DELETE", _SET + KEY + _NAV, rows.clear),
    ("PUT", _SET + KEY + _NAV + r"/\$ref", rows.refer),
    ("DELETE", _SET + KEY + _NAV + r"/\$ref", rows.forget),
)


@dataclass(slots=True, kw_only=True)
class _Spending:
    """What one user has asked of one server in the present window."""

    since: float
    requests: int = 0
    seconds: float = 0.0


class DataverseEmulator(Emulator):
    """Contacts and accounts of Dataverse on loopback.

    The user of a token is the one with that id or address; where there is none, it is the first one. `largest_page` caps every
    page. `duplicate_status`: the status of a duplicate (412 and 500 have been seen). `servers`: how many share the load of
    a client that sends no cookie back. `requests_a_window`, `seconds_a_window`, `in_flight`: what one user may ask of one server.
    `part_latency`: seconds that a part of a batch takes. `seen_at`: the address that links name, where something stands before.
    """

    def __init__(
        self,
        organisation: DataverseOrganisation | None = None,
        *,
        largest_page: int = LARGEST_PAGE,
        tokens: Mapping[str, str] | None = None,
        latency: float = 0.0,
        port: int = 0,
    ) -> None:
        """Without an organisation, an empty one."""
        super().__init__(tokens=tokens, latency=latency, port=port)
        self.organisation = organisation or DataverseOrganisation()
        self.largest_page = largest_page
        self.duplicate_status = 412
        self.servers = 1
        self.requests_a_window = REQUESTS
        self.seconds_a_window = SECONDS
        self.in_flight = IN_FLIGHT
        self.part_latency = 0.0
        self.seen_at = ""
        self.ticks: Callable[[], float] = time.monotonic
        self._spending: dict[tuple[str, int], _Spending] = {}
        self._flying: dict[str, int] = {}
        self._next_server = 0
        self._counting = threading.Lock()

    @property
    def url(self) -> str:
        """The service's base address."""
        return self.root + VERSION

    def base(self) -> str:
        """The address that links and ids begin with."""
        return (self.seen_at or self.root) + VERSION

    def refuse(self, asked: Asked) -> Said:
        """What the service says to somebody it does not know."""
        del asked
        return Said(status=401, headers={"WWW-Authenticate": 'Bearer authorization_uri="https://login.example/"'})

    def answer(self, asked: Asked) -> Said:
        """The answer, or a 429 where the user asks too often, for too long or too much at once."""
        user, server = self._who(asked), self._server_of(asked)
        with self._in_flight(user) as may_fly:
            said = None if may_fly else _throttled(_TOO_MANY_AT_ONCE, 1)
            said = said or self._spend(user, server)
            if said is None:
                start = self.ticks()
                said = self._safely(asked, self._batch if asked.path == f"{VERSION}/$batch" else self._route)
                self._spent(user, server, self.latency + self.ticks() - start)
        return replace(said, headers={**said.headers, **self._left(user, server)})

    def _batch(self, asked: Asked) -> Said:
        if asked.method != "POST":
            raise Refusal(405, "0x80060888", "A batch is posted.")
        operations = batch.read(asked)
        self.count(batch.count(operations) - 1)
        self.pause(self.part_latency * batch.count(operations))

        def serve(part: Asked) -> Said:
            return self.serve_part(part, lambda each: self._safely(each, self._route))

        return batch.run(asked, operations, organisation=self.organisation, serve=serve)

    def _safely(self, asked: Asked, answer: Callable[[Asked], Said]) -> Said:
        try:
            return answer(asked)
        except Refusal as refusal:
            return refusal.said

    def _route(self, asked: Asked) -> Said:
        if len(asked.target) > (LARGEST_ADDRESS_OF_A_PART if asked.part else LARGEST_ADDRESS):
            raise Refusal(414, "0x80060888", "The request URL is too long.")
        path = asked.path.removeprefix(VERSION)
        for method, pattern, serve in ROUTES:
            if method == asked.method and (found := re.fullmatch(pattern, path)):
                turn = Turn(service=self, asked=asked, user=self._who(asked), names=found.groupdict())
                with self.organisation.lock:
                    return serve(replace(turn, user=rights.acting(turn)))
        raise Refusal(404, "0x80060888", f"Resource not found for the segment '{path.lstrip('/')[:60]}'.")

    # Who asks, how often, of which server

    def _who(self, asked: Asked) -> User:
        first = self.organisation.first
        by_name = {key.lower(): each for each in self.organisation.users.values() for key in (each.id, each.address)}
        return by_name.get(asked.user.lower(), first)

    def _server_of(self, asked: Asked) -> int:
        """A client that sends the cookie back stays with its server; the others go round."""
        if found := re.search(rf"{COOKIE}=(\d+)", asked.headers.get("cookie", "")):
            return int(found[1])
        with self._counting:
            self._next_server = (self._next_server + 1) % self.servers
            return self._next_server

    @contextmanager
    def _in_flight(self, user: User) -> Iterator[bool]:
        with self._counting:
            flying = self._flying.get(user.id, 0)
            may_fly = flying < self.in_flight
            self._flying[user.id] = flying + may_fly
        try:
            yield may_fly
        finally:
            with self._counting:
                self._flying[user.id] -= may_fly

    def _spend(self, user: User, server: int) -> Said | None:
        with self._counting:
            now = self.ticks()
            found = self._spending.setdefault((user.id, server), _Spending(since=now))
            if now - found.since >= WINDOW:
                found.since, found.requests, found.seconds = now, 0, 0.0
            found.requests += 1
            wait = max(1, round(found.since + WINDOW - now))
            if found.requests > self.requests_a_window:
                return _throttled(_TOO_MANY, wait)
            return _throttled(_TOO_LONG_RUNNING, wait) if found.seconds > self.seconds_a_window else None

    def _left(self, user: User, server: int) -> dict[str, str]:
        """The server that answered, and what may still be asked of it: told for curiosity, and to nobody's profit."""
        with self._counting:
            spent = self._spending.get((user.id, server)) or _Spending(since=0.0)
            return {
                "Set-Cookie": f"{COOKIE}={server}; Path=/; HttpOnly",
                "x-ms-ratelimit-burst-remaining-xrm-requests": str(max(0, self.requests_a_window - spent.requests)),
                "x-ms-ratelimit-time-remaining-xrm-requests": f"{max(0.0, self.seconds_a_window - spent.seconds):.2f}",
            }

    def _spent(self, user: User, server: int, seconds: float) -> None:
        with self._counting:
            self._spending[user.id, server].seconds += seconds


def _throttled(code: str, seconds: int) -> Said:
    texts = {
        _TOO_MANY: "Number of requests exceeded the limit of 6000 over time window of 300 seconds.",
        _TOO_LONG_RUNNING: "Combined execution time exceeded limit of 1,200,000 milliseconds over time window of 300 seconds.",
        _TOO_MANY_AT_ONCE: "Number of concurrent requests exceeded the limit of 52.",
    }
    return said_json(429, {"error": {"code": code, "message": texts[code]}}, {"Retry-After": str(seconds)})
