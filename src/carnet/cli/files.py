"""`carnet init`, `carnet backup`, `carnet restore`: who uses this Carnet, and how is its database kept?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from carnet import bootstrap
from carnet.cli.door import AsJson, door_of, existing


def register(application: typer.Typer) -> None:
    """Add the commands."""
    application.command()(init)
    application.command()(backup)
    application.command()(restore)


def init(
    context: typer.Context,
    *,
    name: Annotated[str, typer.Option(prompt=True, help="Your name.")],
    address: Annotated[str, typer.Option(prompt=True, help="Your e-mail address.")],
    as_json: AsJson = False,
) -> None:
    """Say who you are: records that your runs create belong to you."""
    door = door_of(context)
    door.settings.prepare()
    app = bootstrap.build(door.settings)
    try:
        user = door.introduce(app, name=name, address=address)
    finally:
        app.close()
    if as_json:
        door.print_json({"user": {"id": user.id, "name": user.name, "address": user.address}})
    else:
        door.phrase("Records that your runs create belong to {name} <{address}>.", name=user.name, address=user.address)


def backup(context: typer.Context, target: Annotated[Path, typer.Argument(metavar="FILE")], *, as_json: AsJson = False) -> None:
    """Copy the database to a file, also while it is in use."""
    door = door_of(context)
    bootstrap.backup(door.settings, existing(target))
    if as_json:
        door.print_json({"backup": str(existing(target))})
    else:
        door.phrase("Everything is in {file}.", file=str(target))


def restore(context: typer.Context, source: Annotated[Path, typer.Argument(metavar="FILE")], *, as_json: AsJson = False) -> None:
    """Put a backup in the place of the database; the present one is kept beside it."""
    door = door_of(context)
    door.settings.prepare()
    kept = bootstrap.restore(door.settings, existing(source))
    if as_json:
        door.print_json({"restored": str(existing(source)), "kept": str(kept) if kept else None})
        return
    door.phrase("{file} is in place.", file=str(source))
    if kept:
        door.phrase("The database before it was kept as {file}.", file=str(kept))
