"""What does Dataverse show of its rows: which of them, which columns, in which order, page by page?"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from carnet.testing.emulators.dataverse_filter import Places, Read, parsed
from carnet.testing.emulators.dataverse_row import Row, folded
from carnet.testing.emulators.dataverse_tables import TABLES, Kind, Table
from carnet.testing.emulators.dataverse_turn import BAD_QUERY, LARGEST_PAGE, Refusal, Turn
from carnet.testing.emulators.faults import Said
from carnet.testing.emulators.server import Anything, said_json

_CRM = "Microsoft.Dynamics.CRM"
_FORMATTED = "OData.Community.Display.V1.FormattedValue"
DELTA = "$deltatoken"
MADE = ("activitypointer", "sdkmessagefilter")
"""Tables whose rows are made when they are asked for."""
_OPTIONS = ("$select", "$filter", "$orderby", "$top", "$count", "$expand", "$skiptoken", "$deltatoken", "$apply", "fetchXml")
_KINDS = {Kind.TEXT: "text", Kind.MEMO: "text", Kind.WHOLE: "whole", Kind.YES_NO: "yes_no", Kind.ID: "id"}


def listed(turn: Turn) -> Said:
    """A page of a table."""
    table, query = turn.table(), turn.asked.query
    require_options(turn)
    rows = ordered(turn, table, visible(turn, table))
    told: dict[str, Any] = {"@odata.context": context(turn, table)}
    if query.get("$count") == "true":
        told["@odata.count"] = min(len(rows), LARGEST_PAGE)
    page, cookie = _page(turn, rows)
    told["value"] = turn.service.faults.rows(turn.asked, [shown(turn, row) for row in page])
    if cookie:
        told["@odata.nextLink"] = link(turn, "$skiptoken", cookie)
    return said_json(200, told, applied(turn))


def counted(turn: Turn) -> Said:
    """How many rows a table has, as plain text; it counts no further than 5,000."""
    table = turn.table()
    number = min(len(visible(turn, table)), LARGEST_PAGE)
    return Said(status=200, headers={"content-type": "text/plain", "OData-Version": "4.0"}, body=str(number).encode())


def require_options(turn: Turn) -> None:
    """Refuse what cannot be asked for."""
    if "$skip" in turn.asked.query:
        raise Refusal(400, BAD_QUERY, "Skip Clause is not supported in CRM")
    for name in turn.asked.query:
        if name.startswith("$") and name not in _OPTIONS:
            raise Refusal(400, BAD_QUERY, f"The query parameter {name} is not supported.")


def visible(turn: Turn, table: Table) -> list[Row]:
    """The rows that the user's privilege reaches and `$filter` lets through."""
    depth = turn.require("Read", table)
    text = turn.asked.query.get("$filter", "")
    if not text:
        return [row for row in turn.organisation.listed(table.name) if turn.may_see(row, depth)]
    aliases = {name: value for name, value in turn.asked.query.items() if name.startswith("@")}
    test = parsed(text, kinds=_kinds(table), aliases=aliases, accents_count=turn.organisation.accents_count)
    rows = turn.organisation.listed(table.name) if test.places is None or table.name in MADE else _near(turn, table, test.places)
    return [row for row in rows if turn.may_see(row, depth) and test.passes(reader(turn, row))]


def _near(turn: Turn, table: Table, places: Places) -> list[Row]:
    """The rows that hold what a filter asks for at least, each once."""
    found = (row for column, values in places for row in turn.organisation.holding(table.name, column, values))
    return list({row.id: row for row in found}.values())


def ordered(turn: Turn, table: Table, rows: list[Row]) -> list[Row]:
    """By `$orderby`, and by id where that leaves it open."""
    rows = sorted(rows, key=lambda row: row.id)
    for part in reversed(list(filter(None, turn.asked.query.get("$orderby", "").split(",")))):
        column, _, direction = part.strip().partition(" ")
        if column not in _kinds(table):
            raise _unknown(table, column)
        rows.sort(key=lambda row: _rank(turn, row, column), reverse=direction.strip() == "desc")
    return rows


def _rank(turn: Turn, row: Row, column: str) -> tuple[bool, Any]:
    value = reader(turn, row)(column)
    is_text = isinstance(value, str)
    return value is not None, folded(value, accents_count=turn.organisation.accents_count) if is_text else value or 0


