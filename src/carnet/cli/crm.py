"""`carnet crm import|contacts|accounts`: what does the embedded CRM hold, and how is it seeded?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated

import typer

from carnet.bootstrap import App
from carnet.cli.add import show_outcome
from carnet.cli.door import AsJson, door_of, user_of
from carnet.cli.source import Columns, Mine, Source, opened, ticks
from carnet.errors import NotFound
from carnet.flows.administer import save_rule, set_detection
from carnet.flows.connect import EMBEDDED
from carnet.flows.seed import SeedRow, seed
from carnet.model.account import CrmRecord, RecordKind
from carnet.model.duplicate_rule import DuplicateRule
from carnet.words import msgid
from carnet.words.duplicates import KINDS, condition

_PAGE = 500
Query = Annotated[str, typer.Option("--query", help="Only those whose name or e-mail contains this.")]
group = typer.Typer(help="The embedded CRM: seed it and look at it.", no_args_is_help=True)


def register(application: typer.Typer) -> None:
    """Add the commands."""
    application.add_typer(group, name="crm")


_IMPORT = msgid(
    "Create the accounts and contacts of a table in the embedded CRM; a row without a person's name is an account. "
    "Directions of fields are about Outlook: a data file or cards follow them, a table, which is the CRM's own, does not."
)


@group.command("import", help=_IMPORT)
def import_(context: typer.Context, file: Source, *, mine: Mine = False, column: Columns = None, as_json: AsJson = False) -> None:
    """Create the accounts and contacts of a table in the embedded CRM; a row without a person's name is an account."""
    door = door_of(context)
    with door.app(as_json=as_json, crm=EMBEDDED) as app:
        rows, withheld = [], app.world.policy.withheld
        with opened(door, app, file, options=ticks(None, None, mine=mine, columns=column).options) as mailbox:
            if mailbox.capabilities.columns:
                withheld = frozenset()
            for folder in mailbox.folders():
                for page in mailbox.read(folder.id):
                    rows += [SeedRow(contact=record.contact, website=record.contact.get("web_page")) for record in page.records]
        with door.progress() as watch:
            run = seed(app.world, user=user_of(app), source=str(file), rows=rows, withheld=withheld, watch=watch)
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


@group.command()
def duplicates(
    context: typer.Context,
    *,
    publish: Annotated[list[str] | None, typer.Option("--publish", metavar="RULE", help="Publish a rule.")] = None,
    unpublish: Annotated[list[str] | None, typer.Option("--unpublish", metavar="RULE", help="Unpublish a rule.")] = None,
    on: Annotated[bool | None, typer.Option("--on/--off", help="Look for duplicates, or no longer.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the duplicate rules; publish or unpublish some, turn detection on or off."""
    door = door_of(context)
    with door.app(as_json=as_json) as app:
        known = {rule.id: rule for rule in app.world.crm.detection().rules}
        for wanted, published in ((unpublish or (), False), (publish or (), True)):
            for each in wanted:
                if each not in known:
                    raise NotFound("There is no such duplicate rule.", "List the rules again.")
                save_rule(app.world, replace(known[each], published=published))
        if on is not None:
            set_detection(app.world, on=on)
        found = app.world.crm.detection()
    if as_json:
        door.print_json({"on": found.on, "rules": [_rule_as_json(each) for each in found.rules]})
        return
    words = door.words
    rows = [
        (
            words.t(each.name),
            words.t(KINDS[each.base]),
            words.listed([condition(words, one) for one in each.conditions]),
            words.t("published") if each.published else words.t("not published"),
            each.id,
        )
        for each in found.rules
    ]
    title = words.t("Duplicate detection is on.") if found.on else words.t("Duplicate detection is off: no rule holds anything.")
    columns = (msgid("Rule"), msgid("Record"), msgid("What is compared"), msgid("State"), msgid("Id"))
    door.table(columns, rows, title=title)


def _rule_as_json(rule: DuplicateRule) -> dict[str, object]:
    return {
        "id": rule.id,
        "name": rule.name,
        "kind": str(rule.base),
        "matching": str(rule.matching),
        "conditions": [{"field": each.field, "sameness": str(each.sameness), "length": each.length} for each in rule.conditions],
        "exclude_inactive": rule.exclude_inactive,
        "case_sensitive": rule.case_sensitive,
        "ignore_blanks": rule.ignore_blanks,
        "published": rule.published,
    }


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
