"""Do the receipts of writes to an Exchange server tell the truth, whatever goes wrong?"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager

import pytest
from hypothesis import settings
from hypothesis.stateful import rule
from hypothesis.strategies import sampled_from

from carnet.mailboxes.ews import EwsMailbox as Adapter
from carnet.model.card import CardWrite
from carnet.model.change import Operation, Outcome
from carnet.testing.emulators.ews import EwsEmulator, asks, busy
from carnet.testing.emulators.faults import Asked, Fault, Trouble
from carnet.testing.receipts_suite import ReceiptsSuite, is_done, written
from mailboxes.exchange import WRITES, Stumbling, stumbling
from mailboxes.writes_machine import Writes


@pytest.fixture
def server() -> Iterator[Stumbling]:
    with stumbling() as found:
        yield found


class TestReceiptsOfExchange(ReceiptsSuite):
    """Every promise about receipts."""


@pytest.mark.parametrize("operation", [Operation.UPDATE, Operation.DELETE])
def test_a_write_that_the_server_was_too_busy_for_alone_is_done_in_the_next_try(server: Stumbling, operation: Operation) -> None:
    def struck(asked: Asked) -> bool:
        if asks(WRITES[operation])(asked) and not spent:
            spent.append(True)
            for item in mine.within(mine.default):
                item.busy = 1
        return False

    mine, spent = server.emulator.mine, list[bool]()
    server.emulator.faults.add(Fault(trouble=Trouble.DELAY, when=struck))
    write, receipt = written(server, operation)
    assert (spent, is_done(server, write), receipt.outcome) == ([True], True, Outcome.DONE)


def test_many_writes_go_together(ews: EwsEmulator, opened: Adapter) -> None:
    """120 creates cost a look-up, a create and a look at the keys for each fifty."""
    writes = [CardWrite(operation=Operation.CREATE, key=f"k{n}", values={"surname": f"N{n}"}) for n in range(120)]
    opened.folders()
    before = ews.requests
    receipts = opened.write(writes)
    assert {receipt.outcome for receipt in receipts} == {Outcome.DONE}
    assert len({receipt.id for receipt in receipts}) == 120
    assert ews.requests - before <= 9


class WritesToExchange(Writes):
    """Reads may stumble as well, before and after what is written."""

    def opened(self) -> AbstractContextManager[Stumbling]:
        return stumbling()

    @rule(operation=sampled_from(["GetItem", "FindItem"]), status=sampled_from([0, 502, 503]))
    def stumble_over_a_read(self, operation: str, status: int) -> None:
        assert isinstance(self.server, Stumbling)
        when = asks(operation)
        fault = Fault(trouble=Trouble.STATUS, when=when, status=status) if status else busy(operation, seconds=1)
        self.server.emulator.faults.add(fault)


TestWritesToExchange = WritesToExchange.TestCase
TestWritesToExchange.settings = settings(max_examples=30, stateful_step_count=8, deadline=None)
