"""What has changed in Dataverse since we last looked, without reading all of it again?

By change tracking where the user may read the whole organisation: each table's link for later is kept byte for byte. Where not,
by the time of the last change, some minutes back for what was under way, and now and then by a look at which ids are left.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from concurrent.futures import Executor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from carnet.crms.dataverse import query
from carnet.crms.dataverse.client import DataverseClient
from carnet.crms.dataverse.multipart import Json
from carnet.crms.dataverse.translate import ANNOTATED, KEYS, MODIFIED, SETS, record_of, slim
from carnet.errors import Expired, NotAllowed, Refused
from carnet.model.account import RecordKind
from carnet.ports.clock import Clock
from carnet.ports.crm import SnapshotPage

PAGE = 5000
TRACKED = f"odata.track-changes,odata.maxpagesize={PAGE},{ANNOTATED}"
PLAIN = f"odata.maxpagesize={PAGE},{ANNOTATED}"
BACK, SWEEP = timedelta(minutes=5), timedelta(hours=1)
Key = tuple[RecordKind, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where we had got to: each table's link for later, or the time of its last change; and when ids were last looked at.

    `at` is when the looking began, as the CRM's own clock says.
    """

    links: Mapping[str, str] = field(default_factory=dict)
    times: Mapping[str, str] = field(default_factory=dict)
    swept: str = ""
    at: str = ""

    def text(self) -> str:
        """The cursor."""
        said = {"links": dict(self.links), "times": dict(self.times), "swept": self.swept, "at": self.at}
        return json.dumps({name: value for name, value in said.items() if value}, separators=(",", ":"), sort_keys=True)


def place_of(cursor: str) -> Place | None:
    """The place that a cursor stands for, None for one that is none of ours."""
    try:
        said = json.loads(cursor)
        found = Place(**{name: said[name] for name in ("links", "times", "swept", "at") if name in said})
    except (ValueError, TypeError):
        return None
    return found if found.links or found.times else None


def is_polled(cursor: str) -> bool:
    """Whether a cursor goes by the times of changes: nothing was tracked when it was given."""
    place = place_of(cursor)
    return place is not None and bool(place.times)


def snapshot(client: DataverseClient, cursor: str, *, tracked: bool, clock: Clock, pool: Executor) -> Iterator[SnapshotPage]:
    """What changed since the cursor; everything, with what there is, where the cursor is none or too old."""
    before = place_of(cursor)
    if tracked:
        with suppress(_Untracked):
            yield from _tracked(client, before if before and before.links else None, cursor, clock=clock, pool=pool)
            return
    yield from _polled(client, before if before and before.times else None, cursor, clock=clock)


class _Untracked(Exception):
    """The CRM does not track the changes of a table for this user."""


def _tracked(
    client: DataverseClient, before: Place | None, cursor: str, *, clock: Clock, pool: Executor
) -> Iterator[SnapshotPage]:
    first: dict[RecordKind, Json] = {}
    if before is not None:
        try:
            first = _first_pages(client, {kind: before.links[kind] for kind in RecordKind}, prefer=PLAIN, pool=pool)
        except (Expired, KeyError):
            before = None
    if before is None:
        links = {kind: query.address(SETS[kind], select=slim(kind)) for kind in RecordKind}
        try:
            first = _first_pages(client, links, prefer=TRACKED, pool=pool)
        except (NotAllowed, Refused):
            raise _Untracked from None
    now = _written(client.said_at or clock.now())
    laters: dict[str, str] = {}
    present: set[Key] = set()
    changed = False
    waiting = SnapshotPage(records=(), gone=(), cursor=cursor)
    for kind in RecordKind:
        for page in _following(client, first[kind], prefer=PLAIN if before else TRACKED):
            rows, gone = _told(page, kind)
            changed = changed or bool(rows or gone)
            laters[kind] = str(page.get("@odata.deltaLink") or laters.get(kind, ""))
            records = tuple(record_of(row, kind) for row in rows)
            present |= {(kind, record.id) for record in records} if before is None else set()
            if waiting.records or waiting.gone:
                yield waiting
            waiting = SnapshotPage(records=records, gone=tuple((kind, id_) for id_ in gone), cursor=cursor)
    same = before is not None and not changed and _is_fresh(before, now)
    later = cursor if same else Place(links=laters, at=now).text()
    yield replace(waiting, cursor=later, present=_frozen(present) if before is None else None)


