"""How does a run go, what came of it, and what can still be done about it?"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import AsyncIterator

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response
from fastapi.sse import EventSourceResponse, ServerSentEvent
from starlette.concurrency import run_in_threadpool

from carnet.core.retaining import undoable_until
from carnet.flows.apply import retry
from carnet.flows.summary import counts, undo_counts
from carnet.model.account import Parent, RecordKind
from carnet.model.plan import Action, Entry, State
from carnet.model.run import Run, RunKind, RunState
from carnet.web import running
from carnet.web.door import Form, Known, Visit, go, text
from carnet.web.drafts import close
from carnet.web.export import download, entries_csv
from carnet.web.live import watch

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
    return visit.page("progress.html", standing=standing)


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
        back=_origin(visit, run),
    )


@router.get("/contacts.csv")
def export(visit: Known, number: int) -> Response:
    """The whole journal as a table for a spreadsheet; no cell starts a formula."""
    run = visit.world.store.runs.get(visit.user, number)
    return download(entries_csv(visit.words, visit.world.store.journal.entries(run.number)), f"carnet-{number}.csv")


def _summary(visit: Visit, run: Run) -> HTMLResponse:
    journal = visit.world.store.journal
    failed = journal.entries(run.number, states=[State.FAILED])
    everything = journal.entries(run.number)
    done = [entry for entry in everything if entry.state is State.DONE and run.erased_at is None]
    reading = visit.world.store.readings.get(visit.user, run.reading) if _reading_kept(visit, run) else None
    return visit.page(
        "summary.html",
        run=run,
        kept_until=undoable_until(run, visit.world.policy),
        counts=counts(visit.world, run),
        undo_counts=undo_counts(visit.world, run) if run.kind is RunKind.UNDO else None,
        causes=causes(failed) if run.erased_at is None else [],
        created=[entry for entry in done if entry.kind is RecordKind.ACCOUNT and entry.action is Action.CREATE],
        used=accounts_used(done),
        linking=[entry for entry in done if entry.action is Action.LINK and entry.kind is RecordKind.CONTACT],
        missing=[each for each in journal.missing_accounts(run.number) if not each.created],
        too_long=[entry for entry in done if entry.too_long],
        to_check=[entry for entry in done if entry.to_check],
        kept=[entry for entry in done if entry.action is Action.KEEP],
        tracked=sum(1 for entry in done if entry.communications and entry.action in {Action.CREATE, Action.LINK, Action.UPDATE}),
        reading=reading,
        seconds=_seconds(run),
        trouble=visit.door.troubles.get(running.key(run.number)),
        RunKind=RunKind,
        RunState=RunState,
    )


def _origin(visit: Visit, run: Run) -> str:
    """The page that shows this run: the review while it is planned, else the summary."""
    if run.state is RunState.PLANNED:
        for draft in visit.world.store.drafts.all(visit.user):
            if draft.run == run.number:
                return f"/wizard/{draft.id}/review"
    return f"/runs/{run.number}"


def _reading_kept(visit: Visit, run: Run) -> bool:
    """Whether the run's summary was not closed yet."""
    return any(draft.run == run.number and draft.reading for draft in visit.world.store.drafts.all(visit.user))


def _seconds(run: Run) -> float:
    return (run.finished_at - run.started_at).total_seconds() if run.started_at and run.finished_at else 0.0


def causes(failed: tuple[Entry, ...]) -> list[tuple[str, list[Entry]]]:
    """Failures by cause, the most frequent first."""
    counted = Counter(entry.message or entry.code for entry in failed)
    return [(cause, [entry for entry in failed if (entry.message or entry.code) == cause]) for cause, _ in counted.most_common()]


def accounts_used(done: list[Entry]) -> list[tuple[Parent, int]]:
    """Accounts and contacts that people went under and that were there before, with how many, by name."""
    made = {entry.target for entry in done if entry.kind is RecordKind.ACCOUNT and entry.action is Action.CREATE}
    parents = [entry.parent for entry in done if entry.parent and entry.sets_parent and entry.parent.id not in made]
    counted = Counter(parent.id for parent in parents)
    by_id = {parent.id: parent for parent in parents}
    return sorted(((by_id[key], number) for key, number in counted.items()), key=lambda each: each[0].name.casefold())
