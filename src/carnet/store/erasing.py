"""How is what a run wrote and replaced forgotten, so that only its counts are left?"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from carnet.database import Database, chunks
from carnet.model.choices import Choices
from carnet.model.run import Run, RunState
from carnet.ports.clock import Clock
from carnet.store.codec import ANSWERS, CHOICES, ENTRY, FORMAT, EntryValues, stamp
from carnet.store.runs import run_of
from carnet.store.tables import draft, journal, journal_value, missing_account, question, run

_BLANK = ENTRY.encode(EntryValues())
_TEXTS = ("label", "folded_label", "folder", "question", "message", "folded_message")
_ACCOUNT = "account:"
"""How the record of an account's entry begins; what follows is a company's name."""


class SqlErasing:
    """Forgetting (`carnet.ports.erasing.Erasing`)."""

    def __init__(self, database: Database, clock: Clock) -> None:
        """Forget in that database."""
        self._database = database
        self._clock = clock

    def kept(self) -> tuple[Run, ...]:
        """The runs, whosever they are, whose values are still there; none that is at work or in an open draft."""
        in_draft = sa.exists().where(draft.c.run == run.c.number)
        query = sa.select(run).where(
            run.c.erased_at.is_(None),
            run.c.state != RunState.APPLYING.value,
            sa.not_(sa.and_(run.c.state == RunState.PLANNED.value, in_draft)),
        )
        with self._database.read() as connection:
            return tuple(map(run_of, connection.execute(query)))

    def undoing(self, run_: int) -> tuple[int, ...]:
        """The undos of a run, theirs, and so on."""
        with self._database.read() as connection:
            return tuple(_undoing(connection, run_))

    def erase(self, runs: Sequence[int]) -> None:
        """Blank the journals of those runs, their questions, choices and source; counts, links and the ids stay."""
        choices, answers = CHOICES.encode(Choices()), ANSWERS.encode({})
        told = {"choices": choices, "answers": answers, "format": FORMAT, "erased_at": stamp(self._clock.now())}
        told |= dict.fromkeys(("source", "label", "digest", "reading", "fingerprint"), "")
        with self._database.write() as connection:
            for some in chunks(runs):
                connection.execute(sa.update(run).where(run.c.number.in_(some)).values(told))
                connection.execute(sa.update(journal).where(journal.c.run.in_(some)).values(dict.fromkeys(_TEXTS, "")))
                company = journal.c.record.startswith(_ACCOUNT, autoescape=True)
                connection.execute(sa.update(journal).where(journal.c.run.in_(some), company).values(record=_ACCOUNT))
                blank = sa.update(journal_value).where(journal_value.c.run.in_(some))
                connection.execute(blank.values(payload=_BLANK, format=FORMAT))
                for table in (question, missing_account):
                    connection.execute(sa.delete(table).where(table.c.run.in_(some)))

    def scrub(self) -> bool:
        """Leave no byte of what was erased in the file; False where somebody uses it now."""
        return self._database.scrub()


def _undoing(connection: sa.Connection, number: int) -> list[int]:
    undos = connection.scalars(sa.select(run.c.number).where(run.c.reverts == number).order_by(run.c.created_at)).all()
    return [each for undo in undos for each in (undo, *_undoing(connection, undo))]
