"""What does Microsoft Graph make of a request: which option of it, which folder, which contact, which page?"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from carnet.testing.emulators.faults import Asked, Faults, Said
from carnet.testing.emulators.graph_mailbox import GraphMailbox, Item, Place, property_id, resource, told_by
from carnet.testing.emulators.server import said_json

DEFAULT_PAGE, LARGEST_TOP = 10, 1000
EXTENDED = "singleValueExtendedProperties"
IMMUTABLE = 'IdType="ImmutableId"'
_MISSING = "The specified object was not found in the store."


class Service(Protocol):
    """What the rules need to know of the emulator that they are part of."""

    faults: Faults
    largest_page: int
    default_in_list: bool
    knows_names: bool
    conflict: int
    resync: tuple[int, str]

    def address(self, asked: Asked) -> str:
        """The address of that request without its query, as links name it."""
        ...


class Refusal(Exception):
    """What the service does not do."""

    def __init__(self, status: int, code: str, message: str, **headers: str) -> None:
        """Say so with that status and code."""
        super().__init__(message)
        self.said = said_json(status, {"error": {"code": code, "message": message}}, headers)


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One request about one mailbox; `names` are the parts of its path."""

    service: Service
    asked: Asked
    mailbox: GraphMailbox
    names: Mapping[str, str | None]

    @property
    def is_immutable(self) -> bool:
        """Whether ids are to outlive a move."""
        return IMMUTABLE in self.asked.headers.get("prefer", "")

    @property
    def preferred_size(self) -> int:
        """The size of page that the client would like, 0 where it says nothing."""
        found = re.search(r"odata\.maxpagesize=(\d+)", self.asked.headers.get("prefer", ""))
        return int(found[1]) if found else 0

    def folder(self) -> Place:
        """The folder of the path, by its id or its well-known name; the default one where none is named."""
        given = self.names.get("folder")
        is_default = not given or (given.lower() == "contacts" and self.service.knows_names)
        found = self.mailbox.folders.get(self.mailbox.default if is_default else str(given))
        if found is None:
            raise Refusal(404, "ErrorItemNotFound", _MISSING)
        return found

    def item(self) -> Item:
        """The contact of the path; a distribution list is none."""
        found = self.mailbox.find(str(self.names["contact"]))
        if found is None or found.is_list or (self.names.get("folder") and found.folder != self.folder().id):
            raise Refusal(404, "ErrorItemNotFound", _MISSING)
        return found

    def require_match(self, item: Item) -> None:
        """A stale If-Match is a conflict that nobody resolves; without one, the last writer wins."""
        expected = self.asked.headers.get("if-match", "*")
        if expected not in {"*", f'W/"{item.change_key}"'}:
            text = "The operation could not be performed because the change key passed in the request does not match."
            raise Refusal(self.service.conflict, "ErrorIrresolvableConflict", text)

    def shown(self, item: Item) -> dict[str, Any]:
        """The contact with what is selected and expanded."""
        row = selected(resource(item, immutable=self.is_immutable), self.asked.query.get("$select", ""))
        wanted = re.findall(r"id eq '([^']*)'", self.asked.query.get("$expand", ""))
        found = [{"id": key, "value": said} for each in wanted if (said := told_by(item, key := property_id(each)))]
        return row | ({EXTENDED: found} if found else {})

    def json(self) -> dict[str, Any]:
        """What was sent."""
        try:
            body = json.loads(self.asked.body)
        except ValueError:
            body = None
        if not isinstance(body, dict):
            raise Refusal(400, "BadRequest", "Unable to read JSON request payload.")
        return {name: value for name, value in body.items() if not name.startswith("@")}

    def page(self, rows: Sequence[Mapping[str, Any]], extra: Mapping[str, Any] | None = None) -> Said:
        """A page of those rows, with the link to the next one."""
        size, start = self.size(), int(self.asked.query.get("$skiptoken") or self.asked.query.get("$skip") or 0)
        told: dict[str, Any] = {**(extra or {}), "value": self.service.faults.rows(self.asked, rows[start : start + size])}
        if start + size < len(rows):
            told["@odata.nextLink"] = self.link(start + size)
        return said_json(200, told)

    def size(self) -> int:
        """How many rows a page of a list may hold."""
        top = int(self.asked.query.get("$top") or self.preferred_size or DEFAULT_PAGE)
        if not 1 <= top <= LARGEST_TOP:
            raise Refusal(400, "ErrorInvalidUrlQuery", f"The $top value must be between 1 and {LARGEST_TOP}.")
        return min(top, self.service.largest_page)

    def link(self, skip: int) -> str:
        """The same request from that place on."""
        kept = [f"{name}={value}" for name, value in self.asked.query.items() if name not in {"$skiptoken", "$skip"}]
        return f"{self.service.address(self.asked)}?{'&'.join([*kept, f'$skiptoken={skip}'])}"


def selected(row: Mapping[str, Any], select: str) -> dict[str, Any]:
    """What `$select` leaves; the id and the ETag always."""
    names = {name.strip() for name in select.split(",") if name} | {"id", "@odata.etag"} if select else set(row)
    return {name: value for name, value in row.items() if name in names}
