"""Do the receipts of writes to an Exchange server tell the truth, whatever goes wrong?"""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, rule
from hypothesis.strategies import booleans, integers, lists, sampled_from

from carnet.errors import Deferred, Unanswered
from carnet.mailboxes.ews import EwsMailbox as Adapter
from carnet.model.card import CardReceipt, CardWrite
from carnet.model.change import Operation, Outcome
from carnet.model.contact import Record
from carnet.testing.emulators.ews import EwsEmulator, asks, busy
from carnet.testing.emulators.faults import Asked, Fault, Trouble
from carnet.testing.live_suite import read_all
from gates import ews_gate
from gates.fixtures import one_exchange
from mailboxes.exchange import Outlook, exchange_of, of_name

ASKED = {Operation.UPDATE: "UpdateItem", Operation.DELETE: "DeleteItem", Operation.CREATE: "CreateItem"}
WRITTEN = {Outcome.DONE, Outcome.ALREADY}
LOST = list(product(ASKED, [Trouble.HANG_UP, Trouble.HANG_UP_AFTER]))


def written(ews: EwsEmulator, opened: Adapter, operation: Operation) -> tuple[CardReceipt, bool]:
    """The receipt of one write, and whether it was done."""
    record = of_name(opened, "Durand")
    identity = Outlook(ews.mine).item(record.id)
    if operation is Operation.CREATE:
        write = CardWrite(operation=operation, key="once", values={"surname": "Neuve"})
    elif operation is Operation.UPDATE:
        values = {"job_title": "Directrice", "pager": "9", "email1": "zoe@contoso.com"}
        write = CardWrite(operation=operation, id=record.id, expects=record.version, values=values, categories=("VIP",))
    else:
        write = CardWrite(operation=operation, id=record.id, expects=record.version)
    (receipt,) = opened.write([write])
    made = sum(item.values.get("contacts:Surname") == "Neuve" for item in ews.mine.items.values())
    assert made <= 1
    if operation is Operation.UPDATE:
        return receipt, ews.mine.items[identity].values.get("contacts:JobTitle") == "Directrice"
    return receipt, bool(made) if operation is Operation.CREATE else identity not in ews.mine.items


@pytest.mark.parametrize("lost", LOST, ids=str)
def test_a_write_whose_answer_was_lost_is_done_once_and_told_as_done(
    ews: EwsEmulator, opened: Adapter, lost: tuple[Operation, Trouble]
) -> None:
    operation, trouble = lost
    ews.faults.add(Fault(trouble=trouble, when=asks(ASKED[operation])))
    receipt, done = written(ews, opened, operation)
    assert done
    assert receipt.outcome in WRITTEN
    assert ews.faults.left == 0


@pytest.mark.parametrize("operation", ASKED)
@pytest.mark.parametrize("what", ["busy", "broken", "bad gateway"])
def test_a_write_that_the_server_could_not_do_at_once_is_done_later(
    ews: EwsEmulator, opened: Adapter, *, what: str, operation: Operation
) -> None:
    when = asks(ASKED[operation])
    faults = {
        "busy": busy(ASKED[operation], seconds=2, times=2),
        "broken": Fault(trouble=Trouble.STATUS, when=when, status=503),
        "bad gateway": Fault(trouble=Trouble.STATUS, when=when, status=502),
    }
    ews.faults.add(faults[what])
    receipt, done = written(ews, opened, operation)
    assert (done, receipt.outcome in WRITTEN) == (True, True)


@pytest.mark.parametrize("operation", [Operation.UPDATE, Operation.DELETE])
def test_a_write_that_the_server_was_too_busy_for_alone_is_done_in_the_next_try(
    ews: EwsEmulator, opened: Adapter, operation: Operation
) -> None:
    def struck(asked: Asked) -> bool:
        if asks(ASKED[operation])(asked) and not spent:
            spent.append(True)
            ews.mine.within(ews.mine.default)[0].busy = 1
        return False

    spent: list[bool] = []
    ews.faults.add(Fault(trouble=Trouble.DELAY, when=struck))
    receipt, done = written(ews, opened, operation)
    assert (spent, done, receipt.outcome) == ([True], True, Outcome.DONE)


def test_somebody_elses_change_between_two_tries_is_kept(ews: EwsEmulator, opened: Adapter) -> None:
    """The first try is lost before it is done, and meanwhile somebody changes the contact."""
    identity = next(iter(ews.mine.items))

    def meanwhile(asked: Asked) -> bool:
        struck = asks("UpdateItem")(asked)
        if struck:
            ews.mine.edit(identity, {"contacts:JobTitle": "Leur titre"})
        return struck

    ews.faults.add(Fault(trouble=Trouble.HANG_UP, when=meanwhile))
    receipt, done = written(ews, opened, Operation.UPDATE)
    assert (receipt.outcome, done) == (Outcome.STALE, False)
    assert ews.mine.items[identity].values["contacts:JobTitle"] == "Leur titre"


