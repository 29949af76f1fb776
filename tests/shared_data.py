"""Where are the real files and contracts that tests read?"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(os.environ.get("CARNET_SHARED") or Path(__file__).parents[2] / "shared")


def shared(*parts: str) -> Path:
    """A path of the shared folder; skips the test where it is absent, and fails it in CI."""
    path = ROOT.joinpath(*parts)
    if not path.exists():
        reason = f"shared data is absent: {'/'.join(parts)} (set CARNET_SHARED)"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return path
