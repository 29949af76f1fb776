"""Which accounts and contacts stand behind the numbers of a run, a page at a time?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from carnet.errors import NotFound
from carnet.flows.connect import connection_of
from carnet.flows.refresh import LIVE
from carnet.flows.trackers import trackers
from carnet.flows.undo import plan_undo
from carnet.model.account import Parent, RecordKind
from carnet.model.plan import Action, Entry, State
from carnet.model.run import Run, RunKind, RunState
from carnet.web.door import Known, Visit
from carnet.web.paging import FEW, Leaf, turn
from carnet.words import msgid
from carnet.words.evidence import evidence
from carnet.words.fields import field_label
from carnet.words.reasons import place, reason
from carnet.words.runs import ACTIONS

router = APIRouter(prefix="/runs/{number}/lists")
LONG = 5000
"""Characters of a value that a page shows; the whole of it is in Outlook."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A name, where it leads, how many contacts it stands for, what is said of it, and values as (field, text)."""

    name: str
    path: str = ""
    contacts: int = 0
    remark: str = ""
    values: tuple[tuple[str, str], ...] = ()


Builder = Callable[[Visit, Run, Sequence[Entry]], list[Line]]


@router.get("/{which}")
def show(visit: Known, number: int, which: str, *, state: str = "", q: str = "", page: int = 1) -> HTMLResponse:
    """One list of a run, searched and turned; `state` "planned" is what is to be written still."""
    if which not in LISTS:
        raise NotFound("There is no such page.", "Go back to the start.")
    run = visit.world.store.runs.get(visit.user, number)
    planned = run.state is RunState.PLANNED or state == State.PLANNED
    lines = lines_of(visit, run, which, entries=entries_of(visit, run, State.PLANNED if planned else State.DONE))
    title, _ = LISTS[which]
    return visit.page(
        "run_list.html",
        title=visit.words.t(title),
        base=f"/runs/{number}/lists/{which}",
        asked={"state": state},
        leaf=turn(lines, said, query=q, page=page, size=FEW),
        back=f"/runs/{number}/undo" if which in _OF_UNDO else origin(visit, run),
    )


def entries_of(visit: Visit, run: Run, state: State) -> list[Entry]:
    """What the run's lists are made of: its entries in that state, none once they were forgotten."""
    return [] if run.erased_at else list(visit.world.store.journal.entries(run.number, states=[state]))


def few(visit: Visit, run: Run, entries: Sequence[Entry]) -> dict[str, Leaf[Line]]:
    """The beginning of each list of the summary."""
    shown = (which for which in LISTS if which not in _OF_UNDO)
    return {which: turn(lines_of(visit, run, which, entries=entries), said, size=FEW) for which in shown}


def lines_of(visit: Visit, run: Run, which: str, *, entries: Sequence[Entry]) -> list[Line]:
    """The whole list."""
    _, build = LISTS[which]
    return build(visit, run, entries)


def said(line: Line) -> str:
    """What a search looks in."""
    return f"{line.name} {line.remark}"


def origin(visit: Visit, run: Run) -> str:
    """The page that shows this run: the review while it is planned, else the summary."""
    if run.state is RunState.PLANNED:
        for draft in visit.world.store.drafts.all(visit.user):
            if draft.run == run.number:
                return f"/wizard/{draft.id}/review"
    return f"/runs/{run.number}"


def approvable(visit: Visit, run: Run) -> str:
    """The page on which a run that was planned, and has not begun, is looked at and approved; "" where there is none."""
    if run.kind is RunKind.UNDO:
        return f"/runs/{run.reverts}/undo"
    if run.kind is RunKind.UNTRACK and run.source.startswith(LIVE):
        with suppress(NotFound):  # disconnected since
            return f"/mailbox/{connection_of(visit.world, user=visit.user, source=run.source).reading}/contacts"
    page = origin(visit, run)
    return "" if page == f"/runs/{run.number}" else page


def accounts_used(done: Sequence[Entry]) -> list[tuple[Parent, int]]:
    """Accounts and contacts that people went under and that were there before, with how many, by name."""
    made = {entry.target for entry in done if entry.kind is RecordKind.ACCOUNT and entry.action is Action.CREATE}
    parents = [entry.parent for entry in done if entry.parent and entry.sets_parent and entry.parent.id not in made]
    counted = Counter(parent.id for parent in parents)
    by_id = {parent.id: parent for parent in parents}
    return sorted(((by_id[key], number) for key, number in counted.items()), key=lambda each: each[0].name.casefold())


def _path(kind: RecordKind, target: str | None) -> str:
    return f"/crm/{kind}s/{target}" if target else ""


