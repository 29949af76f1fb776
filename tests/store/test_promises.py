"""Does the store keep the promises of the port?"""

from __future__ import annotations

from carnet.testing.store_suite import StoreSuite


class TestSqlStore(StoreSuite):
    """Every promise, on a file."""
