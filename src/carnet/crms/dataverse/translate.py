"""How does a record of ours lie in Dataverse's columns?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from carnet.crms.rules import ACTIVE, STREET_KEYS, joined_street, street_lines
from carnet.model.account import CrmRecord, Parent, RecordKind
from carnet.model.change import Write
from carnet.model.field import BY_KEY, FIELDS, Shape

Json = Mapping[str, Any]
ACCOUNT, CONTACT = RecordKind.ACCOUNT, RecordKind.CONTACT
SETS: Mapping[RecordKind, str] = {ACCOUNT: "accounts", CONTACT: "contacts"}
"""The name of each table's collection."""
KEYS: Mapping[RecordKind, str] = {ACCOUNT: "accountid", CONTACT: "contactid"}
"""The column of each table's id."""
PARENTS: Mapping[RecordKind, str] = {ACCOUNT: "parentaccountid", CONTACT: "parentcustomerid"}
"""The lookup of what a record belongs to."""
NAMES = "OData.Community.Display.V1.FormattedValue"
TARGETS = "Microsoft.Dynamics.CRM.lookuplogicalname"
ANNOTATED = f'odata.include-annotations="{NAMES},{TARGETS}"'
"""What makes a lookup come with the kind and the name of its target."""
RUN = "importsequencenumber"
CREATED = "createdon"
MODIFIED = "modifiedon"
EMAIL_COLUMNS = ("emailaddress1", "emailaddress2", "emailaddress3")
NAME_COLUMNS: Mapping[RecordKind, str] = {ACCOUNT: "name", CONTACT: "fullname"}
_TYPE = "@odata.type"
_INACTIVE = {"statecode": 1, "statuscode": 2}
_ACTIVE = {"statecode": 0, "statuscode": 1}

_ACCOUNT_KEYS = {"name": "name", "website": "websiteurl"} | {
    field.key: field.crm
    for field in FIELDS
    if field.key in {"email1", "business_phone"} or (field.crm.startswith("address1_") and field.key not in STREET_KEYS)
}
_CONTACT_KEYS = {field.key: field.crm for field in FIELDS if field.key not in STREET_KEYS and field.key != "company"}
COLUMNS: Mapping[RecordKind, Mapping[str, str]] = {ACCOUNT: _ACCOUNT_KEYS, CONTACT: _CONTACT_KEYS}
"""Field key → column, but for streets, which have three columns."""
_DATES = frozenset(field.key for field in FIELDS if field.shape is Shape.DATE)


def _lines(street: str) -> tuple[str, str, str]:
    stem = BY_KEY[street].crm.removesuffix("1")
    return f"{stem}1", f"{stem}2", f"{stem}3"


STREETS: Mapping[RecordKind, Mapping[str, tuple[str, str, str]]] = {
    ACCOUNT: {"business_street": _lines("business_street")},
    CONTACT: {field.key: _lines(field.key) for field in FIELDS if field.key in STREET_KEYS},
}
"""Field key → the columns of its three lines."""
_SYSTEM = ("statecode", "_ownerid_value")
_COMPARED = {
    ACCOUNT: ("name", "website", "email1", "business_phone", "business_city"),
    CONTACT: (
        *("full_name", "given_name", "middle_name", "surname", "suffix", "nickname", "job_title", "email1", "email2", "email3"),
        *("business_phone", "business_phone2", "home_phone", "home_phone2", "mobile_phone", "other_phone", "callback", "pager"),
        "birthday",
    ),
}


def slim(kind: RecordKind) -> tuple[str, ...]:
    """The columns by which records are told apart, and those of the system."""
    columns = (COLUMNS[kind][key] for key in _COMPARED[kind])
    return (KEYS[kind], *columns, *_SYSTEM, f"_{PARENTS[kind]}_value")


def whole(kind: RecordKind) -> tuple[str, ...]:
    """Every column that Carnet knows."""
    lines = (line for lines in STREETS[kind].values() for line in lines)
    return (KEYS[kind], *COLUMNS[kind].values(), *lines, *_SYSTEM, f"_{PARENTS[kind]}_value")


def record_of(row: Json, kind: RecordKind) -> CrmRecord:
    """The record of a row, which may have any of the columns."""
    values = {key: text for key, column in COLUMNS[kind].items() if (text := _text(row.get(column), key))}
    for key, (one, two, three) in STREETS[kind].items():
        if street := joined_street((str(row.get(one) or ""), str(row.get(two) or ""), str(row.get(three) or ""))):
            values[key] = street
    return CrmRecord(
        kind=kind,
        id=str(row[KEYS[kind]]).lower(),
        values=values,
        parent=parent_of(row, kind),
        owner=str(row.get("_ownerid_value") or ""),
        active=row.get("statecode", 0) == 0,
        version=version_of(row),
    )


def version_of(row: Json) -> str:
    """The version in a row's ETag."""
    return str(row.get("@odata.etag") or "").removeprefix("W/").strip('"')


def parent_of(row: Json, kind: RecordKind) -> Parent | None:
    """What the record belongs to, by its annotated lookup."""
    column = f"_{PARENTS[kind]}_value"
    held = row.get(column)
    if not held:
        return None
    target = RecordKind.CONTACT if row.get(f"{column}@{TARGETS}") == CONTACT.value else RecordKind.ACCOUNT
    return Parent(kind=target, id=str(held).lower(), name=str(row.get(f"{column}@{NAMES}") or ""))


def body_of(write: Write, *, me: str) -> dict[str, Any]:
    """What a create or an update sends; a create names its id, its run and its owner where that is somebody else."""
    body: dict[str, Any] = {}
    creates = write.operation.value == "create"
    for key, value in write.values.items():
        if key == ACTIVE:
            body |= {} if creates else (_ACTIVE if value == "1" else _INACTIVE)
        elif key in STREETS[write.kind]:
            lines = street_lines(value) if value else ("", "", "")
            body |= {column: line or None for column, line in zip(STREETS[write.kind][key], lines, strict=True)}
        else:
            body[COLUMNS[write.kind][key]] = value or None
    if creates:
        body = {name: value for name, value in body.items() if value is not None}
        body[KEYS[write.kind]] = write.id
        body |= {RUN: write.run} if write.run else {}
    return body | _bindings(write, me=me, creates=creates)


def _bindings(write: Write, *, me: str, creates: bool) -> dict[str, Any]:
    lookup = PARENTS[write.kind]
    bound: dict[str, Any] = {}
    if write.parent is not None and (write.sets_parent or creates):
        property_ = lookup if write.kind is ACCOUNT else f"{lookup}_{write.parent.kind.value}"
        bound[f"{property_}@odata.bind"] = f"/{SETS[write.parent.kind]}({write.parent.id})"
    elif write.sets_parent and not creates:
        bound[f"{lookup if write.kind is ACCOUNT else f'{lookup}_account'}@odata.bind"] = None
    if write.owner and not (creates and write.owner == me):
        bound["ownerid@odata.bind"] = f"/systemusers({write.owner})"
    return bound


def targets_of(bodies: Iterable[Json], kind: RecordKind) -> dict[str, Any]:
    """What CreateMultiple is given."""
    return {"Targets": [{_TYPE: f"Microsoft.Dynamics.CRM.{kind.value}", **body} for body in bodies]}


def inactive() -> dict[str, Any]:
    """What makes a record inactive."""
    return dict(_INACTIVE)


def _text(value: object, key: str) -> str:
    text = str(value) if value is not None else ""
    return text[:10] if key in _DATES else text