def _used(_: Visit, __: Run, entries: Sequence[Entry]) -> list[Line]:
    return [
        Line(name=parent.name or parent.id, path=_path(parent.kind, parent.id), contacts=number)
        for parent, number in accounts_used(entries)
    ]


def _created(_: Visit, __: Run, entries: Sequence[Entry]) -> list[Line]:
    made = (entry for entry in entries if entry.kind is RecordKind.ACCOUNT and entry.action is Action.CREATE)
    return [Line(name=entry.label, path=_path(entry.kind, entry.target)) for entry in made]


def _missing(visit: Visit, run: Run, _: Sequence[Entry]) -> list[Line]:
    missing = visit.world.store.journal.missing_accounts(run.number)
    return [Line(name=each.title, contacts=len(each.records)) for each in missing if not each.created]


def _too_long(visit: Visit, _: Run, entries: Sequence[Entry]) -> list[Line]:
    return [
        Line(
            name=entry.label,
            values=tuple((field_label(visit.words, key), value[:LONG]) for key, value in entry.too_long.items()),
        )
        for entry in entries
        if entry.too_long
    ]


def _to_check(visit: Visit, _: Run, entries: Sequence[Entry]) -> list[Line]:
    return [
        Line(
            name=entry.label,
            path=_path(entry.kind, entry.target) if entry.state is State.DONE else "",
            remark=evidence(visit.words, entry.evidence[0]) if entry.evidence else "",
        )
        for entry in entries
        if entry.to_check
    ]


def _kept(visit: Visit, _: Run, entries: Sequence[Entry]) -> list[Line]:
    kept = (entry for entry in entries if entry.action is Action.KEEP)
    return [Line(name=entry.label, remark=reason(visit.words, entry.reason)) for entry in kept]


def _tracked(visit: Visit, _: Run, entries: Sequence[Entry]) -> list[Line]:
    linking = [entry for entry in entries if entry.action is Action.LINK and entry.kind is RecordKind.CONTACT]
    tracked = trackers(visit.world, user=visit.user, targets=[entry.target for entry in linking if entry.target])
    words = visit.words
    return [
        Line(
            name=entry.label,
            path=_path(entry.kind, entry.target),
            remark=words.t("already tracked by {names}", names=words.listed(tracked[entry.target])),
        )
        for entry in linking
        if entry.target and entry.target in tracked
    ]


def _left_out(visit: Visit, run: Run, _: Sequence[Entry]) -> list[Line]:
    """What was read and is no contact; nothing once the summary was closed."""
    if not any(draft.run == run.number and draft.reading for draft in visit.world.store.drafts.all(visit.user)):
        return []
    words, reading = visit.words, visit.world.store.readings.get(visit.user, run.reading)
    private = words.n("{n} private, held back", "{n} private, held back", reading.held_back)
    return [
        *([Line(name=private)] if reading.held_back else []),
        *(Line(name=words.t("Contact group {name}", name=each.name)) for each in reading.lists),
        *(Line(name=place(words, each.place), remark=words.t(each.reason)) for each in reading.skipped),
    ]


def taken_back(visit: Visit, entries: Sequence[Entry]) -> list[Line]:
    """What an undo does, in words."""
    words, kinds = visit.words, {RecordKind.ACCOUNT: msgid("Account"), RecordKind.CONTACT: msgid("Contact")}
    return [
        Line(
            name=entry.label,
            remark=" – ".join(
                filter(None, (words.t(kinds[entry.kind]), words.t(ACTIONS[entry.action]), reason(words, entry.reason)))
            ),
        )
        for entry in entries
    ]


def _taken(visit: Visit, run: Run, _: Sequence[Entry]) -> list[Line]:
    return taken_back(visit, plan_undo(visit.world, user=visit.user, number=run.number, dry_run=True).reverts)


def _staying(visit: Visit, run: Run, entries: Sequence[Entry]) -> list[Line]:
    del entries
    return _kept(visit, run, plan_undo(visit.world, user=visit.user, number=run.number, dry_run=True).keeps)


LISTS: dict[str, tuple[str, Builder]] = {
    "used": (msgid("Accounts used"), _used),
    "tracked": (msgid("Contacts that somebody else tracks"), _tracked),
    "created": (msgid("Accounts created"), _created),
    "missing": (msgid("Companies without an account"), _missing),
    "too_long": (msgid("Contacts to complete"), _too_long),
    "to_check": (msgid("Contacts to check"), _to_check),
    "left_out": (msgid("Left out"), _left_out),
    "kept": (msgid("What was kept, and why"), _kept),
    "taken": (msgid("What is taken back"), _taken),
    "staying": (msgid("What is kept, and why"), _staying),
}
_OF_UNDO = frozenset({"taken", "staying"})
