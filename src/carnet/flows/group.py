"""Which groups does a reading fall into, and how much of each has the CRM?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from carnet.core.grouping import group as group_records
from carnet.core.grouping import memberships
from carnet.flows.events import Watcher, nobody
from carnet.flows.observe import observe
from carnet.model.choices import Choices
from carnet.model.contact import Record
from carnet.model.group import Group
from carnet.model.match import Match
from carnet.ports.world import World


@dataclass(frozen=True, slots=True, kw_only=True)
class Grouping:
    """The groups with their coverage. `contacts` counts persons once, `memberships` once a group; `held_back` the private."""

    groups: tuple[Group, ...]
    contacts: int
    memberships: int
    held_back: int
    records: Mapping[str, Record]
    matches: Mapping[str, Match]


def group(world: World, *, user: str, reading: str, choices: Choices, watch: Watcher = nobody) -> Grouping:
    """Group the contacts of the ticked folders by the chosen mode."""
    seen = observe(world, user=user, reading=reading, folders=choices.folders, watch=watch)
    totals = world.store.readings.totals(reading)

    groups = group_records(seen.records, choices.mode, resolutions=seen.resolutions, matches=seen.matches)

    ticked = totals if choices.folders is None else {key: totals[key] for key in choices.folders if key in totals}
    return Grouping(
        groups=groups,
        contacts=len(seen.records),
        memberships=memberships(groups),
        held_back=sum(counts[1] for counts in ticked.values()),
        records={record.id: record for record in seen.records},
        matches=seen.matches,
    )
