"""Which records does a CRM of ours take a new one for?

Pure, for the CRMs that Carnet keeps itself. A rule and a record make codes: two records agree by a rule where they share one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import product
from typing import TypeVar

from carnet.core.normalise import company_key, email_key, fold
from carnet.crms.rules import LENGTHS
from carnet.errors import Refused
from carnet.model.account import CrmRecord, Parent, RecordKind
from carnet.model.change import Duplicate, Write
from carnet.model.duplicate_rule import ANY_EMAIL, MOST_PUBLISHED, Condition, Detection, DuplicateRule, Sameness
from carnet.model.field import EMAIL_KEYS, PHONE_KEYS

Key = tuple[RecordKind, str]
_MOST = 5
"""How many duplicates a receipt names."""
_BETWEEN = "\x1f"

Code = TypeVar("Code", bound=Hashable)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A record to compare with, the version it was created with and the run that created it (0: none)."""

    record: CrmRecord
    created: int = 0
    run: int = 0


def codes(rule: DuplicateRule, values: Mapping[str, str]) -> frozenset[str]:
    """What a record says in the rule's fields, in each of its forms; empty where blanks keep it from agreeing with any."""
    parts = [[_form(rule, condition, text) for text in _texts(condition, values)] for condition in rule.conditions]
    if not all(parts) and (rule.ignore_blanks or len(parts) == 1):
        return frozenset()
    spelled = (_BETWEEN.join(form) for form in product(*(part or [""] for part in parts)))
    return frozenset(code for code in spelled if code.strip(_BETWEEN))


def _texts(condition: Condition, values: Mapping[str, str]) -> list[str]:
    keys = EMAIL_KEYS if condition.field == ANY_EMAIL else (condition.field,)
    return [text for key in keys if (text := values.get(key, "").strip())]


def _form(rule: DuplicateRule, condition: Condition, text: str) -> str:
    text = text if rule.case_sensitive else text.casefold()
    if condition.sameness is Sameness.WHOLE:
        return text
    return text[: condition.length] if condition.sameness is Sameness.FIRST else text[-condition.length :]


def identities(kind: RecordKind, values: Mapping[str, str], parent: Parent | None) -> tuple[str, ...]:
    """Under which codes two runs that make one record at once find each other: e-mail, name with phone or parent."""
    if kind is RecordKind.ACCOUNT:
        return (f"a:{company_key(values.get('name', ''))}",)
    emails = (f"e:{key}" for slot in EMAIL_KEYS if (key := email_key(values.get(slot, ""))))
    name = fold(values.get("full_name", ""))
    beside = ["".join(filter(str.isdigit, values[key])) for key in PHONE_KEYS if key in values]
    beside += [parent.id] if parent else []
    return (*emails, *(f"n:{name}:{each}" for each in beside if name and each))


def check_rule(rule: DuplicateRule, others: Iterable[DuplicateRule]) -> None:
    """Refuse a rule that compares nothing the CRM has, and the sixth published one of its kind (D05)."""
    if not rule.name.strip() or not rule.conditions:
        raise Refused("A duplicate rule needs a name and a field to compare.", "Name it, and choose a field.")
    for condition in rule.conditions:
        if not all(condition.field in LENGTHS[kind] or condition.field == ANY_EMAIL for kind in (rule.base, rule.matching)):
            raise Refused("{field} is no field that both records have.", "Choose another field.", field=condition.field)
        if condition.sameness is not Sameness.WHOLE and condition.length < 1:
            raise Refused("How many characters are compared is not said.", "Give a number from 1.")
    published = [each for each in others if each.published and each.base is rule.base and each.id != rule.id]
    if rule.published and len(published) >= MOST_PUBLISHED:
        raise Refused(
            "At most {most} duplicate rules are published for one kind of record.", "Unpublish one first.", most=MOST_PUBLISHED
        )


