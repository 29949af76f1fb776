"""Which commands does a tutorial show, and which lines of their output?

In a ```console block a line that begins with "$ " is a command; the lines under it are output, in order: "…" alone stands for
any lines, inside a line for any text, and the last columns of a table may be left out. Numbers of runs, fingerprints and ids
differ from run to run, so what a tutorial calls 316961944 is looked up, and put into the commands that follow. A comment
before a block gives the exit code of its last command, or says that it runs until it is stopped.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

MARK = re.compile(r"<!-- (?:exit code (?P<code>\d+)|(?P<stop>until stopped)) -->\n")
BLOCK = re.compile(rf"(?:{MARK.pattern})?```console\n(?P<text>.*?)```", re.DOTALL)
TOKEN = re.compile(r"\b(?:\d{9,10}|[0-9a-f]{24}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\b")
ANY = "…"
_BOX = re.compile("[─-╿]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One command line, the lines shown under it, and how it ends."""

    line: str
    shown: tuple[str, ...]
    code: int = 0
    until_stopped: bool = False


@dataclass(slots=True)
class Names:
    """What the tutorial's numbers are called in this run."""

    known: dict[str, str] = field(default_factory=dict)

    def put_into(self, text: str) -> str:
        """The text with this run's own numbers."""
        return TOKEN.sub(lambda found: self.known.get(found[0], found[0]), text)

    def find(self, shown: str, actual: list[str]) -> int | None:
        """The place of the first actual line that is the shown one; learns the numbers in it."""
        fresh = list(dict.fromkeys(each for each in TOKEN.findall(shown) if each not in self.known))
        parts = [f"(?P<t{fresh.index(part)}>[0-9a-f-]+)" if part in fresh else self._literal(part) for part in _cut(shown)]
        pattern = re.compile("".join(parts) + r"(?: .*)?")
        for place, line in enumerate(actual):
            if found := pattern.fullmatch(line):
                self.known |= {token: found[f"t{number}"] for number, token in enumerate(fresh)}
                return place
        return None

    def _literal(self, part: str) -> str:
        return ".*" if part == ANY else re.escape(self.known.get(part, part))


def commands(page: str) -> Iterator[Command]:
    """The commands of a page, in order."""
    for block in BLOCK.finditer(page):
        lines = block["text"].splitlines()
        starts = [place for place, line in enumerate(lines) if line.startswith("$ ")]
        for place, end in zip(starts, [*starts[1:], len(lines)], strict=True):
            last = place == starts[-1]
            yield Command(
                line=lines[place].removeprefix("$ "),
                shown=tuple(plain(line) for line in lines[place + 1 : end]),
                code=int(block["code"] or 0) if last else 0,
                until_stopped=bool(block["stop"]) and last,
            )


def plain(line: str) -> str:
    """The words of a line, without the frame of a table and with single spaces."""
    return " ".join(_BOX.sub(" ", line).split())


def unlike(command: Command, output: str, names: Names) -> str:
    """The first shown line that is not in the output in its order, "" where all are; learns the numbers in them."""
    rest = [plain(line) for line in output.splitlines()]
    for shown in command.shown:
        if shown == ANY:
            continue
        place = names.find(shown, rest)
        if place is None:
            return shown
        del rest[: place + 1]
    return ""


def _cut(shown: str) -> list[str]:
    """The line in pieces: numbers, "…" and what stands between them."""
    return [part for part in re.split(rf"({TOKEN.pattern})| ?({ANY}) ?", shown) if part]
