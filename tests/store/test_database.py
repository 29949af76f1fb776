"""Is the one file kept safe: its rights, its migrations, its copies?"""

from __future__ import annotations

import os
import sqlite3
import stat
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from carnet.crms.embedded import BRANCH as CRM_BRANCH
from carnet.crms.embedded.tables import metadata as crm_metadata
from carnet.database import Branch, Database, migrate, version_of
from carnet.database import engine as engine_module
from carnet.errors import DamagedFile, Locked, NotFound, Refused
from carnet.model.account import CrmUser
from carnet.model.draft import Draft
from carnet.ports.clock import Clock
from carnet.store import BRANCH, SqlStore, backup, open_store, restore
from carnet.store.tables import metadata

NEWEST = max(path.name[:4] for path in (BRANCH.scripts / "versions").glob("0*.py"))
SECOND = f"""
import sqlalchemy as sa
from alembic import op

revision = "0999"
down_revision = "{NEWEST}"


def upgrade() -> None:
    op.add_column("person", sa.Column("colour", sa.Text(), nullable=False, server_default="blue"))
"""
BROKEN = SECOND + "    raise ZeroDivisionError\n"
ME = CrmUser(id="camille", name="Camille Martin", address="camille@carnet.example")


def next_version(folder: Path, text: str = SECOND) -> Branch:
    """The store's branch as it will be one revision on."""
    versions = folder / "migrations" / "versions"
    versions.mkdir(parents=True)
    for revision in (BRANCH.scripts / "versions").glob("0*.py"):
        (versions / revision.name).write_text(revision.read_text(encoding="utf-8"), encoding="utf-8")
    (versions / "0999_second.py").write_text(text, encoding="utf-8")
    return Branch(scripts=versions.parent, version_table=BRANCH.version_table)


def rights(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def version(path: Path) -> str:
    database = Database(path)
    with database.read() as connection:
        found = version_of(connection, BRANCH)
    database.close()
    return found


def leftovers(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir() if path.name.startswith(".")}


@pytest.mark.usefixtures("store")
def test_the_migrations_add_up_to_the_tables(file: Path) -> None:
    database = Database(file)
    with database.read() as connection:
        assert compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), metadata) == []
    database.close()


@pytest.mark.parametrize("branch", [BRANCH, CRM_BRANCH], ids=["store", "crm"])
def test_the_names_of_the_scripts_say_the_revisions(branch: Branch) -> None:
    directory = ScriptDirectory(str(branch.scripts))
    said = [script.revision for script in directory.walk_revisions()]
    assert branch.head == directory.get_current_head() == said[0]
    assert all(branch.knows(revision) for revision in said)
    assert not branch.knows("9999")


def test_what_is_deleted_leaves_no_trace_in_the_file(file: Path, store: SqlStore) -> None:
    draft = Draft(id="1", user="camille", name="Xylophone", answers={str(number): "Xylophone" for number in range(500)})
    store.drafts.save(draft)
    store.drafts.delete("camille", "1")
    store.close()
    assert b"Xylophone" not in file.read_bytes()


@pytest.mark.skipif(os.name != "posix", reason="rights are told otherwise on Windows")
def test_the_file_and_its_journals_are_their_owners_alone(file: Path, store: SqlStore) -> None:
    store.people.introduce(ME)
    beside = sorted(file.parent.glob("carnet.db*"))
    assert [path.name for path in beside] == ["carnet.db", "carnet.db-shm", "carnet.db-wal"]
    assert {rights(path) for path in beside} == {0o600}


def test_what_was_kept_is_there_after_reopening(file: Path, store: SqlStore, clock: Clock) -> None:
    store.people.introduce(ME)
    store.close()
    again = open_store(file, clock=clock)
    assert again.people.me() == ME
    again.close()
    assert sorted(path.name for path in file.parent.iterdir()) == ["carnet.db"]


def test_an_existing_database_is_copied_before_it_is_migrated(file: Path, store: SqlStore, tmp_path: Path) -> None:
    store.people.introduce(ME)
    database = Database(file)
    migrate(database, next_version(tmp_path / "next"))
    with database.read() as connection:
        row = connection.execute(sa.text("SELECT name, colour FROM person")).one()
    database.close()
    copy = file.with_name("carnet.db.before-0999.bak")
    assert tuple(row) == (ME.name, "blue")
    assert (version(file), version(copy)) == ("0999", NEWEST)
    assert rights(copy) == 0o600


