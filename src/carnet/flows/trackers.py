"""Who else tracks a CRM record?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from carnet.flows.observe import BATCH
from carnet.ports.world import World


def trackers(world: World, *, user: str, targets: Iterable[str]) -> Mapping[str, tuple[str, ...]]:
    """CRM id → the names of the other users whose contacts are linked to it, by name; only those that have any.

    A name is all that is told of somebody else. Who is no user of the CRM any more has none, and is left out.
    """
    wanted = sorted(set(targets))
    linked: dict[str, tuple[str, ...]] = {}
    for start in range(0, len(wanted), BATCH):
        linked |= world.store.links.trackers(world.crm.key, wanted[start : start + BATCH])
    others = {target: [each for each in users if each != user] for target, users in linked.items()}
    if not any(others.values()):
        return {}
    known = {each.id: each.name for each in world.crm.users() if each.name}
    told = {target: tuple(sorted(known[each] for each in users if each in known)) for target, users in others.items()}
    return {target: names for target, names in told.items() if names}
