"""What was run before, and how is it taken back?"""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from carnet.core.planning import fingerprint
from carnet.flows.summary import counts
from carnet.flows.undo import Undo, plan_undo
from carnet.model.run import RunKind
from carnet.web import running
from carnet.web.door import Form, Known, go, text
from carnet.words.runs import undoable

router = APIRouter()
PAGE = 25


@router.get("/history")
def history(visit: Known, page: int = 1) -> HTMLResponse:
    """Every run, the newest first."""
    page = max(1, page)
    runs = visit.world.store.runs.all(visit.user, offset=(page - 1) * PAGE, limit=PAGE + 1)
    rows = [(run, counts(visit.world, run)) for run in runs[:PAGE]]
    policy = visit.world.policy
    return visit.page(
        "history.html", rows=rows, page=page, more=len(runs) > PAGE, undoable=lambda run: undoable(visit.words, run, policy)
    )


@router.get("/runs/{number}/undo")
def preview(visit: Known, number: int) -> HTMLResponse:
    """What an undo takes back, and what stays and why; nothing is written yet."""
    run = visit.world.store.runs.get(visit.user, number)
    undo = plan_undo(visit.world, user=visit.user, number=number, dry_run=True)
    return visit.page("undo.html", run=run, undo=undo, fingerprint=_fingerprint(undo), RunKind=RunKind)


@router.post("/runs/{number}/undo")
def undo(visit: Known, number: int, form: Form) -> Response:
    """Take the run back, if the preview is still true."""
    if text(form, "go") != "undo":
        return go(f"/runs/{number}")
    planned = plan_undo(visit.world, user=visit.user, number=number)
    if planned.run is None:
        return go(f"/runs/{number}/undo")
    if text(form, "fingerprint") != planned.run.fingerprint:
        visit.world.store.runs.delete(visit.user, planned.run.number)
        return go(f"/runs/{number}/undo", said="moved_undo")
    running.apply_run(visit, planned.run, fingerprint=planned.run.fingerprint)
    return go(f"/runs/{planned.run.number}/progress")


def _fingerprint(undo: Undo) -> str:
    """That of the plan which the preview shows: the one to be made on confirmation has the same, if nothing moves."""
    return fingerprint(sorted((*undo.reverts, *undo.keeps), key=lambda entry: entry.seq))
