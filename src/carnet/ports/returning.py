"""What is remembered of mailboxes, so that the next export is known again?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from carnet.model.contact import Record
from carnet.model.known import KnownMailbox, SeenRecord
from carnet.model.run import Run


class Mailboxes(Protocol):
    """The mailboxes that a person has worked with, and what they held."""

    def all(self, user: str) -> tuple[KnownMailbox, ...]:
        """The user's mailboxes, the last seen first; those that only links speak of come last, without `seen_at`."""
        ...

    def of_source(self, user: str, source: str) -> str | None:
        """The key of the mailbox that a file was confirmed to be from, None while nobody has said."""
        ...

    def confirm(self, user: str, source: str, mailbox: str) -> None:
        """Keep that a file is from that mailbox, and nothing of what it holds."""
        ...

    def belong(self, user: str, reading: str, mailbox: str) -> None:
        """Settle which mailbox a reading is of."""
        ...

    def seen(self, user: str, mailbox: str) -> tuple[SeenRecord, ...]:
        """What the mailbox held when it was last worked off."""
        ...

    def remember(
        self, user: str, mailbox: KnownMailbox, *, source: str, seen: Sequence[SeenRecord], read: frozenset[str] | None
    ) -> None:
        """Keep the mailbox, its file, and what it holds now; `read` are the digests of the folders read, None for all."""
        ...

    def follow(self, run: Run, renames: Mapping[str, Record]) -> None:
        """Let links, what was undone and what was done go over to the ids and keys that their records have now.

        A link that stands in the way, its own record being gone, gets an id that no record has.
        """
        ...
