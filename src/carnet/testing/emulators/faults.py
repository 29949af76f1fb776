"""What shall go wrong, when, and how often?"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request, or one part of a batch: `path` is decoded and without the query, `target` as it came.

    The names of `headers` are in lower case. `user` is whose token came with it.
    """

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    target: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    user: str = ""
    part: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """The answer to it."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


class Trouble(StrEnum):
    """The kinds of fault."""

    STATUS = "status"
    """Answered with that status, nothing done."""
    HANG_UP = "hang_up"
    """The connection ends before anything is done."""
    HANG_UP_AFTER = "hang_up_after"
    """What was asked is done, and the connection ends without an answer."""
    DELAY = "delay"
    """The answer comes late."""
    DUPLICATE_ROWS = "duplicate_rows"
    """A page holds its last row twice."""
    REORDERED_ROWS = "reordered_rows"
    """A page comes in another order."""


def _whole_request(asked: Asked) -> bool:
    return not asked.part


@dataclass(slots=True, kw_only=True)
class Fault:
    """One fault: it strikes the next `times` requests that `when` picks (by default, whole requests)."""

    trouble: Trouble
    when: Callable[[Asked], bool] = _whole_request
    times: int = 1
    status: int = 500
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    seconds: float = 0.0


class Faults:
    """The faults that are still to come, in the order they were added."""

    def __init__(self) -> None:
        """Nothing goes wrong."""
        self._coming: list[Fault] = []
        self._lock = threading.Lock()

    def add(self, *faults: Fault) -> None:
        """Let these go wrong too."""
        with self._lock:
            self._coming += faults

    def drop(self, fault: Fault) -> None:
        """Let that one go wrong no more."""
        with self._lock:
            self._coming = [each for each in self._coming if each is not fault]

    def take(self, asked: Asked, *troubles: Trouble) -> Fault | None:
        """The fault of those kinds that strikes this request, if any does."""
        with self._lock:
            for fault in self._coming:
                if fault.times > 0 and fault.trouble in troubles and fault.when(asked):
                    fault.times -= 1
                    return fault
        return None

    def rows(self, asked: Asked, rows: Sequence[T]) -> list[T]:
        """The rows of a page as the faults let them be."""
        page = list(rows)
        if page and self.take(asked, Trouble.DUPLICATE_ROWS):
            page.append(page[-1])
        if len(page) > 1 and self.take(asked, Trouble.REORDERED_ROWS):
            page.reverse()
        return page

    @property
    def left(self) -> int:
        """How many have not struck yet."""
        with self._lock:
            return sum(fault.times for fault in self._coming)
