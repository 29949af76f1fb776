"""How does a copy of a connected CRM stand in for it, so that a rehearsal never writes to the CRM itself?"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from importlib import import_module
from types import ModuleType

from carnet.bootstrap import App, SystemClock, network_of
from carnet.errors import NotAllowed
from carnet.flows.connect import crm_of
from carnet.flows.events import Progress, Watcher, nobody
from carnet.flows.rehearse import Says
from carnet.model.connection import Connection, SignInKind
from carnet.ports.copied import Copyable
from carnet.ports.crm import Crm
from carnet.settings import Settings
from carnet.testing.emulators.bad_day import bad_day
from carnet.testing.emulators.dataverse import DataverseEmulator
from carnet.testing.emulators.dataverse_copy import RECORDS, digests, organisation_of
from carnet.testing.emulators.dataverse_organisation import DataverseOrganisation
from carnet.transport.gate import Gate

_EVERY = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class CopiedCrm:
    """What was read of a connected CRM: it is in memory alone."""

    connection: Connection
    organisation: DataverseOrganisation
    accounts: int
    contacts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """A Carnet before the CRM of a rehearsal. Where that is on an emulator, `says` tells what it says without asking it."""

    app: App
    emulator: DataverseEmulator | None = None
    says: Says | None = None


def copy_crm(app: App, settings: Settings, *, name: str = "", watch: Watcher = nobody) -> CopiedCrm | None:
    """Read the connected CRM of that name, else the chosen one, through the settings' own sign-in; None for the embedded one.

    Nothing is written to it, and nothing of it to a file. Its connections are closed before this returns. Raises NotFound,
    NotAllowed where that CRM cannot be copied, and what its sign-in raises.
    """
    me = app.world.store.people.me()
    connection = crm_of(app.world.store.connections.all(me.id) if me else (), name)
    if connection is None:
        return None
    network = network_of(settings)
    crm = network.crm(connection)
    try:
        return _copied(connection, crm, watch)
    finally:
        crm.close()
        network.close()


def _copied(connection: Connection, crm: Crm, watch: Watcher) -> CopiedCrm:
    if not isinstance(crm, Copyable):
        raise NotAllowed(
            "A rehearsal cannot take a copy of {crm}.",
            "Rehearse with the CRM that Carnet keeps itself: carnet --crm embedded rehearse",
            crm=connection.label,
        )

    def tell(number: int) -> None:
        if number % _EVERY == 0:
            watch(Progress(phase="copy", done=number))

    organisation = organisation_of(crm.copy(), tell=tell)
    accounts, contacts = (len(organisation.rows[table]) for table in RECORDS)
    return CopiedCrm(connection=connection, organisation=organisation, accounts=accounts, contacts=contacts)


@contextmanager
def before(app: App, copied: CopiedCrm | None, *, faults: bool = False) -> Iterator[Before]:
    """The rehearsal's Carnet before what was copied, on an emulator that answers nobody else; as it is where nothing was.

    With `faults` the emulator has a bad day. In the rehearsal's home the connection leads to the emulator as well.
    """
    if copied is None:
        yield Before(app=app)
        return
    secret = secrets.token_urlsafe()
    user = copied.organisation.first.id
    with DataverseEmulator(copied.organisation, tokens={secret: user}) as emulator:
        there = replace(copied.connection, url=emulator.url, sign_in=SignInKind.NONE)
        app.world.store.connections.save(there)
        app.world.store.candidates.forget(there.key)  # it holds links that lead to the CRM itself
        if faults:
            emulator.faults.add(*bad_day())
        crm: Crm = _opening().open_crm(there, token=lambda: secret, gate=Gate(), clock=SystemClock())
        try:
            facing = replace(app, world=replace(app.world, crm=crm))
            yield Before(app=facing, emulator=emulator, says=partial(digests, copied.organisation))
        finally:
            crm.close()


def _opening() -> ModuleType:
    """What opens connections; loaded late, for what it imports is large."""
    return import_module("carnet.bootstrap.opening")
