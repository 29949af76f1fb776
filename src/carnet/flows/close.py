"""What is forgotten when a person has read the summary, or cancels?"""

from __future__ import annotations

from carnet.model.plan import State
from carnet.model.run import RunState
from carnet.ports.world import World


def close(world: World, *, user: str, number: int) -> None:
    """Forget the reading of a run, but for the cards that still wait for a decision or another try."""
    run = world.store.runs.get(user, number)
    if not run.reading or run.state is RunState.APPLYING:
        return
    waiting = (State.HELD, State.FAILED, State.PLANNED, State.SENT)
    keep = [entry.record for entry in world.store.journal.entries(number, states=waiting) if entry.record]
    world.store.readings.drop(user, run.reading, keep=keep)


def cancel(world: World, *, user: str, draft: str) -> None:
    """Leave nothing of a draft: neither its reading nor a plan that was never approved (W22)."""
    row = world.store.drafts.get(user, draft)
    if row.run is not None:
        world.store.runs.delete(user, row.run)
    if row.reading:
        world.store.readings.drop(user, row.reading)
    world.store.drafts.delete(user, draft)


def forget(world: World, *, user: str, reading: str) -> None:
    """Leave nothing of a reading that was only looked at."""
    world.store.readings.drop(user, reading)
