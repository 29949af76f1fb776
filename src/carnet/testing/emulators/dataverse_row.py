"""What is one row of Dataverse, and which rows of a table hold a value?"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from carnet.testing.emulators.dataverse_tables import Table
from carnet.testing.emulators.server import Anything

Reference = tuple[str, str]
"""The table and the id of a row."""


@dataclass(slots=True, kw_only=True)
class Row:
    """One row: `values` by column, `lookups` by the column that the navigation property fills."""

    table: Table
    id: str
    values: dict[str, Any] = field(default_factory=dict)
    lookups: dict[str, Reference] = field(default_factory=dict)
    version: int = 0

    @property
    def etag(self) -> str:
        """Another one after every change."""
        return f'W/"{self.version}"'

    def read(self, column: str) -> Anything:
        """What stands in a column, `_x_value` for a lookup's id."""
        if column in self.values:
            return self.values[column]
        if column == self.table.key:
            return self.id
        target = self.lookups.get(column[1:-6]) if column.startswith("_") else None
        return target[1] if target else None


class Index:
    """Finds the rows of a table by the value in one of its columns, case and accents aside; made when it is first needed."""

    def __init__(self) -> None:
        """Nothing has been looked for."""
        self._held: dict[Reference, dict[str, set[str]]] = {}

    def move(self, reference: Reference, before: Row | None, after: Row | None) -> None:
        """Take note of another row in that place."""
        for (table, column), held in self._held.items():
            if table != reference[0]:
                continue
            if before is not None:
                held.get(_key(before, column), set()).discard(reference[1])
            if after is not None:
                held.setdefault(_key(after, column), set()).add(reference[1])

    def find(self, place: Reference, values: Iterable[str], rows: Mapping[str, Row]) -> list[Row]:
        """The rows of a (table, column) that hold one of those values."""
        if place not in self._held:
            held: dict[str, set[str]] = {}
            for row in rows.values():
                held.setdefault(_key(row, place[1]), set()).add(row.id)
            self._held[place] = held
        known = self._held[place]
        found = {identity for value in values for identity in known.get(folded(value, accents_count=False), ())}
        return [rows[identity] for identity in found]


def folded(value: object, *, accents_count: bool) -> str:
    """Text as the organisation's collation compares it."""
    text = str(value).casefold()
    if accents_count or text.isascii():
        return text
    return "".join(each for each in unicodedata.normalize("NFD", text) if not unicodedata.combining(each))


def _key(row: Row, column: str) -> str:
    value = row.read(column)
    return "" if value is None else folded(value, accents_count=False)
