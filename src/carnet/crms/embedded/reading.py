"""Which records does the embedded CRM hold?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

import sqlalchemy as sa

from carnet.core.normalise import fold
from carnet.crms.embedded.tables import account, activity, activity_party, contact, tombstone
from carnet.crms.embedded.translate import record_of
from carnet.database import among, chunks
from carnet.model.account import CrmRecord, Dependents, RecordKind

PAGE = 500
"""Records of one snapshot page."""
TABLES = {RecordKind.ACCOUNT: account, RecordKind.CONTACT: contact}

_parent_account = account.alias("parent_account")
_parent_contact = contact.alias("parent_contact")


def _select(kind: RecordKind) -> sa.Select[tuple[object, ...]]:
    if kind is RecordKind.ACCOUNT:
        joined = account.outerjoin(_parent_account, _parent_account.c.id == account.c.parentaccountid)
        return sa.select(account, _parent_account.c.name.label("parent_name")).select_from(joined)
    of_kind = contact.c.parentcustomeridtype
    joined = contact.outerjoin(
        _parent_account,
        sa.and_(of_kind == RecordKind.ACCOUNT.value, _parent_account.c.id == contact.c.parentcustomerid),
    ).outerjoin(
        _parent_contact,
        sa.and_(of_kind == RecordKind.CONTACT.value, _parent_contact.c.id == contact.c.parentcustomerid),
    )
    name = sa.func.coalesce(_parent_account.c.name, _parent_contact.c.fullname)
    return sa.select(contact, name.label("parent_name")).select_from(joined)


_SELECT = {kind: _select(kind) for kind in RecordKind}


def _records(connection: sa.Connection, kind: RecordKind, query: sa.Select[tuple[object, ...]]) -> Iterator[CrmRecord]:
    return (record_of(row, kind) for row in connection.execute(query).mappings())


def count(connection: sa.Connection, kind: RecordKind) -> int:
    """How many records of that kind there are, inactive ones included."""
    return connection.execute(sa.select(sa.func.count()).select_from(TABLES[kind])).scalar_one()


def by_ids(connection: sa.Connection, kind: RecordKind, ids: Iterable[str]) -> dict[str, CrmRecord]:
    """The records with those ids."""
    of_kind = TABLES[kind].c.id
    return {record.id: record for record in _records(connection, kind, _SELECT[kind].where(among(of_kind, ids)))}


def changed(connection: sa.Connection, kind: RecordKind, *, after: int, last: int) -> tuple[CrmRecord, ...]:
    """The first records written after a version and not after the last, by version."""
    version = TABLES[kind].c.versionnumber
    query = _SELECT[kind].where(version > after, version <= last).order_by(version).limit(PAGE)
    return tuple(_records(connection, kind, query))


def gone(connection: sa.Connection, *, after: int, last: int) -> tuple[tuple[RecordKind, str], ...]:
    """What was deleted in that time."""
    version = tombstone.c.versionnumber
    query = sa.select(tombstone.c.kind, tombstone.c.id).where(version > after, version <= last).order_by(version)
    return tuple((RecordKind(kind), id_) for kind, id_ in connection.execute(query))


def matching(
    connection: sa.Connection, kind: RecordKind, query: str, *, offset: int, limit: int
) -> tuple[tuple[CrmRecord, ...], int]:
    """A page of the records that contain the query, by name, and how many there are."""
    table = TABLES[kind]
    where = table.c.search.contains(fold(query), autoescape=True)
    total = connection.execute(sa.select(sa.func.count()).select_from(table).where(where)).scalar_one()
    page = _SELECT[kind].where(where).order_by(table.c.sort_name, table.c.id).offset(offset).limit(limit)
    return tuple(_records(connection, kind, page)), total


def children(connection: sa.Connection, kind: RecordKind, ids: Iterable[str]) -> Iterator[tuple[str, RecordKind, str]]:
    """(parent, kind, id) of every record that belongs to those."""
    for some in chunks(ids):
        of = contact.c
        query = sa.select(of.parentcustomerid, of.id)
        for parent, id_ in connection.execute(query.where(of.parentcustomerid.in_(some), of.parentcustomeridtype == kind.value)):
            yield parent, RecordKind.CONTACT, id_
        if kind is RecordKind.ACCOUNT:
            query = sa.select(account.c.parentaccountid, account.c.id).where(account.c.parentaccountid.in_(some))
            for parent, id_ in connection.execute(query):
                yield parent, RecordKind.ACCOUNT, id_


def activities(connection: sa.Connection, kind: RecordKind, ids: Sequence[str]) -> Counter[str]:
    """How many activities each of those takes part in or is the subject of."""
    found: set[tuple[str, str]] = set()
    party, about = activity_party.c, activity.c
    for some in chunks(ids):
        taking_part = sa.select(party.partyid, party.activityid).where(party.partyid.in_(some), party.partyidtype == kind.value)
        subject = sa.select(about.regardingobjectid, about.id)
        subject = subject.where(about.regardingobjectid.in_(some), about.regardingobjectidtype == kind.value)
        found.update((who, which) for query in (taking_part, subject) for who, which in connection.execute(query))
    return Counter(who for who, _which in found)


def stamped(connection: sa.Connection, run: int) -> frozenset[tuple[RecordKind, str]]:
    """What bears the number of that run."""
    queries = {kind: sa.select(table.c.id).where(table.c.importsequencenumber == run) for kind, table in TABLES.items()}
    return frozenset((kind, id_) for kind, query in queries.items() for id_ in connection.scalars(query))


def dependents(connection: sa.Connection, kind: RecordKind, ids: Sequence[str]) -> dict[str, Dependents]:
    """Activities and child records of those that have any."""
    busy = activities(connection, kind, ids)
    held = Counter(parent for parent, _kind, _id in children(connection, kind, ids))
    return {id_: Dependents(activities=busy[id_], children=held[id_]) for id_ in ids if busy[id_] or held[id_]}
