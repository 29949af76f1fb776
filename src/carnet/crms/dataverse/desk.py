"""What does everybody who writes to Dataverse need at hand?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import TypeVar

from carnet.crms import rules
from carnet.crms.dataverse.client import DataverseClient
from carnet.crms.dataverse.detecting import Rules
from carnet.crms.rules import ACTIVE, Failure
from carnet.model.account import RecordKind
from carnet.model.change import Operation, Write

T = TypeVar("T")
R = TypeVar("R")
TRIES = 4
"""How often a write is tried whose outcome nobody knows; it is looked for before each further try."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The client, in whose name, how many rows at once, how long a value may be, and the CRM's duplicate rules."""

    client: DataverseClient
    me: str
    bulk: int
    pool: Executor
    lengths: Mapping[RecordKind, Mapping[str, int | None]]
    rules: Rules

    def refusal(self, write: Write, held: Mapping[str, str]) -> Failure | None:
        """Why the CRM would not take it, as far as that can be told beforehand."""
        required = rules.REQUIRED[write.kind]
        named = (write.values.get(required) if required in write.values else held.get(required)) or ""
        nameless = write.operation is Operation.UPDATE and required not in write.values  # as somebody else has made it
        if not named.strip() and not nameless:
            return rules.LAST_NAME_REQUIRED if write.kind is RecordKind.CONTACT else rules.NAME_REQUIRED
        if failure := rules.refusal(write.kind, write.values, self.lengths[write.kind]):
            return failure
        parent = write.parent if write.sets_parent or write.operation is Operation.CREATE else None
        unfit = parent is not None and write.kind is RecordKind.ACCOUNT and parent.kind is not RecordKind.ACCOUNT
        own = parent is not None and (parent.kind, parent.id) == (write.kind, write.id)
        return rules.UNKNOWN_PARENT if unfit or own else None

    def side_by_side(self, act: Callable[[T], R], things: Sequence[T]) -> list[R]:
        """What comes of each, several at once; everything has ended before what went wrong is raised."""
        if len(things) == 1:
            return [act(things[0])]
        asked = [self.pool.submit(act, each) for each in things]
        errors = [each.exception() for each in asked]
        if wrong := next((error for error in errors if error is not None), None):
            raise wrong
        return [each.result() for each in asked]


def in_pieces(things: Iterable[T], size: int) -> list[list[T]]:
    """The things in lists of at most that size."""
    whole = list(things)
    return [whole[start : start + size] for start in range(0, len(whole), size)]


def state_of(write: Write) -> str:
    """The state that a write sets, "" for none."""
    return write.values.get(ACTIVE) or ""
