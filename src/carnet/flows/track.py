"""How are contacts that a person selected by hand tracked, put under a parent, and untracked?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from carnet.core.completing import label
from carnet.core.lifecycle import Standing, names, untrack
from carnet.core.marking import mark_of
from carnet.core.normalise import company_key
from carnet.core.planning import fingerprint
from carnet.core.relinking import known_links, renames
from carnet.errors import NotAllowed, NotFound, Refused
from carnet.flows.events import Watcher, nobody
from carnet.flows.index import refresh
from carnet.flows.mailbox import source_of
from carnet.flows.observe import BATCH, fetch
from carnet.flows.plan import Planned, plan
from carnet.model.account import CrmRecord, Dependents, Parent, RecordKind
from carnet.model.choices import AccountChoice, AccountSetting, Choices, MissingAccounts
from carnet.model.contact import Record
from carnet.model.link import Link
from carnet.model.plan import Plan
from carnet.model.reading import Page, Reading
from carnet.model.run import Run, RunKind
from carnet.model.tracking import BY_HAND, Tracked, Tracking
from carnet.ports.store import Scope
from carnet.ports.world import World


@dataclass(frozen=True, slots=True, kw_only=True)
class Untracking:
    """What an untracking removes and deletes; `run` is the planned run, None for a dry run."""

    run: Run | None
    plan: Plan


def track(world: World, *, user: str, reading: str, records: Sequence[str], watch: Watcher = nobody) -> Planned:
    """Plan to copy these contacts to the CRM, without a parent: the company that a card names makes no account (C01)."""
    return _plan(world, user=user, reading=reading, records=records, kind=RunKind.TRACK, watch=watch)


def set_parent(
    world: World, *, user: str, reading: str, records: Sequence[str], parent: Parent | str, watch: Watcher = nobody
) -> Planned:
    """Plan to track these contacts, as far as they are not, and to put all of them under one parent.

    `parent` is an account or contact of the CRM, or the name of a company: its account is made where the CRM has none.
    """
    if isinstance(parent, Parent):
        choice = AccountChoice(setting=AccountSetting.PICKED, parent=_present(world, parent))
        choices = Choices(account_by_record=dict.fromkeys(records, choice))
    else:
        choices = _under_company(world, parent, records)
    choices = replace(choices, include_linked=True)
    return _plan(world, user=user, reading=reading, records=records, kind=RunKind.SET_PARENT, choices=choices, watch=watch)


def plan_untrack(
    world: World,
    *,
    user: str,
    reading: str,
    records: Sequence[str],
    delete: bool,
    dry_run: bool = False,
    watch: Watcher = nobody,
) -> Untracking:
    """Plan to remove the links of these contacts, and to `delete` what is in the CRM as far as nothing speaks against it."""
    header = world.store.readings.get(user, reading)
    chosen = _chosen(world, header, records)
    _follow(world, header)
    cursor = refresh(world, watch=watch)
    scope = _scope(world, header)
    linked = _linked(world, header)
    links = [linked[each.id] for each in chosen if each.id in linked]
    if not links:
        raise Refused("None of these contacts is tracked.", "Choose tracked ones.")
    now = _standing(world, links)
    called = {each.id: label(each.contact) for each in chosen}
    entries = untrack(names(links, called, now.records), now, delete=delete)
    planned = Plan(entries=entries, fingerprint=fingerprint(entries))
    if dry_run:
        return Untracking(run=None, plan=planned)
    run = Run(
        number=world.ids.run_number(),
        user=user,
        mailbox=scope.mailbox,
        crm=scope.crm,
        kind=RunKind.UNTRACK,
        source=header.source,
        label=header.identity.label,
        cursor=cursor,
        fingerprint=planned.fingerprint,
        read=len(entries),
        planned_at=world.clock.now(),
    )
    world.store.runs.save(run)
    world.store.journal.write(run.number, entries, questions=(), missing=())
    return Untracking(run=run, plan=planned)


def contacts(world: World, *, user: str, reading: str, watch: Watcher = nobody) -> tuple[Tracked, ...]:
    """Every contact of the reading, in its order, with its state; the parents are left out (`with_parents`)."""
    refresh(world, watch=watch)
    header = world.store.readings.get(user, reading)
    scope = _scope(world, header)
    waiting = world.store.journal.open_records(scope)
    linked = _linked(world, header)
    alive = _alive(world, linked)
    records = world.store.readings.records(reading)
    return tuple(_tracked(each, alive.get(each.id), waiting.get(each.id), crm=scope.crm) for each in records)


def with_parents(world: World, rows: Sequence[Tracked]) -> tuple[Tracked, ...]:
    """The same contacts, those tracked with the parent that the CRM has for them."""
    found = fetch(world, RecordKind.CONTACT, [row.target for row in rows if row.target and not row.is_account])
    return tuple(replace(row, parent=found[row.target].parent) if row.target in found else row for row in rows)


def _tracked(record: Record, link: Link | None, run: int | None, *, crm: str) -> Tracked:
    mark = mark_of(record.contact)
    state = Tracking.TRACKED if link else Tracking.NOT_TRACKED if run is None else Tracking.PENDING
    return Tracked(
        record=record.id,
        name=label(record.contact),
        company=record.contact.get("company"),
        email=next(iter(record.contact.emails), ""),
        state=state,
        target=link.target if link else "",
        is_account=link is not None and link.kind is RecordKind.ACCOUNT,
        run=None if link else run,
        by_app=mark is not None and mark.is_of(crm),
    )


def _plan(
    world: World,
    *,
    user: str,
    reading: str,
    records: Sequence[str],
    kind: RunKind,
    choices: Choices | None = None,
    watch: Watcher,
) -> Planned:
    """Plan over a reading of its own, which holds the chosen contacts and nothing else: nobody else can be sent (T16)."""
    header = world.store.readings.get(user, reading)
    chosen = _chosen(world, header, records)
    world.store.mailboxes.confirm(user, source_of(header), header.identity.key)
    _follow(world, header)
    own = _copy(world, header, chosen)
    settings = replace(choices or Choices(), company_account=False, by_hand=reading, fields=world.policy.fields)
    try:
        return plan(world, user=user, reading=own, choices=settings, kind=kind, watch=watch)
    except Exception:
        world.store.readings.drop(user, own)
        raise


def _chosen(world: World, header: Reading, records: Sequence[str]) -> tuple[Record, ...]:
    """The cards, each once. Refuses none, more than `BY_HAND`, and one that is not there."""
    wanted = list(dict.fromkeys(records))
    require_few(wanted)
    found = {each.id: each for each in world.store.readings.records(header.id, ids=wanted)}
    for record in wanted:
        if record not in found:
            raise NotFound("There is no contact {record}.", "Ids are those that carnet contacts SOURCE prints.", record=record)
    return tuple(found[record] for record in wanted)


def require_few(wanted: Sequence[str]) -> None:
    """Refuse no contact, and more than `BY_HAND`."""
    if not wanted:
        raise Refused("No contact is selected.", "Select at least one.")
    if len(wanted) > BY_HAND:
        raise Refused(
            "{count} contacts are selected; Track, Set Parent and Untrack take {most} at most.",
            "Add more of them with the Add Contacts wizard (in the terminal: carnet plan SOURCE).",
            count=len(wanted),
            most=BY_HAND,
        )


def _copy(world: World, header: Reading, chosen: Sequence[Record]) -> str:
    """A reading of these cards alone; a run hangs on it while the mailbox goes on changing."""
    own = replace(
        header,
        id=world.ids.token(),
        read_at=world.clock.now(),
        complete=False,
        settled=True,
        records=0,
        held_back=0,
        lists=(),
        skipped=(),
        repairs=(),
    )
    world.store.readings.start(own)
    laters = world.store.readings.laters(header.id)
    for folder in dict.fromkeys(each.folder for each in chosen):
        cards = tuple(each for each in chosen if each.folder == folder)
        world.store.readings.add(own.id, folder, Page(records=cards, later=laters.get(folder, "")))
    world.store.readings.finish(own.id)
    return own.id


def _present(world: World, parent: Parent) -> Parent:
    found = world.crm.get(parent.kind, [parent.id])
    if parent.id not in found:
        raise NotFound("The CRM has no such account or contact.", "Choose another parent.")
    return Parent(kind=parent.kind, id=parent.id, name=found[parent.id].name)


def _under_company(world: World, name: str, records: Sequence[str]) -> Choices:
    """One account for all: the CRM's of that name, else a new one."""
    name = " ".join(name.split())
    if not company_key(name):
        raise Refused("The account has no name.", "Type one.")
    if not world.policy.create_accounts:
        raise NotAllowed("The policy allows no new accounts.", "Choose an account that is there.")
    company = AccountChoice(setting=AccountSetting.COMPANY)
    return Choices(account_by_record=dict.fromkeys(records, company), missing_accounts=MissingAccounts.CREATE, new_account=name)


