"""Which tables does a file have, and how does it get those it should have?"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path

import sqlalchemy as sa

from carnet.database.engine import Database, copy_into
from carnet.errors import Refused

_SCRIPT = re.compile(r"(\d{4})_\w+\.py")


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """One line of migrations: the folder with its `versions`, and the table that says how far a file is."""

    scripts: Path
    version_table: str

    @property
    def head(self) -> str:
        """The newest revision."""
        return _revisions(self.scripts)[-1]

    def knows(self, revision: str) -> bool:
        """Whether that revision is of this branch."""
        return revision in _revisions(self.scripts)


@cache
def _revisions(scripts: Path) -> tuple[str, ...]:
    """The revisions of a folder in their order: each script's name begins with the one that it makes."""
    return tuple(sorted(found[1] for each in (scripts / "versions").iterdir() if (found := _SCRIPT.fullmatch(each.name))))


def version_of(connection: sa.Connection, branch: Branch) -> str:
    """The file's revision in that branch, "" before the first."""
    if not sa.inspect(connection).has_table(branch.version_table):
        return ""
    asked = sa.select(sa.column("version_num", sa.Text())).select_from(sa.table(branch.version_table))
    return connection.execute(asked).scalar_one_or_none() or ""


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
        # loaded late: a file that is at the newest revision, as nearly every one is, has no need of Alembic
        import_module("carnet.database.upgrading").upgrade(connection, branch.scripts, version_table=branch.version_table)
