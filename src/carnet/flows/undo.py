"""How is the inverse of a run planned?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from carnet.core.planning import fingerprint
from carnet.core.undoing import Present, undo
from carnet.errors import Refused
from carnet.flows.connect import require_crm
from carnet.flows.events import Progress, Watcher, nobody
from carnet.flows.index import refresh
from carnet.flows.observe import BATCH, fetch
from carnet.model.account import CrmRecord, Dependents, RecordKind
from carnet.model.plan import Action, Entry, State
from carnet.model.run import Run, RunKind, RunState
from carnet.ports.store import Scope
from carnet.ports.world import World


@dataclass(frozen=True, slots=True, kw_only=True)
class Undo:
    """What an undo takes back and what it keeps; `run` is the planned undo, None for a dry run.

    `unknown` are records that bear the number of the run to be undone and are not in its journal: nothing is done to them.
    """

    run: Run | None
    reverts: tuple[Entry, ...]
    keeps: tuple[Entry, ...]
    unknown: tuple[CrmRecord, ...] = ()


def plan_undo(world: World, *, user: str, number: int, dry_run: bool = False, watch: Watcher = nobody) -> Undo:
    """Plan the inverse of what a run has done and no undo has taken back yet; `apply` with its fingerprint does it."""
    run = world.store.runs.get(user, number)
    if run.state in {RunState.PLANNED, RunState.APPLYING}:
        raise Refused("Run {number} has done nothing that could be undone now.", "Stop it first, or wait.", number=number)
    require_crm(world, run)
    _require_values(world, run)
    cursor = refresh(world, watch=watch)
    done = list(_standing(world, run).values())

    entries = undo(done, _present(world, run, done, watch=watch))

    reverts = tuple(entry for entry in entries if entry.action is not Action.KEEP)
    keeps = tuple(entry for entry in entries if entry.action is Action.KEEP)
    unknown = _unknown(world, run, done)
    if dry_run:
        return Undo(run=None, reverts=reverts, keeps=keeps, unknown=unknown)
    inverse = Run(
        number=world.ids.run_number(),
        user=user,
        mailbox=run.mailbox,
        crm=run.crm,
        kind=RunKind.UNDO,
        source=run.source,
        label=run.label,
        cursor=cursor,
        fingerprint=fingerprint(entries),
        reverts=number,
        planned_at=world.clock.now(),
    )
    world.store.runs.save(inverse)
    world.store.journal.write(inverse.number, entries, questions=(), missing=())
    return Undo(run=inverse, reverts=reverts, keeps=keeps, unknown=unknown)


def _require_values(world: World, run: Run) -> None:
    """Refuse where the run's values, or those of an undo that put it back, were forgotten."""
    for number in (run.number, *world.store.erasing.undoing(run.number)):
        if world.store.runs.get(run.user, number).erased_at is not None:
            raise Refused(
                "What run {number} replaced was forgotten: it can no longer be undone.",
                "Change the CRM records by hand.",
                number=number,
            )


def _unknown(world: World, run: Run, done: Sequence[Entry]) -> tuple[CrmRecord, ...]:
    """What bears the run's number and is not in its journal, by name: the ids of the journal decide, this only checks them."""
    astray = world.crm.stamped(run.number) - {(entry.kind, entry.target) for entry in done}
    if astray:  # seldom: the rest of the journal is looked at for these alone
        astray -= {(entry.kind, entry.target) for entry in world.store.journal.entries(run.number)}
    found = [record for kind in RecordKind for record in fetch(world, kind, (id_ for of, id_ in astray if of is kind)).values()]
    return tuple(sorted(found, key=lambda record: (record.name, record.id)))


def _standing(world: World, run: Run) -> dict[int, Entry]:
    """What stands of a run, by seq: done, and not taken back, or put back by the undo of an undo in the form it has now."""
    journal = world.store.journal
    gone = journal.reverted(run.number)
    standing = {entry.seq: entry for entry in journal.entries(run.number, states=[State.DONE]) if entry.seq not in gone}
    for undo_run in _undos(world, run):
        reverts = {entry.seq: entry.reverts for entry in journal.entries(undo_run.number, states=[State.DONE])}
        for again in _undos(world, undo_run):
            for entry in _standing(world, again).values():
                seq = reverts.get(entry.reverts or 0)
                if seq in standing and entry.action is not Action.KEEP:
                    standing[seq] = replace(entry, seq=seq)
    return standing


def _undos(world: World, run: Run) -> list[Run]:
    """The undos of a run, the oldest first."""
    found: list[Run] = []
    while page := world.store.runs.all(run.user, offset=len(found), limit=BATCH):
        found += page
    return [each for each in reversed(found) if each.reverts == run.number]


def _present(world: World, run: Run, done: Sequence[Entry], *, watch: Watcher) -> Present:
    records: dict[str, CrmRecord] = {}
    dependents: dict[str, Dependents] = {}
    links: dict[str, int] = {}
    targets = {kind: sorted({entry.target for entry in done if entry.kind is kind and entry.target}) for kind in RecordKind}
    total, looked = sum(map(len, targets.values())), 0
    for kind, ids in targets.items():
        for start in range(0, len(ids), BATCH):
            batch = ids[start : start + BATCH]
            watch(Progress(phase="look", done=looked, total=total))
            records |= fetch(world, kind, batch)
            dependents |= dict(world.crm.dependents(kind, batch))
            links |= dict(world.store.links.of_targets(run.crm, batch))
            looked += len(batch)
    watch(Progress(phase="look", done=looked, total=total))
    scope = Scope(user=run.user, mailbox=run.mailbox, crm=run.crm)
    linked = {link.record: link.target for link in world.store.links.all(scope)}
    return Present(records=records, dependents=dependents, links=links, new_ids=_new_ids(world, run, done), linked=linked)


def _new_ids(world: World, run: Run, done: Sequence[Entry]) -> dict[str, str]:
    """A fresh id for each record whose CRM record was deleted: the generation has risen since."""
    records = [entry.record for entry in done if entry.action is Action.DELETE and entry.record]
    scope = Scope(user=run.user, mailbox=run.mailbox, crm=run.crm)
    generations = world.store.links.generations(scope, records)
    return {record: world.ids.record_key(run.crm, run.mailbox, record, str(generations.get(record, 0))) for record in records}
