"""Where are the real files and contracts that tests read?"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(os.environ.get("CARNET_SHARED") or Path(__file__).parents[2] / "shared")


def shared(*parts: str) -> Path:
    """A path of the shared folder; skips the test where it is absent, and fails it in CI."""
    return present(ROOT.joinpath(*parts), "set CARNET_SHARED", required=os.environ.get("CI") == "true")


def present(path: Path, advice: str, *, required: bool = False) -> Path:
    """The path; skips the test where nothing is there, or fails it where something must be."""
    if not path.exists():
        reason = f"absent: {'/'.join(path.parts[-3:])} ({advice})"
        if required:
            pytest.fail(reason)
        pytest.skip(reason)
    return path
