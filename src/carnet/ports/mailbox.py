"""What does Carnet need from our side, the mailbox?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from carnet.model.folder import Folder
from carnet.model.reading import Column, MailboxIdentity, Page


@dataclass(frozen=True, slots=True, kw_only=True)
class MailboxCapabilities:
    """What this kind of mailbox can do; a suite skips a promise only by what is declared here.

    `writes`: contacts can be written back. `has_address`: it knows whose it is (the address rule applies). `stable_ids`:
    record ids survive a second export. `deltas`: reading from a cursor yields only what changed. `columns`: a table file
    whose columns can be mapped by hand. `page_size` bounds the records of a page.
    """

    writes: bool = False
    has_address: bool = False
    stable_ids: bool = False
    deltas: bool = False
    columns: bool = False
    page_size: int = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenOptions:
    """How to open a file.

    `columns` maps a column's position (as text) to a field key by hand, `consents` are what the
    person confirmed ("password"), `encoding` overrides what was detected, `region` (ISO 3166) is where phone numbers without
    a country code and day-month dates come from. `name` is what the person called the file, "" where its path says it.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    consents: frozenset[str] = frozenset()
    encoding: str = ""
    region: str = "FR"
    name: str = ""


class Mailbox(Protocol):
    """Promises.

    - `folders` offers folders that hold contacts or say so, exactly one of them the default; system folders and deleted items
      are not offered; somebody else's folder is offered with a reason and is not selectable.
    - `read` yields the pages of one folder in a stable order; a page repeats no id; ids are unique in the mailbox.
    - The same version means the same content.
    - A private contact is a `HeldBack`: nothing of it crosses but an opaque key and the reason.
    - One unreadable record is a `SkippedRecord`, never the end of the run.
    - Reading from the cursor of a page gives what follows it. A file that has changed raises Refused when it is opened.
    - Every method may raise Refused (the person must act) or Deferred (try again), nothing else.
    """

    @property
    def capabilities(self) -> MailboxCapabilities:
        """What this kind can do."""
        ...

    def identity(self) -> MailboxIdentity:
        """Whose contacts these are."""
        ...

    def folders(self) -> tuple[Folder, ...]:
        """The folders on offer, parents before children, the default one first."""
        ...

    def read(self, folder: str, cursor: str | None = None) -> Iterator[Page]:
        """The pages of one folder, from the cursor on."""
        ...

    def columns(self) -> tuple[Column, ...]:
        """The columns of a table file, () for other kinds."""
        ...

    def close(self) -> None:
        """Let go of files and child processes; closing twice is fine."""
        ...
