"""What does an entry write, and what does its receipt make of it?"""

from __future__ import annotations

from dataclasses import replace

from carnet.core.duplicating import held_as_duplicate, to_be_checked
from carnet.core.rechecking import held
from carnet.model.account import CrmRecord
from carnet.model.change import Operation, Outcome, Receipt, Write
from carnet.model.link import Link
from carnet.model.plan import Action, Entry, State

_OPERATION = {
    Action.CREATE: Operation.CREATE,
    Action.LINK: Operation.UPDATE,
    Action.UPDATE: Operation.UPDATE,
    Action.UNLINK: Operation.UPDATE,
    Action.DELETE: Operation.DELETE,
}
_BURIED = "deleted"
"""The code of a creation whose id had its record deleted by another run: deciding again gives it another id."""


def write_of(entry: Entry, *, owner: str, run: int, detect: bool = False, since: str = "") -> Write | None:
    """The write to the CRM, or None where the entry touches our own links only, or nothing.

    `detect` and `since` (`carnet.model.change.Write`) are for a creation.
    """
    operation = _OPERATION.get(entry.action)
    if operation is None or (operation is Operation.UPDATE and not entry.values and not entry.sets_parent):
        return None
    creates = operation is Operation.CREATE
    return Write(
        operation=operation,
        kind=entry.kind,
        id=entry.target or "",
        values=entry.values,
        parent=entry.parent,
        sets_parent=entry.sets_parent,
        owner=owner if creates else "",
        expects=entry.expects,
        run=run,
        detect=creates and detect,
        since=since if creates else "",
    )


def settled(entry: Entry, receipt: Receipt | None, present: CrmRecord | None = None) -> Entry:
    """The entry as its receipt leaves it; `present` is the CRM record as it is now, for a stale one.

    A creation that was taken for another record is held, and one whose id is used up, to be decided again; one that was made
    beside a record of somebody else's is done, and to be checked. An update whose
    outcome was unknown and whose values stand in the CRM already is done: an earlier try had got through.
    """
    if receipt is None:
        return replace(entry, state=State.DONE)
    if receipt.outcome in {Outcome.DONE, Outcome.ALREADY}:
        before = {**receipt.before, **entry.before} if entry.action is not Action.LINK else dict(receipt.before)
        entry = to_be_checked(entry, receipt.duplicates) if receipt.duplicates else entry
        return replace(entry, state=State.DONE, version=_own_version(entry, receipt), before=before, code="", message="")
    if receipt.outcome is Outcome.DUPLICATE:
        return held_as_duplicate(entry, receipt.duplicates)
    stale = receipt.outcome is Outcome.STALE
    if stale and entry.state is State.SENT and present is not None and stands(entry, present):
        written = {key: entry.before.get(key, "") for key in (*entry.values, *(["parent"] if entry.sets_parent else []))}
        before = written if entry.action is Action.LINK else dict(entry.before)
        return replace(entry, state=State.DONE, version=present.version, before=before)
    if stale or (entry.action is Action.CREATE and receipt.code == _BURIED):
        return held(entry, present)
    return replace(entry, state=State.FAILED, code=receipt.code, message=receipt.message)


def _own_version(entry: Entry, receipt: Receipt) -> str:
    """The version that the write made; "" where an earlier try made the record, which somebody may have edited since."""
    made_before = entry.action is Action.CREATE and receipt.outcome is Outcome.ALREADY
    return "" if made_before else receipt.version


def stands(entry: Entry, present: CrmRecord) -> bool:
    """Whether the CRM record says everything that the entry was to write."""
    written = all(present.values.get(key, "") == (value or "") for key, value in entry.values.items())
    found = present.parent.id if present.parent else None
    return written and (not entry.sets_parent or found == (entry.parent.id if entry.parent else None))


def link_of(entry: Entry, *, run: int) -> Link | None:
    """The link that a done entry makes or renews, None where it makes none."""
    card = entry.record is not None and not entry.record.startswith("account:")
    if not card or entry.target is None or entry.action not in {Action.CREATE, Action.LINK, Action.UPDATE}:
        return None
    written = {key: value for key, value in entry.values.items() if value}
    return Link(
        record=entry.record or "",
        keys=entry.keys,
        kind=entry.kind,
        target=entry.target,
        communications=entry.communications,
        base={**entry.agreed, **written},
        invented=entry.invented,
        left_out=frozenset(entry.too_long),
        run=run,
    )
