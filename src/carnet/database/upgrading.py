"""How does a file go through the migrations that it lacks?"""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory


def upgrade(connection: sa.Connection, scripts: Path, *, version_table: str) -> None:
    """Run those scripts of the folder that are newer than what the table says, in their order."""
    directory = ScriptDirectory(str(scripts))
    context = MigrationContext.configure(connection, opts={"version_table": version_table})
    missing = list(directory.iterate_revisions("head", context.get_current_revision() or "base"))
    with Operations.context(context):
        for script in reversed(missing):
            script.module.upgrade()
            context.stamp(directory, script.revision)
