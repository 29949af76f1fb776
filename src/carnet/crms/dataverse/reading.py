"""What does Dataverse hold, asked for in as few requests as that takes?"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from carnet.crms.dataverse import query
from carnet.crms.dataverse.client import DataverseClient, trouble
from carnet.crms.dataverse.multipart import Json
from carnet.crms.dataverse.translate import (
    ANNOTATED,
    EMAIL_COLUMNS,
    KEYS,
    NAME_COLUMNS,
    PARENTS,
    RUN,
    SETS,
    record_of,
    whole,
)
from carnet.model.account import CrmRecord, Dependents, RecordKind
from carnet.transport.calls import Part

MOST_COUNTED = 5000
"""Dataverse counts no further."""
CHILDREN: Mapping[RecordKind, tuple[RecordKind, ...]] = {
    RecordKind.ACCOUNT: (RecordKind.ACCOUNT, RecordKind.CONTACT),
    RecordKind.CONTACT: (RecordKind.CONTACT,),
}
_SEARCHED: Mapping[RecordKind, tuple[str, ...]] = {
    RecordKind.ACCOUNT: ("name", "emailaddress1", "address1_city", "address1_postalcode", "address1_line1"),
    RecordKind.CONTACT: (
        *("fullname", *EMAIL_COLUMNS, "address1_city", "address1_postalcode", "address1_line1"),
        *("address2_city", "address3_city"),
    ),
}


def is_id(text: str) -> bool:
    """Whether that can be an id of Dataverse at all."""
    try:
        return str(UUID(text)) == text.lower()
    except ValueError:
        return False


def by_ids(client: DataverseClient, kind: RecordKind, ids: Iterable[str]) -> dict[str, CrmRecord]:
    """The records with those ids, whole."""
    rows = rows_of(client, kind, ids, select=whole(kind))
    return {id_: record_of(row, kind) for id_, row in rows.items()}


def rows_of(client: DataverseClient, kind: RecordKind, ids: Iterable[str], *, select: Sequence[str]) -> dict[str, Json]:
    """Those columns of the records with those ids."""
    urls = [
        query.address(SETS[kind], select=select, filter=query.among(KEYS[kind], some))
        for some in query.lists(id_ for id_ in ids if is_id(id_))
    ]
    pages = client.gather(urls, prefer=ANNOTATED) if urls else []
    return {str(row[KEYS[kind]]).lower(): row for rows in pages for row in rows}


def missing(client: DataverseClient, keys: Iterable[tuple[RecordKind, str]]) -> set[tuple[RecordKind, str]]:
    """Which of those records are not there."""
    wanted = set(keys)
    found: set[tuple[RecordKind, str]] = set()
    for kind in RecordKind:
        ids = sorted(id_ for of_kind, id_ in wanted if of_kind is kind)
        found |= {(kind, id_) for id_ in rows_of(client, kind, ids, select=(KEYS[kind],))} if ids else set()
    return wanted - found


def stamped(client: DataverseClient, run: int) -> frozenset[tuple[RecordKind, str]]:
    """What bears the number of that run."""
    urls = [query.address(SETS[kind], select=(KEYS[kind],), filter=f"{RUN} eq {run}") for kind in RecordKind]
    found = zip(RecordKind, client.gather(urls), strict=True)
    return frozenset((kind, str(row[KEYS[kind]]).lower()) for kind, rows in found for row in rows)


def search(client: DataverseClient, kind: RecordKind, text: str, *, offset: int, limit: int) -> tuple[tuple[CrmRecord, ...], int]:
    """Records in whose name, address or e-mail the text is, by name; and their number, as far as the CRM counts.

    Dataverse skips nothing: what stands before the offset is asked for with the rest, by its id alone where that is much.
    """
    options: dict[str, str] = {"orderby": f"{NAME_COLUMNS[kind]} asc,{KEYS[kind]} asc", "count": "true"}
    if text:
        options["filter"] = query.either(query.holds(column, text) for column in _SEARCHED[kind])
    wanted = offset + limit
    rows: list[Json] = []
    total = 0
    url = query.address(SETS[kind], select=whole(kind) if offset <= limit else (KEYS[kind],), **options)
    for page in client.pages(url, prefer=f"odata.maxpagesize={min(max(wanted, 1), MOST_COUNTED)},{ANNOTATED}"):
        rows += page.get("value", ())
        total = max(total, int(page.get("@odata.count", 0)))
        if len(rows) >= wanted:
            break
    shown = rows[offset:wanted]
    if offset <= limit:
        return tuple(record_of(row, kind) for row in shown), max(total, len(rows))
    ids = [str(row[KEYS[kind]]).lower() for row in shown]
    found = by_ids(client, kind, ids)
    return tuple(found[id_] for id_ in ids if id_ in found), max(total, len(rows))


def dependents(client: DataverseClient, kind: RecordKind, ids: Sequence[str]) -> dict[str, Dependents]:
    """Activities and child records of those that have any."""
    children: Counter[str] = Counter()
    activities: defaultdict[str, set[str]] = defaultdict(set)
    asked = [each for some in query.lists(id_ for id_ in ids if is_id(id_)) for each in _hanging_on(kind, some)]
    for hanging, reply in zip(asked, client.batch([each.part for each in asked]), strict=True):
        if not reply.is_success:
            raise trouble(reply)
        for row in _all(client, reply.body):
            target = str(row.get(hanging.lookup) or "").lower()
            if hanging.is_activity:
                activities[target].add(str(row.get(hanging.counted) or ""))
            else:
                children[target] += 1
    found = {id_: Dependents(activities=len(activities[id_]), children=children[id_]) for id_ in ids}
    return {id_: one for id_, one in found.items() if one}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Hanging:
    """A question for what hangs on some records: the column to count, and the lookup that names the record."""

    part: Part
    counted: str
    lookup: str
    is_activity: bool


def _hanging_on(kind: RecordKind, ids: Sequence[str]) -> list[_Hanging]:
    children = [(SETS[child], KEYS[child], PARENTS[child]) for child in CHILDREN[kind]]
    activities = [("activitypointers", "activityid", "regardingobjectid"), ("activityparties", "_activityid_value", "partyid")]
    return [
        _Hanging(
            part=Part(
                method="GET",
                url=query.address(table, select=(counted, f"_{lookup}_value"), filter=query.among(lookup, ids)),
            ),
            counted=counted,
            lookup=f"_{lookup}_value",
            is_activity=table.startswith("activit"),
        )
        for table, counted, lookup in (*children, *activities)
    ]


def _all(client: DataverseClient, body: Json) -> Iterable[Json]:
    yield from body.get("value", ())
    if link := body.get("@odata.nextLink"):
        for page in client.pages(str(link)):
            yield from page.get("value", ())
