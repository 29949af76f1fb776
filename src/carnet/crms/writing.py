"""What becomes of a series of writes to a CRM that Carnet keeps itself?

Pure: given the records and references that the writes touch, it says what each write comes to and how the records then are;
the embedded and the memory CRM differ only in where they keep them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from carnet.crms import rules
from carnet.crms.duplicates import Detector, Key, Known
from carnet.crms.rules import ACTIVE, Failure
from carnet.model.account import CrmRecord, Parent, RecordKind
from carnet.model.change import Operation, Outcome, Receipt, Write


@dataclass(kw_only=True)
class Ledger:
    """The present, as far as the writes touch it; `apply` changes it.

    `records` holds the records written to (parents by id, their names aside), `parents` every key that can be a parent and
    exists, `buried` the keys of deleted records, `children` the keys that hang on a record to be deleted, `busy` the keys
    with activities. `owners` are the ids of the CRM's users, `owner` is the one of a new record that names none, `version`
    gives the next version. `detector` knows what creates may be duplicates of. `created` (with the run that did it), `changed`
    and `deleted` (with the version of the deletion) tell what `apply` did.
    """

    owners: Collection[str]
    owner: str
    version: Callable[[], str]
    detector: Detector
    records: dict[Key, CrmRecord] = field(default_factory=dict)
    parents: set[Key] = field(default_factory=set)
    buried: set[Key] = field(default_factory=set)
    children: dict[Key, set[Key]] = field(default_factory=dict)
    busy: Collection[Key] = frozenset()
    created: dict[Key, int] = field(default_factory=dict)
    changed: list[Key] = field(default_factory=list)
    deleted: dict[Key, str] = field(default_factory=dict)

    def apply(self, writes: Sequence[Write]) -> tuple[Receipt, ...]:
        """Write them, in order; one receipt each."""
        act = {Operation.CREATE: self._create, Operation.UPDATE: self._update, Operation.DELETE: self._delete}
        return tuple(act[write.operation](write) for write in writes)

    def _create(self, write: Write) -> Receipt:
        key = (write.kind, write.id)
        if found := self.records.get(key):
            return _receipt(write, Outcome.ALREADY, version=found.version)
        failure = rules.DELETED if key in self.buried else self._refusal(write, {})
        if failure:
            return _failed(write, failure)
        active = write.values.get(ACTIVE, "1") == "1"
        values = self.detector.values.pop(id(write), None) or new_values(write)
        if duplicates := self.detector.duplicates(write, values):
            return Receipt(kind=write.kind, id=write.id, outcome=Outcome.DUPLICATE, duplicates=duplicates)
        record = CrmRecord(
            kind=write.kind,
            id=write.id,
            values=values,
            parent=write.parent,
            owner=write.owner or self.owner,
            active=active,
            version=self.version(),
        )
        self.records[key] = record
        self.parents.add(key)
        self.created[key] = write.run
        self.detector.know(Known(record=record, created=int(record.version), run=write.run))
        self._move(key, None, record.parent)
        return _receipt(write, Outcome.DONE, version=record.version)

    def _update(self, write: Write) -> Receipt:
        key = (write.kind, write.id)
        found = self.records.get(key)
        if found is None:
            return _failed(write, rules.NOT_FOUND)
        if write.expects is not None and write.expects != found.version:
            return _receipt(write, Outcome.STALE, version=found.version)
        if failure := self._refusal(write, found.values):
            return _failed(write, failure)
        values = rules.settled_values(write.values)
        before = before_of(write, found)
        if is_present(write, found, values):
            return _receipt(write, Outcome.ALREADY, version=found.version, before=before)
        active = values.pop(ACTIVE, "1" if found.active else "0") == "1"
        kept = {name: value for name, value in {**found.values, **values}.items() if value}
        record = replace(
            found,
            values=_named(write.kind, kept),
            parent=write.parent if write.sets_parent else found.parent,
            owner=write.owner or found.owner,
            active=active,
            version=self.version(),
        )
        self.records[key] = record
        self.changed.append(key)
        self.detector.renew(record)
        self._move(key, found.parent, record.parent)
        return _receipt(write, Outcome.DONE, version=record.version, before=before)

    def _delete(self, write: Write) -> Receipt:
        key = (write.kind, write.id)
        found = self.records.get(key)
        if found is None:
            return _receipt(write, Outcome.ALREADY)
        if write.expects is not None and write.expects != found.version:
            return _receipt(write, Outcome.STALE, version=found.version)
        if self.children.get(key):
            return _failed(write, rules.HAS_CHILDREN)
        if key in self.busy:
            return _failed(write, rules.HAS_ACTIVITIES)
        del self.records[key]
        self.detector.forget(key)
        self.parents.discard(key)
        self.buried.add(key)
        self.deleted[key] = self.version()
        self._move(key, found.parent, None)
        return _receipt(write, Outcome.DONE, version=self.deleted[key])

    def _move(self, key: Key, old: Parent | None, new: Parent | None) -> None:
        if old is not None:
            self.children.get((old.kind, old.id), set()).discard(key)
        if new is not None:
            self.children.setdefault((new.kind, new.id), set()).add(key)

    def _refusal(self, write: Write, held: Mapping[str, str]) -> Failure | None:
        required = rules.REQUIRED[write.kind]
        named = (write.values.get(required) if required in write.values else held.get(required)) or ""
        if not named.strip():
            return rules.LAST_NAME_REQUIRED if write.kind is RecordKind.CONTACT else rules.NAME_REQUIRED
        if failure := rules.refusal(write.kind, write.values):
            return failure
        created = write.operation is Operation.CREATE
        if (write.owner or created) and (write.owner or self.owner) not in self.owners:
            return rules.UNKNOWN_OWNER
        parent = write.parent if write.sets_parent or created else None
        return None if parent is None or self._can_hold(parent, write) else rules.UNKNOWN_PARENT

    def _can_hold(self, parent: Parent, write: Write) -> bool:
        key = (parent.kind, parent.id)
        fits = write.kind is RecordKind.CONTACT or parent.kind is RecordKind.ACCOUNT
        return fits and key in self.parents and key != (write.kind, write.id)


def new_values(write: Write) -> dict[str, str]:
    """The values that a create gives its record."""
    values = {name: value for name, value in rules.settled_values(write.values).items() if value and name != ACTIVE}
    return _named(write.kind, values)


def parent_text(parent: Parent | None) -> str:
    """A parent as it stands in `Receipt.before`."""
    return f"{parent.kind}:{parent.id}" if parent else ""


def _named(kind: RecordKind, values: dict[str, str]) -> dict[str, str]:
    return values | {"full_name": rules.full_name(values)} if kind is RecordKind.CONTACT else values


def before_of(write: Write, found: CrmRecord) -> dict[str, str]:
    """What an update's receipt says was there: the written fields only."""
    before = {name: found.values.get(name, "") for name in write.values if name != ACTIVE}
    if ACTIVE in write.values:
        before[ACTIVE] = "1" if found.active else "0"
    if write.sets_parent:
        before["parent"] = parent_text(found.parent)
    if write.owner:
        before["owner"] = found.owner
    return before


def is_present(write: Write, found: CrmRecord, values: Mapping[str, str]) -> bool:
    """Whether the record is already as the write would make it."""
    held = {**found.values, ACTIVE: "1" if found.active else "0"}
    same_parent = not write.sets_parent or parent_text(write.parent) == parent_text(found.parent)
    same_owner = write.owner in {"", found.owner}
    return same_parent and same_owner and all(held.get(name, "") == value for name, value in values.items())


def _receipt(write: Write, outcome: Outcome, *, version: str = "", before: Mapping[str, str] | None = None) -> Receipt:
    return Receipt(kind=write.kind, id=write.id, outcome=outcome, version=version, before=before or {})


def _failed(write: Write, failure: Failure) -> Receipt:
    return Receipt(kind=write.kind, id=write.id, outcome=Outcome.FAILED, code=failure.code, message=failure.message)
