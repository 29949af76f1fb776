"""What is written to a mailbox, and what came of it?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from carnet.model.change import Operation, Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class CardWrite:
    """One write to a contact of the mailbox.

    `id` is the record's. A create has none, but a `key` that names the operation, so that trying twice makes one: without it,
    ValueError. `values` maps field
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

    def __post_init__(self) -> None:
        """Refuse a create that could not be recognised again."""
        if self.operation is Operation.CREATE and not self.key:
            raise ValueError("A create needs an operation key.")


@dataclass(frozen=True, slots=True, kw_only=True)
class CardReceipt:
    """Proof of one write: what came of it, the record's id and version after it, and for a failure a code and message."""

    outcome: Outcome
    id: str = ""
    version: str = ""
    code: str = ""
    message: str = ""
