"""Which people of a plan have several cards, and what follows when one of these is somebody else?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from carnet.core.kinship import pair_key
from carnet.core.persons import DIFFERENT, TWIN
from carnet.model.plan import Action, Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Together:
    """One person with several cards, the chosen one first."""

    cards: tuple[Entry, ...]


def together(entries: Sequence[Entry]) -> tuple[Together, ...]:
    """The people of whom a plan links several cards, in order."""
    targets = {entry.target for entry in entries if entry.reason == TWIN and entry.action is Action.LINK}
    people: dict[str, list[Entry]] = {}
    for entry in entries:
        if entry.target in targets and not (entry.record or "").startswith("account:"):
            people.setdefault(entry.target or "", []).append(entry)
    return tuple(Together(cards=tuple(cards)) for cards in people.values())


def told_apart(entries: Sequence[Entry], record: str) -> dict[str, str]:
    """The answers that part a card from every other card of its person."""
    for person in together(entries):
        ids = [card.record or "" for card in person.cards]
        if record in ids:
            return {pair_key(record, other): DIFFERENT for other in ids if other != record}
    return {}
