"""Who uses this Carnet?"""

from __future__ import annotations

import sqlalchemy as sa

from carnet.database import Database
from carnet.model.account import CrmUser
from carnet.store.tables import person as table


class SqlPeople:
    """One person on a personal computer (`carnet.ports.store.People`)."""

    def __init__(self, database: Database) -> None:
        """Keep the person in that database."""
        self._database = database

    def me(self) -> CrmUser | None:
        """The person, None before the first start."""
        with self._database.read() as connection:
            row = connection.execute(sa.select(table)).mappings().one_or_none()
        return None if row is None else CrmUser(**row)

    def introduce(self, user: CrmUser) -> None:
        """Keep the person's name and address, in the place of whoever was there."""
        with self._database.write() as connection:
            connection.execute(sa.delete(table))
            connection.execute(
                sa.insert(table),
                {"id": user.id, "name": user.name, "address": user.address, "administrator": user.administrator},
            )
