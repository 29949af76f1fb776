"""What does Dataverse make of a request: who asks, for which row, with which values?"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from carnet.testing.emulators.dataverse_organisation import ORGANISATION_WIDE, DataverseOrganisation, User, is_id
from carnet.testing.emulators.dataverse_row import Row
from carnet.testing.emulators.dataverse_tables import SETS, Table
from carnet.testing.emulators.faults import Asked, Faults, Said
from carnet.testing.emulators.server import said_json

VERSION = "/api/data/v9.2"
LARGEST_PAGE = 5000
LARGEST_ADDRESS, LARGEST_ADDRESS_OF_A_PART = 32_768, 65_536
GONE, EXISTS, EXISTS_BY_KEY, STALE = "0x80040217", "0x80040237", "0x80060892", "0x80060882"
DENIED, TOO_LONG, BAD_VALUE, BAD_QUERY = "0x80040220", "0x80044331", "0x80048d19", "0x80060888"
KEY = r"\((?P<key>[^)]*)\)"


class Service(Protocol):
    """What the rules need to know of the emulator that they are part of."""

    faults: Faults
    largest_page: int
    duplicate_status: int

    @property
    def organisation(self) -> DataverseOrganisation:
        """Whose data it is."""
        ...

    def base(self) -> str:
        """The address that links and ids begin with."""
        ...


class Refusal(Exception):
    """What the service does not do."""

    def __init__(self, status: int, code: str, message: str, **headers: str) -> None:
        """Say so with that status and code."""
        super().__init__(message)
        self.code = code
        self.said = said_json(status, {"error": {"code": code, "message": message}}, {"OData-Version": "4.0", **headers})


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One request; `names` are the parts of its path, `user` in whose name it is made."""

    service: Service
    asked: Asked
    user: User
    names: Mapping[str, str | None]

    @property
    def organisation(self) -> DataverseOrganisation:
        """Whose data it is."""
        return self.service.organisation

    @property
    def prefers(self) -> str:
        """The preferences of the client."""
        return self.asked.headers.get("prefer", "")

    @property
    def preferred_size(self) -> int:
        """The size of page that the client would like, 0 where it says nothing."""
        found = re.search(r"odata\.maxpagesize=(\d+)", self.prefers)
        return int(found[1]) if found else 0

    @property
    def wants_rows(self) -> bool:
        """Whether a write is to answer with the row."""
        return "return=representation" in self.prefers

    def table(self) -> Table:
        """The table of the path."""
        return table_of(str(self.names["set"]))

    def require(self, verb: str, table: Table) -> str:
        """How far the user's privilege reaches; a refusal that names it where there is none."""
        name = f"prv{verb}{table.right}"
        depth = self.user.privileges.get(name)
        if depth is None and table.right not in _OPEN:
            raise self.denied(name, table)
        return depth or ORGANISATION_WIDE

    def denied(self, privilege: str, table: Table) -> Refusal:
        """The refusal for want of that privilege."""
        text = (
            f"Principal user (Id={self.user.id}, type=8, roleCount={len(self.user.roles)}, "
            f"privilegeCount={len(self.user.privileges)}, accessMode=0), is missing {privilege} privilege "
            f"(Id=00000000-0000-0000-0000-000000000000) on OTC=0 for entity '{table.name}'."
        )
        return Refusal(403, DENIED, text)

    def may_see(self, row: Row, depth: str) -> bool:
        """Whether a privilege that reaches so far reaches that row."""
        owner = row.lookups.get("ownerid")
        return depth != "Basic" or owner is None or owner[1] == self.user.id

    def row(self, verb: str) -> Row:
        """The row of the path, which that privilege must reach."""
        table = self.table()
        depth = self.require(verb, table)
        found = self.sought()
        if found is None:
            raise gone(table, str(self.names["key"]))
        if not self.may_see(found, depth):
            raise self.denied(f"prv{verb}{table.right}", table)
        return found

    def sought(self) -> Row | None:
        """The row of the path by its id or by an alternate key, None where there is none."""
        table, given = self.table(), self.key()
        if isinstance(given, str):
            return self.organisation.find((table.name, given))
        return found_by(self.organisation, table, given)

    def key(self) -> str | dict[str, str]:
        """The id in the path, or the columns of an alternate key."""
        return key_of(self.organisation, self.table(), str(self.names["key"]))

    def require_match(self, row: Row) -> None:
        """A stale If-Match means that somebody else was quicker."""
        expected = self.asked.headers.get("if-match", "*")
        if expected != "*" and self.organisation.optimistic and expected != row.etag:
            text = "The version of the existing record doesn't match the RowVersion property provided."
            raise Refusal(412, STALE, text)

    def json(self) -> dict[str, Any]:
        """What was sent."""
        try:
            body = json.loads(self.asked.body)
        except ValueError:
            body = None
        if not isinstance(body, dict):
            raise Refusal(400, BAD_VALUE, "Error identified in Payload provided by the user: it is no JSON object.")
        return body

    def address_of(self, row: Row) -> str:
        """Where the row is found."""
        return f"{self.service.base()}/{row.table.set}({row.id})"


_OPEN = frozenset({"User", "Role", "Organization", "SdkMessage", "Mailbox", "DuplicateRule"})
"""What everybody may read who is let in."""


def table_of(set_name: str) -> Table:
    """The table of that set, whose name is in its own case."""
    if set_name not in SETS:
        raise Refusal(404, "0x80060888", f"Resource not found for the segment '{set_name}'.")
    return SETS[set_name]


def gone(table: Table, identity: str) -> Refusal:
    """The refusal where there is no such row."""
    return Refusal(404, GONE, f"Entity '{table.name}' With Id = {identity} Does Not Exist")


def exists(code: str = EXISTS) -> Refusal:
    """The refusal where there is such a row already."""
    return Refusal(412, code, "A record with matching key values already exists.")


def key_of(organisation: DataverseOrganisation, table: Table, text: str) -> str | dict[str, str]:
    """The id between the brackets, or the columns of an alternate key."""
    if is_id(text):
        return text.lower()
    pairs = dict(re.findall(r"(\w+)='((?:[^']|'')*)'", text))
    if tuple(sorted(pairs)) not in {tuple(sorted(key)) for key in organisation.alternate_keys.get(table.name, ())}:
        raise Refusal(400, "0x80060891", f"A record with the specified key values does not exist in {table.name} entity")
    return {name: value.replace("''", "'") for name, value in pairs.items()}


def found_by(organisation: DataverseOrganisation, table: Table, key: Mapping[str, str]) -> Row | None:
    """The row with that alternate key."""
    for row in organisation.rows[table.name].values():
        if all(str(row.values.get(name) or "").casefold() == value.casefold() for name, value in key.items()):
            return row
    return None


def done(turn: Turn, row: Row) -> Said:
    """The answer to a write that wants no row back."""
    address = turn.address_of(row)
    return Said(status=204, headers={"OData-Version": "4.0", "OData-EntityId": address, "Location": address})
