"""How does a run go, what came of it, and what can still be done about it?"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import AsyncIterator

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response
from fastapi.sse import EventSourceResponse, ServerSentEvent
from starlette.concurrency import run_in_threadpool

from carnet.core.gathering import together
from carnet.core.retaining import undoable_until
from carnet.flows.apply import retry
from carnet.flows.summary import counts, undo_counts
from carnet.model.plan import Action, Entry, State
from carnet.model.run import Run, RunKind, RunState
from carnet.web import running
from carnet.web.door import Form, Known, Visit, go, text
from carnet.web.drafts import close
from carnet.web.export import download, entries_csv
from carnet.web.live import watch
from carnet.web.run_lists import approvable, entries_of, few, origin

router = APIRouter(prefix="/runs/{number}")
PAGE = 50


@router.get("/progress")
def progress(visit: Known, number: int) -> Response:
    """The run at work; a run that was broken off goes on by itself, for its approval stands."""
    standing = running.standing(visit, number)
    if standing.run.state is RunState.APPLYING and not standing.over:
        running.resume_run(visit, number)
        standing = running.standing(visit, number)
    if standing.over:
        return go(f"/runs/{number}")
    return visit.page("progress.html", standing=standing, people=together(visit.world.store.journal.entries(number)))


@router.get("/events", response_class=EventSourceResponse)
async def events(visit: Known, number: int) -> AsyncIterator[ServerSentEvent]:
    """Progress, from the journal's counts."""

    def state() -> tuple[str, bool]:
        standing = running.standing(visit, number)
        return visit.fragment("parts/progress.html", progress=standing.progress), standing.over

    async for event in watch(lambda: run_in_threadpool(state)):
        yield event


@router.get("")
def summary(visit: Known, number: int) -> Response:
    """5: the summary; it adds up (W39)."""
    standing = running.standing(visit, number)
    return _summary(visit, standing.run) if standing.over else go(f"/runs/{number}/progress")


@router.post("")
def act(visit: Known, number: int, form: Form) -> Response:
    """Stop, resume, try again, close."""
    action = text(form, "go")
    run = visit.world.store.runs.get(visit.user, number)
    if action == "stop":
        visit.world.store.runs.request_stop(visit.user, number)
        return go(f"/runs/{number}/progress", said="stopping")
    if action == "retry" and retry(visit.world, user=visit.user, number=number):
        action = "resume"
    if action == "resume" and run.approved:
        running.resume_run(visit, number)
        return go(f"/runs/{number}/progress")
    if action == "close":
        close(visit, number)
        return go("/", said="closed")
    return go(f"/runs/{number}")


@router.get("/entries")
def entries(visit: Known, number: int, *, action: str = "", state: str = "", q: str = "", page: int = 1) -> HTMLResponse:
    """Every line of a run, planned or done, with what it writes."""
    run = visit.world.store.runs.get(visit.user, number)
    actions = [Action(action)] if action in set(Action) else []
    states = [State(state)] if state in set(State) else []
    journal = visit.world.store.journal
    found = len(journal.entries(number, states=states, actions=actions, query=q.strip()))
    pages = max(1, math.ceil(found / PAGE))
    page = min(max(1, page), pages)
    rows = journal.entries(number, states=states, actions=actions, query=q.strip(), offset=(page - 1) * PAGE, limit=PAGE)
    asked = {"action": action, "state": state, "q": q}
    return visit.page(
        "entries.html",
        run=run,
        rows=rows,
        found=found,
        page=page,
        pages=pages,
        asked=asked,
        actions=tuple(Action),
        states=tuple(State),
        base=f"/runs/{number}",
        back=origin(visit, run),
    )


@router.get("/contacts.csv")
def export(visit: Known, number: int) -> Response:
    """The whole journal as a table for a spreadsheet; no cell starts a formula."""
    run = visit.world.store.runs.get(visit.user, number)
    return download(entries_csv(visit.words, visit.world.store.journal.entries(run.number)), f"carnet-{number}.csv")


def _summary(visit: Visit, run: Run) -> HTMLResponse:
    failed = visit.world.store.journal.entries(run.number, states=[State.FAILED])
    done = entries_of(visit, run, State.DONE)
    return visit.page(
        "summary.html",
        run=run,
        kept_until=undoable_until(run, visit.world.policy),
        counts=counts(visit.world, run),
        undo_counts=undo_counts(visit.world, run) if run.kind.takes_back else None,
        causes=causes(failed) if run.erased_at is None else [],
        people=together(done),
        lists=few(visit, run, done),
        tracked=sum(1 for entry in done if entry.communications and entry.action in {Action.CREATE, Action.LINK, Action.UPDATE}),
        seconds=_seconds(run),
        trouble=visit.door.troubles.get(running.key(run.number)),
        again=approvable(visit, run) if run.state is RunState.PLANNED else "",
        RunKind=RunKind,
        RunState=RunState,
    )


def _seconds(run: Run) -> float:
    return (run.finished_at - run.started_at).total_seconds() if run.started_at and run.finished_at else 0.0


def causes(failed: tuple[Entry, ...]) -> list[tuple[str, list[Entry]]]:
    """Failures by cause, the most frequent first."""
    counted = Counter(entry.message or entry.code for entry in failed)
    return [(cause, [entry for entry in failed if (entry.message or entry.code) == cause]) for cause, _ in counted.most_common()]
