"""What is a run, and what has come of it?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from carnet.model.choices import Choices


class RunKind(StrEnum):
    """What started it."""

    ADD = "add"
    """The wizard."""
    TRACK = "track"
    """Contacts selected by hand, without a parent."""
    SET_PARENT = "set_parent"
    """The same, with a parent chosen for all of them."""
    UNTRACK = "untrack"
    """Links of contacts selected by hand are removed; what is in the CRM is kept or deleted."""
    UNDO = "undo"
    IMPORT = "import"
    """`carnet crm import`: seeds the embedded CRM, journalled like any write."""

    @property
    def brings_contacts(self) -> bool:
        """Whether cards of a mailbox go to the CRM: matched, asked about and held against its rules on the way."""
        return self in {RunKind.ADD, RunKind.TRACK, RunKind.SET_PARENT}

    @property
    def takes_back(self) -> bool:
        """Whether the run removes links and CRM records, so that its summary counts those."""
        return self in {RunKind.UNDO, RunKind.UNTRACK}


class RunState(StrEnum):
    """Where a run is."""

    PLANNED = "planned"
    APPLYING = "applying"
    STOPPED = "stopped"
    DONE = "done"
    UNDONE = "undone"
    """An undo of this run is done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run. `number` is a random 31-bit integer; `fingerprint` is of the plan, `approved` of the one a person confirmed.

    `cursor` is the CRM's at the time of the plan, `digest` the source's. `read`, `held_back`, `lists` and `skipped` are the
    counts of the reading, so that the summary adds up without it. `reverts` is the run that an undo takes back.
    Since `erased_at` only its counts are left: what it wrote and replaced was forgotten.
    """

    number: int
    user: str
    mailbox: str
    crm: str
    kind: RunKind = RunKind.ADD
    state: RunState = RunState.PLANNED
    source: str = ""
    label: str = ""
    digest: str = ""
    reading: str = ""
    cursor: str = ""
    fingerprint: str = ""
    approved: str = ""
    choices: Choices = field(default_factory=Choices)
    answers: Mapping[str, str] = field(default_factory=dict)
    read: int = 0
    held_back: int = 0
    lists: int = 0
    skipped: int = 0
    reverts: int | None = None
    stop: bool = False
    planned_at: datetime | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    erased_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """The summary of a run. read = added + linked + already + held + failed + not_selected + left_out, once it has ended.

    `twins` (of those linked, the further cards of a person whose contact was made or found through another card), `updated`
    (CRM records in which blanks were filled or the account set), `accounts_created` and `waiting` (entries not yet
    worked off) are counted beside. `left_out` = private + contact groups + unreadable.
    """

    read: int = 0
    added: int = 0
    linked: int = 0
    twins: int = 0
    updated: int = 0
    already: int = 0
    held: int = 0
    failed: int = 0
    not_selected: int = 0
    left_out: int = 0
    accounts_created: int = 0
    waiting: int = 0

    @property
    def adds_up(self) -> bool:
        """Whether every record read has exactly one fate."""
        parts = self.added + self.linked + self.already + self.held + self.failed + self.not_selected + self.left_out
        return self.read == parts + self.waiting
