"""Who in a plan has several cards, what do these say of the person, and what follows when one of them is somebody else?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from carnet.core.comparing import understand
from carnet.core.completing import NAME_KEYS
from carnet.core.kinship import kin_of, pair_key, sure, ties
from carnet.core.persons import DIFFERENT, TWIN, differing, gathered
from carnet.model.account import RecordKind
from carnet.model.contact import Record
from carnet.model.match import Evidence
from carnet.model.plan import Action, Entry, State

FULL_NAME = "full_name"
_UNMADE = frozenset({State.HELD, State.FAILED})
_BEFORE = frozenset({Action.SKIP, Action.UPDATE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Together:
    """One person with several cards: the ids, the chosen one first, and the fields that are written of the person."""

    name: str
    cards: tuple[str, ...]
    written: tuple[str, ...]


def together(entries: Iterable[Entry]) -> tuple[Together, ...]:
    """The people of whom a plan links several cards, in order; cards linked before come last, those held or failed are left."""
    chosen: dict[str, Entry] = {}
    before: dict[str, list[str]] = {}
    twins: dict[str, list[str]] = {}
    for entry in entries:
        target, record = entry.target or "", entry.record or ""
        if entry.kind is not RecordKind.CONTACT or not target or not record or entry.state in _UNMADE:
            continue
        if entry.action in _BEFORE:
            before.setdefault(target, []).append(record)
        elif entry.action is Action.LINK and entry.reason == TWIN:
            twins.setdefault(target, []).append(record)
        elif entry.action in {Action.CREATE, Action.LINK}:
            chosen[target] = entry
    return tuple(
        Together(
            name=chosen[target].label,
            cards=(chosen[target].record or "", *cards, *before.get(target, ())),
            written=tuple(sorted({*chosen[target].values, *chosen[target].too_long})),
        )
        for target, cards in twins.items()
        if target in chosen
    )


def told_apart(people: Iterable[Together], record: str) -> dict[str, str]:
    """The answers that part a card from every other card of its person."""
    cards = next((person.cards for person in people if record in person.cards), ())
    return {pair_key(record, other): DIFFERENT for other in cards if other != record}


def choices_of(person: Together, cards: Sequence[Record]) -> dict[str, dict[str, str]]:
    """Field → card → its value, for the fields in which the cards differ; the card whose value is written comes first.

    `cards` are those of the person, the chosen one first. Names are offered as a whole, e-mails are all kept.
    """
    chosen, *others = cards
    whole = replace(chosen, contact=gathered(chosen, others))
    written = {*person.written, *([FULL_NAME] if set(NAME_KEYS) & set(person.written) else [])}
    return {
        field: {next(card.id for card in cards if card.contact.get(field) == value): value for value in values}
        for field, values in differing(whole, cards).items()
        if field in written
    }


def taken(card: Record, field: str) -> dict[str, str]:
    """The values that come with a field when it is taken from that card: a name comes whole, "" clears a part."""
    keys = (FULL_NAME, *NAME_KEYS) if field == FULL_NAME else (field,)
    return {key: card.contact.get(key) for key in keys}


def kept_without(edits: Mapping[str, Mapping[str, str]], card: Record, people: Iterable[Together]) -> dict[str, dict[str, str]]:
    """The edits of the cards but for values that were taken from that card: it is somebody else."""
    mine = next((person.cards for person in people if card.id in person.cards), ())
    return {each: _without(values, card) if each in mine else dict(values) for each, values in edits.items()}


def _without(edits: Mapping[str, str], card: Record) -> dict[str, str]:
    gone = {key for key, value in edits.items() if value and card.contact.get(key) == value}
    return {key: value for key, value in edits.items() if key not in {*gone, *(NAME_KEYS if FULL_NAME in gone else ())}}


def why_one(cards: Sequence[Record], region: str) -> dict[str, tuple[Evidence, ...]]:
    """For each card but the first, what ties it to the first, or to the card through which it is tied."""
    kin = [kin_of(card, region=region) for card in cards]
    known = {card.id: understand(card.contact, region) for card in cards}
    found = {}
    for one in kin[1:]:
        pairs = [ties(known[other.id], one) for other in kin if other is not one]
        others = [other for other in kin if other is not one]
        found[one.id] = next((tie for other, tie in zip(others, pairs, strict=True) if sure(other, one, tie)), pairs[0])
    return found
