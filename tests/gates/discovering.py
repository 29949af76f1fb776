"""Which places of our clients ask a server for something, and which of them has a test been to?

Nobody keeps the list: the places are found in the source, and the visits by tracing, so that a new request cannot be forgotten.
"""

from __future__ import annotations

import ast
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

import carnet

_ROOT = Path(carnet.__file__).parent
_MADE = frozenset({"Part", "Call"})
_ASKED = frozenset({"get", "pages", "gather", "ask", "posted"})
_ASKERS = ("client", "asking")
_GENERAL = "client.py"
"""Sends what the others ask for, and asks for nothing by itself."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Place:
    """An expression that asks for something."""

    file: str
    first: int
    last: int
    text: str

    def __str__(self) -> str:
        """Where it is, and how it begins."""
        return f"{Path(self.file).name}:{self.first} {self.text}"


def places(package: str) -> list[Place]:
    """Every place of a package ("crms/dataverse") that makes a request."""
    files = (path for path in sorted((_ROOT / package).glob("*.py")) if path.name != _GENERAL)
    return [place for path in files for place in _places_in(path)]


def _places_in(path: Path) -> Iterator[Place]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and _asks(node.func):
            text = ast.unparse(node)[:80]
            yield Place(file=str(path), first=node.lineno, last=node.end_lineno or node.lineno, text=text)


def _asks(what: ast.expr) -> bool:
    if isinstance(what, ast.Name):
        return what.id in _MADE
    return isinstance(what, ast.Attribute) and what.attr in _ASKED and ast.unparse(what.value).endswith(_ASKERS)


def unvisited(package: str, *acts: Callable[[], object]) -> list[str]:
    """The places of the package that the acts never came to, in whatever thread."""
    seen: set[tuple[str, int]] = set()
    folder = str(_ROOT / package)

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        if not frame.f_code.co_filename.startswith(folder):
            return None
        if event == "line":
            seen.add((frame.f_code.co_filename, frame.f_lineno))
        return trace

    before = sys.gettrace()
    threading.settrace(trace)
    sys.settrace(trace)
    try:
        for act in acts:
            act()
    finally:
        sys.settrace(before)
        threading.settrace(None)
    found = places(package)
    return [str(each) for each in found if not any((each.file, line) in seen for line in range(each.first, each.last + 1))]
