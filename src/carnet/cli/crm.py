"""`carnet crm import|contacts|accounts`: what does the embedded CRM hold, and how is it seeded?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import typer

from carnet.bootstrap import App
from carnet.cli.add import show_outcome
from carnet.cli.door import AsJson, door_of, user_of
from carnet.cli.source import Columns, Mine, Source, opened, ticks
from carnet.flows.seed import SeedRow, seed
from carnet.model.account import CrmRecord, RecordKind
from carnet.words import msgid

_PAGE = 500
Query = Annotated[str, typer.Option("--query", help="Only those whose name or e-mail contains this.")]
group = typer.Typer(help="The embedded CRM: seed it and look at it.", no_args_is_help=True)


def register(application: typer.Typer) -> None:
    """Add the commands."""
    application.add_typer(group, name="crm")


@group.command("import")
def import_(context: typer.Context, file: Source, *, mine: Mine = False, column: Columns = None, as_json: AsJson = False) -> None:
    """Create the accounts and contacts of a table; a row without a person's name is an account."""
    door = door_of(context)
    with door.app(as_json=as_json) as app:
        rows = []
        with opened(door, app, file, options=ticks(None, None, mine=mine, columns=column).options) as mailbox:
            for folder in mailbox.folders():
                for page in mailbox.read(folder.id):
                    rows += [SeedRow(contact=record.contact, website=record.contact.get("web_page")) for record in page.records]
        with door.progress() as watch:
            run = seed(app.world, user=user_of(app), source=str(file), rows=rows, watch=watch)
        raise typer.Exit(show_outcome(door, app, run))


@group.command()
def contacts(context: typer.Context, *, query: Query = "", as_json: AsJson = False) -> None:
    """List the contacts, by name."""
    door = door_of(context)
    with door.app(as_json=as_json) as app:
        found = list(_all(app, RecordKind.CONTACT, query))
    if as_json:
        door.print_json([_as_json(each) for each in found])
        return
    rows = [(each.name, each.parent.name if each.parent else "", each.values.get("email1", ""), each.id) for each in found]
    door.table((msgid("Name"), msgid("Account"), msgid("E-mail"), msgid("Id")), rows)


@group.command()
def accounts(context: typer.Context, *, query: Query = "", as_json: AsJson = False) -> None:
    """List the accounts, by name."""
    door = door_of(context)
    with door.app(as_json=as_json) as app:
        found = list(_all(app, RecordKind.ACCOUNT, query))
    if as_json:
        door.print_json([_as_json(each) for each in found])
        return
    rows = [(each.name, each.values.get("website", ""), each.id) for each in found]
    door.table((msgid("Name"), msgid("Web page"), msgid("Id")), rows)


def _all(app: App, kind: RecordKind, query: str) -> Iterator[CrmRecord]:
    offset, total = 0, 1
    while offset < total:
        found, total = app.world.crm.search(kind, query, offset=offset, limit=_PAGE)
        yield from found
        offset += _PAGE


def _as_json(record: CrmRecord) -> dict[str, object]:
    parent = record.parent
    return {
        "id": record.id,
        "name": record.name,
        "values": dict(sorted(record.values.items())),
        "parent": {"kind": str(parent.kind), "id": parent.id, "name": parent.name} if parent else None,
        "owner": record.owner,
        "active": record.active,
    }
