"""`carnet forget`: how is what a run wrote and replaced forgotten before its time?"""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from carnet.cli.door import AsJson, Door, RunNumber, door_of, user_of
from carnet.errors import NeedsConsent
from carnet.flows.retain import forget_run


def register(application: typer.Typer) -> None:
    """Add the command."""
    application.command()(forget)


def forget(
    context: typer.Context,
    run: RunNumber,
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """Forget what a run and its undos wrote and replaced; links and CRM records stay, and it can no longer be undone."""
    door = door_of(context)
    with door.app(as_json=as_json) as app:
        user = user_of(app)
        app.world.store.runs.get(user, run)
        if not yes:
            _confirm(door)
        erased = forget_run(app.world, user=user, number=run)
    if as_json:
        door.print_json({"forgotten": list(erased.runs), "clean": erased.clean})
        return
    door.phrase("Forgotten: only the numbers of the run are left.")
    if not erased.clean:
        door.phrase("Another program uses the database: do it again later, so that no trace is left in it.")


def _confirm(door: Door) -> None:
    if door.as_json or not sys.stdin.isatty():
        raise NeedsConsent("Forgetting a run cannot be taken back.", "Add --yes once you are sure.")
    typer.confirm(door.words.t("Forget this run? It can no longer be undone."), abort=True)
