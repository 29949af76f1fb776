"""What ties source records to CRM records?

The rule of the one primary link: the first link of a CRM record is its primary and stays it, whoever else links to that
record, until it is removed or points elsewhere; then the oldest of the others takes its place.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from carnet.database import Database, among, upsert, write_many
from carnet.model.account import RecordKind
from carnet.model.contact import KeyStrength, SourceKey
from carnet.model.link import Link
from carnet.ports.store import Scope
from carnet.store.codec import FORMAT, LINK, LinkValues, Row
from carnet.store.tables import generation, link_key
from carnet.store.tables import link as table

_RAISE = upsert(generation)
_INSERT = sa.insert(table)
_INSERT_KEY = sa.insert(link_key)


class SqlLinks:
    """The lasting ties (`carnet.ports.store.Links`)."""

    def __init__(self, database: Database) -> None:
        """Keep links in that database."""
        self._database = database

    def all(self, scope: Scope) -> tuple[Link, ...]:
        """Every link of that mailbox, in the order they were made."""
        keys: defaultdict[int, list[SourceKey]] = defaultdict(list)
        named = sa.select(link_key).join(table, table.c.number == link_key.c.link).where(*_in(scope))
        with self._database.read() as connection:
            for row in connection.execute(named.order_by(link_key.c.link, link_key.c.position)):
                keys[row.link].append(SourceKey(strength=KeyStrength(row.strength), key=row.key))
            rows = connection.execute(sa.select(table).where(*_in(scope)).order_by(table.c.number))
            return tuple(link_of(row, tuple(keys[row.number])) for row in rows)

    def of_targets(self, crm: str, targets: Sequence[str]) -> Mapping[str, int]:
        """How many links each of those CRM records has, whoever's they are; 0 where none."""
        counts = dict.fromkeys(targets, 0)
        query = sa.select(table.c.target, sa.func.count()).where(table.c.crm == crm).group_by(table.c.target)
        with self._database.read() as connection:
            counts.update(connection.execute(query.where(among(table.c.target, counts))).all())
        return counts

    def trackers(self, crm: str, targets: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
        """The ids of the users with a link to each of those CRM records, in their order; records without any are left out."""
        found: defaultdict[str, list[str]] = defaultdict(list)
        query = sa.select(table.c.target, table.c.user_id).distinct().where(table.c.crm == crm).order_by(table.c.user_id)
        with self._database.read() as connection:
            for target, user in connection.execute(query.where(among(table.c.target, targets))):
                found[target].append(user)
        return {target: tuple(users) for target, users in found.items()}

    def save(self, scope: Scope, links: Sequence[Link]) -> None:
        """Insert or replace them by record; keeps exactly one link primary for each CRM record."""
        with self._database.write() as connection:
            save_links(connection, scope, links)

    def remove(self, scope: Scope, records: Sequence[str]) -> None:
        """Remove the links of those records; where a primary one goes, the next becomes primary."""
        with self._database.write() as connection:
            remove_links(connection, scope, records)

    def generations(self, scope: Scope, records: Sequence[str]) -> Mapping[str, int]:
        """How often what each record created was undone; 0 where never."""
        with self._database.read() as connection:
            return _generations(connection, scope, records)


def save_links(connection: sa.Connection, scope: Scope, links: Sequence[Link]) -> None:
    """What `SqlLinks.save` does, within a transaction."""
    latest = {link.record: link for link in links}
    held = _held(connection, scope, list(latest))
    moved = [record for record, row in held.items() if (row.kind, row.target) != _target(latest[record])]
    if moved:
        remove_links(connection, scope, moved)
    kept = held.keys() - set(moved)
    new = [link for record, link in latest.items() if record not in kept]
    again = [link for record, link in latest.items() if record in kept]
    if again:
        columns = ("communications", "run", "format", "payload")
        update = sa.update(table).where(table.c.number == sa.bindparam("at")).values({c: sa.bindparam(c) for c in columns})
        connection.execute(update, [{"at": held[link.record].number, **_said(link)} for link in again])
        renewed = [held[link.record].number for link in again]
        connection.execute(sa.delete(link_key).where(among(link_key.c.link, renewed)))
    last = connection.scalar(sa.select(sa.func.max(table.c.number))) or 0
    rows = _new_rows(connection, scope, new, first=last + 1)
    write_many(connection, _INSERT, rows)
    numbers = {row["record"]: row["number"] for row in rows} | {link.record: held[link.record].number for link in again}
    write_many(connection, _INSERT_KEY, _key_rows(scope, latest, numbers))


def remove_links(connection: sa.Connection, scope: Scope, records: Sequence[str]) -> None:
    """What `SqlLinks.remove` does, within a transaction."""
    if not records:
        return
    orphaned = [row.primary_for for row in _held(connection, scope, records).values() if row.primary_for is not None]
    connection.execute(sa.delete(table).where(*_in(scope), among(table.c.record, records)))
    targets = {primary_for.partition(":")[2] for primary_for in orphaned}
    heirs: dict[str, int] = {}
    query = sa.select(table.c.number, table.c.kind, table.c.target).where(
        table.c.crm == scope.crm, among(table.c.target, targets)
    )
    for row in connection.execute(query.order_by(table.c.number)):
        heirs.setdefault(f"{row.kind}:{row.target}", row.number)
    if promoted := [{"at": heirs[left], "to": left} for left in orphaned if left in heirs]:
        update = sa.update(table).where(table.c.number == sa.bindparam("at")).values(primary_for=sa.bindparam("to"))
        connection.execute(update, promoted)


def raise_generations(connection: sa.Connection, scope: Scope, records: Sequence[str]) -> None:
    """Count one more undone creation for each of those records."""
    if records:
        rows = [
            {"user_id": scope.user, "mailbox": scope.mailbox, "crm": scope.crm, "record": record, "number": number + 1}
            for record, number in _generations(connection, scope, records).items()
        ]
        connection.execute(_RAISE, rows)


def _in(scope: Scope) -> tuple[sa.ColumnElement[bool], ...]:
    return table.c.user_id == scope.user, table.c.mailbox == scope.mailbox, table.c.crm == scope.crm


def _target(link: Link) -> tuple[str, str]:
    return link.kind.value, link.target


def _held(connection: sa.Connection, scope: Scope, records: Iterable[str]) -> dict[str, Any]:
    columns = table.c
    query = sa.select(columns.number, columns.record, columns.kind, columns.target, columns.primary_for).where(*_in(scope))
    return {row.record: row for row in connection.execute(query.where(among(columns.record, records)))}


def _said(link: Link) -> Row:
    values = LinkValues(base=link.base, invented=link.invented, left_out=link.left_out)
    return {"communications": link.communications, "run": link.run, "format": FORMAT, "payload": LINK.encode(values)}


def _new_rows(connection: sa.Connection, scope: Scope, links: Sequence[Link], *, first: int) -> list[Row]:
    wanted = {f"{link.kind}:{link.target}" for link in links}
    held = sa.select(table.c.primary_for).where(table.c.crm == scope.crm, among(table.c.primary_for, wanted))
    taken: set[str | None] = set(connection.scalars(held))
    rows = []
    for number, link in enumerate(sorted(links, key=lambda link: not link.primary), first):
        primary_for = f"{link.kind}:{link.target}"
        row = {
            "number": number,
            "user_id": scope.user,
            "mailbox": scope.mailbox,
            "crm": scope.crm,
            "record": link.record,
            "kind": link.kind.value,
            "target": link.target,
            "primary_for": None if primary_for in taken else primary_for,
        }
        taken.add(primary_for)
        rows.append(row | _said(link))
    return rows


def _key_rows(scope: Scope, latest: Mapping[str, Link], numbers: Mapping[str, int]) -> list[Row]:
    return [
        {"link": numbers[record], "position": place, "mailbox": scope.mailbox, "strength": int(key.strength), "key": key.key}
        for record, link in latest.items()
        for place, key in enumerate(link.keys)
    ]


def _generations(connection: sa.Connection, scope: Scope, records: Sequence[str]) -> dict[str, int]:
    numbers = dict.fromkeys(records, 0)
    columns = generation.c
    query = sa.select(columns.record, columns.number).where(
        columns.user_id == scope.user, columns.mailbox == scope.mailbox, columns.crm == scope.crm
    )
    numbers.update(connection.execute(query.where(among(columns.record, numbers))).all())
    return numbers


def link_of(row: sa.Row[Any], keys: tuple[SourceKey, ...]) -> Link:
    """The link of a row, with its keys."""
    said = LINK.decode(row.payload, row.format)
    return Link(
        record=row.record,
        keys=keys,
        kind=RecordKind(row.kind),
        target=row.target,
        primary=row.primary_for is not None,
        communications=row.communications,
        base=said.base,
        invented=said.invented,
        left_out=said.left_out,
        run=row.run,
    )
