"""Which answers hold for every run, and what would dropping one change?"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from carnet.core.normalise import company_key
from carnet.core.variants import Effect, Spelling, effect
from carnet.errors import NotFound
from carnet.model.contact import Record
from carnet.model.rule import Rule, RuleKind
from carnet.ports.world import World

_SPELLINGS = "spellings"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A rule, and what dropping it would change in the file called `label`; "" where no file is read at present."""

    rule: Rule
    label: str
    effect: Effect


def spellings(records: Iterable[Record]) -> tuple[Spelling, ...]:
    """How the cards spell each company; the most common way is its title."""
    titles: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for record in records:
        company = record.contact.get("company").strip()
        if key := company_key(company):
            titles[key][company] += 1
    return tuple(
        Spelling(key=key, title=min(each, key=lambda title: (-each[title], title)), contacts=each.total())
        for key, each in titles.items()
    )


def standing(world: World, *, user: str, rules: Sequence[Rule]) -> tuple[Standing, ...]:
    """What each rule does to the newest draft's file, or else to that of the newest run whose reading is kept."""
    label, found = _present(world, user)
    return tuple(Standing(rule=rule, label=label, effect=effect(rule, found)) for rule in rules)


def find(world: World, *, user: str, rule: str) -> Rule:
    """That rule; NotFound where it is not there or not the user's."""
    for each in world.store.rules.all(user):
        if each.id == rule:
            return each
    raise NotFound("There is no rule {rule}.", "List the rules with: carnet rules", rule=rule)


def drop(world: World, *, user: str, rule: str) -> None:
    """Forget an answer: what it joined is apart again, what it kept apart may be proposed again."""
    world.store.rules.delete(user, rule)


def by_name(rules: Iterable[Rule]) -> dict[str, Rule]:
    """Company key of the name that a rule gives → the rule."""
    return {company_key(rule.name): rule for rule in rules if rule.kind is RuleKind.VARIANTS}


def _present(world: World, user: str) -> tuple[str, tuple[Spelling, ...]]:
    read = [(draft.reading, draft.choices.folders) for draft in world.store.drafts.all(user)]
    read += [(run.reading, run.choices.folders) for run in world.store.runs.all(user)]
    for reading, folders in read:
        if reading:
            try:
                header = world.store.readings.get(user, reading)
            except NotFound:  # its run was closed
                continue
            return header.identity.label, _kept(world, reading, folders)
    return "", ()


def _kept(world: World, reading: str, folders: frozenset[str] | None) -> tuple[Spelling, ...]:
    """The spellings of a reading, which hang on nothing but what was read."""
    stamp = "all" if folders is None else " ".join(sorted(folders))
    found = world.store.kept.get(reading, _SPELLINGS, stamp=stamp, kind=tuple[Spelling, ...])
    if found is None:
        found = spellings(world.store.readings.records(reading, folders=folders))
        world.store.kept.put(reading, _SPELLINGS, found, stamp=stamp, kind=tuple[Spelling, ...])
    return found
