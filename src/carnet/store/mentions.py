"""Where does the store speak of somebody?"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

import sqlalchemy as sa

from carnet.core.normalise import fold
from carnet.database import Database
from carnet.database import among as one_of
from carnet.model.contact import Record
from carnet.model.link import Link
from carnet.model.plan import Entry
from carnet.ports.erasing import Mentioned
from carnet.store.entries import SELECT, entry_of
from carnet.store.links import link_of
from carnet.store.readings import record_of
from carnet.store.tables import journal, journal_value, link, question, reading, reading_record, run, seen_record


class SqlMentions:
    """Looking for somebody (`carnet.ports.erasing.Mentions`)."""

    def __init__(self, database: Database) -> None:
        """Look in that database."""
        self._database = database

    def of(self, user: str, text: str, *, targets: Collection[str]) -> Mentioned:
        """What is the user's and holds the text, in any case, or points at those CRM records."""
        with self._database.read() as connection:
            cards = tuple(_cards(connection, user, text))
            records = sorted({record.id for _, record in cards})
            mine = sa.select(run.c.number).where(run.c.user_id == user)
            asked = sa.select(question.c.run, question.c.key).where(question.c.run.in_(mine), _holds(question.c.payload, text))
            known = sa.select(seen_record.c.mailbox).where(seen_record.c.user_id == user, one_of(seen_record.c.record, records))
            return Mentioned(
                cards=cards,
                entries=tuple(_entries(connection, user, text, about=_about(journal, records, targets))),
                links=tuple(_links(connection, user, text, about=_about(link, records, targets))),
                questions=tuple((number, key) for number, key in connection.execute(asked)),
                remembered=tuple(sorted(set(connection.scalars(known)))),
            )


def _holds(column: sa.Column[Any], text: str) -> sa.ColumnElement[bool]:
    return column.contains(text, autoescape=True)


def _about(table: sa.Table, records: Collection[str], targets: Collection[str]) -> sa.ColumnElement[bool]:
    return sa.or_(one_of(table.c.record, records), one_of(table.c.target, targets))


def _cards(connection: sa.Connection, user: str, text: str) -> Iterable[tuple[str, Record]]:
    query = sa.select(reading_record).join(reading, reading.c.id == reading_record.c.reading)
    query = query.where(reading.c.user_id == user, _holds(reading_record.c.payload, text)).order_by(reading_record.c.number)
    return [(row.reading, record_of(row)) for row in connection.execute(query)]


def _entries(connection: sa.Connection, user: str, text: str, *, about: sa.ColumnElement[bool]) -> Iterable[tuple[int, Entry]]:
    speaks = sa.or_(about, _holds(journal_value.c.payload, text), journal.c.folded_label == fold(text))
    query = SELECT.join(run, run.c.number == journal.c.run).where(run.c.user_id == user, speaks)
    return [
        (row.run, entry_of(row)) for row in connection.execute(query.order_by(run.c.created_at, journal.c.run, journal.c.seq))
    ]


def _links(connection: sa.Connection, user: str, text: str, *, about: sa.ColumnElement[bool]) -> Iterable[tuple[str, Link]]:
    query = sa.select(link).where(link.c.user_id == user, sa.or_(about, _holds(link.c.payload, text)))
    return [(row.mailbox, link_of(row, ())) for row in connection.execute(query.order_by(link.c.number))]
