"""`carnet plan`, `carnet apply`: what would be written, and how is it written once a person approves?"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Annotated

import typer

from carnet.bootstrap import App
from carnet.cli.door import WITH_SKIPS, AsJson, Door, RunNumber, door_of, user_of
from carnet.cli.mailbox import MailboxName, OnlyNew, changes, of_mailbox, say_changes
from carnet.cli.source import Columns, Mine, Not, Only, Source, reading_of, ticks
from carnet.core.gathering import Together, together
from carnet.core.identity import is_record_id
from carnet.core.permitting import WRITES, within
from carnet.core.persons import TWIN
from carnet.errors import BadSettings, NeedsConsent, NotFound, Refused
from carnet.flows.apply import apply as apply_plan
from carnet.flows.apply import resume, retry
from carnet.flows.close import close, forget
from carnet.flows.connect import crm_of
from carnet.flows.group import group
from carnet.flows.mailbox import remember_if_nothing_to_do
from carnet.flows.plan import Planned
from carnet.flows.plan import plan as make_plan
from carnet.flows.summary import counts, undo_counts
from carnet.flows.trackers import trackers
from carnet.model.account import Parent, RecordKind
from carnet.model.choices import AccountChoice, AccountSetting, Choices, MissingAccounts, Preset
from carnet.model.group import Mode
from carnet.model.plan import Action, Entry, State
from carnet.model.run import Run, RunState
from carnet.words import msgid
from carnet.words.fields import field_label
from carnet.words.reasons import reason
from carnet.words.runs import RUN_STATES, SYNCHRONISED, crowded, on_cards, undoable


def register(application: typer.Typer) -> None:
    """Add the commands."""
    application.command()(plan)
    application.command()(apply)


def plan(
    context: typer.Context,
    source: Source,
    *,
    by: Annotated[Mode, typer.Option("--by", help="Group by company, domain or category.")] = Mode.COMPANY,
    folder: Only = None,
    no_folder: Not = None,
    only: Annotated[list[str] | None, typer.Option("--only", metavar="KEY", help="Add this group only.")] = None,
    without: Annotated[list[str] | None, typer.Option("--except", metavar="KEY", help="Leave this group out.")] = None,
    except_contact: Annotated[list[str] | None, typer.Option(metavar="ID", help="Leave this contact out.")] = None,
    company_account: Annotated[bool, typer.Option(help="Use the company name as the account.")] = True,
    create_accounts: Annotated[bool, typer.Option("--create-accounts/--no-accounts", help="Create missing accounts.")] = False,
    account: Annotated[
        list[str] | None,
        typer.Option(metavar="KEY=CHOICE", help="none, company, account:ID or contact:ID, for a group or contact."),
    ] = None,
    track_communications: Annotated[bool, typer.Option("--track-communications", help="Track all communications.")] = False,
    no_communications: Annotated[list[str] | None, typer.Option(metavar="KEY", help="Not those of this group.")] = None,
    include_linked: Annotated[bool, typer.Option("--include-linked", help="Apply to those already linked too.")] = False,
    fields: Annotated[Preset | None, typer.Option("--fields", help="Which fields leave Outlook: all, or professional.")] = None,
    mailbox: MailboxName = None,
    only_new: OnlyNew = False,
    mine: Mine = False,
    column: Columns = None,
    as_json: AsJson = False,
) -> None:
    """Plan a run: nothing is written until it is applied with its fingerprint."""
    door = door_of(context)
    with door.app(as_json=as_json) as app, door.progress() as watch:
        user = user_of(app)
        reading = reading_of(door, app, source, chosen=ticks(folder, no_folder, mine=mine, columns=column))
        try:
            reading = of_mailbox(door, app, reading, name=mailbox)
            keys = _keys(app, reading.id, by)
            by_group, by_record = _accounts(app, account or (), keys)
            choices = Choices(
                mode=by,
                excluded_groups=_excluded(keys, only=only or (), without=without or ()),
                excluded_records=_known_records(keys, except_contact or ()),
                company_account=company_account,
                missing_accounts=MissingAccounts.CREATE if create_accounts else MissingAccounts.WITHOUT,
                account_by_group=by_group,
                account_by_record=by_record,
                communications=track_communications,
                no_communications=frozenset(_known_keys(keys, no_communications or ())),
                include_linked=include_linked,
                only_new=only_new,
                fields=fields or app.world.policy.fields,
            )
            planned = make_plan(app.world, user=user, reading=reading.id, choices=within(choices, app.world.policy), watch=watch)
        except Refused:
            forget(app.world, user=user, reading=reading.id)
            raise
        since = changes(app, reading)
        if not as_json:
            say_changes(door, app, reading)
        show_plan(door, app, planned, since=since)
        remember_if_nothing_to_do(app.world, planned.run)


def apply(
    context: typer.Context,
    run: RunNumber,
    *,
    fingerprint: Annotated[str, typer.Option(help="That of the plan you approve.")] = "",
    strict: Annotated[bool, typer.Option("--strict", help="Refuse the run when anything has changed since the plan.")] = False,
    retry_failed: Annotated[bool, typer.Option("--retry", help="Try failed contacts again.")] = False,
    as_json: AsJson = False,
) -> None:
    """Add and link the contacts of a plan; a run that was stopped or killed goes on where it was."""
    door = door_of(context)
    with door.app(as_json=as_json, run=run) as app:
        row = app.world.store.runs.get(user_of(app), run)
        if retry_failed:
            retry(app.world, user=row.user, number=run)
            with door.progress() as watch:
                done = resume(app.world, user=row.user, number=run, watch=watch)
            raise typer.Exit(show_outcome(door, app, done))
        given = fingerprint or _approve(door, row)
        with door.progress() as watch:
            done = apply_plan(
                app.world, user=row.user, number=run, fingerprint=given, reopen=app.reopen(row), strict=strict, watch=watch
            )
        if done.state is RunState.DONE:
            close(app.world, user=row.user, number=run)
        raise typer.Exit(show_outcome(door, app, done))


def _approve(door: Door, row: Run) -> str:
    if door.as_json or not sys.stdin.isatty():
        raise NeedsConsent(
            "Run {number} needs your approval.",
            "Look at its plan, then apply it with --fingerprint {fingerprint}.",
            number=str(row.number),
            fingerprint=row.fingerprint,
        )
    typer.confirm(door.words.t("Write this plan to the CRM?"), abort=True)
    return row.fingerprint


def show_plan(door: Door, app: App, planned: Planned, *, since: Mapping[str, object] | None = None) -> None:
    """The plan in numbers, who else tracks whom, what is missing, and how to go on; `since` goes with what JSON says."""
    run, plan_ = planned.run, planned.plan
    numbers = {
        "create": plan_.count(Action.CREATE),
        "link": plan_.count(Action.LINK) + plan_.count(Action.LINK, RecordKind.ACCOUNT),
        "twins": sum(each.action is Action.LINK and each.reason == TWIN for each in plan_.entries),
        "update": plan_.count(Action.UPDATE),
        "skip": plan_.count(Action.SKIP) + plan_.count(Action.SKIP, RecordKind.ACCOUNT),
        "ask": plan_.count(Action.ASK) + plan_.count(Action.ASK, RecordKind.ACCOUNT),
        "accounts": plan_.count(Action.CREATE, RecordKind.ACCOUNT),
        "held_back": run.held_back,
    }
    tracked, people = _tracked(app, planned), together(plan_.entries)
    if door.as_json:
        told = [{"contact": each.record, "id": each.target, "names": names} for each, names in tracked]
        said = {"run": run.number, "fingerprint": run.fingerprint, "counts": numbers, "tracked_by": told}
        said |= {"people": people_as_json(people), "crowded": plan_.crowded, "crm": run.crm}
        door.print_json(said | dict(since or {}))
        return
    rows = [(door.words.t(_COUNT_WORDS[key]), door.words.number(number)) for key, number in numbers.items()]
    door.table(("", msgid("Number")), rows, title=door.words.t("Run {number}", number=str(run.number)))
    _say_where(door, app, run)
    show_people(door, people)
    say_crowded(door, plan_.crowded)
    for entry, names in tracked:
        door.phrase("Already tracked by {names}: {name}", names=door.words.listed(names), name=entry.label)
    for each in plan_.missing_accounts:
        if not each.created:
            door.phrase("No account for {company}: added without account.", company=each.title)
    for entry in plan_.entries:
        for field, value in entry.too_long.items():
            if value:
                door.phrase(
                    "To complete: {name}, {field}: {value}",
                    name=entry.label,
                    field=field_label(door.words, field),
                    value=_start(value),
                )
    largest_run = app.world.policy.largest_run
    if largest_run is not None and sum(map(plan_.count, WRITES)) > largest_run:
        door.phrase("The policy allows {limit} contacts in a run: this plan cannot be applied.", limit=largest_run)
    if plan_.questions:
        door.phrase("Questions wait: carnet questions {number}", number=str(run.number))
    door.phrase(
        "To write it: carnet apply {number} --fingerprint {fingerprint}", number=str(run.number), fingerprint=run.fingerprint
    )


def _say_where(door: Door, app: App, run: Run) -> None:
    """Which CRM the contacts go to, where one is connected."""
    if connected := crm_of(app.world.store.connections.all(run.user), run.crm):
        door.phrase("Contacts go to {crm}.", crm=connected.label)
        if app.world.crm.whoami().synchronised:
            door.phrase(SYNCHRONISED)


def _tracked(app: App, planned: Planned) -> list[tuple[Entry, tuple[str, ...]]]:
    """The contacts to be linked whose CRM record others have linked before, with the others' names."""
    linking = [each for each in planned.plan.entries if each.action is Action.LINK and each.kind is RecordKind.CONTACT]
    names = trackers(app.world, user=planned.run.user, targets=[each.target or "" for each in linking])
    return [(each, names[each.target or ""]) for each in linking if each.target in names]


