"""`carnet check`: what had better be mended in a file before its contacts are added?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from carnet.cli.add import say_crowded
from carnet.cli.door import AsJson, Door, door_of, existing, user_of, write_new
from carnet.cli.source import Columns, Mine, Not, Only, Source, reading_of, ticks
from carnet.core.preparing import count, matching
from carnet.flows.check import check as look_through
from carnet.flows.check import count_crowded
from carnet.flows.close import forget
from carnet.model.finding import Finding, FindingKind
from carnet.words import msgid
from carnet.words.findings import TITLES, findings_csv, values
from carnet.words.reasons import place
from carnet.words.spreadsheet import ENCODING


def register(application: typer.Typer) -> None:
    """Add the command."""
    application.command()(check)


def check(
    context: typer.Context,
    source: Source,
    *,
    kind: Annotated[FindingKind | None, typer.Option("--kind", help="List the cards behind this finding.")] = None,
    folder: Only = None,
    no_folder: Not = None,
    csv: Annotated[Path | None, typer.Option("--csv", metavar="FILE", help="Write the cards to a table as well.")] = None,
    mine: Mine = False,
    column: Columns = None,
    as_json: AsJson = False,
) -> None:
    """Look for what could be mended in Outlook first; nothing is changed or kept."""
    door = door_of(context)
    with door.app(as_json=as_json) as app, door.progress() as watch:
        user = user_of(app)
        reading = reading_of(door, app, source, chosen=ticks(folder, no_folder, mine=mine, columns=column))
        try:
            found = look_through(app.world, user=user, reading=reading.id, watch=watch)
            crowded = count_crowded(app.world, user=user, reading=reading.id)
        finally:
            forget(app.world, user=user, reading=reading.id)
    wanted = list(found) if kind is None else matching(found, kind)
    if csv is not None:
        write_new(existing(csv), findings_csv(door.words, wanted), encoding=ENCODING)
    if as_json:
        door.print_json({"counts": _counts(found), "cards": list(map(_as_json, wanted)), "crowded": crowded})
    elif kind is None:
        _overview(door, found)
        say_crowded(door, crowded)
    else:
        rows = [(each.title, each.about, values(door.words, each), place(door.words, each.place)) for each in wanted]
        door.table((msgid("Name"), msgid("Company or person"), msgid("Values"), msgid("Place")), rows)


def _overview(door: Door, found: tuple[Finding, ...]) -> None:
    if not found:
        door.phrase("Nothing was found.")
        return
    counts = _counts(found)
    rows = [(door.words.t(TITLES[kind]), door.words.number(counts[kind]), kind) for kind in FindingKind if counts[kind]]
    door.table((msgid("Finding"), msgid("Number"), msgid("Kind")), rows)
    door.phrase("To list the cards: carnet check FILE --kind KIND")


def _counts(found: tuple[Finding, ...]) -> dict[str, int]:
    counted = count(found)
    return {str(kind): counted.get(kind, 0) for kind in FindingKind}


def _as_json(each: Finding) -> dict[str, object]:
    return {
        "kind": str(each.kind),
        "contact": each.record,
        "name": each.title,
        "about": each.about,
        "values": dict(each.fields),
        "place": each.place,
    }
