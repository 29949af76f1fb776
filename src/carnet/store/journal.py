"""What will each run do, what has it done, and what was taken back?"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from carnet.core.normalise import fold
from carnet.database import Database, among, upsert, write_many
from carnet.errors import NotFound
from carnet.model.account import RecordKind
from carnet.model.decision import Question
from carnet.model.plan import Action, Entry, MissingAccount, State
from carnet.model.run import RunKind, RunState
from carnet.ports.clock import Clock
from carnet.ports.store import Scope, Settlement
from carnet.store.codec import FORMAT, MISSING, QUESTION, stamp
from carnet.store.entries import SELECT, SETTLED, entry_of, entry_row, settled_row, value_row
from carnet.store.links import raise_generations, remove_links, save_links
from carnet.store.tables import journal as table
from carnet.store.tables import journal_value, missing_account, question, run

_INSERT = sa.insert(table)
_INSERT_VALUES = sa.insert(journal_value)
_SETTLE = sa.update(table).where(table.c.run == sa.bindparam("of_run"), table.c.seq == sa.bindparam("of_seq"))
_SETTLE = _SETTLE.values({name: sa.bindparam(name) for name in SETTLED})
_REPLACE = upsert(table)
_REPLACE_VALUES = upsert(journal_value)
_STAYS = (Action.SKIP.value, Action.KEEP.value)
_BY_HAND = (RunKind.TRACK.value, RunKind.SET_PARENT.value)
_BEGUN = (RunState.APPLYING, RunState.STOPPED, RunState.DONE)
_TOUCHES_NOTHING = tuple(action.value for action in (Action.ASK, Action.SKIP, Action.KEEP))


class SqlJournal:
    """The truth of each run (`carnet.ports.store.Journal`)."""

    def __init__(self, database: Database, clock: Clock) -> None:
        """Keep the journal in that database."""
        self._database = database
        self._clock = clock

    def write(
        self, run: int, entries: Sequence[Entry], *, questions: Sequence[Question], missing: Sequence[MissingAccount]
    ) -> None:
        """Replace what is planned or held by these entries; what was sent, done or failed stays. Questions are replaced."""
        open_ = (State.PLANNED.value, State.HELD.value)
        with self._database.write() as connection:
            _require(connection, run)
            connection.execute(sa.delete(table).where(table.c.run == run, table.c.state.in_(open_)))
            write_many(connection, _INSERT, [entry_row(run, entry) for entry in entries])
            write_many(connection, _INSERT_VALUES, [value_row(run, entry) for entry in entries])
            _replace_questions(connection, run, questions)
            _replace_missing(connection, run, missing)

    def pending(self, run: int, limit: int) -> tuple[Entry, ...]:
        """The next entries to work off: sent ones first (their outcome is unknown), then planned ones, by seq."""
        found: list[Any] = []
        with self._database.read() as connection:
            for state in (State.SENT, State.PLANNED):
                query = SELECT.where(table.c.run == run, table.c.state == state.value).order_by(table.c.seq)
                found += connection.execute(query.limit(limit - len(found))).all()
        return tuple(map(entry_of, found))

    def mark_sent(self, run: int, seqs: Sequence[int]) -> None:
        """Commit that these are about to be sent; one that is settled already stays so."""
        planned = (table.c.run == run, table.c.state == State.PLANNED.value)
        with self._database.write() as connection:
            connection.execute(sa.update(table).where(*planned, among(table.c.seq, seqs)).values(state=State.SENT.value))

    def settle(self, scope: Scope, run: int, settlements: Sequence[Settlement]) -> None:
        """Commit what became of entries, and the links that follow, in one transaction."""
        now = stamp(self._clock.now())
        with self._database.write() as connection:
            _require(connection, run, scope.user)
            write_many(connection, _SETTLE, [settled_row(run, one.entry, now) for one in settlements if one.same_values])
            rewritten = [one.entry for one in settlements if not one.same_values]
            write_many(connection, _REPLACE, [entry_row(run, entry, now) for entry in rewritten])
            write_many(connection, _REPLACE_VALUES, [value_row(run, entry) for entry in rewritten])
            remove_links(connection, scope, _records(settlements, lambda one: one.unlink))
            save_links(connection, scope, [settlement.link for settlement in settlements if settlement.link is not None])
            raise_generations(connection, scope, _records(settlements, lambda one: one.raise_generation))

    def retry(self, run: int, seqs: Sequence[int] | None = None) -> int:
        """Put failed entries back to planned (all, or those), and say how many."""
        failed = sa.update(table).where(table.c.run == run, table.c.state == State.FAILED.value)
        again = failed.values(state=State.PLANNED.value, code="", message="", folded_message="", settled_at=None)
        with self._database.write() as connection:
            return connection.execute(again if seqs is None else again.where(among(table.c.seq, seqs))).rowcount

    def counts(self, run: int) -> Mapping[tuple[Action, RecordKind, State, str], int]:
        """How many entries by action, kind, state and reason."""
        by = (table.c.action, table.c.kind, table.c.state, table.c.reason)
        query = sa.select(*by, sa.func.count()).where(table.c.run == run).group_by(*by)
        with self._database.read() as connection:
            return {
                (Action(action), RecordKind(kind), State(state), reason): count
                for action, kind, state, reason, count in connection.execute(query)
            }

    def updated(self, run: int) -> int:
        """How many done link and update entries wrote values or a parent."""
        updating = table.c.action.in_([Action.LINK.value, Action.UPDATE.value])
        query = sa.select(sa.func.count()).where(table.c.run == run, table.c.state == State.DONE.value, updating, table.c.writes)
        with self._database.read() as connection:
            return connection.execute(query).scalar_one()

    def entries(
        self,
        run: int,
        *,
        states: Sequence[State] = (),
        actions: Sequence[Action] = (),
        query: str = "",
        offset: int = 0,
        limit: int | None = None,
    ) -> tuple[Entry, ...]:
        """Entries by seq, filtered; `query` looks in labels and messages, case and accents aside."""
        select = SELECT.where(table.c.run == run).order_by(table.c.seq).offset(offset).limit(limit)
        if states:
            select = select.where(table.c.state.in_([state.value for state in states]))
        if actions:
            select = select.where(table.c.action.in_([action.value for action in actions]))
        if folded := fold(query):
            in_text = (column.contains(folded, autoescape=True) for column in (table.c.folded_label, table.c.folded_message))
            select = select.where(sa.or_(*in_text))
        with self._database.read() as connection:
            return tuple(map(entry_of, connection.execute(select).all()))

    def questions(self, run: int) -> tuple[Question, ...]:
        """The open questions, in the order they were written."""
        query = sa.select(question).where(question.c.run == run).order_by(question.c.position)
        with self._database.read() as connection:
            return tuple(QUESTION.decode(row.payload, row.format) for row in connection.execute(query))

    def missing_accounts(self, run: int) -> tuple[MissingAccount, ...]:
        """Companies without an account, as planned."""
        query = sa.select(missing_account).where(missing_account.c.run == run).order_by(missing_account.c.position)
        with self._database.read() as connection:
            return tuple(MISSING.decode(row.payload, row.format) for row in connection.execute(query))

    def history(self, user: str, kind: RecordKind, target: str) -> tuple[tuple[int, Entry], ...]:
        """(run, entry) of every done entry of the user's runs that touched that CRM record, oldest first."""
        query = (
            SELECT.join(run_table := run, run_table.c.number == table.c.run)
            .where(run_table.c.user_id == user, table.c.kind == kind.value, table.c.target == target, *_taking_effect())
            .order_by(table.c.settled_at, table.c.run, table.c.seq)
        )
        with self._database.read() as connection:
            return tuple((row.run, entry_of(row)) for row in connection.execute(query))

    def open_records(self, scope: Scope) -> Mapping[str, int]:
        """The records of that mailbox that wait in a run to be brought into the CRM: record → the newest such run."""
        of_scope = (run.c.user_id == scope.user, run.c.mailbox == scope.mailbox, run.c.crm == scope.crm)
        begun = sa.and_(run.c.kind == RunKind.ADD.value, run.c.state.in_([state.value for state in _BEGUN]))
        by_hand = sa.and_(run.c.kind.in_(_BY_HAND), run.c.state != RunState.UNDONE.value)
        waiting = table.c.state.in_([state.value for state in (State.PLANNED, State.SENT, State.HELD)])
        query = (
            sa.select(table.c.record, table.c.run)
            .join(run, run.c.number == table.c.run)
            .where(*of_scope, sa.or_(begun, by_hand), waiting, table.c.action.not_in(_STAYS), table.c.record.is_not(None))
            .where(run.c.erased_at.is_(None))
            .order_by(run.c.created_at, run.c.number)
        )
        with self._database.read() as connection:
            return {row.record: row.run for row in connection.execute(query)}

    def reverted(self, run: int) -> frozenset[int]:
        """Seqs of this run's entries that a later undo has taken back (and that no undo of it has put again)."""
        with self._database.read() as connection:
            return frozenset(_reverted(connection, run))


