"""Which mailbox is a file from, and what is new in it, on the command line?"""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from carnet.bootstrap import App
from carnet.cli.door import Door
from carnet.errors import BadSettings
from carnet.flows.mailbox import NEW, Proposal, belong, is_settled, proposals, take
from carnet.flows.returning import what_is_new
from carnet.model.reading import Reading

MailboxName = Annotated[
    str | None, typer.Option("--mailbox", metavar="NAME", help="The mailbox that the file is from: its name, or new.")
]
OnlyNew = Annotated[bool, typer.Option("--only-new", help="Only contacts that the last run did not see.")]


def of_mailbox(door: Door, app: App, reading: Reading, *, name: str | None) -> Reading:
    """Settle the mailbox: the one named, the one a person at the terminal chooses, or the one that knows half or more."""
    if name is not None:
        return belong(app.world, reading, _key(app, reading, name))
    if is_settled(app.world, reading):
        return app.world.store.readings.get(reading.user, reading.id)
    if sys.stdin.isatty() and not door.as_json:
        return belong(app.world, reading, _ask(door, proposals(app.world, reading)))
    settled = take(app.world, reading)
    door.err.print(door.words.t("The file is taken to be from {name}; --mailbox says otherwise.", name=_label(app, settled)))
    return settled


def changes(app: App, reading: Reading) -> dict[str, object]:
    """The mailbox, and how many contacts are new, changed and gone since its last run, as JSON; null where it had none."""
    found = what_is_new(app.world, user=reading.user, reading=reading.id)
    counted: dict[str, object] = dict.fromkeys(("new", "changed", "gone"))
    if found is not None:
        counted = {"new": len(found[1].new), "changed": len(found[1].changed), "gone": len(found[1].gone)}
    return {"mailbox": _label(app, reading), **counted}


def say_changes(door: Door, app: App, reading: Reading) -> None:
    """The same as a sentence; nothing where the mailbox had no run."""
    found = what_is_new(app.world, user=reading.user, reading=reading.id)
    if found is not None and found[0].seen_at is not None:
        door.phrase(
            "{new} new, {changed} changed, {gone} gone since {date}.",
            new=door.words.number(len(found[1].new)),
            changed=door.words.number(len(found[1].changed)),
            gone=door.words.number(len(found[1].gone)),
            date=door.words.date(found[0].seen_at.astimezone().date()),
        )
        if found[1].gone:
            door.phrase("Who is gone from the file stays in the CRM.")


def _label(app: App, reading: Reading) -> str:
    known = app.world.store.mailboxes.all(reading.user)
    return next((each.label for each in known if each.key == reading.identity.key), reading.identity.label)


def _key(app: App, reading: Reading, name: str) -> str:
    if name == NEW:
        return NEW
    known = app.world.store.mailboxes.all(reading.user)
    for each in known:
        if name in {each.key, each.label}:
            return each.key
    names = ", ".join([*(each.label for each in known), NEW])
    raise BadSettings("There is no mailbox {name}.", "Mailboxes: {known}.", name=name, known=names)


def _ask(door: Door, offered: tuple[Proposal, ...]) -> str:
    """Which of the mailboxes, by its number; the best one is proposed where it knows half of the contacts or more."""
    door.phrase("Which mailbox is this file from?")
    for number, each in enumerate(offered, 1):
        known = door.words.n(
            "{n} of {total} contacts is known", "{n} of {total} contacts are known", each.known, total=each.total
        )
        door.out.print(f"  {number}  {each.mailbox.label} – {known}", markup=False)
    door.out.print(f"  0  {door.words.t('Another mailbox')}", markup=False)
    default = 1 if offered and offered[0].strong else 0
    chosen = typer.prompt(door.words.t("Number"), default=default, type=int)
    return offered[chosen - 1].mailbox.key if 0 < chosen <= len(offered) else NEW
