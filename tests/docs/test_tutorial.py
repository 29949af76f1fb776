"""Does everything happen as the tutorials say, command by command?"""

from __future__ import annotations

import os
import queue
import re
import shlex
import subprocess
import sys
import threading
import time
from pathlib import Path
from urllib.error import URLError
from urllib.request import HTTPCookieProcessor, build_opener

import pytest

from carnet.words import Words
from docs.transcript import Command, Names, commands, unlike

TUTORIALS = Path(__file__).parents[2] / "docs" / "tutorial"
CARNET = Path(sys.executable).with_name("carnet")
ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+/\S+")
PATIENCE = 120
LABELS = (
    *("Import Contacts", "Add Contacts", "Next", "Advanced", "Cancel", "Close", "History"),
    *("Welcome", "Folders", "Groups", "Review", "Summary"),
    *("Company Name", "Email Domain", "Categories", "Set Account", "Include Communication"),
)
"""Words of the wizard that a tutorial names; their French is that of the catalogue."""


class Terminal:
    """A shell without anybody at it, in a folder of its own."""

    def __init__(self, folder: Path, locale: str) -> None:
        self.folder = folder
        kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "TMPDIR") if name in os.environ}
        self.environment = {
            **kept,
            "HOME": str(folder),
            "LANG": locale,
            "PYTHONUTF8": "1",
            "COLUMNS": "240",
            "CARNET_PORT": "0",
            "BROWSER": "true",
        }

    def run(self, line: str) -> tuple[int, str]:
        """The exit code and the output of a command line."""
        if line.startswith("export "):
            self._export(line)
            return 0, ""
        done = subprocess.run(
            self._words(line),
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            timeout=PATIENCE,
            check=False,
        )
        return done.returncode, done.stdout

    def look(self, line: str) -> bytes:
        """What a browser sees at the address that the command prints; the command is ended then."""
        with subprocess.Popen(
            self._words(line), cwd=self.folder, env=self.environment, stdout=subprocess.PIPE, text=True, encoding="utf-8"
        ) as process:
            try:
                address = ADDRESS.search(_first_line(process))
                assert address, "no address was printed"
                return _visit(address[0])
            finally:
                process.kill()

    def _export(self, line: str) -> None:
        name, _, value = line.removeprefix("export ").partition("=")
        self.environment[name] = shlex.split(value)[0]

    def _words(self, line: str) -> list[str]:
        program, *arguments = shlex.split(line)
        assert program == "carnet"
        return [str(CARNET), *arguments]


def _visit(address: str) -> bytes:
    """The page, tried until the server takes connections: a person is slower than this test."""
    tries = 50
    while True:
        tries -= 1
        try:
            with build_opener(HTTPCookieProcessor()).open(address, timeout=PATIENCE) as answer:
                page: bytes = answer.read()
                return page
        except URLError as error:
            if not isinstance(error.reason, ConnectionRefusedError) or not tries:
                raise
            time.sleep(0.1)


def _first_line(process: subprocess.Popen[str]) -> str:
    lines: queue.Queue[str] = queue.Queue()
    assert process.stdout
    threading.Thread(target=lambda stream: lines.put(stream.readline()), args=(process.stdout,), daemon=True).start()
    return lines.get(timeout=PATIENCE)


def _follow(command: Command, terminal: Terminal, names: Names) -> None:
    line = names.put_into(command.line)
    if command.until_stopped:
        assert b"<title>" in terminal.look(line)
        return
    code, output = terminal.run(line)
    assert code == command.code, f"$ {line}\n{output}"
    missing = unlike(command, output, names)
    assert not missing, f"$ {line}\ndoes not show: {missing}\nbut:\n{output}"


@pytest.mark.parametrize(("page", "locale"), [("first-run.md", "en_GB.UTF-8"), ("premiers-pas.md", "fr_FR.UTF-8")])
def test_every_command_of_the_tutorial_does_what_the_tutorial_shows(page: str, locale: str, tmp_path: Path) -> None:
    steps = list(commands((TUTORIALS / page).read_text(encoding="utf-8")))
    terminal, names = Terminal(tmp_path, locale), Names()
    for step in steps:
        _follow(step, terminal, names)
    done = {shlex.split(step.line)[1] for step in steps if not step.line.startswith(("export", "carnet --home"))}
    assert {"folders", "groups", "plan", "questions", "answer", "apply", "show", "undo", "serve"} <= done


def test_both_tutorials_show_the_same_commands() -> None:
    english, french = (
        [Names({}).put_into(step.line) for step in commands((TUTORIALS / page).read_text(encoding="utf-8"))]
        for page in ("first-run.md", "premiers-pas.md")
    )
    assert english == french


@pytest.mark.parametrize(("page", "language"), [("first-run.md", "en"), ("premiers-pas.md", "fr")])
def test_the_tutorial_calls_pages_and_buttons_as_the_wizard_does(page: str, language: str) -> None:
    section = re.split(r"^## ", (TUTORIALS / page).read_text(encoding="utf-8"), flags=re.MULTILINE)[9]
    named = [" ".join(found.split()) for found in re.findall(r"\*{1,2}([^*]+)\*{1,2}", section)]
    labels = {label.rstrip(".") for found in named for label in found.split(" › ")}
    shown = {Words(language).t(message) for message in LABELS}

    assert labels == shown


def test_a_line_that_the_output_lacks_is_found() -> None:
    command = Command(line="carnet runs", shown=("316961944 Add Contacts … Ended", "…", "carnet undo 316961944"))
    names = Names()
    table = "│ 12345678 │ Add Contacts │ Carnet.pst │ Ended │\nUndo: no\ncarnet undo 12345678\n"

    assert unlike(command, table, names) == ""
    assert names.put_into("carnet show 316961944") == "carnet show 12345678"
    assert unlike(command, table.replace("undo 12345678", "undo 99999999"), names) == "carnet undo 316961944"
    assert unlike(command, table.replace("Ended", "Stopped"), names) == "316961944 Add Contacts … Ended"