_COUNT_WORDS = {
    "create": msgid("Create"),
    "link": msgid("Link"),
    "twins": msgid("Of these, further cards of one person"),
    "update": msgid("Update"),
    "skip": msgid("Skip"),
    "ask": msgid("Ask"),
    "accounts": msgid("New accounts"),
    "held_back": msgid("Private, held back"),
    "read": msgid("Read"),
    "added": msgid("Added"),
    "linked": msgid("Linked"),
    "updated": msgid("Of these, completed in the CRM"),
    "already": msgid("Already linked"),
    "held": msgid("To decide"),
    "failed": msgid("Failed"),
    "not_selected": msgid("Not selected"),
    "left_out": msgid("Left out (private, contact groups, unreadable)"),
    "accounts_created": msgid("Accounts created"),
    "waiting": msgid("Waiting"),
    "contacts_deleted": msgid("Contacts deleted"),
    "accounts_deleted": msgid("Accounts deleted"),
    "unlinked": msgid("Links taken back"),
    "restored": msgid("Settings put back"),
    "put_back": msgid("Put back"),
    "kept": msgid("Kept"),
}


def outcome(app: App, run: Run) -> dict[str, object]:
    """A run as JSON: its state, counts and errors."""
    if run.kind.takes_back:
        numbers: Mapping[str, int] = undo_counts(app.world, run)
    else:
        summary = counts(app.world, run)
        numbers = {name: getattr(summary, name) for name in _SUMMARY}
        if summary.waiting:
            numbers = {**numbers, "waiting": summary.waiting}
    failed = app.world.store.journal.entries(run.number, states=[State.FAILED])
    errors = [{"contact": entry.record, "code": entry.code, "message": entry.message} for entry in failed]
    return {"run": run.number, "state": str(run.state), "counts": dict(numbers), "errors": errors}


