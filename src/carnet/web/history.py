"""What was run before, and how is it taken back?"""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from carnet.core.planning import fingerprint
from carnet.flows.summary import counts
from carnet.flows.undo import Undo, plan_undo
from carnet.model.run import Run, RunKind
from carnet.web import running
from carnet.web.door import Form, Known, go, text
from carnet.web.paging import FEW, turn
from carnet.web.run_lists import lines_of, said, taken_back
from carnet.words.runs import RUN_KINDS, RUN_STATES, undoable, unknown_to_the_journal

router = APIRouter()
PAGE = 25
EVERY = 100_000


@router.get("/history")
def history(visit: Known, q: str = "", page: int = 1) -> HTMLResponse:
    """Every run, the newest first; searched by what it is called, its kind, state and number."""
    words, policy = visit.words, visit.world.policy

    def words_of(run: Run) -> str:
        return " ".join((run.label, words.t(RUN_KINDS[run.kind]), words.t(RUN_STATES[run.state]), str(run.number)))

    leaf = turn(visit.world.store.runs.all(visit.user, limit=EVERY), words_of, query=q, page=page, size=PAGE)
    rows = [(run, counts(visit.world, run)) for run in leaf.rows]
    return visit.page("history.html", rows=rows, leaf=leaf, undoable=lambda run: undoable(words, run, policy))


@router.get("/runs/{number}/undo")
def preview(visit: Known, number: int) -> HTMLResponse:
    """What an undo takes back, and what stays and why; nothing is written yet."""
    run = visit.world.store.runs.get(visit.user, number)
    undo = plan_undo(visit.world, user=visit.user, number=number, dry_run=True)
    return visit.page(
        "undo.html",
        run=run,
        undo=undo,
        reverts=turn(taken_back(visit, undo.reverts), said, size=FEW),
        keeps=turn(lines_of(visit, run, "kept", entries=undo.keeps), said, size=FEW),
        fingerprint=_fingerprint(undo),
        unknown=unknown_to_the_journal(visit.words, undo.unknown),
        RunKind=RunKind,
    )


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