def _require(connection: sa.Connection, number: int, user: str | None = None) -> None:
    query = sa.select(run.c.number).where(run.c.number == number)
    if user is not None:
        query = query.where(run.c.user_id == user)
    if connection.execute(query).one_or_none() is None:
        raise NotFound("There is no run {run}", "List the runs with: carnet runs", run=number)


def _taking_effect() -> tuple[sa.ColumnElement[bool], ...]:
    return table.c.state == State.DONE.value, table.c.action.not_in(_TOUCHES_NOTHING)


def _reverted(connection: sa.Connection, number: int) -> set[int]:
    taken: set[int] = set()
    for undo in connection.scalars(sa.select(run.c.number).where(run.c.reverts == number)).all():
        put_again = _reverted(connection, undo)
        query = sa.select(table.c.seq, table.c.reverts).where(
            table.c.run == undo, table.c.reverts.is_not(None), *_taking_effect()
        )
        taken.update(reverts for seq, reverts in connection.execute(query) if seq not in put_again)
    return taken


def _records(settlements: Sequence[Settlement], which: Callable[[Settlement], bool]) -> list[str]:
    return [one.entry.record for one in settlements if which(one) and one.entry.record is not None]


def _replace_questions(connection: sa.Connection, number: int, questions: Sequence[Question]) -> None:
    connection.execute(sa.delete(question).where(question.c.run == number))
    rows = [
        {
            "run": number,
            "key": one.key,
            "position": place,
            "kind": one.kind.value,
            "format": FORMAT,
            "payload": QUESTION.encode(one),
        }
        for place, one in enumerate(questions)
    ]
    if rows:
        connection.execute(sa.insert(question), rows)


def _replace_missing(connection: sa.Connection, number: int, missing: Sequence[MissingAccount]) -> None:
    connection.execute(sa.delete(missing_account).where(missing_account.c.run == number))
    rows = [
        {"run": number, "key": one.key, "position": place, "format": FORMAT, "payload": MISSING.encode(one)}
        for place, one in enumerate(missing)
    ]
    if rows:
        connection.execute(sa.insert(missing_account), rows)
