"""What is in the CRM, and where did each value come from?"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from carnet.errors import NotFound
from carnet.flows.trackers import trackers
from carnet.model.account import CrmRecord, RecordKind
from carnet.model.field import FIELDS
from carnet.model.plan import Entry
from carnet.web.door import Known, Visit
from carnet.web.paging import turn

router = APIRouter(prefix="/crm")
PAGE = 50
_ORDER = {key: place for place, key in enumerate(("name", "website", *(field.key for field in FIELDS)))}
_PATHS = {"accounts": RecordKind.ACCOUNT, "contacts": RecordKind.CONTACT}


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """A field's value and, where a run wrote it, that run and the card it came from."""

    key: str
    value: str
    run: int | None
    card: str


@router.get("/accounts")
def accounts(visit: Known, q: str = "", page: int = 1) -> HTMLResponse:
    """The accounts of the CRM."""
    return _list(visit, "accounts", q=q.strip(), page=page)


@router.get("/contacts")
def contacts(visit: Known, q: str = "", page: int = 1) -> HTMLResponse:
    """The contacts of the CRM."""
    return _list(visit, "contacts", q=q.strip(), page=page)


@router.get("/{path}/{identity}")
def record(visit: Known, path: str, identity: str, *, page: int = 1) -> HTMLResponse:
    """One record: fields, parent, and which run and card each value came from."""
    kind = _PATHS.get(path)
    found = visit.world.crm.get(kind, [identity]).get(identity) if kind else None
    if kind is None or found is None:
        raise NotFound("This record is no longer in the CRM.", "Search again.")
    history = visit.world.store.journal.history(visit.user, kind, identity)
    return visit.page(
        "crm_record.html",
        record=found,
        path=path,
        values=values_of(found, history),
        leaf=turn(history, lambda done: done[1].label, page=page),
        related=visit.world.crm.dependents(kind, [identity]).get(identity),
        elsewhere=visit.world.crm.page_of(kind, identity),
        mine=visit.user in visit.world.store.links.trackers(visit.world.crm.key, [identity]).get(identity, ()),
        tracked=trackers(visit.world, user=visit.user, targets=[identity]).get(identity, ()),
        RecordKind=RecordKind,
    )


def _list(visit: Visit, path: str, *, q: str, page: int) -> HTMLResponse:
    kind = _PATHS[path]
    page = max(1, page)
    records, found = visit.world.crm.search(kind, q, offset=(page - 1) * PAGE, limit=PAGE)
    pages = max(1, math.ceil(found / PAGE))
    return visit.page("crm_list.html", path=path, records=records, found=found, q=q, page=page, pages=pages)


def values_of(found: CrmRecord, history: Iterable[tuple[int, Entry]]) -> list[Value]:
    """The record's values in the order of the field table, each with the last run that wrote it as it stands."""
    origin: dict[str, tuple[int, str]] = {}
    for run, entry in history:
        for key, value in entry.values.items():
            if value and found.values.get(key) == value:
                origin[key] = (run, entry.label)
    return [
        Value(key=key, value=found.values[key], run=origin.get(key, (None, ""))[0], card=origin.get(key, (None, ""))[1])
        for key in sorted(found.values, key=lambda key: (_ORDER.get(key, len(_ORDER)), key))
    ]
