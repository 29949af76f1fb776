"""How is a copy of a person's data made, with which a run can be rehearsed, and how does nothing of it stay?"""

from __future__ import annotations

import secrets
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from types import ModuleType

from carnet import store
from carnet.bootstrap import App, SystemClock, build
from carnet.errors import NotFound
from carnet.flows.connect import EMBEDDED
from carnet.flows.refresh import fork
from carnet.model.account import CrmUser
from carnet.model.connection import Connection, Service, SignInKind
from carnet.model.folder import Folder
from carnet.model.reading import Reading
from carnet.ports.live import LiveMailbox
from carnet.settings import POLICY_FILE, Settings
from carnet.testing.emulators.bad_day import bad_day
from carnet.testing.emulators.graph import GraphEmulator
from carnet.testing.stand_in import StandIn, fill
from carnet.transport.gate import Gate

PREFIX = "carnet-rehearsal-"
_LEFT_BEHIND = 24 * 3600.0
"""Seconds after which no rehearsal is still going on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """An emulated mailbox that holds what was read; `reopen` opens it once more."""

    emulator: GraphEmulator
    reopen: Callable[[], LiveMailbox]


@contextmanager
def on_a_copy(settings: Settings, *, somebody: Callable[[], CrmUser]) -> Iterator[App]:
    """A Carnet on a copy of the settings' home, in a folder for its owner alone that is gone at the end, also after an error.

    `somebody` is who it belongs to where nobody has used that home. It stands before a copy of the CRM that Carnet keeps itself
    (`carnet.bootstrap.copying` puts it before another). Neither the home nor the vault is written to.
    """
    _sweep()
    with TemporaryDirectory(prefix=PREFIX, ignore_cleanup_errors=True) as folder:
        home = Path(folder)
        copy = replace(settings, home=home, keys=home / "keys", vault_key="", keyring=False)
        copy.prepare()
        if settings.database.exists():
            store.backup(settings.database, copy.database)
        if (settings.home / POLICY_FILE).exists():
            shutil.copyfile(settings.home / POLICY_FILE, home / POLICY_FILE)
        _introduce(copy, somebody)
        app = build(copy, crm=EMBEDDED)
        try:
            yield app
        finally:
            app.close()


def as_last_read(app: App, connection: Connection, *, choose: Callable[[tuple[Folder, ...]], frozenset[str] | None]) -> Reading:
    """A connected mailbox as it was last read: nothing is asked of it. Raises NotFound where it never was."""
    readings = app.world.store.readings
    if not connection.reading or not readings.get(connection.user, connection.reading).complete:
        raise NotFound(
            "{mailbox} has not been read yet.",
            "Look at it once: carnet groups {mailbox}",
            mailbox=connection.label,
        )
    offered = readings.get(connection.user, connection.reading).folders
    return fork(app.world, connection, folders=choose(offered))


@contextmanager
def stage(app: App, reading: Reading, *, faults: bool = False) -> Iterator[Stage]:
    """Put what was read on an emulator that answers nobody else, and that has a bad day where `faults` are wanted."""
    readings = app.world.store.readings
    held_back = {folder: counts[1] for folder, counts in readings.totals(reading.id).items()}
    filled = fill(reading, readings.records(reading.id), held_back=held_back)
    secret = secrets.token_urlsafe()
    emulator = GraphEmulator(filled.mailbox, tokens={secret: filled.mailbox.user})
    if faults:
        emulator.faults.add(*bad_day())
    with emulator:
        described = app.network.describe(Service.GRAPH, user=reading.user, sign_in=SignInKind.NONE, server=emulator.url)
        gate = Gate()

        def reopen() -> LiveMailbox:
            inner: LiveMailbox = _opening().open_mailbox(described, token=lambda: secret, gate=gate)
            return StandIn(inner, filled)

        yield Stage(emulator=emulator, reopen=reopen)


def _sweep() -> None:
    """Take away what a rehearsal that was killed outright has left behind."""
    for left in Path(gettempdir()).glob(f"{PREFIX}*"):
        if left.is_dir() and time.time() - left.stat().st_mtime > _LEFT_BEHIND:
            shutil.rmtree(left, ignore_errors=True)  # somebody else's stays


def _introduce(copy: Settings, somebody: Callable[[], CrmUser]) -> None:
    """Let the copy belong to whom the home belongs."""
    rows = store.open_store(copy.database, clock=SystemClock())
    try:
        if rows.people.me() is None:
            rows.people.introduce(somebody())
    finally:
        rows.close()


def _opening() -> ModuleType:
    """What opens connections; loaded late, for what it imports is large."""
    return import_module("carnet.bootstrap.opening")
