"""What does the demonstration stand on: a sample mailbox, a seeded CRM, and servers that play Outlook and Dynamics 365?"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

from carnet.bootstrap import App, build
from carnet.bootstrap.connecting import connect
from carnet.cli.door import user_of
from carnet.flows.seed import seed
from carnet.model.account import CrmUser
from carnet.model.connection import Service, SignInKind
from carnet.settings import Settings
from carnet.testing.demo_crm import demo_rows
from carnet.testing.demo_mailbox import NAME, write_demo
from carnet.testing.emulators.dataverse import DataverseEmulator
from carnet.testing.emulators.demo import ADDRESS, demo_colleague, demo_dynamics, demo_outlook
from carnet.testing.emulators.graph import GraphEmulator


@contextmanager
def connected(settings: Settings, *, dynamics: bool) -> Iterator[None]:
    """The sample Outlook, and with `dynamics` the sample Dynamics 365, connected for as long as they answer."""
    with GraphEmulator(demo_outlook(), demo_colleague()) as outlook, ExitStack() as more:
        connect_demo(settings, outlook)
        if dynamics:
            connect_demo_crm(settings, more.enter_context(DataverseEmulator(demo_dynamics())))
        yield


def connect_demo(settings: Settings, outlook: GraphEmulator) -> None:
    """Connect the sample Outlook, a server on this computer for as long as the demonstration lasts."""
    app = build(settings)
    try:
        user = user_of(app)
        known = [each for each in app.world.store.connections.all(user) if each.address == ADDRESS]
        shared = [each.address for each in outlook.mailboxes.values() if each is not outlook.mine]
        described = app.network.describe(Service.GRAPH, user=user, sign_in=SignInKind.NONE, server=outlook.url, shared=shared)
        connect(app, replace(described, id=known[0].id if known else described.id))
    finally:
        app.close()


def connect_demo_crm(settings: Settings, dynamics: DataverseEmulator) -> None:
    """Connect the sample Dynamics 365 and put the sample companies and people into it; contacts go there from then on."""
    app = build(settings)
    try:
        user = user_of(app)
        connect(app, app.network.describe(Service.DATAVERSE, user=user, sign_in=SignInKind.NONE, server=dynamics.root))
    finally:
        app.close()
    again = build(settings)
    try:
        seed(again.world, user=user, source=NAME, rows=demo_rows())
    finally:
        again.close()


def prepare_demo(settings: Settings, *, name: str) -> Path:
    """Write the sample mailbox and seed the CRM, unless they are there; returns the mailbox file."""
    settings.prepare()
    mailbox = settings.home / NAME
    if not mailbox.exists():
        write_demo(mailbox)
    app = build(settings)
    try:
        if app.world.store.people.me() is None:
            _introduce_and_seed(app, settings, name)
    finally:
        app.close()
    return mailbox


def _introduce_and_seed(app: App, settings: Settings, name: str) -> None:
    app.world.store.people.introduce(CrmUser(id=app.world.ids.token(), name=name, address=ADDRESS, administrator=True))
    again = build(settings)
    try:
        user = again.world.crm.whoami().id
        seed(again.world, user=user, source=NAME, rows=demo_rows())
    finally:
        again.close()
