"""What do people do in a mailbox of an Exchange server, and whom does one find there?"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from carnet.mailboxes.ews import EwsMailbox as Adapter
from carnet.mailboxes.ews.client import EwsClient
from carnet.mailboxes.ews.translate import PATHS, values_of
from carnet.model.change import Operation
from carnet.model.contact import Record
from carnet.testing.demo_mailbox import LISTS, demo_cards
from carnet.testing.demo_people import CLIENTS, CONTACTS, FAIR, SUPPLIERS, TO_SORT
from carnet.testing.emulators.ews import EwsEmulator, asks, busy
from carnet.testing.emulators.ews_mailbox import OPENS, PHOTO, EwsMailbox
from carnet.testing.emulators.faults import Asked, Fault, Trouble
from carnet.testing.live_suite import read_all
from carnet.testing.receipts_suite import Held
from carnet.transport.gate import Gate
from gates.fixtures import one_exchange, quick_gate, watched_ews


class Outlook:
    """What a person does in Outlook (`carnet.testing.live_suite.Hands`)."""

    def __init__(self, mailbox: EwsMailbox) -> None:
        self._mailbox = mailbox

    def item(self, record: str) -> str:
        """The item that a record is now: the one of its search key, or of its copies the one that its id names."""
        key = base64.b64encode(bytes.fromhex(record[2:].partition("~")[0])).decode()
        return next(item.id for item in self._mailbox.items.values() if item.search_key == key)

    def add(self, surname: str, *, private: bool = False) -> None:
        self._mailbox.add({"contacts:Surname": surname, **({"item:Sensitivity": "Private"} if private else {})})

    def rename(self, record: str, surname: str) -> None:
        self._mailbox.edit(self.item(record), {"contacts:Surname": surname})

    def hide(self, record: str) -> None:
        self._mailbox.edit(self.item(record), {"item:Sensitivity": "Private"})

    def move(self, record: str) -> None:
        self._mailbox.move(self.item(record), clients(self._mailbox))

    def delete(self, record: str) -> None:
        self._mailbox.delete(self.item(record))

    def portray(self, record: str, photo: bytes) -> None:
        self._mailbox.attach(self.item(record), PHOTO, photo)

    def colour(self, category: str, colour: str) -> None:
        self._mailbox.categories[category] = colour

    def expire(self) -> None:
        self._mailbox.expire()


WRITES = {Operation.UPDATE: "UpdateItem", Operation.DELETE: "DeleteItem", Operation.CREATE: "CreateItem"}


class Stumbling:
    """An Exchange server that stumbles on demand (`carnet.testing.receipts_suite.Stumbling`)."""

    ways = ("request",)
    delays = ("busy", "broken", "bad gateway")

    def __init__(self, emulator: EwsEmulator) -> None:
        self.emulator = emulator
        self.mailbox = exchange_of(emulator)

    def lose(self, operation: Operation, *, done: bool, way: str, times: int = 1) -> None:
        del way
        trouble = Trouble.HANG_UP_AFTER if done else Trouble.HANG_UP
        self.emulator.faults.add(Fault(trouble=trouble, when=asks(WRITES[operation]), times=times))

    def put_off(self, operation: Operation, delay: str) -> None:
        when = asks(WRITES[operation])
        faults = {
            "busy": busy(WRITES[operation], seconds=2, times=2),
            "broken": Fault(trouble=Trouble.STATUS, when=when, status=503),
            "bad gateway": Fault(trouble=Trouble.STATUS, when=when, status=502),
        }
        self.emulator.faults.add(faults[delay])

    def meanwhile(self, record: str, title: str) -> None:
        def struck(asked: Asked) -> bool:
            strikes = asks(WRITES[Operation.UPDATE])(asked)
            if strikes:
                self._edit(record, {"contacts:JobTitle": title})
            return strikes

        self.emulator.faults.add(Fault(trouble=Trouble.HANG_UP, when=struck))

    def touch(self, record: str) -> None:
        self._edit(record, {"contacts:Nickname": "N"})

    def held(self) -> dict[str, Held]:
        mine = self.emulator.mine
        items = [item for item in mine.items.values() if item.folder != mine.deleted]
        return {
            f"s:{base64.b64decode(item.search_key).hex()}": Held(
                surname=str(item.values.get("contacts:Surname", "")), title=str(item.values.get("contacts:JobTitle", ""))
            )
            for item in items
        }

    def left(self) -> int:
        return self.emulator.faults.left

    def _edit(self, record: str, values: dict[str, str | tuple[str, ...] | None]) -> None:
        self.emulator.mine.edit(Outlook(self.emulator.mine).item(record), values)


@contextmanager
def stumbling() -> Iterator[Stumbling]:
    """Such a server, watched, with its mailbox open."""
    with watched_ews(EwsEmulator(one_exchange())) as emulator:
        server = Stumbling(emulator)
        yield server
        server.mailbox.close()


def clients(mailbox: EwsMailbox) -> str:
    return next(each.id for each in mailbox.folders.values() if each.name == "Clients")


def of_name(mailbox: Adapter, surname: str) -> Record:
    return next(record for record in read_all(mailbox)[0].values() if record.contact.get("surname") == surname)


def exchange_of(
    emulator: EwsEmulator,
    *,
    user: str = "CONTOSO\\camille",
    password: str = OPENS,
    gate: Gate | None = None,
    shared: Sequence[str] = (),
) -> Adapter:
    """The mailbox behind the emulator, which never waits long."""
    client = EwsClient(emulator.url, user=user, password=lambda: password, gate=gate or quick_gate(), sleep=lambda _: None)
    return Adapter(client, shared=shared)


def demo_exchange(address: str) -> EwsMailbox:
    """The mailbox of the demonstration, on an Exchange server: some 400 people in five folders, private ones and lists."""
    mailbox = EwsMailbox("camille", address=address, name="Camille Roche")
    clients_ = mailbox.add_folder(CLIENTS)
    folders = {
        CONTACTS: mailbox.default,
        CLIENTS: clients_,
        SUPPLIERS: mailbox.add_folder(SUPPLIERS),
        FAIR: mailbox.add_folder(FAIR, parent=clients_),
        TO_SORT: mailbox.add_folder(TO_SORT),
    }
    for folder, card in demo_cards():
        said = values_of({key: value for key, value in card.values.items() if key in PATHS}, categories=card.categories)
        values = {path: value for path, value in said.items() if value and " " not in path}
        if sensitivity := card.sensitivity or (2 if card.private else 0):
            values["item:Sensitivity"] = ("Normal", "Personal", "Private", "Confidential")[sensitivity]
        extended = {path: value for path, value in said.items() if isinstance(value, str) and " " in path}
        mailbox.add(values, folder=folders[folder], extended=extended)
    for folder, name in LISTS:
        mailbox.add_list(name, folder=folders[folder])
    return mailbox
