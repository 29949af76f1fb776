"""How is a run worked off in the background, and how far is it?"""

from __future__ import annotations

from dataclasses import dataclass

from carnet.flows.apply import apply, resume
from carnet.flows.events import Progress
from carnet.flows.summary import counts
from carnet.model.draft import Draft
from carnet.model.plan import State
from carnet.model.run import Counts, Run, RunState
from carnet.web import reading
from carnet.web.door import Visit


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a run is, from its journal: it survives a reload and a restart of the server."""

    run: Run
    counts: Counts
    progress: Progress
    over: bool


def key(number: int) -> str:
    """The job that works off a run."""
    return f"run:{number}"


def apply_run(visit: Visit, run: Run, *, fingerprint: str, draft: Draft | None = None) -> None:
    """Work off an approved plan in the background; the source is read again where it has changed."""
    options = reading.options(visit, draft) if draft else None
    reopen = visit.app.reopen(run, options) if run.kind.brings_contacts else None
    visit.door.work(
        key(run.number),
        lambda: apply(
            visit.door.facing(run.crm).world, user=visit.user, number=run.number, fingerprint=fingerprint, reopen=reopen
        ),
    )


def resume_run(visit: Visit, number: int) -> None:
    """Go on with a run that was stopped or whose server was killed: its approval stands."""
    crm = visit.world.store.runs.get(visit.user, number).crm
    visit.door.work(key(number), lambda: resume(visit.door.facing(crm).world, user=visit.user, number=number))


def go_on(visit: Visit) -> None:
    """Go on with the runs that were at work when the server ended."""
    for run in visit.world.store.runs.all(visit.user):
        if run.state is RunState.APPLYING:
            resume_run(visit, run.number)


def standing(visit: Visit, number: int) -> Standing:
    """Where the run is now."""
    run = visit.world.store.runs.get(visit.user, number)
    tally = visit.world.store.journal.counts(number)
    total = sum(count for (_, _, state, _), count in tally.items() if state is not State.HELD)
    left = sum(count for (_, _, state, _), count in tally.items() if state in {State.PLANNED, State.SENT})
    idle = not visit.app.jobs.running(key(number))
    over = idle and (run.state is not RunState.APPLYING or key(number) in visit.door.troubles)
    return Standing(
        run=run, counts=counts(visit.world, run), progress=Progress(phase="write", done=total - left, total=total), over=over
    )
