"""How does Carnet talk to SQLite? Nothing that is SQLite's alone stands in any other module."""

from __future__ import annotations

import json
import os
import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from operator import itemgetter
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from carnet.errors import DamagedFile, Deferred, Locked, Refused

APPLICATION_ID = 0x4361726E
"""Four bytes in the file's header ("Carn") that tell a database of Carnet from any other."""
BUSY_SECONDS = 30
LOG_PAGES = 50_000
"""Pages of the log (200 MB) before they go into the file: a run of 10,000 contacts writes the same ones 100 MB over."""
LOG_LEFT = 32 * 1024 * 1024
"""Bytes that the log keeps on the disk once its pages are in the file."""
CACHE_KIB = 64 * 1024
"""Memory that one connection may keep pages in: the indexes that a run writes to at random fit."""
CHUNK = 500
"""How many values one IN list holds: below the bound of every SQLite build (999)."""
CLUSTERED: dict[str, Any] = {"sqlite_with_rowid": False}
"""Options of a table whose rows lie in the order of its primary key, without a copy of it beside them."""

_OWNER_ONLY = 0o600

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """Whether a file is whole, the kind of log it keeps ("wal"), its size in bytes, log included, and SQLite's version."""

    is_whole: bool
    log: str
    size: int
    engine: str = sqlite3.sqlite_version


class Database:
    """One SQLite file. A transaction is a `with database.read()` or `with database.write()` block."""

    def __init__(self, path: Path) -> None:
        """Open or create the file; it is readable by its owner only."""
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        own(path)
        self._engine = _engine(path, foreign_keys=True)
        with self.write() as connection:
            _claim(connection, path)

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """A transaction that sees one state of the file and blocks nobody."""
        with _explained(self.path), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """A transaction that writes: one at a time, the others wait for it; Locked after 30 seconds."""
        with _explained(self.path), self._engine.execution_options(write=True).begin() as connection:
            yield connection

    @contextmanager
    def rebuild(self) -> Iterator[sa.Connection]:
        """A writing transaction in which tables may be replaced: references are checked at its end, not at each statement."""
        engine = _engine(self.path, foreign_keys=False)
        try:
            with _explained(self.path), engine.execution_options(write=True).begin() as connection:
                yield connection
                if broken := connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall():
                    raise DamagedFile("The migration would leave {count} broken references", count=len(broken))
        finally:
            engine.dispose()

    def scrub(self) -> bool:
        """Rewrite the file, and empty its log, so that no byte of what was deleted is left; False where it is in use."""
        connection = sqlite3.connect(self.path, timeout=BUSY_SECONDS)
        try:
            connection.execute("VACUUM")
            return bool(connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0)
        except sqlite3.OperationalError as error:
            if isinstance(_known(error, self.path), Locked):
                return False
            raise
        finally:
            connection.close()

    def look(self) -> Condition:
        """How the file is: every page of it is read."""
        with self.read() as connection:
            size = self.path.stat().st_size + _size(self.path.with_name(f"{self.path.name}-wal"))
            return Condition(
                is_whole=connection.exec_driver_sql("PRAGMA quick_check(1)").scalar_one() == "ok",
                log=str(connection.exec_driver_sql("PRAGMA journal_mode").scalar_one()),
                size=size,
            )

    def close(self) -> None:
        """Let go of the file."""
        self._engine.dispose()


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def own(path: Path) -> None:
    """Create the file where it is not there, and make it its owner's alone (on Windows the home folder already is).

    One that is there is not opened: where a process closes a file, POSIX drops every lock that it holds on it, those of its
    open databases too (https://sqlite.org/howtocorrupt.html#_posix_advisory_locks_canceled_by_a_separate_thread_doing_close_).
    """
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, _OWNER_ONLY))
    path.chmod(_OWNER_ONLY)


def upsert(table: sa.Table, *, keep: tuple[str, ...] = (), owner: str = "") -> sa.Insert:
    """Insert a row, or replace the one of the same primary key but for the columns to `keep`.

    With `owner`, a row whose value in that column differs is left alone (its rowcount is then 0).
    """
    statement = insert(table)
    keys = [column.name for column in table.primary_key]
    changed = {column.name: statement.excluded[column.name] for column in table.columns if column.name not in {*keys, *keep}}
    if not changed:
        return statement.on_conflict_do_nothing(index_elements=keys)
    where = table.c[owner] == statement.excluded[owner] if owner else None
    return statement.on_conflict_do_update(index_elements=keys, set_=changed, where=where)


def chunks(values: Iterable[T]) -> Iterator[Sequence[T]]:
    """The values in lists of at most `CHUNK`, for IN; none for no value."""
    rest = iter(values)
    while some := list(islice(rest, CHUNK)):
        yield some


def among(column: sa.ColumnElement[Any], values: Iterable[str | int]) -> sa.ColumnElement[bool]:
    """Whether the column is one of the values, however many they are: they travel as one parameter.

    An IN list with a parameter each is bounded by SQLite and compiled anew for each number of values.
    """
    listed = sa.func.json_each(json.dumps(list(values))).table_valued("value")
    return column.in_(sa.select(listed.c.value))


def portion(column: sa.ColumnElement[Any], name: str) -> sa.ColumnElement[Any]:
    """A text of JSON with that member alone, of a column that has it: a large payload need not leave the database."""
    return sa.func.json_object(name, sa.func.json_extract(column, f"$.{name}"))


