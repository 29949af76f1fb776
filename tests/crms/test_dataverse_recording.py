"""Are activities recorded in Dataverse with everybody who took part, each once, and closed last?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from itertools import count
from typing import Any

import pytest

from carnet.errors import Unanswered
from carnet.model.account import Parent, RecordKind
from carnet.model.activity import Activity, ActivityKind, Party, Role
from carnet.model.change import Outcome
from carnet.ports.activities import Activities
from carnet.testing.emulators.faults import Asked, Fault, Trouble
from crms.dataverse_world import Dynamics, dynamics

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)
STATUSES = {
    ActivityKind.EMAIL: (4, 3),
    ActivityKind.APPOINTMENT: (3, 3),
    ActivityKind.TASK: (5, 5),
    ActivityKind.PHONE_CALL: (4, 2),
}
"""Received or come in, and sent or made."""


@pytest.fixture
def world() -> Iterator[Dynamics]:
    with dynamics() as found:
        yield found


def number(place: int) -> str:
    return f"00000000-0000-4000-8000-{place:012}"


@pytest.fixture
def durand(world: Dynamics) -> Parent:
    identity = world.organisation.add_contact(lastname="Durand", emailaddress1="durand@contoso.com")
    return Parent(kind=RecordKind.CONTACT, id=identity, name="Durand")


def mail(durand: Parent, place: int = 1, **more: Any) -> Activity:
    parties = (
        Party(role=Role.SENDER, address="me@contoso.com"),
        Party(role=Role.TO, record=durand),
        Party(role=Role.CC, address="x@fabrikam.com"),
    )
    mail = Activity(
        id=number(place), kind=ActivityKind.EMAIL, subject="Devis", parties=parties, regarding=durand, ends=NOON, run=7
    )
    return replace(mail, **more)


def parties(world: Dynamics, activity: Activity) -> set[tuple[int, str]]:
    """What stands for each who takes part: the mask, and the record or the address."""
    found = world.organisation.parties((activity.kind.value, activity.id))
    return {
        (
            each.values["participationtypemask"],
            each.lookups["partyid"][1] if "partyid" in each.lookups else each.values["addressused"],
        )
        for each in found
    }


def is_batch(place: int, seen: Iterator[int], asked: Asked) -> bool:
    """Whether it is the batch of that place."""
    return asked.path.endswith("$batch") and next(seen) == place


def test_a_message_is_there_with_everybody_and_what_it_is_about(world: Dynamics, durand: Parent) -> None:
    assert isinstance(world.crm, Activities)
    (receipt,) = world.crm.record([mail(durand, completed=True, outgoing=True)])
    assert receipt.outcome is Outcome.DONE
    row = world.organisation.rows["email"][number(1)]
    assert (row.values["subject"], row.values["statecode"], row.values["statuscode"]) == ("Devis", 1, 3)
    assert row.lookups["regardingobjectid"] == ("contact", durand.id)
    assert {(1, "me@contoso.com"), (2, durand.id), (3, "x@fabrikam.com")} <= parties(world, mail(durand))


@pytest.mark.parametrize("kind", list(ActivityKind))
def test_each_kind_is_closed_with_a_status_of_its_own(world: Dynamics, durand: Parent, kind: ActivityKind) -> None:
    received = Activity(id=number(2), kind=kind, subject="X", begins=NOON, ends=NOON, regarding=durand, completed=True)
    some = [received, replace(received, id=number(3), outgoing=True), replace(received, id=number(4), completed=False)]
    assert {each.outcome for each in world.crm.record(some)} == {Outcome.DONE}
    rows = [world.organisation.rows[kind.value][number(place)].values for place in (2, 3, 4)]
    assert [(row["statecode"], row["statuscode"]) for row in rows[:2]] == [(1, status) for status in STATUSES[kind]]
    assert rows[2]["statecode"] == 0


def test_many_take_two_requests_and_one_that_fails_stops_no_other(world: Dynamics, durand: Parent) -> None:
    nobody = Parent(kind=RecordKind.CONTACT, id=number(99), name="")
    some = [mail(durand, place, completed=True) for place in range(1, 41)]
    some[7] = replace(some[7], regarding=nobody)
    receipts: list[Any] = []
    assert world.asked(lambda: receipts.extend(world.crm.record(some))) == 2
    assert [each.outcome for each in receipts] == [Outcome.FAILED if place == 7 else Outcome.DONE for place in range(40)]
    assert [each.id for each in receipts] == [each.id for each in some]
    assert len(world.organisation.rows["email"]) == 39


def test_recording_twice_makes_one(world: Dynamics, durand: Parent) -> None:
    assert world.crm.record([mail(durand, completed=True)])[0].outcome is Outcome.DONE
    before = parties(world, mail(durand))
    assert world.crm.record([mail(durand, completed=True)])[0].outcome is Outcome.ALREADY
    assert list(world.organisation.rows["email"]) == [number(1)]
    assert parties(world, mail(durand)) == before


@pytest.mark.parametrize("trouble", [Trouble.HANG_UP, Trouble.HANG_UP_AFTER])
def test_an_answer_that_is_lost_leaves_one_closed_activity(world: Dynamics, durand: Parent, trouble: Trouble) -> None:
    for place in (1, 2):
        lost = Fault(trouble=trouble, when=partial(is_batch, place, count(1)))
        world.service.faults.add(lost)
        (receipt,) = world.crm.record([mail(durand, place, completed=True)])
        assert receipt.outcome in {Outcome.DONE, Outcome.ALREADY}
        assert world.service.faults.left == 0
        assert [row.values["statecode"] for row in world.organisation.rows["email"].values()] == [1] * place


def test_a_server_that_never_answers_is_told_and_recording_again_ends_it(world: Dynamics, durand: Parent) -> None:
    world.service.faults.add(Fault(trouble=Trouble.HANG_UP_AFTER, when=lambda asked: asked.path.endswith("$batch"), times=4))
    with pytest.raises(Unanswered):
        world.crm.record([mail(durand, completed=True)])
    assert world.crm.record([mail(durand, completed=True)])[0].outcome is Outcome.ALREADY
    assert [row.values["statecode"] for row in world.organisation.rows["email"].values()] == [1]


def test_a_party_is_somebody() -> None:
    with pytest.raises(ValueError, match="a record or has an address"):
        Party(role=Role.TO)
