"""Does every command that a page tells people to type exist, with its options?"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from carnet.cli.app import application

PROJECT = Path(__file__).parents[2]
PAGES = [PROJECT / "README.md", *sorted((PROJECT / "docs").rglob("*.md"))]
COMMAND: Any = typer.main.get_command(application)

_FENCE = re.compile(r"^```\w*\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_CODE = re.compile(r"`(carnet [^`]+)`")
_TYPED = re.compile(r"(?:^|\$\(|\$ )(carnet .+?)\)?$", re.MULTILINE)


def typed(text: str) -> Iterator[str]:
    """The command lines of a page: in blocks of code, at the beginning of a line, and in the middle of a sentence."""
    for block in _FENCE.findall(text):
        yield from _TYPED.findall(block.replace("\\\n", " "))
    yield from (" ".join(each.split()) for each in _CODE.findall(_FENCE.sub("", text)))


def wrong(line: str) -> str:
    """What is wrong with a command line, "" where nothing is; what stands for something, in capitals or "…", is let be."""
    words = shlex.split(line.partition("#")[0].replace("…", "X"))[1:]
    here, known = COMMAND, {name for each in COMMAND.params for name in (*each.opts, *each.secondary_opts)} | {"--help"}
    for word in words:
        if word.startswith("--"):
            if word.partition("=")[0] not in known:
                return f"{word} in: {line}"
        elif commands := getattr(here, "commands", None):
            if word in commands:
                here = commands[word]
                known = known | {name for each in here.params for name in (*each.opts, *each.secondary_opts)}
            elif word.islower() and word.isalpha() and not any(each.startswith("--") for each in words[: words.index(word)]):
                return f"{word} in: {line}"
    return ""


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(PROJECT)))
def test_what_a_page_tells_people_to_type_can_be_typed(page: Path) -> None:
    assert [found for line in typed(page.read_text(encoding="utf-8")) if (found := wrong(line))] == []


def test_the_pages_tell_people_to_type_something() -> None:
    lines = [line for page in PAGES for line in typed(page.read_text(encoding="utf-8"))]
    assert len(lines) > 100
    assert "carnet doctor --output report.json" in lines


@pytest.mark.parametrize(
    "line", ["carnet fetch", "carnet plan a.pst --colour", "carnet crm contakts", "carnet connect microsoft365 --secret x"]
)
def test_what_cannot_be_typed_is_noticed(line: str) -> None:
    assert wrong(line)
