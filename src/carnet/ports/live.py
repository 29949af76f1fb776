"""What does Carnet need from a mailbox that is on a server: what changed since, and writing?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol, runtime_checkable

from carnet.model.card import CardReceipt, CardWrite
from carnet.model.contact import Record
from carnet.model.reading import Changes
from carnet.ports.mailbox import Mailbox


@runtime_checkable
class LiveMailbox(Mailbox, Protocol):
    """Promises beyond those of a mailbox; its capabilities declare `deltas`, `stable_ids` and `has_address`.

    - The last page of a folder carries `later`, from which `changes` goes on.
    - `changes` reads every folder before it says of anything that it is gone: a move is no removal.
    - A cursor that the server no longer knows is named as expired; the folder then has to be read again, and the difference
      told, never "all new".
    - What nobody changed since is not told.
    - Trying a create twice with one operation key makes one contact; a stale update is refused as `stale`.
    - `write` answers each write, in order; one that fails does not stop the others.
    - A photo crosses as its digest alone, and is fetched when it is asked for: neither reading nor `changes` does.
    """

    def prepare(self, folders: Sequence[str]) -> None:
        """Those folders will be read from their start, in this order: they may be fetched side by side."""
        ...

    def changes(self, since: Mapping[str, str]) -> Changes:
        """What became of those folders (folder id → `Page.later` or a cursor of the last `Changes`)."""
        ...

    def write(self, writes: Sequence[CardWrite]) -> tuple[CardReceipt, ...]:
        """Write them, in order; one receipt each."""
        ...

    def categories(self) -> Mapping[str, str]:
        """The categories of the person by name, with their colours: "none", or "preset0" to "preset24" as Outlook has them."""
        ...

    def photos(self, records: Sequence[Record]) -> Mapping[str, str]:
        """The SHA-256, in hex, of the photo of each of those that has one now, by the record's id."""
        ...
