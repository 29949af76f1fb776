"""How does a vCard file keep the promises of a mailbox?"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from carnet.core.identity import Naming, fingerprint
from carnet.errors import DamagedFile, NotAllowed, NotFound, Refused, Unmappable, Unreadable, UnsupportedFile
from carnet.mailboxes.vcard import translate
from carnet.mailboxes.vcard.cards import RawCard, Stray, raw_cards
from carnet.mailboxes.vcard.lines import is_utf16, physical_lines, plain_bytes
from carnet.mailboxes.vcard.properties import Card, card_of
from carnet.model.contact import Contact, KeyStrength, Record, SourceKey
from carnet.model.folder import Folder
from carnet.model.reading import Column, ContactList, HeldBack, MailboxIdentity, Page, Repair, SkippedRecord
from carnet.ports.mailbox import MailboxCapabilities, OpenOptions

FOLDER = "all"
LARGEST_FILE = 512 * 1024 * 1024
"""Bytes; a larger file is refused."""
MOST_REPAIRS = 500
"""Repairs told of one file; what goes past them is summed up in one line."""

_CHUNK = 1024 * 1024
_PAGE_SIZE = 200
_LONGEST_UID = 200


def open_mailbox(path: Path, options: OpenOptions) -> VcardMailbox:
    """The contacts of a vCard file; NotFound, UnsupportedFile for too large a file, DamagedFile where it holds no whole card."""
    return VcardMailbox(path, options)


class VcardMailbox:
    """One file is one mailbox with one folder; it is read anew for each reading, one card at a time."""

    def __init__(self, path: Path, options: OpenOptions) -> None:
        """Look through the file once: what it is, and how many contacts it holds."""
        self._path = path
        self._label = options.name or path.name
        self._encoding = options.encoding
        self._size = self._measured()
        self._digest = ""
        self._count = 0
        self._look_through()

    @property
    def capabilities(self) -> MailboxCapabilities:
        """A file has no address, and only some cards have a UID."""
        return MailboxCapabilities(page_size=_PAGE_SIZE)

    def identity(self) -> MailboxIdentity:
        """All vCard files of a person are one address book: a UID names the same card in each."""
        return MailboxIdentity(key="vcard", label=self._label, kind="vcard")

    def folders(self) -> tuple[Folder, ...]:
        """The whole file."""
        return (
            Folder(id=FOLDER, name=Path(self._label).stem, path=(Path(self._label).stem,), count=self._count, is_default=True),
        )

    def read(self, folder: str, cursor: str | None = None) -> Iterator[Page]:
        """The pages of the file; NotFound for another folder, Refused where the file has changed since it was opened."""
        if folder != FOLDER:
            raise NotFound("The file has no folder {folder}.", "Choose the folder on offer.", folder=folder)
        skip = self._pages_before(cursor)
        if self._measured() != self._size:
            raise _changed()
        return self._pages(skip)

    def columns(self) -> tuple[Column, ...]:
        """None: this is no table."""
        return ()

    def close(self) -> None:
        """Nothing stays open between readings."""

    def _pages_before(self, cursor: str | None) -> int:
        if cursor is None:
            return 0
        digest, _, number = cursor.partition(":")
        if not (number.isascii() and number.isdecimal()):
            raise Refused("Reading cannot go on from here.", "Read the file again from the start.")
        if digest != self._digest:
            raise _changed()
        return int(number)

    def _measured(self) -> tuple[int, int]:
        try:
            state = self._path.stat()
        except OSError as error:
            raise _not_opened(self._path.name, error) from error
        if state.st_size > LARGEST_FILE:
            raise UnsupportedFile(
                "The file has {size} MB; Carnet reads vCard files up to {most} MB.",
                "Export the contacts in several files, or as an Outlook data file (.pst).",
                size=state.st_size // 1024**2,
                most=LARGEST_FILE // 1024**2,
            )
        return state.st_size, state.st_mtime_ns

    def _chunks(self) -> Iterator[bytes]:
        try:
            with self._path.open("rb") as file:
                while chunk := file.read(_CHUNK):
                    yield chunk
        except OSError as error:
            raise _not_opened(self._path.name, error) from error

    def _look_through(self) -> None:
        digest = hashlib.sha256()

        def hashed() -> Iterator[bytes]:
            for chunk in self._chunks():
                digest.update(chunk)
                yield chunk

        whole = cut = 0
        for raw in raw_cards(physical_lines(plain_bytes(hashed()))):
            if isinstance(raw, Stray) or raw.last:
                cut += 1
            else:
                whole += 1
                self._count += not _declares_a_list(raw)
        self._digest = digest.hexdigest()[:16]
        if not whole:
            raise _without_cards(self._size[0], cut=bool(cut))

    def _cards(self) -> Iterator[Card | RawCard | Stray]:
        """Each card decoded; one that cannot be read, and what stands outside, as it is."""
        first = next(self._chunks(), b"")
        one_charset = is_utf16(first)
        for raw in raw_cards(physical_lines(plain_bytes(self._chunks()))):
            if isinstance(raw, Stray) or raw.last or raw.too_large:
                yield raw
            else:
                card = card_of(raw, charset=self._encoding, one_charset=one_charset)
                yield card if raw.closed else _mended(card)

    def _pages(self, skip: int) -> Iterator[Page]:
        reading = _Reading(digest=self._digest)
        number = 0
        gathered = _Gathered()
        for card in self._cards():
            if gathered.size == _PAGE_SIZE:
                number += 1
                if number > skip:
                    yield gathered.page(f"{self._digest}:{number}")
                gathered = _Gathered()
            reading.take(card, gathered)
        reading.finish(gathered)
        if number >= skip:
            yield gathered.page(None)


@dataclass(slots=True, kw_only=True)
class _Gathered:
    """What the next page will hold."""

    records: list[Record] = field(default_factory=list)
    held_back: list[HeldBack] = field(default_factory=list)
    lists: list[ContactList] = field(default_factory=list)
    skipped: list[SkippedRecord] = field(default_factory=list)
    repairs: list[Repair] = field(default_factory=list)

    @property
    def size(self) -> int:
        return len(self.records) + len(self.held_back) + len(self.lists) + len(self.skipped)

    def page(self, cursor: str | None) -> Page:
        return Page(
            records=tuple(self.records),
            held_back=tuple(self.held_back),
            lists=tuple(self.lists),
            skipped=tuple(self.skipped),
            repairs=tuple(self.repairs),
            cursor=cursor,
        )


class _Reading:
    """Sorts the cards of one reading, from the first one on: names depend on what came before."""

    def __init__(self, *, digest: str) -> None:
        self._digest = digest
        self._naming = Naming()
        self._repairs = 0

    def take(self, card: Card | RawCard | Stray, to: _Gathered) -> None:
        """Put that card where it belongs."""
        place = f"line {card.line}"
        if isinstance(card, Stray):
            self._stray(card, to, place=place)
        elif isinstance(card, RawCard):
            to.skipped.append(_skipped(place, "The card is too large." if card.too_large else _CUT))
        elif reason := translate.held_back(card):
            key = hashlib.sha256(f"{self._digest}:{card.line}".encode()).hexdigest()[:32]
            to.held_back.append(HeldBack(key=key, folder=FOLDER, reason=reason))
        elif translate.is_list(card):
            name, members = translate.list_of(card)
            to.lists.append(ContactList(name=name, folder=FOLDER, members=members))
        else:
            self._contact(card, to, place=place)

    def _stray(self, stray: Stray, to: _Gathered, *, place: str) -> None:
        if stray.ended:
            to.skipped.append(_skipped(place, "The beginning of the card is missing."))
        else:
            self._tell([Repair(place=place, code="text-outside")], to)

    def _contact(self, card: Card, to: _Gathered, *, place: str) -> None:
        contact, repairs = translate.contact_of(card)
        self._tell(repairs, to)
        if contact.values:
            to.records.append(self._record(contact, translate.uid_of(card), place=place))
        else:
            to.skipped.append(
                SkippedRecord(folder=FOLDER, place=place, code=Unmappable.code, reason="The card says nothing about anybody.")
            )

    def _record(self, contact: Contact, uid: str, *, place: str) -> Record:
        content = fingerprint(contact)
        keys = [SourceKey(strength=KeyStrength.FINGERPRINT, key=content)]
        if uid:
            short = uid if len(uid) <= _LONGEST_UID else hashlib.sha256(uid.encode()).hexdigest()
            keys.insert(0, SourceKey(strength=KeyStrength.SEARCH, key=short))
        return Record(id=self._naming.name(keys), folder=FOLDER, place=place, keys=tuple(keys), version=content, contact=contact)

    def _tell(self, repairs: list[Repair] | tuple[Repair, ...], to: _Gathered) -> None:
        room = max(MOST_REPAIRS - self._repairs, 0)
        to.repairs.extend(repairs[:room])
        self._repairs += len(repairs)

    def finish(self, to: _Gathered) -> None:
        """Sum up what was not told singly."""
        if self._repairs > MOST_REPAIRS:
            to.repairs.append(Repair(place="", code="more-repairs", detail=str(self._repairs - MOST_REPAIRS)))


_CUT = "The file ends in the middle of this card, so nobody can tell whether it is private."


def _skipped(place: str, reason: str) -> SkippedRecord:
    return SkippedRecord(folder=FOLDER, place=place, code=Unreadable.code, reason=reason)


def _mended(card: Card) -> Card:
    repair = Repair(place=f"line {card.line}", code="card-not-closed")
    return Card(
        line=card.line,
        old=card.old,
        properties=card.properties,
        agents=card.agents,
        repairs=(*card.repairs, repair),
    )


def _declares_a_list(raw: RawCard) -> bool:
    return any(line.upper().replace(b" ", b"").endswith(b"KIND:GROUP") for _, line in raw.lines)


def _without_cards(size: int, *, cut: bool) -> DamagedFile:
    again = "Export the contacts again, and copy the file anew."
    if not size:
        return DamagedFile("The file is empty.", again)
    if cut:
        return DamagedFile("The file is cut short: it holds no whole card.", again)
    return DamagedFile("The file holds no card.", again)


def _changed() -> Refused:
    return Refused("The file has changed since it was opened.", "Open it again, and start from there.")


def _not_opened(name: str, error: OSError) -> Refused:
    if isinstance(error, FileNotFoundError):
        return NotFound("There is no file {name}.", "Choose the file again.", name=name)
    return NotAllowed(
        "The file {name} cannot be opened.", "Close it in other programs and check that you may read it.", name=name
    )
