"""What would a run come to? It is gone through whole on a copy: read, group, plan, apply, undo."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar

from carnet.errors import Deferred
from carnet.flows.apply import apply
from carnet.flows.events import Progress, Watcher, nobody
from carnet.flows.group import group
from carnet.flows.plan import Planned, plan
from carnet.flows.read import read
from carnet.flows.undo import Undo, plan_undo
from carnet.model.choices import Choices
from carnet.model.group import Colour
from carnet.model.reading import Reading
from carnet.model.run import Run
from carnet.ports.mailbox import Mailbox
from carnet.ports.world import World

T = TypeVar("T")
Says = Callable[[], frozenset[bytes]]
"""A digest of each record of the CRM, but for versions."""
Plans = Callable[[Reading], Planned]
TRIES = 12
"""How often a step is taken that the other side asks to take later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsal:
    """What a rehearsal came to. `groups` counts the groups by their colour before the run.

    `restored` says whether the undo left the CRM as it was before, but for what it had to keep; `deferred` how often a step
    had to be taken again; `seconds` how long it all took.
    """

    planned: Planned
    run: Run
    undo: Undo
    groups: Mapping[Colour, int]
    restored: bool
    deferred: int
    seconds: float


class _Patience:
    """Takes a step again where it is deferred, and counts."""

    def __init__(self) -> None:
        self.deferred = 0

    def __call__(self, step: Callable[[], T]) -> T:
        for _ in range(TRIES - 1):
            try:
                return step()
            except Deferred:
                self.deferred += 1
        return step()


def rehearse(
    world: World,
    *,
    reading: Reading,
    reopen: Callable[[], Mailbox],
    choices: Choices,
    plans: Plans | None = None,
    says: Says | None = None,
    watch: Watcher = nobody,
) -> Rehearsal:
    """Go through a run over the mailbox that `reopen` opens, whose contacts are those of the reading, and take it back.

    The world is a copy: everything is written to it. `plans` makes the plan, where that is not one of the whole reading; `says`
    tells what the CRM says, where it need not be asked.
    """
    began, patiently = world.clock.now(), _Patience()
    says = says or partial(_state, world)
    before = says()
    again = _read(world, reading, reopen, patiently=patiently, watch=watch)
    found = patiently(lambda: group(world, user=again.user, reading=again.id, choices=choices, watch=watch))
    plans = plans or partial(_whole, world, choices=choices, watch=watch)
    planned = patiently(lambda: plans(again))
    run = patiently(lambda: _approve(world, planned.run, reopen=reopen, watch=watch))
    undo = patiently(lambda: plan_undo(world, user=again.user, number=run.number))
    if undo.run is not None:
        inverse = undo.run
        patiently(lambda: _approve(world, inverse, watch=_taking_back(watch)))
    colours = [each.coverage.colour for each in found.groups]
    return Rehearsal(
        planned=planned,
        run=run,
        undo=undo,
        groups={colour: colours.count(colour) for colour in Colour},
        restored=says() == before,
        deferred=patiently.deferred,
        seconds=(world.clock.now() - began).total_seconds(),
    )


def _read(world: World, reading: Reading, reopen: Callable[[], Mailbox], *, patiently: _Patience, watch: Watcher) -> Reading:
    """Read the folders of the reading once more, from where the mailbox now lies, as the mailbox that the reading is of."""
    ticked = frozenset(world.store.readings.totals(reading.id))
    again = replace(reading, id=world.ids.token(), read_at=world.clock.now(), complete=False)
    world.store.readings.start(again)

    def step() -> Reading:
        mailbox = reopen()
        try:
            return read(
                world,
                mailbox,
                user=reading.user,
                source=reading.source,
                digest=reading.digest,
                reading=again.id,
                folders=ticked,
                watch=watch,
            )
        finally:
            mailbox.close()

    patiently(step)
    world.store.mailboxes.belong(reading.user, again.id, reading.identity.key)
    return world.store.readings.get(reading.user, again.id)


def _whole(world: World, reading: Reading, *, choices: Choices, watch: Watcher) -> Planned:
    return plan(world, user=reading.user, reading=reading.id, choices=choices, watch=watch)


def _approve(world: World, run: Run, *, reopen: Callable[[], Mailbox] | None = None, watch: Watcher) -> Run:
    return apply(world, user=run.user, number=run.number, fingerprint=run.fingerprint, reopen=reopen, watch=watch)


def _taking_back(watch: Watcher) -> Watcher:
    def told(progress: Progress) -> None:
        watch(replace(progress, phase="undo"))

    return told


def _state(world: World) -> frozenset[bytes]:
    """What the CRM says, but for versions: a digest of each record."""
    said = (
        (each.kind, each.id, each.owner, each.active, each.parent and each.parent.id, sorted(each.values.items()))
        for page in world.crm.snapshot("")
        for each in page.records
    )
    return frozenset(hashlib.sha256(repr(each).encode()).digest() for each in said)
