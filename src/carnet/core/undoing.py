"""How is a run taken back, entry by entry, leaving alone what somebody has changed since?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from carnet.model.account import CrmRecord, Dependents, Parent, RecordKind
from carnet.model.plan import Action, Entry, State

EDITED = "edited"
DEPENDENTS = "has_dependents"
LINKED_ELSEWHERE = "linked_elsewhere"
GONE = "gone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Present:
    """How things are now: CRM records by id, what hangs on them, and how many links each has (whoever's).

    `new_ids` gives a fresh CRM id for the record of each deletion that an undo of an undo puts back.
    """

    records: Mapping[str, CrmRecord]
    dependents: Mapping[str, Dependents]
    links: Mapping[str, int]
    new_ids: Mapping[str, str]


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
    def __init__(self, present: Present) -> None:
        self.now = present
        self.freed: Counter[str] = Counter()
        self.moved: dict[str, str] = {}

    def take_back(self, entry: Entry) -> Entry:
        if entry.action is Action.CREATE:
            return self._delete(entry)
        if entry.action is Action.UPDATE:
            return self._restore(entry)
        return self._unlink(entry)

    def put_back(self, entry: Entry) -> Entry:
        """Undo of an undo: what was deleted is made again under a new id, what was unlinked is linked and filled again."""
        parent = self._moved(entry.parent if entry.action is Action.DELETE else _parse_parent(entry.before.get("parent", "")))
        if entry.action is Action.DELETE:
            target = self.now.new_ids[entry.record or ""]
            self.moved[entry.target or ""] = target
            return self._inverse(
                entry,
                action=Action.CREATE,
                target=target,
                values=_written(entry.before),
                before={},
                parent=parent,
                sets_parent=parent is not None,
            )
        found = self.now.records.get(entry.target or "")
        if found is None:
            return self._keep(entry, GONE)
        again: dict[str, str | None] = {key: value for key, value in _written(entry.before).items() if key not in found.values}
        sets_parent = entry.sets_parent and found.parent is None and parent is not None
        expects = found.version if again or sets_parent else None
        return self._inverse(
            entry,
            action=Action.LINK,
            values=again,
            before=dict(found.values),
            parent=parent,
            sets_parent=sets_parent,
            expects=expects,
        )

    def _delete(self, entry: Entry) -> Entry:
        found = self.now.records.get(entry.target or "")
        if found is None:
            return self._inverse(entry, action=Action.UNLINK, values={}, reason=GONE)
        reason = self._why_kept(entry, found)
        if reason:
            return self._keep(entry, reason)
        if found.parent is not None:
            self.freed[found.parent.id] += 1
        return self._inverse(
            entry, action=Action.DELETE, values={}, before=dict(found.values), parent=found.parent, expects=found.version
        )

    def _why_kept(self, entry: Entry, found: CrmRecord) -> str:
        if found.version != entry.version and _edited(entry, found):
            return EDITED
        hanging = self.now.dependents.get(found.id, Dependents())
        if hanging.activities or hanging.children > self.freed[found.id]:
            return DEPENDENTS
        own = 1 if entry.kind is RecordKind.CONTACT else self.freed[f"link:{found.id}"]
        return LINKED_ELSEWHERE if self.now.links.get(found.id, 0) > own else ""

    def _unlink(self, entry: Entry) -> Entry:
        """Take back the blanks that the link filled, but for those edited since; the link goes in any case."""
        self.freed[f"link:{entry.target}"] += 1
        found = self.now.records.get(entry.target or "")
        if found is None:
            return self._inverse(entry, action=Action.UNLINK, values={}, sets_parent=False, reason=GONE)
        filled = {key: value for key, value in entry.values.items() if value and found.values.get(key) == value}
        unset = entry.sets_parent and found.parent is not None and entry.parent is not None and found.parent.id == entry.parent.id
        if unset and found.parent is not None:
            self.freed[found.parent.id] += 1
        edited = len(filled) < len(entry.values)
        before = {**filled, **({"parent": f"{found.parent.kind}:{found.parent.id}"} if unset and found.parent else {})}
        return self._inverse(
            entry,
            action=Action.UNLINK,
            values=dict.fromkeys(filled),
            before=before,
            parent=None if unset else found.parent,
            sets_parent=unset,
            expects=found.version if filled or unset else None,
            reason=EDITED if edited else "",
        )

    def _restore(self, entry: Entry) -> Entry:
        """Set the account and the communications of an update back to what they were."""
        found = self.now.records.get(entry.target or "")
        if found is None:
            return self._keep(entry, GONE)
        mine = entry.sets_parent and found.parent is not None and entry.parent is not None and found.parent.id == entry.parent.id
        if mine and found.parent is not None:
            self.freed[found.parent.id] += 1
        former = _parse_parent(entry.before.get("parent", ""))
        before = {"communications": "1" if entry.communications else "0"}
        if found.parent is not None:
            before["parent"] = f"{found.parent.kind}:{found.parent.id}"
        return self._inverse(
            entry,
            action=Action.UPDATE,
            values={},
            before=before,
            parent=former if mine else found.parent,
            sets_parent=mine,
            expects=found.version if mine else None,
            communications=entry.before.get("communications") == "1",
        )

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
    """Whether the record says anything else than what the run wrote (the full name is the CRM's own)."""
    now = {key: value for key, value in found.values.items() if key != "full_name"}
    wrote = {key: value for key, value in entry.values.items() if value}
    parent = entry.parent.id if entry.parent and entry.sets_parent else None
    return not found.active or now != wrote or (found.parent.id if found.parent else None) != parent


def _written(before: Mapping[str, str]) -> dict[str, str | None]:
    """The values of a record that can be written again: the CRM makes the full name itself, the parent is no value."""
    return {key: value for key, value in before.items() if key not in {"full_name", "parent"}}


def _parse_parent(text: str) -> Parent | None:
    kind, _, identity = text.partition(":")
    return Parent(kind=RecordKind(kind), id=identity) if identity else None
