"""Which CRM records are worth comparing?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from carnet.database import Database, chunks, upsert
from carnet.model.account import RecordKind
from carnet.model.match import Candidate
from carnet.store.codec import Row
from carnet.store.tables import candidate as table
from carnet.store.tables import candidate_cursor, candidate_key

_SAVE_CURSOR = upsert(candidate_cursor)
_AS_THEY_ARE = ("id", "name", "given_name", "surname", "company", "parent", "owner", "active", "version")


class SqlCandidates:
    """The one candidate index (`carnet.ports.store.Candidates`)."""

    def __init__(self, database: Database) -> None:
        """Keep the index in that database."""
        self._database = database

    def cursor(self, crm: str) -> str:
        """The CRM's cursor up to which the index is filled, "" at the start."""
        query = sa.select(candidate_cursor.c.cursor).where(candidate_cursor.c.crm == crm)
        with self._database.read() as connection:
            return connection.scalar(query) or ""

    def update(
        self,
        crm: str,
        rows: Sequence[tuple[Candidate, tuple[str, ...]]],
        *,
        gone: Sequence[tuple[RecordKind, str]],
        cursor: str,
    ) -> None:
        """Replace those candidates and their keys, forget those gone, and keep the cursor, in one transaction."""
        latest = {(candidate.kind, candidate.id): (candidate, keys) for candidate, keys in rows}
        with self._database.write() as connection:
            for kind in RecordKind:
                old = [id_ for of_kind, id_ in (*gone, *latest) if of_kind is kind]
                for some in chunks(old):
                    connection.execute(sa.delete(table).where(*_named(crm, kind, some)))
            if latest:
                connection.execute(sa.insert(table), [_row(crm, candidate) for candidate, _keys in latest.values()])
                _save_keys(connection, crm, latest)
            connection.execute(_SAVE_CURSOR, {"crm": crm, "cursor": cursor})

    def by_keys(self, crm: str, keys: Sequence[str]) -> Mapping[str, tuple[Candidate, ...]]:
        """Blocking key → the candidates that have it, inactive ones included, by id; keys that none has are left out."""
        found: defaultdict[str, list[Candidate]] = defaultdict(list)
        known: dict[int, Candidate] = {}
        query = sa.select(candidate_key.c.key, table).join(table, table.c.number == candidate_key.c.candidate)
        with self._database.read() as connection:
            for some in chunks(dict.fromkeys(keys)):
                for row in connection.execute(query.where(candidate_key.c.crm == crm, candidate_key.c.key.in_(some))):
                    candidate = known.get(row.number) or known.setdefault(row.number, _candidate(row))
                    found[row.key].append(candidate)
        return {key: tuple(sorted(some, key=lambda one: (one.id, one.kind))) for key, some in found.items()}

    def get(self, crm: str, kind: RecordKind, ids: Sequence[str]) -> Mapping[str, Candidate]:
        """The candidates with those ids."""
        with self._database.read() as connection:
            rows = (row for some in chunks(ids) for row in connection.execute(sa.select(table).where(*_named(crm, kind, some))))
            return {row.id: _candidate(row) for row in rows}


def _named(crm: str, kind: RecordKind, ids: Iterable[str]) -> tuple[sa.ColumnElement[bool], ...]:
    return table.c.crm == crm, table.c.kind == kind.value, table.c.id.in_(ids)


def _save_keys(
    connection: sa.Connection, crm: str, latest: Mapping[tuple[RecordKind, str], tuple[Candidate, tuple[str, ...]]]
) -> None:
    keys: list[Row] = []
    for kind in RecordKind:
        for some in chunks(id_ for of_kind, id_ in latest if of_kind is kind):
            numbers = connection.execute(sa.select(table.c.id, table.c.number).where(*_named(crm, kind, some)))
            keys += [
                {"candidate": number, "key": key, "crm": crm} for id_, number in numbers for key in set(latest[kind, id_][1])
            ]
    if keys:
        connection.execute(sa.insert(candidate_key), keys)


def _row(crm: str, candidate: Candidate) -> Row:
    return {name: getattr(candidate, name) for name in _AS_THEY_ARE} | {
        "crm": crm,
        "kind": candidate.kind.value,
        "emails": "\n".join(candidate.emails),
        "phones": "\n".join(candidate.phones),
    }


def _candidate(row: sa.Row[Any]) -> Candidate:
    return Candidate(
        **{name: getattr(row, name) for name in _AS_THEY_ARE},
        kind=RecordKind(row.kind),
        emails=tuple(row.emails.split("\n")) if row.emails else (),
        phones=tuple(row.phones.split("\n")) if row.phones else (),
    )
