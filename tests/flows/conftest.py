"""What do the tests of flows share?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.rehearsal import Rehearsal, rehearse


@pytest.fixture
def carnet(tmp_path: Path) -> Iterator[Rehearsal]:
    rehearsal = rehearse(tmp_path)
    yield rehearsal
    rehearsal.world.store.close()
