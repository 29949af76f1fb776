"""Which columns and links do Dataverse's tables have, by their owner's contract?

What lies outside the contract's slice is described here, each with its page of Microsoft's documentation.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from typing import Any

from lxml import etree

from shared_data import shared

DOCUMENTED = "https://learn.microsoft.com/power-apps/developer/data-platform/"
_EDM = "{http://docs.oasis-open.org/odata/ns/edm}"
_GUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_WHOLE = {"Edm.Int32": 2**31, "Edm.Int64": 2**63}


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A navigation property: to which table, and whether to many rows of it."""

    target: str
    is_many: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """A table: the type and the length of each column, and its links; `page` where it is described by us."""

    name: str
    set: str
    key: str
    columns: Mapping[str, tuple[str, int | None]]
    links: Mapping[str, Link] = field(default_factory=dict)
    page: str = ""


LATER: Mapping[str, tuple[str, dict[str, str]]] = {
    "contact": ("reference/entities/contact", {"birthdate": "Edm.Date", "anniversary": "Edm.Date"}),
    "email": ("reference/entities/email", {"directioncode": "Edm.Boolean"}),
    "phonecall": ("reference/entities/phonecall", {"directioncode": "Edm.Boolean"}),
    "systemuser": ("reference/entities/systemuser", {"_defaultmailbox_value": "Edm.Guid"}),
}
"""Where the slice was derived from a model that says less, or another thing, than the page of the table."""
OURS: Mapping[str, tuple[str, str]] = {
    "mailboxes": (
        "reference/entities/mailbox",
        """mailboxid Guid, name String200, emailaddress String100, incomingemaildeliverymethod Int32,
        outgoingemaildeliverymethod Int32, actdeliverymethod Int32, statecode Int32, _regardingobjectid_value Guid""",
    ),
    "organizations": (
        "reference/entities/organization",
        """organizationid Guid, name String160, isduplicatedetectionenabled Boolean, expirechangetrackingindays Int32,
        isduplicatedetectionenabledforonlinecreateupdate Boolean, fullnameconventioncode Int32""",
    ),
    "duplicaterules": (
        "reference/entities/duplicaterule",
        """duplicateruleid Guid, name String160, baseentityname String64, matchingentityname String64, iscasesensitive Boolean,
        excludeinactiverecords Boolean, statecode Int32, statuscode Int32""",
    ),
    "duplicateruleconditions": (
        "reference/entities/duplicaterulecondition",
        """duplicateruleconditionid Guid, baseattributename String64, matchingattributename String64, operatorcode Int32,
        operatorparam Int32, ignoreblankvalues Boolean, _regardingobjectid_value Guid""",
    ),
    "roles": ("reference/entities/role", "roleid Guid, name String100, _roletemplateid_value Guid"),
    "sdkmessagefilters": (
        "reference/entities/sdkmessagefilter",
        "sdkmessagefilterid Guid, primaryobjecttypecode String64, sdkmessageid/name String256",
    ),
}
"""The set → its page, and its columns with their types."""


@cache
def contract() -> Mapping[str, Entity]:
    """Every table by its set."""
    root = etree.parse(str(shared("contracts", "dataverse-slice.xml")), etree.XMLParser(resolve_entities=False)).getroot()
    sets = {_plain(each.get("EntityType")): str(each.get("Name")) for each in root.iter(f"{_EDM}EntitySet")}
    found = (_entity(each, sets) for each in root.iter(f"{_EDM}EntityType") if each.get("Name") in sets)
    return {entity.set: entity for entity in (*found, *(_ours(name, page, told) for name, (page, told) in OURS.items()))}


def named(table: str) -> Entity:
    """The table of that logical name."""
    return next(entity for entity in contract().values() if entity.name == table)


def _entity(told: Any, sets: Mapping[str, str]) -> Entity:
    name = str(told.get("Name"))
    columns = {
        str(each.get("Name")): (str(each.get("Type")), int(each.get("MaxLength")) if each.get("MaxLength") else None)
        for each in told.iter(f"{_EDM}Property")
    }
    columns |= {column: (kind, None) for column, kind in LATER.get(name, ("", {}))[1].items()}
    links = {}
    for each in told.iter(f"{_EDM}NavigationProperty"):
        kind = str(each.get("Type"))
        links[str(each.get("Name"))] = Link(target=_plain(re.sub(r"Collection\((.*)\)", r"\1", kind)), is_many="(" in kind)
    key = told.find(f"{_EDM}Key/{_EDM}PropertyRef").get("Name")
    return Entity(name=name, set=sets[name], key=str(key), columns=columns, links=links)


def _ours(set_name: str, page: str, told: str) -> Entity:
    columns = {}
    for part in told.split(","):
        name, kind = part.split()
        length = re.sub(r"\D", "", kind) if kind.startswith("String") else ""
        columns[name] = (f"Edm.{kind.removesuffix(length)}", int(length) if length else None)
    key = next(iter(columns))
    return Entity(name=key.removesuffix("id"), set=set_name, key=key, columns=columns, page=f"{DOCUMENTED}{page}")


def _plain(name: str | None) -> str:
    return str(name).rpartition(".")[2]


def require_value(entity: Entity, name: str, value: object) -> None:
    """Raise AssertionError where a value is none that the column can hold."""
    kind, length = entity.columns[name]
    assert value is None or _is_of(kind, value), f"{entity.name}.{name}: {value!r} is no {kind}"
    if isinstance(value, str) and length is not None:
        units = len(value.encode("utf-16-le")) // 2
        assert units <= length, f"{entity.name}.{name}: {units} units are more than {length}"


def _is_of(kind: str, value: object) -> bool:
    if kind == "Edm.Boolean":
        return isinstance(value, bool)
    if kind in _WHOLE:
        return isinstance(value, int) and not isinstance(value, bool) and abs(value) < _WHOLE[kind]
    if kind in {"Edm.Decimal", "Edm.Double"}:
        return isinstance(value, int | float) and not isinstance(value, bool)
    if not isinstance(value, str):
        return False
    if kind == "Edm.Guid":
        return re.fullmatch(_GUID, value) is not None
    return kind == "Edm.String" or _is_time(kind, value)


def _is_time(kind: str, value: str) -> bool:
    try:
        if kind == "Edm.Date":
            return date.fromisoformat(value).isoformat() == value
        return datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False
