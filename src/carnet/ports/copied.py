"""What does Carnet need from a CRM on a server, to rehearse with a copy of it?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from carnet.model.account import CrmUser

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied:
    """What a CRM holds, in its own words: names of tables and columns are its own.

    `organisation` is its id, `user` who asks, `rights` (right → how far it reaches) what they may do, None where it does not say.
    `lengths` ((table, column) → units) is how long a value may be, `tables` what is told of each table, `settings` the rows by
    which it behaves as it does. `rows` are its records, each with its table, as they are read; they are read once.
    """

    organisation: str
    user: CrmUser
    rights: Mapping[str, str] | None
    lengths: Mapping[tuple[str, str], int]
    tables: Mapping[str, Row]
    settings: Mapping[str, tuple[Row, ...]]
    rows: Iterator[tuple[str, Row]]


@runtime_checkable
class Copyable(Protocol):
    """Promises.

    - Copying writes nothing, on the other side or on ours.
    - All accounts and contacts that the user may see are in the copy, and what Carnet asks of them when it plans and writes.
    """

    def copy(self) -> Copied:
        """All of it, as far as the user may see it."""
        ...
