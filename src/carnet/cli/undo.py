"""`carnet undo`: what would be taken back, and how is it taken back?"""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from carnet.cli.door import WITH_SKIPS, AsJson, Door, RunNumber, door_of, user_of
from carnet.errors import NeedsConsent
from carnet.flows.apply import apply
from carnet.flows.summary import undo_counts
from carnet.flows.undo import Undo, plan_undo
from carnet.model.plan import Entry
from carnet.words import msgid
from carnet.words.reasons import reason
from carnet.words.runs import ACTIONS, unknown_to_the_journal


def register(application: typer.Typer) -> None:
    """Add the command."""
    application.command()(undo)


def undo(
    context: typer.Context,
    run: RunNumber,
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show only what it would do.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """Take a run back; what somebody has changed since stays. An undo can be undone."""
    door = door_of(context)
    with door.app(as_json=as_json, run=run) as app:
        user = user_of(app)
        with door.progress() as watch:
            preview = plan_undo(app.world, user=user, number=run, dry_run=True, watch=watch)
        if not as_json:
            _show(door, preview)
        if dry_run or not (preview.reverts or preview.keeps):
            _tell(door, run, preview, numbers=None, number=None)
            return
        if not as_json and not yes:
            _confirm(door)
        with door.progress() as watch:
            planned = plan_undo(app.world, user=user, number=run, watch=watch)
        if planned.run is None:
            raise RuntimeError("an undo that is no dry run has a run")
        with door.progress() as watch:
            done = apply(app.world, user=user, number=planned.run.number, fingerprint=planned.run.fingerprint, watch=watch)
        numbers = undo_counts(app.world, done)
        _tell(door, run, planned, numbers=numbers, number=done.number)
        raise typer.Exit(WITH_SKIPS if numbers["held"] or numbers["failed"] or planned.keeps else 0)


def _confirm(door: Door) -> None:
    if not sys.stdin.isatty():
        raise NeedsConsent("An undo needs your approval.", "Add --yes once you have looked at it.")
    typer.confirm(door.words.t("Take this back?"), abort=True)


def _tell(door: Door, run: int, undone: Undo, *, numbers: dict[str, int] | None, number: int | None) -> None:
    if door.as_json:
        counts = numbers or {"reverts": len(undone.reverts), "keeps": len(undone.keeps)}
        unknown = [{"kind": str(each.kind), "id": each.id, "name": each.name} for each in undone.unknown]
        lists = {"reverts": list(map(_as_json, undone.reverts)), "keeps": list(map(_as_json, undone.keeps)), "unknown": unknown}
        door.print_json({"run": run, "undo": number, **lists, "counts": counts})
    elif number is not None:
        door.phrase("Taken back. To take the undo back: carnet undo {number}", number=str(number))
    elif not undone.reverts and not undone.keeps:
        door.phrase("There is nothing left to take back.")


def _show(door: Door, preview: Undo) -> None:
    rows = [
        (door.words.t(ACTIONS[entry.action]), entry.label, reason(door.words, entry.reason) if entry.reason else "")
        for entry in (*preview.reverts, *preview.keeps)
    ]
    if rows:
        door.table((msgid("Action"), msgid("Name"), msgid("Reason")), rows)
    if preview.unknown:
        door.out.print(unknown_to_the_journal(door.words, preview.unknown), markup=False)


def _as_json(entry: Entry) -> dict[str, object]:
    return {
        "action": str(entry.action),
        "kind": str(entry.kind),
        "record": entry.record,
        "target": entry.target,
        "name": entry.label,
        "fields": sorted(entry.values),
        "reason": entry.reason,
    }
