"""What does Carnet need to remember?

Every function that holds a person's data takes the user first, and links the mailbox too: what is somebody else's is not
found (`NotFound`). Each call is one transaction. Two doors may call at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from carnet.model.account import CrmUser, RecordKind
from carnet.model.contact import Record, SourceKey
from carnet.model.decision import Question
from carnet.model.draft import Draft
from carnet.model.folder import Folder
from carnet.model.link import Link
from carnet.model.plan import Action, Entry, MissingAccount, State
from carnet.model.reading import Changes, Page, Reading
from carnet.model.rule import Rule
from carnet.model.run import Run
from carnet.ports.candidates import Candidates
from carnet.ports.connections import Connections
from carnet.ports.erasing import Erasing, Mentions
from carnet.ports.returning import Mailboxes

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Whose data: a user and, for links, a mailbox and a CRM."""

    user: str
    mailbox: str
    crm: str


class Drafts(Protocol):
    """Wizard pages in progress, one row each."""

    def save(self, draft: Draft) -> None:
        """Insert or replace it."""
        ...

    def get(self, user: str, draft: str) -> Draft:
        """That draft; NotFound where it is not there or not the user's."""
        ...

    def all(self, user: str) -> tuple[Draft, ...]:
        """The user's drafts, the newest first."""
        ...

    def delete(self, user: str, draft: str) -> None:
        """Forget it; no error where it is gone."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked:
    """A record without what it says."""

    id: str
    folder: str
    version: str
    keys: tuple[SourceKey, ...]


class Readings(Protocol):
    """What was read from a source, kept while a draft or a run needs it. No private contact is ever in it."""

    def start(self, reading: Reading) -> None:
        """Begin a reading: a row without records."""
        ...

    def add(self, reading: str, folder: str, page: Page) -> None:
        """Keep a page and its cursor in one transaction."""
        ...

    def cursor(self, reading: str, folder: str) -> tuple[str | None, bool]:
        """Where to go on in that folder, and whether it was read to its end."""
        ...

    def offer(self, reading: str, folders: Sequence[Folder]) -> None:
        """Show those folders from now on; what was read stays."""
        ...

    def finish(self, reading: str) -> None:
        """Mark it complete."""
        ...

    def get(self, user: str, reading: str) -> Reading:
        """The reading with its counts, lists, skips and repairs."""
        ...

    def records(
        self, reading: str, *, folders: frozenset[str] | None = None, ids: Sequence[str] | None = None
    ) -> tuple[Record, ...]:
        """Its records in the order read; of those folders or ids only, where given."""
        ...

    def marks(self, reading: str) -> tuple[Marked, ...]:
        """What its records are called, without what they say, in the order read."""
        ...

    def totals(self, reading: str) -> Mapping[str, tuple[int, int, int, int]]:
        """Folder id → (records, held back, contact lists, skipped)."""
        ...

    def laters(self, reading: str) -> Mapping[str, str]:
        """Folder id → from where on the mailbox tells what changes after this reading; folders without are left out."""
        ...

    def change(self, reading: str, changes: Changes) -> None:
        """Bring its records and cursors to where the mailbox is now, in one transaction."""
        ...

    def copy(self, reading: str, into: Reading, *, folders: frozenset[str] | None = None) -> None:
        """Begin `into` as a complete copy of a reading's records, notes and cursors, or of those folders'."""
        ...

    def drop(self, user: str, reading: str, *, keep: Sequence[str] = ()) -> None:
        """Forget its records but for the ids to keep; without any, forget the reading as well."""
        ...


class Runs(Protocol):
    """Runs, one row each."""

    def save(self, run: Run) -> None:
        """Insert or replace it."""
        ...

    def get(self, user: str, number: int) -> Run:
        """That run; NotFound where it is not there or not the user's."""
        ...

    def all(self, user: str, *, offset: int = 0, limit: int = 50) -> tuple[Run, ...]:
        """The user's runs that a person planned to keep, the newest first."""
        ...

    def request_stop(self, user: str, number: int) -> None:
        """Ask it to end after the current batch."""
        ...

    def delete(self, user: str, number: int) -> None:
        """Forget a run that was never started, its journal with it."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """What became of one entry: the entry as it now is, and what that does to links.

    `link` is added (replacing the record's link), or with `unlink` the record's link is removed. `raise_generation` is set
    when an undo deleted what the record had created, so that adding it again makes a new CRM record. `same_values` tells that
    nothing but the state of the entry and what its receipt says has changed: its values need not be written again.
    """

    entry: Entry
    same_values: bool = False
    link: Link | None = None
    unlink: bool = False
    raise_generation: bool = False


class Journal(Protocol):
    """The truth of a run: an entry a row, its values in a table of their own."""

    def write(
        self, run: int, entries: Sequence[Entry], *, questions: Sequence[Question], missing: Sequence[MissingAccount]
    ) -> None:
        """Replace what is planned or held by these entries; what was sent, done or failed stays. Questions are replaced."""
        ...

    def pending(self, run: int, limit: int) -> tuple[Entry, ...]:
        """The next entries to work off: sent ones first (their outcome is unknown), then planned ones, by seq."""
        ...

    def mark_sent(self, run: int, seqs: Sequence[int]) -> None:
        """Commit that these are about to be sent."""
        ...

    def settle(self, scope: Scope, run: int, settlements: Sequence[Settlement]) -> None:
        """Commit what became of entries, and the links that follow, in one transaction."""
        ...

    def retry(self, run: int, seqs: Sequence[int] | None = None) -> int:
        """Put failed entries back to planned (all, or those), and say how many."""
        ...

    def counts(self, run: int) -> Mapping[tuple[Action, RecordKind, State, str], int]:
        """How many entries by action, kind, state and reason."""
        ...

    def updated(self, run: int) -> int:
        """How many done link and update entries wrote values or a parent."""
        ...

    def entries(
        self,
        run: int,
        *,
        states: Sequence[State] = (),
        actions: Sequence[Action] = (),
        query: str = "",
        offset: int = 0,
        limit: int | None = None,
    ) -> tuple[Entry, ...]:
        """Entries by seq, filtered; `query` looks in labels and messages, case and accents aside."""
        ...

    def questions(self, run: int) -> tuple[Question, ...]:
        """The open questions."""
        ...

    def missing_accounts(self, run: int) -> tuple[MissingAccount, ...]:
        """Companies without an account, as planned."""
        ...

    def history(self, user: str, kind: RecordKind, target: str) -> tuple[tuple[int, Entry], ...]:
        """(run, entry) of every done entry of the user's runs that touched that CRM record, oldest first."""
        ...

    def open_records(self, scope: Scope) -> Mapping[str, int]:
        """The records of that mailbox that wait in a run to be brought into the CRM: record → the newest such run.

        A wizard's plan that nobody has approved makes nothing wait.
        """
        ...

    def reverted(self, run: int) -> frozenset[int]:
        """Seqs of this run's entries that a later undo has taken back (and that no undo of it has put again)."""
        ...


class Links(Protocol):
    """The lasting ties, scoped by user, mailbox and CRM."""

    def all(self, scope: Scope) -> tuple[Link, ...]:
        """Every link of that mailbox."""
        ...

    def of_targets(self, crm: str, targets: Sequence[str]) -> Mapping[str, int]:
        """How many links each of those CRM records has, whoever's they are."""
        ...

    def trackers(self, crm: str, targets: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
        """The ids of the users with a link to each of those CRM records, in their order; records without any are left out."""
        ...

    def save(self, scope: Scope, links: Sequence[Link]) -> None:
        """Insert or replace them by record; keeps exactly one link primary for each CRM record."""
        ...

    def remove(self, scope: Scope, records: Sequence[str]) -> None:
        """Remove the links of those records; where a primary one goes, the next becomes primary."""
        ...

    def generations(self, scope: Scope, records: Sequence[str]) -> Mapping[str, int]:
        """How often what each record created was undone (0 where absent)."""
        ...


class People(Protocol):
    """Who uses this Carnet: one person on a personal computer."""

    def me(self) -> CrmUser | None:
        """The person, None before the first start."""
        ...

    def introduce(self, user: CrmUser) -> None:
        """Keep the person's name and address."""
        ...


class Rules(Protocol):
    """Answers that hold for the next run as well."""

    def save(self, user: str, rule: Rule) -> None:
        """Insert or replace it; without `made_at` it is made now."""
        ...

    def all(self, user: str) -> tuple[Rule, ...]:
        """The user's rules, the oldest first."""
        ...

    def delete(self, user: str, rule: str) -> None:
        """Forget it; NotFound where it is not there or not the user's."""
        ...


class Kept(Protocol):
    """What was worked out of a reading, by name, so that pages need not work it out again.

    A `stamp` says for which state of the world it holds. It goes when the reading's records change, and with the reading.
    """

    def get(self, reading: str, name: str, *, stamp: str, kind: type[T]) -> T | None:
        """What was kept under that name for that stamp; None where there is nothing, or it was kept for another stamp."""
        ...

    def has(self, reading: str, name: str, *, stamp: str) -> bool:
        """Whether something is kept under that name for that stamp."""
        ...

    def put(self, reading: str, name: str, value: T, *, stamp: str, kind: type[T]) -> None:
        """Keep it in the place of what had that name; nothing is kept of a reading that is gone."""
        ...

    def ties(self, scope: Scope) -> str:
        """A text that is another one whenever a link of that mailbox is made, moved or taken away."""
        ...


class Store(Protocol):
    """All nouns together."""

    @property
    def drafts(self) -> Drafts:
        """Wizard pages in progress."""
        ...

    @property
    def readings(self) -> Readings:
        """What was read."""
        ...

    @property
    def runs(self) -> Runs:
        """Runs."""
        ...

    @property
    def journal(self) -> Journal:
        """The truth of each run."""
        ...

    @property
    def erasing(self) -> Erasing:
        """What is forgotten of runs."""
        ...

    @property
    def mentions(self) -> Mentions:
        """Where somebody is spoken of."""
        ...

    @property
    def links(self) -> Links:
        """The lasting ties."""
        ...

    @property
    def candidates(self) -> Candidates:
        """The candidate index."""
        ...

    @property
    def people(self) -> People:
        """Who uses this Carnet."""
        ...

    @property
    def rules(self) -> Rules:
        """Remembered answers."""
        ...

    @property
    def mailboxes(self) -> Mailboxes:
        """What is remembered of mailboxes."""
        ...

    @property
    def connections(self) -> Connections:
        """The services that people have connected."""
        ...

    @property
    def kept(self) -> Kept:
        """What was worked out of readings."""
        ...

    def close(self) -> None:
        """Let go of the database."""
        ...