def write_many(connection: sa.Connection, statement: sa.Insert | sa.Update, rows: Sequence[dict[str, Any]]) -> None:
    """Run an insert or update for each row, all with the same columns.

    The statement is compiled once and the values go to the driver as they are: no type here needs a conversion, and
    SQLAlchemy's own care for each parameter costs as much as the writing.
    """
    if not rows:
        return
    text, names = _compiled(statement, tuple(rows[0]), connection.dialect)
    values = itemgetter(*names) if len(names) > 1 else lambda row: (row[names[0]],)
    connection.exec_driver_sql(text, list(map(values, rows)))


@lru_cache(maxsize=256)
def _compiled(statement: sa.Insert | sa.Update, names: tuple[str, ...], dialect: sa.Dialect) -> tuple[str, tuple[str, ...]]:
    """The text of a statement, and the names of its parameters in their order."""
    compiled = statement.compile(dialect=dialect, column_keys=names)
    return str(compiled), tuple(compiled.positiontup or ())


@contextmanager
def peek(path: Path) -> Iterator[sa.Connection]:
    """A connection that only reads a file which nobody uses, and leaves nothing beside it."""
    address = f"{path.resolve().as_uri()}?mode=ro"
    engine = sa.create_engine("sqlite://", creator=lambda: sqlite3.connect(address, uri=True), poolclass=sa.NullPool)
    with _explained(path), engine.connect() as connection:
        yield connection


def copy_into(source: Path, target: Path) -> None:
    """Write a consistent copy of a database in use to `target`: compact, without the remains of what was deleted."""
    target.unlink(missing_ok=True)
    own(target)
    connection = sqlite3.connect(f"{source.resolve().as_uri()}?mode=ro", uri=True, timeout=BUSY_SECONDS)
    try:
        with _explained(source):
            connection.execute("VACUUM INTO ?", (str(target),))
    finally:
        connection.close()


def copy_over(source: Path, target: Path) -> None:
    """Replace the content of the database `target`, which may be open elsewhere, in one transaction."""
    origin, goal = sqlite3.connect(source), sqlite3.connect(target, timeout=BUSY_SECONDS)
    try:
        with _explained(target):
            origin.backup(goal)
    finally:
        goal.close()
        origin.close()


def check(path: Path) -> None:
    """DamagedFile where the file is no whole database, Refused where it is not Carnet's."""
    connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=BUSY_SECONDS)
    try:
        with _explained(path):
            if connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
                raise _foreign(path)
            if connection.execute("PRAGMA integrity_check(1)").fetchone()[0] != "ok":
                raise _damaged(path)
    finally:
        connection.close()


def _engine(path: Path, *, foreign_keys: bool) -> sa.Engine:
    engine = sa.create_engine(
        sa.URL.create("sqlite", database=str(path)),
        connect_args={"timeout": BUSY_SECONDS},
        max_overflow=-1,
        hide_parameters=True,  # an error of the database would hold the rows that it is about
    )

    @sa.event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None  # transactions begin where we say, not where the driver guesses
        _log_ahead(connection)
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute(f"PRAGMA wal_autocheckpoint = {LOG_PAGES}")
        connection.execute(f"PRAGMA journal_size_limit = {LOG_LEFT}")
        connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
        connection.execute("PRAGMA secure_delete = ON")  # what is deleted is overwritten, not only forgotten
        connection.execute(f"PRAGMA foreign_keys = {int(foreign_keys)}")

    @sa.event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        # a writer takes its lock at once: one that read first could not upgrade after another has written
        write = connection.get_execution_options().get("write")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")

    return engine


def _log_ahead(connection: sqlite3.Connection) -> None:
    """Use a write-ahead log. Two doors that open a new file at once meet here, and SQLite does not wait by itself."""
    until = time.monotonic() + BUSY_SECONDS
    while connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(0.01)


def _claim(connection: sa.Connection, path: Path) -> None:
    """Mark a new file as Carnet's; refuse somebody else's."""
    held = connection.exec_driver_sql("PRAGMA application_id").scalar_one()
    if held == APPLICATION_ID:
        return
    if connection.exec_driver_sql("SELECT count(*) FROM sqlite_master").scalar_one():
        raise _foreign(path)
    connection.exec_driver_sql(f"PRAGMA application_id = {APPLICATION_ID}")


def _damaged(path: Path) -> DamagedFile:
    return DamagedFile("The database {path} is damaged", "Put a backup back with: carnet restore FILE", path=path)


def _foreign(path: Path) -> Refused:
    return Refused("{path} is not a database of Carnet", "Choose a file that carnet backup has written", path=path)


def _known(error: sqlite3.Error, path: Path) -> Refused | Deferred | None:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
        return Locked("The database is in use by another program", "Try again when it has finished")
    if code in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}:
        return _damaged(path)
    if code in {sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR}:
        return Refused("The database {path} cannot be written", "Check the free space and the rights of its folder", path=path)
    return None


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    """Tell in our words what SQLite refused for a reason that a person can mend."""
    try:
        yield
    except sa.exc.DBAPIError as error:
        known = _known(error.orig, path) if isinstance(error.orig, sqlite3.Error) else None
        raise (known or error) from error
    except sqlite3.Error as error:
        raise (_known(error, path) or error) from error
