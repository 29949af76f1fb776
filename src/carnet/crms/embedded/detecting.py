"""How does the embedded CRM keep its duplicate rules, and find what a new record may be a duplicate of?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from carnet.crms.duplicates import Detector, Key, Known, codes, identities
from carnet.crms.embedded import reading
from carnet.crms.embedded.reading import TABLES
from carnet.crms.embedded.tables import duplicaterule, duplicaterulecondition, matchcode, organization
from carnet.crms.writing import Ledger, new_values
from carnet.database import among, upsert, write_many
from carnet.model.account import CrmRecord, RecordKind
from carnet.model.change import Operation, Write
from carnet.model.duplicate_rule import Condition, Detection, DuplicateRule, Sameness, default_rules

_SWITCH = upsert(organization)
_SAVE = upsert(duplicaterule)
_CONDITION = sa.insert(duplicaterulecondition)
_CODE = sa.insert(matchcode)
_EVERYTHING = 2**63 - 1


def has_begun(connection: sa.Connection) -> bool:
    """Whether the CRM has had its first rules."""
    return connection.scalar(sa.select(organization.c.id)) is not None


def begin(connection: sa.Connection) -> None:
    """Give a CRM that has none the first rules."""
    if not has_begun(connection):
        switch(connection, on=True)
        for rule in default_rules():
            save(connection, rule)


def detection(connection: sa.Connection) -> Detection:
    """Whether duplicates are looked for, and the rules, by name."""
    conditions: defaultdict[str, list[Condition]] = defaultdict(list)
    held = duplicaterulecondition.c
    for row in connection.execute(sa.select(duplicaterulecondition).order_by(held.duplicaterule, held.position)):
        each = Condition(field=row.baseattributename, sameness=Sameness(row.operator), length=row.operatorparam)
        conditions[row.duplicaterule].append(each)
    rules = tuple(
        DuplicateRule(
            id=row.id,
            name=row.name,
            conditions=tuple(conditions[row.id]),
            base=RecordKind(row.baseentityname),
            matching=RecordKind(row.matchingentityname),
            exclude_inactive=row.excludeinactiverecords,
            case_sensitive=row.iscasesensitive,
            ignore_blanks=row.ignoreblankvalues,
            published=row.published,
        )
        for row in connection.execute(sa.select(duplicaterule).order_by(duplicaterule.c.name, duplicaterule.c.id))
    )
    return Detection(on=bool(connection.scalar(sa.select(organization.c.isduplicatedetectionenabled))), rules=rules)


def switch(connection: sa.Connection, *, on: bool) -> None:
    """Look for duplicates, or no longer."""
    connection.execute(_SWITCH, {"id": 1, "isduplicatedetectionenabled": on})


def save(connection: sa.Connection, rule: DuplicateRule) -> None:
    """Insert or replace a rule; where it is published, every record gets its codes."""
    drop(connection, rule.id)
    row = {
        "id": rule.id,
        "name": rule.name,
        "baseentityname": rule.base.value,
        "matchingentityname": rule.matching.value,
        "excludeinactiverecords": rule.exclude_inactive,
        "iscasesensitive": rule.case_sensitive,
        "ignoreblankvalues": rule.ignore_blanks,
        "published": rule.published,
    }
    connection.execute(_SAVE, row)
    conditions = [
        {
            "duplicaterule": rule.id,
            "position": place,
            "baseattributename": each.field,
            "operator": each.sameness.value,
            "operatorparam": each.length,
        }
        for place, each in enumerate(rule.conditions)
    ]
    connection.execute(_CONDITION, conditions)
    after = 0
    while rule.published and (page := reading.changed(connection, rule.matching, after=after, last=_EVERYTHING)):
        write_many(connection, _CODE, _code_rows([rule], page, {}))
        after = int(page[-1].version)


def drop(connection: sa.Connection, rule: str) -> bool:
    """Forget a rule, its conditions and codes; whether it was there."""
    return connection.execute(sa.delete(duplicaterule).where(duplicaterule.c.id == rule)).rowcount > 0


def keep_codes(connection: sa.Connection, rules: Sequence[DuplicateRule], ledger: Ledger) -> None:
    """Give what was written the codes that it has now."""
    for kind in RecordKind:
        published = [rule for rule in rules if rule.published and rule.matching is kind]
        if not published:
            continue
        old = {id_ for of_kind, id_ in (*ledger.changed, *ledger.deleted) if of_kind is kind}
        if old:
            of_rules = among(matchcode.c.duplicaterule, [rule.id for rule in published])
            connection.execute(sa.delete(matchcode).where(among(matchcode.c.id, old), of_rules))
        new = dict.fromkeys(key for key in (*ledger.created, *ledger.changed) if key[0] is kind and key in ledger.records)
        known = {} if old else ledger.detector.codes
        write_many(connection, _CODE, _code_rows(published, [ledger.records[key] for key in new], known))


def _code_rows(
    rules: Sequence[DuplicateRule], records: Iterable[CrmRecord], known: Mapping[tuple[str, Key], frozenset[str]]
) -> list[dict[str, str]]:
    """The rows of the records' codes; `known` are those that were worked out already."""
    return [
        {"id": record.id, "duplicaterule": rule.id, "code": code}
        for record in records
        for rule in rules
        for code in sorted(known.get((rule.id, (record.kind, record.id))) or codes(rule, record.values))
    ]


