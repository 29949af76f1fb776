"""What does a command load before it does anything?"""

from __future__ import annotations

import subprocess
import sys

from cli.terminal import PATIENCE, Terminal, environment

LOADED = """
import sys
from carnet.cli.app import run
run(["runs"])
print(*sorted(set(sys.modules) & set(sys.argv[1].split())), file=sys.stderr)
"""
HEAVY = (
    "alembic",
    "carnet.testing.demo_mailbox",
    "carnet.web.app",
    "exchangelib",
    "fastapi",
    "httpx2",
    "msal",
    "structlog",
    "uvicorn",
)


def test_a_command_loads_neither_the_pages_nor_what_other_commands_need(terminal: Terminal) -> None:
    assert terminal.json("runs") == []  # the database is there, at its newest revision

    command = [sys.executable, "-c", LOADED, " ".join((*HEAVY, "sqlalchemy"))]
    told = subprocess.run(command, env=environment(terminal.home), capture_output=True, text=True, timeout=PATIENCE, check=False)

    assert told.returncode == 0
    assert told.stderr.split() == ["sqlalchemy"], "loaded before it is needed"
