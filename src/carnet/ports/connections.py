"""Which services has a person connected, and which mailbox belongs to which CRM user?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from carnet.model.connection import Connection, Pairing


class Connections(Protocol):
    """Connections and pairings; secrets are in the vault, never here."""

    def save(self, connection: Connection) -> None:
        """Insert or replace it."""
        ...

    def get(self, user: str, connection: str) -> Connection:
        """That connection; NotFound where it is not there or not the user's."""
        ...

    def all(self, user: str) -> tuple[Connection, ...]:
        """The user's connections, the oldest first."""
        ...

    def delete(self, user: str, connection: str) -> None:
        """Forget it and its pairing; no error where it is gone."""
        ...

    def pairings(self) -> tuple[Pairing, ...]:
        """Every pairing, whoever's it is."""
        ...

    def pair(self, pairing: Pairing, *, breaks: Sequence[Pairing] = ()) -> None:
        """Keep it, and forget those it breaks, in one transaction. Raises Locked where another one came in between."""
        ...
