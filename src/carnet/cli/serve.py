"""`carnet serve`, `carnet demo`: how does the wizard open, on one's own data or on a sample?"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from carnet.bootstrap import App, build
from carnet.bootstrap.connecting import connect
from carnet.cli.door import AsJson, Door, door_of, user_of
from carnet.errors import BadSettings
from carnet.flows.seed import seed
from carnet.model.account import CrmUser
from carnet.model.connection import Service, SignInKind
from carnet.settings import Settings
from carnet.testing.demo_crm import demo_rows
from carnet.testing.demo_mailbox import NAME, write_demo
from carnet.testing.emulators.dataverse import DataverseEmulator
from carnet.testing.emulators.demo import ADDRESS, demo_dynamics, demo_outlook
from carnet.testing.emulators.graph import GraphEmulator
from carnet.web.app import serve as open_web

Port = Annotated[int | None, typer.Option("--port", help="0 takes any that is free.")]
Browser = Annotated[bool, typer.Option("--browser/--no-browser", help="Open the browser.")]

Announce = Callable[[str], None]


def register(application: typer.Typer) -> None:
    """Add the commands."""
    application.command()(demo)
    application.command()(serve)


def serve(context: typer.Context, *, port: Port = None, browser: Browser = True, as_json: AsJson = False) -> None:
    """Open the wizard in the browser; it is served to this computer alone."""
    door = _undirected(door_of(context))
    door.settings.prepare()
    _open(door.settings, port=port, browser=browser, announce=_announce(door, {}) if as_json else None)


def demo(
    context: typer.Context,
    *,
    port: Port = None,
    browser: Browser = True,
    start: Annotated[bool, typer.Option("--serve/--no-serve", help="Open the wizard when it is ready.")] = True,
    dynamics: Annotated[bool, typer.Option("--dynamics", help="With a sample Dynamics 365, which forgets when it ends.")] = False,
    as_json: AsJson = False,
) -> None:
    """Make a sample mailbox and a seeded CRM, apart from your data, and open the wizard on them."""
    door = _undirected(door_of(context))
    settings = replace(door.settings, home=door.settings.home / ("demo-dynamics" if dynamics else "demo"))
    if dynamics:
        shutil.rmtree(settings.home, ignore_errors=True)
    mailbox = prepare_demo(settings, name=door.words.t("Sample user"))
    told = {"home": str(settings.home), "mailbox": str(mailbox)}
    if not as_json:
        door.phrase("The sample mailbox is {file}.", file=str(mailbox))
        door.phrase("Its data are apart from yours, in {home}.", home=str(settings.home))
    elif not start:
        door.print_json(told)
    if start:
        with GraphEmulator(demo_outlook()) as outlook, ExitStack() as more:
            connect_demo(settings, outlook)
            if dynamics:
                connect_demo_crm(settings, more.enter_context(DataverseEmulator(demo_dynamics())))
            _open(settings, port=port, browser=browser, announce=_announce(door, told) if as_json else None)


def _undirected(door: Door) -> Door:
    """The door; BadSettings where the command line names a CRM, for in the browser it is chosen on a page."""
    if door.crm:
        raise BadSettings(
            "--crm holds for one command, not for the browser.", "Choose the CRM with carnet use, or on Connections."
        )
    return door


def _announce(door: Door, told: Mapping[str, str]) -> Announce:
    """Print the address as JSON once the wizard is open; a program reads it while the wizard is served."""

    def announce(address: str) -> None:
        door.print_json({**told, "address": address})
        sys.stdout.flush()

    return announce


def _open(settings: Settings, *, port: int | None, browser: bool, announce: Announce | None = None) -> None:
    """Serve until the person presses Ctrl+C."""
    app = build(settings)
    try:
        with suppress(KeyboardInterrupt):
            open_web(app, port=settings.port if port is None else port, open_browser=browser, announce=announce)
    finally:
        app.close()


def connect_demo(settings: Settings, outlook: GraphEmulator) -> None:
    """Connect the sample Outlook, a server on this computer for as long as the demonstration lasts."""
    app = build(settings)
    try:
        user = user_of(app)
        known = [each for each in app.world.store.connections.all(user) if each.address == ADDRESS]
        described = app.network.describe(Service.GRAPH, user=user, sign_in=SignInKind.NONE, server=outlook.url)
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
