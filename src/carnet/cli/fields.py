"""`carnet fields`: which way does each field go between Outlook and the CRM?"""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from carnet.bootstrap import App
from carnet.bootstrap.governing import govern
from carnet.cli.door import AsJson, Door, door_of
from carnet.errors import BadSettings, NeedsConsent
from carnet.flows.administer import administers
from carnet.model.direction import FIELDS_OF_ROW, ONLY_WITH_THREE, SETTABLE, Addresses, Direction
from carnet.words import Words, msgid
from carnet.words.directions import ADDRESSES, DIRECTIONS, RISK, row_label


def register(application: typer.Typer) -> None:
    """Add the command."""
    application.command()(fields)


def fields(
    context: typer.Context,
    *,
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="FIELD=DIRECTION", help="both, to_crm, to_outlook or none; for the administrator."),
    ] = None,
    addresses: Annotated[
        Addresses | None, typer.Option("--addresses", help="How many postal addresses reach the CRM; for the administrator.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """List which way each field goes, and let the administrator change it."""
    wanted = dict(map(_direction, set_ or ()))
    door = door_of(context)
    with door.app(as_json=as_json) as app:
        ruled, told = app, app.world.policy
        if wanted or addresses:
            if addresses is Addresses.THREE and told.addresses is not Addresses.THREE:
                _confirm(door, yes=yes)
            ruled = govern(app, directions=wanted, addresses=addresses or told.addresses)
        may = administers(ruled.world)
    if as_json:
        door.print_json(_as_json(door.words, ruled, may=may))
        return
    _show(door, ruled)


def _direction(text: str) -> tuple[str, Direction]:
    row, _, value = text.partition("=")
    if row not in FIELDS_OF_ROW:
        raise BadSettings("{key} is no field with a direction.", "Possible: {known}.", key=row, known=", ".join(SETTABLE))
    if row not in SETTABLE:
        raise BadSettings("{key} always goes both ways.", "Leave it out.", key=row)
    if value not in set(Direction):
        raise BadSettings("{value} is no direction.", "Possible: {known}.", value=value, known=", ".join(Direction))
    return row, Direction(value)


def _confirm(door: Door, *, yes: bool) -> None:
    """Tell what can be lost, and ask where somebody can answer."""
    if yes:
        return
    if not sys.stdin.isatty() or door.as_json:
        raise NeedsConsent(RISK, "Turn to three addresses with --yes.", consent="addresses")
    door.phrase(RISK)
    typer.confirm(door.words.t("Turn to three addresses?"), abort=True)


def _show(door: Door, app: App) -> None:
    words, policy = door.words, app.world.policy
    rows = [
        (row_label(words, row), _way(words, app, row), ", ".join(field.crm for field in found), row)
        for row, found in FIELDS_OF_ROW.items()
    ]
    titles = (msgid("Outlook field"), msgid("Direction"), msgid("CRM column"), msgid("Field"))
    door.table(titles, rows, title=words.t("Postal addresses: {which}", which=words.t(ADDRESSES[policy.addresses])))


def _way(words: Words, app: App, row: str) -> str:
    policy = app.world.policy
    way = words.t(DIRECTIONS[policy.direction(row)])
    if row not in SETTABLE:
        return words.t("{direction} (fixed)", direction=way)
    if policy.addresses is not Addresses.THREE and row in ONLY_WITH_THREE:
        return words.t("{direction} (only with three addresses)", direction=way)
    return way


def _as_json(words: Words, app: App, *, may: bool) -> dict[str, object]:
    policy = app.world.policy
    return {
        "addresses": str(policy.addresses),
        "administrator": may,
        "fields": [
            {
                "key": row,
                "label": row_label(words, row),
                "direction": str(policy.direction(row)),
                "settable": row in SETTABLE,
                "reaches_crm": found[0].key not in policy.withheld,
                "columns": [field.crm for field in found],
            }
            for row, found in FIELDS_OF_ROW.items()
        ],
    }
