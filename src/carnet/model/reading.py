"""What came out of a mailbox, and what stayed in it?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from carnet.model.contact import Record
from carnet.model.folder import Folder


class HeldBackReason(StrEnum):
    """Why a contact never left the mailbox side."""

    PRIVATE = "private"
    PERSONAL = "personal"
    CONFIDENTIAL = "confidential"


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldBack:
    """A private contact: an opaque key, its folder and the reason; nothing else crosses."""

    key: str
    folder: str
    reason: HeldBackReason


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactList:
    """A contact group (distribution list): counted and named, not added."""

    name: str
    folder: str
    members: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SkippedRecord:
    """A record that could not be read: where it stood and why (a msgid of one sentence)."""

    folder: str
    place: str
    code: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Repair:
    """Something the reader mended or could not resolve and a person may want to know; the record itself was read."""

    place: str
    code: str
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What one step of reading brought. `cursor` is where to go on; None after the last page of the folder.

    `later` stands on the last page of a folder whose mailbox tells deltas: from it, what changes after this reading.
    """

    records: tuple[Record, ...] = ()
    held_back: tuple[HeldBack, ...] = ()
    lists: tuple[ContactList, ...] = ()
    skipped: tuple[SkippedRecord, ...] = ()
    repairs: tuple[Repair, ...] = ()
    gone: tuple[str, ...] = ()
    cursor: str | None = None
    later: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What became of a mailbox on a server since it was read.

    `records` are new, changed or moved ones in their present form; `gone` are the ids of those deleted and of those that have
    become private since (they stand in `held_back`, too). `cursors` maps each folder to where to go on next time. `expired`
    are folders whose cursor the server no longer knows: they have to be read again.
    """

    records: tuple[Record, ...] = ()
    held_back: tuple[HeldBack, ...] = ()
    skipped: tuple[SkippedRecord, ...] = ()
    gone: tuple[str, ...] = ()
    cursors: Mapping[str, str] = field(default_factory=dict)
    expired: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        """Whether anything has changed."""
        return bool(self.records or self.held_back or self.skipped or self.gone or self.expired)


@dataclass(frozen=True, slots=True, kw_only=True)
class MailboxIdentity:
    """Whose contacts these are. `key` names the mailbox across readings; a file has no `address`.

    `aliases` are further addresses of the same mailbox, in lower case.
    """

    key: str
    label: str
    kind: str
    address: str | None = None
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of a table file: its title, the field it was taken for ("" where unknown), and up to five samples."""

    position: int
    title: str
    field: str
    samples: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One reading of one source, kept until its run is closed.

    `digest` tells whether the source has changed since (a file's SHA-256); `folders` are those on offer. Counts are over the
    ticked folders. `identity` is the file's own until it is `settled` which known mailbox it is of; `source_key` names the file.
    """

    id: str
    user: str
    identity: MailboxIdentity
    source: str
    digest: str
    read_at: datetime
    complete: bool
    folders: tuple[Folder, ...] = ()
    source_key: str = ""
    settled: bool = False
    records: int = 0
    held_back: int = 0
    lists: tuple[ContactList, ...] = ()
    skipped: tuple[SkippedRecord, ...] = ()
    repairs: tuple[Repair, ...] = ()
