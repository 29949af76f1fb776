"""How does Microsoft Graph answer about contacts?

An emulator: it behaves as Microsoft documents, and where practice differs, as `tests/emulators` names fact by fact.
"""

from __future__ import annotations

import base64
import json
import re
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from carnet.testing.emulators.faults import Asked, Said
from carnet.testing.emulators.graph_mailbox import LIMITS, GraphMailbox, Item, Place, resource
from carnet.testing.emulators.server import Emulator, asked_of, said_json

VERSION = "/v1.0"
DEFAULT_PAGE, LARGEST_PAGE, PARTS, IN_FLIGHT, QUOTA = 10, 512, 20, 4, 10_000
_REFUSED_IN_DELTA = ("$top", "$filter", "$orderby", "$expand", "$search", "$skip")
_FAILED = 400
_EXTENDED = "singleValueExtendedProperties"
_FOLDER, _CONTACT = r"/contactFolders/(?P<folder>[^/]+)", r"/contacts/(?P<contact>[^/]+)"


class Refusal(Exception):
    """What the service does not do."""

    def __init__(self, status: int, code: str, message: str, **headers: str) -> None:
        """Say so with that status and code."""
        super().__init__(message)
        self.said = said_json(status, {"error": {"code": code, "message": message}}, headers)


class GraphEmulator(Emulator):
    """Contacts of Microsoft 365 on loopback.

    The user of a token is the mailbox it belongs to; where no mailbox has that name, it is the first one's. `default_in_list`:
    whether the list of contact folders names the default one (both have been seen). `largest_page` caps every page. `seen_at`:
    the address that links name, where something stands before the emulator.
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
        self.scopes = scopes or {}
        self.quota = QUOTA
        self.seen_at = ""
        self._in_flight: dict[str, int] = {}
        self._flight = threading.Lock()
        self._spent: dict[str, int] = {}

    @property
    def url(self) -> str:
        """The service's base address."""
        return self.root + VERSION

    @property
    def mine(self) -> GraphMailbox:
        """The first mailbox."""
        return next(iter(self.mailboxes.values()))

    def answer(self, asked: Asked) -> Said:
        """The answer, throttled as Outlook does."""
        batch = asked.path.endswith("/$batch")
        slots = min(IN_FLIGHT, len(_requests(asked))) if batch else 1
        whose = self._owner(asked).user
        with self._flight:
            if self._in_flight.get(whose, 0) + slots > IN_FLIGHT:
                return _throttled("MailboxConcurrency", 1)
            self._in_flight[whose] = self._in_flight.get(whose, 0) + slots
        try:
            return self._batch(asked) if batch else self._counted(asked)
        finally:
            with self._flight:
                self._in_flight[whose] -= slots

    def _counted(self, asked: Asked) -> Said:
        """One request, or one part of a batch: each counts in the quota."""
        whose = self._owner(asked).user
        with self._flight:
            self._spent[whose] = self._spent.get(whose, 0) + 1
            over = self._spent[whose] > self.quota
        if over:
            return _throttled("ApplicationThrottled", 10)
        try:
            return self._route(asked)
        except Refusal as refusal:
            return refusal.said

    def _batch(self, asked: Asked) -> Said:
        parts = _requests(asked)
        ids = [str(part.get("id", "")).lower() for part in parts]
        if not 0 < len(parts) <= PARTS:
            return said_json(400, {"error": {"code": "MaximumValueExceeded", "message": f"Number of requests exceeds {PARTS}."}})
        if len(set(ids)) != len(ids) or "" in ids:
            return said_json(400, {"error": {"code": "BadRequest", "message": "The ids of the requests must be unique."}})
        self.count(len(parts) - 1)
        statuses: dict[str, int] = {}
        answers = []
        for part in parts:
            said = self._part(asked, part, statuses)
            statuses[str(part["id"])] = said.status
            body = json.loads(said.body) if said.body else None
            answers.append({"id": part["id"], "status": said.status, "headers": dict(said.headers), "body": body})
        answers = self.faults.rows(asked, answers[::-1])
        return said_json(200, {"responses": [{k: v for k, v in each.items() if v is not None} for each in answers]})

    def _part(self, asked: Asked, part: Mapping[str, Any], statuses: Mapping[str, int]) -> Said:
        headers = {name.lower(): str(value) for name, value in (part.get("headers") or {}).items()}
        if any(statuses.get(str(each), _FAILED) >= _FAILED for each in part.get("dependsOn") or ()):
            return said_json(424, {"error": {"code": "FailedDependency", "message": "A request it depends on has failed."}})
        body = part.get("body")
        if body is not None and "content-type" not in headers:
            return said_json(400, {"error": {"code": "BadRequest", "message": "A body needs a Content-Type header."}})
        inner = asked_of(
            str(part["method"]).upper(),
            VERSION + str(part["url"]),
            headers=headers,
            body=b"" if body is None else json.dumps(body).encode(),
            user=asked.user,
            part=True,
        )
        return self.serve_part(inner, self._counted)

    # Who asks, about whose mailbox

    def _owner(self, asked: Asked) -> GraphMailbox:
        found = re.match(rf"{VERSION}/users/([^/]+)", asked.path)
        named = found[1] if found else asked.user
        by_name = {key: each for each in self.mailboxes.values() for key in (each.user, each.address)}
        return by_name.get(named) or self.mine

    def _allowed(self, asked: Asked, *, writes: bool) -> GraphMailbox:
        owner, me = self._owner(asked), self.mailboxes.get(asked.user) or self.mine
        given = self.scopes.get(me.user)
        needed = {"Contacts.ReadWrite"} if writes else {"Contacts.Read", "Contacts.ReadWrite"}
        if owner is not me:
            needed = {f"{each}.Shared" for each in needed}
        if (given is not None and not given & needed) or (owner is not me and me.user not in owner.shared_with):
            raise Refusal(403, "ErrorAccessDenied", "Access is denied. Check credentials and try again.")
        return owner

    def _route(self, asked: Asked) -> Said:
        path = re.sub(rf"^{VERSION}/(me|users/[^/]+)", "", asked.path)
        if path == "" and asked.method == "GET":
            return self._person(asked)
        for method, pattern, serve, writes in self._routes():
            if (found := re.fullmatch(pattern, path)) and method == asked.method:
                mailbox = self._allowed(asked, writes=writes)
                with mailbox.lock:
                    return serve(asked, mailbox, found)
        raise Refusal(404, "ResourceNotFound", "Resource could not be discovered.")

    def _routes(self) -> Sequence[tuple[str, str, Callable[..., Said], bool]]:
        return (
            ("GET", "/contactFolders", self._folders, False),
            ("GET", _FOLDER, self._folder, False),
            ("GET", f"{_FOLDER}/childFolders", self._children, False),
            ("GET", f"(?:{_FOLDER})?/contacts/delta(?:\\(\\))?", self._delta, False),
            ("GET", f"(?:{_FOLDER})?/contacts", self._contacts, False),
            ("POST", f"(?:{_FOLDER})?/contacts", self._create, True),
            ("GET", f"(?:{_FOLDER})?{_CONTACT}", self._contact, False),
            ("PATCH", f"(?:{_FOLDER})?{_CONTACT}", self._update, True),
            ("DELETE", f"(?:{_FOLDER})?{_CONTACT}", self._delete, True),
            ("GET", "/outlook/masterCategories", self._master_categories, False),
        )

    def _person(self, asked: Asked) -> Said:
        mailbox = self._owner(asked)
        shown = {
            "id": mailbox.user,
            "displayName": mailbox.name,
            "mail": mailbox.address or None,
            "userPrincipalName": mailbox.address or f"{mailbox.user}@contoso.onmicrosoft.com",
            "proxyAddresses": [f"SMTP:{mailbox.address}", *(f"smtp:{alias}" for alias in mailbox.aliases)],
        }
        wanted = [name for name in asked.query.get("$select", "id,displayName,mail,userPrincipalName").split(",") if name]
        return said_json(200, {name: shown[name] for name in wanted if name in shown})

    # Folders

    def _folders(self, asked: Asked, mailbox: GraphMailbox, _: re.Match[str]) -> Said:
        top = [each for each in mailbox.folders.values() if each.parent in {mailbox.root, mailbox.default}]
        return self._page(asked, [_place(each) for each in top if self.default_in_list or each.id != mailbox.default])

    def _folder(self, asked: Asked, mailbox: GraphMailbox, found: re.Match[str]) -> Said:
        del asked
        return said_json(200, _place(_known(mailbox, found["folder"])))

    def _children(self, asked: Asked, mailbox: GraphMailbox, found: re.Match[str]) -> Said:
        parent = _known(mailbox, found["folder"]).id
        return self._page(asked, [_place(each) for each in mailbox.folders.values() if each.parent == parent])

    # Contacts

    def _contacts(self, asked: Asked, mailbox: GraphMailbox, found: re.Match[str]) -> Said:
        folder = _known(mailbox, found["folder"] or "contacts").id
        items = mailbox.visible(folder)
        if said := asked.query.get("$filter"):
            wanted = re.findall(r"ep/id eq '((?:[^']|'')*)' and ep/value eq '((?:[^']|'')*)'", said)
            if not wanted:
                raise Refusal(400, "ErrorInvalidUrlQueryFilter", "The query filter contains one or more invalid nodes.")
            items = [item for item in items if all(item.extended.get(key) == value.replace("''", "'") for key, value in wanted)]
        rows = [_shown(asked, item) for item in items]
        if "$search" in asked.query:
            rows = [row | {"emailAddresses": []} for row in rows]
        extra = {"@odata.count": mailbox.counted(folder)} if asked.query.get("$count") == "true" else {}
        return self._page(asked, rows, extra)

    def _contact(self, asked: Asked, mailbox: GraphMailbox, found: re.Match[str]) -> Said:
        item = _item(mailbox, found["contact"])
        return said_json(200, _shown(asked, item))

    def _create(self, asked: Asked, mailbox: GraphMailbox, found: re.Match[str]) -> Said:
        folder = _known(mailbox, found["folder"] or "contacts").id
        values, extended = _written(asked)
        identity = mailbox.add_contact(folder, extended=extended, **values)
        return said_json(201, _shown(asked, mailbox.items[identity]))

    def _update(self, asked: Asked, mailbox: GraphMailbox, found: re.Match[str]) -> Said:
        item = _item(mailbox, found["contact"])
        _require_match(asked, item)
        values, extended = _written(asked)
        mailbox.edit(item.id, extended=extended, **values)
        return said_json(200, _shown(asked, item))

    def _delete(self, asked: Asked, mailbox: GraphMailbox, found: re.Match[str]) -> Said:
        item = _item(mailbox, found["contact"])
        _require_match(asked, item)
        mailbox.delete(item.id)
        return Said(status=204)

    def _master_categories(self, asked: Asked, mailbox: GraphMailbox, _: re.Match[str]) -> Said:
        rows = [{"id": name, "displayName": name, "color": color} for name, color in mailbox.categories.items()]
        return self._page(asked, rows)

    # Change tracking

    def _delta(self, asked: Asked, mailbox: GraphMailbox, found: re.Match[str]) -> Said:
        if wrong := [name for name in _REFUSED_IN_DELTA if name in asked.query]:
            text = f"{wrong[0]}: parameters are not supported with change tracking over the 'Contacts' resource."
            raise Refusal(400, "ErrorInvalidUrlQuery", text)
        folder = _known(mailbox, found["folder"] or "contacts").id
        token = asked.query.get("$skiptoken") or asked.query.get("$deltatoken") or ""
        fresh = {"s": 0, "u": mailbox.tick, "o": 0, "g": mailbox.generation, "f": folder}
        state: dict[str, Any] = _opened(token) if token else fresh
        if state["g"] != mailbox.generation or state["f"] != folder:
            place = f"{self.seen_at or self.root}{asked.path}"
            raise Refusal(410, "SyncStateNotFound", "The sync state generation is not found.", Location=place)
        if "$deltatoken" in asked.query:
            state = {**state, "s": state["u"], "u": mailbox.tick, "o": 0}
        select = str(state.get("q") or asked.query.get("$select", ""))
        rows = _changes(mailbox, folder, state, immutable=_immutable(asked))
        size = min(_wanted(asked) or DEFAULT_PAGE, self.largest_page)
        page = rows[state["o"] : state["o"] + size]
        after = {**state, "q": select, "o": state["o"] + len(page)}
        more = after["o"] < len(rows)
        link = "@odata.nextLink" if more else "@odata.deltaLink"
        name = "$skiptoken" if more else "$deltatoken"
        shown = [row if "@removed" in row else _selected(row, select) for row in self.faults.rows(asked, page)]
        return said_json(200, {"value": shown, link: f"{self.seen_at or self.root}{asked.path}?{name}={_sealed(after)}"})

    def _page(self, asked: Asked, rows: Sequence[Mapping[str, Any]], extra: Mapping[str, Any] | None = None) -> Said:
        top = int(asked.query.get("$top") or _wanted(asked) or DEFAULT_PAGE)
        if top < 1:
            raise Refusal(400, "ErrorInvalidUrlQuery", "The $top value must be positive.")
        size = min(top, self.largest_page)
        start = int(asked.query.get("$skiptoken") or 0)
        page = self.faults.rows(asked, rows[start : start + size])
        told: dict[str, Any] = {**(extra or {}), "value": page}
        if start + size < len(rows):
            kept = "&".join(f"{name}={value}" for name, value in asked.query.items() if name != "$skiptoken")
            told["@odata.nextLink"] = (
                f"{self.seen_at or self.root}{asked.path}?{kept}{'&' if kept else ''}$skiptoken={start + size}"
            )
        return said_json(200, told)


