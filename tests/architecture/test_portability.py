"""Does Carnet start where the modules of POSIX are absent, as on Windows?"""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from architecture.sources import PACKAGE, modules

POSIX_ONLY = ("fcntl", "grp", "posix", "pty", "pwd", "resource", "syslog", "termios", "tty")
LOADED_BY_PYTHON_ITSELF = {"posix"}
ABSENT = [name for name in POSIX_ONLY if name not in LOADED_BY_PYTHON_ITSELF]

IMPORT_EVERYTHING = """
import importlib, sys
for name in {absent!r}:
    sys.modules[name] = None
for name in {names!r}:
    importlib.import_module(name)
print(len({names!r}))
"""


def names() -> list[str]:
    """Every module that a person's Carnet may load; migrations are loaded by their tool, suites by tests."""
    found = []
    for path in modules():
        parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
        if "migrations" in parts or parts[-1].endswith("_suite"):
            continue
        found.append(".".join(parts[:-1] if parts[-1] == "__init__" else parts))
    return found


def test_every_module_can_be_imported_without_what_only_posix_has() -> None:
    program = IMPORT_EVERYTHING.format(absent=ABSENT, names=names())
    windows = {**os.environ, "USERNAME": "somebody"}  # where Windows says who one is
    run = subprocess.run([sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, check=False, env=windows)
    assert run.returncode == 0, run.stderr[-3000:]
    assert int(run.stdout) > 50


@pytest.mark.parametrize("name", ABSENT)
def test_the_probe_notices_a_module_that_is_absent(name: str) -> None:
    program = IMPORT_EVERYTHING.format(absent=ABSENT, names=[name])
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert run.returncode == 1
    assert name in run.stderr
