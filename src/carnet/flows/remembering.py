"""Which answers of a run hold for the next one as well?"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping

from carnet.core.completing import label
from carnet.core.identity import content_key
from carnet.core.persons import DIFFERENT, split_key
from carnet.flows.observe import observe
from carnet.model.contact import Record
from carnet.model.decision import QuestionKind
from carnet.model.match import Suggestion
from carnet.model.rule import Rule, RuleKind
from carnet.model.run import Run
from carnet.ports.world import World

_CREATED = f"{QuestionKind.PERSON}:"
_TWINS = f"{QuestionKind.TWINS}:"


def remember(world: World, run: Run) -> None:
    """Keep each "not the same" of an approved run as a rule: of two cards, and of a card and the CRM contacts it may have been.

    Answers about cards that the reading no longer holds were kept when their run was first approved.
    """
    if not run.reading or not any(map(_says_not_the_same, run.answers.items())):
        return
    cards = {record.id: record for record in world.store.readings.records(run.reading)}
    known = {rule.id for rule in world.store.rules.all(run.user)}
    for rule in (*_of_twins(run.answers, cards), *_of_contacts(world, run, cards)):
        if rule.id not in known:
            world.store.rules.save(run.user, rule)


def _says_not_the_same(item: tuple[str, str]) -> bool:
    key, value = item
    return (key.startswith(_TWINS) and value == DIFFERENT) or (key.startswith(_CREATED) and value == "create")


def _of_twins(answers: Mapping[str, str], cards: Mapping[str, Record]) -> Iterable[Rule]:
    for key, value in answers.items():
        if key.startswith(_TWINS) and value == DIFFERENT and (pair := split_key(key.removeprefix(_TWINS), cards.keys())):
            yield _rule({_member(cards[record]): label(cards[record].contact) for record in pair}, both=True)


def _of_contacts(world: World, run: Run, cards: Mapping[str, Record]) -> Iterable[Rule]:
    created = [
        record
        for key, value in run.answers.items()
        if key.startswith(_CREATED) and value == "create" and (record := key.removeprefix(_CREATED)) in cards
    ]
    matches = observe(world, user=run.user, reading=run.reading, ids=created).matches if created else {}
    for record in created:
        for each in matches[record].suggestions if record in matches else ():
            yield _rule({_member(cards[record]): label(cards[record].contact), **_contact(each)})


def _member(record: Record) -> str:
    return f"card:{content_key(record.contact)}"


def _contact(suggestion: Suggestion) -> dict[str, str]:
    return {f"contact:{suggestion.candidate.id}": suggestion.candidate.name}


def _rule(labels: Mapping[str, str], *, both: bool = False) -> Rule:
    """The rule of two members, whose id is made of them; two cards that share a content key are one member twice."""
    members = tuple(sorted(labels))
    members = (*members, *members)[:2] if both else members
    digest = hashlib.sha256("\n".join(members).encode()).hexdigest()[:24]
    return Rule(id=f"not-same-{digest}", kind=RuleKind.NOT_SAME, members=members, labels=labels)
