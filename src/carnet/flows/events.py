"""How far is a flow? Progress as values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """`done` of `total` (0 where unknown) in a phase: "read", "match", "look" (the second look), "write"."""

    phase: str
    done: int
    total: int = 0


Watcher = Callable[[Progress], None]


def nobody(progress: Progress) -> None:
    """Watch nothing."""
    del progress
