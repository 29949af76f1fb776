"""How is the one database file opened, migrated, copied and put back?

For the store and the embedded CRM alone, which share a file but neither tables nor migrations.
"""

from carnet.database.copying import backup, restore
from carnet.database.engine import CLUSTERED, Database, among, chunks, portion, upsert, write_many
from carnet.database.migrating import Branch, migrate, version_of

__all__ = [
    "CLUSTERED",
    "Branch",
    "Database",
    "among",
    "backup",
    "chunks",
    "migrate",
    "portion",
    "restore",
    "upsert",
    "version_of",
    "write_many",
]
