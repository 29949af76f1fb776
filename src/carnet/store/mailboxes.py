"""Which mailboxes are known, and what did each hold?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import sqlalchemy as sa

from carnet.database import Database, among, upsert, write_many
from carnet.errors import NotFound
from carnet.model.contact import Record
from carnet.model.known import KnownMailbox, SeenRecord
from carnet.model.plan import State
from carnet.model.run import Run, RunKind
from carnet.store.codec import FORMAT, READING, Codec, Row, moment, optional_stamp
from carnet.store.tables import generation, journal, known_mailbox, link, link_key, mailbox_source, seen_record
from carnet.store.tables import reading as readings
from carnet.store.tables import run as runs

_MAILBOX = Codec(KnownMailbox)
_SAVE = upsert(known_mailbox)
_SAVE_SOURCE = upsert(mailbox_source)
_SAVE_SEEN = upsert(seen_record)
_INSERT_KEY = sa.insert(link_key)


class SqlMailboxes:
    """Known mailboxes (`carnet.ports.returning.Mailboxes`)."""

    def __init__(self, database: Database) -> None:
        """Keep them in that database."""
        self._database = database

    def all(self, user: str) -> tuple[KnownMailbox, ...]:
        """The user's mailboxes, the last seen first; those that only links speak of come last."""
        kept = sa.select(known_mailbox).where(known_mailbox.c.user_id == user).order_by(known_mailbox.c.seen_at.desc())
        linked = sa.select(link.c.mailbox, sa.func.min(link.c.number)).where(link.c.user_id == user).group_by(link.c.mailbox)
        linked = linked.where(link.c.mailbox.not_in(sa.select(runs.c.mailbox).where(runs.c.kind == RunKind.IMPORT.value)))
        with self._database.read() as connection:
            rows = connection.execute(kept.order_by(known_mailbox.c.key)).all()
            found = {row.key: replace(_MAILBOX.decode(row.payload, row.format), seen_at=moment(row.seen_at)) for row in rows}
            for key, _ in connection.execute(linked.order_by(sa.func.min(link.c.number))):
                if key not in found:
                    found[key] = KnownMailbox(key=key, label=_label(connection, user, key), kind=key.partition(":")[0])
        return tuple(found.values())

    def of_source(self, user: str, source: str) -> str | None:
        """The key of the mailbox that a file was confirmed to be from, None while nobody has said."""
        columns = mailbox_source.c
        query = sa.select(columns.mailbox).where(columns.user_id == user, columns.source == source)
        with self._database.read() as connection:
            return connection.scalar(query)

    def confirm(self, user: str, source: str, mailbox: str) -> None:
        """Keep that a file is from that mailbox, and nothing of what it holds."""
        with self._database.write() as connection:
            connection.execute(_SAVE_SOURCE, {"user_id": user, "source": source, "mailbox": mailbox})

    def belong(self, user: str, reading: str, mailbox: str) -> None:
        """Settle which mailbox a reading is of."""
        owned = (readings.c.id == reading, readings.c.user_id == user)
        with self._database.write() as connection:
            row = connection.execute(sa.select(readings.c.payload, readings.c.format).where(*owned)).one_or_none()
            if row is None:
                raise NotFound("There is no reading {reading}", "Read the file again", reading=reading)
            kept = READING.decode(row.payload, row.format)
            kept = replace(kept, identity=replace(kept.identity, key=mailbox), settled=True)
            values = {"mailbox": mailbox, "payload": READING.encode(kept), "format": FORMAT}
            connection.execute(sa.update(readings).where(*owned).values(values))

    def seen(self, user: str, mailbox: str) -> tuple[SeenRecord, ...]:
        """What the mailbox held when it was last worked off."""
        columns = seen_record.c
        query = sa.select(columns.record, columns.folder, columns.version, columns.key)
        where = (columns.user_id == user, columns.mailbox == mailbox)
        with self._database.read() as connection:
            rows = connection.execute(query.where(*where).order_by(columns.record))
            return tuple(SeenRecord(record=record, folder=folder, version=at, key=key) for record, folder, at, key in rows)

    def remember(
        self, user: str, mailbox: KnownMailbox, *, source: str, seen: Sequence[SeenRecord], read: frozenset[str] | None
    ) -> None:
        """Keep the mailbox, its file, and what it holds now."""
        known: Row = {"user_id": user, "key": mailbox.key, "seen_at": optional_stamp(mailbox.seen_at)}
        known |= {"format": FORMAT, "payload": _MAILBOX.encode(replace(mailbox, seen_at=None))}
        columns = seen_record.c
        before = sa.delete(seen_record).where(columns.user_id == user, columns.mailbox == mailbox.key)
        with self._database.write() as connection:
            connection.execute(_SAVE, known)
            connection.execute(_SAVE_SOURCE, {"user_id": user, "source": source, "mailbox": mailbox.key})
            connection.execute(before if read is None else before.where(among(columns.folder, read)))
            write_many(connection, _SAVE_SEEN, [_seen_row(user, mailbox.key, each) for each in seen])

    def follow(self, run: Run, renames: Mapping[str, Record]) -> None:
        """Let links, what was undone and what was done go over to the ids and keys that their records have now."""
        columns = link.c
        scope = (columns.user_id == run.user, columns.mailbox == run.mailbox, columns.crm == run.crm)
        with self._database.write() as connection:
            here = dict(connection.execute(sa.select(columns.record, columns.number).where(*scope)).all())
            to = {then: now.id for then, now in renames.items() if then in here}
            taken = set(to.values())
            to |= {record: f"{record}~was{number}" for record, number in here.items() if record in taken and record not in to}
            moved = {then: now for then, now in to.items() if then != now}
            for table, where in (
                (link, scope),
                (generation, _of_generation(run)),
                (journal, _of_journal(run)),
            ):
                _rename(connection, table, where=where, moved=moved)
            again = {here[then]: now for then, now in renames.items() if then in here}
            connection.execute(sa.delete(link_key).where(among(link_key.c.link, again)))
            write_many(connection, _INSERT_KEY, _keys(run.mailbox, again))


