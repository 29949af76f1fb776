"""Does the store keep the promises of the port?"""

from __future__ import annotations

from carnet.testing.connections_suite import ConnectionsSuite
from carnet.testing.erasing_suite import ErasingSuite
from carnet.testing.store_suite import StoreSuite


class TestSqlStore(StoreSuite, ErasingSuite, ConnectionsSuite):
    """Every promise, on a file."""
