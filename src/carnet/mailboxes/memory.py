"""What does a mailbox look like that keeps its contacts in memory?

For rehearsals and for the tests of flows: it keeps every promise of the port without a file.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from carnet.errors import NotAllowed, NotFound, Refused
from carnet.model.contact import Record
from carnet.model.folder import DELEGATE, Folder
from carnet.model.reading import Column, ContactList, HeldBack, MailboxIdentity, Page, Repair, SkippedRecord
from carnet.ports.mailbox import MailboxCapabilities

DEFAULT_FOLDER = Folder(id="contacts", name="Contacts", path=("Contacts",), count=0, is_default=True)
DELEGATE_FOLDER = Folder(
    id="delegate", name="Contacts of a colleague", path=("Contacts of a colleague",), count=0, reason=DELEGATE
)


class MemoryMailbox:
    """A mailbox of the records it is given, in the order given.

    Every record, held-back contact, list and skip names its folder by id. Counts of the folders are worked out here.
    """

    def __init__(
        self,
        records: Sequence[Record] = (),
        *,
        held_back: Sequence[HeldBack] = (),
        lists: Sequence[ContactList] = (),
        skipped: Sequence[SkippedRecord] = (),
        repairs: Sequence[Repair] = (),
        folders: Sequence[Folder] = (DEFAULT_FOLDER, DELEGATE_FOLDER),
        page_size: int = 200,
        address: str | None = None,
    ) -> None:
        """Keep the content; the first folder is the default one, repairs are told with its first page."""
        self._records = tuple(records)
        self._held_back = tuple(held_back)
        self._lists = tuple(lists)
        self._skipped = tuple(skipped)
        self._repairs = tuple(repairs)
        self._folders = tuple(folders)
        self._page_size = page_size
        self._address = address

    @property
    def capabilities(self) -> MailboxCapabilities:
        """Stable ids, and an address where one was given."""
        return MailboxCapabilities(has_address=self._address is not None, stable_ids=True, page_size=self._page_size)

    def identity(self) -> MailboxIdentity:
        """One logical mailbox, whatever it holds."""
        return MailboxIdentity(key=self._address or "memory", label="Memory", kind="memory", address=self._address)

    def folders(self) -> tuple[Folder, ...]:
        """The folders given, each with its number of contacts."""
        return tuple(self._counted(folder) for folder in self._folders)

    def _counted(self, folder: Folder) -> Folder:
        records = sum(each.folder == folder.id for each in self._records)
        held_back = sum(each.folder == folder.id for each in self._held_back)
        return replace(folder, count=records + held_back or folder.count)

    def read(self, folder: str, cursor: str | None = None) -> Iterator[Page]:
        """The pages of one folder; NotFound, NotAllowed for a folder of somebody else, Refused for an unknown cursor."""
        known = {each.id: each for each in self._folders}
        if folder not in known:
            raise NotFound("The mailbox has no folder {folder}.", "Choose one of the folders on offer.", folder=folder)
        if not known[folder].selectable:
            raise NotAllowed("This folder belongs to somebody else.", "Choose a folder of your own.")
        return self._read(folder, self._position(cursor))

    def _position(self, cursor: str | None) -> int:
        if cursor is None:
            return 0
        if not cursor.isdecimal():
            raise Refused("Reading cannot go on from here.", "Read the mailbox again from the start.")
        return int(cursor)

    def _read(self, folder: str, start: int) -> Iterator[Page]:
        records = [record for record in self._records if record.folder == folder]
        for begin in range(start, max(len(records), 1), self._page_size):
            end = begin + self._page_size
            first = begin == 0
            yield Page(
                records=tuple(records[begin:end]),
                held_back=tuple(each for each in self._held_back if first and each.folder == folder),
                lists=tuple(each for each in self._lists if first and each.folder == folder),
                skipped=tuple(each for each in self._skipped if first and each.folder == folder),
                repairs=self._repairs if first and folder == self._folders[0].id else (),
                cursor=str(end) if end < len(records) else None,
            )

    def columns(self) -> tuple[Column, ...]:
        """None: this is no table."""
        return ()

    def close(self) -> None:
        """Nothing to let go of."""