class Arrivals:
    """What other runs have created since a run looked: each call reads only what is new since the one before."""

    def __init__(self) -> None:
        """Nothing is known yet."""
        self._of = ("", 0)
        self._read = 0
        self._by_code: defaultdict[str, set[Key]] = defaultdict(set)

    def sharing(self, connection: sa.Connection, write: Write, *, last: int) -> Mapping[str, set[Key]]:
        """Code (`crms.duplicates.identities`) → what others than the write's run have created after its `since`."""
        if self._of != (write.since, write.run):
            self._of, self._read, self._by_code = (write.since, write.run), int(write.since), defaultdict(set)
        for kind in RecordKind:
            ids = list(connection.scalars(self._new(kind, write))) if self._read < last else []
            for id_, record in reading.by_ids(connection, kind, ids).items() if ids else ():
                for code in identities(kind, record.values, record.parent):
                    self._by_code[code].add((kind, id_))
        self._read = max(self._read, last)
        return self._by_code

    def _new(self, kind: RecordKind, write: Write) -> sa.Select[Any]:
        of = TABLES[kind].c
        others = sa.or_(of.importsequencenumber.is_(None), of.importsequencenumber != write.run)
        return sa.select(of.id).where(of.versionnumber > self._read, of.createdversion > int(write.since), others)


def detector(connection: sa.Connection, writes: Sequence[Write], *, last: int, rules: Detection, arrivals: Arrivals) -> Detector:
    """A detector that knows whatever these creates may be duplicates of; `last` is the version given last."""
    made = Detector(rules)
    keys: set[Key] = set()
    wanted: defaultdict[str, set[str]] = defaultdict(set)
    for write in writes:
        if write.operation is Operation.CREATE and (write.detect or write.since):
            values = made.values[id(write)] = new_values(write)
            for rule in rules.published(write.kind) if write.detect else ():
                found = made.codes[rule.id, (write.kind, write.id)] = codes(rule, values)
                wanted[rule.id] |= found
            if write.since.isdecimal():
                by_code = arrivals.sharing(connection, write, last=last)
                ours = identities(write.kind, values, write.parent) if by_code else ()
                keys.update(*(by_code.get(code, ()) for code in ours))
    for rule in rules.rules:
        if wanted[rule.id]:
            of = matchcode.c
            agreeing = sa.select(of.id).where(among(of.code, wanted[rule.id]), of.duplicaterule == rule.id)
            keys |= {(rule.matching, id_) for id_ in connection.scalars(agreeing)}
    for known in _known(connection, keys):
        made.know(known)
    return made


def _known(connection: sa.Connection, keys: Iterable[Key]) -> list[Known]:
    known = []
    for kind in RecordKind:
        ids = [id_ for of_kind, id_ in keys if of_kind is kind]
        if ids:
            of = TABLES[kind].c
            rows = connection.execute(sa.select(of.id, of.createdversion, of.importsequencenumber).where(among(of.id, ids)))
            made = {row.id: (row.createdversion, row.importsequencenumber or 0) for row in rows}
            for id_, record in reading.by_ids(connection, kind, ids).items():
                known.append(Known(record=record, created=made[id_][0], run=made[id_][1]))
    return known
