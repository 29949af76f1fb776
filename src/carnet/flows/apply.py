"""How is an approved plan worked off, so that it can be stopped, killed and resumed at any point?"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import groupby

from carnet.core.duplicating import detects, held_under, rests_on
from carnet.core.permitting import check_directions, check_size, closed_since, within, written
from carnet.core.undoing import GONE
from carnet.core.withholding import kept_back, seen
from carnet.core.writing import link_of, settled, write_of
from carnet.errors import PlanMoved, Refused
from carnet.flows.connect import require_crm
from carnet.flows.events import Progress, Watcher, nobody
from carnet.flows.look import ask_about_stale, look_again
from carnet.flows.mailbox import follow, remember
from carnet.flows.observe import fetch
from carnet.flows.remembering import remember as remember_answers
from carnet.flows.retain import expire
from carnet.flows.twins import hold_twins
from carnet.model.account import CrmRecord, RecordKind
from carnet.model.change import Outcome, Receipt, Write
from carnet.model.plan import Action, Entry, State
from carnet.model.run import Run, RunKind, RunState
from carnet.ports.mailbox import Mailbox
from carnet.ports.store import Scope, Settlement
from carnet.ports.world import World

Reopen = Callable[[], Mailbox]


def apply(
    world: World,
    *,
    user: str,
    number: int,
    fingerprint: str,
    reopen: Reopen | None = None,
    strict: bool = False,
    watch: Watcher = nobody,
) -> Run:
    """Work off the plan that a person approved by its fingerprint; returns the run as it ended: done or stopped.

    `reopen` opens the source again where its digest has changed since the plan. Raises PlanMoved where the fingerprint is not
    that of the plan as it is now; nothing is written then.
    """
    run = world.store.runs.get(user, number)
    if fingerprint != run.fingerprint or not run.fingerprint:
        raise PlanMoved(
            "The fingerprint is not that of run {number}.", "Look at the plan again and approve it as it is now.", number=number
        )
    _require_open(world, run)
    _require_rights(world, run)
    if run.state is not RunState.APPLYING:
        mailbox = reopen() if reopen else None
        try:
            cursor = look_again(world, run, mailbox=mailbox, strict=strict, watch=watch)
        finally:
            if mailbox:
                mailbox.close()
        remember_answers(world, run)
        run = replace(run, approved=fingerprint, cursor=cursor, started_at=run.started_at or world.clock.now())
        follow(world, run)
    return _work_off(world, run, watch)


def resume(world: World, *, user: str, number: int, watch: Watcher = nobody) -> Run:
    """Go on with a run that was stopped or killed: its approval stands, and nothing is planned again."""
    run = world.store.runs.get(user, number)
    if not run.approved:
        raise Refused("Run {number} has not been approved.", "Look at its plan and approve it.", number=number)
    _require_open(world, run)
    return _work_off(world, run, watch)


def retry(world: World, *, user: str, number: int, seqs: Sequence[int] | None = None) -> int:
    """Put failed entries (all, or those) back to be tried again, and say how many; `resume` then works them off."""
    run = world.store.runs.get(user, number)
    count = world.store.journal.retry(number, seqs)
    if count:
        world.store.runs.save(replace(run, state=RunState.STOPPED))
    return count


def _require_open(world: World, run: Run) -> None:
    """Refuse what has been undone or forgotten, what belongs to another CRM, and what the policy no longer allows."""
    require_crm(world, run)
    if run.erased_at is not None:
        raise Refused("The values of run {number} were forgotten.", "Plan a new run.", number=run.number)
    if run.state is RunState.UNDONE and run.approved:
        raise Refused("Run {number} has been undone.", "Plan a new run.", number=run.number)
    if run.kind.brings_contacts:
        within(run.choices, world.policy)
        if without := closed_since(run.choices, world.policy):
            check_directions(world.store.journal.entries(run.number, states=[State.PLANNED, State.SENT]), without)
        check_size(written(world.store.journal.counts(run.number)), world.policy)


def _require_rights(world: World, run: Run) -> None:
    """Refuse, naming the rights, where the CRM would refuse row after row."""
    if run.kind.brings_contacts:
        planned = world.store.journal.counts(run.number)
        world.crm.require(accounts=any(key[:3] == (Action.CREATE, RecordKind.ACCOUNT, State.PLANNED) for key in planned))


def _work_off(world: World, run: Run, watch: Watcher) -> Run:
    if run.state is RunState.DONE and not world.store.journal.pending(run.number, 1):
        world.store.runs.save(run)
        return run
    # A stop asked for while this call looked again holds; one left from before does not.
    stopped = not run.stop and world.store.runs.get(run.user, run.number).stop
    run = replace(run, state=RunState.APPLYING, stop=stopped)
    world.store.runs.save(run)
    tally = world.store.journal.counts(run.number)
    total = sum(tally.values())
    done = total - sum(number for (_, _, state, _), number in tally.items() if state in {State.PLANNED, State.SENT})
    owner, accounts = world.crm.whoami().id, _held_accounts(world.store.journal.entries(run.number, states=[State.HELD]))
    while not stopped:
        entries = world.store.journal.pending(run.number, world.crm.capabilities.chunk)
        if not entries:
            break
        accounts |= _chunk(world, run, entries=entries, owner=owner, accounts=accounts)
        done += len(entries)
        watch(Progress(phase="write", done=done, total=total))
        stopped = done < total and world.store.runs.get(run.user, run.number).stop
    ask_about_stale(world, run)
    if not stopped:
        _mark_reverted(world, run)
    run = replace(run, state=RunState.STOPPED if stopped else RunState.DONE, finished_at=world.clock.now())
    world.store.runs.save(run)
    if not stopped:
        remember(world, run)
    expire(world)
    return run


def _chunk(world: World, run: Run, *, entries: Sequence[Entry], owner: str, accounts: Mapping[str, Entry]) -> Mapping[str, Entry]:
    """Say what is about to be sent, send it, and say what became of it; returns the accounts that are held now as well.

    What rests on an account that is held is held with it.
    """
    writes = {
        entry.seq: write for entry in entries if rests_on(entry) not in accounts and (write := _write(entry, run, owner=owner))
    }
    fresh = [entry.seq for entry in entries if entry.seq in writes and entry.state is State.PLANNED]
    if fresh:
        world.store.journal.mark_sent(run.number, fresh)
    receipts = _send(world, writes)
    present = _present(world, [entry for entry in entries if _is_stale(receipts.get(entry.seq))], run)
    after = [settled(entry, receipts.get(entry.seq), present.get(entry.target or "")) for entry in entries]
    accounts = {**accounts, **_held_accounts(after)}
    after = [
        held_under(before, accounts[above]) if (above := rests_on(before) or "") in accounts else entry
        for before, entry in zip(entries, after, strict=True)
    ]
    after = hold_twins(world, run, after)
    settlements = [_settlement(before, entry, run) for before, entry in zip(entries, after, strict=True)]
    world.store.journal.settle(Scope(user=run.user, mailbox=run.mailbox, crm=run.crm), run.number, settlements)
    return accounts


def _write(entry: Entry, run: Run, *, owner: str) -> Write | None:
    """The write of an entry. What a person adds is held against the CRM's rules, and against what came since it was seen."""
    if not run.kind.brings_contacts:
        return write_of(entry, owner=owner, run=run.number)
    return write_of(entry, owner=owner, run=run.number, detect=detects(entry, run.answers), since=run.cursor)


