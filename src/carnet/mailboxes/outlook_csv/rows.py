r"""Where does each row of a table begin and end, and which rows cannot be trusted?

Rows are cut by Python's own csv reader, one at a time, so that one broken row never takes the next ones with it: after an
unclosed quotation mark the reader would swallow the rows that follow, private ones among them.
"""

from __future__ import annotations

import csv
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

LONGEST_LINE = 4 * 1024 * 1024
"""Characters; a longer line is skipped."""
MOST_LINES = 20_000
"""Lines that one row may span."""
_FEWEST_LINES = 50
_BLANKS = " \t\r\n\x1a\ufeff\xa0"
_FIELD_LIMIT = threading.Lock()

NOT_CLOSED = "A quotation mark in this row is never closed."
MISPLACED = "A quotation mark in this row stands where none may stand."
TOO_LONG = "The row is too long."
ZERO_BYTES = "The row holds zero bytes."


class Lines(Protocol):
    """A text file, opened with newline=""."""

    def readline(self, size: int = -1, /) -> str:
        """The next line with its end, at most `size` characters of it, "" at the end."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """The cells of one row and its first line (from 1); `problem` says why there are no cells.

    `mended`: a quotation mark stood where none may stand, so the cells may have shifted. `open_ended`: the file ends here,
    without an end of line, as it does where a copy was cut short.
    """

    line: int
    cells: tuple[str, ...] = ()
    problem: str = ""
    mended: bool = False
    open_ended: bool = False

    @property
    def blank(self) -> bool:
        """Whether nothing stands in it."""
        return not self.problem and not any(cell.strip(_BLANKS) for cell in self.cells)


class Rows(Iterator[Row]):
    """The rows of a file, blank ones included, from the next line on.

    `swallowed_at` is the number of delimiters from which a line inside quotes is taken for a row of its own that an unclosed
    quotation mark swallowed; 0 takes none for one.
    """

    def __init__(self, lines: Lines, *, delimiter: str, line: int = 1) -> None:
        """Read on from there; `line` is the number of the next line."""
        self._lines = lines
        self._delimiter = delimiter
        self._next = line
        self._ahead: deque[str] = deque()
        self._most = MOST_LINES
        self.swallowed_at = 0

    def __next__(self) -> Row:
        """The next row."""
        first = self._line()
        if not first:
            raise StopIteration
        start = self._next
        row, used = self._cut(start, first)
        self._next = start + used
        return row

    def _line(self) -> str:
        if self._ahead:
            return self._ahead.popleft()
        text = self._lines.readline(LONGEST_LINE)
        if len(text) == LONGEST_LINE and not text.endswith(("\n", "\r")):
            while (rest := self._lines.readline(LONGEST_LINE)) and not rest.endswith(("\n", "\r")):
                pass
        return text

    def _cut(self, start: int, first: str) -> tuple[Row, int]:
        if len(first) >= LONGEST_LINE:
            return Row(line=start, problem=TOO_LONG), 1
        taken = _Taken(first, self._line, most=self._most)
        try:
            cells = parse(taken, delimiter=self._delimiter, strict=True)
            mended = False
            problem = NOT_CLOSED if taken.ran_out else self._swallowed(taken.lines)
        except csv.Error:
            cells, problem = self._mended(taken)
            mended = True
        if taken.ran_out:  # a file full of such rows must not be read again and again
            self._most = max(_FEWEST_LINES, self._most // 2)
        if problem:
            self._ahead.extendleft(reversed(taken.lines[1:]))
            return Row(line=start, problem=problem), 1
        if any("\0" in line for line in taken.lines):
            return Row(line=start, problem=ZERO_BYTES), len(taken.lines)
        open_ended = not taken.lines[-1].endswith(("\n", "\r"))
        return Row(line=start, cells=tuple(cells), mended=mended, open_ended=open_ended), len(taken.lines)

    def _mended(self, taken: _Taken) -> tuple[list[str], str]:
        """A row that the strict reader refuses: kept where it is one line and its quotes come out even."""
        if taken.ran_out:
            return [], NOT_CLOSED
        if len(taken.lines) > 1 or taken.lines[0].count('"') % 2:
            return [], MISPLACED
        return parse(iter(taken.lines), delimiter=self._delimiter, strict=False), ""

    def _swallowed(self, lines: list[str]) -> str:
        if not self.swallowed_at:
            return ""
        return NOT_CLOSED if any(line.count(self._delimiter) >= self.swallowed_at for line in lines[1:-1]) else ""


class _Taken:
    """The lines that the csv reader takes for one row, kept so that they can be given back."""

    def __init__(self, first: str, more: _More, *, most: int) -> None:
        self.lines: list[str] = []
        self.ran_out = False
        self._first = first
        self._more = more
        self._most = most
        self._size = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if not self.lines:
            self.lines.append(self._first)
            return self._first
        line = self._more() if len(self.lines) < self._most and self._size < LONGEST_LINE else ""
        if not line:
            self.ran_out = True
            raise StopIteration
        self.lines.append(line)
        self._size += len(line)
        return line


class _More(Protocol):
    def __call__(self) -> str: ...


def parse(lines: Iterable[str], *, delimiter: str, strict: bool) -> list[str]:
    """The first row of these lines; csv.Error where `strict` and it is not well formed."""
    with _FIELD_LIMIT:
        usual = csv.field_size_limit(LONGEST_LINE * 2)
        try:
            return next(csv.reader(lines, delimiter=delimiter, strict=strict), [])
        finally:
            csv.field_size_limit(usual)
