"""Does the mailbox in memory keep the promises of the port?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from carnet.core.identity import Naming, fingerprint
from carnet.errors import NotAllowed, NotFound, Refused
from carnet.mailboxes.memory import DEFAULT_FOLDER, DELEGATE_FOLDER, MemoryMailbox
from carnet.model.contact import Contact, KeyStrength, Record, SourceKey
from carnet.model.folder import Folder
from carnet.model.reading import Column, ContactList, HeldBack, HeldBackReason, MailboxIdentity, Page, SkippedRecord
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


class Faulty(MemoryMailbox):
    """A mailbox that breaks one promise."""

    def __init__(self, fault: str) -> None:
        five = mailbox_of_five(page_size=3)
        super().__init__(
            five._records,
            held_back=five._held_back,
            lists=five._lists,
            skipped=five._skipped,
            folders=five._folders,
            page_size=3,
        )
        self.fault = fault

    def folders(self) -> tuple[Folder, ...]:
        found = super().folders()
        return {
            "default last": found[::-1],
            "orphan": (found[0], replace(found[1], parent="nowhere"), found[2]),
            "delegate selectable": (found[0], found[1], replace(found[2], reason="")),
        }.get(self.fault, found)

    def read(self, folder: str, cursor: str | None = None) -> Iterator[Page]:
        if self.fault == "any folder":
            return iter(())
        if self.fault == "cursor ignored":
            return super().read(folder, None)
        return (self.spoilt(page) for page in super().read(folder, cursor))

    def spoilt(self, page: Page) -> Page:
        records = page.records
        first = replace(records[0], contact=Contact(values={"nickname": "Bonbon"}))
        return {
            "record lost": replace(page, records=records[1:]),
            "id repeated": replace(page, records=(*records[1:], records[-1])),
            "private leaked": replace(page, records=(first, *records[1:])),
            "version unchanged": replace(page, records=(first, *records[1:-1], replace(records[-1], version=first.version))),
            "keys missing": replace(page, records=(replace(records[0], keys=()), *records[1:])),
            "place missing": replace(page, records=(replace(records[0], place=""), *records[1:])),
            "blank value": replace(page, records=(replace(records[0], contact=Contact(values={"notes": " "})), *records[1:])),
            "skip forgotten": replace(page, skipped=()),
            "list forgotten": replace(page, lists=()),
            "endless": replace(page, cursor="3"),
            "page too long": replace(page, records=records * 2),
            "gone": replace(page, gone=("x",)),
        }.get(self.fault, page)

    def identity(self) -> MailboxIdentity:
        return replace(super().identity(), address="a@example.org" if self.fault == "address" else None)

    def columns(self) -> tuple[Column, ...]:
        column = Column(position=0, title="Name", field="full_name", samples=())
        return (column,) if self.fault == "columns" else ()


PROMISES: dict[str, Callable[[MailboxSuite, Mailbox, Expected], None]] = {
    "default last": lambda suite, mailbox, _: suite.test_exactly_one_folder_is_the_default_and_comes_first(mailbox),
    "orphan": lambda suite, mailbox, _: suite.test_folders_have_ids_of_their_own_and_follow_their_parents(mailbox),
    "delegate selectable": lambda suite, mailbox, known: suite.test_the_folders_offered_are_those_expected(mailbox, known),
    "record lost": lambda suite, mailbox, known: suite.test_reading_yields_every_record_of_its_folder(mailbox, known),
    "id repeated": lambda suite, mailbox, _: suite.test_ids_are_unique_in_the_mailbox(mailbox),
    "keys missing": lambda suite, mailbox, _: suite.test_a_record_carries_its_keys_strongest_first(mailbox),
    "place missing": lambda suite, mailbox, _: suite.test_a_record_says_where_it_stood(mailbox),
    "blank value": lambda suite, mailbox, _: suite.test_values_are_never_blank(mailbox),
    "version unchanged": lambda suite, mailbox, _: suite.test_the_same_version_means_the_same_content(mailbox),
    "private leaked": (
        lambda suite, mailbox, known: suite.test_private_contacts_are_held_back_and_nothing_of_them_crosses(mailbox, known)
    ),
    "skip forgotten": lambda suite, mailbox, known: suite.test_an_unreadable_record_is_skipped_with_its_place(mailbox, known),
    "list forgotten": lambda suite, mailbox, known: suite.test_contact_lists_are_counted_and_named(mailbox, known),
    "endless": lambda suite, mailbox, _: suite.test_pages_are_bounded_and_only_the_last_has_no_cursor(mailbox),
    "page too long": lambda suite, mailbox, _: suite.test_a_folder_counts_at_least_what_it_yields(mailbox),
    "cursor ignored": lambda suite, mailbox, _: suite.test_reading_from_a_cursor_gives_what_follows_it(mailbox),
    "any folder": lambda suite, mailbox, _: suite.test_a_folder_that_is_not_there_is_refused(mailbox),
    "address": lambda suite, mailbox, _: suite.test_the_mailbox_says_whose_it_is(mailbox),
    "columns": lambda suite, mailbox, _: suite.test_only_a_table_has_columns(mailbox),
    "gone": lambda suite, mailbox, _: suite.test_nothing_is_gone_where_nothing_can_be(mailbox),
}


@pytest.mark.parametrize("fault", sorted(PROMISES))
def test_the_suite_finds_a_broken_promise(fault: str) -> None:
    known = Expected(
        records={"contacts": 5, "suppliers": 1},
        held_back=1,
        lists=1,
        skipped=1,
        private=("Bonbon",),
        closed=frozenset({"delegate"}),
    )
    PROMISES[fault](MailboxSuite(), mailbox_of_five(), known)
    with pytest.raises(AssertionError):
        PROMISES[fault](MailboxSuite(), Faulty(fault), known)
