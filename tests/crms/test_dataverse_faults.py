"""Whatever goes wrong on the way to Dataverse, is everything written once, and does every receipt tell the truth?"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import product

import pytest
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, rule
from hypothesis.strategies import booleans, integers, lists, sampled_from

from carnet.errors import Deferred
from carnet.model.account import CrmRecord
from carnet.model.change import Operation, Outcome, Receipt, Write
from carnet.testing.crm_suite import CONTACT, account, contact, id_of
from carnet.testing.emulators.faults import Asked, Fault, Trouble
from crms.dataverse_world import Dynamics, dynamics, nth

WRITTEN = {Outcome.DONE, Outcome.ALREADY}
NAMES = [f"Durand{number}" for number in range(10)]
LOST = [Trouble.HANG_UP, Trouble.HANG_UP_AFTER]
STATUSES = [429, 500, 502, 503, 504]


@pytest.fixture
def world() -> Iterator[Dynamics]:
    with dynamics(bulk=4) as found:
        found.crm.whoami()
        yield found


def creates() -> list[Write]:
    return [account("Contoso"), *(contact(name, email1=f"{name}@contoso.com") for name in NAMES)]


def updates(present: Mapping[str, CrmRecord]) -> list[Write]:
    return [
        Write(operation=Operation.UPDATE, kind=CONTACT, id=id_, values={"job_title": "CTO"}, expects=record.version)
        for id_, record in present.items()
    ]


def deletes(present: Mapping[str, CrmRecord]) -> list[Write]:
    return [Write(operation=Operation.DELETE, kind=CONTACT, id=id_, expects=record.version) for id_, record in present.items()]


def series(world: Dynamics, operation: Operation) -> list[Write]:
    """What is to be written, and what has to be there before it."""
    if operation is Operation.CREATE:
        return creates()
    world.crm.apply(creates())
    present = world.crm.get(CONTACT, list(map(id_of, NAMES)))
    return updates(present) if operation is Operation.UPDATE else deletes(present)


def is_done(world: Dynamics, write: Write) -> bool:
    row = world.organisation.rows[write.kind.value].get(write.id)
    if write.operation is Operation.CREATE:
        return row is not None
    if write.operation is Operation.DELETE:
        return row is None
    return row is not None and row.values.get("jobtitle") == "CTO"


def check(world: Dynamics, writes: Sequence[Write], receipts: Sequence[Receipt]) -> None:
    """Every receipt is true, and nobody is there twice."""
    assert [receipt.id for receipt in receipts] == [write.id for write in writes]
    for write, receipt in zip(writes, receipts, strict=True):
        assert is_done(world, write) == (receipt.outcome in WRITTEN), receipt
        row = world.organisation.rows[write.kind.value].get(write.id)
        if receipt.outcome is Outcome.DONE and row is not None:
            assert receipt.version == str(row.version)
    names = world.names()
    assert len(names) == len(set(names))


def refused(status: int, when: Callable[[Asked], bool], *, told: bool) -> Fault:
    body = json.dumps({"error": {"code": "0x80040216", "message": "…"}}).encode() if told else b"<html>Bad gateway</html>"
    kind = {} if told else {"content-type": "text/html"}
    wait = {"Retry-After": "2"} if status == 429 else {}
    return Fault(trouble=Trouble.STATUS, when=when, status=status, headers={**kind, **wait}, body=body)


def requests_of(operation: Operation) -> int:
    with dynamics(bulk=4) as calm:
        calm.crm.whoami()
        writes = series(calm, operation)
        return calm.asked(lambda: calm.crm.apply(writes))


@pytest.mark.parametrize("operation", list(Operation))
def test_an_answer_lost_at_any_request_is_made_good_and_told_as_it_is(operation: Operation) -> None:
    total = requests_of(operation)
    assert total >= 2
    for number, trouble in product(range(1, total + 1), LOST):
        with dynamics(bulk=4) as world:
            world.crm.whoami()
            writes = series(world, operation)
            world.service.faults.add(Fault(trouble=trouble, when=nth(number)))
            receipts = world.crm.apply(writes)
            assert world.service.faults.left == 0
            assert {receipt.outcome for receipt in receipts} <= WRITTEN, (number, trouble)
            check(world, writes, receipts)


@pytest.mark.parametrize("operation", list(Operation))
def test_a_refusal_at_any_request_is_waited_out_or_told(operation: Operation) -> None:
    total = requests_of(operation)
    for number, status, told in product(range(1, total + 1), STATUSES, [True, False]):
        with dynamics(bulk=4) as world:
            world.crm.whoami()
            writes = series(world, operation)
            world.service.faults.add(refused(status, nth(number), told=told))
            try:
                receipts = world.crm.apply(writes)
            except Deferred:  # nothing is known of the others: they are tried again
                receipts = world.crm.apply(writes)
                assert {receipt.outcome for receipt in receipts} <= {*WRITTEN, Outcome.STALE}
            check_truth(world, writes, receipts)


def check_truth(world: Dynamics, writes: Sequence[Write], receipts: Sequence[Receipt]) -> None:
    for write, receipt in zip(writes, receipts, strict=True):
        done = receipt.outcome in WRITTEN or (receipt.outcome is Outcome.STALE and is_done(world, write))
        assert is_done(world, write) == done, receipt
    names = world.names()
    assert len(names) == len(set(names))


@pytest.mark.parametrize("operation", [Operation.UPDATE, Operation.DELETE])
@pytest.mark.parametrize("status", [403, 404, 412, 429, 500, 503, 504])
def test_a_part_that_is_refused_is_told_as_it_is_and_the_others_go_on(world: Dynamics, operation: Operation, status: int) -> None:
    method = {Operation.UPDATE: "PATCH", Operation.DELETE: "DELETE"}[operation]
    writes = series(world, operation)
    when = nth(1, lambda asked: asked.part and asked.method == method and writes[2].id in asked.path)
    world.service.faults.add(refused(status, when, told=True))
    receipts = world.crm.apply(writes)
    gone = operation is Operation.DELETE and status == 404  # as the service says
    for number, (write, receipt) in enumerate(zip(writes, receipts, strict=True)):
        assert (receipt.outcome in WRITTEN) == (is_done(world, write) or (gone and number == 2))
    outcomes = [receipt.outcome for receipt in receipts]
    assert outcomes[:2] + outcomes[3:] == [Outcome.DONE] * (len(NAMES) - 1)


def test_what_somebody_else_changed_between_two_tries_is_kept(world: Dynamics) -> None:
    writes = series(world, Operation.UPDATE)

    def meanwhile(asked: Asked) -> bool:
        struck = not asked.part and b"PATCH" in asked.body
        if struck:
            world.organisation.edit("contact", id_of("Durand3"), jobtitle="Leur titre")
        return struck

    world.service.faults.add(Fault(trouble=Trouble.HANG_UP, when=meanwhile))
    receipts = {receipt.id: receipt.outcome for receipt in world.crm.apply(writes)}
    assert receipts.pop(id_of("Durand3")) is Outcome.STALE
    assert set(receipts.values()) == {Outcome.DONE}
    assert world.organisation.rows["contact"][id_of("Durand3")].values["jobtitle"] == "Leur titre"


def test_what_somebody_else_changed_after_a_creation_whose_answer_was_lost_is_kept(world: Dynamics) -> None:
    """An upsert would write over it (docs/decisions/0026)."""
    writes, seen = creates(), id_of("Durand3")
    colleague = list(world.organisation.users.values())[1]

    def meanwhile(_: Asked) -> bool:
        row = world.organisation.rows["contact"].get(seen)
        if row is not None and "jobtitle" not in row.values:
            world.organisation.change(row, {"jobtitle": "Leur titre"}, {}, by=colleague)
        return False

    lost = Fault(trouble=Trouble.HANG_UP_AFTER, when=lambda asked: seen.encode() in asked.body)
    world.service.faults.add(lost, Fault(trouble=Trouble.STATUS, when=meanwhile))
    receipts = {receipt.id: receipt for receipt in world.crm.apply(writes)}
    row = world.organisation.rows["contact"][seen]
    assert (row.values["jobtitle"], world.names()) == ("Leur titre", sorted(NAMES))
    assert (receipts[seen].outcome, receipts[seen].version) == (Outcome.ALREADY, "0"), "an undo takes it for changed"


def test_an_answer_lost_to_a_creation_costs_one_request_more(world: Dynamics) -> None:
    calm = requests_of(Operation.CREATE)
    world.service.faults.add(Fault(trouble=Trouble.HANG_UP_AFTER, when=lambda asked: "CreateMultiple" in asked.path))
    assert world.asked(lambda: world.crm.apply(creates())) == calm + 1


def test_a_piece_that_is_too_much_at_once_is_halved(world: Dynamics) -> None:
    def heavy(asked: Asked) -> bool:
        return "CreateMultiple" in asked.path and len(json.loads(asked.body)["Targets"]) > 1

    world.service.faults.add(replace(refused(500, heavy, told=True), times=99))
    receipts = world.crm.apply(creates())
    assert {receipt.outcome for receipt in receipts} == {Outcome.DONE}
    check(world, creates(), receipts)


class Writes(RuleBasedStateMachine):
    """Whatever goes wrong, receipts are true, nothing is made twice, and what is tried again in the end is there."""

    def __init__(self) -> None:
        super().__init__()
        self.managed = dynamics(bulk=4)
        self.world = self.managed.__enter__()
        self.world.crm.whoami()
        self.number = 0

    def teardown(self) -> None:
        self.managed.__exit__(None, None, None)

    @rule(status=sampled_from(STATUSES), told=booleans(), number=integers(1, 4))
    def refuse(self, status: int, number: int, *, told: bool) -> None:
        self.world.service.faults.add(refused(status, nth(number), told=told))

    @rule(trouble=sampled_from(LOST), number=integers(1, 4))
    def lose_an_answer(self, trouble: Trouble, number: int) -> None:
        self.world.service.faults.add(Fault(trouble=trouble, when=nth(number)))

    @rule(status=sampled_from([403, 412, 429, 500, 504]), method=sampled_from(["PATCH", "DELETE", "POST", "GET"]))
    def refuse_a_part(self, status: int, method: str) -> None:
        when = nth(1, lambda asked: asked.part and asked.method == method)
        if method != "GET" or status in {429, 500, 504}:
            self.world.service.faults.add(refused(status, when, told=True))

    @rule(places=lists(integers(0, 11), min_size=1, max_size=12, unique=True), elsewhere=booleans())
    def write(self, places: list[int], *, elsewhere: bool) -> None:
        """Some are created, some changed and some deleted; sometimes somebody has just changed one of them."""
        rows = sorted(self.world.organisation.rows["contact"].values(), key=lambda row: row.id)
        writes = [self._write(place, rows[place].id if place < len(rows) else "") for place in places]
        expected = {row.id: str(row.version) for row in rows}
        writes = [replace(each, expects=expected.get(each.id)) for each in writes]
        if elsewhere and rows:
            self.world.organisation.edit("contact", rows[0].id, nickname=f"N{self.number}")
        try:
            receipts = self.world.crm.apply(writes)
        except Deferred:
            names = self.world.names()
            assert len(names) == len(set(names))
            return
        for write, receipt in zip(writes, receipts, strict=True):
            assert self._is_done(write) == (receipt.outcome in WRITTEN), (write, receipt)

    def _write(self, place: int, identity: str) -> Write:
        self.number += 1
        if not identity:
            return contact(f"S{self.number}", email1=f"s{self.number}@contoso.com")
        if place % 3 == 2:
            return Write(operation=Operation.DELETE, kind=CONTACT, id=identity)
        return Write(operation=Operation.UPDATE, kind=CONTACT, id=identity, values={"job_title": f"T{self.number}"})

    def _is_done(self, write: Write) -> bool:
        row = self.world.organisation.rows["contact"].get(write.id)
        if write.operation is Operation.CREATE:
            return row is not None
        if write.operation is Operation.DELETE:
            return row is None
        return row is not None and row.values.get("jobtitle") == write.values["job_title"]


TestWrites = Writes.TestCase
TestWrites.settings = settings(max_examples=40, stateful_step_count=10, deadline=None)
