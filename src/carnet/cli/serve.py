"""`carnet serve`, `carnet demo`: how does the wizard open, on one's own data or on a sample?"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from importlib import import_module
from types import ModuleType
from typing import Annotated

import typer

from carnet.bootstrap import build
from carnet.cli.door import AsJson, Door, door_of
from carnet.errors import BadSettings
from carnet.settings import Settings

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
    mailbox = _demo().prepare_demo(settings, name=door.words.t("Sample user"))
    told = {"home": str(settings.home), "mailbox": str(mailbox)}
    if not as_json:
        door.phrase("The sample mailbox is {file}.", file=str(mailbox))
        door.phrase("Its data are apart from yours, in {home}.", home=str(settings.home))
    elif not start:
        door.print_json(told)
    if start:
        with _demo().connected(settings, dynamics=dynamics):
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
            _web().serve(app, port=settings.port if port is None else port, open_browser=browser, announce=announce)
    finally:
        app.close()


def _web() -> ModuleType:
    """The pages; loaded late, for what they import is large and no other command needs it."""
    return import_module("carnet.web.app")


def _demo() -> ModuleType:
    """What the demonstration stands on; loaded late, like the pages."""
    return import_module("carnet.cli.demo")
