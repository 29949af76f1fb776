"""How does Dataverse create, read, change and delete one row?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from http import HTTPStatus
from typing import Any
from uuid import uuid4

from carnet.testing.emulators import dataverse_activities as activities
from carnet.testing.emulators import dataverse_detecting as detecting
from carnet.testing.emulators.dataverse_organisation import is_id
from carnet.testing.emulators.dataverse_query import applied, shown
from carnet.testing.emulators.dataverse_row import Reference, Row
from carnet.testing.emulators.dataverse_tables import Table
from carnet.testing.emulators.dataverse_turn import (
    EXISTS_BY_KEY,
    Refusal,
    Turn,
    done,
    exists,
    found_by,
    gone,
    key_of,
)
from carnet.testing.emulators.dataverse_values import referred, undeclared, values_of
from carnet.testing.emulators.faults import Said
from carnet.testing.emulators.server import said_json

Body = Mapping[str, Any]


def read(turn: Turn) -> Said:
    """One row; nothing where it is still what the client has."""
    row = turn.row("Read")
    if turn.asked.headers.get("if-none-match") == row.etag:
        return Said(status=304, headers={"OData-Version": "4.0", "ETag": row.etag})
    return _represented(turn, row, 200)


def create(turn: Turn) -> Said:
    """A new row, under the id that the client chose or one of ours."""
    row = created(turn, turn.table(), turn.json())
    return _represented(turn, row, 201) if turn.wants_rows else done(turn, row)


def patch(turn: Turn) -> Said:
    """A change, or a creation where there is no such row: If-Match forbids the one, If-None-Match the other."""
    row, body = turn.sought(), turn.json()
    headers = turn.asked.headers
    if row is None:
        if "if-match" in headers:
            raise gone(turn.table(), str(turn.names["key"]))
        given = turn.key()
        row = created(turn, turn.table(), {**body, **({turn.table().key: given} if isinstance(given, str) else given)})
        return _represented(turn, row, 201) if turn.wants_rows else done(turn, row)
    if headers.get("if-none-match") == "*":
        raise exists()
    turn.require_match(row)
    updated(turn, row, body)
    found = turn.organisation.rows[row.table.name][row.id]
    return _represented(turn, found, 200) if turn.wants_rows else done(turn, found)


def delete(turn: Turn) -> Said:
    """A row deleted, with the contacts and the activities that belong to it."""
    _writable(turn.table())
    row = turn.row("Delete")
    turn.require_match(row)
    turn.organisation.remove(row)
    return Said(status=204, headers={"OData-Version": "4.0"})


def refer(turn: Turn) -> Said:
    """A lookup led to another row (`PUT …/$ref`)."""
    row, name = turn.row("Write"), str(turn.names["nav"])
    updated(turn, row, {f"{name}@odata.bind": turn.json().get("@odata.id")})
    return Said(status=204, headers={"OData-Version": "4.0"})


def forget(turn: Turn) -> Said:
    """A lookup cleared (`DELETE …/$ref`)."""
    row, name = turn.row("Write"), str(turn.names["nav"])
    if name not in row.table.lookups:
        raise undeclared(row.table, name)
    updated(turn, row, {f"{name}@odata.bind": None})
    return Said(status=204, headers={"OData-Version": "4.0"})


def put(turn: Turn) -> Said:
    """One column changed by itself (`PUT …/lastname`)."""
    updated(turn, turn.row("Write"), {str(turn.names["nav"]): turn.json().get("value")})
    return Said(status=204, headers={"OData-Version": "4.0"})


def clear(turn: Turn) -> Said:
    """One column cleared by itself (`DELETE …/lastname`)."""
    updated(turn, turn.row("Write"), {str(turn.names["nav"]): None})
    return Said(status=204, headers={"OData-Version": "4.0"})


def follow(turn: Turn) -> Said:
    """The row that a lookup leads to, or the value of one column; nothing where there is none."""
    row, name = turn.row("Read"), str(turn.names["nav"])
    if name in row.table.columns and row.table.writable:
        value = shown(turn, row, name)[name]
        where = f"{turn.service.base()}/$metadata#{row.table.set}({row.id})/{name}"
        return said_json(200, {"@odata.context": where, "value": value}) if value is not None else Said(status=204)
    if name not in row.table.lookups or not row.table.writable:
        raise Refusal(404, "0x80060888", f"Resource not found for the segment '{name}'.")
    lookup = row.table.lookups[name]
    target = row.lookups.get(lookup.attribute)
    found = turn.organisation.find(target) if target and target[0] in lookup.targets else None
    return _represented(turn, found, 200) if found else Said(status=204, headers={"OData-Version": "4.0"})


# What the bulk messages do too


def created(turn: Turn, table: Table, body: Body) -> Row:
    """The new row of those values."""
    _writable(table)
    turn.require("Create", table)
    values, lookups = values_of(turn, table, body)
    identity = str(values.pop(table.key, None) or uuid4())
    if turn.organisation.find((table.name, identity)) is not None:
        raise exists()
    for key in turn.organisation.alternate_keys.get(table.name, ()):
        given = {name: str(values.get(name) or "") for name in key}
        if all(given.values()) and found_by(turn.organisation, table, given):
            raise exists(EXISTS_BY_KEY)
    activities.opened(table, values)
    row = Row(table=table, id=identity, values=values, lookups=_set(lookups))
    detecting.require_unique(turn, row)
    with turn.organisation.transaction():
        turn.organisation.create(row, by=turn.user)
        activities.take_part(turn, row, body)
    return row


def updated(turn: Turn, row: Row, body: Body) -> None:
    """Change a row by those values."""
    _writable(row.table)
    depth = turn.require("Write", row.table)
    if not turn.may_see(row, depth):
        raise turn.denied(f"prvWrite{row.table.right}", row.table)
    values, lookups = values_of(turn, row.table, body)
    values.pop(row.table.key, None)
    values.pop("overriddencreatedon", None)
    activities.moved(row, values, body)
    detecting.require_unique(turn, replace(row, values={**row.values, **values}))
    with turn.organisation.transaction():
        turn.organisation.change(row, values, lookups, by=turn.user)
        activities.take_part(turn, turn.organisation.rows[row.table.name][row.id], body)


def named_by(turn: Turn, table: Table, body: Body) -> tuple[Row | None, Body]:
    """The row that an element of a bulk message names by its key or by `@odata.id`, and what it would be created with."""
    if address := body.get("@odata.id"):
        text = str(address).partition("(")[2].rstrip(")")
        key = key_of(turn.organisation, table, text)
        if isinstance(key, dict):
            return found_by(turn.organisation, table, key), {**body, **key}
        return turn.organisation.find(referred(turn, address)[1]), {**body, table.key: key}
    identity = str(body.get(table.key) or "").lower()
    return (turn.organisation.find((table.name, identity)) if is_id(identity) else None), body


def _represented(turn: Turn, row: Row, status: int) -> Said:
    one = "/$entity"
    told = {"@odata.context": f"{turn.service.base()}/$metadata#{row.table.set}{one}", **shown(turn, row)}
    headers = {**applied(turn), "ETag": row.etag}
    if status == HTTPStatus.CREATED:
        headers |= {"OData-EntityId": turn.address_of(row), "Location": turn.address_of(row)}
    if turn.wants_rows:
        headers["Preference-Applied"] = "return=representation"
    return said_json(status, told, headers)


def _set(lookups: Mapping[str, Reference | None]) -> dict[str, Reference]:
    return {name: reference for name, reference in lookups.items() if reference}


def _writable(table: Table) -> None:
    if not table.writable:
        raise Refusal(405, "0x80060888", f"The table '{table.name}' is not written to here.")
