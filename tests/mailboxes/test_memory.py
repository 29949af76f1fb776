"""Does the mailbox in memory keep the promises of the port?"""

from __future__ import annotations

import pytest

from carnet.core.identity import Naming, fingerprint
from carnet.errors import NotAllowed, NotFound, Refused
from carnet.mailboxes.memory import DEFAULT_FOLDER, DELEGATE_FOLDER, MemoryMailbox
from carnet.model.contact import Contact, KeyStrength, Record, SourceKey
from carnet.model.folder import Folder
from carnet.model.reading import ContactList, HeldBack, HeldBackReason, SkippedRecord
from carnet.ports.mailbox import Mailbox
from carnet.testing.mailbox_suite import Expected, MailboxSuite

SUPPLIERS = Folder(id="suppliers", name="Suppliers", path=("Contacts", "Suppliers"), count=0, parent="contacts")


def records(folder: str, names: list[str], naming: Naming) -> list[Record]:
    made = []
    for number, name in enumerate(names, start=1):
        contact = Contact(values={"full_name": name, "email1": f"{name.lower()}@example.org"})
        keys = (SourceKey(strength=KeyStrength.FINGERPRINT, key=fingerprint(contact)),)
        made.append(
            Record(
                id=naming.name(keys),
                folder=folder,
                place=f"item {number}",
                keys=keys,
                version=fingerprint(contact),
                contact=contact,
            )
        )
    return made


def mailbox_of_five(page_size: int = 2) -> MemoryMailbox:
    naming = Naming()
    return MemoryMailbox(
        [*records("contacts", ["Anna", "Bruno", "Chloé", "Anna", "Émile"], naming), *records("suppliers", ["Farid"], naming)],
        held_back=[HeldBack(key="k1", folder="contacts", reason=HeldBackReason.PRIVATE)],
        lists=[ContactList(name="Friday lunch", folder="suppliers", members=4)],
        skipped=[SkippedRecord(folder="contacts", place="item 9", code="CA301", reason="The record could not be read.")],
        folders=[DEFAULT_FOLDER, SUPPLIERS, DELEGATE_FOLDER],
        page_size=page_size,
    )


class TestMemoryMailbox(MailboxSuite):
    @pytest.fixture
    def mailbox(self) -> Mailbox:
        return mailbox_of_five()

    @pytest.fixture
    def expected(self) -> Expected:
        return Expected(records={"contacts": 5, "suppliers": 1}, held_back=1, lists=1, skipped=1, closed=frozenset({"delegate"}))


class TestEmptyMemoryMailbox(MailboxSuite):
    @pytest.fixture
    def mailbox(self) -> Mailbox:
        return MemoryMailbox(address="anna@example.org")

    @pytest.fixture
    def expected(self) -> Expected:
        return Expected(records={"contacts": 0}, closed=frozenset({"delegate"}))


def test_what_is_held_back_or_skipped_is_told_once_however_many_pages_there_are() -> None:
    pages = list(mailbox_of_five(page_size=1).read("contacts"))
    assert len(pages) == 5
    assert [len(page.held_back) for page in pages] == [1, 0, 0, 0, 0]
    assert [len(page.skipped) for page in pages] == [1, 0, 0, 0, 0]


def test_a_folder_counts_its_private_contacts_too() -> None:
    assert [folder.count for folder in mailbox_of_five().folders()] == [6, 1, 0]


@pytest.mark.parametrize(
    ("folder", "cursor", "refusal"),
    [("delegate", None, NotAllowed), ("nowhere", None, NotFound), ("contacts", "x", Refused)],
)
def test_what_cannot_be_read_is_refused_at_once(folder: str, cursor: str | None, refusal: type[Refused]) -> None:
    with pytest.raises(refusal):
        mailbox_of_five().read(folder, cursor)
