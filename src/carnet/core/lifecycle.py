"""What becomes of both copies of a contact when it is untracked, or when one of the copies is deleted?

The table is that of the behaviour spec (§3.2); where its sources contradict one another (A1, A2), nothing is deleted that
nobody asked for: who untracks is always asked, and a CRM contact that is somebody else's stays.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from carnet.core.undoing import DEPENDENTS, GONE, LINKED_ELSEWHERE
from carnet.model.account import CrmRecord, Dependents, RecordKind
from carnet.model.link import Link
from carnet.model.plan import Action, Entry

NOT_YOURS = "not_yours"


class Event(StrEnum):
    """What happens."""

    UNTRACK_KEEP = "untrack_keep"
    UNTRACK_DELETE = "untrack_delete"
    """Untracked, and the person asks for the CRM contact to be deleted."""
    DELETED_OURS = "deleted_ours"
    """Deleted in Outlook."""
    DELETED_THEIRS = "deleted_theirs"
    """Deleted in the CRM."""


class Fate(StrEnum):
    """What becomes of one copy."""

    KEPT = "kept"
    DELETED = "deleted"


class Tie(StrEnum):
    """What becomes of the link."""

    CUT = "cut"
    BURIED = "buried"
    """It is remembered, so that the contact does not come back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rights:
    """What the person may do to the CRM contact: whether it is theirs, and whether they may delete it."""

    owns: bool
    may_delete: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Consequence:
    """What becomes of the contact in Outlook (`ours`), in the CRM (`theirs`) and of the link."""

    ours: Fate
    theirs: Fate
    tie: Tie


_KEPT = Consequence(ours=Fate.KEPT, theirs=Fate.KEPT, tie=Tie.CUT)
_ONLY_OURS = Consequence(ours=Fate.KEPT, theirs=Fate.DELETED, tie=Tie.CUT)
_ONLY_THEIRS = Consequence(ours=Fate.DELETED, theirs=Fate.KEPT, tie=Tie.BURIED)
_NEITHER = Consequence(ours=Fate.DELETED, theirs=Fate.DELETED, tie=Tie.CUT)

CONSEQUENCES: Mapping[tuple[Event, bool, bool], Consequence] = {
    # event, the person owns the CRM contact, may delete it
    (Event.UNTRACK_KEEP, True, True): _KEPT,
    (Event.UNTRACK_KEEP, True, False): _KEPT,
    (Event.UNTRACK_KEEP, False, True): _KEPT,
    (Event.UNTRACK_KEEP, False, False): _KEPT,
    (Event.UNTRACK_DELETE, True, True): _ONLY_OURS,
    (Event.UNTRACK_DELETE, True, False): _KEPT,
    (Event.UNTRACK_DELETE, False, True): _ONLY_OURS,
    (Event.UNTRACK_DELETE, False, False): _KEPT,
    (Event.DELETED_OURS, True, True): _ONLY_THEIRS,
    (Event.DELETED_OURS, True, False): _ONLY_THEIRS,
    (Event.DELETED_OURS, False, True): _ONLY_THEIRS,
    (Event.DELETED_OURS, False, False): _ONLY_THEIRS,
    (Event.DELETED_THEIRS, True, True): _ONLY_OURS,
    (Event.DELETED_THEIRS, True, False): _ONLY_OURS,
    (Event.DELETED_THEIRS, False, True): _NEITHER,
    (Event.DELETED_THEIRS, False, False): _NEITHER,
}


def consequence(event: Event, rights: Rights) -> Consequence:
    """The row of the table."""
    return CONSEQUENCES[event, rights.owns, rights.may_delete]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How the CRM is now: the records behind links, by id, what hangs on them, how many links each has (whoever's).

    `me` is the CRM user who asks; `deletes` says whether the CRM deletes at all, `administers` whether they may delete what is
    somebody else's.
    """

    records: Mapping[str, CrmRecord]
    dependents: Mapping[str, Dependents]
    links: Mapping[str, int]
    me: str
    deletes: bool = True
    administers: bool = False


def rights(record: CrmRecord, now: Standing) -> Rights:
    """What the person may do to that CRM record."""
    owns = record.owner == now.me
    return Rights(owns=owns, may_delete=now.deletes and (owns or now.administers))


def untrack(asked: Iterable[tuple[Link, str]], now: Standing, *, delete: bool) -> tuple[Entry, ...]:
    """One entry for each link with its contact's name: UNLINK where the CRM record stays, with the reason, else DELETE.

    A CRM record that several of the links lead to is deleted with the last of them.
    """
    pairs = list(asked)
    left = Counter(now.links)
    entries = []
    for place, (link, name) in enumerate(pairs, start=1):
        left[link.target] -= 1
        again = any(other.target == link.target for other, _ in pairs[place:])
        reason = _why_kept(link, now, others=0 if again else left[link.target])
        found = now.records.get(link.target)
        deletes = delete and not again and not reason and found is not None
        entries.append(_entry(link, name, seq=place, found=found if deletes else None, reason=reason if delete else _gone(found)))
    return tuple(entries)


def _gone(found: CrmRecord | None) -> str:
    return "" if found else GONE


def _why_kept(link: Link, now: Standing, *, others: int) -> str:
    """Why the CRM record cannot be deleted, "" where it can."""
    found = now.records.get(link.target)
    if found is None:
        return GONE
    if consequence(Event.UNTRACK_DELETE, rights(found, now)).theirs is Fate.KEPT or link.kind is RecordKind.ACCOUNT:
        return NOT_YOURS
    if now.dependents.get(link.target, Dependents()):
        return DEPENDENTS
    return LINKED_ELSEWHERE if others > 0 else ""


def _entry(link: Link, name: str, *, seq: int, found: CrmRecord | None, reason: str) -> Entry:
    """The link's entry, which deletes `found`; it carries what an undo needs to make the link again as it was."""
    inactive = {"active": "0"} if found and not found.active else {}
    return Entry(
        seq=seq,
        action=Action.DELETE if found else Action.UNLINK,
        kind=link.kind,
        record=link.record,
        label=name,
        keys=link.keys,
        target=link.target,
        before={**found.values, **inactive} if found else {},
        parent=found.parent if found else None,
        expects=found.version if found else None,
        agreed=link.base,
        communications=link.communications,
        invented=link.invented,
        too_long=dict.fromkeys(link.left_out, ""),
        reason=reason,
    )


def names(links: Sequence[Link], labels: Mapping[str, str], records: Mapping[str, CrmRecord]) -> list[tuple[Link, str]]:
    """Each link with what its contact is called: by its card, else by the CRM."""
    return [(link, labels.get(link.record) or (records[link.target].name if link.target in records else "")) for link in links]
