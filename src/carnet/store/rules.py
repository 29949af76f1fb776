"""Which answers hold for the next run as well?"""

from __future__ import annotations

from dataclasses import replace

import sqlalchemy as sa

from carnet.database import Database, upsert
from carnet.errors import NotFound
from carnet.model.rule import Rule
from carnet.ports.clock import Clock
from carnet.store.codec import FORMAT, RULE, stamp
from carnet.store.tables import rule as table

_SAVE = upsert(table)


class SqlRules:
    """Remembered answers (`carnet.ports.store.Rules`)."""

    def __init__(self, database: Database, clock: Clock) -> None:
        """Keep rules in that database."""
        self._database = database
        self._clock = clock

    def save(self, user: str, rule: Rule) -> None:
        """Insert or replace it."""
        made_at = rule.made_at or self._clock.now()
        rule = replace(rule, made_at=made_at)
        row = {
            "id": rule.id,
            "user_id": user,
            "kind": rule.kind.value,
            "made_at": stamp(made_at),
            "format": FORMAT,
            "payload": RULE.encode(rule),
        }
        with self._database.write() as connection:
            connection.execute(_SAVE, row)

    def all(self, user: str) -> tuple[Rule, ...]:
        """The user's rules, the oldest first."""
        query = sa.select(table).where(table.c.user_id == user).order_by(table.c.made_at, table.c.id)
        with self._database.read() as connection:
            return tuple(RULE.decode(row.payload, row.format) for row in connection.execute(query))

    def delete(self, user: str, rule: str) -> None:
        """Forget it; NotFound where it is not there or not the user's."""
        with self._database.write() as connection:
            gone = connection.execute(sa.delete(table).where(table.c.user_id == user, table.c.id == rule)).rowcount
        if not gone:
            raise NotFound("There is no rule {rule}.", "List the rules with: carnet rules", rule=rule)
