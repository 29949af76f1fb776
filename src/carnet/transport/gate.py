"""May another request go out now?

One gate stands before each (application, mailbox or user), shared by everything in the process: it bounds the requests in
flight, and stays closed for exactly as long as the other side asks to be left alone.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from carnet.errors import Throttled

SLOTS = 4
"""Outlook lets an application have four requests in flight for each mailbox; Dataverse begins to complain at fifty-two."""


class Gate:
    """Slots for requests in flight, and a time until which nobody passes."""

    def __init__(
        self,
        slots: int = SLOTS,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Let `slots` requests be in flight at once."""
        self._slots = slots
        self._free = slots
        self._closed_until = 0.0
        self._clock = clock
        self._sleep = sleep
        self._changed = threading.Condition()

    @contextmanager
    def hold(self, slots: int = 1, *, patience: float = float("inf")) -> Iterator[None]:
        """Wait until that many slots are free and the gate is open; they are given back at the end.

        Raises Throttled where the gate stays closed for longer than `patience`, in seconds.
        """
        wanted = min(slots, self._slots)
        self._enter(wanted, patience)
        try:
            yield
        finally:
            with self._changed:
                self._free += wanted
                self._changed.notify_all()

    def close_for(self, seconds: float) -> None:
        """Let nobody pass for so long; a longer time that was set before stays."""
        with self._changed:
            self._closed_until = max(self._closed_until, self._clock() + seconds)

    @property
    def closed_for(self) -> float:
        """Seconds until it opens, 0 where it is open."""
        with self._changed:
            return max(0.0, self._closed_until - self._clock())

    def _enter(self, wanted: int, patience: float) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._free >= wanted)
                closed = self._closed_until - self._clock()
                if closed <= 0:
                    self._free -= wanted
                    return
            if closed > patience:
                raise throttled(closed)
            self._sleep(closed)


def throttled(seconds: float) -> Throttled:
    """What is said to a person who would wait too long."""
    return Throttled(
        "The other side asks to wait {seconds} seconds.", "Try again then; nothing is lost.", seconds=str(round(seconds))
    )


class Gates:
    """One gate for each (application, mailbox or user)."""

    def __init__(self, slots: int = SLOTS) -> None:
        """Gates of that many slots."""
        self._slots = slots
        self._gates: dict[tuple[str, str], Gate] = {}
        self._lock = threading.Lock()

    def of(self, application: str, whose: str) -> Gate:
        """The one gate of that pair."""
        with self._lock:
            return self._gates.setdefault((application, whose), Gate(self._slots))