class Detector:
    """Compares new records with those it knows."""

    def __init__(self, detection: Detection) -> None:
        """Go by the rules of `detection`; nothing is known yet.

        `values` holds what creates give their records, by the identity of the write, and `codes` the codes that a rule makes of
        a new record, where they were worked out already.
        """
        self.values: dict[int, dict[str, str]] = {}
        self.codes: dict[tuple[str, Key], frozenset[str]] = {}
        self._detection = detection
        self._known: dict[Key, Known] = {}
        self._by_rule: defaultdict[tuple[str, str], dict[Key, None]] = defaultdict(dict)
        self._by_identity: defaultdict[str, dict[Key, None]] = defaultdict(dict)
        self._waiting: defaultdict[int, list[Known]] = defaultdict(list)

    def know(self, known: Known) -> None:
        """Compare with that record, too. It is indexed only when somebody else's write asks: a run is not held by its own."""
        self._known[known.record.kind, known.record.id] = known
        self._waiting[known.run].append(known)

    def renew(self, record: CrmRecord) -> None:
        """That record has changed."""
        if known := self._known.get((record.kind, record.id)):
            self.know(replace(known, record=record))

    def forget(self, key: Key) -> None:
        """That record is no more."""
        self._known.pop(key, None)

    def duplicates(self, write: Write, values: Mapping[str, str]) -> tuple[Duplicate, ...]:
        """What a create is a duplicate of: created meanwhile by another run, or agreeing by a published rule; each once."""
        if not (write.since or write.detect):
            return ()
        self._index(write.run)
        if not (self._by_identity or self._by_rule):
            return ()  # nobody to compare with
        found: dict[Key, Duplicate] = {}
        for key in self._arrived(write, values) if write.since.isdecimal() else ():
            found.setdefault(key, Duplicate(kind=key[0], id=key[1]))
        for rule in self._detection.published(write.kind) if write.detect else ():
            for key in self._agreeing(rule, write, values):
                found.setdefault(key, Duplicate(kind=key[0], id=key[1], rule=rule.name))
        return tuple(found.values())[:_MOST]

    def _index(self, run: int) -> None:
        for other in [other for other in self._waiting if other != run or not run]:
            for known in self._waiting.pop(other):
                self._spread(known)

    def _spread(self, known: Known) -> None:
        record, key = known.record, (known.record.kind, known.record.id)
        for rule in self._detection.rules:
            if rule.published and rule.matching is record.kind:
                for code in codes(rule, record.values):
                    self._by_rule[rule.id, code][key] = None
        for code in identities(record.kind, record.values, record.parent):
            self._by_identity[code][key] = None

    def _arrived(self, write: Write, values: Mapping[str, str]) -> list[Key]:
        """What was created after the writer looked, and is surely the same."""
        since = int(write.since)
        ours = identities(write.kind, values, write.parent)
        found = []
        for key in self._sharing(self._by_identity, ours):
            known = self._known[key]
            theirs = identities(write.kind, known.record.values, known.record.parent)
            later = known.created > since and key[0] is write.kind and (known.run != write.run or not write.run)
            if later and _surely(set(ours), set(theirs)):
                found.append(key)
        return found

    def _agreeing(self, rule: DuplicateRule, write: Write, values: Mapping[str, str]) -> list[Key]:
        ours = codes(rule, values)
        found = []
        for key in self._sharing(self._by_rule, [(rule.id, code) for code in ours]):
            known = self._known[key]
            counts = (known.record.active or not rule.exclude_inactive) and (known.run != write.run or not write.run)
            if counts and codes(rule, known.record.values) & ours:
                found.append(key)
        return found

    def _sharing(self, index: Mapping[Code, Mapping[Key, None]], ours: Iterable[Code]) -> list[Key]:
        return sorted({key for code in ours for key in index.get(code, ()) if key in self._known})


def _surely(ours: set[str], theirs: set[str]) -> bool:
    """Whether the codes they share tell: a name does not where both have an e-mail address, and another one."""
    shared = ours & theirs
    by_email = any(code.startswith("e:") for code in shared)
    both = all(any(code.startswith("e:") for code in side) for side in (ours, theirs))
    return bool(shared) and (by_email or not both)
