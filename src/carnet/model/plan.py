"""What will a run do, entry by entry, and what has become of each entry?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from carnet.model.account import Parent, RecordKind
from carnet.model.contact import SourceKey
from carnet.model.decision import Question
from carnet.model.match import Confidence, Evidence


class Action(StrEnum):
    """What an entry does. A run's plan has the first six; an undo's plan the others as well."""

    CREATE = "create"
    """Create the CRM record (an account or a contact) and, for a contact, link it."""
    LINK = "link"
    """Link to an existing CRM record, filling its blanks."""
    UPDATE = "update"
    """Already linked: set account or communications ("apply to the n already linked too")."""
    ASK = "ask"
    """Held until a person answers."""
    SKIP = "skip"
    """Nothing is written: already linked, or not selected."""
    UNLINK = "unlink"
    """Undo of a link: take back the blanks it filled and remove the link."""
    DELETE = "delete"
    """Undo of a creation."""
    KEEP = "keep"
    """Undo leaves it, with the reason."""


class State(StrEnum):
    """Where an entry is: planned → sent → done | failed | held."""

    PLANNED = "planned"
    SENT = "sent"
    DONE = "done"
    FAILED = "failed"
    HELD = "held"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One row of the journal.

    `record` is the source record (None for an account entry), `keys` its names, `label` what a person calls it. `target` is
    the CRM record: for a create, the id chosen for it. `values` are to be written (None clears), `before` what they replace,
    `expects` the CRM version decided on, `agreed` what both
    sides say already. `reason` is a code put in words by the doors; `code` and `message` tell a failure.
    `too_long` holds values that did not fit, in full. `reverts` is the entry of an earlier run that an undo takes back.
    """

    seq: int
    action: Action
    kind: RecordKind = RecordKind.CONTACT
    state: State = State.PLANNED
    record: str | None = None
    label: str = ""
    folder: str = ""
    keys: tuple[SourceKey, ...] = ()
    target: str | None = None
    values: Mapping[str, str | None] = field(default_factory=dict)
    before: Mapping[str, str] = field(default_factory=dict)
    parent: Parent | None = None
    sets_parent: bool = False
    expects: str | None = None
    agreed: Mapping[str, str] = field(default_factory=dict)
    communications: bool = False
    confidence: Confidence = Confidence.NONE
    evidence: tuple[Evidence, ...] = ()
    reason: str = ""
    question: str = ""
    to_check: bool = False
    invented: frozenset[str] = frozenset()
    too_long: Mapping[str, str] = field(default_factory=dict)
    code: str = ""
    message: str = ""
    version: str = ""
    reverts: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingAccount:
    """A company without an account: its normalised name, its title, and how many contacts name it."""

    key: str
    title: str
    records: tuple[str, ...]
    created: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Ordered entries, open questions and a fingerprint over what will be written. Accounts come before their contacts.

    `crowded` addresses, numbers and names are shared by so many different people that cards were not compared by them.
    """

    entries: tuple[Entry, ...]
    questions: tuple[Question, ...] = ()
    missing_accounts: tuple[MissingAccount, ...] = ()
    accounts_used: tuple[Parent, ...] = ()
    fingerprint: str = ""
    crowded: int = 0

    def count(self, action: Action, kind: RecordKind = RecordKind.CONTACT) -> int:
        """How many entries of that kind take that action."""
        return sum(1 for entry in self.entries if entry.action is action and entry.kind is kind)
