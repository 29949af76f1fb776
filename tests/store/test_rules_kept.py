"""Does the store keep the promises of remembered answers?"""

from __future__ import annotations

from pathlib import Path

from carnet.ports.clock import Clock
from carnet.store import SqlStore, open_store
from carnet.testing.rules_suite import VARIANTS, RulesSuite


class TestSqlRules(RulesSuite):
    """Every promise, on a file."""


def test_rules_outlive_the_program(store: SqlStore, file: Path, clock: Clock) -> None:
    store.rules.save("camille", VARIANTS)
    store.close()

    again = open_store(file, clock=clock)

    assert again.rules.all("camille") == (VARIANTS,)
    again.close()