def _throttled(code: str, seconds: int) -> Said:
    return said_json(429, {"error": {"code": code, "message": "Too many requests."}}, {"Retry-After": str(seconds)})


def _requests(asked: Asked) -> list[dict[str, Any]]:
    try:
        found = json.loads(asked.body)["requests"]
    except (ValueError, KeyError, TypeError):
        return []
    return found if isinstance(found, list) else []


def _immutable(asked: Asked) -> bool:
    return 'IdType="ImmutableId"' in asked.headers.get("prefer", "")


def _wanted(asked: Asked) -> int:
    found = re.search(r"odata\.maxpagesize=(\d+)", asked.headers.get("prefer", ""))
    return int(found[1]) if found else 0


def _place(place: Place) -> dict[str, Any]:
    return {"id": place.id, "displayName": place.name, "parentFolderId": place.parent}


def _known(mailbox: GraphMailbox, folder: str) -> Place:
    found = mailbox.folders.get(mailbox.default if folder.lower() == "contacts" else folder)
    if found is None:
        raise Refusal(404, "ErrorItemNotFound", "The specified object was not found in the store.")
    return found


def _item(mailbox: GraphMailbox, identity: str) -> Item:
    found = mailbox.find(identity)
    if found is None or found.is_list:
        raise Refusal(404, "ErrorItemNotFound", "The specified object was not found in the store.")
    return found


