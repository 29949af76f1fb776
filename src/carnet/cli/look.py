"""`carnet folders`, `carnet groups`: what is in a file, and what does the CRM have of it?"""

from __future__ import annotations

from typing import Annotated

import typer

from carnet.cli.door import AsJson, Door, door_of, user_of
from carnet.cli.mailbox import MailboxName, OnlyNew, changes, of_mailbox, say_changes
from carnet.cli.source import Columns, Mine, Not, Only, Source, reading_of, shown, ticks
from carnet.flows.close import forget
from carnet.flows.group import Grouping, group
from carnet.model.choices import Choices
from carnet.model.folder import Folder
from carnet.model.group import Group, Mode
from carnet.model.reading import Reading
from carnet.words import Words, msgid
from carnet.words.reasons import folder_reason, place
from carnet.words.runs import MODES, coverage


def register(application: typer.Typer) -> None:
    """Add the commands."""
    application.command()(folders)
    application.command()(groups)


def folders(context: typer.Context, source: Source, *, mine: Mine = False, as_json: AsJson = False) -> None:
    """List the folders that hold contacts; the default one comes first."""
    door = door_of(context)
    with door.app(as_json=as_json) as app, shown(door, app, source, options=ticks(None, None, mine=mine).options) as mailbox:
        found = mailbox.folders()
        columns = mailbox.columns()
    if as_json:
        rows = [
            {
                "id": each.id,
                "name": each.name,
                "path": list(each.path),
                "count": each.count,
                "default": each.is_default,
                "reason": each.reason,
            }
            for each in found
        ]
        unknown = [
            {"column": each.position + 1, "title": each.title, "samples": list(each.samples)}
            for each in columns
            if not each.field
        ]
        door.print_json({"folders": rows, "unknown_columns": unknown})
        return
    table = [(" / ".join(each.path), door.words.number(each.count), standing(door.words, each)) for each in found]
    door.table((msgid("Folder"), msgid("Number of Contacts"), ""), table)
    for column in columns:
        if not column.field:
            door.phrase(
                "Column {number} ({title}) is not known; --column {number}=FIELD takes it. It holds: {samples}",
                number=str(column.position + 1),
                title=column.title,
                samples=" | ".join(column.samples),
            )


def standing(words: Words, each: Folder) -> str:
    """What there is to say of a folder: that it is the default one, or why it is not on offer."""
    if each.is_default:
        return words.t("default folder")
    return "" if each.selectable else folder_reason(words, each.reason)


def groups(
    context: typer.Context,
    source: Source,
    *,
    by: Annotated[Mode, typer.Option("--by", help="Group by company, domain or category.")] = Mode.COMPANY,
    folder: Only = None,
    no_folder: Not = None,
    mailbox: MailboxName = None,
    only_new: OnlyNew = False,
    mine: Mine = False,
    column: Columns = None,
    as_json: AsJson = False,
) -> None:
    """Group the contacts of a file, and show how much of each group the CRM has."""
    door = door_of(context)
    with door.app(as_json=as_json) as app:
        reading = reading_of(door, app, source, chosen=ticks(folder, no_folder, mine=mine, columns=column))
        try:
            reading = of_mailbox(door, app, reading, name=mailbox)
            with door.progress() as watch:
                choices = Choices(mode=by, only_new=only_new)
                found = group(app.world, user=user_of(app), reading=reading.id, choices=choices, watch=watch)
            since = changes(app, reading)
            if not as_json:
                say_changes(door, app, reading)
        finally:
            forget(app.world, user=user_of(app), reading=reading.id)
    if as_json:
        door.print_json(
            {
                **since,
                "contacts": found.contacts,
                "held_back": found.held_back,
                "groups": [_as_json(each) for each in found.groups],
            }
        )
        return
    rows = [(each.title or door.words.t("(none)"), _count(door.words, each), each.key) for each in found.groups]
    door.table((MODES[by], msgid("Number of Contacts"), msgid("Key")), rows)
    _left_out(door, found, reading)


def _as_json(each: Group) -> dict[str, object]:
    return {
        "key": each.key,
        "title": each.title,
        "count": each.coverage.total,
        "linked": each.coverage.linked,
        "known": each.coverage.known,
        "possible": each.coverage.possible,
        "colour": str(each.coverage.colour),
    }


def _count(words: Words, each: Group) -> str:
    shape = {"green": "●", "yellow": "◐", "red": "○", "none": " "}[each.coverage.colour]
    mail = f" · {words.t('personal mail')}" if each.personal else ""
    return f"{shape} {coverage(words, each.coverage)}{mail}"


def _left_out(door: Door, found: Grouping, reading: Reading) -> None:
    words = door.words
    people = words.n("{n} person", "{n} people", found.contacts)
    memberships = words.n("{n} membership", "{n} memberships", found.memberships)
    door.out.print(f"{people}, {memberships}")
    if found.held_back:
        door.out.print(words.n("{n} private contact was held back.", "{n} private contacts were held back.", found.held_back))
    for each in reading.lists:
        door.phrase("Contact group, not added: {name}", name=each.name)
    for skip in reading.skipped:
        door.phrase("Not readable: {place}. {reason}", place=place(words, skip.place), reason=words.t(skip.reason))