def _page(turn: Turn, rows: Sequence[Row]) -> tuple[Sequence[Row], str]:
    """The rows of this page, and the cookie of the next one: the id it begins after."""
    top = turn.asked.query.get("$top")
    if top is not None:
        if not top.isdigit() or int(top) == 0:
            raise Refusal(400, BAD_QUERY, f"The value '{top}' of $top is no positive number.")
        return rows[: min(int(top), LARGEST_PAGE)], ""
    number, after = 1, ""
    if token := turn.asked.query.get("$skiptoken"):
        number, after = opened(token)
    start = next((place + 1 for place, row in enumerate(rows) if row.id == after), 0) if after else 0
    page = rows[start : start + page_size(turn)]
    more = start + len(page) < len(rows)
    return page, cookie(number + 1, page[-1].id) if more else ""


def page_size(turn: Turn) -> int:
    """How many rows a page may hold."""
    return max(1, min(turn.preferred_size or LARGEST_PAGE, LARGEST_PAGE, turn.service.largest_page))


def cookie(number: int, after: str, *, tracking: bool = False) -> str:
    """The token of a further page."""
    return f'<cookie pagenumber="{number}" pagingcookie="{quote(after, safe="")}" istracking="{tracking}" />'


def opened(token: str) -> tuple[int, str]:
    """The number of a page and where it begins."""
    found = re.fullmatch(r'<cookie pagenumber="(\d+)" pagingcookie="([^"]*)" istracking="\w+" />', token)
    if found is None:
        raise Refusal(400, "0x80041129", "Malformed XML in the Paging Cookie")
    return int(found[1]), unquote(found[2])


def link(turn: Turn, name: str, value: str) -> str:
    """The same request with that token; everything else as it came."""
    raw = urlsplit(turn.asked.target).query.split("&")
    kept = [part for part in raw if part and unquote(part.partition("=")[0]) not in {"$skiptoken", "$deltatoken"}]
    return f"{turn.service.base()}/{turn.names['set']}?{'&'.join([*kept, f'{name}={value if name == DELTA else quote(value)}'])}"


# Rows as they are shown


def context(turn: Turn, table: Table, what: str = "") -> str:
    """What an answer holds, as OData names it."""
    select = turn.asked.query.get("$select", "")
    return f"{turn.service.base()}/$metadata#{table.set}{f'({select})' if select else ''}{what}"


def applied(turn: Turn) -> dict[str, str]:
    """Which preferences were kept."""
    kept = [part.strip() for part in turn.prefers.split(",") if part.strip().startswith("odata.")]
    return {"OData-Version": "4.0"} | ({"Preference-Applied": ", ".join(kept)} if kept else {})


def shown(turn: Turn, row: Row, select: str | None = None) -> dict[str, Any]:
    """A row with what is selected and expanded; its key and its ETag always."""
    table = row.table
    select = turn.asked.query.get("$select", "") if select is None else select
    told: dict[str, Any] = {"@odata.etag": row.etag}
    for name in _selected(table, select):
        if name.startswith("_"):
            told |= _lookup(turn, row, name)
        else:
            told[name] = _value(row, name)
    told[table.key] = row.id
    if expand := turn.asked.query.get("$expand", ""):
        told |= _expanded(turn, row, expand)
    return told


def reader(turn: Turn, row: Row) -> Read:
    """Reads a row's columns, and those of the row it leads to."""

    def read(name: str) -> Anything:
        nav, _, column = name.partition("/")
        if column and name not in row.values:
            lookup = row.table.lookups[nav]
            target = row.lookups.get(lookup.attribute)
            found = turn.organisation.find(target) if target and target[0] in lookup.targets else None
            return None if found is None else _value(found, column)
        if name.startswith("_") and name.endswith("_value"):
            target = row.lookups.get(name[1:-6])
            return target[1] if target else None
        return _value(row, name)

    return read


def _value(row: Row, name: str) -> Anything:
    if name == row.table.key:
        return row.id
    if name == "versionnumber":
        return row.version
    value = row.values.get(name)
    return bool(value) if value is None and (row.table.name, name) in _YES_NO else value


