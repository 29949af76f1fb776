"""`carnet rehearse`: what would a whole run come to, gone through on a copy?"""

from __future__ import annotations

import getpass
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from carnet.bootstrap import App, SystemIds
from carnet.bootstrap.copying import Before, CopiedCrm, before, copy_crm
from carnet.bootstrap.rehearsing import as_last_read, on_a_copy, stage
from carnet.cli.add import outcome, show_outcome
from carnet.cli.door import WITH_SKIPS, AsJson, Door, door_of
from carnet.cli.mailbox import MailboxName, OnlyNew, changes, of_mailbox, say_changes
from carnet.cli.source import Columns, Mine, Not, Only, Source, Ticks, mailbox_of, reading_of, selected, ticks
from carnet.core.permitting import within
from carnet.flows.plan import Planned
from carnet.flows.rehearse import Rehearsal, rehearse
from carnet.model.account import CrmUser
from carnet.model.choices import Choices, MissingAccounts, Preset
from carnet.model.group import Colour, Mode
from carnet.model.plan import Action, Entry, State
from carnet.model.reading import Reading
from carnet.words import msgid
from carnet.words.reasons import reason

LATENCY = 0.15
"""Seconds that a request takes to Microsoft 365 and back, for the estimate."""
_TERMINATED = 143


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What the emulators were asked: requests, and their parts where batches are counted by them; faults that struck.

    `crm` counts the requests to a CRM on a server, None where Carnet keeps it itself.
    """

    requests: int
    parts: int
    faults: int
    live: bool
    crm: int | None = None

    def seconds(self, took: float) -> float | None:
        """How long it would all take: as here, and the way to each server; None after faults."""
        sent = (self.requests if self.live else 0) + (self.crm or 0)
        return None if self.faults else round(took + LATENCY * sent, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Extras:
    """What is told beside what the run came to, and the Carnet that went through it."""

    app: App
    cost: Cost
    since: Mapping[str, object]
    copied: CopiedCrm | None


def register(application: typer.Typer) -> None:
    """Add the command."""
    application.command(name="rehearse")(run)


def run(
    context: typer.Context,
    source: Source,
    *,
    by: Annotated[Mode, typer.Option("--by", help="Group by company, domain or category.")] = Mode.COMPANY,
    folder: Only = None,
    no_folder: Not = None,
    company_account: Annotated[bool, typer.Option(help="Use the company name as the account.")] = True,
    create_accounts: Annotated[bool, typer.Option("--create-accounts/--no-accounts", help="Create missing accounts.")] = False,
    track_communications: Annotated[bool, typer.Option("--track-communications", help="Track all communications.")] = False,
    include_linked: Annotated[bool, typer.Option("--include-linked", help="Apply to those already linked too.")] = False,
    fields: Annotated[Preset | None, typer.Option("--fields", help="Which fields leave Outlook: all, or professional.")] = None,
    faults: Annotated[bool, typer.Option("--faults", help="Let the copy fail on purpose: nothing else may come of it.")] = False,
    mailbox: MailboxName = None,
    only_new: OnlyNew = False,
    mine: Mine = False,
    column: Columns = None,
    as_json: AsJson = False,
) -> None:
    """Rehearse a whole run, and its undo, on a copy of your data: neither the mailbox nor the CRM is touched."""
    door = door_of(context)
    door.as_json = as_json
    chosen = ticks(folder, no_folder, mine=mine, columns=column)
    with _copies(door, faults=faults) as (there, copied):
        reading = of_mailbox(door, there.app, _read(door, there.app, source, chosen=chosen), name=mailbox)
        choices = Choices(
            mode=by,
            company_account=company_account,
            missing_accounts=MissingAccounts.CREATE if create_accounts else MissingAccounts.WITHOUT,
            communications=track_communications,
            include_linked=include_linked,
            only_new=only_new,
            fields=fields or there.app.world.policy.fields,
        )
        raise typer.Exit(_gone_through(door, there, copied, reading=reading, choices=choices, faults=faults))


def rehearse_by_hand(
    door: Door, source: Path, plans: Callable[[App, str], Planned], *, chosen: Ticks, mailbox: str | None
) -> int:
    """Go through what `plans` plans for a few contacts of a reading, and print what it came to; the exit code."""
    with _copies(door, faults=False) as (there, copied):
        reading = of_mailbox(door, there.app, _read(door, there.app, source, chosen=chosen), name=mailbox)
        choices = Choices(fields=there.app.world.policy.fields)
        return _gone_through(door, there, copied, reading=reading, choices=choices, plans=partial(plans, there.app))


@contextmanager
def _copies(door: Door, *, faults: bool) -> Iterator[tuple[Before, CopiedCrm | None]]:
    """A copy of the home, before the CRM to rehearse with or before what was copied of it; nothing is left of them."""
    with (
        _ends_in_order(),
        on_a_copy(door.settings, somebody=_somebody) as copy,
        _before_its_crm(door, copy, faults=faults) as there,
    ):
        yield there


@contextmanager
def _before_its_crm(door: Door, copy: App, *, faults: bool) -> Iterator[tuple[Before, CopiedCrm | None]]:
    """The copy before the CRM to rehearse with: one on a server is read first, and what was copied of it is told."""
    with door.progress() as watch:
        copied = copy_crm(copy, door.settings, name=door.crm, watch=watch)
    if copied is not None and not door.as_json:
        door.phrase(
            "Copied from {crm}, where nothing was written: accounts ({accounts}), contacts ({contacts}).",
            crm=copied.connection.label,
            accounts=door.words.number(copied.accounts),
            contacts=door.words.number(copied.contacts),
        )
    with before(copy, copied, faults=faults) as there:
        yield there, copied


def _gone_through(
    door: Door,
    there: Before,
    copied: CopiedCrm | None,
    *,
    reading: Reading,
    choices: Choices,
    plans: Callable[[str], Planned] | None = None,
    faults: bool = False,
) -> int:
    """Go through the run, and print what it came to; the exit code."""
    app = there.app
    since = changes(app, reading)
    if not door.as_json:
        say_changes(door, app, reading)
    choices = within(choices, app.world.policy)
    with stage(app, reading, faults=faults) as emulated, door.progress() as watch:
        emulators = [each for each in (emulated.emulator, there.emulator) if each is not None]
        coming = sum(each.faults.left for each in emulators)
        done = rehearse(
            app.world,
            reading=reading,
            reopen=emulated.reopen,
            choices=choices,
            plans=(lambda again: plans(again.id)) if plans else None,
            says=there.says,
            watch=watch,
        )
        cost = Cost(
            requests=emulated.emulator.requests,
            parts=emulated.emulator.units,
            faults=coming - sum(each.faults.left for each in emulators),
            live=reading.identity.address is not None,
            crm=there.emulator.requests if there.emulator else None,
        )
    return _tell(door, done, Extras(app=app, cost=cost, since=since, copied=copied))


def _somebody() -> CrmUser:
    return CrmUser(id=SystemIds().token(), name=getpass.getuser(), address="", administrator=True)


def _read(door: Door, app: App, source: Source, *, chosen: Ticks) -> Reading:
    connection = mailbox_of(app, source)
    if connection is None:
        return reading_of(door, app, source, chosen=chosen)
    return as_last_read(app, connection, choose=lambda offered: selected(offered, chosen))


@contextmanager
def _ends_in_order() -> Iterator[None]:
    """Take the copy away also where the system asks this program to end."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(_TERMINATED))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _tell(door: Door, done: Rehearsal, extras: Extras) -> int:
    """Print what it came to; the exit code is that of the run, as `carnet apply` would end."""
    if door.as_json:
        return _tell_json(door, done, extras)
    code = show_outcome(door, extras.app, done.run)
    door.table(("", msgid("Number")), _rows(door, done, extras.cost), title=door.words.t("Rehearsal"))
    for each in done.undo.keeps:
        door.phrase("An undo keeps {name}: {reason}", name=each.label, reason=reason(door.words, each.reason))
    if done.restored:
        door.phrase("An undo leaves the CRM as it was.")
    else:
        door.phrase("An undo does not leave the CRM as it was.")
    if extras.copied is None:
        door.phrase("This was a copy: neither your mailbox nor your CRM was touched, and nothing of it is kept.")
    else:
        door.phrase(
            "This was a copy: nothing was written to your mailbox or to {crm}, which was only read, and nothing of it is kept.",
            crm=extras.copied.connection.label,
        )
    return code


