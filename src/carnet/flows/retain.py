"""What is forgotten of a run, when its time has come or a person wants it?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from carnet.core.retaining import kept_until
from carnet.errors import Refused
from carnet.flows.index import refresh
from carnet.model.run import Run, RunState
from carnet.ports.world import World


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """The runs whose values were blanked; `clean` tells that the file was rewritten, so that no byte is left."""

    runs: tuple[int, ...]
    clean: bool


def expire(world: World) -> Erased:
    """Forget every run whose last day is over, whosever it is; nothing is done where there is none."""
    today = world.clock.now().date()
    over = [run for run in world.store.erasing.kept() if (last := kept_until(run, world.policy)) and last < today]
    return _erase(world, over) if over else Erased(runs=(), clean=True)


def forget_run(world: World, *, user: str, number: int) -> Erased:
    """Forget what a run and its undos wrote and replaced, their readings and uploads; links and CRM records stay.

    Raises Refused while one of them is at work. Doing it again only cleans the file.
    """
    runs = world.store.runs
    chain = [runs.get(user, each) for each in (number, *world.store.erasing.undoing(number))]
    if any(run.state is RunState.APPLYING for run in chain):
        raise Refused("Run {number} is at work.", "Stop it first, or wait.", number=number)
    refresh(world)  # what is gone from the CRM is gone from the index too
    return _erase(world, chain)


def _erase(world: World, runs: Sequence[Run]) -> Erased:
    for run in runs:
        for draft in world.store.drafts.all(run.user):
            if draft.run == run.number:
                if draft.upload and draft.source:
                    Path(draft.source).unlink(missing_ok=True)
                world.store.drafts.delete(run.user, draft.id)
        if run.reading:
            world.store.readings.drop(run.user, run.reading)
    numbers = tuple(run.number for run in runs)
    world.store.erasing.erase(numbers)
    return Erased(runs=numbers, clean=world.store.erasing.scrub())
