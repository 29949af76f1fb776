"""What is written to the CRM, and what came of it?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from carnet.model.account import Parent, RecordKind


class Operation(StrEnum):
    """What a write does."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """One write to the CRM.

    The id of a create is chosen by us, so that trying twice makes one. In an update a value None clears the field, and
    `expects` is the version it was decided on: a record that has moved since is `stale`. `parent` is written only where
    `sets_parent`.

    A create with `detect` is held against the CRM's published duplicate rules. `since` is the CRM's cursor up to which the
    writer had looked: what another run has created after it and is surely the same is a duplicate too. What the same `run`
    (0: none) has created is never one.
    """

    operation: Operation
    kind: RecordKind
    id: str
    values: Mapping[str, str | None] = field(default_factory=dict)
    parent: Parent | None = None
    sets_parent: bool = False
    owner: str = ""
    expects: str | None = None
    run: int = 0
    detect: bool = False
    since: str = ""


class Outcome(StrEnum):
    """What came of a write."""

    DONE = "done"
    ALREADY = "already"
    """A create whose record is there: an earlier try had reached the CRM. An update that changes nothing. A delete of nothing."""
    STALE = "stale"
    DUPLICATE = "duplicate"
    """A create that the CRM takes for a record it has: nothing was written."""
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Duplicate:
    """A record that a create was taken for. `rule` is the name of the rule that says so, "" where it was created meanwhile."""

    kind: RecordKind
    id: str
    rule: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """Proof of one write: what came of it, the version after it, the values before it, and for a failure a code and message.

    `before` holds the written fields only; a parent stands in it as "parent" ("account:<id>", "" for none). `duplicates` are
    what a create was taken for, the first ones of many; of a create that is done, what somebody else has made meanwhile.
    """

    kind: RecordKind
    id: str
    outcome: Outcome
    version: str = ""
    before: Mapping[str, str] = field(default_factory=dict)
    code: str = ""
    message: str = ""
    duplicates: tuple[Duplicate, ...] = ()
