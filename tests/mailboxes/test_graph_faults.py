"""Do the receipts of writes to Microsoft 365 tell the truth, whatever goes wrong, inside a batch too?"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from itertools import product

import pytest
from hypothesis import settings
from hypothesis.stateful import rule
from hypothesis.strategies import sampled_from

from carnet.errors import Throttled
from carnet.mailboxes.graph import open_mailbox
from carnet.model.change import Operation, Outcome
from carnet.testing.emulators.faults import Fault, Trouble
from carnet.testing.emulators.graph import overlapping
from carnet.testing.receipts_suite import WRITTEN, ReceiptsSuite, is_done, written
from carnet.transport.gate import Gate
from gates.fixtures import client_of
from mailboxes.microsoft365 import METHODS, Stumbling, part_of, refused, stumbling
from mailboxes.writes_machine import Writes

REFUSED = list(product(METHODS, [401, 403, 404, 409, 410, 412, 429, 500, 502, 503, 504]))


@pytest.fixture
def server() -> Iterator[Stumbling]:
    with stumbling() as found:
        yield found


class TestReceiptsOfMicrosoft365(ReceiptsSuite):
    """Every promise about receipts."""


@pytest.mark.parametrize("refusal", REFUSED, ids=str)
def test_a_part_that_was_refused_is_told_as_it_is(server: Stumbling, refusal: tuple[Operation, int]) -> None:
    operation, status = refusal
    server.emulator.faults.add(refused(status, part_of(operation)))
    write, receipt = written(server, operation)
    gone = (status, operation) == (404, Operation.DELETE)  # as the service says
    assert (receipt.outcome in WRITTEN) == (is_done(server, write) or gone)
    assert is_done(server, write) == (status in {429, 500, 502, 503, 504})


def test_a_conflict_without_if_match_is_stale_and_changes_nothing(server: Stumbling) -> None:
    server.emulator.faults.add(overlapping(part_of(Operation.UPDATE)))
    write, receipt = written(server, Operation.UPDATE)
    assert (receipt.outcome, is_done(server, write)) == (Outcome.STALE, False)


@pytest.mark.parametrize("inside", [False, True], ids=["the request", "a part"])
def test_a_429_closes_the_gate_for_exactly_as_long_as_it_says(server: Stumbling, inside: bool) -> None:
    now, asked_at = [0.0], []

    def sleep(seconds: float) -> None:
        now[0] += seconds

    server.emulator.watch(lambda exchange: asked_at.append((now[0], exchange.asked.part)))
    server.emulator.faults.add(
        Fault(trouble=Trouble.STATUS, status=429, headers={"Retry-After": "37"}, when=lambda asked: asked.part == inside)
    )
    adapter = open_mailbox(client_of(server.emulator, gate=Gate(clock=lambda: now[0], sleep=sleep)))
    assert len(adapter.folders()) == 2
    adapter.close()
    assert {moment for moment, _ in asked_at} == ({0.0, 37.0} if inside else {37.0})
    assert server.left() == 0


def test_the_last_word_of_a_busy_mailbox_is_told_and_keeps_the_gate_closed(server: Stumbling) -> None:
    now = [0.0]
    gate = Gate(clock=lambda: now[0], sleep=lambda seconds: now.__setitem__(0, now[0] + seconds))
    busy = Fault(trouble=Trouble.STATUS, status=429, headers={"Retry-After": "37"}, when=lambda asked: asked.part, times=999)
    server.emulator.faults.add(busy)
    adapter = open_mailbox(client_of(server.emulator, gate=gate))
    with pytest.raises(Throttled) as told:
        adapter.folders()
    adapter.close()
    assert (told.value.values["seconds"], gate.closed_for) == ("37", 37.0)


class WritesToMicrosoft365(Writes):
    """Parts may be refused as well."""

    def opened(self) -> AbstractContextManager[Stumbling]:
        return stumbling()

    @rule(status=sampled_from([403, 409, 412]), operation=sampled_from(Operation))
    def refuse_a_part(self, status: int, operation: Operation) -> None:
        assert isinstance(self.server, Stumbling)
        self.server.emulator.faults.add(refused(status, part_of(operation)))


TestWritesToMicrosoft365 = WritesToMicrosoft365.TestCase
TestWritesToMicrosoft365.settings = settings(max_examples=40, stateful_step_count=10, deadline=None)
