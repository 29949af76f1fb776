"""Does a mailbox adapter keep the promises of `carnet.ports.mailbox`?

For authors of adapters: subclass `MailboxSuite` in a test module, and give it two pytest fixtures. `mailbox` is an open
mailbox whose content is known, `expected` says what that content is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from unittest import SkipTest

from carnet.errors import Deferred, Refused
from carnet.model.contact import Record
from carnet.model.folder import Folder
from carnet.model.reading import Page
from carnet.ports.mailbox import Mailbox


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What the mailbox under test holds.

    `records` maps the id of each selectable folder to its number of readable contacts; `held_back`, `lists` and `skipped` are
    totals over those folders. `private` are texts that stand in its private contacts and nowhere else, `closed` the ids of
    folders that cannot be selected.
    """

    records: Mapping[str, int]
    held_back: int = 0
    lists: int = 0
    skipped: int = 0
    private: tuple[str, ...] = ()
    closed: frozenset[str] = field(default_factory=frozenset)


def _pages(mailbox: Mailbox, folder: Folder, cursor: str | None = None) -> list[Page]:
    return list(mailbox.read(folder.id, cursor))


def _everything(mailbox: Mailbox) -> list[Page]:
    return [page for folder in mailbox.folders() if folder.selectable for page in _pages(mailbox, folder)]


def _records(mailbox: Mailbox) -> list[Record]:
    return [record for page in _everything(mailbox) for record in page.records]