def _label(connection: sa.Connection, user: str, mailbox: str) -> str:
    """What the file of the newest run over it was called, else its key."""
    query = sa.select(runs.c.label).where(runs.c.user_id == user, runs.c.mailbox == mailbox, runs.c.label != "")
    return connection.scalar(query.order_by(runs.c.created_at.desc()).limit(1)) or mailbox


def _seen_row(user: str, mailbox: str, seen: SeenRecord) -> Row:
    said = {"record": seen.record, "folder": seen.folder, "version": seen.version, "key": seen.key}
    return {"user_id": user, "mailbox": mailbox, **said}


def _of_generation(of: Run) -> tuple[sa.ColumnElement[bool], ...]:
    columns = generation.c
    return columns.user_id == of.user, columns.mailbox == of.mailbox, columns.crm == of.crm


def _of_journal(of: Run) -> tuple[sa.ColumnElement[bool], ...]:
    """What is done: rows that wait for a decision belong to a reading in which the record has the id it had."""
    columns = runs.c
    mine = sa.select(columns.number).where(columns.user_id == of.user, columns.mailbox == of.mailbox, columns.crm == of.crm)
    return journal.c.run.in_(mine), journal.c.run != of.number, journal.c.state == State.DONE.value


def _rename(
    connection: sa.Connection, table: sa.Table, *, where: Sequence[sa.ColumnElement[bool]], moved: Mapping[str, str]
) -> None:
    """Give the records other ids, by way of ids that nobody has: two may change places."""
    row: sa.ColumnClause[int] = sa.literal_column("rowid", sa.Integer)
    found = connection.execute(sa.select(row, table.c.record).where(*where, among(table.c.record, moved))).all()
    rename = sa.update(table).where(row == sa.bindparam("at")).values(record=sa.bindparam("now"))
    for between in (_BETWEEN, "") if found else ():
        connection.execute(rename, [{"at": at, "now": f"{between}{moved[then]}"} for at, then in found])


_BETWEEN = "between:"


def _keys(mailbox: str, again: Mapping[int, Record]) -> list[Row]:
    return [
        {"link": number, "position": place, "mailbox": mailbox, "strength": int(key.strength), "key": key.key}
        for number, record in again.items()
        for place, key in enumerate(record.keys)
    ]
