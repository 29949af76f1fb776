"""Whatever goes wrong, do the receipts of many writes tell the truth?"""

from __future__ import annotations

from contextlib import AbstractContextManager

from hypothesis.stateful import RuleBasedStateMachine, rule
from hypothesis.strategies import booleans, integers, lists, sampled_from, tuples

from carnet.errors import Deferred
from carnet.model.card import CardWrite
from carnet.model.change import Operation
from carnet.model.contact import Record
from carnet.testing.live_suite import read_all
from carnet.testing.receipts_suite import WRITTEN, Stumbling, is_done


class Writes(RuleBasedStateMachine):
    """A receipt that says "done" is true, one that says "not done" is true, and nothing is made twice."""

    def opened(self) -> AbstractContextManager[Stumbling]:
        """The server, watched; each kind of mailbox has its own."""
        raise NotImplementedError

    def __init__(self) -> None:
        super().__init__()
        self.opening = self.opened()
        self.server = self.opening.__enter__()
        self.number = 0

    def teardown(self) -> None:
        self.opening.__exit__(None, None, None)

    @rule(
        places=lists(integers(0, 20), min_size=1, max_size=25, unique=True),
        lost=lists(tuples(sampled_from(Operation), booleans(), integers(0, 9)), max_size=3),
        late=lists(tuples(sampled_from(Operation), integers(0, 9)), max_size=2),
        elsewhere=booleans(),
    )
    def write(
        self, *, places: list[int], lost: list[tuple[Operation, bool, int]], late: list[tuple[Operation, int]], elsewhere: bool
    ) -> None:
        """Some are created, some changed and some deleted, in one go; sometimes somebody has just changed one of them."""
        server = self.server
        for operation, done, way in lost:
            server.lose(operation, done=done, way=server.ways[way % len(server.ways)])
        for operation, delay in late:
            server.put_off(operation, server.delays[delay % len(server.delays)])
        records = sorted(read_all(self.server.mailbox)[0].values(), key=lambda each: each.id)
        writes = [self._write(place, records[place] if place < len(records) else None) for place in places]
        if elsewhere and (moved := next((each.id for each in writes if each.id), "")):
            self.server.touch(moved)
        try:
            receipts = self.server.mailbox.write(writes)
        except Deferred:  # every try was lost: nobody knows, and nothing is made twice
            assert len([is_done(self.server, write) for write in writes]) == len(writes)
            return
        assert len(receipts) == len(writes)
        for write, receipt in zip(writes, receipts, strict=True):
            assert is_done(self.server, write) == (receipt.outcome in WRITTEN), (write.operation, receipt)

    def _write(self, place: int, record: Record | None) -> CardWrite:
        self.number += 1
        if record is None:
            return CardWrite(operation=Operation.CREATE, key=f"k{self.number}", values={"surname": f"S{self.number}"})
        if place % 3 == 2:
            return CardWrite(operation=Operation.DELETE, id=record.id, expects=record.version)
        values = {"job_title": f"T{self.number}"}
        return CardWrite(operation=Operation.UPDATE, id=record.id, expects=record.version, values=values)
