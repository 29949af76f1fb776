"""Which runs are there?"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from carnet.database import Database, upsert
from carnet.errors import NotFound, Refused
from carnet.model.run import Run, RunKind, RunState
from carnet.ports.clock import Clock
from carnet.store.codec import ANSWERS, CHOICES, FORMAT, Row, moment, optional_stamp, stamp
from carnet.store.tables import draft
from carnet.store.tables import run as table

_SAVE = upsert(table, keep=("created_at", "erased_at"), owner="user_id")
_TEXTS = ("mailbox", "crm", "source", "label", "digest", "reading", "cursor", "fingerprint", "approved")
_NUMBERS = ("number", "read", "held_back", "lists", "skipped", "reverts", "stop")
_AS_THEY_ARE = (*_TEXTS, *_NUMBERS)


class SqlRuns:
    """Runs, one row each (`carnet.ports.store.Runs`)."""

    def __init__(self, database: Database, clock: Clock) -> None:
        """Keep runs in that database."""
        self._database = database
        self._clock = clock

    def save(self, run: Run) -> None:
        """Insert or replace it; NotFound where the number is another user's."""
        with self._database.write() as connection:
            if not connection.execute(_SAVE, _row(run, stamp(run.planned_at or self._clock.now()))).rowcount:
                raise _missing(run.number)

    def get(self, user: str, number: int) -> Run:
        """That run; NotFound where it is not there or not the user's."""
        with self._database.read() as connection:
            row = connection.execute(sa.select(table).where(table.c.number == number, table.c.user_id == user)).one_or_none()
        if row is None:
            raise _missing(number)
        return run_of(row)

    def all(self, user: str, *, offset: int = 0, limit: int = 50) -> tuple[Run, ...]:
        """The user's runs, the newest first, without those that a wizard's open draft has only planned."""
        in_draft = sa.exists().where(draft.c.run == table.c.number)
        query = (
            sa.select(table)
            .where(table.c.user_id == user, sa.not_(sa.and_(table.c.state == RunState.PLANNED.value, in_draft)))
            .order_by(table.c.created_at.desc(), table.c.number)
            .offset(offset)
            .limit(limit)
        )
        with self._database.read() as connection:
            return tuple(map(run_of, connection.execute(query)))

    def request_stop(self, user: str, number: int) -> None:
        """Ask it to end after the current batch."""
        asked = sa.update(table).where(table.c.number == number, table.c.user_id == user).values(stop=True)
        with self._database.write() as connection:
            if not connection.execute(asked).rowcount:
                raise _missing(number)

    def delete(self, user: str, number: int) -> None:
        """Forget a run that was never started, its journal with it; no error where it is gone."""
        owned = (table.c.number == number, table.c.user_id == user)
        with self._database.write() as connection:
            row = connection.execute(sa.select(table.c.state, table.c.started_at).where(*owned)).one_or_none()
            if row is None:
                return
            if row.state != RunState.PLANNED or row.started_at is not None:
                raise Refused("Run {run} has begun and cannot be forgotten", "Undo it with: carnet undo {run}", run=number)
            connection.execute(sa.delete(table).where(*owned))


def _missing(number: int) -> NotFound:
    return NotFound("There is no run {run}", "List the runs with: carnet runs", run=number)


def _row(run: Run, created_at: str) -> Row:
    return {name: getattr(run, name) for name in _AS_THEY_ARE} | {
        "user_id": run.user,
        "kind": run.kind.value,
        "state": run.state.value,
        "format": FORMAT,
        "choices": CHOICES.encode(run.choices),
        "answers": ANSWERS.encode(dict(run.answers)),
        "planned_at": optional_stamp(run.planned_at),
        "started_at": optional_stamp(run.started_at),
        "finished_at": optional_stamp(run.finished_at),
        "erased_at": optional_stamp(run.erased_at),
        "created_at": created_at,
    }


def run_of(row: sa.Row[Any]) -> Run:
    """The run of a row."""
    return Run(
        **{name: getattr(row, name) for name in _AS_THEY_ARE},
        user=row.user_id,
        kind=RunKind(row.kind),
        state=RunState(row.state),
        choices=CHOICES.decode(row.choices, row.format),
        answers=ANSWERS.decode(row.answers, row.format),
        planned_at=moment(row.planned_at),
        started_at=moment(row.started_at),
        finished_at=moment(row.finished_at),
        erased_at=moment(row.erased_at),
    )
