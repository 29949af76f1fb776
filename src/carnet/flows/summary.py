"""What has come of a run?"""

from __future__ import annotations

from carnet.core.summarising import counts as add_up
from carnet.core.summarising import undo_counts as count_undo
from carnet.model.run import Counts, Run
from carnet.ports.world import World


def counts(world: World, run: Run) -> Counts:
    """The summary of a run from its journal."""
    return add_up(run, world.store.journal.counts(run.number), updated=world.store.journal.updated(run.number))


def undo_counts(world: World, run: Run) -> dict[str, int]:
    """What an undo did, by kind of thing."""
    return count_undo(world.store.journal.counts(run.number))
