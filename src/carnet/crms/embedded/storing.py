"""What do writes touch in the embedded CRM, and how is it written back: in a handful of statements, however many they are?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from carnet.crms.duplicates import Detector, Key
from carnet.crms.embedded import reading
from carnet.crms.embedded.reading import TABLES
from carnet.crms.embedded.tables import crm_user, tombstone, version_counter
from carnet.crms.embedded.translate import Row, row_of
from carnet.crms.writing import Ledger
from carnet.database import among, upsert, write_many
from carnet.model.account import RecordKind
from carnet.model.change import Operation, Write

_COUNT = upsert(version_counter)
_INSERT = {table: sa.insert(table) for table in (*TABLES.values(), tombstone)}


def last_version(connection: sa.Connection) -> int:
    """The version given last, 0 before the first."""
    return connection.scalar(sa.select(version_counter.c.last)) or 0


def load(
    connection: sa.Connection, writes: Sequence[Write], *, owner: str, version: Callable[[], str], detector: Detector
) -> Ledger:
    """Everything that these writes touch, as it is."""
    owners = frozenset(connection.scalars(sa.select(crm_user.c.id)))
    ledger = Ledger(owners=owners, owner=owner, version=version, detector=detector)
    busy: set[Key] = set()
    for kind in RecordKind:
        if ids := [write.id for write in writes if write.kind is kind]:
            ledger.records |= {(kind, id_): record for id_, record in reading.by_ids(connection, kind, ids).items()}
            ledger.buried |= {(kind, id_) for id_ in _buried(connection, kind, ids)}
        if named := {write.parent.id for write in writes if write.parent and write.parent.kind is kind}:
            ledger.parents |= {(kind, id_) for id_ in _existing(connection, kind, named)}
        if doomed := [write.id for write in writes if write.kind is kind and write.operation is Operation.DELETE]:
            for parent, of_kind, id_ in reading.children(connection, kind, doomed):
                ledger.children.setdefault((kind, parent), set()).add((of_kind, id_))
            busy |= {(kind, id_) for id_ in reading.activities(connection, kind, doomed)}
    ledger.busy = busy
    return ledger


def store(connection: sa.Connection, ledger: Ledger, *, now: str, last: int) -> None:
    """Write back what the writes made of it; `last` is the version given last."""
    created = dict.fromkeys(key for key in ledger.created if key in ledger.records)
    changed = dict.fromkeys(key for key in ledger.changed if key in ledger.records and key not in created)
    for kind in RecordKind:
        _insert(connection, TABLES[kind], [_created(ledger, key, now) for key in created if key[0] is kind])
    for kind in RecordKind:
        _update(connection, TABLES[kind], [_row(ledger, key, now) for key in changed if key[0] is kind])
    for kind in reversed(RecordKind):
        _delete(connection, TABLES[kind], [{"at": id_} for of_kind, id_ in ledger.deleted if of_kind is kind])
    graves = [{"kind": kind.value, "id": id_, "versionnumber": int(version)} for (kind, id_), version in ledger.deleted.items()]
    _insert(connection, tombstone, graves)
    connection.execute(_COUNT, {"id": 1, "last": last})


def _row(ledger: Ledger, key: Key, now: str) -> Row:
    return row_of(ledger.records[key], now=now)


def _created(ledger: Ledger, key: Key, now: str) -> Row:
    row = _row(ledger, key, now)
    row["createdon"] = now
    row["createdversion"] = row["versionnumber"]
    row["importsequencenumber"] = ledger.created[key] or None
    return row


def _insert(connection: sa.Connection, table: sa.Table, rows: Sequence[Row]) -> None:
    write_many(connection, _INSERT[table], rows)


def _update(connection: sa.Connection, table: sa.Table, rows: Sequence[Row]) -> None:
    if rows:
        names: dict[str, Any] = {name: sa.bindparam(name) for name in rows[0] if name != "id"}
        update = sa.update(table).where(table.c.id == sa.bindparam("at")).values(names)
        connection.execute(update, [{**row, "at": row["id"]} for row in rows])


def _delete(connection: sa.Connection, table: sa.Table, rows: Sequence[Row]) -> None:
    if rows:
        connection.execute(sa.delete(table).where(table.c.id == sa.bindparam("at")), rows)


def _buried(connection: sa.Connection, kind: RecordKind, ids: Iterable[str]) -> Iterable[str]:
    graves = sa.select(tombstone.c.id).where(tombstone.c.kind == kind.value)
    return connection.scalars(graves.where(among(tombstone.c.id, ids)))


def _existing(connection: sa.Connection, kind: RecordKind, ids: Iterable[str]) -> Iterable[str]:
    of_kind = TABLES[kind].c.id
    return connection.scalars(sa.select(of_kind).where(among(of_kind, ids)))
