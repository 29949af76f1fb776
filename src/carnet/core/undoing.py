"""How is a run taken back, entry by entry, leaving alone what somebody has changed since?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from carnet.model.account import CrmRecord, Dependents, Parent, RecordKind
from carnet.model.plan import Action, Entry, State

EDITED = "edited"
DEPENDENTS = "has_dependents"
LINKED_ELSEWHERE = "linked_elsewhere"
GONE = "gone"
NAMED = "keeps_name"


@dataclass(frozen=True, slots=True, kw_only=True)
class Present:
    """How things are now: CRM records by id, what hangs on them, and how many links each has (whoever's).

    `new_ids` gives a fresh CRM id for the record of each deletion that an undo of an undo puts back, `linked` the CRM record
    that each record is linked to.
    """

    records: Mapping[str, CrmRecord]
    dependents: Mapping[str, Dependents]
    links: Mapping[str, int]
    new_ids: Mapping[str, str]
    linked: Mapping[str, str] = field(default_factory=dict)


def undo(done: Sequence[Entry], present: Present) -> tuple[Entry, ...]:
    """The inverse plan of the entries that are done, the last first; a KEEP entry, with its reason, for what stays.

    Put back things come in the first order again, so that accounts stand before the contacts under them.
    """
    inverter = _Inverter(present)
    forward = [entry for entry in done if entry.action in {Action.DELETE, Action.UNLINK}]
    backward = [entry for entry in done if entry.action in {Action.CREATE, Action.LINK, Action.UPDATE}]
    entries = [inverter.put_back(entry) for entry in reversed(forward)]
    entries += [inverter.take_back(entry) for entry in reversed(backward)]
    return tuple(replace(entry, seq=place) for place, entry in enumerate(entries, start=1))


class _Inverter:
    """Inverts one entry after another, each against how things stand once those before it are taken back."""

    def __init__(self, present: Present) -> None:
        self.now = present
        self.records = dict(present.records)
        self.links = Counter(present.links)
        self.children = Counter({identity: each.children for identity, each in present.dependents.items()})
        self.written: set[str] = set()
        self.moved: dict[str, str] = {}

    def take_back(self, entry: Entry) -> Entry:
        if self._linked_elsewhere(entry):
            return self._keep(entry, LINKED_ELSEWHERE)
        if entry.action is Action.CREATE:
            return self._delete(entry)
        if entry.action is Action.UPDATE:
            return self._restore(entry)
        return self._unlink(entry)

    def put_back(self, entry: Entry) -> Entry:
        """Undo of an undo: what was deleted is made again under a new id, what was unlinked is linked and filled again."""
        if self._linked_elsewhere(entry):
            return self._keep(entry, LINKED_ELSEWHERE)
        if entry.action is Action.DELETE:
            return self._make_again(entry)
        target, found = self._find(entry)
        if found is None:
            return self._keep(entry, GONE)
        parent = self._moved(_parse_parent(entry.before.get("parent", "")))
        again = {key: value for key, value in _written(entry.before).items() if key not in found.values}
        sets_parent = entry.sets_parent and _same(found.parent, self._moved(entry.parent)) and parent is not None
        expects = self._expects(found) if again or sets_parent else None
        if again or sets_parent:
            values = {**found.values, **again}
            self._becomes(found, replace(found, values=values, parent=parent if sets_parent else found.parent))
        return self._inverse(
            entry,
            action=Action.LINK,
            target=target,
            values=again,
            before=dict(found.values),
            parent=parent,
            sets_parent=sets_parent,
            expects=expects,
        )

    def _make_again(self, entry: Entry) -> Entry:
        target = self.now.new_ids[entry.record or ""]
        self.moved[entry.target or ""] = target
        parent = self._moved(entry.parent)
        values = _written(entry.before)
        self.records[target] = CrmRecord(kind=entry.kind, id=target, values=values, parent=parent)
        self.written.add(target)
        return self._inverse(
            entry, action=Action.CREATE, target=target, values=values, before={}, parent=parent, sets_parent=parent is not None
        )

    def _delete(self, entry: Entry) -> Entry:
        found = self.records.get(entry.target or "")
        if found is None:
            return self._inverse(entry, action=Action.UNLINK, values={}, sets_parent=False, reason=GONE)
        reason = self._why_kept(entry, found)
        if reason:
            return self._keep(entry, reason)
        expects = self._expects(found)
        self._becomes(found, None)
        return self._inverse(
            entry, action=Action.DELETE, values={}, before=dict(found.values), parent=found.parent, expects=expects
        )

    def _why_kept(self, entry: Entry, found: CrmRecord) -> str:
        if found.version != entry.version and _edited(entry, found):
            return EDITED
        activities = self.now.dependents.get(found.id, Dependents()).activities
        if activities or self.children[found.id] > 0:
            return DEPENDENTS
        return LINKED_ELSEWHERE if self.links[found.id] > self._tied(entry) else ""

    def _unlink(self, entry: Entry) -> Entry:
        """Take back the blanks that the link filled, but for those edited since; the link goes in any case."""
        self.links[entry.target or ""] -= self._tied(entry)
        found = self.records.get(entry.target or "")
        if found is None:
            return self._inverse(entry, action=Action.UNLINK, values={}, sets_parent=False, reason=GONE)
        filled = {key: value for key, value in entry.values.items() if value and found.values.get(key) == value}
        named = filled.pop("surname", "")  # who had none may not be left without one again
        unset = entry.sets_parent and found.parent is not None and _same(found.parent, entry.parent)
        former = self._moved(_parse_parent(entry.before.get("parent", ""))) if unset else found.parent
        expects = self._expects(found) if filled or unset else None
        if filled or unset:
            left = {key: value for key, value in found.values.items() if key not in filled}
            self._becomes(found, replace(found, values=left, parent=former))
        return self._inverse(
            entry,
            action=Action.UNLINK,
            values=dict.fromkeys(filled),
            before={**filled, **(_parent_text(found.parent) if unset else {})},
            parent=former,
            sets_parent=unset,
            expects=expects,
            reason=EDITED if len(filled) + bool(named) < len(entry.values) else NAMED if named else "",
        )

    def _restore(self, entry: Entry) -> Entry:
        """Set the account and the communications of an update back to what they were; without its link, the account alone."""
        target, found = self._find(entry)
        if found is None:
            return self._keep(entry, GONE)
        mine = entry.sets_parent and _same(found.parent, self._moved(entry.parent))
        parent = self._moved(_parse_parent(entry.before.get("parent", ""))) if mine else found.parent
        expects = self._expects(found) if mine else None
        if mine:
            self._becomes(found, replace(found, parent=parent))
        return self._inverse(
            entry,
            action=Action.UPDATE if self._tied(entry) else Action.UNLINK,
            target=target,
            values={},
            before={"communications": "1" if entry.communications else "0", **_parent_text(found.parent)},
            parent=parent,
            sets_parent=mine,
            expects=expects,
            communications=entry.before.get("communications") == "1",
        )

    # How things stand

    def _find(self, entry: Entry) -> tuple[str, CrmRecord | None]:
        """The entry's CRM record, under its new id where this plan makes it again."""
        target = self.moved.get(entry.target or "", entry.target or "")
        return target, self.records.get(target)

    def _tied(self, entry: Entry) -> int:
        """1 where the entry's record is linked to the entry's CRM record, else 0."""
        return int(self.now.linked.get(entry.record or "") == entry.target)

    def _linked_elsewhere(self, entry: Entry) -> bool:
        """Whether the record has another CRM record by now: the link is not this run's any more."""
        return self.now.linked.get(entry.record or "", entry.target) != entry.target

    def _expects(self, found: CrmRecord) -> str | None:
        """The version to guard a write by; the second write to a record cannot know it."""
        return None if found.id in self.written else found.version

    def _becomes(self, found: CrmRecord, then: CrmRecord | None) -> None:
        """Remember how a record stands after an entry, None where it is deleted."""
        self.written.add(found.id)
        if found.parent is not None:
            self.children[found.parent.id] -= 1
        if then is None:
            del self.records[found.id]
            return
        self.records[found.id] = then
        if then.parent is not None:
            self.children[then.parent.id] += 1

    def _moved(self, parent: Parent | None) -> Parent | None:
        """The parent, under its new id where this plan makes it again."""
        if parent is None or parent.id not in self.moved:
            return parent
        return replace(parent, id=self.moved[parent.id])

    def _keep(self, entry: Entry, reason: str) -> Entry:
        return self._inverse(entry, action=Action.KEEP, values={}, sets_parent=False, reason=reason)

    def _inverse(self, entry: Entry, **changes: object) -> Entry:
        blank = {"state": State.PLANNED, "question": "", "reason": "", "code": "", "message": "", "version": "", "expects": None}
        fields: dict[str, Any] = {**blank, **changes}
        return replace(entry, reverts=entry.seq, **fields)


def _edited(entry: Entry, found: CrmRecord) -> bool:
    """Whether the record says anything else than what the run wrote (the full name is the CRM's own, and a street's lines)."""
    now = {key: _one_line(value) for key, value in found.values.items() if key != "full_name"}
    wrote = {key: _one_line(value) for key, value in entry.values.items() if value and key != "active"}
    parent = entry.parent if entry.sets_parent else None
    inactive = entry.values.get("active") == "0"
    return found.active is inactive or now != wrote or not _same(found.parent, parent)


def _one_line(text: str) -> str:
    return " ".join(text.replace(",", " ").split())


def _written(before: Mapping[str, str]) -> dict[str, str]:
    """The values of a record that can be written again: the CRM makes the full name itself, the parent is no value."""
    return {key: value for key, value in before.items() if key not in {"full_name", "parent"}}


def _same(one: Parent | None, other: Parent | None) -> bool:
    return (one.id if one else None) == (other.id if other else None)


def _parent_text(parent: Parent | None) -> dict[str, str]:
    return {"parent": f"{parent.kind}:{parent.id}"} if parent else {}


def _parse_parent(text: str) -> Parent | None:
    kind, _, identity = text.partition(":")
    return Parent(kind=RecordKind(kind), id=identity) if identity else None
