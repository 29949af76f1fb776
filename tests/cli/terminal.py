"""How do these tests type command lines, and which files do they name on them?"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from carnet.cli.app import run
from carnet.testing.pst_writer import Card, PstWriter

MAIN = "from carnet.cli.app import main; main()"
PATIENCE = 300


@dataclass(frozen=True, slots=True)
class Told:
    """How a command ended and what it printed."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class Terminal:
    """A person's terminal: every command works on the home that CARNET_HOME names."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.folder = home.parent

    def __call__(self, *arguments: object) -> Told:
        """Run one command in this process."""
        out, err = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            code = run([str(argument) for argument in arguments])
        return Told(code, out.getvalue(), err.getvalue())

    def json(self, *arguments: object, code: int = 0) -> Any:
        """What a command prints with --json; it must end with that exit code."""
        told = self(*arguments, "--json")
        assert told.code == code, told
        return told.json

    def apply(self, plan: Mapping[str, Any], *arguments: object, code: int = 0) -> Any:
        """Apply a plan that was just printed; its summary must add up."""
        done = self.json("apply", plan["run"], "--fingerprint", plan["fingerprint"], *arguments, code=code)
        assert adds_up(done["counts"]), done
        return done

    def contacts(self) -> dict[str, Any]:
        """The CRM's contacts by name; no two have one name."""
        found = self.json("crm", "contacts")
        by_name = {each["name"]: each for each in found}
        assert len(by_name) == len(found)
        return by_name

    def accounts(self) -> list[str]:
        return [each["name"] for each in self.json("crm", "accounts")]


def adds_up(counts: Mapping[str, int]) -> bool:
    """read = added + linked + already + held + failed + not selected + left out, once nothing waits."""
    fates = ("added", "linked", "already", "held", "failed", "not_selected", "left_out", "waiting")
    return counts["read"] == sum(counts.get(fate, 0) for fate in fates)


def environment(home: Path, **more: str) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH", "SYSTEMROOT", "TMPDIR", "HOME") if name in os.environ}
    return {**kept, "CARNET_HOME": str(home), "LANG": "C.UTF-8", "PYTHONUTF8": "1", **more}


def process(home: Path, *arguments: object, **more: str) -> subprocess.CompletedProcess[str]:
    """The same command in a process of its own, with nobody at its terminal."""
    return subprocess.run(
        [sys.executable, "-c", MAIN, *map(str, arguments)],
        env=environment(home, **more),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=PATIENCE,
        check=False,
    )


def card(name: str, *categories: str, sensitivity: int = 0, **values: str) -> Card:
    """A contact called "Given Surname"."""
    given, _, surname = name.rpartition(" ")
    return Card(
        values={"full_name": name, "given_name": given, "surname": surname, **values},
        categories=categories,
        sensitivity=sensitivity,
    )


def write_pst(path: Path, folders: Mapping[str, Iterable[Card]], *, password: bool = False) -> Path:
    """A data file; a folder's path has "/" between its parts, the first folder is the default one."""
    with PstWriter(path, password=password) as writer:
        nodes: dict[str, int] = {}
        for name, cards in folders.items():
            above, _, own = name.rpartition("/")
            nodes[name] = writer.folder(own, parent=nodes[above]) if above else writer.folder(own)
            if len(nodes) == 1:
                writer.name_default(nodes[name])
            for each in cards:
                writer.contact(nodes[name], each)
    return path


def write_csv(path: Path, *rows: str, titles: str = "First Name,Last Name,Company,E-mail Address,Private") -> Path:
    path.write_text("\r\n".join((titles, *rows, "")), encoding="utf-8")
    return path


def write_vcf(path: Path, *cards: str) -> Path:
    """Cards of the lines given, separated by "|"."""
    text = "".join(f"BEGIN:VCARD\nVERSION:3.0\n{each}\nEND:VCARD\n".replace("|", "\n") for each in cards)
    path.write_text(text.replace("\n", "\r\n"), encoding="utf-8")
    return path
