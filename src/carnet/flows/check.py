"""What is found in a reading that had better be mended in the mailbox first? Nothing is changed."""

from __future__ import annotations

from carnet.core.preparing import count, find
from carnet.flows.events import Watcher, nobody
from carnet.flows.observe import observe
from carnet.flows.seen import Sight, look
from carnet.model.finding import Finding
from carnet.ports.world import World

_COUNTS = "preparation"


def check(
    world: World, *, user: str, reading: str, folders: frozenset[str] | None = None, watch: Watcher = nobody
) -> tuple[Finding, ...]:
    """Every finding over the ticked folders, by kind; what was found before and still holds is taken."""
    sight = look(world, user=user, reading=reading, folders=folders, watch=watch)
    return sight.kept("findings", tuple[Finding, ...], lambda: _check(sight, watch=watch))


def count_findings(
    world: World, *, user: str, reading: str, folders: frozenset[str] | None = None, watch: Watcher = nobody
) -> dict[str, int]:
    """How many there are of each kind."""
    sight = look(world, user=user, reading=reading, folders=folders, watch=watch)
    return sight.kept(
        _COUNTS,
        dict[str, int],
        lambda: count(check(world, user=user, reading=reading, folders=folders, watch=watch)),
    )


def are_counted(world: World, *, user: str, reading: str, folders: frozenset[str] | None = None) -> bool:
    """Whether the counts need not be worked out."""
    return look(world, user=user, reading=reading, folders=folders).has(_COUNTS)


def _check(sight: Sight, *, watch: Watcher) -> tuple[Finding, ...]:
    seen = observe(sight.world, user=sight.user, reading=sight.reading.id, folders=sight.folders, watch=watch)
    return find(seen.records, resolutions=seen.resolutions, region=sight.world.region)
