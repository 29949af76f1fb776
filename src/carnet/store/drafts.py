"""Where are people in the wizard?"""

from __future__ import annotations

import sqlalchemy as sa

from carnet.database import Database, upsert
from carnet.errors import NotFound
from carnet.model.draft import Draft
from carnet.ports.clock import Clock
from carnet.store.codec import DRAFT, FORMAT, stamp
from carnet.store.tables import draft as table

_SAVE = upsert(table, keep=("created_at",), owner="user_id")


class SqlDrafts:
    """Wizard pages in progress (`carnet.ports.store.Drafts`)."""

    def __init__(self, database: Database, clock: Clock) -> None:
        """Keep drafts in that database."""
        self._database = database
        self._clock = clock

    def save(self, draft: Draft) -> None:
        """Insert or replace it; NotFound where the id is another user's."""
        row = {
            "id": draft.id,
            "user_id": draft.user,
            "created_at": stamp(draft.created_at or self._clock.now()),
            "run": draft.run,
            "format": FORMAT,
            "payload": DRAFT.encode(draft),
        }
        with self._database.write() as connection:
            if not connection.execute(_SAVE, row).rowcount:
                raise _missing(draft.id)

    def get(self, user: str, draft: str) -> Draft:
        """That draft; NotFound where it is not there or not the user's."""
        query = sa.select(table.c.payload, table.c.format).where(table.c.id == draft, table.c.user_id == user)
        with self._database.read() as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            raise _missing(draft)
        return DRAFT.decode(row.payload, row.format)

    def all(self, user: str) -> tuple[Draft, ...]:
        """The user's drafts, the newest first."""
        query = (
            sa.select(table.c.payload, table.c.format)
            .where(table.c.user_id == user)
            .order_by(table.c.created_at.desc(), table.c.id)
        )
        with self._database.read() as connection:
            return tuple(DRAFT.decode(row.payload, row.format) for row in connection.execute(query))

    def delete(self, user: str, draft: str) -> None:
        """Forget it; no error where it is gone."""
        with self._database.write() as connection:
            connection.execute(sa.delete(table).where(table.c.id == draft, table.c.user_id == user))


def _missing(draft: str) -> NotFound:
    return NotFound("There is no draft {draft}", "Begin again with Add contacts", draft=draft)
