"""Which CRM records are worth comparing?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b
from typing import Any

import sqlalchemy as sa

from carnet.database import Database, among, chunks, upsert, write_many
from carnet.model.account import RecordKind
from carnet.model.match import Candidate
from carnet.store.codec import Row
from carnet.store.tables import candidate as table
from carnet.store.tables import candidate_cursor, candidate_key

_SAVE_CURSOR = upsert(candidate_cursor)
_AS_THEY_ARE = ("id", "name", "given_name", "surname", "birthday", "company", "parent", "owner", "active", "version")
_TO_TRANSLATE = ("number", "kind", "emails", "phones")
_COLUMNS = [table.c[name] for name in (*_TO_TRANSLATE, *_AS_THEY_ARE)]
_FIRST = len(_TO_TRANSLATE)
_KINDS = {kind.value: kind for kind in RecordKind}


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

    def crms(self) -> tuple[str, ...]:
        """The keys of the CRMs that it knows."""
        with self._database.read() as connection:
            return tuple(connection.scalars(sa.select(candidate_cursor.c.crm).order_by(candidate_cursor.c.crm)))

    def forget(self, crm: str) -> None:
        """Leave nothing of that CRM."""
        with self._database.write() as connection:
            connection.execute(sa.delete(table).where(table.c.crm == crm))
            connection.execute(sa.delete(candidate_cursor).where(candidate_cursor.c.crm == crm))

    def ids(self, crm: str) -> frozenset[tuple[RecordKind, str]]:
        """The kind and id of every candidate."""
        with self._database.read() as connection:
            rows = connection.execute(sa.select(table.c.kind, table.c.id).where(table.c.crm == crm))
            return frozenset((_KINDS[kind], id_) for kind, id_ in rows)

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
                write_many(connection, sa.insert(table), [_row(crm, candidate) for candidate, _keys in latest.values()])
                _save_keys(connection, crm, latest)
            connection.execute(_SAVE_CURSOR, {"crm": crm, "cursor": cursor})

    def by_keys(self, crm: str, keys: Sequence[str]) -> Mapping[str, tuple[Candidate, ...]]:
        """Blocking key → the candidates that have it, inactive ones included, by id; keys that none has are left out."""
        texts = {_digest(crm, key): key for key in keys}
        where = among(candidate_key.c.key, sorted(texts))
        with self._database.read() as connection:
            pairs = connection.execute(sa.select(candidate_key.c.key, candidate_key.c.candidate).where(where)).all()
            numbers = sorted({number for _key, number in pairs})
            rows = connection.execute(sa.select(*_COLUMNS).where(among(table.c.number, numbers)))
            known = {row[0]: _candidate(row) for row in rows}
        found: defaultdict[str, list[Candidate]] = defaultdict(list)
        for key, number in pairs:
            found[texts[key]].append(known[number])
        return {key: tuple(sorted(some, key=lambda one: (one.id, one.kind))) for key, some in found.items()}

    def get(self, crm: str, kind: RecordKind, ids: Sequence[str]) -> Mapping[str, Candidate]:
        """The candidates with those ids."""
        with self._database.read() as connection:
            query = sa.select(*_COLUMNS)
            rows = (row for some in chunks(ids) for row in connection.execute(query.where(*_named(crm, kind, some))))
            return {row.id: _candidate(row) for row in rows}


def _digest(crm: str, key: str) -> int:
    """A whole number of 64 bits for a CRM's key; two keys of one number would only bring a candidate that is nobody."""
    return int.from_bytes(blake2b(f"{crm}\n{key}".encode(), digest_size=8).digest(), signed=True)


def _named(crm: str, kind: RecordKind, ids: Iterable[str]) -> tuple[sa.ColumnElement[bool], ...]:
    return table.c.crm == crm, table.c.kind == kind.value, table.c.id.in_(ids)


def _save_keys(
    connection: sa.Connection, crm: str, latest: Mapping[tuple[RecordKind, str], tuple[Candidate, tuple[str, ...]]]
) -> None:
    pairs: set[tuple[int, int]] = set()
    for kind in RecordKind:
        for some in chunks(id_ for of_kind, id_ in latest if of_kind is kind):
            numbers = connection.execute(sa.select(table.c.id, table.c.number).where(*_named(crm, kind, some)))
            pairs.update((_digest(crm, key), number) for id_, number in numbers for key in latest[kind, id_][1])
    rows: list[Row] = [{"key": key, "candidate": number} for key, number in sorted(pairs)]
    write_many(connection, sa.insert(candidate_key), rows)


def _row(crm: str, candidate: Candidate) -> Row:
    return {name: getattr(candidate, name) for name in _AS_THEY_ARE} | {
        "crm": crm,
        "kind": candidate.kind.value,
        "emails": "\n".join(candidate.emails),
        "phones": "\n".join(candidate.phones),
    }


def _candidate(row: sa.Row[Any]) -> Candidate:
    kind, emails, phones = row[1:_FIRST]
    return Candidate(
        **dict(zip(_AS_THEY_ARE, row[_FIRST:], strict=True)),
        kind=_KINDS[kind],
        emails=tuple(emails.split("\n")) if emails else (),
        phones=tuple(phones.split("\n")) if phones else (),
    )
