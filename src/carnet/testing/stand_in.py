"""How does an emulated mailbox stand in for the one whose contacts it holds?

Every contact travels through the emulator, and comes back under the names that it has in its own mailbox, so that links and
what was seen before are found again. Private contacts are not in the copy: they are only counted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from carnet.errors import NotAllowed
from carnet.model.card import CardReceipt, CardWrite
from carnet.model.contact import KeyStrength, Record
from carnet.model.folder import Folder
from carnet.model.reading import Changes, Column, HeldBack, HeldBackReason, MailboxIdentity, Page, Reading
from carnet.ports.live import LiveMailbox
from carnet.ports.mailbox import MailboxCapabilities
from carnet.testing.emulators.filling import extended_of, resource_of
from carnet.testing.emulators.graph_mailbox import GraphMailbox

USER = "copy"


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """An emulated mailbox with a reading in it: its record ids and folders, and what they are called in the reading.

    `held_back` counts the private contacts of each folder of the reading, which are not in it.
    """

    mailbox: GraphMailbox
    reading: Reading
    records: Mapping[str, Record]
    folders: Mapping[str, str]
    held_back: Mapping[str, int]


def fill(reading: Reading, records: Sequence[Record], *, held_back: Mapping[str, int]) -> Filled:
    """Put what was read into an emulated mailbox of its own."""
    mailbox = GraphMailbox(USER, address=reading.identity.address or "", name=reading.identity.label)
    folders: dict[str, str] = {}
    for each in reading.folders:
        if each.selectable:
            folders[each.id] = _folder(mailbox, each, known=folders)
    named = {}
    for record in records:
        contact = record.contact
        made = mailbox.add_contact(folders[record.folder], extended=extended_of(contact), **resource_of(contact))
        mailbox.items[made].values["displayName"] = contact.get("full_name")  # the service would make one up
        named[f"i:{made}"] = record
    return Filled(mailbox=mailbox, reading=reading, records=named, folders=folders, held_back=held_back)


def _folder(mailbox: GraphMailbox, folder: Folder, *, known: Mapping[str, str]) -> str:
    if folder.is_default:
        return mailbox.default
    return mailbox.add_folder(folder.name, parent=known.get(folder.parent or "", ""))


class StandIn:
    """A mailbox on an emulator, under the names of another (`carnet.ports.live.LiveMailbox`). It is never written to."""

    def __init__(self, inner: LiveMailbox, filled: Filled) -> None:
        """Read through `inner`, which is connected to the emulator that holds what is `filled`."""
        self._inner = inner
        self._filled = filled
        self._back = {emulated: folder for folder, emulated in filled.folders.items()}

    @property
    def capabilities(self) -> MailboxCapabilities:
        """What the emulated mailbox can do, but for writing."""
        return replace(self._inner.capabilities, writes=False)

    def identity(self) -> MailboxIdentity:
        """Whose contacts these are, as their own mailbox says."""
        return self._filled.reading.identity

    def folders(self) -> tuple[Folder, ...]:
        """The folders of the reading that the emulator has; those of other people stay on show."""
        there = {self._back.get(each.id) for each in self._inner.folders()}
        return tuple(each for each in self._filled.reading.folders if each.id in there or not each.selectable)

    def prepare(self, folders: Sequence[str]) -> None:
        """Those folders will be read."""
        self._inner.prepare([self._filled.folders[each] for each in folders])

    def read(self, folder: str, cursor: str | None = None) -> Iterator[Page]:
        """The pages of one folder; what stayed out of the copy is told with the last one."""
        for page in self._inner.read(self._filled.folders[folder], cursor):
            named = replace(page, records=tuple(self._named(each) for each in page.records))
            yield named if page.cursor else self._with_the_rest(named, folder)

    def changes(self, since: Mapping[str, str]) -> Changes:
        """What became of those folders."""
        told = self._inner.changes({self._filled.folders[folder]: later for folder, later in since.items()})
        return replace(
            told,
            records=tuple(self._named(each) for each in told.records),
            gone=tuple(self._filled.records[each].id for each in told.gone),
            cursors={self._back[folder]: later for folder, later in told.cursors.items()},
            expired=frozenset(self._back[folder] for folder in told.expired),
        )

    def write(self, writes: Sequence[CardWrite]) -> tuple[CardReceipt, ...]:
        """Refused: a copy is read alone."""
        del writes
        raise NotAllowed("A copy of a mailbox is not written to.", "Report this: it is a fault of Carnet.")

    def categories(self) -> Mapping[str, str]:
        """None: a reading keeps no colours."""
        return {}

    def photos(self, records: Sequence[Record]) -> Mapping[str, str]:
        """None: a reading keeps no photos."""
        del records
        return {}

    def columns(self) -> tuple[Column, ...]:
        """None: this is no table."""
        return ()

    def close(self) -> None:
        """Let go of the connections."""
        self._inner.close()

    def _named(self, record: Record) -> Record:
        """What came from the emulator, under the names of its own mailbox."""
        known = self._filled.records[record.id]
        keys = tuple(each for each in known.keys if each.strength is not KeyStrength.CONTENT)  # made anew by who reads
        return replace(known, keys=keys, contact=record.contact)

    def _with_the_rest(self, page: Page, folder: str) -> Page:
        reading = self._filled.reading
        private = range(self._filled.held_back.get(folder, 0))
        return replace(
            page,
            held_back=tuple(HeldBack(key=f"{folder}:{each}", folder=folder, reason=HeldBackReason.PRIVATE) for each in private),
            lists=tuple(each for each in reading.lists if each.folder == folder),
            skipped=tuple(each for each in reading.skipped if each.folder == folder),
        )
