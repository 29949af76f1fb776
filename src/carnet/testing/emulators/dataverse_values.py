"""What does a body write into a row of Dataverse: which columns, which lookups, and is each value good?"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from carnet.testing.emulators.dataverse_organisation import is_id, utf16
from carnet.testing.emulators.dataverse_row import Reference
from carnet.testing.emulators.dataverse_tables import SETS, Column, Kind, Table
from carnet.testing.emulators.dataverse_turn import BAD_VALUE, TOO_LONG, Refusal, Turn, found_by, gone, key_of
from carnet.testing.emulators.server import Anything


def values_of(turn: Turn, table: Table, body: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Reference | None]]:
    """The columns and the lookups that a body writes; what the service alone writes is left out."""
    values: dict[str, Any] = {}
    lookups: dict[str, Reference | None] = {}
    for name, value in body.items():
        if name.startswith("@") or name == table.parties:
            continue
        if name.endswith("@odata.bind"):
            attribute, reference = _bound(turn, table, name=name.removesuffix("@odata.bind"), value=value)
            lookups[attribute] = reference
        elif "@" in name:
            continue
        elif name.startswith("_") and name.endswith("_value"):
            text = "CRM do not support direct update of Entity Reference properties, Use Navigation properties instead."
            raise Refusal(400, BAD_VALUE, text)
        elif (column := table.columns.get(name)) is None:
            if name not in table.lookups or value is not None:
                raise undeclared(table, name)
            lookups[table.lookups[name].attribute] = None
        elif not column.fixed:
            values[name] = _checked(turn, table, column=column, value=value)
    return values, lookups


def undeclared(table: Table, name: str) -> Refusal:
    """The refusal of a name that the table does not have."""
    text = f"Error identified in Payload provided by the user for Entity :'{table.name}'. Invalid property '{name}' was found in "
    return Refusal(400, BAD_VALUE, f"{text}entity 'Microsoft.Dynamics.CRM.{table.name}'.")


def _bound(turn: Turn, table: Table, *, name: str, value: object) -> tuple[str, Reference | None]:
    """What `name@odata.bind` binds; names of navigation properties are in their own case."""
    lookup = table.lookups.get(name)
    if lookup is None:
        raise undeclared(table, name)
    if value is None:
        return lookup.attribute, None
    target, reference = referred(turn, value)
    if reference[0] not in lookup.targets:
        raise Refusal(400, BAD_VALUE, f"A '{target.name}' cannot be bound to '{name}' of '{table.name}'.")
    if turn.organisation.find(reference) is None:
        raise gone(target, reference[1])
    turn.require("Append", table)
    turn.require("AppendTo", target)
    return lookup.attribute, reference


def referred(turn: Turn, value: object) -> tuple[Table, Reference]:
    """The row that an address names: `/accounts(id)`, `accounts(id)`, or the whole address."""
    text = str(value).removeprefix(turn.service.base()).removeprefix("/")
    found = re.fullmatch(r"(\w+)\(([^)]*)\)", text)
    if found is None or found[1] not in SETS:
        raise Refusal(400, BAD_VALUE, f"The URI '{str(value)[:100]}' is not valid: it names no record.")
    target, key = SETS[found[1]], key_of(turn.organisation, SETS[found[1]], found[2])
    if isinstance(key, str):
        return target, (target.name, key)
    row = found_by(turn.organisation, target, key)
    if row is None:
        raise gone(target, found[2])
    return target, (target.name, row.id)


def _checked(turn: Turn, table: Table, *, column: Column, value: Anything) -> Anything:
    if value is None:
        return None
    if not _is_of(column.kind, value):
        text = f"Cannot convert the literal '{str(value)[:50]}' to the expected type of '{column.name}'."
        raise Refusal(400, BAD_VALUE, text)
    limit = turn.organisation.length(table, column.name)
    if limit is not None and utf16(value) > limit:
        text = f"A validation error occurred.  The length of the '{column.name}' attribute of the '{table.name}' entity "
        raise Refusal(400, TOO_LONG, f"{text}exceeded the maximum allowed length of '{limit}'.")
    return (value.lower() if column.kind is Kind.ID else value) if value != "" else None


def _is_of(kind: Kind, value: Anything) -> bool:
    match kind:
        case Kind.WHOLE:
            return isinstance(value, int) and not isinstance(value, bool)
        case Kind.YES_NO:
            return isinstance(value, bool)
        case Kind.ID:
            return isinstance(value, str) and is_id(value)
        case Kind.DAY:
            return isinstance(value, str) and _is_day(value)
        case Kind.MOMENT:
            return isinstance(value, str) and _is_moment(value)
        case _:
            return isinstance(value, str)


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _is_moment(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False