def test_a_migration_that_fails_changes_nothing(file: Path, store: SqlStore, tmp_path: Path) -> None:
    store.people.introduce(ME)
    database = Database(file)
    with pytest.raises(ZeroDivisionError):
        migrate(database, next_version(tmp_path / "next", BROKEN))
    with database.read() as connection:
        assert connection.execute(sa.text("SELECT * FROM person")).keys() == ["id", "name", "address", "administrator"]
    database.close()
    assert version(file) == NEWEST


def test_a_database_of_a_newer_carnet_is_refused(file: Path, clock: Clock, tmp_path: Path) -> None:
    open_store(file, clock=clock).close()
    database = Database(file)
    migrate(database, next_version(tmp_path / "next"))
    database.close()
    with pytest.raises(Refused, match="newer version"):
        open_store(file, clock=clock)


def test_two_doors_may_open_a_new_database_at_once(file: Path, clock: Clock) -> None:
    failures: list[BaseException] = []

    def start() -> None:
        try:
            open_store(file, clock=clock).close()
        except Exception as failure:
            failures.append(failure)
            raise

    doors = [threading.Thread(target=start) for _door in range(4)]
    for door in doors:
        door.start()
    for door in doors:
        door.join()
    assert failures == []


def test_somebody_elses_database_is_refused_and_left_alone(file: Path, clock: Clock) -> None:
    connection = sqlite3.connect(file)
    connection.execute("CREATE TABLE theirs (id)")
    connection.close()
    with pytest.raises(Refused, match="not a database of Carnet"):
        open_store(file, clock=clock)


def test_a_file_that_is_no_database_is_called_damaged(file: Path, clock: Clock) -> None:
    file.write_bytes(b"BEGIN:VCARD\r\n" * 500)
    with pytest.raises(DamagedFile) as raised:
        open_store(file, clock=clock)
    assert raised.value.hint


def test_whoever_waits_too_long_is_told_that_it_is_locked(file: Path, store: SqlStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_module, "BUSY_SECONDS", 0.05)
    other = Database(file)
    impatient = Database(file)
    with other.write(), pytest.raises(Locked), impatient.write():
        pytest.fail("two wrote at once")
    other.close()
    impatient.close()
    assert store.people.me() is None


def test_reading_goes_on_while_somebody_writes(file: Path, store: SqlStore) -> None:
    other = Database(file)
    with other.write() as connection:
        connection.execute(sa.text("INSERT INTO person (id) VALUES ('half')"))
        assert store.people.me() is None
    other.close()
    assert store.people.me() is not None


def test_a_backup_of_a_database_in_use_is_whole(file: Path, store: SqlStore, clock: Clock) -> None:
    store.people.introduce(ME)
    target = file.parent / "copies" / "carnet.bak"
    other = Database(file)
    with other.write() as connection:
        connection.execute(sa.text("UPDATE person SET name = 'half done'"))
        backup(file, target)
    other.close()
    assert sorted(path.name for path in target.parent.iterdir()) == ["carnet.bak"]
    assert rights(target) == 0o600
    copied = open_store(target, clock=clock)
    assert copied.people.me() == ME
    copied.close()


def test_a_backup_overwrites_nothing(file: Path, store: SqlStore, tmp_path: Path) -> None:
    target = tmp_path / "carnet.bak"
    target.write_text("precious")
    with pytest.raises(Refused, match="there already"):
        backup(file, target)
    assert target.read_text() == "precious"
    with pytest.raises(NotFound):
        backup(tmp_path / "nothing.db", tmp_path / "copy.bak")
    assert store.people.me() is None


def test_a_backup_comes_back_and_what_it_replaces_is_kept(file: Path, store: SqlStore, clock: Clock) -> None:
    store.people.introduce(ME)
    backup(file, file.parent / "carnet.bak")
    store.people.introduce(CrmUser(id="alex", name="Alex", address=""))
    kept = restore(file.parent / "carnet.bak", file)
    assert store.people.me() == ME  # the open store sees it at once
    store.close()
    assert kept == file.with_name("carnet.db.before-restore.bak")
    for path, name in ((file, ME.name), (kept, "Alex")):
        opened = open_store(path, clock=clock)
        me = opened.people.me()
        assert me is not None
        assert me.name == name
        opened.close()
    assert rights(file) == rights(kept) == 0o600
    assert leftovers(file.parent) == set()