def show_people(door: Door, people: Sequence[Together]) -> None:
    """How many people are on several cards, and who, with the ids of the cards."""
    if people:
        door.out.print(on_cards(door.words, people), markup=False)
    for person in people:
        ids = " ".join(person.cards)
        said = door.words.n("{name}: {n} card", "{name}: {n} cards", len(person.cards), name=person.name)
        door.out.print(f"  {said} ({ids})", markup=False, soft_wrap=True)  # to be copied whole


def say_crowded(door: Door, number: int) -> None:
    """Why some cards were not compared with one another, where there are such."""
    if number:
        door.out.print(crowded(door.words, number), markup=False)


def people_as_json(people: Sequence[Together]) -> list[dict[str, object]]:
    """The people on several cards, with the ids of their cards, the one that makes the contact first."""
    return [{"name": person.name, "contacts": list(person.cards)} for person in people]


_SHOWN = 80
_SUMMARY = (
    "read",
    "added",
    "linked",
    "twins",
    "updated",
    "already",
    "held",
    "failed",
    "not_selected",
    "left_out",
    "accounts_created",
)


def show_outcome(door: Door, app: App, run: Run) -> int:
    """The summary of a run; the exit code says whether something was held, failed or left."""
    told = outcome(app, run)
    numbers = told["counts"]
    if door.as_json:
        door.print_json(told)
    elif isinstance(numbers, dict):
        rows = [(door.words.t(_COUNT_WORDS[key]), door.words.number(number)) for key, number in numbers.items()]
        state = door.words.t(RUN_STATES[run.state])
        door.table(("", msgid("Number")), rows, title=door.words.t("Run {number}: {state}", number=str(run.number), state=state))
        show_people(door, together(app.world.store.journal.entries(run.number)))
        if until := undoable(door.words, run, app.world.policy):
            door.out.print(until, markup=False)
        for entry in app.world.store.journal.entries(run.number, states=[State.FAILED]):
            door.phrase("Failed: {name}: {message}", name=entry.label, message=door.words.t(entry.message))
        for entry in app.world.store.journal.entries(run.number, states=[State.HELD]):
            door.phrase("To decide: {name}: {reason}", name=entry.label, reason=reason(door.words, entry.reason))
    unsettled = isinstance(numbers, dict) and any(numbers.get(key) for key in ("held", "failed", "waiting"))
    skipped = run.kind.brings_contacts and run.skipped
    return WITH_SKIPS if unsettled or skipped else 0