def _held_accounts(entries: Sequence[Entry]) -> dict[str, Entry]:
    """CRM id → the creation of an account that is held."""
    held = [entry for entry in entries if entry.kind is RecordKind.ACCOUNT and entry.action is Action.CREATE]
    return {entry.target or "": entry for entry in held if entry.state is State.HELD}


def _send(world: World, writes: Mapping[int, Write]) -> dict[int, Receipt]:
    """One call for each stretch of one kind and operation: accounts are there before the contacts that go under them."""
    receipts: dict[int, Receipt] = {}
    for _, stretch in groupby(writes.items(), key=lambda item: (item[1].kind, item[1].operation)):
        seqs, batch = zip(*stretch, strict=True)
        receipts.update(zip(seqs, world.crm.apply(batch), strict=True))
    return receipts


def _is_stale(receipt: Receipt | None) -> bool:
    return receipt is not None and receipt.outcome is Outcome.STALE


def _present(world: World, stale: Sequence[Entry], run: Run) -> dict[str, CrmRecord]:
    """The CRM records that stale entries point at, as they are now."""
    found: dict[str, CrmRecord] = {}
    for kind in RecordKind:
        ids = [entry.target for entry in stale if entry.kind is kind and entry.target]
        found |= fetch(world, kind, ids) if ids else {}
    return {identity: seen(record, kept_back(run.choices)) for identity, record in found.items()}


def _settlement(sent: Entry, entry: Entry, run: Run) -> Settlement:
    """What the store keeps of an entry that was sent, as its receipt left it."""
    same_values = entry.before == sent.before and entry.evidence == sent.evidence
    if entry.state is not State.DONE:
        return Settlement(entry=entry, same_values=same_values)
    return Settlement(
        entry=entry,
        same_values=same_values,
        link=link_of(entry, run=run.number),
        unlink=entry.action in {Action.UNLINK, Action.DELETE},
        raise_generation=entry.action is Action.DELETE or (entry.action is Action.UNLINK and entry.reason == GONE),
    )


def _mark_reverted(world: World, run: Run) -> None:
    """An undo leaves its run undone; an undo of an undo leaves the first run as it was, and so on down."""
    undone = True
    while run.kind is RunKind.UNDO and run.reverts is not None:
        run = world.store.runs.get(run.user, run.reverts)
        again = RunState.STOPPED if world.store.journal.pending(run.number, 1) else RunState.DONE
        world.store.runs.save(replace(run, state=RunState.UNDONE if undone else again))
        undone = not undone
