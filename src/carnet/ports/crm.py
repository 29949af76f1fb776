"""What does Carnet need from their side, the CRM?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from carnet.model.account import CrmRecord, CrmUser, Dependents, RecordKind
from carnet.model.change import Duplicate, Receipt, Write
from carnet.model.duplicate_rule import Detection, DuplicateRule


@dataclass(frozen=True, slots=True, kw_only=True)
class CrmCapabilities:
    """What this CRM can do and bear.

    `chunk` bounds the writes of one `apply`; `chooses_ids`: a create takes our id. `detects_duplicates`: it has duplicate
    rules; `sets_duplicate_rules`: they can be changed from here. `guards_creates`: it refuses what was created meanwhile; without
    that it says afterwards what was. `remembers_deleted`: it does not take the id of a deleted record again.
    """

    chooses_ids: bool = True
    deltas: bool = True
    deletes: bool = True
    detects_duplicates: bool = True
    sets_duplicate_rules: bool = True
    guards_creates: bool = True
    remembers_deleted: bool = True
    chunk: int = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotPage:
    """Accounts and contacts that were created or changed since the cursor, and the (kind, id) of those that are gone.

    The last page's `cursor` is where the next snapshot goes on; every earlier page has the one this snapshot began with, so that
    one that was broken off is read again. `present`, on the last page alone, is all there is: what else was known is gone.
    """

    records: tuple[CrmRecord, ...]
    gone: tuple[tuple[RecordKind, str], ...]
    cursor: str
    present: frozenset[tuple[RecordKind, str]] | None = None


class Crm(Protocol):
    """Promises.

    - Creating twice with one id makes one record; the second receipt says `already`.
    - A stale update is refused as `stale` and changes nothing.
    - `apply` answers each write, in order; one that fails does not stop the others. It commits by itself.
    - A value longer than its column, an unknown parent, a second write to a deleted record: `failed`, with a code.
    - `snapshot(cursor)` yields what changed since, each record once, in its present form; without a cursor, everything. A cursor
      that it no longer knows yields everything too, and what there is.
    - A look-up is by id, never bound by name; ids that are not there are left out of the answer.
    - Every write changes the version of its record.
    - A create with `detect` that meets a published duplicate rule is `duplicate`, with what it was taken for, and writes
      nothing. Nothing is detected while detection is off, and no update is ever held.
    - Of two runs that create the same at once, the second is told `duplicate` (`Write.since`); a CRM that does not guard creates
      says `done`, with what somebody else has made meanwhile.
    - At most five rules are published for one kind of record.
    """

    @property
    def capabilities(self) -> CrmCapabilities:
        """What this CRM can do."""
        ...

    @property
    def key(self) -> str:
        """The organisation's name in links, runs and the candidate index."""
        ...

    def whoami(self) -> CrmUser:
        """The user in whose name Carnet writes."""
        ...

    def require(self, *, accounts: bool) -> None:
        """Raise NotAllowed, naming the rights that are missing to write contacts (and accounts)."""
        ...

    def lengths(self) -> Mapping[RecordKind, Mapping[str, int | None]]:
        """How long a value may be in this CRM, by kind: field key → UTF-16 units, None for a date."""
        ...

    def users(self) -> tuple[CrmUser, ...]:
        """Everybody who can own a record, by name."""
        ...

    def snapshot(self, cursor: str = "") -> Iterator[SnapshotPage]:
        """What changed since the cursor ("" for everything); at least one page, perhaps an empty one."""
        ...

    def get(self, kind: RecordKind, ids: Sequence[str]) -> Mapping[str, CrmRecord]:
        """The records with those ids, inactive ones included."""
        ...

    def search(self, kind: RecordKind, query: str, *, offset: int = 0, limit: int = 50) -> tuple[tuple[CrmRecord, ...], int]:
        """Records whose name, address or e-mail contains the query (case and accents aside), by name; and their number."""
        ...

    def stamped(self, run: int) -> frozenset[tuple[RecordKind, str]]:
        """What bears the number of that run: a create leaves `Write.run` on its record."""
        ...

    def apply(self, writes: Sequence[Write]) -> tuple[Receipt, ...]:
        """Write them, in order; one receipt each."""
        ...

    def duplicates(self, writes: Sequence[Write]) -> Mapping[str, tuple[Duplicate, ...]]:
        """What creates with `detect` would be held for now, by the id they would have; nothing is written."""
        ...

    def detection(self) -> Detection:
        """Whether duplicates are looked for, and by which rules."""
        ...

    def set_detection(self, *, on: bool) -> None:
        """Look for duplicates, or no longer."""
        ...

    def save_rule(self, rule: DuplicateRule) -> None:
        """Insert or replace a rule; Refused for a sixth published one, and for one that compares nothing it has."""
        ...

    def drop_rule(self, rule: str) -> None:
        """Forget a rule; NotFound where there is none of that id."""
        ...

    def close(self) -> None:
        """Let go of files and connections; closing twice is fine."""
        ...

    def page_of(self, kind: RecordKind, id_: str) -> str:
        """The address at which a person opens that record in the CRM itself; "" where it has no pages of its own."""
        ...

    def dependents(self, kind: RecordKind, ids: Sequence[str]) -> Mapping[str, Dependents]:
        """Activities and child records of those that have any."""
        ...
