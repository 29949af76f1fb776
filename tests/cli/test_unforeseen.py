"""What does the terminal say when something happens that nobody foresaw?"""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

_PROGRAM = """
import threading
from carnet.cli.app import application, main

@application.command()
def stumble(*, json: bool = False) -> None:
    who = {"name": "Camille Roche"}
    raise ValueError(f"{who} <camille@contoso.com> cannot be written")

@application.command()
def aside() -> None:
    thread = threading.Thread(target=stumble)
    thread.start()
    thread.join()

main()
"""


def stumbled(*options: str) -> subprocess.CompletedProcess[str]:
    arguments = [sys.executable, "-c", _PROGRAM, *options]
    return subprocess.run(arguments, capture_output=True, text=True, check=False, timeout=60)


@pytest.mark.parametrize(("language", "said"), [("en", "Carnet did not foresee"), ("fr", "Carnet n’avait pas prévu")])
def test_a_fault_of_carnet_is_told_by_its_kind_and_place_alone(language: str, said: str) -> None:
    ended = stumbled("--language", language, "stumble")
    assert ended.returncode == 1
    assert said in ended.stderr
    assert "ValueError, cli/app.py:" in ended.stderr
    assert not [word for word in ("Camille", "camille@", "Traceback", "who =") if word in ended.stdout + ended.stderr]


def test_a_fault_of_carnet_is_one_document_too() -> None:
    ended = stumbled("stumble", "--json")
    assert ended.returncode == 1
    assert json.loads(ended.stdout)["error"]["code"] == "CA000"
    assert "Camille" not in ended.stdout + ended.stderr


def test_a_fault_in_a_thread_is_told_alike() -> None:
    ended = stumbled("aside")
    assert (ended.returncode, "ValueError" in ended.stderr) == (0, True)
    assert not [word for word in ("Camille", "camille@", "Traceback") if word in ended.stdout + ended.stderr]
