"""`carnet contacts`, `track`, `set-parent`, `untrack`: which contacts are tracked, and how does that change for a few of them?"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from carnet.bootstrap import App
from carnet.cli.add import show_plan
from carnet.cli.door import AsJson, Door, door_of, user_of
from carnet.cli.mailbox import MailboxName, of_mailbox
from carnet.cli.rehearse import rehearse_by_hand
from carnet.cli.source import Columns, Mine, Source, reading_of, ticks
from carnet.core.normalise import fold
from carnet.errors import BadSettings, NeedsConsent, NotFound
from carnet.flows.close import forget
from carnet.flows.plan import Planned
from carnet.flows.track import Untracking, contacts, plan_untrack, set_parent, track, with_parents
from carnet.model.account import CrmRecord, Parent, RecordKind
from carnet.model.plan import Action, Entry
from carnet.model.tracking import Tracked, Tracking
from carnet.words import Words, msgid
from carnet.words.lifecycle import BY_APP, TRACKINGS, fate, summary

Chosen = Annotated[list[str], typer.Option("--contact", metavar="ID", help="A contact, as carnet contacts prints it; up to 20.")]
Rehearse = Annotated[
    bool, typer.Option("--rehearse", help="Go through it, and its undo, on a copy of your data: nothing is planned or written.")
]
_CANDIDATES = 20


def register(application: typer.Typer) -> None:
    """Add the commands."""
    application.command("contacts")(list_contacts)
    application.command("track")(track_contacts)
    application.command("set-parent")(put_under)
    application.command("untrack")(untrack_contacts)


def list_contacts(
    context: typer.Context,
    source: Source,
    *,
    tracked: Annotated[bool, typer.Option("--tracked", help="Only tracked contacts.")] = False,
    not_tracked: Annotated[bool, typer.Option("--not-tracked", help="Only contacts that are not tracked.")] = False,
    pending: Annotated[bool, typer.Option("--pending", help="Only contacts that wait in a run.")] = False,
    mailbox: MailboxName = None,
    mine: Mine = False,
    column: Columns = None,
    as_json: AsJson = False,
) -> None:
    """List the contacts of a source, each with whether it is tracked."""
    door = door_of(context)
    wanted = {
        state
        for state, asked in ((Tracking.TRACKED, tracked), (Tracking.NOT_TRACKED, not_tracked), (Tracking.PENDING, pending))
        if asked
    }
    told = _source(door, source, mailbox=mailbox, mine=mine, columns=column, as_json=as_json)
    with told as (app, reading), door.progress() as watch:
        found = contacts(app.world, user=user_of(app), reading=reading, watch=watch)
        rows = with_parents(app.world, [row for row in found if row.state in (wanted or set(Tracking))])
    if as_json:
        door.print_json([_as_json(row) for row in rows])
        return
    table = [(_state(door.words, row), row.name, row.company, row.parent.name if row.parent else "", row.record) for row in rows]
    door.table((msgid("State"), msgid("Name"), msgid("Company Name"), msgid("Parent"), msgid("Id")), table)


def track_contacts(
    context: typer.Context,
    source: Source,
    *,
    contact: Chosen,
    rehearse: Rehearse = False,
    mailbox: MailboxName = None,
    mine: Mine = False,
    column: Columns = None,
    as_json: AsJson = False,
) -> None:
    """Plan to track contacts: they are copied to the CRM, without an account, once the plan is applied."""
    door = door_of(context)

    def plans(app: App, reading: str) -> Planned:
        with door.progress() as watch:
            return track(app.world, user=user_of(app), reading=reading, records=contact, watch=watch)

    if rehearse:
        raise typer.Exit(_rehearsed(door, source, plans, mailbox=mailbox, mine=mine, columns=column, as_json=as_json))
    with _source(door, source, mailbox=mailbox, mine=mine, columns=column, as_json=as_json) as (app, reading):
        show_plan(door, app, plans(app, reading))


def put_under(
    context: typer.Context,
    source: Source,
    *,
    contact: Chosen,
    account: Annotated[str, typer.Option("--account", metavar="NAME|ID", help="An account that is in the CRM.")] = "",
    parent_contact: Annotated[str, typer.Option("--parent-contact", metavar="ID", help="A contact that is in the CRM.")] = "",
    new_account: Annotated[
        str, typer.Option("--new-account", metavar="NAME", help="A new account, unless there is one of that name.")
    ] = "",
    rehearse: Rehearse = False,
    mailbox: MailboxName = None,
    mine: Mine = False,
    column: Columns = None,
    as_json: AsJson = False,
) -> None:
    """Plan to track contacts and to put all of them under one account or contact, those tracked already too."""
    door = door_of(context)
    if sum(map(bool, (account, parent_contact, new_account))) != 1:
        raise BadSettings("Set Parent takes one parent.", "Give one of --account, --parent-contact and --new-account.")

    def plans(app: App, reading: str) -> Planned:
        parent = new_account or (_account(app, account) if account else _contact(app, parent_contact))
        with door.progress() as watch:
            return set_parent(app.world, user=user_of(app), reading=reading, records=contact, parent=parent, watch=watch)

    if rehearse:
        raise typer.Exit(_rehearsed(door, source, plans, mailbox=mailbox, mine=mine, columns=column, as_json=as_json))
    with _source(door, source, mailbox=mailbox, mine=mine, columns=column, as_json=as_json) as (app, reading):
        show_plan(door, app, plans(app, reading))


def untrack_contacts(
    context: typer.Context,
    source: Source,
    *,
    contact: Chosen,
    delete: Annotated[
        bool | None, typer.Option("--delete/--keep", help="Delete the CRM contacts, or keep them.", show_default=False)
    ] = None,
    mailbox: MailboxName = None,
    mine: Mine = False,
    column: Columns = None,
    as_json: AsJson = False,
) -> None:
    """Plan to untrack contacts: the links go; the CRM contacts are kept or deleted, as you say."""
    door = door_of(context)
    with _source(door, source, mailbox=mailbox, mine=mine, columns=column, as_json=as_json) as (app, reading):
        if delete is None:
            delete = _ask(door)
        with door.progress() as watch:
            user = user_of(app)
            planned = plan_untrack(app.world, user=user, reading=reading, records=contact, delete=delete, watch=watch)
        _show(door, planned)


@contextmanager
def _source(
    door: Door, source: Path, *, mailbox: str | None, mine: bool, columns: list[str] | None, as_json: bool
) -> Iterator[tuple[App, str]]:
    """The source read, and forgotten again: a plan keeps its own cards."""
    with door.app(as_json=as_json) as app:
        reading = reading_of(door, app, source, chosen=ticks(None, None, mine=mine, columns=columns))
        try:
            yield app, of_mailbox(door, app, reading, name=mailbox).id
        finally:
            forget(app.world, user=user_of(app), reading=reading.id)


def _rehearsed(
    door: Door,
    source: Path,
    plans: Callable[[App, str], Planned],
    *,
    mailbox: str | None,
    mine: bool,
    columns: list[str] | None,
    as_json: bool,
) -> int:
    door.as_json = as_json
    chosen = ticks(None, None, mine=mine, columns=columns)
    return rehearse_by_hand(door, source, plans, chosen=chosen, mailbox=mailbox)


def _ask(door: Door) -> bool:
    if door.as_json or not sys.stdin.isatty():
        raise NeedsConsent("What becomes of the CRM contacts must be said.", "Add --keep or --delete.")
    return typer.confirm(door.words.t("Delete the contacts in the CRM, too? (No keeps them there.)"), default=False)


def _show(door: Door, planned: Untracking) -> None:
    run, entries = planned.run, planned.plan.entries
    if run is None:
        raise RuntimeError("an untracking that is no dry run has a run")
    if door.as_json:
        told = [_fate_as_json(entry) for entry in entries]
        deleted = sum(entry.action is Action.DELETE for entry in entries)
        numbers = {"untrack": len(entries), "delete": deleted}
        door.print_json({"run": run.number, "fingerprint": run.fingerprint, "counts": numbers, "contacts": told})
        return
    door.table((msgid("Name"), msgid("What becomes of it")), [(entry.label, fate(door.words, entry)) for entry in entries])
    door.phrase("The contacts stay in Outlook.")
    door.out.print(summary(door.words, entries), markup=False)
    door.phrase(
        "To do it: carnet apply {number} --fingerprint {fingerprint}", number=str(run.number), fingerprint=run.fingerprint
    )


def _account(app: App, wanted: str) -> Parent:
    """The account of that id, or the only one of that name."""
    by_id = app.world.crm.get(RecordKind.ACCOUNT, [wanted])
    if wanted in by_id:
        return _parent(by_id[wanted])
    found, _ = app.world.crm.search(RecordKind.ACCOUNT, wanted, limit=_CANDIDATES)
    named = [each for each in found if fold(each.name) == fold(wanted) and each.active]
    if len(named) == 1:
        return _parent(named[0])
    if named:
        known = ", ".join(f"{each.id} ({told})" if (told := _told_apart(each)) else each.id for each in named)
        raise BadSettings("Several accounts are called {name}.", "Name one by its id: {known}.", name=wanted, known=known)
    if similar := ", ".join(each.name for each in found if each.active):
        raise NotFound("The CRM has no account {name}.", "Similar names: {known}.", name=wanted, known=similar)
    raise NotFound("The CRM has no account {name}.", "Give its id, or make it with --new-account.", name=wanted)


def _told_apart(account: CrmRecord) -> str:
    """What an account has beside its name."""
    return next(
        (told for key in ("business_city", "email1", "website", "business_phone") if (told := account.values.get(key))), ""
    )


def _contact(app: App, wanted: str) -> Parent:
    found = app.world.crm.get(RecordKind.CONTACT, [wanted])
    if wanted not in found:
        raise NotFound("The CRM has no contact {id}.", "List them with carnet crm contacts.", id=wanted)
    return _parent(found[wanted])


def _parent(record: CrmRecord) -> Parent:
    return Parent(kind=record.kind, id=record.id, name=record.name)


def _state(words: Words, row: Tracked) -> str:
    """The state in words; of what is not tracked here, whether Microsoft's own app tracks it."""
    state = words.t(TRACKINGS[row.state])
    return f"{state} ({words.t(BY_APP)})" if row.by_app and row.state is not Tracking.TRACKED else state


def _as_json(row: Tracked) -> dict[str, object]:
    parent = {"kind": str(row.parent.kind), "id": row.parent.id, "name": row.parent.name} if row.parent else None
    return {
        "contact": row.record,
        "name": row.name,
        "company": row.company,
        "email": row.email,
        "state": str(row.state),
        "id": row.target or None,
        "run": row.run,
        "parent": parent,
        "by_app": row.by_app,
    }


def _fate_as_json(entry: Entry) -> dict[str, object]:
    return {
        "contact": entry.record,
        "name": entry.label,
        "id": entry.target,
        "action": str(entry.action),
        "reason": entry.reason,
    }
