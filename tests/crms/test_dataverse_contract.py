"""Does the CRM behind Dataverse keep the promises of the port?"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from carnet.ports.crm import Crm
from carnet.testing.crm_suite import CrmSuite
from carnet.testing.duplicates_suite import DuplicatesSuite
from carnet.testing.snapshot_suite import SnapshotSuite
from crms.dataverse_world import dynamics


@pytest.fixture
def crm() -> Iterator[Crm]:
    with dynamics() as found:
        yield found.crm


class TestDataverseCrm(CrmSuite):
    """Every promise; an id of a deleted record is not remembered."""

    def full_name(self, *, given: str, middle: str, surname: str, suffix: str) -> str:
        """Dataverse names people by first and last name, unless an administrator has chosen otherwise."""
        del middle, suffix
        return f"{given} {surname}"


class TestDataverseSnapshots(SnapshotSuite):
    """Every promise about snapshots."""


class TestDataverseDuplicates(DuplicatesSuite):
    """The promises that a CRM keeps whose rules are set elsewhere."""
