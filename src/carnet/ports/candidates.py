"""Which records of a CRM are worth comparing?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from carnet.model.account import RecordKind
from carnet.model.match import Candidate


class Candidates(Protocol):
    """The one candidate index: slim columns and blocking keys of each CRM."""

    def cursor(self, crm: str) -> str:
        """The CRM's cursor up to which the index is filled, "" at the start."""
        ...

    def crms(self) -> tuple[str, ...]:
        """The keys of the CRMs that it knows."""
        ...

    def forget(self, crm: str) -> None:
        """Leave nothing of that CRM."""
        ...

    def ids(self, crm: str) -> frozenset[tuple[RecordKind, str]]:
        """The kind and id of every candidate."""
        ...

    def update(
        self,
        crm: str,
        rows: Sequence[tuple[Candidate, tuple[str, ...]]],
        *,
        gone: Sequence[tuple[RecordKind, str]],
        cursor: str,
    ) -> None:
        """Replace those candidates and their keys, forget those gone, and keep the cursor, in one transaction."""
        ...

    def by_keys(self, crm: str, keys: Sequence[str]) -> Mapping[str, tuple[Candidate, ...]]:
        """Blocking key → the candidates that have it, inactive ones included, by id; keys that none has are left out."""
        ...

    def get(self, crm: str, kind: RecordKind, ids: Sequence[str]) -> Mapping[str, Candidate]:
        """The candidates with those ids."""
        ...
