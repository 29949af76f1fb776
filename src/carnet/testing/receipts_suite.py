"""Do the receipts of a mailbox on a server tell the truth, whatever goes wrong on the way?

For authors of adapters: subclass `ReceiptsSuite` and give it a pytest fixture `server`, a server that stumbles on demand, with a
mailbox open on it that holds at least five contacts.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count, product
from typing import NamedTuple, Protocol

from carnet.errors import Unanswered
from carnet.model.card import CardReceipt, CardWrite
from carnet.model.change import Operation, Outcome
from carnet.ports.live import LiveMailbox
from carnet.testing.live_suite import one, read_all

WRITTEN = frozenset({Outcome.DONE, Outcome.ALREADY})
OFTEN = 99
"""More often than anybody tries."""
_NUMBERS = count()


class Held(NamedTuple):
    """What the server holds of a contact."""

    surname: str
    title: str


class Stumbling(Protocol):
    """A server that stumbles on demand; ids are those of records.

    Of the `ways` the first is that of a whole request.
    """

    @property
    def mailbox(self) -> LiveMailbox:
        """The mailbox, open."""
        ...

    @property
    def ways(self) -> tuple[str, ...]:
        """How an answer may be lost."""
        ...

    @property
    def delays(self) -> tuple[str, ...]:
        """Why something may not be done at once."""
        ...

    def lose(self, operation: Operation, *, done: bool, way: str, times: int = 1) -> None:
        """The answer to the next write of that kind is lost, before anything is done or after all is."""
        ...

    def put_off(self, operation: Operation, delay: str) -> None:
        """The next write of that kind is not done at once."""
        ...

    def meanwhile(self, record: str, title: str) -> None:
        """The next change is lost before it is done, and at that moment somebody gives the contact another job title."""
        ...

    def touch(self, record: str) -> None:
        """Somebody changes something else about a contact."""
        ...

    def held(self) -> Mapping[str, Held]:
        """What the server holds by now, asked of itself."""
        ...

    def left(self) -> int:
        """How much of what was demanded has not gone wrong yet."""
        ...


class ReceiptsSuite:
    """The promises of `carnet.ports.live` about writing, on a bad day."""

    def test_a_write_whose_answer_was_lost_is_done_once_and_told_as_done(self, server: Stumbling) -> None:
        """Before anything was done or after all was, of a whole request or of a part of it."""
        for operation, done, way in product(Operation, (False, True), server.ways):
            server.lose(operation, done=done, way=way)
            write, receipt = written(server, operation)
            assert (is_done(server, write), receipt.outcome in WRITTEN, server.left()) == (True, True, 0), (operation, done, way)

    def test_what_the_server_could_not_do_at_once_is_done_later(self, server: Stumbling) -> None:
        """Whatever its reason."""
        for operation, delay in product(Operation, server.delays):
            server.put_off(operation, delay)
            write, receipt = written(server, operation)
            assert (is_done(server, write), receipt.outcome in WRITTEN, server.left()) == (True, True, 0), (operation, delay)

    def test_somebody_elses_change_between_two_tries_is_kept(self, server: Stumbling) -> None:
        """The first try is lost before it is done; the second one sees that the contact has moved."""
        record = min(read_all(server.mailbox)[0].values(), key=lambda each: each.id)
        server.meanwhile(record.id, "Leur titre")
        values = {"job_title": "Le nôtre"}
        receipt = one(server.mailbox, CardWrite(operation=Operation.UPDATE, id=record.id, expects=record.version, values=values))
        assert (receipt.outcome, server.held()[record.id].title) == (Outcome.STALE, "Leur titre")

    def test_a_create_that_is_never_answered_is_told_and_not_made(self, server: Stumbling) -> None:
        """However often it is tried."""
        server.lose(Operation.CREATE, done=False, way=server.ways[0], times=OFTEN)
        write = CardWrite(operation=Operation.CREATE, key="once", values={"surname": "Jamais"})
        try:
            told = one(server.mailbox, write).outcome
        except Unanswered:
            told = None
        assert (told, is_done(server, write)) == (None, False)

    def test_a_create_that_is_made_and_never_answered_is_found_again(self, server: Stumbling) -> None:
        """By its operation key."""
        server.lose(Operation.CREATE, done=True, way=server.ways[0], times=OFTEN)
        write = CardWrite(operation=Operation.CREATE, key="once", values={"surname": "Unique"})
        assert (one(server.mailbox, write).outcome, is_done(server, write)) == (Outcome.ALREADY, True)


def written(server: Stumbling, operation: Operation) -> tuple[CardWrite, CardReceipt]:
    """One write, and its receipt."""
    record = min(read_all(server.mailbox)[0].values(), key=lambda each: each.id)
    number = next(_NUMBERS)
    if operation is Operation.CREATE:
        write = CardWrite(operation=operation, key=f"k{number}", values={"surname": f"Neuve {number}"})
    elif operation is Operation.UPDATE:
        values = {"job_title": f"Titre {number}", "pager": "9", "email1": "zoe@contoso.com"}
        write = CardWrite(operation=operation, id=record.id, expects=record.version, values=values, categories=("VIP",))
    else:
        write = CardWrite(operation=operation, id=record.id, expects=record.version)
    return write, one(server.mailbox, write)


def is_done(server: Stumbling, write: CardWrite) -> bool:
    """Whether the server has done it, by what it holds; AssertionError where it has done it twice."""
    held = server.held()
    if write.operation is Operation.CREATE:
        made = [each for each in held.values() if each.surname == write.values["surname"]]
        assert len(made) <= 1
        return bool(made)
    if write.operation is Operation.DELETE:
        return write.id not in held
    return write.id in held and held[write.id].title == write.values["job_title"]