def _shown(asked: Asked, item: Item) -> dict[str, Any]:
    row = _selected(resource(item, immutable=_immutable(asked)), asked.query.get("$select", ""))
    if _EXTENDED in asked.query.get("$expand", ""):
        wanted = re.findall(r"id eq '([^']*)'", asked.query["$expand"])
        found = [{"id": key, "value": item.extended[key]} for key in wanted if key in item.extended]
        row |= {_EXTENDED: found} if found else {}
    return row


def _selected(row: Mapping[str, Any], select: str) -> dict[str, Any]:
    names = {name for name in select.split(",") if name} | {"id", "@odata.etag"} if select else set(row)
    return {name: value for name, value in row.items() if name in names}


def _written(asked: Asked) -> tuple[dict[str, Any], dict[str, str]]:
    try:
        body = json.loads(asked.body)
    except ValueError:
        raise Refusal(400, "BadRequest", "Unable to read JSON request payload.") from None
    extended = {each["id"]: each["value"] for each in body.pop(_EXTENDED, [])}
    for name, most in LIMITS.items():
        if len(body.get(name) or ()) > most:
            raise Refusal(400, "ErrorInvalidRequest", f"{name} takes at most {most} values.")
    if body.get("emailAddresses"):
        body["emailAddresses"] = [_parsed(each) for each in body["emailAddresses"]]
    if body.get("birthday"):
        body["birthday"] = f"{str(body['birthday'])[:10]}T11:59:00Z"
    return {name: value for name, value in body.items() if not name.startswith("@")}, extended