def _start(value: str) -> str:
    """The first line of a value, and how long it is where there is more."""
    line = value.partition("\n")[0][:_SHOWN]
    return line if line == value else f"{line}… ({len(value)})"


def _keys(app: App, reading: str, mode: Mode) -> dict[str, Sequence[str]]:
    """The records of each group by its key."""
    found = group(app.world, user=user_of(app), reading=reading, choices=Choices(mode=mode))
    return {each.key: each.records for each in found.groups}


def _known_keys(keys: Mapping[str, Sequence[str]], wanted: Sequence[str]) -> Sequence[str]:
    for key in wanted:
        if key not in keys:
            raise BadSettings("There is no group {key}.", "Groups: {known}.", key=key, known=", ".join(keys))
    return wanted


def _excluded(keys: Mapping[str, Sequence[str]], *, only: Sequence[str], without: Sequence[str]) -> frozenset[str]:
    kept = set(_known_keys(keys, only)) or set(keys)
    return frozenset(set(keys) - kept | set(_known_keys(keys, without)))


def _known_records(keys: Mapping[str, Sequence[str]], wanted: Sequence[str]) -> frozenset[str]:
    known = {record for records in keys.values() for record in records}
    for record in wanted:
        if record not in known:
            raise BadSettings("There is no contact {record}.", "Ids are those that carnet show RUN --json prints.", record=record)
    return frozenset(wanted)


def _accounts(
    app: App, wanted: Sequence[str], keys: Mapping[str, Sequence[str]]
) -> tuple[dict[str, AccountChoice], dict[str, AccountChoice]]:
    """The account choices by group and by contact; an account or contact that is not in the CRM is refused."""
    by_group: dict[str, AccountChoice] = {}
    by_record: dict[str, AccountChoice] = {}
    for text in wanted:
        key, found, choice = text.rpartition("=")
        if not found:
            raise BadSettings("{text} is no account choice.", "Write KEY=none, KEY=company or KEY=account:ID.", text=text)
        if key in keys:
            by_group[key] = _choice(app, choice)
        elif is_record_id(key):
            by_record[next(iter(_known_records(keys, [key])))] = _choice(app, choice)
        else:
            _known_keys(keys, [key])
    return by_group, by_record


def _choice(app: App, text: str) -> AccountChoice:
    if text in {AccountSetting.NOT_SET, AccountSetting.COMPANY}:
        return AccountChoice(setting=AccountSetting(text))
    kind, _, identity = text.partition(":")
    if kind not in {each.value for each in RecordKind}:
        raise BadSettings("{text} is no account choice.", "Write KEY=none, KEY=company or KEY=account:ID.", text=text)
    found = app.world.crm.get(RecordKind(kind), [identity])
    if identity not in found:
        raise NotFound(
            "The CRM has no {kind} {id}.", "List them with carnet crm accounts or carnet crm contacts.", kind=kind, id=identity
        )
    return AccountChoice(
        setting=AccountSetting.PICKED, parent=Parent(kind=RecordKind(kind), id=identity, name=found[identity].name)
    )
