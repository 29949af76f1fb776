"""How does a benchmark get a whole Carnet in a file?"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from carnet.bootstrap import SystemClock, SystemIds, calm_collector
from carnet.crms import embedded
from carnet.model.account import CrmUser
from carnet.ports.world import World
from carnet.store import open_store

ME = CrmUser(id="user-1", name="Alix Renard", address="alix.renard@contoso.com")


@contextmanager
def open_world(file: Path) -> Iterator[World]:
    """Store and embedded CRM in that file, closed at the end."""
    calm_collector()
    clock = SystemClock()
    store = open_store(file, clock=clock)
    crm = embedded.open_crm(file, user=ME, clock=clock)
    try:
        yield World(store=store, crm=crm, clock=clock, ids=SystemIds())
    finally:
        crm.close()
        store.close()
