"""Which tables does a file have, and how does it get those it should have?"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from carnet.database.engine import Database, copy_into
from carnet.errors import Refused


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """One line of migrations: the folder with its `versions`, and the table that says how far a file is."""

    scripts: Path
    version_table: str

    @property
    def directory(self) -> ScriptDirectory:
        """Alembic's view of the folder."""
        return ScriptDirectory(str(self.scripts))

    @property
    def head(self) -> str:
        """The newest revision."""
        return self.directory.get_current_head() or ""

    def knows(self, revision: str) -> bool:
        """Whether that revision is of this branch."""
        return revision in {script.revision for script in self.directory.walk_revisions()}


def version_of(connection: sa.Connection, branch: Branch) -> str:
    """The file's revision in that branch, "" before the first."""
    context = MigrationContext.configure(connection, opts={"version_table": branch.version_table})
    return context.get_current_revision() or ""


def refuse_unknown(path: Path, revision: str, branch: Branch) -> None:
    """Refused where a file's revision is one that this version of Carnet does not know."""
    if revision and not branch.knows(revision):
        raise Refused(
            "{path} was written by a newer version of Carnet", "Update Carnet, or choose a backup made by this version", path=path
        )


def migrate(database: Database, branch: Branch) -> None:
    """Bring a file to the newest revision; an existing one is first copied to `<name>.before-<revision>.bak`."""
    head = branch.head
    with database.read() as connection:
        if version_of(connection, branch) == head:
            return
    with database.rebuild() as connection:
        current = version_of(connection, branch)  # again: another door may have been quicker
        refuse_unknown(database.path, current, branch)
        if current == head:
            return
        if current:
            copy_into(database.path, database.path.with_name(f"{database.path.name}.before-{head}.bak"))
        _run(connection, branch)


def _run(connection: sa.Connection, branch: Branch) -> None:
    directory = branch.directory
    context = MigrationContext.configure(connection, opts={"version_table": branch.version_table})
    missing = list(directory.iterate_revisions("head", context.get_current_revision() or "base"))
    with Operations.context(context):
        for script in reversed(missing):
            script.module.upgrade()
            context.stamp(directory, script.revision)