def test_restoring_twice_keeps_both_replaced_databases(file: Path, store: SqlStore, tmp_path: Path) -> None:
    backup(file, tmp_path / "carnet.bak")
    first, second = restore(tmp_path / "carnet.bak", file), restore(tmp_path / "carnet.bak", file)
    assert first is not None
    assert second is not None
    assert first != second
    assert first.exists()
    assert store.people.me() is None


def test_a_backup_can_be_restored_where_nothing_is(file: Path, store: SqlStore, clock: Clock) -> None:
    store.people.introduce(ME)
    backup(file, file.parent / "carnet.bak")
    fresh = file.parent / "fresh" / "carnet.db"
    assert restore(file.parent / "carnet.bak", fresh) is None
    opened = open_store(fresh, clock=clock)
    assert opened.people.me() == ME
    opened.close()


def test_a_backup_takes_the_place_of_a_damaged_database(file: Path, store: SqlStore, clock: Clock) -> None:
    store.people.introduce(ME)
    backup(file, file.parent / "carnet.bak")
    store.close()
    file.write_bytes(b"x" * 5000)
    kept = restore(file.parent / "carnet.bak", file)
    assert kept is not None
    assert kept.read_bytes() == b"x" * 5000
    opened = open_store(file, clock=clock)
    assert opened.people.me() == ME
    opened.close()


def damaged(backup_file: Path) -> None:
    content = bytearray(backup_file.read_bytes())
    content[4096 : 4096 * 6] = b"\x99" * (4096 * 5)
    backup_file.write_bytes(content)


def cut_short(backup_file: Path) -> None:
    backup_file.write_bytes(backup_file.read_bytes()[:6000])


def empty(backup_file: Path) -> None:
    backup_file.write_bytes(b"")


def no_database(backup_file: Path) -> None:
    backup_file.write_bytes(b"Name,E-mail\r\n" * 900)


def somebody_elses(backup_file: Path) -> None:
    backup_file.unlink()
    connection = sqlite3.connect(backup_file)
    connection.execute("CREATE TABLE theirs (id)")
    connection.close()


def newer(backup_file: Path) -> None:
    connection = sqlite3.connect(backup_file)
    connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.commit()
    connection.close()


def without_tables(backup_file: Path) -> None:
    backup_file.unlink()
    Database(backup_file).close()


@pytest.mark.parametrize("spoil", [damaged, cut_short, empty, no_database, somebody_elses, newer, without_tables])
def test_a_bad_backup_is_refused_and_changes_nothing(file: Path, store: SqlStore, spoil: Callable[[Path], None]) -> None:
    store.people.introduce(ME)
    bad = file.parent / "carnet.bak"
    backup(file, bad)
    spoil(bad)
    with pytest.raises(Refused) as raised:
        restore(bad, file)
    assert raised.value.hint
    assert store.people.me() == ME
    assert not list(file.parent.glob("*.before-restore*"))
    assert leftovers(file.parent) == set()


def test_restoring_what_is_not_there_is_refused(file: Path, tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        restore(tmp_path / "nothing.bak", file)


def test_nothing_of_sqlite_stands_outside_one_module() -> None:
    package = Path(engine_module.__file__).parents[1]
    words = ("sqlite3", "dialects.sqlite", "sqlite_", "PRAGMA", "BEGIN IMMEDIATE", "VACUUM")
    told = {path for path in package.rglob("*.py") if any(word in path.read_text(encoding="utf-8") for word in words)}
    assert told == {Path(engine_module.__file__)}


@pytest.mark.parametrize("tables", [metadata, crm_metadata], ids=["store", "crm"])
def test_the_tables_can_be_made_in_postgresql_too(tables: sa.MetaData) -> None:
    dialect = sa.make_url("postgresql://").get_dialect()()
    made = [str(sa.schema.CreateTable(table).compile(dialect=dialect)) for table in tables.sorted_tables]
    assert "BOOLEAN DEFAULT false" in "".join(made)
    assert "INTEGER DEFAULT '0'" in "".join(made)
