"""Which groups does a reading fall into, and how much of each has the CRM?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from carnet.core.grouping import group as group_records
from carnet.core.grouping import memberships, without
from carnet.flows.events import Watcher, nobody
from carnet.flows.observe import observe
from carnet.flows.returning import not_new
from carnet.flows.seen import Sight, look
from carnet.model.choices import Choices
from carnet.model.group import Group, Mode
from carnet.model.match import Confidence
from carnet.ports.world import World


@dataclass(frozen=True, slots=True, kw_only=True)
class Grouping:
    """The groups with their coverage. `contacts` counts persons once, `memberships` once a group; `held_back` the private.

    `confidence` says how sure the CRM has each record; what is not in it, the CRM has not.
    """

    groups: tuple[Group, ...]
    contacts: int
    memberships: int
    held_back: int
    confidence: Mapping[str, Confidence]


def group(world: World, *, user: str, reading: str, choices: Choices, watch: Watcher = nobody) -> Grouping:
    """Group the contacts of the ticked folders by the chosen mode; what was grouped before and still holds is taken."""
    sight = look(world, user=user, reading=reading, folders=choices.folders, watch=watch)
    found = sight.kept(kept_as(choices.mode), Grouping, lambda: _group(sight, choices.mode, watch=watch))
    old = not_new(world, user=user, reading=reading) if choices.only_new else frozenset()
    return _without(found, old) if old else found


def kept_as(mode: Mode) -> str:
    """The name under which the groups of a mode are kept."""
    return f"groups:{mode}"


def _without(found: Grouping, old: frozenset[str]) -> Grouping:
    """The grouping without those records; what is left empty goes."""
    groups = tuple(less for each in found.groups if (less := without(each, old, found.confidence)).records)
    contacts = len({record for each in groups for record in each.records})
    return replace(found, groups=groups, contacts=contacts, memberships=memberships(groups))


def _group(sight: Sight, mode: Mode, *, watch: Watcher) -> Grouping:
    world, reading, folders = sight.world, sight.reading.id, sight.folders
    seen = observe(world, user=sight.user, reading=reading, folders=folders, watch=watch)
    groups = group_records(seen.records, mode, resolutions=seen.resolutions, matches=seen.matches)
    totals = world.store.readings.totals(reading)
    ticked = totals if folders is None else {key: totals[key] for key in folders if key in totals}
    return Grouping(
        groups=groups,
        contacts=len(seen.records),
        memberships=memberships(groups),
        held_back=sum(counts[1] for counts in ticked.values()),
        confidence={key: each.confidence for key, each in seen.matches.items() if each.confidence is not Confidence.NONE},
    )