def _scope(world: World, header: Reading) -> Scope:
    return Scope(user=header.user, mailbox=header.identity.key, crm=world.crm.key)


def _linked(world: World, header: Reading) -> Mapping[str, Link]:
    """Record id → its link, also where it was made under another id."""
    links = world.store.links.all(_scope(world, header))
    return known_links(world.store.readings.records(header.id), links) if links else {}


def _alive(world: World, linked: Mapping[str, Link]) -> dict[str, Link]:
    """The links whose CRM record is there: nobody is tracked by a contact that was deleted (T08)."""
    there: set[str] = set()
    for kind in RecordKind:
        targets = sorted({link.target for link in linked.values() if link.kind is kind})
        for start in range(0, len(targets), BATCH):
            there.update(world.store.candidates.get(world.crm.key, kind, targets[start : start + BATCH]))
    return {record: link for record, link in linked.items() if link.target in there}


def _follow(world: World, header: Reading) -> None:
    """Let links go over to the ids that their records have now, as a run over the whole reading would."""
    scope = _scope(world, header)
    links = world.store.links.all(scope)
    moved = renames(world.store.readings.records(header.id), links) if links else {}
    if moved:
        world.store.mailboxes.follow(Run(number=0, user=scope.user, mailbox=scope.mailbox, crm=scope.crm), moved)


def _standing(world: World, links: Sequence[Link]) -> Standing:
    me = world.crm.whoami()
    targets = sorted({link.target for link in links})
    dependents: dict[str, Dependents] = {}
    records: dict[str, CrmRecord] = {}
    for kind in RecordKind:
        ids = sorted({link.target for link in links if link.kind is kind})
        records |= fetch(world, kind, ids)
        dependents |= dict(world.crm.dependents(kind, ids)) if ids else {}
    return Standing(
        records=records,
        dependents=dependents,
        links=world.store.links.of_targets(world.crm.key, targets),
        me=me.id,
        deletes=world.crm.capabilities.deletes,
        administers=me.administrator,
    )


def forget_plan(world: World, *, user: str, number: int) -> None:
    """Leave nothing of a plan that nobody approved, nor of the cards it was made from."""
    run = world.store.runs.get(user, number)
    world.store.runs.delete(user, number)
    if run.reading:
        world.store.readings.drop(user, run.reading)
