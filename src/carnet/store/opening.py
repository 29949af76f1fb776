"""How does one get at the store?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from carnet import database
from carnet.core.examining import YES, observe
from carnet.database import Branch, Database
from carnet.model.examination import Measure, Observation
from carnet.ports.clock import Clock
from carnet.store.candidates import SqlCandidates
from carnet.store.connections import SqlConnections
from carnet.store.drafts import SqlDrafts
from carnet.store.erasing import SqlErasing
from carnet.store.journal import SqlJournal
from carnet.store.kept import SqlKept
from carnet.store.links import SqlLinks
from carnet.store.mailboxes import SqlMailboxes
from carnet.store.mentions import SqlMentions
from carnet.store.people import SqlPeople
from carnet.store.readings import SqlReadings
from carnet.store.rules import SqlRules
from carnet.store.runs import SqlRuns

BRANCH = Branch(scripts=Path(__file__).parent / "migrations", version_table="alembic_version")
"""The store's line of migrations."""


class SqlStore:
    """All nouns together, in one database (`carnet.ports.store.Store`)."""

    def __init__(self, file: Database, clock: Clock) -> None:
        """Keep everything in that database; its tables are there."""
        self._file = file
        self.drafts = SqlDrafts(file, clock)
        self.readings = SqlReadings(file)
        self.runs = SqlRuns(file, clock)
        self.journal = SqlJournal(file, clock)
        self.links = SqlLinks(file)
        self.erasing = SqlErasing(file, clock)
        self.mentions = SqlMentions(file)
        self.candidates = SqlCandidates(file)
        self.people = SqlPeople(file)
        self.rules = SqlRules(file, clock)
        self.kept = SqlKept(file)
        self.mailboxes = SqlMailboxes(file)
        self.connections = SqlConnections(file, clock)

    def examine(self) -> Iterator[Observation]:
        """How the database is (`carnet.ports.examined.Examined`); every page of it is read."""
        with self._file.read() as connection:
            yield observe(Measure.REVISION, database.version_of(connection, BRANCH), expected=BRANCH.head)
        condition = self._file.look()
        yield observe(Measure.ENGINE, f"SQLite {condition.engine}")
        yield observe(Measure.WHOLE, condition.is_whole, expected=YES)
        yield observe(Measure.LOG, condition.log, expected="wal")
        yield observe(Measure.SIZE, f"{condition.size / 1e6:.1f} MB")

    def close(self) -> None:
        """Let go of the database."""
        self._file.close()


def open_store(path: Path, *, clock: Clock) -> SqlStore:
    """The store in that file, which is created, or brought to the newest revision after a copy of it was kept."""
    file = Database(path)
    try:
        database.migrate(file, BRANCH)
    except Exception:
        file.close()
        raise
    return SqlStore(file, clock)


def backup(path: Path, target: Path) -> None:
    """Write a consistent copy of the database at `path`, which may be in use, to `target`, which must not be there."""
    database.backup(path, target)


def restore(source: Path, path: Path, *, others: Sequence[Branch] = ()) -> Path | None:
    """Put the backup `source` in the place of the database `path`; where the replaced one was kept, or None.

    `others` are the branches of the CRMs that live in the same file: their revisions must be known, too.
    """
    return database.restore(source, path, (BRANCH, *others))
