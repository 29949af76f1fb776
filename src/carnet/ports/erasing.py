"""What must a store tell of a person, and what must it forget?"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from carnet.model.contact import Record
from carnet.model.link import Link
from carnet.model.plan import Entry
from carnet.model.run import Run


class Erasing(Protocol):
    """Forgetting what runs wrote and replaced."""

    def kept(self) -> tuple[Run, ...]:
        """The runs, whosever they are, whose values are still there; none that is at work or in an open draft."""
        ...

    def undoing(self, run: int) -> tuple[int, ...]:
        """The undos of a run, theirs, and so on."""
        ...

    def erase(self, runs: Sequence[int]) -> None:
        """Blank the journals of those runs, their questions, choices and source; counts, links and the ids stay."""
        ...

    def scrub(self) -> bool:
        """Leave no byte of what was erased in the file; False where somebody uses it now."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Mentioned:
    """Where the store speaks of somebody.

    `cards` are (reading, card), `entries` and `questions` begin with the number of their run, `links` with their mailbox;
    `remembered` are mailboxes that are known to have held such a card.
    """

    cards: tuple[tuple[str, Record], ...] = ()
    entries: tuple[tuple[int, Entry], ...] = ()
    links: tuple[tuple[str, Link], ...] = ()
    questions: tuple[tuple[int, str], ...] = ()
    remembered: tuple[str, ...] = ()


class Mentions(Protocol):
    """Looking for what is kept about somebody."""

    def of(self, user: str, text: str, *, targets: Collection[str]) -> Mentioned:
        """What is the user's and holds the text, in any case, or points at those CRM records."""
        ...