def _parsed(address: Mapping[str, Any]) -> dict[str, Any]:
    """What Exchange cannot parse comes back as a name without address."""
    given = address.get("address") or ""
    if re.fullmatch(r"[^@\s]+@[^@\s]+", given):
        return {"name": address.get("name") or given, "address": given}
    return {"name": address.get("name") or given}


def _require_match(asked: Asked, item: Item) -> None:
    expected = asked.headers.get("if-match", "*")
    if expected not in {"*", f'W/"{item.change_key}"'}:
        text = "The send or update operation could not be performed because the change key passed in the request does not match."
        raise Refusal(412, "ErrorIrresolvableConflict", text)


def _changes(mailbox: GraphMailbox, folder: str, state: Mapping[str, Any], *, immutable: bool) -> list[dict[str, Any]]:
    """What changed in the folder after `s` and up to `u`, in the order of the changes; at the first time, all that is there."""
    since, until = state["s"], state["u"]
    rows: list[tuple[int, dict[str, Any]]] = []
    for item in mailbox.visible(folder):
        first = since == 0
        if first or since < item.changed <= until:
            rows.append((item.number if first else item.changed, resource(item, immutable=immutable)))
    if since:
        for (place, identity), at in mailbox.removed.items():
            if place == folder and since < at <= until:
                rows.append((at, {"id": identity, "@removed": {"reason": "deleted"}}))
    return [row for _, row in sorted(rows, key=lambda each: each[0])]


def _sealed(state: Mapping[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(state).encode()).decode().rstrip("=")


def _opened(token: str) -> dict[str, Any]:
    try:
        state: dict[str, Any] = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
        return {**state, "s": int(state["s"]), "u": int(state["u"]), "o": int(state["o"])}
    except (ValueError, KeyError, TypeError):
        raise Refusal(400, "ErrorInvalidUrlQuery", "Badly formed token.") from None
