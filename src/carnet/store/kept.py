"""What was worked out of a reading, and does it still hold?"""

from __future__ import annotations

import hashlib
from typing import Any, TypeVar

import sqlalchemy as sa

from carnet.database import Database, upsert
from carnet.ports.store import Scope
from carnet.store.codec import FORMAT, Codec
from carnet.store.tables import kept as table
from carnet.store.tables import link
from carnet.store.tables import reading as of_readings

T = TypeVar("T")
_SAVE = upsert(table)


class SqlKept:
    """What was worked out of readings (`carnet.ports.store.Kept`)."""

    def __init__(self, database: Database) -> None:
        """Keep it in that database."""
        self._database = database
        self._codecs: dict[Any, Codec[Any]] = {}

    def get(self, reading: str, name: str, *, stamp: str, kind: type[T]) -> T | None:
        """What was kept under that name for that stamp; None where there is nothing, or it was kept for another stamp."""
        columns = table.c
        query = sa.select(columns.payload, columns.format)
        where = (columns.reading == reading, columns.name == name, columns.stamp == stamp)
        with self._database.read() as connection:
            row = connection.execute(query.where(*where)).one_or_none()
        if row is None:
            return None
        return self._codec(kind).decode(row.payload, row.format)

    def has(self, reading: str, name: str, *, stamp: str) -> bool:
        """Whether something is kept under that name for that stamp."""
        columns = table.c
        query = sa.select(sa.func.count()).where(columns.reading == reading, columns.name == name, columns.stamp == stamp)
        with self._database.read() as connection:
            return bool(connection.scalar(query))

    def put(self, reading: str, name: str, value: T, *, stamp: str, kind: type[T]) -> None:
        """Keep it in the place of what had that name; nothing is kept of a reading that is gone."""
        row = {"reading": reading, "name": name, "stamp": stamp, "format": FORMAT, "payload": self._codec(kind).encode(value)}
        with self._database.write() as connection:
            if connection.scalar(sa.select(of_readings.c.id).where(of_readings.c.id == reading)) is not None:
                connection.execute(_SAVE, row)

    def ties(self, scope: Scope) -> str:
        """A text that is another one whenever a link of that mailbox is made, moved or taken away."""
        columns = link.c
        query = sa.select(columns.number, columns.record, columns.kind, columns.target, columns.communications, columns.run)
        where = (columns.user_id == scope.user, columns.mailbox == scope.mailbox, columns.crm == scope.crm)
        found = hashlib.sha256()
        with self._database.read() as connection:
            for row in connection.execute(query.where(*where).order_by(columns.number)):
                found.update(repr(tuple(row)).encode())
        return found.hexdigest()

    def _codec(self, kind: type[T]) -> Codec[T]:
        """A codec takes milliseconds to make: one for each type."""
        return self._codecs.get(kind) or self._codecs.setdefault(kind, Codec(kind))
