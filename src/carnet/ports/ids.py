"""What is a new thing called?"""

from __future__ import annotations

from typing import Protocol


class Ids(Protocol):
    """Makes identifiers, so that a test can foresee them."""

    def run_number(self) -> int:
        """A random integer in 1 … 2**31-1."""
        ...

    def token(self) -> str:
        """An unguessable text, safe in an address: 43 characters of 256 random bits."""
        ...

    def record_key(self, *parts: str) -> str:
        """A UUIDv5 made of `parts` (organisation, mailbox, source key, generation): the same parts give the same id."""
        ...
