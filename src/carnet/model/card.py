"""What is written to a mailbox, and what came of it?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from carnet.model.change import Operation, Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class CardWrite:
    """One write to a contact of the mailbox.

    `id` is the record's ("" for a create, whose `key` names the operation so that trying twice makes one). `values` maps field
    keys to text, None clears; what is not named stays. `expects` is the version it was decided on: a record that has moved
    since is `stale`, and nothing is written.
    """

    operation: Operation
    id: str = ""
    folder: str = ""
    values: Mapping[str, str | None] = field(default_factory=dict)
    categories: tuple[str, ...] | None = None
    expects: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CardReceipt:
    """Proof of one write: what came of it, the record's id and version after it, and for a failure a code and message."""

    outcome: Outcome
    id: str = ""
    version: str = ""
    code: str = ""
    message: str = ""
