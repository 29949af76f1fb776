"""`carnet forget`, `carnet person`: how is a run forgotten before its time, and what is held about somebody?"""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from carnet.cli.door import AsJson, Door, RunNumber, door_of, user_of
from carnet.errors import NeedsConsent
from carnet.flows.person import Held, find_person
from carnet.flows.retain import forget_run
from carnet.words.person import sections


def register(application: typer.Typer) -> None:
    """Add the commands."""
    application.command()(forget)
    application.command()(person)


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


def person(
    context: typer.Context,
    sought: Annotated[str, typer.Argument(metavar="ADDRESS", help="An e-mail address, or a whole name.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Tell all that is held about one person, in the CRM and outside it; nothing is changed."""
    door = door_of(context)
    with door.app(as_json=as_json) as app:
        held = find_person(app.world, user=user_of(app), sought=sought)
    if as_json:
        door.print_json(_as_json(held))
        return
    if not held:
        door.phrase("Nothing is held about {person}.", person=sought)
    for title, things in sections(door.words, held):
        door.out.print(title, style="bold", markup=False)
        for name, lines in things:
            door.out.print(f"  {name}", markup=False)
            for line in lines:
                door.out.print(f"    {line}", markup=False)


def _as_json(held: Held) -> dict[str, object]:
    return {
        "sought": held.sought,
        "contacts": [{"id": each.id, "name": each.name, "values": dict(each.values)} for each in held.contacts],
        "index": [
            {"id": each.id, "name": each.name, "emails": list(each.emails), "phones": list(each.phones)} for each in held.index
        ],
        "cards": [
            {"reading": reading, "contact": card.id, "place": card.place, "values": dict(card.contact.values)}
            for reading, card in held.cards
        ],
        "drafts": [each.id for each in held.drafts],
        "lines": [
            {
                "run": run.number,
                "planned_at": run.planned_at.isoformat() if run.planned_at else None,
                "seq": entry.seq,
                "action": str(entry.action),
                "state": str(entry.state),
                "name": entry.label,
                "before": dict(entry.before),
                "values": dict(entry.values),
            }
            for run, entry in held.lines
        ],
        "questions": [{"run": run, "key": key} for run, key in held.questions],
        "links": [
            {"mailbox": mailbox, "contact": link.record, "target": link.target, "values": dict(link.base)}
            for mailbox, link in held.links
        ],
        "rules": [{"id": each.id, "kind": str(each.kind), "labels": dict(each.labels)} for each in held.rules],
        "mailboxes": list(held.remembered),
        "shown": list(held.shown),
    }
