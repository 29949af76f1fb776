"""How does the candidate index learn what the CRM holds now?"""

from __future__ import annotations

from carnet.core.blocking import candidate_of
from carnet.flows.events import Progress, Watcher, nobody
from carnet.ports.world import World

MANY = 2000
"""Changed records that the index takes in within about a second."""


def refresh(world: World, *, watch: Watcher = nobody) -> str:
    """Bring the index up to date and return the CRM's cursor."""
    crm = world.crm.key
    cursor = world.store.candidates.cursor(crm)
    done = 0
    for page in world.crm.snapshot(cursor):
        rows = [candidate_of(record, world.region) for record in page.records]
        lost = () if page.present is None else world.store.candidates.ids(crm) - page.present
        gone = (*page.gone, *sorted(lost))
        if rows or gone or page.cursor != cursor:
            world.store.candidates.update(crm, rows, gone=gone, cursor=page.cursor)
        cursor = page.cursor
        done += len(rows)
        watch(Progress(phase="index", done=done))
    return cursor


def is_far_behind(world: World) -> bool:
    """Whether bringing the index up to date takes a while: more than `MANY` records have changed."""
    behind = 0
    for page in world.crm.snapshot(world.store.candidates.cursor(world.crm.key)):
        behind += len(page.records) + len(page.gone)
        if behind > MANY:
            return True
    return False