def test_a_create_that_is_never_answered_raises_and_makes_one_at_most(ews: EwsEmulator, opened: Adapter) -> None:
    ews.faults.add(Fault(trouble=Trouble.HANG_UP, when=asks("CreateItem"), times=99))
    write = CardWrite(operation=Operation.CREATE, key="once", values={"surname": "Neuve"})
    with pytest.raises(Unanswered):
        opened.write([write])


def test_many_writes_go_together(ews: EwsEmulator, opened: Adapter) -> None:
    """120 creates cost a look-up, a create and a look at the keys for each fifty."""
    writes = [CardWrite(operation=Operation.CREATE, key=f"k{n}", values={"surname": f"N{n}"}) for n in range(120)]
    opened.folders()
    before = ews.requests
    receipts = opened.write(writes)
    assert {receipt.outcome for receipt in receipts} == {Outcome.DONE}
    assert len({receipt.id for receipt in receipts}) == 120
    assert ews.requests - before <= 9


class Writes(RuleBasedStateMachine):
    """Whatever goes wrong, a receipt that says "done" is true, one that says "not done" is true, and nothing is made twice."""

    def __init__(self) -> None:
        super().__init__()
        self.emulator = EwsEmulator(one_exchange())
        self.emulator.watch(ews_gate.check)
        self.emulator.start()
        self.adapter = exchange_of(self.emulator)
        self.number = 0

    def teardown(self) -> None:
        self.adapter.close()
        self.emulator.stop()
        assert not self.emulator.violations

    @rule(trouble=sampled_from([Trouble.HANG_UP, Trouble.HANG_UP_AFTER]), operation=sampled_from(list(ASKED)))
    def lose_an_answer(self, trouble: Trouble, operation: Operation) -> None:
        self.emulator.faults.add(Fault(trouble=trouble, when=asks(ASKED[operation])))

    @rule(operation=sampled_from([*ASKED.values(), "GetItem", "FindItem"]), status=sampled_from([0, 502, 503]))
    def be_busy(self, operation: str, status: int) -> None:
        self.emulator.faults.add(
            Fault(trouble=Trouble.STATUS, when=asks(operation), status=status) if status else busy(operation, seconds=1)
        )

    @rule(places=lists(integers(0, 20), min_size=1, max_size=25, unique=True), elsewhere=booleans())
    def write(self, places: list[int], elsewhere: bool) -> None:
        """Some are created, some changed and some deleted, in one go; sometimes somebody has just changed one of them."""
        records = sorted(read_all(self.adapter)[0].values(), key=lambda each: each.id)
        writes = [self._write(place, records[place] if place < len(records) else None) for place in places]
        items = {record.id: record.version.partition(":")[0] for record in records}
        if elsewhere and (moved := next((each.id for each in writes if each.id), "")):
            self.emulator.mine.edit(items[moved], {"contacts:Nickname": f"N{self.number}"})
        try:
            receipts = self.adapter.write(writes)
        except Deferred:  # every try was lost: nobody knows, and nothing is made twice
            assert [self._is_done(write, items) for write in writes]
            return
        assert len(receipts) == len(writes)
        for write, receipt in zip(writes, receipts, strict=True):
            assert self._is_done(write, items) == (receipt.outcome in WRITTEN), (write.operation, receipt)

    def _write(self, place: int, record: Record | None) -> CardWrite:
        self.number += 1
        if record is None:
            return CardWrite(operation=Operation.CREATE, key=f"k{self.number}", values={"surname": f"S{self.number}"})
        if place % 3 == 2:
            return CardWrite(operation=Operation.DELETE, id=record.id, expects=record.version)
        values = {"job_title": f"T{self.number}"}
        return CardWrite(operation=Operation.UPDATE, id=record.id, expects=record.version, values=values)

    def _is_done(self, write: CardWrite, items: dict[str, str]) -> bool:
        found = self.emulator.mine.items
        if write.operation is Operation.CREATE:
            made = [item for item in found.values() if item.values.get("contacts:Surname") == write.values["surname"]]
            assert len(made) <= 1
            return bool(made)
        item = found.get(items[write.id])
        if write.operation is Operation.DELETE:
            return item is None
        return item is not None and item.values.get("contacts:JobTitle") == write.values["job_title"]


TestWrites = Writes.TestCase
TestWrites.settings = settings(max_examples=30, stateful_step_count=8, deadline=None)
