"""What had better be mended in the mailbox first, and on which cards?"""

from __future__ import annotations

import math

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from carnet.core.preparing import matching
from carnet.errors import NotFound
from carnet.flows.check import are_counted, check, count_findings
from carnet.model.draft import Draft
from carnet.model.finding import Finding, FindingKind
from carnet.web.door import Known, Visit, go
from carnet.web.drafts import Drafted
from carnet.web.export import download
from carnet.words.findings import ADVICE, TITLES, findings_csv, values

router = APIRouter(prefix="/wizard/{draft}")
PAGE = 100
_AT_ONCE = 2000
"""Up to so many contacts are looked through while the page of the groups is made; more are, once it is shown."""


@router.get("/preparation")
def preparation(visit: Known, draft: Drafted, *, kind: str = "", q: str = "", page: int = 1) -> Response:
    """The kinds of findings, or the cards behind one."""
    if not draft.reading:
        return go(f"/wizard/{draft.id}/welcome")
    if not kind:
        return visit.page("preparation.html", draft=draft, preparation=_rows(visit, _count(visit, draft)), kind="", advice=ADVICE)
    return _cards(visit, draft, _kind(kind), query=q.strip(), page=page)


@router.get("/preparation.csv")
def export(visit: Known, draft: Drafted, kind: str = "") -> Response:
    """Every card behind a kind of finding, or behind all."""
    found = list(_check(visit, draft))
    wanted = matching(found, _kind(kind)) if kind else found
    return download(findings_csv(visit.words, wanted), f"carnet-{kind or 'preparation'}.csv")


@router.get("/preparation/box")
def box(visit: Known, draft: Drafted) -> HTMLResponse:
    """The counts, for a page that was shown without them."""
    return HTMLResponse(visit.fragment("parts/preparation.html", draft=draft, preparation=_rows(visit, _count(visit, draft))))


def ready(visit: Visit, draft: Draft, *, contacts: int) -> list[tuple[FindingKind, str, int]] | None:
    """The kinds found, with their names and numbers; None where counting would keep the page waiting."""
    known = are_counted(visit.world, user=visit.user, reading=draft.reading, folders=draft.choices.folders)
    return _rows(visit, _count(visit, draft)) if known or contacts <= _AT_ONCE else None


def _cards(visit: Visit, draft: Draft, kind: FindingKind, *, query: str, page: int) -> HTMLResponse:
    found = matching(_check(visit, draft), kind, query)
    pages = max(1, math.ceil(len(found) / PAGE))
    page = min(max(1, page), pages)
    return visit.page(
        "preparation.html",
        draft=draft,
        kind=kind,
        title=visit.words.t(TITLES[kind]),
        advice=ADVICE,
        rows=[(each, values(visit.words, each)) for each in found[(page - 1) * PAGE : page * PAGE]],
        found=len(found),
        q=query,
        page=page,
        pages=pages,
    )


def _check(visit: Visit, draft: Draft) -> tuple[Finding, ...]:
    return check(visit.world, user=visit.user, reading=draft.reading, folders=draft.choices.folders)


def _count(visit: Visit, draft: Draft) -> dict[str, int]:
    return count_findings(visit.world, user=visit.user, reading=draft.reading, folders=draft.choices.folders)


def _rows(visit: Visit, counts: dict[str, int]) -> list[tuple[FindingKind, str, int]]:
    return [(kind, visit.words.t(TITLES[kind]), counts[kind]) for kind in FindingKind if counts.get(kind)]


def _kind(text: str) -> FindingKind:
    if text not in set(FindingKind):
        raise NotFound("There is no such page.", "Go back to the start.")
    return FindingKind(text)
