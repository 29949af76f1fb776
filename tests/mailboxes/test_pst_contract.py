"""Does an Outlook data file keep the promises of a mailbox?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from carnet.mailboxes.pst import open_mailbox
from carnet.ports.mailbox import Mailbox, OpenOptions
from carnet.testing.mailbox_suite import Expected, MailboxSuite
from carnet.testing.pst.values import Type
from carnet.testing.pst_writer import Card, PstWriter

SECRET = "Secret Santa"
TWIN = Card(values={"full_name": "Twin", "email1": "twin@contoso.com"}, raw={0x300B: (Type.BINARY, b"pasted")})


def write(path: Path) -> Expected:
    """More contacts than a page holds, private ones, a list, one card pasted into a second folder."""
    with PstWriter(path) as writer:
        contacts = writer.folder("Contacts")
        clients = writer.folder("Clients", parent=contacts)
        empty = writer.folder("Empty", parent=contacts)
        writer.folder("Inbox", folder_class="IPF.Note")
        people = [writer.contact(contacts, Card(values={"full_name": f"Person {number}"})) for number in range(450)]
        writer.contact(contacts, TWIN)
        writer.contact(clients, TWIN)
        writer.contact(clients, Card(values={"full_name": SECRET, "business_phone": "555-0199"}, sensitivity=2))
        writer.contact(contacts, Card(values={"full_name": SECRET, "notes": "a surprise"}, sensitivity=1))
        writer.contact_list(contacts, "The team", people[:3])
    return Expected(
        records={str(contacts): 451, str(clients): 1, str(empty): 0},
        held_back=2,
        lists=1,
        private=(SECRET, "555-0199", "a surprise"),
    )


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Expected]:
    path = tmp_path_factory.mktemp("pst") / "contacts.pst"
    return path, write(path)


class TestPstMailbox(MailboxSuite):
    @pytest.fixture
    def expected(self, written: tuple[Path, Expected]) -> Expected:
        return written[1]

    @pytest.fixture
    def mailbox(self, written: tuple[Path, Expected]) -> Iterator[Mailbox]:
        mailbox = open_mailbox(written[0], OpenOptions())
        yield mailbox
        mailbox.close()
