"""What was read from a source?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from carnet.database import Database, among, chunks, portion, upsert
from carnet.errors import NotFound
from carnet.model.contact import Record
from carnet.model.folder import Folder
from carnet.model.reading import Changes, Page, Reading
from carnet.ports.store import Marked
from carnet.store.codec import CONTACT_LIST, FORMAT, HELD_BACK, KEYS, READING, RECORD, REPAIR, SKIPPED, Codec, Named, Row, stamp
from carnet.store.tables import kept, reading_folder, reading_note, reading_record
from carnet.store.tables import reading as table

_LIST, _SKIPPED, _REPAIR, _HELD = "list", "skipped", "repair", "held_back"
_SAVE_FOLDER = upsert(reading_folder)


class SqlReadings:
    """Readings and their records (`carnet.ports.store.Readings`)."""

    def __init__(self, database: Database) -> None:
        """Keep readings in that database."""
        self._database = database

    def start(self, reading: Reading) -> None:
        """Begin a reading: a row without records."""
        row = {
            "id": reading.id,
            "user_id": reading.user,
            "mailbox": reading.identity.key,
            "read_at": stamp(reading.read_at),
            "complete": reading.complete,
            "format": FORMAT,
            "payload": READING.encode(replace(reading, lists=(), skipped=(), repairs=())),
        }
        with self._database.write() as connection:
            connection.execute(sa.insert(table), row)

    def add(self, reading: str, folder: str, page: Page) -> None:
        """Keep a page and its cursor in one transaction; a record that comes again takes the place of its former self."""
        again = [record.id for record in page.records] + list(page.gone)
        place = {
            "reading": reading,
            "folder": folder,
            "cursor": page.cursor,
            "finished": page.cursor is None,
            "later": page.later,
        }
        with self._database.write() as connection:
            _require(connection, reading)
            connection.execute(sa.delete(kept).where(kept.c.reading == reading))
            for some in chunks(again):
                of_page = (reading_record.c.reading == reading, reading_record.c.record.in_(some))
                connection.execute(sa.delete(reading_record).where(*of_page))
            if page.records:
                connection.execute(sa.insert(reading_record), [_record_row(reading, record) for record in page.records])
            if notes := list(_notes(reading, folder, page)):
                connection.execute(sa.insert(reading_note), notes)
            connection.execute(_SAVE_FOLDER, place | {"later": page.later})

    def cursor(self, reading: str, folder: str) -> tuple[str | None, bool]:
        """Where to go on in that folder, and whether it was read to its end."""
        columns = reading_folder.c
        query = sa.select(columns.cursor, columns.finished).where(columns.reading == reading, columns.folder == folder)
        with self._database.read() as connection:
            row = connection.execute(query).one_or_none()
        return (None, False) if row is None else (row.cursor, row.finished)

    def offer(self, reading: str, folders: Sequence[Folder]) -> None:
        """Show those folders from now on; what was read stays."""
        with self._database.write() as connection:
            row = connection.execute(sa.select(table).where(table.c.id == reading)).one_or_none()
            if row is None:
                raise _missing(reading)
            now = replace(READING.decode(row.payload, row.format), folders=tuple(folders))
            connection.execute(sa.update(table).where(table.c.id == reading).values(payload=READING.encode(now), format=FORMAT))

    def finish(self, reading: str) -> None:
        """Mark it complete."""
        with self._database.write() as connection:
            _require(connection, reading)
            connection.execute(sa.update(table).where(table.c.id == reading).values(complete=True))

    def get(self, user: str, reading: str) -> Reading:
        """The reading with its counts, lists, skips and repairs."""
        notes = reading_note.c
        with self._database.read() as connection:
            row = connection.execute(sa.select(table).where(table.c.id == reading, table.c.user_id == user)).one_or_none()
            if row is None:
                raise _missing(reading)
            query = sa.select(notes.kind, notes.payload, notes.format).where(notes.reading == reading, notes.kind != _HELD)
            kept = connection.execute(query.order_by(notes.number)).all()
            totals = _totals(connection, reading).values()
        return replace(
            READING.decode(row.payload, row.format),
            complete=row.complete,
            records=sum(total[0] for total in totals),
            held_back=sum(total[1] for total in totals),
            lists=_decoded(CONTACT_LIST, kept, _LIST),
            skipped=_decoded(SKIPPED, kept, _SKIPPED),
            repairs=_decoded(REPAIR, kept, _REPAIR),
        )

    def records(
        self, reading: str, *, folders: frozenset[str] | None = None, ids: Sequence[str] | None = None
    ) -> tuple[Record, ...]:
        """Its records in the order read; of those folders or ids only, where given."""
        query = sa.select(reading_record).where(reading_record.c.reading == reading)
        if folders is not None:
            query = query.where(reading_record.c.folder.in_(sorted(folders)))
        with self._database.read() as connection:
            if ids is None:
                rows = connection.execute(query.order_by(reading_record.c.number)).all()
            else:
                found = [
                    row for some in chunks(ids) for row in connection.execute(query.where(reading_record.c.record.in_(some)))
                ]
                rows = sorted(found, key=lambda row: row.number)
        return tuple(map(record_of, rows))

    def marks(self, reading: str) -> tuple[Marked, ...]:
        """What its records are called, without what they say, in the order read."""
        columns = reading_record.c
        query = sa.select(columns.record, columns.folder, columns.version, portion(columns.payload, "keys"), columns.format)
        with self._database.read() as connection:
            rows = connection.execute(query.where(columns.reading == reading).order_by(columns.number)).all()
        return tuple(
            Marked(id=record, folder=folder, version=at, keys=KEYS.decode(keys, made).keys)
            for record, folder, at, keys, made in rows
        )

    def totals(self, reading: str) -> Mapping[str, tuple[int, int, int, int]]:
        """Folder id → (records, held back, contact lists, skipped)."""
        with self._database.read() as connection:
            return _totals(connection, reading)

    def laters(self, reading: str) -> Mapping[str, str]:
        """Folder id → from where on the mailbox tells what changes after this reading."""
        columns = reading_folder.c
        query = sa.select(columns.folder, columns.later).where(columns.reading == reading, columns.later != "")
        with self._database.read() as connection:
            return {row.folder: row.later for row in connection.execute(query)}

    def change(self, reading: str, changes: Changes) -> None:
        """Bring its records and cursors to where the mailbox is now, in one transaction."""
        here = reading_record.c.reading == reading
        again = [*(record.id for record in changes.records), *changes.gone]
        held = {each.key for each in changes.held_back}
        with self._database.write() as connection:
            _require(connection, reading)
            connection.execute(sa.delete(kept).where(kept.c.reading == reading))
            for some in chunks(again):
                connection.execute(sa.delete(reading_record).where(here, reading_record.c.record.in_(some)))
            _forget_held(connection, reading, held | set(again))
            if changes.records:
                connection.execute(sa.insert(reading_record), [_record_row(reading, record) for record in changes.records])
            for folder in changes.cursors:
                told = Page(
                    held_back=tuple(each for each in changes.held_back if each.folder == folder),
                    skipped=tuple(each for each in changes.skipped if each.folder == folder),
                )
                if notes := list(_notes(reading, folder, told)):
                    connection.execute(sa.insert(reading_note), notes)
            for folder, later in changes.cursors.items():
                connection.execute(
                    sa.update(reading_folder)
                    .where(reading_folder.c.reading == reading, reading_folder.c.folder == folder)
                    .values(later=later)
                )

    def copy(self, reading: str, into: Reading, *, folders: frozenset[str] | None = None) -> None:
        """Begin `into` as a complete copy of a reading's records, notes and cursors, or of those folders'."""
        self.start(replace(into, complete=True))
        with self._database.write() as connection:
            for source in (reading_folder, reading_record, reading_note):
                copied = [column for column in source.columns if column.name not in {"reading", "number"}]
                rows = sa.select(sa.literal(into.id), *copied).where(source.c.reading == reading)
                if folders is not None:
                    rows = rows.where(among(source.c.folder, folders))
                if "number" in source.c:
                    rows = rows.order_by(source.c.number)
                names = ["reading", *(column.name for column in copied)]
                connection.execute(sa.insert(source).from_select(names, rows))

    def drop(self, user: str, reading: str, *, keep: Sequence[str] = ()) -> None:
        """Forget its records but for the ids to keep; without any, forget the reading as well."""
        owned = (table.c.id == reading, table.c.user_id == user)
        columns = reading_record.c
        with self._database.write() as connection:
            if not keep:
                connection.execute(sa.delete(table).where(*owned))
            elif connection.execute(sa.select(table.c.id).where(*owned)).one_or_none() is not None:
                connection.execute(sa.delete(kept).where(kept.c.reading == reading))
                held = connection.scalars(sa.select(columns.record).where(columns.reading == reading)).all()
                for some in chunks(set(held) - set(keep)):
                    connection.execute(sa.delete(reading_record).where(columns.reading == reading, columns.record.in_(some)))


def _forget_held(connection: sa.Connection, reading: str, keys: set[str]) -> None:
    """Forget that those were held back: they are told anew, or gone."""
    notes = reading_note.c
    query = sa.select(notes.number, notes.payload, notes.format).where(notes.reading == reading, notes.kind == _HELD)
    numbers = [row.number for row in connection.execute(query) if HELD_BACK.decode(row.payload, row.format).key in keys]
    for some in chunks(numbers):
        connection.execute(sa.delete(reading_note).where(notes.number.in_(some)))


def _require(connection: sa.Connection, reading: str) -> None:
    if connection.execute(sa.select(table.c.id).where(table.c.id == reading)).one_or_none() is None:
        raise _missing(reading)


def _missing(reading: str) -> NotFound:
    return NotFound("There is no reading {reading}", "Read the file again", reading=reading)


def _record_row(reading: str, record: Record) -> Row:
    return {
        "reading": reading,
        "record": record.id,
        "folder": record.folder,
        "place": record.place,
        "version": record.version,
        "format": FORMAT,
        "payload": RECORD.encode(Named(keys=record.keys, contact=record.contact)),
    }


def record_of(row: sa.Row[Any]) -> Record:
    """The record of a row."""
    named = RECORD.decode(row.payload, row.format)
    return Record(id=row.record, folder=row.folder, place=row.place, keys=named.keys, version=row.version, contact=named.contact)


def _notes(reading: str, folder: str, page: Page) -> Iterable[Row]:
    noted = (
        *((_HELD, HELD_BACK.encode(held)) for held in page.held_back),
        *((_LIST, CONTACT_LIST.encode(found)) for found in page.lists),
        *((_SKIPPED, SKIPPED.encode(skipped)) for skipped in page.skipped),
        *((_REPAIR, REPAIR.encode(repair)) for repair in page.repairs),
    )
    for kind, payload in noted:
        yield {"reading": reading, "folder": folder, "kind": kind, "format": FORMAT, "payload": payload}


def _decoded(codec: Codec[Any], rows: Iterable[Any], kind: str) -> tuple[Any, ...]:
    return tuple(codec.decode(row.payload, row.format) for row in rows if row.kind == kind)


def _totals(connection: sa.Connection, reading: str) -> dict[str, tuple[int, int, int, int]]:
    counted: dict[tuple[str, str], int] = {}
    folder, record, note = reading_folder.c, reading_record.c, reading_note.c
    records = sa.select(record.folder, sa.func.count()).where(record.reading == reading).group_by(record.folder)
    for name, count in connection.execute(records):
        counted[name, "record"] = count
    notes = sa.select(note.folder, note.kind, sa.func.count()).where(note.reading == reading).group_by(note.folder, note.kind)
    for name, kind, count in connection.execute(notes):
        counted[name, kind] = count
    begun = connection.scalars(sa.select(folder.folder).where(folder.reading == reading))
    names = dict.fromkeys([*begun, *(name for name, _kind in counted)])

    def of(name: str, kind: str) -> int:
        return counted.get((name, kind), 0)

    return {name: (of(name, "record"), of(name, _HELD), of(name, _LIST), of(name, _SKIPPED)) for name in names}
