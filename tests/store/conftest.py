"""Where is the store under test, and what time is it there?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from carnet.ports.clock import Clock
from carnet.store import SqlStore, open_store


class Ticking:
    """A clock that goes on by a second at each look."""

    def __init__(self) -> None:
        self._now = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)

    def now(self) -> datetime:
        self._now += timedelta(seconds=1)
        return self._now


@pytest.fixture
def clock() -> Clock:
    return Ticking()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "carnet.db"


@pytest.fixture
def store(file: Path, clock: Clock) -> Iterator[SqlStore]:
    opened = open_store(file, clock=clock)
    yield opened
    opened.close()
