"""Which services has a person connected?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from carnet.database import Database, upsert
from carnet.errors import Locked, NotFound
from carnet.model.connection import Connection, Pairing
from carnet.ports.clock import Clock
from carnet.store.codec import FORMAT, Codec, moment, stamp
from carnet.store.tables import connection as table
from carnet.store.tables import pairing

_CONNECTION = Codec(Connection)
_SAVE = upsert(table)
_SAVE_PAIRING = upsert(pairing)


class SqlConnections:
    """Connections and pairings (`carnet.ports.connections.Connections`)."""

    def __init__(self, database: Database, clock: Clock) -> None:
        """Keep them in that database."""
        self._database = database
        self._clock = clock

    def save(self, connection: Connection) -> None:
        """Insert or replace it."""
        at = connection.connected_at or self._clock.now()
        row = {"id": connection.id, "user_id": connection.user, "connected_at": stamp(at), "format": FORMAT}
        with self._database.write() as session:
            session.execute(_SAVE, row | {"payload": _CONNECTION.encode(replace(connection, connected_at=None))})

    def get(self, user: str, connection: str) -> Connection:
        """That connection; NotFound where it is not there or not the user's."""
        query = sa.select(table).where(table.c.id == connection, table.c.user_id == user)
        with self._database.read() as session:
            row = session.execute(query).one_or_none()
        if row is None:
            raise NotFound("There is no connection {connection}.", "List the connections first.", connection=connection)
        return replace(_CONNECTION.decode(row.payload, row.format), connected_at=moment(row.connected_at))

    def all(self, user: str) -> tuple[Connection, ...]:
        """The user's connections, the oldest first."""
        query = sa.select(table).where(table.c.user_id == user).order_by(table.c.connected_at, table.c.id)
        with self._database.read() as session:
            rows = session.execute(query).all()
        return tuple(replace(_CONNECTION.decode(row.payload, row.format), connected_at=moment(row.connected_at)) for row in rows)

    def delete(self, user: str, connection: str) -> None:
        """Forget it and its pairing; no error where it is gone."""
        kept = [each for each in self.all(user) if each.id == connection]
        with self._database.write() as session:
            session.execute(sa.delete(table).where(table.c.id == connection, table.c.user_id == user))
            for each in kept:
                if each.service.is_mailbox:
                    session.execute(sa.delete(pairing).where(pairing.c.mailbox == each.key))

    def pairings(self) -> tuple[Pairing, ...]:
        """Every pairing, whoever's it is."""
        with self._database.read() as session:
            rows = session.execute(sa.select(pairing).order_by(pairing.c.crm, pairing.c.mailbox)).all()
        return tuple(Pairing(mailbox=row.mailbox, crm=row.crm, crm_user=row.crm_user, address=row.address) for row in rows)

    def pair(self, wanted: Pairing, *, breaks: Sequence[Pairing] = ()) -> None:
        """Keep it, and forget those it breaks, in one transaction. Raises Locked where another one came in between."""
        row = {"mailbox": wanted.mailbox, "crm": wanted.crm, "crm_user": wanted.crm_user, "address": wanted.address}
        try:
            with self._database.write() as session:
                for each in breaks:
                    gone = (pairing.c.crm == each.crm, pairing.c.mailbox == each.mailbox, pairing.c.crm_user == each.crm_user)
                    session.execute(sa.delete(pairing).where(*gone))
                session.execute(_SAVE_PAIRING, row)
        except IntegrityError:
            raise Locked("The CRM user was paired with another mailbox meanwhile.", "Look again, then try once more.") from None
