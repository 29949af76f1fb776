"""How does a record of ours lie in the embedded CRM's columns?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from carnet.core.normalise import fold
from carnet.crms.rules import STREET_KEYS, joined_street, street_lines
from carnet.model.account import CrmRecord, Parent, RecordKind
from carnet.model.field import BY_KEY, FIELDS

Row = dict[str, Any]

_ACCOUNT_KEYS = {"name": "name", "website": "websiteurl"} | {
    field.key: field.crm
    for field in FIELDS
    if field.key in {"email1", "business_phone"} or (field.crm.startswith("address1_") and field.key not in STREET_KEYS)
}
_CONTACT_KEYS = {field.key: field.crm for field in FIELDS if field.key not in STREET_KEYS and field.key != "company"}
COLUMNS: Mapping[RecordKind, Mapping[str, str]] = {RecordKind.ACCOUNT: _ACCOUNT_KEYS, RecordKind.CONTACT: _CONTACT_KEYS}
"""Field key → column, but for streets, which have three columns."""


def _lines(street: str) -> tuple[str, str, str]:
    stem = BY_KEY[street].crm.removesuffix("1")
    return f"{stem}1", f"{stem}2", f"{stem}3"


_STREETS = {
    RecordKind.ACCOUNT: {"business_street": _lines("business_street")},
    RecordKind.CONTACT: {field.key: _lines(field.key) for field in FIELDS if field.key in STREET_KEYS},
}
"""Field key → the columns of its three lines."""
_BLANK = {
    kind: dict.fromkeys([*COLUMNS[kind].values(), *(line for lines in _STREETS[kind].values() for line in lines)], "")
    for kind in RecordKind
}
_SEARCHED = ("email1", "email2", "email3", "business_city", "business_postcode", "business_street", "home_city", "other_city")


def record_of(row: Mapping[Any, Any], kind: RecordKind) -> CrmRecord:
    """The record of a row that has `parent_name` beside the columns of its table."""
    values = {key: row[column] for key, column in COLUMNS[kind].items() if row[column]}
    for key, (one, two, three) in _STREETS[kind].items():
        if street := joined_street((row[one], row[two], row[three])):
            values[key] = street
    return CrmRecord(
        kind=kind,
        id=row["id"],
        values=values,
        parent=_parent(row, kind),
        owner=row["ownerid"],
        active=row["statecode"] == 0,
        version=str(row["versionnumber"]),
    )


def _parent(row: Mapping[Any, Any], kind: RecordKind) -> Parent | None:
    name = row["parent_name"] or ""
    if kind is RecordKind.ACCOUNT:
        held = row["parentaccountid"]
        return Parent(kind=RecordKind.ACCOUNT, id=held, name=name) if held else None
    held = row["parentcustomerid"]
    return Parent(kind=RecordKind(row["parentcustomeridtype"]), id=held, name=name) if held else None


def row_of(record: CrmRecord, *, now: str) -> Row:
    """The columns of a record that was written `now`, `createdon` aside."""
    kind, values = record.kind, record.values
    row: Row = dict(_BLANK[kind])
    for key, value in values.items():
        if column := COLUMNS[kind].get(key):
            row[column] = value
        elif lines := _STREETS[kind].get(key):
            row |= zip(lines, street_lines(value), strict=True)
    parent = record.parent
    if kind is RecordKind.ACCOUNT:
        row["parentaccountid"] = parent.id if parent else None
    else:
        row["parentcustomerid"] = parent.id if parent else None
        row["parentcustomeridtype"] = parent.kind.value if parent else None
    sort_name = fold(record.name)
    row["id"] = record.id
    row["ownerid"] = record.owner
    row["statecode"] = 0 if record.active else 1
    row["versionnumber"] = int(record.version)
    row["modifiedon"] = now
    row["sort_name"] = sort_name
    row["search"] = "\n".join(filter(None, (sort_name, *(fold(values[key]) for key in _SEARCHED if key in values))))
    return row
