"""Does the CRM in memory keep the promises of the port, and fail when told to?"""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from carnet.crms.memory import MemoryCrm
from carnet.errors import Unavailable
from carnet.model.account import CrmRecord, CrmUser, Dependents, RecordKind
from carnet.model.change import Outcome, Write
from carnet.testing.crm_suite import CONTACT, CrmSuite, contact, delete, id_of, one, update
from carnet.testing.duplicates_suite import DuplicatesSuite
from carnet.testing.snapshot_suite import SnapshotSuite


@pytest.fixture
def crm(me: CrmUser) -> MemoryCrm:
    return MemoryCrm(me)


class TestMemoryCrm(CrmSuite):
    """Every promise, in memory."""


class TestMemorySnapshots(SnapshotSuite):
    """Every promise about snapshots, in memory."""


class TestMemoryDuplicates(DuplicatesSuite):
    """Every promise about duplicates, in memory."""


def test_it_begins_with_the_records_it_is_given(me: CrmUser) -> None:
    given = CrmRecord(kind=CONTACT, id="1", values={"surname": "Durand", "given_name": "Zoé"}, owner="somebody")
    (held,) = MemoryCrm(me, [given]).records
    assert held.name == "Zoé Durand"
    assert held.version
    assert held.owner == "somebody"


def test_a_write_told_to_fail_fails_once_with_that_code(crm: MemoryCrm) -> None:
    crm.fail_next("throttled", [id_of("Aubert")], "Too many requests")
    failed, done = crm.apply([contact("Aubert"), contact("Durand")])
    assert (failed.outcome, failed.code, failed.message) == (Outcome.FAILED, "throttled", "Too many requests")
    assert done.outcome is Outcome.DONE
    assert one(crm, contact("Aubert")).outcome is Outcome.DONE


def test_what_is_raised_before_leaves_nothing_and_after_leaves_all(crm: MemoryCrm) -> None:
    def lost(_writes: Sequence[Write]) -> None:
        raise Unavailable("The CRM did not answer")

    crm.before_apply = lost
    with pytest.raises(Unavailable):
        crm.apply([contact("Aubert")])
    assert crm.records == ()
    crm.before_apply, crm.after_apply = None, lost
    with pytest.raises(Unavailable):
        crm.apply([contact("Aubert")])
    crm.after_apply = None
    assert one(crm, contact("Aubert")).outcome is Outcome.ALREADY
    assert len(crm.applied) == 3


def test_a_contact_with_activities_is_not_deleted(crm: MemoryCrm) -> None:
    one(crm, contact("Durand"))
    crm.activities[CONTACT, id_of("Durand")] = 3
    assert one(crm, delete(CONTACT, "Durand")).code == "has_activities"
    assert crm.dependents(CONTACT, [id_of("Durand")]) == {id_of("Durand"): Dependents(activities=3)}


def test_a_record_can_be_made_inactive(crm: MemoryCrm) -> None:
    one(crm, contact("Durand", active="0"))
    assert not crm.get(RecordKind.CONTACT, [id_of("Durand")])[id_of("Durand")].active
    assert one(crm, update("Durand", active="1")).before == {"active": "0"}
    assert crm.get(RecordKind.CONTACT, [id_of("Durand")])[id_of("Durand")].active
