"""What Dataverse's documented errors come to, code by code, whatever status they come with."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest

from carnet.crms.dataverse import outcomes
from carnet.crms.dataverse.multipart import Reply
from carnet.model.change import Outcome
from carnet.testing.crm_suite import contact
from carnet.testing.emulators.faults import Fault, Trouble
from crms.dataverse_world import Dynamics, dynamics

Says = Callable[[Reply], bool]
SAYS: tuple[Says, ...] = (
    outcomes.exists,
    outcomes.is_duplicate,
    outcomes.is_stale,
    outcomes.is_gone,
    outcomes.is_denied,
    outcomes.is_busy,
)
CODES = [
    ("0x80040237", 412, outcomes.exists),
    ("0x80060892", 412, outcomes.exists),
    ("0x80040333", 412, outcomes.is_duplicate),
    ("0x80040333", 500, outcomes.is_duplicate),
    ("0x80060882", 412, outcomes.is_stale),
    ("0x80040217", 404, outcomes.is_gone),
    ("0x80040220", 403, outcomes.is_denied),
    ("0x80048306", 403, outcomes.is_denied),
    ("0x80044150", 500, outcomes.is_busy),
    ("0x80044151", 500, outcomes.is_busy),
    ("-2147204783", 500, outcomes.is_busy),
]


def said(code: str, status: int) -> Reply:
    return Reply(status=status, body={"error": {"code": code, "message": "…"}})


@pytest.mark.parametrize(("code", "status", "means"), CODES)
def test_each_error_means_one_thing(code: str, status: int, means: Says) -> None:
    assert [each.__name__ for each in SAYS if each(said(code, status))] == [means.__name__]


def test_what_is_not_allowed_and_what_is_too_much_now_are_told_apart() -> None:
    told = {code: outcomes.failure_of(said(code, status)).code for code, status, _ in CODES}
    assert (told["0x80048306"], told["-2147204783"], told["0x80040217"]) == ("not_allowed", "busy", "unknown_parent")
    assert outcomes.failure_of(said("0x80044331", 400)).code == "too_long"
    assert outcomes.failure_of(said("0x80040216", 400)).code == "busy"
    assert outcomes.failure_of(said("0x80048d19", 400)).code == "refused"


@pytest.fixture
def world() -> Iterator[Dynamics]:
    with dynamics(bulk=8) as found:
        found.crm.whoami()
        yield found


@pytest.mark.parametrize("code", ["0x80044150", "0x80044151", "-2147204783"])
def test_a_deadlock_or_a_time_out_is_tried_in_smaller_pieces(world: Dynamics, code: str) -> None:
    body = json.dumps({"error": {"code": code, "message": "SQL"}}).encode()
    world.service.faults.add(
        Fault(trouble=Trouble.STATUS, status=500, body=body, times=1, when=lambda asked: "CreateMultiple" in asked.path)
    )
    receipts = world.crm.apply([contact(f"Durand{number}") for number in range(8)])
    assert {each.outcome for each in receipts} == {Outcome.DONE}
    sizes = [asked.body.count(b"contactid") for asked in (each.asked for each in world.service.log) if "Create" in asked.path]
    assert sizes == [4, 4]
