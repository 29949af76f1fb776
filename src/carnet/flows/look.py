"""Has anything moved between the plan and the moment of writing?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from carnet.core.blocking import candidate_of, contact_keys
from carnet.core.duplicating import ACCOUNT, DUPLICATE
from carnet.core.marking import mark_of
from carnet.core.matching import match
from carnet.core.persons import TWIN
from carnet.core.rechecking import CHANGED, held, now_known, questions, target_moved
from carnet.core.safety import check
from carnet.core.variants import heal
from carnet.core.withholding import kept_back, seen
from carnet.errors import PlanMoved
from carnet.flows.duplicates import questions as ask_about
from carnet.flows.events import Progress, Watcher
from carnet.flows.read import read
from carnet.model.account import CrmRecord, RecordKind
from carnet.model.contact import Record
from carnet.model.match import Candidate
from carnet.model.plan import Action, Entry, State
from carnet.model.reading import Changes
from carnet.model.run import Run
from carnet.ports.live import LiveMailbox
from carnet.ports.mailbox import Mailbox
from carnet.ports.world import World

_MOVED = "moved"
_ID = "id:"


def look_again(world: World, run: Run, *, mailbox: Mailbox | None, strict: bool, watch: Watcher) -> str:
    """Hold the planned entries whose CRM record or card has moved since the plan; return the CRM's cursor now.

    `mailbox` is the source opened again, where its digest has changed. Raises UnsafePlan past the safety limit, and PlanMoved
    for anything that moved when `strict`.
    """
    entries = world.store.journal.entries(run.number)
    planned = [entry for entry in entries if entry.state is State.PLANNED and entry.action not in {Action.SKIP, Action.KEEP}]
    changed, gone, cursor = _changes(world, run, entries)
    cards = _cards_now(world, run, mailbox, watch=watch) if mailbox else None
    contacts = _originals(world, run, planned) if changed else {}
    index = _index(world, changed)
    watch(Progress(phase="look", done=0, total=len(planned)))

    moved, without = [], kept_back(run.choices)
    for entry in planned:
        present = changed.get((entry.kind, entry.target or ""))
        if _drifted(entry, present, gone=gone) or _found_meanwhile(world, entry, contacts=contacts, index=index):
            moved.append(held(entry, present and seen(present, without)))
        elif cards is not None and cards.get(entry.record or "") == _MOVED:
            moved.append(held(entry, present and seen(present, without), reason="card_changed"))
    moved += _beside(planned, moved)
    moved += _under_held_accounts(planned, moved)

    if moved and strict:
        raise PlanMoved(
            "{moved} of {total} rows have changed since the plan.", "Plan again.", moved=len(moved), total=len(planned)
        )
    check(len(moved), len(planned))
    if moved:
        _hold(world, run, entries=entries, moved=moved)
    watch(Progress(phase="look", done=len(planned), total=len(planned)))
    return cursor


def _changes(
    world: World, run: Run, entries: Sequence[Entry]
) -> tuple[dict[tuple[RecordKind, str], CrmRecord], set[tuple[RecordKind, str]], str]:
    """What the CRM changed since the plan, without what this run itself has written."""
    own: dict[tuple[RecordKind, str | None], str | None] = {}
    for entry in entries:
        unknown = entry.state is State.SENT or (entry.action is Action.CREATE and not entry.version)
        if entry.state is State.SENT or (entry.state is State.DONE and (unknown or entry.version)):
            own[entry.kind, entry.target] = None if unknown else entry.version
    changed: dict[tuple[RecordKind, str], CrmRecord] = {}
    gone: set[tuple[RecordKind, str]] = set()
    cursor = run.cursor
    for page in world.crm.snapshot(run.cursor):
        for record in page.records:
            key = (record.kind, record.id)
            if key not in own or own[key] not in {None, record.version}:
                changed[key] = record
        gone.update(page.gone)
        if page.present is not None:  # all was read again: what a row was to change, and is not there, is gone
            gone.update(_missing(entries, page.present))
        cursor = page.cursor
    return changed, gone, cursor


def _missing(entries: Sequence[Entry], present: frozenset[tuple[RecordKind, str]]) -> set[tuple[RecordKind, str]]:
    """The records that entries point at and that are not there, without those that the run itself makes."""
    made = {(entry.kind, entry.target) for entry in entries if entry.action is Action.CREATE}
    return {(entry.kind, entry.target) for entry in entries if entry.target and (entry.kind, entry.target) not in made} - present


def _drifted(entry: Entry, present: CrmRecord | None, *, gone: set[tuple[RecordKind, str]]) -> bool:
    """Whether the CRM record is not as planned; for a creation, whether its id has been taken, or buried, by another run."""
    buried = (entry.kind, entry.target or "") in gone
    if entry.action is Action.CREATE:
        return buried or present is not None
    return buried or (present is not None and target_moved(entry, present))


def _index(world: World, changed: Mapping[tuple[RecordKind, str], CrmRecord]) -> dict[str, list[Candidate]]:
    """Blocking key → the records that changed and have it."""
    index: dict[str, list[Candidate]] = {}
    for record in changed.values():
        candidate, keys = candidate_of(record, world.region)
        for key in (*keys, f"{_ID}{record.id}"):
            index.setdefault(key, []).append(candidate)
    return index


def _found_meanwhile(
    world: World, entry: Entry, *, contacts: Mapping[str, Record], index: Mapping[str, Sequence[Candidate]]
) -> bool:
    """Whether what the entry was to create has turned up in the CRM since the plan."""
    if entry.action is not Action.CREATE or not index:
        return False
    if entry.kind is RecordKind.ACCOUNT:
        key = (entry.record or "").removeprefix("account:")
        return any(candidate.active for candidate in index.get(f"a:{key}", ()))
    record = contacts.get(entry.record or "")
    if record is None:
        return False
    mark = mark_of(record.contact)
    keys = (*contact_keys(record.contact, world.region), *((f"{_ID}{mark.id}",) if mark else ()))
    found = {each.id: each for key in keys for each in index.get(key, ())}
    people = tuple(each for each in found.values() if each.kind is RecordKind.CONTACT)
    return bool(people) and now_known(entry, match(record, people, link=None, region=world.region, mark=mark, crm=world.crm.key))


def _originals(world: World, run: Run, planned: Sequence[Entry]) -> dict[str, Record]:
    cards = _cards_of(world, run, [each for each in planned if each.action is Action.CREATE])
    return {record.id: record for record in heal(cards, world.store.rules.all(run.user))}


def _cards_of(world: World, run: Run, entries: Sequence[Entry]) -> Sequence[Record]:
    """The cards behind entries, as they were read."""
    return world.store.readings.records(run.reading, ids=[each.record for each in entries if each.record]) if run.reading else ()


def _cards_now(world: World, run: Run, mailbox: Mailbox, *, watch: Watcher) -> dict[str, str]:
    """Record id → whether its card has moved since the plan; the second reading is forgotten at once."""
    laters = world.store.readings.laters(run.reading)
    if laters and isinstance(mailbox, LiveMailbox):
        changes = mailbox.changes(laters)
        if not changes.expired:
            return _cards_told(world, run, changes)
    folders = run.choices.folders
    again = read(world, mailbox, user=run.user, source=run.source, digest="", folders=folders, watch=watch)
    versions = {record.id: record.version for record in world.store.readings.records(again.id)}
    world.store.readings.drop(run.user, again.id)
    then = world.store.readings.records(run.reading)
    return {record.id: "" if versions.get(record.id) == record.version else _MOVED for record in then}


def _cards_told(world: World, run: Run, changes: Changes) -> dict[str, str]:
    """The same, by what the mailbox says has changed since it was read."""
    versions = {record.id: record.version for record in changes.records}
    gone = {*changes.gone, *(each.key for each in changes.held_back)}
    then = world.store.readings.records(run.reading)
    return {
        record.id: _MOVED if record.id in gone or versions.get(record.id, record.version) != record.version else ""
        for record in then
    }


def _beside(planned: Sequence[Entry], moved: Sequence[Entry]) -> list[Entry]:
    """Other writes to a record that has moved: the guard of the first one was theirs too."""
    targets = {(entry.kind, entry.target or ""): entry for entry in moved if entry.target}
    already = {entry.seq for entry in moved}
    return [
        _with_its_person(held(entry, None), first)
        if entry.reason == TWIN
        else replace(held(entry, None), evidence=first.evidence)
        for entry in planned
        if entry.seq not in already and (first := targets.get((entry.kind, entry.target or "")))
    ]


def _with_its_person(entry: Entry, first: Entry) -> Entry:
    """Another card of a person waits for the answer about the card that is held, and is asked nothing itself."""
    return replace(entry, reason=TWIN, question=first.question)


def _under_held_accounts(planned: Sequence[Entry], moved: Sequence[Entry]) -> list[Entry]:
    """Contacts that were to go under an account that is held now."""
    accounts = {entry.target for entry in moved if entry.kind is RecordKind.ACCOUNT}
    already = {entry.seq for entry in moved}
    return [
        held(entry, None)
        for entry in planned
        if entry.seq not in already and entry.parent is not None and entry.parent.id in accounts and accounts
    ]


def _hold(world: World, run: Run, *, entries: Sequence[Entry], moved: Sequence[Entry]) -> None:
    """Write the held entries back among the others, with their questions."""
    by_seq = {entry.seq: entry for entry in moved}
    still = [by_seq.get(entry.seq, entry) for entry in entries if entry.state in {State.PLANNED, State.HELD}]
    _ask(world, run, still=still, moved=moved)


def ask_about_stale(world: World, run: Run) -> None:
    """Put the question to each row that went stale while the run wrote."""
    held_rows = world.store.journal.entries(run.number, states=[State.HELD])
    asked = {question.key for question in world.store.journal.questions(run.number)}
    stale = [entry for entry in held_rows if entry.reason == CHANGED and entry.question not in asked]
    doubles = [entry for entry in held_rows if entry.reason in {DUPLICATE, ACCOUNT} and entry.action is not Action.ASK]
    if (stale or doubles) and run.kind.brings_contacts:
        still = world.store.journal.entries(run.number, states=[State.PLANNED, State.HELD])
        _ask(world, run, still=still, moved=stale, doubles=doubles)


def _ask(world: World, run: Run, *, still: Sequence[Entry], moved: Sequence[Entry], doubles: Sequence[Entry] = ()) -> None:
    """Ask about cards that moved, and doubles. An undo asks nothing: what it holds is planned again by the next undo."""
    cards = [entry for entry in moved if entry.record and not entry.record.startswith("account:") and entry.reason != TWIN]
    contacts = {each.id: each.contact for each in _cards_of(world, run, doubles)} if doubles else {}
    about_doubles = ask_about(world, doubles, contacts=contacts, preset=run.choices.fields)
    again = {question.key for question in about_doubles}
    asked = [question for question in world.store.journal.questions(run.number) if question.key not in again]
    world.store.journal.write(
        run.number,
        still,
        questions=(*asked, *(questions(cards) if run.kind.brings_contacts else ()), *about_doubles),
        missing=world.store.journal.missing_accounts(run.number),
    )
