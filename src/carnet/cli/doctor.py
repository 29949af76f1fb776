"""`carnet doctor`: what can only be seen where Carnet runs, written down so that it can be sent?"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from carnet import __version__
from carnet.bootstrap.examining import parts_of
from carnet.cli.door import AsJson, Door, door_of, existing, user_of, write_new
from carnet.flows.examine import examine
from carnet.model.examination import Examination, Observation
from carnet.words import Words, msgid
from carnet.words.examination import QUESTIONS, SUBJECTS, shown, verdict


def register(application: typer.Typer) -> None:
    """Add the command."""
    application.command()(doctor)


def doctor(
    context: typer.Context,
    *,
    output: Annotated[Path | None, typer.Option("--output", metavar="FILE", help="Write the report to a new file.")] = None,
    as_json: AsJson = False,
) -> None:
    """Look at this computer, the CRM and what is connected, and report it without names, addresses, ids or secrets."""
    door = door_of(context)
    with door.app(as_json=as_json) as app, door.progress() as watch:
        found = examine(parts_of(app, user=user_of(app)), watch)
        report = {
            "carnet": __version__,
            "day": app.world.clock.now().date().isoformat(),
            "parts": [_part(each) for each in found],
        }
    if output is not None:
        write_new(existing(output), json.dumps(report, ensure_ascii=False, indent=2) + "\n")
    if as_json:
        door.print_json(report)
        return
    for each in found:
        _print(door, each)
    door.phrase("Nothing was changed, and no name, address, id or secret stands in this report.")
    if output is not None:
        door.phrase("{file} can be sent to whoever looks after Carnet.", file=str(output))
    else:
        door.phrase("To send it: carnet doctor --output FILE")


def _print(door: Door, found: Examination) -> None:
    rows = [_row(door.words, each) for each in found.observations]
    columns = (msgid("Question"), msgid("Expected"), msgid("Seen"), msgid("Holds"))
    door.table(columns, rows, title=door.words.t(SUBJECTS[found.subject], number=found.number))


def _row(words: Words, each: Observation) -> tuple[str, str, str, str]:
    seen = (shown(words, each.expected), shown(words, each.seen))
    return words.t(QUESTIONS[each.question]), *seen, words.t(verdict(each))


def _part(found: Examination) -> dict[str, object]:
    return {
        "part": str(found.subject),
        "number": found.number,
        "observations": [
            {"question": str(each.question), "expected": each.expected, "seen": each.seen, "holds": each.holds}
            for each in found.observations
        ],
    }
