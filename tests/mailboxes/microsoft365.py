"""What do people do in a mailbox of Microsoft 365?"""

from __future__ import annotations

from carnet.testing.emulators.graph_mailbox import GraphMailbox

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
