"""Does the store keep the promises of the port?"""

from __future__ import annotations

from carnet.testing.erasing_suite import ErasingSuite
from carnet.testing.store_suite import StoreSuite


class TestSqlStore(StoreSuite, ErasingSuite):
    """Every promise, on a file."""
