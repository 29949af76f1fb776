"""`carnet runs`, `carnet show`: which runs were there, and what did each do?"""

from __future__ import annotations

import typer

from carnet.cli.add import outcome, people_as_json, show_outcome
from carnet.cli.door import AsJson, RunNumber, door_of, user_of
from carnet.core.gathering import together
from carnet.core.retaining import kept_until
from carnet.model.plan import Entry, MissingAccount
from carnet.model.policy import Policy
from carnet.model.run import Run
from carnet.words import msgid
from carnet.words.reasons import reason
from carnet.words.runs import ACTIONS, RUN_KINDS, RUN_STATES, STATES, undoable


def register(application: typer.Typer) -> None:
    """Add the commands."""
    application.command()(runs)
    application.command()(show)


def runs(context: typer.Context, *, as_json: AsJson = False) -> None:
    """List the runs, the newest first."""
    door = door_of(context)
    with door.app(as_json=as_json) as app:
        found = app.world.store.runs.all(user_of(app), limit=1000)
        policy = app.world.policy
        told = [{**outcome(app, each), **_header(each, policy)} for each in found] if as_json else []
    if as_json:
        door.print_json(told)
        return
    rows = [
        (
            str(each.number),
            door.words.t(RUN_KINDS[each.kind]),
            door.words.t(RUN_STATES[each.state]),
            each.label,
            door.words.datetime(each.planned_at) if each.planned_at else "",
            undoable(door.words, each, policy),
        )
        for each in found
    ]
    door.table((msgid("Run"), msgid("Kind"), msgid("State"), msgid("Source"), msgid("Planned"), msgid("Undo")), rows)


def show(context: typer.Context, run: RunNumber, *, as_json: AsJson = False) -> None:
    """Show one run: its summary and every entry."""
    door = door_of(context)
    with door.app(as_json=as_json) as app:
        row = app.world.store.runs.get(user_of(app), run)
        entries = app.world.store.journal.entries(run)
        if as_json:
            missing = app.world.store.journal.missing_accounts(run)
            told = {"missing_accounts": list(map(_missing, missing)), "entries": list(map(_entry, entries))}
            told["people"] = people_as_json(together(entries))
            door.print_json({**outcome(app, row), **_header(row, app.world.policy), **told})
            return
        show_outcome(door, app, row)
    rows = [
        (
            door.words.t(ACTIONS[each.action]),
            door.words.t(STATES[each.state]),
            each.label,
            each.parent.name if each.parent else "",
            each.message or (reason(door.words, each.reason) if each.reason else ""),
        )
        for each in entries
    ]
    door.table((msgid("Action"), msgid("State"), msgid("Name"), msgid("Account"), msgid("Reason")), rows)


def _header(run: Run, policy: Policy) -> dict[str, object]:
    last = kept_until(run, policy)
    return {
        "kind": str(run.kind),
        "source": run.source,
        "fingerprint": run.fingerprint,
        "reverts": run.reverts,
        "planned_at": run.planned_at.isoformat() if run.planned_at else None,
        "finished_at": run.finished_at.isoformat() if run.finished_at else None,
        "kept_until": last.isoformat() if last else None,
        "forgotten_at": run.erased_at.isoformat() if run.erased_at else None,
    }


def _missing(account: MissingAccount) -> dict[str, object]:
    return {"key": account.key, "title": account.title, "contacts": list(account.records), "created": account.created}


def _entry(entry: Entry) -> dict[str, object]:
    return {
        "seq": entry.seq,
        "action": str(entry.action),
        "state": str(entry.state),
        "kind": str(entry.kind),
        "contact": entry.record,
        "name": entry.label,
        "target": entry.target,
        "values": dict(entry.values),
        "account": {"kind": str(entry.parent.kind), "id": entry.parent.id, "name": entry.parent.name} if entry.parent else None,
        "communications": entry.communications,
        "confidence": str(entry.confidence),
        "reason": entry.reason,
        "question": entry.question,
        "too_long": dict(entry.too_long),
        "to_check": entry.to_check,
    }
