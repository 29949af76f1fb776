"""`carnet rehearse`: what would a whole run come to, gone through on a copy?"""

from __future__ import annotations

import getpass
import signal
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated

import typer

from carnet.bootstrap import App, SystemIds
from carnet.bootstrap.rehearsing import as_last_read, on_a_copy, stage
from carnet.cli.add import outcome, show_outcome
from carnet.cli.door import WITH_SKIPS, AsJson, Door, door_of
from carnet.cli.mailbox import MailboxName, OnlyNew, changes, of_mailbox, say_changes
from carnet.cli.source import Columns, Mine, Not, Only, Source, Ticks, mailbox_of, reading_of, selected, ticks
from carnet.core.permitting import within
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
    """What the emulators were asked: requests, and their parts where batches are counted by them; faults that struck."""

    requests: int
    parts: int
    faults: int
    live: bool

    def seconds(self, took: float) -> float | None:
        """How long the run would take: as here, and the way to a server where the mailbox lies on one; None after faults."""
        return None if self.faults else round(took + (LATENCY * self.requests if self.live else 0), 1)


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
    with _ends_in_order(), on_a_copy(door.settings, somebody=_somebody, crm=door.crm) as app:
        reading = of_mailbox(door, app, _read(door, app, source, chosen=chosen), name=mailbox)
        choices = Choices(
            mode=by,
            company_account=company_account,
            missing_accounts=MissingAccounts.CREATE if create_accounts else MissingAccounts.WITHOUT,
            communications=track_communications,
            include_linked=include_linked,
            only_new=only_new,
            fields=fields or app.world.policy.fields,
        )
        since = changes(app, reading)
        if not as_json:
            say_changes(door, app, reading)
        live = reading.identity.address is not None
        with stage(app, reading, faults=faults) as emulated, door.progress() as watch:
            coming = emulated.emulator.faults.left
            done = rehearse(
                app.world, reading=reading, reopen=emulated.reopen, choices=within(choices, app.world.policy), watch=watch
            )
            struck = coming - emulated.emulator.faults.left
            cost = Cost(requests=emulated.emulator.requests, parts=emulated.emulator.units, faults=struck, live=live)
        raise typer.Exit(_tell(door, app, done, cost=cost, since=since))


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


def _tell(door: Door, app: App, done: Rehearsal, *, cost: Cost, since: Mapping[str, object]) -> int:
    """Print what it came to; the exit code is that of the run, as `carnet apply` would end."""
    if door.as_json:
        return _tell_json(door, app, done, cost=cost, since=since)
    code = show_outcome(door, app, done.run)
    door.table(("", msgid("Number")), _rows(door, done, cost), title=door.words.t("Rehearsal"))
    for each in done.undo.keeps:
        door.phrase("An undo keeps {name}: {reason}", name=each.label, reason=reason(door.words, each.reason))
    if done.restored:
        door.phrase("An undo leaves the CRM as it was.")
    else:
        door.phrase("An undo does not leave the CRM as it was.")
    door.phrase("This was a copy: neither your mailbox nor your CRM was touched, and nothing of it is kept.")
    return code


def _rows(door: Door, done: Rehearsal, cost: Cost) -> list[tuple[str, str]]:
    words = door.words
    numbers = {
        msgid("Questions"): len(done.planned.plan.questions),
        msgid("Companies without an account"): sum(not each.created for each in done.planned.plan.missing_accounts),
        msgid("Requests to a mailbox of Microsoft 365"): cost.requests,
    }
    if cost.faults:
        numbers[msgid("Faults on purpose")] = cost.faults
    rows = [(words.t(key), words.number(number)) for key, number in numbers.items()]
    seconds = cost.seconds(done.seconds)
    if seconds is not None:
        told = words.n("{n} second", "{n} seconds", max(1, round(seconds)))
        rows.append((words.t("The run would take about"), told))
    return rows


def _tell_json(door: Door, app: App, done: Rehearsal, *, cost: Cost, since: Mapping[str, object]) -> int:
    told = outcome(app, done.run)
    entries = app.world.store.journal.entries(done.run.number)
    summary = {
        **since,
        "counts": told["counts"],
        "groups": {colour: done.groups[colour] for colour in Colour},
        "contacts": sorted((_contact(each) for each in entries if each.action is not Action.KEEP), key=_order),
        "questions": len(done.planned.plan.questions),
        "missing_accounts": sorted(each.title for each in done.planned.plan.missing_accounts if not each.created),
        "undo": {"reverts": len(done.undo.reverts), "keeps": len(done.undo.keeps), "restored": done.restored},
    }
    spent = {"requests": cost.requests, "parts": cost.parts, "seconds": cost.seconds(done.seconds)}
    door.print_json({"summary": summary, "cost": spent | {"faults": cost.faults, "deferred": done.deferred}})
    counts = told["counts"]
    unsettled = isinstance(counts, dict) and any(counts.get(key) for key in ("held", "failed", "waiting"))
    return WITH_SKIPS if unsettled or done.run.skipped else 0


def _contact(entry: Entry) -> dict[str, str]:
    state = "held" if entry.state is State.HELD else "failed" if entry.state is State.FAILED else str(entry.action)
    return {"name": entry.label, "kind": str(entry.kind), "outcome": state, "reason": entry.reason or entry.code}


def _order(contact: dict[str, str]) -> tuple[str, ...]:
    return tuple(contact.values())
