"""Do the receipts of writes to Microsoft 365 tell the truth, whatever goes wrong, inside a batch too?"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from itertools import product
from typing import Any

import pytest
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, rule
from hypothesis.strategies import booleans, integers, lists, sampled_from

from carnet.errors import Throttled, Unanswered
from carnet.mailboxes.graph import GraphMailbox as Adapter
from carnet.mailboxes.graph import open_mailbox
from carnet.model.card import CardReceipt, CardWrite
from carnet.model.change import Operation, Outcome
from carnet.model.contact import Record
from carnet.testing.emulators.faults import Asked, Fault, Trouble
from carnet.testing.emulators.graph import GraphEmulator, overlapping
from carnet.testing.live_suite import read_all
from carnet.transport.gate import Gate
from gates import graph_gate
from gates.fixtures import client_of, one_mailbox, watched_graph

METHODS = {Operation.UPDATE: "PATCH", Operation.DELETE: "DELETE", Operation.CREATE: "POST"}
WRITTEN = {Outcome.DONE, Outcome.ALREADY}


@pytest.fixture
def graph() -> Iterator[GraphEmulator]:
    with watched_graph(GraphEmulator(one_mailbox())) as emulator:
        yield emulator


@pytest.fixture
def opened(graph: GraphEmulator) -> Iterator[Adapter]:
    adapter = open_mailbox(client_of(graph))
    yield adapter
    adapter.close()


def part_of(operation: Operation) -> Callable[[Asked], bool]:
    return lambda asked: asked.part and asked.method == METHODS[operation]


def batch_with(operation: Operation) -> Callable[[Asked], bool]:
    """The whole batch that carries such a part."""
    word = f'"{METHODS[operation]}"'.encode()
    return lambda asked: not asked.part and word in asked.body


def refused(status: int, when: Callable[[Asked], bool]) -> Fault:
    body = json.dumps({"error": {"code": "OnDemand", "message": "…"}}).encode()
    headers: Mapping[str, str] = {"Retry-After": "2"} if status in {429, 503} else {}
    return Fault(trouble=Trouble.STATUS, when=when, status=status, headers=headers, body=body)


def written(graph: GraphEmulator, opened: Adapter, operation: Operation) -> tuple[CardReceipt, bool]:
    """The receipt of one write, and whether it was done."""
    record = next(each for each in read_all(opened)[0].values() if each.contact.get("surname") == "Durand")
    identity = record.id.removeprefix("i:")
    if operation is Operation.CREATE:
        write = CardWrite(operation=operation, key="once", values={"surname": "Neuve"})
    elif operation is Operation.UPDATE:
        values = {"job_title": "Directrice", "pager": "9", "email1": "zoe@contoso.com"}
        write = CardWrite(operation=operation, id=record.id, expects=record.version, values=values, categories=("VIP",))
    else:
        write = CardWrite(operation=operation, id=record.id, expects=record.version)
    (receipt,) = opened.write([write])
    items = graph.mine.items
    made = sum(item.values.get("surname") == "Neuve" for item in items.values())
    assert made <= 1
    if operation is Operation.UPDATE:
        return receipt, items[identity].values.get("jobTitle") == "Directrice"
    return receipt, bool(made) if operation is Operation.CREATE else identity not in items


LOST = list(product(METHODS, [Trouble.HANG_UP, Trouble.HANG_UP_AFTER], [part_of, batch_with]))
REFUSED = list(product(METHODS, [401, 403, 404, 409, 410, 412, 429, 500, 502, 503, 504]))


@pytest.mark.parametrize("lost", LOST, ids=lambda lost: "-".join(getattr(each, "__name__", each) for each in lost))
def test_a_write_whose_answer_was_lost_is_done_once_and_told_as_done(
    graph: GraphEmulator, opened: Adapter, lost: tuple[Operation, Trouble, Callable[[Operation], Callable[[Asked], bool]]]
) -> None:
    operation, trouble, where = lost
    graph.faults.add(Fault(trouble=trouble, when=where(operation)))
    receipt, done = written(graph, opened, operation)
    assert done
    assert receipt.outcome in WRITTEN
    assert graph.faults.left == 0


@pytest.mark.parametrize("refusal", REFUSED, ids=str)
def test_a_part_that_was_refused_is_told_as_it_is(graph: GraphEmulator, opened: Adapter, refusal: tuple[Operation, int]) -> None:
    operation, status = refusal
    graph.faults.add(refused(status, part_of(operation)))
    receipt, done = written(graph, opened, operation)
    gone = (status, operation) == (404, Operation.DELETE)  # as the service says
    assert (receipt.outcome in WRITTEN) == (done or gone)
    assert done == (status in {429, 500, 502, 503, 504})


def test_a_conflict_without_if_match_is_stale_and_changes_nothing(graph: GraphEmulator, opened: Adapter) -> None:
    graph.faults.add(overlapping(part_of(Operation.UPDATE)))
    receipt, done = written(graph, opened, Operation.UPDATE)
    assert (receipt.outcome, done) == (Outcome.STALE, False)


def test_somebody_elses_change_between_two_tries_is_kept(graph: GraphEmulator, opened: Adapter) -> None:
    """The first try is lost before it is done, and meanwhile somebody changes the contact."""

    def meanwhile(asked: Asked) -> bool:
        struck = part_of(Operation.UPDATE)(asked)
        if struck:
            graph.mine.edit(next(iter(graph.mine.items)), jobTitle="Leur titre")
        return struck

    graph.faults.add(Fault(trouble=Trouble.HANG_UP, when=meanwhile))
    receipt, done = written(graph, opened, Operation.UPDATE)
    assert (receipt.outcome, done) == (Outcome.STALE, False)
    assert next(iter(graph.mine.items.values())).values["jobTitle"] == "Leur titre"


@pytest.mark.parametrize("inside", [False, True], ids=["the request", "a part"])
def test_a_429_closes_the_gate_for_exactly_as_long_as_it_says(graph: GraphEmulator, inside: bool) -> None:
    now, asked_at = [0.0], []

    def sleep(seconds: float) -> None:
        now[0] += seconds

    graph.watch(lambda exchange: asked_at.append((now[0], exchange.asked.part)))
    graph.faults.add(
        Fault(trouble=Trouble.STATUS, status=429, headers={"Retry-After": "37"}, when=lambda asked: asked.part == inside)
    )
    adapter = open_mailbox(client_of(graph, gate=Gate(clock=lambda: now[0], sleep=sleep)))
    assert len(adapter.folders()) == 2
    adapter.close()
    assert {moment for moment, _ in asked_at} == ({0.0, 37.0} if inside else {37.0})
    assert graph.faults.left == 0


def test_the_last_word_of_a_busy_mailbox_is_told_and_keeps_the_gate_closed(graph: GraphEmulator) -> None:
    now = [0.0]
    gate = Gate(clock=lambda: now[0], sleep=lambda seconds: now.__setitem__(0, now[0] + seconds))
    busy = Fault(trouble=Trouble.STATUS, status=429, headers={"Retry-After": "37"}, when=lambda asked: asked.part, times=999)
    graph.faults.add(busy)
    adapter = open_mailbox(client_of(graph, gate=gate))
    with pytest.raises(Throttled) as told:
        adapter.folders()
    adapter.close()
    assert (told.value.values["seconds"], gate.closed_for) == ("37", 37.0)


class Writes(RuleBasedStateMachine):
    """Whatever goes wrong, a receipt that says "done" is true, one that says "not done" is true, and nothing is made twice."""

    def __init__(self) -> None:
        super().__init__()
        self.emulator = GraphEmulator(one_mailbox())
        self.emulator.watch(graph_gate.check)
        self.emulator.start()
        self.adapter = open_mailbox(client_of(self.emulator))
        self.number = 0

    def teardown(self) -> None:
        self.adapter.close()
        self.emulator.stop()
        assert not self.emulator.violations

    @rule(status=sampled_from([403, 409, 412, 429, 500, 503, 504]), operation=sampled_from(list(METHODS)))
    def refuse_a_part(self, status: int, operation: Operation) -> None:
        self.emulator.faults.add(refused(status, part_of(operation)))

    @rule(
        trouble=sampled_from([Trouble.HANG_UP, Trouble.HANG_UP_AFTER]),
        where=sampled_from([part_of, batch_with]),
        operation=sampled_from(list(METHODS)),
    )
    def lose_an_answer(self, **lost: Any) -> None:
        self.emulator.faults.add(Fault(trouble=lost["trouble"], when=lost["where"](lost["operation"])))

    @rule(places=lists(integers(0, 20), min_size=1, max_size=25, unique=True), elsewhere=booleans())
    def write(self, places: list[int], elsewhere: bool) -> None:
        """Some are created, some changed and some deleted, in one go; sometimes somebody has just changed one of them."""
        records = sorted(read_all(self.adapter)[0].values(), key=lambda each: each.id)
        writes = [self._write(place, records[place] if place < len(records) else None) for place in places]
        if elsewhere and (moved := next((each.id for each in writes if each.id), "")):
            self.emulator.mine.edit(moved.removeprefix("i:"), nickName=f"N{self.number}")
        try:
            receipts = self.adapter.write(writes)
        except Unanswered:  # every try was lost: nobody knows, and nothing is made twice
            assert [self._is_done(write) for write in writes]
            return
        assert len(receipts) == len(writes)
        for write, receipt in zip(writes, receipts, strict=True):
            assert self._is_done(write) == (receipt.outcome in WRITTEN), (write.operation, receipt.outcome)

    def _write(self, place: int, record: Record | None) -> CardWrite:
        self.number += 1
        if record is None:
            return CardWrite(operation=Operation.CREATE, key=f"k{self.number}", values={"surname": f"S{self.number}"})
        if place % 3 == 2:
            return CardWrite(operation=Operation.DELETE, id=record.id, expects=record.version)
        values = {"job_title": f"T{self.number}"}
        return CardWrite(operation=Operation.UPDATE, id=record.id, expects=record.version, values=values)

    def _is_done(self, write: CardWrite) -> bool:
        items = self.emulator.mine.items
        if write.operation is Operation.CREATE:
            made = [item for item in items.values() if item.values.get("surname") == write.values["surname"]]
            assert len(made) <= 1
            return bool(made)
        item = items.get(write.id.removeprefix("i:"))
        if write.operation is Operation.DELETE:
            return item is None
        return item is not None and str(item.values.get("jobTitle")) == write.values["job_title"]


TestWrites = Writes.TestCase
TestWrites.settings = settings(max_examples=40, stateful_step_count=10, deadline=None)