class MailboxSuite:
    """The promises of the port, one test each; a promise is skipped only by a declared capability."""

    def test_exactly_one_folder_is_the_default_and_comes_first(self, mailbox: Mailbox) -> None:
        """The default folder is found without asking."""
        folders = mailbox.folders()
        assert [folder.is_default for folder in folders] == [True] + [False] * (len(folders) - 1)
        assert folders[0].selectable

    def test_folders_have_ids_of_their_own_and_follow_their_parents(self, mailbox: Mailbox) -> None:
        """A tree can be drawn in one pass."""
        seen: set[str] = set()
        for folder in mailbox.folders():
            assert folder.id not in seen
            assert folder.parent is None or folder.parent in seen
            assert folder.path[-1] == folder.name
            seen.add(folder.id)

    def test_the_folders_offered_are_those_expected(self, mailbox: Mailbox, expected: Expected) -> None:
        """System folders and deleted items are not offered."""
        folders = mailbox.folders()
        assert {folder.id for folder in folders if folder.selectable} == set(expected.records)
        assert {folder.id for folder in folders if not folder.selectable} == expected.closed

    def test_a_folder_counts_at_least_what_it_yields(self, mailbox: Mailbox) -> None:
        """The count includes private contacts, so it is no smaller than what crosses."""
        for folder in mailbox.folders():
            if folder.selectable:
                assert folder.count >= sum(len(page.records) for page in _pages(mailbox, folder))

    def test_reading_yields_every_record_of_its_folder(self, mailbox: Mailbox, expected: Expected) -> None:
        """Nothing is lost, and each record names the folder it was read from."""
        for folder in mailbox.folders():
            if folder.selectable:
                records = [record for page in _pages(mailbox, folder) for record in page.records]
                assert len(records) == expected.records[folder.id]
                assert {record.folder for record in records} <= {folder.id}

    def test_ids_are_unique_in_the_mailbox(self, mailbox: Mailbox) -> None:
        """A page repeats no id, and neither does another page or folder."""
        ids = [record.id for record in _records(mailbox)]
        assert len(ids) == len(set(ids))

    def test_a_record_carries_its_keys_strongest_first(self, mailbox: Mailbox) -> None:
        """There is always one, at least the fingerprint of the content."""
        for record in _records(mailbox):
            strengths = [key.strength for key in record.keys]
            assert strengths
            assert strengths == sorted(strengths, reverse=True)
            assert all(key.key for key in record.keys)

    def test_a_record_says_where_it_stood(self, mailbox: Mailbox) -> None:
        """A person can find it again in the source."""
        assert all(record.place for record in _records(mailbox))

    def test_values_are_never_blank(self, mailbox: Mailbox) -> None:
        """A blank value is an absent one."""
        for record in _records(mailbox):
            assert all(value.strip() for value in record.contact.values.values())

    def test_reading_twice_yields_the_same_in_the_same_order(self, mailbox: Mailbox) -> None:
        """The same version means the same content."""
        assert _records(mailbox) == _records(mailbox)

    def test_the_same_version_means_the_same_content(self, mailbox: Mailbox) -> None:
        """Two records of one version say the same."""
        content = [(record.version, record.contact) for record in _records(mailbox)]
        known = dict(content)
        assert all(version for version, _ in content)
        assert all(known[version] == contact for version, contact in content)

    def test_private_contacts_are_held_back_and_nothing_of_them_crosses(self, mailbox: Mailbox, expected: Expected) -> None:
        """Only an opaque key, the folder and the reason."""
        pages = _everything(mailbox)
        held_back = [held for page in pages for held in page.held_back]
        assert len(held_back) == expected.held_back
        assert len({held.key for held in held_back}) == len(held_back)
        crossed = repr(pages)
        assert [text for text in expected.private if text in crossed] == []

    def test_contact_lists_are_counted_and_named(self, mailbox: Mailbox, expected: Expected) -> None:
        """They are no contacts."""
        lists = [each for page in _everything(mailbox) for each in page.lists]
        assert len(lists) == expected.lists
        assert all(each.members >= 0 for each in lists)

    def test_an_unreadable_record_is_skipped_with_its_place(self, mailbox: Mailbox, expected: Expected) -> None:
        """It never ends the reading, and what follows it is read."""
        skipped = [each for page in _everything(mailbox) for each in page.skipped]
        assert len(skipped) == expected.skipped
        assert all(each.place and each.reason and each.code.startswith("CA3") for each in skipped)

    def test_pages_are_bounded_and_only_the_last_has_no_cursor(self, mailbox: Mailbox) -> None:
        """Memory stays bounded, and a reader knows the end when it sees it."""
        for folder in mailbox.folders():
            if folder.selectable:
                pages = _pages(mailbox, folder)
                assert pages
                assert all(len(page.records) <= mailbox.capabilities.page_size for page in pages)
                assert all(page.cursor for page in pages[:-1])
                assert pages[-1].cursor is None

    def test_reading_from_a_cursor_gives_what_follows_it(self, mailbox: Mailbox) -> None:
        """Neither a gap nor a repetition."""
        for folder in mailbox.folders():
            if folder.selectable:
                pages = _pages(mailbox, folder)
                for position, (page, _) in enumerate(pairwise(pages), start=1):
                    assert _pages(mailbox, folder, page.cursor) == pages[position:]

    def test_a_folder_that_is_not_there_is_refused(self, mailbox: Mailbox) -> None:
        """Every method raises Refused or Deferred, nothing else."""
        _expect_refusal(mailbox, "no such folder")

    def test_a_folder_that_cannot_be_selected_is_not_read(self, mailbox: Mailbox) -> None:
        """Somebody else's contacts are not ours to bring."""
        closed = [folder for folder in mailbox.folders() if not folder.selectable]
        for folder in closed:
            _expect_refusal(mailbox, folder.id)

    def test_a_cursor_of_something_else_is_refused(self, mailbox: Mailbox) -> None:
        """It is never read as "from the start"."""
        _expect_refusal(mailbox, mailbox.folders()[0].id, "no such cursor")

    def test_the_mailbox_says_whose_it_is(self, mailbox: Mailbox) -> None:
        """The key names it across readings; an address stands there only where it is declared."""
        identity = mailbox.identity()
        assert identity.key
        assert identity.label
        assert identity.kind
        assert (identity.address is not None) == mailbox.capabilities.has_address
        assert mailbox.identity() == identity

    def test_only_a_table_has_columns(self, mailbox: Mailbox) -> None:
        """Columns stand in order, with five samples at most."""
        columns = mailbox.columns()
        assert bool(columns) == mailbox.capabilities.columns
        assert [column.position for column in columns] == sorted({column.position for column in columns})
        assert all(len(column.samples) <= _SAMPLES for column in columns)

    def test_nothing_is_gone_where_nothing_can_be(self, mailbox: Mailbox) -> None:
        """A mailbox without deltas has no earlier reading to compare with."""
        if mailbox.capabilities.deltas:
            raise SkipTest("a mailbox with deltas may report what is gone")
        assert [gone for page in _everything(mailbox) for gone in page.gone] == []

    def test_closing_twice_is_fine(self, mailbox: Mailbox) -> None:
        """Whoever opened it may close it again."""
        mailbox.close()
        mailbox.close()


_SAMPLES = 5


def _expect_refusal(mailbox: Mailbox, folder: str, cursor: str | None = None) -> None:
    refusal: Refused | Deferred | None = None
    try:
        list(mailbox.read(folder, cursor))
    except (Refused, Deferred) as raised:
        refusal = raised
    assert refusal is not None, "this was read where a refusal was due"
    assert str(refusal)
