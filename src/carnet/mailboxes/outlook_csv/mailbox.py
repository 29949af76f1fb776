"""How does a table file keep the promises of a mailbox?"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

from carnet.core.identity import Naming, fingerprint
from carnet.errors import DamagedFile, NotFound, Refused, Unmappable, Unreadable, UnsupportedFile
from carnet.mailboxes.outlook_csv import dates
from carnet.mailboxes.outlook_csv.columns import date_positions, table_of
from carnet.mailboxes.outlook_csv.detect import Dialect, detect
from carnet.mailboxes.outlook_csv.rows import MISPLACED, Row, Rows
from carnet.mailboxes.outlook_csv.translate import Table, clean, reason_to_hold, understand_row
from carnet.model.contact import KeyStrength, Record, SourceKey
from carnet.model.folder import Folder
from carnet.model.reading import Column, HeldBack, HeldBackReason, MailboxIdentity, Page, Repair, SkippedRecord
from carnet.ports.mailbox import MailboxCapabilities, OpenOptions

FOLDER = "all"
LARGEST_FILE = 512 * 1024 * 1024
"""Bytes; a larger file is refused."""
SAMPLES = 5
MOST_REPAIRS = 500
"""Repairs told of one reading; what goes past them is summed up in one line."""

_PAGE_SIZE = 200
_DATES_LOOKED_AT = 10_000
_LONGEST_SAMPLE = 200
_BLOCK = 1024 * 1024
_NUMBER = re.compile(r"[0-9]{1,12}")
_OTHER_DELIMITERS = ",;\t|"
_NARROW = 3
_WIDE = 20
_MIXED = "The row is separated by other characters than the rest of the file."
_TAIL = "The row belongs to a broken row above it."
_CUT = "The file ends in the middle of this row."
_NOBODY = "None of the columns that Carnet knows holds anything in this row."


def open_mailbox(path: Path, options: OpenOptions) -> CsvMailbox:
    """The contacts of a table file.

    NotFound where there is no such file, DamagedFile where it is empty, UnsupportedFile where it is too large or no text,
    BadSettings where an option names a column, field or encoding that does not exist.
    """
    return CsvMailbox(path, options)


class CsvMailbox:
    """One file is one mailbox with one folder; it is read anew for each reading, one row at a time."""

    def __init__(self, path: Path, options: OpenOptions) -> None:
        """Look through the file once: how it is written, and how many rows it has."""
        self._path = path
        self._label = options.name or path.name
        self._state = self._measured()
        try:
            self.dialect: Dialect = detect(path, encoding=options.encoding, region=options.region)
            self._digest = _digest(path)
        except OSError as error:
            raise _not_opened(path.name, error) from error
        self._table = table_of(self.dialect, by_hand=options.columns, region=options.region)
        self._look_through()

    @property
    def capabilities(self) -> MailboxCapabilities:
        """A table has columns, and nothing that names a row for good."""
        return MailboxCapabilities(columns=True, page_size=_PAGE_SIZE)

    def identity(self) -> MailboxIdentity:
        """All table files of a person are one address book."""
        return MailboxIdentity(key="csv", label=self._label, kind="csv")

    def folders(self) -> tuple[Folder, ...]:
        """The whole file."""
        return (
            Folder(id=FOLDER, name=Path(self._label).stem, path=(Path(self._label).stem,), count=self._count, is_default=True),
        )

    def read(self, folder: str, cursor: str | None = None) -> Iterator[Page]:
        """The pages of the file; NotFound for another folder, Refused where the file has changed since it was opened."""
        if folder != FOLDER:
            raise NotFound("The file has no folder {folder}.", "Choose the folder on offer.", folder=folder)
        skip = self._rows_before(cursor)
        if self._measured() != self._state:
            raise _changed()
        return self._pages(skip)

    def columns(self) -> tuple[Column, ...]:
        """Each column with what it was taken for and five samples, none of them from a private row."""
        return self._columns

    def close(self) -> None:
        """Nothing stays open between readings."""

    def _measured(self) -> tuple[int, int]:
        try:
            state = self._path.stat()
        except OSError as error:
            raise _not_opened(self._path.name, error) from error
        if state.st_size > LARGEST_FILE:
            raise UnsupportedFile(
                "The file has {size} MB; Carnet reads tables up to {most} MB.",
                "Export the contacts in several files, or as an Outlook data file (.pst).",
                size=state.st_size // 1024**2,
                most=LARGEST_FILE // 1024**2,
            )
        return state.st_size, state.st_mtime_ns

    def _rows_before(self, cursor: str | None) -> int:
        if cursor is None:
            return 0
        digest, _, number = cursor.partition(":")
        if not _NUMBER.fullmatch(number):
            raise Refused("Reading cannot go on from here.", "Read the file again from the start.")
        if digest != self._digest:
            raise _changed()
        if int(number) % _PAGE_SIZE or int(number) >= max(1, self._count):
            raise Refused("Reading cannot go on from here.", "Read the file again from the start.")
        return int(number)

    def _rows(self) -> Iterator[Row]:
        """The rows that hold something, titles left out."""
        try:
            with self._path.open(encoding=self.dialect.encoding, errors="replace", newline="") as file:
                rows = Rows(file, delimiter=self.dialect.delimiter)
                for row in rows:
                    rows.swallowed_at = _swallowed_at(self._table)
                    if row.line >= self.dialect.first and not row.blank:
                        yield row
        except OSError as error:
            raise _not_opened(self._path.name, error) from error

    def _look_through(self) -> None:
        """Count the rows, gather samples, and find out whether days or months come first."""
        self._count = 0
        samples: list[list[str]] = [[] for _ in self._table.keys]
        seen: list[str] = []
        positions = date_positions(self._table)
        sorting = _Sorting(self._table, self._digest)
        for row in self._rows():
            self._count += 1
            if len(seen) < _DATES_LOOKED_AT:
                seen.extend(row.cells[at] for at in positions if at < len(row.cells))
            if sorting.trouble(row) or reason_to_hold(row.cells, self._table)[0]:
                continue
            for kept, cell in zip(samples, row.cells, strict=False):
                if cell and len(kept) < SAMPLES:
                    text = clean(cell)[:_LONGEST_SAMPLE]
                    kept.extend([text] if text and text not in kept else [])
        day_first = dates.order(seen)
        if day_first is not None:
            self._table = replace(self._table, day_first=day_first)
        self._columns = tuple(
            Column(position=at, title=self._table.titles[at], field=key, samples=tuple(samples[at]))
            for at, key in enumerate(self._table.keys)
        )

    def _pages(self, skip: int) -> Iterator[Page]:
        sorting = _Sorting(self._table, self._digest)
        rows = self._rows()
        done = 0
        more = True
        while more:
            gathered = _Gathered()
            for row in islice(rows, _PAGE_SIZE):
                done += 1
                sorting.sort(row, gathered)
            more = done < self._count and gathered.size > 0
            if not more:
                sorting.finish(gathered)
            if done > skip or not more:
                yield gathered.page(f"{self._digest}:{done}" if more else None)


@dataclass(slots=True, kw_only=True)
class _Gathered:
    """What the next page will hold."""

    records: list[Record] = field(default_factory=list)
    held_back: list[HeldBack] = field(default_factory=list)
    skipped: list[SkippedRecord] = field(default_factory=list)
    repairs: list[Repair] = field(default_factory=list)

    @property
    def size(self) -> int:
        return len(self.records) + len(self.held_back) + len(self.skipped)

    def page(self, cursor: str | None) -> Page:
        return Page(
            records=tuple(self.records),
            held_back=tuple(self.held_back),
            skipped=tuple(self.skipped),
            repairs=tuple(self.repairs),
            cursor=cursor,
        )


class _Sorting:
    """Puts the rows of one reading where they belong, from the first one on: names depend on what came before."""

    def __init__(self, table: Table, digest: str) -> None:
        self._table = table
        self._digest = digest
        self._naming = Naming()
        self._repairs = 0
        self._in_tail = False

    def sort(self, row: Row, to: _Gathered) -> None:
        """Put that row into the page."""
        place = f"line {row.line}"
        if reason := self.trouble(row):
            to.skipped.append(SkippedRecord(folder=FOLDER, place=place, code=Unreadable.code, reason=reason))
            return
        held, unclear = reason_to_hold(row.cells, self._table)
        if held:
            self._hold(row, held, to)
            if unclear:
                self._tell((Repair(place=place, code=unclear),), to)
            return
        self._understand(row, place, to)

    def trouble(self, row: Row) -> str:
        """Why a row cannot be read, "" where it can.

        Behind a broken row the lines that do not reach the privacy columns are taken for its rest: what they hold may belong
        to a private contact.
        """
        if row.problem:
            self._in_tail = True
            return row.problem
        if self._in_tail and self._table.guards and len(row.cells) <= max(at for at, _ in self._table.guards):
            return _TAIL
        self._in_tail = False
        if row.mended and self._table.guards:
            return MISPLACED
        if row.open_ended and self._is_cut(row):
            return _CUT
        return _MIXED if self._is_mixed(row) else ""

    def finish(self, to: _Gathered) -> None:
        """Sum up the repairs that were not told."""
        if self._repairs > MOST_REPAIRS:
            to.repairs.append(Repair(place="", code="more-repairs", detail=str(self._repairs - MOST_REPAIRS)))

    def _is_cut(self, row: Row) -> bool:
        """Whether the row ends before its privacy columns do, so that nobody knows what they would have said."""
        last = max((at for at, kind in self._table.guards if kind != "mapped"), default=-1)
        return last >= 0 and not any(cell.strip() for cell in row.cells[last:])

    def _is_mixed(self, row: Row) -> bool:
        width = len(self._table.keys)
        if width < _NARROW or len(row.cells) != 1:
            return False
        most = max(row.cells[0].count(delimiter) for delimiter in _OTHER_DELIMITERS)
        return most + 1 >= max(_NARROW, width // 2)

    def _hold(self, row: Row, reason: HeldBackReason, to: _Gathered) -> None:
        key = hashlib.sha256(f"{self._digest}:{row.line}".encode()).hexdigest()[:32]
        to.held_back.append(HeldBack(key=key, folder=FOLDER, reason=reason))

    def _understand(self, row: Row, place: str, to: _Gathered) -> None:
        understood = understand_row(row.cells, self._table, place=place)
        if understood.empty:
            to.skipped.append(SkippedRecord(folder=FOLDER, place=place, code=Unmappable.code, reason=_NOBODY))
            return
        version = fingerprint(understood.contact)
        keys = (SourceKey(strength=KeyStrength.FINGERPRINT, key=version),)
        record = Record(
            id=self._naming.name(keys), folder=FOLDER, place=place, keys=keys, version=version, contact=understood.contact
        )
        to.records.append(record)
        self._tell(understood.repairs, to)

    def _tell(self, repairs: tuple[Repair, ...], to: _Gathered) -> None:
        to.repairs.extend(repairs[: max(0, MOST_REPAIRS - self._repairs)])
        self._repairs += len(repairs)


def _swallowed_at(table: Table) -> int:
    """How many delimiters make a line inside quotes look like a row: fewer than all only where a note never holds as many."""
    width = len(table.keys)
    if width >= _WIDE:
        return width // 2
    return width - 1 if table.guards and width > _NARROW else 0


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()[:16]


def _changed() -> Refused:
    return Refused("The file has changed since it was opened.", "Read it again from the start.")


def _not_opened(name: str, error: OSError) -> Refused:
    if isinstance(error, FileNotFoundError):
        return NotFound("There is no file {name}.", "Choose the file again.", name=name)
    return DamagedFile(
        "The file {name} cannot be read: {reason}.", "Copy it to this computer and try again.", name=name, reason=error.strerror
    )
