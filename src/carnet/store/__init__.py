"""Where does Carnet remember drafts, readings, runs, links and candidates?"""

from carnet.store.opening import BRANCH, SqlStore, backup, open_store, restore

__all__ = ["BRANCH", "SqlStore", "backup", "open_store", "restore"]
