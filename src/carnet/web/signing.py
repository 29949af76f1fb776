"""Who is signing in at an identity provider now, and which answer belongs to whom?"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from carnet.errors import CarnetError, NotFound
from carnet.model.connection import Connection, Service
from carnet.ports.clock import Clock
from carnet.ports.ids import Ids

LASTING = timedelta(minutes=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """A sign-in that was begun: `address` is where the person does it, `flow` what finishing it needs (secret).

    `typed` is what they typed to begin it, should they have to begin again.
    """

    connection: Connection
    address: str = ""
    flow: Mapping[str, Any] = field(default_factory=dict, repr=False)
    typed: Mapping[str, str] = field(default_factory=dict)
    id: str = ""
    begun_at: datetime | None = None
    signed_in: bool = False
    error: CarnetError | None = None

    @property
    def is_open(self) -> bool:
        """Whether nobody has come back yet."""
        return not self.signed_in and self.error is None

    @property
    def service(self) -> Service:
        """Where one signs in."""
        return self.connection.service


class SignIns:
    """The sign-ins that were begun here; they are in memory alone and last fifteen minutes."""

    def __init__(self, clock: Clock, ids: Ids) -> None:
        """Nobody is signing in."""
        self._clock = clock
        self._ids = ids
        self._pending: dict[str, Pending] = {}
        self._lock = threading.Lock()

    def add(self, pending: Pending) -> str:
        """Keep it, and say what it is called."""
        now = self._clock.now()
        kept = replace(pending, id=self._ids.token(), begun_at=now)
        with self._lock:
            old = [key for key, each in self._pending.items() if each.begun_at and each.begun_at + LASTING < now]
            for key in old:
                del self._pending[key]
            self._pending[kept.id] = kept
        return kept.id

    def get(self, user: str, pending: str) -> Pending:
        """That sign-in; NotFound where it is over or somebody else's."""
        found = self._pending.get(pending)
        if found is None or found.connection.user != user:
            raise NotFound("This sign-in is over.", "Begin again on the page of connections.")
        return found

    def is_open(self, user: str, pending: str) -> bool:
        """Whether somebody may still come back from that sign-in."""
        found = self._pending.get(pending)
        return found is not None and found.connection.user == user and found.is_open

    def of_state(self, state: str) -> Pending | None:
        """The sign-in that an identity provider's answer belongs to."""
        with self._lock:
            waiting = [each for each in self._pending.values() if each.is_open]
        return next((each for each in waiting if state and each.flow.get("state") == state), None)

    def settle(self, pending: Pending, connection: Connection, error: CarnetError | None = None) -> None:
        """The person has signed in, or could not; what finishing needed is forgotten."""
        with self._lock:
            self._pending[pending.id] = replace(pending, connection=connection, signed_in=not error, error=error, flow={})

    def drop(self, pending: str) -> None:
        """Forget it."""
        with self._lock:
            self._pending.pop(pending, None)
