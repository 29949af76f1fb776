"""Who uses the CRMs under test, and what time is it there?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from carnet.model.account import CrmUser
from carnet.ports.clock import Clock


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
def me() -> CrmUser:
    return CrmUser(id="8b3c2a10-0000-4000-8000-000000000001", name="Camille Martin", address="camille@carnet.example")
