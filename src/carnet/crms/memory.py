"""Which CRM serves tests and rehearsals: one in memory that can be told to fail?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import count
from threading import RLock

from carnet.core.normalise import fold
from carnet.crms import rules
from carnet.crms.duplicates import Detector, Key, Known, check_rule
from carnet.crms.rules import full_name
from carnet.crms.writing import Ledger, new_values
from carnet.errors import NotFound
from carnet.model.account import CrmRecord, CrmUser, Dependents, Parent, RecordKind
from carnet.model.change import Duplicate, Outcome, Receipt, Write
from carnet.model.duplicate_rule import Detection, DuplicateRule, default_rules
from carnet.ports.crm import CrmCapabilities, SnapshotPage

_PAGE = 500
_SEARCHED = ("email1", "email2", "email3", "business_city", "business_postcode", "business_street", "home_city", "other_city")

Watch = Callable[[Sequence[Write]], None]


class MemoryCrm:
    """Accounts and contacts in memory (`carnet.ports.crm.Crm`), with the same rules as the embedded CRM.

    `before_apply` and `after_apply` are called with the writes, within `apply`: what they raise passes on, before anything or
    after everything was written (an answer that got lost). `activities` counts activities by (kind, id). `applied` keeps
    every series of writes that came.
    """

    def __init__(self, user: CrmUser, records: Iterable[CrmRecord] = (), *, key: str = "memory") -> None:
        """Hold those records, owned as they say; owners are users."""
        self._user = user
        self._key = key
        self._versions = count(1)
        self._last = 0
        self._records = {(one.kind, one.id): replace(one, values=_named(one), version=self._version()) for one in records}
        self._owners = {user.id, *(record.owner for record in self._records.values())}
        self._made = {key: (int(record.version), 0) for key, record in self._records.items()}
        self._detection = Detection(on=True, rules=_by_name(default_rules()))
        self._detector = self._detect()
        self._graves: dict[Key, int] = {}
        self._failing: dict[str, tuple[str, str]] = {}
        self._lock = RLock()
        self.activities: dict[Key, int] = {}
        self.applied: list[tuple[Write, ...]] = []
        self.before_apply: Watch | None = None
        self.after_apply: Watch | None = None

    @property
    def capabilities(self) -> CrmCapabilities:
        """Everything, 500 writes at a time."""
        return CrmCapabilities()

    @property
    def key(self) -> str:
        """Its name in links, runs and the candidate index."""
        return self._key

    @property
    def records(self) -> tuple[CrmRecord, ...]:
        """Everything it holds, in the order it came."""
        return tuple(map(self._present, self._records.values()))

    def fail_next(self, code: str, ids: Iterable[str], message: str = "The CRM refused") -> None:
        """Let the next write to each of those ids fail with that code."""
        self._failing |= dict.fromkeys(ids, (code, message))

    def whoami(self) -> CrmUser:
        """The user it was made for."""
        return self._user

    def require(self, *, accounts: bool) -> None:
        """Whoever opens this CRM may write to it."""

    def lengths(self) -> Mapping[RecordKind, Mapping[str, int | None]]:
        """How long a value may be: as long as in a new organisation of the original product."""
        return rules.LENGTHS

    def users(self) -> tuple[CrmUser, ...]:
        """The user, and the owners of the records it began with, who have no more than an id."""
        others = (CrmUser(id=owner, name="", address="") for owner in self._owners if owner not in {self._user.id, ""})
        return tuple(sorted((self._user, *others), key=lambda one: (one.name, one.id)))

    def snapshot(self, cursor: str = "") -> Iterator[SnapshotPage]:
        """What changed since the cursor, accounts first; a cursor that this CRM never gave starts again from nothing."""
        with self._lock:
            last = self._last
            known = cursor.isdecimal() and int(cursor) <= last
            after = int(cursor) if known else 0
            gone = tuple(key for key, version in self._graves.items() if version > after) if after else ()
            found = [record for record in self.records if int(record.version) > after]
        found.sort(key=lambda record: (record.kind, int(record.version)))
        present = frozenset((record.kind, record.id) for record in found) if cursor and not known else None
        *others, final = range(0, len(found) or 1, _PAGE)
        for start in others:
            yield SnapshotPage(records=tuple(found[start : start + _PAGE]), gone=(), cursor=cursor)
        yield SnapshotPage(records=tuple(found[final:]), gone=gone, cursor=str(last), present=present)

    def get(self, kind: RecordKind, ids: Sequence[str]) -> Mapping[str, CrmRecord]:
        """The records with those ids, inactive ones included."""
        with self._lock:
            return {id_: self._present(self._records[kind, id_]) for id_ in ids if (kind, id_) in self._records}

    def search(self, kind: RecordKind, query: str, *, offset: int = 0, limit: int = 50) -> tuple[tuple[CrmRecord, ...], int]:
        """Records whose name, address or e-mail contains the query (case and accents aside), by name; and their number."""
        wanted = fold(query)
        with self._lock:
            found = [record for record in self.records if record.kind is kind and wanted in _searched(record)]
        found.sort(key=lambda record: (fold(record.name), record.id))
        return tuple(found[offset : offset + limit]), len(found)

    def apply(self, writes: Sequence[Write]) -> tuple[Receipt, ...]:
        """Write them, in order; one receipt each."""
        self.applied.append(tuple(writes))
        if self.before_apply is not None:
            self.before_apply(writes)
        with self._lock:
            ledger = self._ledger()
            receipts = tuple(self._refused(write) or ledger.apply([write])[0] for write in writes)
            self._records = ledger.records
            self._graves |= {key: int(version) for key, version in ledger.deleted.items()}
            self._made |= {
                key: (int(ledger.records[key].version), run) for key, run in ledger.created.items() if key in ledger.records
            }
        if self.after_apply is not None:
            self.after_apply(writes)
        return receipts

    def duplicates(self, writes: Sequence[Write]) -> Mapping[str, tuple[Duplicate, ...]]:
        """What creates with `detect` would be held for now, by the id they would have; nothing is written."""
        with self._lock:
            found = {write.id: self._detector.duplicates(write, new_values(write)) for write in writes}
        return {id_: some for id_, some in found.items() if some}

    def detection(self) -> Detection:
        """Whether duplicates are looked for, and by which rules."""
        return self._detection

    def set_detection(self, *, on: bool) -> None:
        """Look for duplicates, or no longer."""
        with self._lock:
            self._detection = replace(self._detection, on=on)
            self._detector = self._detect()

    def save_rule(self, rule: DuplicateRule) -> None:
        """Insert or replace a rule; Refused for a sixth published one, and for one that compares nothing it has."""
        with self._lock:
            others = [each for each in self._detection.rules if each.id != rule.id]
            check_rule(rule, others)
            self._detection = replace(self._detection, rules=_by_name([*others, rule]))
            self._detector = self._detect()

    def drop_rule(self, rule: str) -> None:
        """Forget a rule; NotFound where there is none of that id."""
        with self._lock:
            others = [each for each in self._detection.rules if each.id != rule]
            if len(others) == len(self._detection.rules):
                raise NotFound("There is no such duplicate rule.", "List the rules again.")
            self._detection = replace(self._detection, rules=_by_name(others))
            self._detector = self._detect()

    def close(self) -> None:
        """Nothing to let go of."""

    def page_of(self, kind: RecordKind, id_: str) -> str:
        """It has no pages but Carnet's."""
        del kind, id_
        return ""

    def stamped(self, run: int) -> frozenset[Key]:
        """What bears the number of that run."""
        with self._lock:
            return frozenset(key for key, (_created, by) in self._made.items() if by == run and key in self._records)

    def dependents(self, kind: RecordKind, ids: Sequence[str]) -> Mapping[str, Dependents]:
        """Activities and child records of those that have any."""
        with self._lock:
            children = self._children()
            found = {
                id_: Dependents(activities=self.activities.get((kind, id_), 0), children=len(children.get((kind, id_), ())))
                for id_ in ids
                if (kind, id_) in self._records
            }
        return {id_: one for id_, one in found.items() if one}

    def _version(self) -> str:
        self._last = next(self._versions)
        return str(self._last)

    def _refused(self, write: Write) -> Receipt | None:
        if write.id not in self._failing:
            return None
        code, message = self._failing.pop(write.id)
        return Receipt(kind=write.kind, id=write.id, outcome=Outcome.FAILED, code=code, message=message)

    def _ledger(self) -> Ledger:
        return Ledger(
            records=dict(self._records),
            parents=set(self._records),
            buried=set(self._graves),
            children=self._children(),
            busy={key for key, number in self.activities.items() if number},
            owners=self._owners,
            owner=self._user.id,
            version=self._version,
            detector=self._detector,
        )

    def _detect(self) -> Detector:
        """A detector that goes by the rules as they are and knows every record."""
        detector = Detector(self._detection)
        for key, record in self._records.items():
            created, run = self._made[key]
            detector.know(Known(record=record, created=created, run=run))
        return detector

    def _children(self) -> dict[Key, set[Key]]:
        children: dict[Key, set[Key]] = {}
        for key, record in self._records.items():
            if record.parent is not None:
                children.setdefault((record.parent.kind, record.parent.id), set()).add(key)
        return children

    def _present(self, record: CrmRecord) -> CrmRecord:
        """The record with its parent's name as it is now."""
        if record.parent is None:
            return record
        held = self._records.get((record.parent.kind, record.parent.id))
        return replace(record, parent=Parent(kind=record.parent.kind, id=record.parent.id, name=held.name if held else ""))


def _by_name(rules: Iterable[DuplicateRule]) -> tuple[DuplicateRule, ...]:
    return tuple(sorted(rules, key=lambda rule: (rule.name, rule.id)))


def _named(record: CrmRecord) -> Mapping[str, str]:
    if record.kind is RecordKind.ACCOUNT:
        return record.values
    return {"full_name": full_name(record.values), **record.values}


def _searched(record: CrmRecord) -> str:
    return "\n".join(fold(text) for text in (record.name, *(record.values.get(key, "") for key in _SEARCHED)))