def _rows(door: Door, done: Rehearsal, cost: Cost) -> list[tuple[str, str]]:
    words = door.words
    numbers = {
        msgid("Questions"): len(done.planned.plan.questions),
        msgid("Companies without an account"): sum(not each.created for each in done.planned.plan.missing_accounts),
        msgid("Requests to a mailbox of Microsoft 365"): cost.requests,
    }
    if cost.crm is not None:
        numbers[msgid("Requests to Dynamics 365, the undo included")] = cost.crm
    if cost.faults:
        numbers[msgid("Faults on purpose")] = cost.faults
    rows = [(words.t(key), words.number(number)) for key, number in numbers.items()]
    seconds = cost.seconds(done.seconds)
    if seconds is not None:
        told = words.n("{n} second", "{n} seconds", max(1, round(seconds)))
        rows.append((words.t("The run would take about"), told))
    return rows


def _tell_json(door: Door, done: Rehearsal, extras: Extras) -> int:
    told = outcome(extras.app, done.run)
    entries = extras.app.world.store.journal.entries(done.run.number)
    summary = {
        **extras.since,
        "counts": told["counts"],
        "groups": {colour: done.groups[colour] for colour in Colour},
        "contacts": sorted((_contact(each) for each in entries if each.action is not Action.KEEP), key=_order),
        "questions": len(done.planned.plan.questions),
        "missing_accounts": sorted(each.title for each in done.planned.plan.missing_accounts if not each.created),
        "undo": {"reverts": len(done.undo.reverts), "keeps": len(done.undo.keeps), "restored": done.restored},
    }
    cost, copied = extras.cost, extras.copied
    spent = {"requests": cost.requests, "parts": cost.parts, "crm_requests": cost.crm, "seconds": cost.seconds(done.seconds)}
    printed = {"summary": summary, "cost": spent | {"faults": cost.faults, "deferred": done.deferred}}
    crm = copied and {"crm": copied.connection.label, "accounts": copied.accounts, "contacts": copied.contacts}
    door.print_json(printed | {"copied": crm})
    counts = told["counts"]
    unsettled = isinstance(counts, dict) and any(counts.get(key) for key in ("held", "failed", "waiting"))
    return WITH_SKIPS if unsettled or done.run.skipped else 0


def _contact(entry: Entry) -> dict[str, str]:
    state = "held" if entry.state is State.HELD else "failed" if entry.state is State.FAILED else str(entry.action)
    return {"name": entry.label, "kind": str(entry.kind), "outcome": state, "reason": entry.reason or entry.code}


def _order(contact: dict[str, str]) -> tuple[str, ...]:
    return tuple(contact.values())