def _first_pages(
    client: DataverseClient, links: Mapping[RecordKind, str], *, prefer: str, pool: Executor
) -> dict[RecordKind, Json]:
    """The first page of each table, side by side."""
    asked = {kind: pool.submit(client.get, link, prefer=prefer) for kind, link in links.items()}
    return {kind: each.result() for kind, each in asked.items()}


def _following(client: DataverseClient, first: Json, *, prefer: str) -> Iterator[Json]:
    yield first
    if link := first.get("@odata.nextLink"):
        yield from client.pages(str(link), prefer=prefer)


def _told(page: Json, kind: RecordKind) -> tuple[list[Json], list[str]]:
    """The rows of a page in their last form, and the ids of those that are gone."""
    rows: dict[str, Json] = {}
    gone: dict[str, None] = {}
    for row in page.get("value", ()):
        if str(row.get("@odata.context", "")).endswith("$deletedEntity") or "reason" in row:
            identity = str(row["id"]).lower()
            gone[identity] = None
            rows.pop(identity, None)
        else:
            rows[str(row[KEYS[kind]]).lower()] = row
    return list(rows.values()), list(gone)


def _polled(client: DataverseClient, before: Place | None, cursor: str, *, clock: Clock) -> Iterator[SnapshotPage]:
    times = dict(before.times) if before else {}
    present: set[Key] | None = None if before else set()
    empty = True
    for kind in RecordKind:
        since = {"filter": f"{MODIFIED} ge {_earlier(times[kind])}"} if kind in times else {}
        url = query.address(SETS[kind], select=(*slim(kind), MODIFIED), **since)
        for page in client.pages(url, prefer=PLAIN):
            rows = list(page.get("value", ()))
            times[kind] = max([times.get(kind, ""), *(str(row.get(MODIFIED) or "") for row in rows)])
            records = tuple(record_of(row, kind) for row in rows)
            if present is not None:
                present |= {(kind, record.id) for record in records}
            empty = empty and not records
            if records:
                yield SnapshotPage(records=records, gone=(), cursor=cursor)
    now = client.said_at or clock.now()
    times = {kind: times.get(kind) or _written(now - BACK) for kind in RecordKind}
    swept = before.swept if before else _written(clock.now())
    if before and _moment(swept) + SWEEP <= clock.now():
        present, swept = _sweep(client), _written(clock.now())
    place = Place(times=times, swept=swept, at=_written(now)).text()
    same = before is not None and empty and present is None
    yield SnapshotPage(records=(), gone=(), cursor=cursor if same else place, present=_frozen(present))


def _sweep(client: DataverseClient) -> set[Key]:
    """The ids that are left: what else was known is gone, or no longer to be seen."""
    asked = {kind: query.address(SETS[kind], select=(KEYS[kind],)) for kind in RecordKind}
    pages = ((kind, page) for kind, url in asked.items() for page in client.pages(url, prefer=f"odata.maxpagesize={PAGE}"))
    return {(kind, str(row[KEYS[kind]]).lower()) for kind, page in pages for row in page.get("value", ())}


def _frozen(present: set[Key] | None) -> frozenset[Key] | None:
    return frozenset(present) if present is not None else None


def _is_fresh(before: Place, now: str) -> bool:
    """Whether a link that told of nothing can be kept: it lives for some days from when it was given."""
    return bool(before.at) and _moment(now) - _moment(before.at) < timedelta(days=1)


def _earlier(text: str) -> str:
    return _written(_moment(text) - BACK)


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _written(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def since_of(cursor: str) -> str:
    """When the look that a cursor stands for began, "" where it does not say."""
    place = place_of(cursor)
    return place.at if place else ""
