"""What is found in a reading that had better be mended in the mailbox first? Nothing is changed."""

from __future__ import annotations

from collections import defaultdict

from carnet.core.completing import label
from carnet.core.kinship import Twins
from carnet.core.normalise import company_key
from carnet.core.preparing import Shared, count, find
from carnet.core.twinning import find as find_twins
from carnet.core.variants import AS_WRITTEN
from carnet.flows.events import Watcher, nobody
from carnet.flows.observe import Observed, observe
from carnet.flows.seen import Sight, look
from carnet.flows.variants import propose
from carnet.model.finding import Finding
from carnet.model.rule import RuleKind
from carnet.ports.world import World

_COUNTS, _CROWDED = "preparation", "findings:crowded"


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


def count_crowded(
    world: World, *, user: str, reading: str, folders: frozenset[str] | None = None, watch: Watcher = nobody
) -> int:
    """How many addresses, numbers and names so many different people share that cards were not compared by them."""
    sight = look(world, user=user, reading=reading, folders=folders, watch=watch)
    return sight.kept(
        _CROWDED, int, lambda: len(_find_twins(sight, observe(world, user=user, reading=reading, folders=folders)).crowded)
    )


def are_counted(world: World, *, user: str, reading: str, folders: frozenset[str] | None = None) -> bool:
    """Whether the counts need not be worked out."""
    return look(world, user=user, reading=reading, folders=folders).has(_COUNTS)


def _check(sight: Sight, *, watch: Watcher) -> tuple[Finding, ...]:
    seen = observe(sight.world, user=sight.user, reading=sight.reading.id, folders=sight.folders, watch=watch)
    return find(
        seen.records,
        resolutions=seen.resolutions,
        region=sight.world.region,
        twins=_twins(sight, seen),
        variants=_variants(sight, seen, watch=watch),
    )


def _variants(sight: Sight, seen: Observed, *, watch: Watcher) -> list[Shared]:
    """The companies that may be written in several ways, each with the cards that name it."""
    proposed = propose(sight.world, user=sight.user, reading=sight.reading.id, folders=sight.folders, watch=watch)
    cards: defaultdict[str, list[str]] = defaultdict(list)
    for record in seen.records:
        company = record.contact.extras.get(AS_WRITTEN, record.contact.get("company"))
        cards[company_key(company)].append(record.id)
    found = ((each.name, [card for member in each.members for card in cards[member.key]]) for each in proposed)
    return [Shared(about=name, records=records, fields=("company",)) for name, records in found if records]


def _twins(sight: Sight, seen: Observed) -> list[Shared]:
    """The people who are on several cards for certain; who is only likely is asked in the review."""
    twins = _find_twins(sight, seen)
    sight.keep(_CROWDED, int, len(twins.crowded))
    names = {record.id: label(record.contact) for record in seen.records}
    return [
        Shared(about=max((names[each] for each in one.records), key=len), records=one.records, fields=("company", "email1"))
        for one in twins.clusters
    ]


def _find_twins(sight: Sight, seen: Observed) -> Twins:
    links = {record: link.target for record, link in seen.links.items()}
    told = (rule for rule in sight.world.store.rules.all(sight.user) if rule.kind is RuleKind.NOT_SAME)
    return find_twins(
        seen.records, region=sight.world.region, links=links, apart=frozenset(frozenset(rule.members) for rule in told)
    )
