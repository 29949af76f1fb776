"""Where does each card of a file begin and end, and which lines belong together in it?

A card that is not closed ends where the next one begins; only after an empty AGENT does a card stand inside another.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

LARGEST_CARD = 32 * 1024 * 1024
"""Bytes; a card with more is not read."""

_DEEPEST = 4
_LINE_COST = 64
_HEAD = 1000

_BEGIN = re.compile(rb"(?i)\s*(?:[\w-]+\.)?BEGIN[ \t]*:[ \t]*VCARD\s*")
_END = re.compile(rb"(?i)\s*(?:[\w-]+\.)?END[ \t]*:[ \t]*VCARD\s*")
_AGENT_BEGIN = re.compile(rb"(?i)(?:[\w-]+\.)?AGENT(?:;[^:]*)?:\s*BEGIN[ \t]*:[ \t]*VCARD\s*")
_AGENT = re.compile(rb"(?i)(?:[\w-]+\.)?AGENT(?:;[^:]*)?:\s*")
_BASE64_HEAD = re.compile(rb"(?i)BASE64|ENCODING=\"?B\b")
_BASE64_LINE = re.compile(rb"[A-Za-z0-9+/=\s]+")
_NEVER_SWALLOWED = re.compile(rb"(?i)\s*(?:[\w-]+\.)?(?:(?:BEGIN|END)[ \t]*:[ \t]*VCARD\s*$|CLASS[;:])")


@dataclass(slots=True, kw_only=True)
class RawCard:
    """One card: the line it begins at, its unfolded lines with their numbers, and the cards inside it."""

    line: int
    lines: list[tuple[int, bytes]] = field(default_factory=list)
    agents: list[RawCard] = field(default_factory=list)
    closed: bool = True
    last: bool = False
    too_large: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Stray:
    """Text outside every card, from this line on; `ended` where it was the END of a card without a beginning."""

    line: int
    ended: bool


class _Folded:
    """A line that may go on in the lines after it."""

    def __init__(self, number: int, first: bytes) -> None:
        self.number = number
        self._parts = [first]
        head = first[:_HEAD].partition(b":")[0]
        self._quoted = b"QUOTED-PRINTABLE" in head.upper()
        self._base64 = bool(_BASE64_HEAD.search(head))

    def takes(self, line: bytes) -> bool:
        """Whether that line belongs to this one; if so, it is added."""
        if self._quoted and self._soft_break(line):
            return True
        if self._base64:
            taken = bool(_BASE64_LINE.fullmatch(line)) and bool(line.strip())
            addition = line.strip()
        else:
            taken = line[:1] in (b" ", b"\t")
            addition = line[1:]
        if taken:
            self._parts.append(addition)
        return taken

    def _soft_break(self, line: bytes) -> bool:
        last = self._parts[-1].rstrip(b" \t")
        if not last.endswith(b"=") or _NEVER_SWALLOWED.match(line):
            return False
        self._parts[-1] = last[:-1]
        self._parts.append(line)
        return True

    def whole(self) -> bytes:
        return b"".join(self._parts)


class _Assembler:
    """Puts lines together into cards, one line at a time."""

    def __init__(self) -> None:
        self._open: list[RawCard] = []
        self._deeper = 0
        self._size = 0
        self._current: _Folded | None = None
        self._outside = False

    def feed(self, number: int, line: bytes) -> Iterator[RawCard | Stray]:
        """What that line completes."""
        if self._open:
            self._measure(line)
        if self._current and self._current.takes(line):
            return
        self._settle()
        if _BEGIN.fullmatch(line) or (self._open and _AGENT_BEGIN.fullmatch(line)):
            yield from self._begin(number, nested=not _BEGIN.fullmatch(line))
        elif _END.fullmatch(line):
            yield from self._end(number)
        elif self._open:
            if line.strip() and not self._deeper and not self._open[0].too_large:
                self._current = _Folded(number, line)
        elif line.strip() and not self._outside:
            self._outside = True
            yield Stray(line=number, ended=False)

    def _measure(self, line: bytes) -> None:
        self._size += len(line) + _LINE_COST
        root = self._open[0]
        if self._size > LARGEST_CARD and not root.too_large:
            root.too_large = True
            self._current = None
            for card in self._open:
                card.lines.clear()
                card.agents.clear()

    def _settle(self) -> None:
        if self._current:
            self._open[-1].lines.append((self._current.number, self._current.whole()))
            self._current = None

    def _begin(self, number: int, *, nested: bool) -> Iterator[RawCard]:
        self._outside = False
        if self._deeper or (self._open and (nested or self._awaits_agent())):
            if self._deeper or len(self._open) == _DEEPEST:
                self._deeper += 1
            else:
                self._open.append(RawCard(line=number))
            return
        yield from self.unclosed()
        self._open.append(RawCard(line=number))
        self._size = 0

    def _awaits_agent(self) -> bool:
        lines = self._open[-1].lines
        return bool(lines) and bool(_AGENT.fullmatch(lines[-1][1]))

    def _end(self, number: int) -> Iterator[RawCard | Stray]:
        if self._deeper:
            self._deeper -= 1
        elif not self._open:
            self._outside = False
            yield Stray(line=number, ended=True)
        else:
            card = self._open.pop()
            if not self._open:
                yield card
            elif not self._open[0].too_large:
                self._open[-1].agents.append(card)

    def unclosed(self, *, last: bool = False) -> Iterator[RawCard]:
        """The card that is still open, if any."""
        self._settle()
        if self._open:
            root = self._open[0]
            root.closed = False
            root.last = last
            self._open.clear()
            self._deeper = 0
            yield root


def raw_cards(lines: Iterable[bytes]) -> Iterator[RawCard | Stray]:
    """The cards of a file in order, and what stands outside them."""
    assembler = _Assembler()
    for number, line in enumerate(lines, start=1):
        yield from assembler.feed(number, line)
    yield from assembler.unclosed(last=True)