_YES_NO = {(table.name, each.name) for table in TABLES.values() for each in table.columns.values() if each.kind is Kind.YES_NO}
"""What is no where nobody has said yes."""


def _selected(table: Table, select: str) -> Sequence[str]:
    return _chosen(table.name, select)


@lru_cache(maxsize=1000)
def _chosen(table_name: str, select: str) -> Sequence[str]:
    """The columns that are shown; a lookup may be chosen by its navigation property."""
    table = TABLES[table_name]
    if not select or select == "*":
        return [*table.columns, *(f"_{name}_value" for name in table.attributes)]
    names = [name.strip() for name in select.split(",") if name.strip()]
    known = {*table.columns, *(f"_{name}_value" for name in table.attributes)}
    for name in names:
        if name not in known:
            if name in table.lookups and name in table.attributes:
                names = [f"_{each}_value" if each == name else each for each in names]
                continue
            raise _unknown(table, name)
    return names


def _lookup(turn: Turn, row: Row, name: str) -> dict[str, Any]:
    """A lookup's id, with the annotations that are asked for."""
    target = row.lookups.get(name[1:-6])
    told: dict[str, Any] = {name: target[1] if target else None}
    if target is None or "odata.include-annotations" not in turn.prefers:
        return told
    found = turn.organisation.find(target)
    nav = _navigation(row.table.name, name[1:-6], target=target[0])
    notes = {f"{_CRM}.associatednavigationproperty": nav, f"{_CRM}.lookuplogicalname": target[0]}
    notes |= {_FORMATTED: _value(found, found.table.title)} if found else {}
    return told | {f"{name}@{note}": value for note, value in notes.items() if _is_wanted(turn.prefers, note)}


@cache
def _navigation(table: str, attribute: str, *, target: str) -> str:
    lookups = TABLES[table].lookups.items()
    return next(name for name, each in lookups if each.attribute == attribute and target in each.targets)


@lru_cache(maxsize=1000)
def _is_wanted(prefers: str, note: str) -> bool:
    found = re.search(r'odata\.include-annotations="?([^";]*)', prefers)
    patterns = found[1].split(",") if found else []
    return any(re.fullmatch(re.escape(each.strip()).replace(r"\*", ".*"), note) for each in patterns)


def _expanded(turn: Turn, row: Row, expand: str) -> dict[str, Any]:
    told: dict[str, Any] = {}
    for name, select in re.findall(r"(\w+)(?:\(\$select=([^)]*)\))?", expand):
        if name == row.table.parties and name:
            parties = turn.organisation.parties((row.table.name, row.id))
            told[name] = [_bare(turn, each, select) for each in parties]
        elif name in row.table.lookups:
            read = row.lookups.get(row.table.lookups[name].attribute)
            found = turn.organisation.find(read) if read and read[0] in row.table.lookups[name].targets else None
            told[name] = _bare(turn, found, select) if found else None
        else:
            raise _unknown(row.table, name)
    return told


def _bare(turn: Turn, row: Row, select: str) -> dict[str, Any]:
    told: dict[str, Any] = {"@odata.etag": row.etag, row.table.key: row.id}
    for name in _selected(row.table, select):
        told |= _lookup(turn, row, name) if name.startswith("_") else {name: _value(row, name)}
    return told


def _kinds(table: Table) -> Mapping[str, str]:
    """What may stand in a filter, and what it holds."""
    if table.name not in _KNOWN:
        own = {name: _KINDS.get(column.kind, "moment") for name, column in table.columns.items()}
        own |= {f"_{name}_value": "id" for name in table.attributes}
        for nav, lookup in table.lookups.items():
            target = TABLES.get(lookup.targets[0])
            own |= {f"{nav}/{name}": _KINDS.get(each.kind, "moment") for name, each in target.columns.items()} if target else {}
        _KNOWN[table.name] = own | _FURTHER.get(table.name, {})
    return _KNOWN[table.name]


_KNOWN: dict[str, Mapping[str, str]] = {}
_FURTHER = {"sdkmessagefilter": {"sdkmessageid/name": "text"}}


def _unknown(table: Table, name: str) -> Refusal:
    return Refusal(400, BAD_QUERY, f"Could not find a property named '{name}' on type '{_CRM}.{table.name}'.")
