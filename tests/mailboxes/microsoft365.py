"""What do people do in a mailbox of Microsoft 365, and what goes wrong there on demand?"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from carnet.mailboxes.graph import open_mailbox
from carnet.model.change import Operation
from carnet.testing.emulators.faults import Asked, Fault, Trouble
from carnet.testing.emulators.graph import GraphEmulator
from carnet.testing.emulators.graph_mailbox import GraphMailbox
from carnet.testing.receipts_suite import Held
from gates.fixtures import client_of, one_mailbox, watched_graph

SENSITIVITY = "Integer 0x36"


class Outlook:
    """What a person does in Outlook (`carnet.testing.live_suite.Hands`)."""

    def __init__(self, mailbox: GraphMailbox) -> None:
        self._mailbox = mailbox

    def add(self, surname: str, *, private: bool = False) -> None:
        self._mailbox.add_contact(surname=surname, extended={SENSITIVITY: "2"} if private else {})

    def rename(self, record: str, surname: str) -> None:
        self._mailbox.edit(record.removeprefix("i:"), surname=surname)

    def hide(self, record: str) -> None:
        self._mailbox.edit(record.removeprefix("i:"), extended={SENSITIVITY: "2"})

    def move(self, record: str) -> None:
        self._mailbox.move(record.removeprefix("i:"), list(self._mailbox.folders)[1])

    def delete(self, record: str) -> None:
        self._mailbox.delete(record.removeprefix("i:"))

    def portray(self, record: str, photo: bytes) -> None:
        self._mailbox.items[record.removeprefix("i:")].photo = photo

    def colour(self, category: str, colour: str) -> None:
        self._mailbox.categories[category] = colour

    def expire(self) -> None:
        self._mailbox.expire()


METHODS = {Operation.UPDATE: "PATCH", Operation.DELETE: "DELETE", Operation.CREATE: "POST"}


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


class Stumbling:
    """Microsoft 365, stumbling on demand (`carnet.testing.receipts_suite.Stumbling`)."""

    ways = ("batch", "part")
    delays = ("429", "500", "502", "503", "504")

    def __init__(self, emulator: GraphEmulator) -> None:
        self.emulator = emulator
        self.mailbox = open_mailbox(client_of(emulator))

    def lose(self, operation: Operation, *, done: bool, way: str, times: int = 1) -> None:
        trouble = Trouble.HANG_UP_AFTER if done else Trouble.HANG_UP
        when = batch_with(operation) if way == "batch" else part_of(operation)
        self.emulator.faults.add(Fault(trouble=trouble, when=when, times=times))

    def put_off(self, operation: Operation, delay: str) -> None:
        self.emulator.faults.add(refused(int(delay), part_of(operation)))

    def meanwhile(self, record: str, title: str) -> None:
        def struck(asked: Asked) -> bool:
            strikes = part_of(Operation.UPDATE)(asked)
            if strikes:
                self.emulator.mine.edit(record.removeprefix("i:"), jobTitle=title)
            return strikes

        self.emulator.faults.add(Fault(trouble=Trouble.HANG_UP, when=struck))

    def touch(self, record: str) -> None:
        self.emulator.mine.edit(record.removeprefix("i:"), nickName="N")

    def held(self) -> dict[str, Held]:
        return {
            f"i:{item.id}": Held(surname=str(item.values.get("surname") or ""), title=str(item.values.get("jobTitle") or ""))
            for item in self.emulator.mine.items.values()
        }

    def left(self) -> int:
        return self.emulator.faults.left


@contextmanager
def stumbling() -> Iterator[Stumbling]:
    """Such a service, watched, with its mailbox open."""
    with watched_graph(GraphEmulator(one_mailbox())) as emulator:
        server = Stumbling(emulator)
        yield server
        server.mailbox.close()
