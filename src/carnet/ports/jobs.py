"""What does Carnet need to do work while nobody waits for the answer?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol


class Jobs(Protocol):
    """Promises: one job runs per key at a time; a job that raises is reported, not lost; `close` waits for the running ones."""

    def start(self, key: str, work: Callable[[], None]) -> bool:
        """Run `work` soon; False where a job of that key is already waiting or running."""
        ...

    def running(self, key: str) -> bool:
        """Whether a job of that key is waiting or running here."""
        ...

    def close(self) -> None:
        """Wait for what runs and take nothing new."""
        ...
