"""Which version did a create make, and has a colleague made the same record meanwhile?

Asked for a whole series in one batch, after writing: Dataverse guards nothing but what its duplicate rules say.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import chain

from carnet.core.normalise import email_key, fold
from carnet.crms.dataverse import query
from carnet.crms.dataverse.desk import Desk
from carnet.crms.dataverse.multipart import Json
from carnet.crms.dataverse.tracking import since_of
from carnet.crms.dataverse.translate import CREATED, EMAIL_COLUMNS, KEYS, RUN, SETS, version_of
from carnet.model.account import RecordKind
from carnet.model.change import Duplicate, Outcome, Receipt, Write
from carnet.model.field import EMAIL_KEYS

_BY = "_modifiedby_value"
_NO_VERSION = "0"
"""What nobody's version is: the record was changed by somebody else before we could look."""
Rows = Mapping[int, Write]


def look_after(desk: Desk, made: Rows, receipts: Mapping[int, Receipt]) -> dict[int, Receipt]:
    """The receipts of what was made, with versions, and with what somebody else has made since the writer had looked."""
    if not made:
        return {}
    kind = next(write.kind for write in made.values())
    ids = list(query.lists(write.id for write in made.values()))
    new = {number: write for number, write in made.items() if receipts[number].outcome is Outcome.DONE and write.since}
    marks = list(query.lists(mark for write in new.values() for mark in _asked_by(write)))
    asked = [_by_id(kind, some) for some in ids] + [_by_mark(kind, some) for some in marks]
    found = desk.client.gather(asked)
    versions = {str(row[KEYS[kind]]).lower(): _version(row, desk.me) for rows in found[: len(ids)] for row in rows}
    others: defaultdict[str, list[Json]] = defaultdict(list)
    for row in chain.from_iterable(found[len(ids) :]):
        for mark in _marks_in(row, kind):
            others[mark].append(row)
    ours = {write.id for write in made.values()}
    after = {number: replace(receipts[number], version=versions.get(write.id, "")) for number, write in made.items()}
    for number, write in new.items():
        doubles = (row for mark in marks_of(write) for row in others[mark] if _is_double(row, write, ours))
        others_ids = sorted({str(row[KEYS[kind]]).lower() for row in doubles})
        after[number] = replace(after[number], duplicates=tuple(Duplicate(kind=kind, id=id_) for id_ in others_ids))
    return after


def marks_of(write: Write) -> tuple[str, ...]:
    """By what a record is surely the same: its e-mail addresses; an account's name."""
    if write.kind is RecordKind.ACCOUNT:
        return (fold(write.values.get("name") or ""),)
    return tuple(dict.fromkeys(key for slot in EMAIL_KEYS if (key := email_key(write.values.get(slot) or ""))))


def _asked_by(write: Write) -> tuple[str, ...]:
    """The same, as the CRM is asked: it compares names in its own way."""
    return ((write.values.get("name") or "").strip(),) if write.kind is RecordKind.ACCOUNT else marks_of(write)


def _marks_in(row: Json, kind: RecordKind) -> tuple[str, ...]:
    if kind is RecordKind.ACCOUNT:
        return (fold(str(row.get("name") or "")),)
    return tuple(key for column in EMAIL_COLUMNS if (key := email_key(str(row.get(column) or ""))))


def _by_id(kind: RecordKind, ids: Sequence[str]) -> str:
    return query.address(SETS[kind], select=(KEYS[kind], _BY), filter=query.among(KEYS[kind], ids))


def _by_mark(kind: RecordKind, marks: Sequence[str]) -> str:
    columns = EMAIL_COLUMNS if kind is RecordKind.CONTACT else ("name",)
    select = (KEYS[kind], *columns, CREATED, RUN)
    return query.address(SETS[kind], select=select, filter=query.any_of(columns, marks))


def _version(row: Json, me: str) -> str:
    return version_of(row) if str(row.get(_BY) or me).lower() == me else _NO_VERSION


def _is_double(row: Json, write: Write, ours: set[str]) -> bool:
    """Whether somebody else made it after the writer had looked; what this run has made is no double."""
    identity = next(str(row[key]).lower() for key in KEYS.values() if key in row)
    same_run = bool(write.run) and row.get(RUN) == write.run
    return identity not in ours and not same_run and str(row.get(CREATED) or "") >= since_of(write.since) > ""
