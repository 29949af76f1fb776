"""How is the CRM seeded from a table of accounts and contacts, on the journal like any write?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

from carnet.core.completing import label
from carnet.core.deciding import ALREADY
from carnet.core.mapping import to_crm
from carnet.core.normalise import company_key
from carnet.core.planning import fingerprint
from carnet.core.withholding import allowed, personal
from carnet.flows.apply import resume
from carnet.flows.events import Watcher, nobody
from carnet.flows.index import refresh
from carnet.flows.observe import fetch
from carnet.model.account import Parent, RecordKind
from carnet.model.contact import Contact
from carnet.model.plan import Action, Entry
from carnet.model.run import Run, RunKind
from carnet.ports.store import Scope
from carnet.ports.world import World

MAILBOX = "import"


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedRow:
    """One line of the table: a contact, or an account where it names no person. `active` False makes it inactive."""

    contact: Contact
    active: bool = True
    website: str = ""


def seed(
    world: World,
    *,
    user: str,
    source: str,
    rows: Sequence[SeedRow],
    withheld: AbstractSet[str] = frozenset(),
    watch: Watcher = nobody,
) -> Run:
    """Create the accounts that the rows name and the CRM lacks, and a contact for each person; returns the run.

    Importing the same table twice makes nothing twice: ids come from the content. `withheld` are the fields that stay where they
    are, beside those that the preset of the policy keeps back.
    """
    refresh(world)
    known = _accounts(world, rows)

    scope = Scope(user=user, mailbox=MAILBOX, crm=world.crm.key)
    accounts = _account_entries(world, rows, known, without=withheld)
    accounts = dict(zip(accounts, _renewed(world, scope, list(accounts.values())), strict=True))
    above = {**known, **{key: entry.target or "" for key, entry in accounts.items()}}
    contacts = _renewed(world, scope, _contact_entries(world, rows, above, without=withheld | personal(world.policy.fields)))
    there = set(fetch(world, RecordKind.CONTACT, [entry.target or "" for entry in contacts]))
    wanted = list(accounts.values())
    for entry in contacts:
        wanted.append(_already(entry) if entry.target in there else entry)
        there.add(entry.target or "")
    entries = [replace(entry, seq=place) for place, entry in enumerate(wanted, start=1)]

    run = Run(
        number=world.ids.run_number(),
        user=user,
        mailbox=MAILBOX,
        crm=world.crm.key,
        kind=RunKind.IMPORT,
        source=source,
        label=source,
        fingerprint=fingerprint(entries),
        approved=fingerprint(entries),
        read=len(contacts),
        planned_at=world.clock.now(),
        started_at=world.clock.now(),
    )
    world.store.runs.save(run)
    world.store.journal.write(run.number, entries, questions=(), missing=())
    return resume(world, user=user, number=run.number, watch=watch)


def _renewed(world: World, scope: Scope, entries: Sequence[Entry]) -> list[Entry]:
    """The entries under fresh ids where an undo has deleted what an earlier import of the same row made."""
    generations = world.store.links.generations(scope, [entry.record or "" for entry in entries])
    renewed = []
    for entry in entries:
        generation = generations.get(entry.record or "", 0)
        target = world.ids.record_key(entry.target or "", str(generation)) if generation else entry.target
        renewed.append(replace(entry, target=target))
    return renewed


def _already(entry: Entry) -> Entry:
    """The contact of an earlier import of the same row: nothing is written."""
    return replace(entry, action=Action.SKIP, reason=ALREADY, values={})


def _accounts(world: World, rows: Sequence[SeedRow]) -> dict[str, str]:
    """Normalised company name → id of the account that the CRM has already."""
    keys = sorted({company_key(row.contact.get("company")) for row in rows} - {""})
    found = world.store.candidates.by_keys(world.crm.key, [f"a:{key}" for key in keys])
    return {key: found[f"a:{key}"][0].id for key in keys if f"a:{key}" in found}


def _account_entries(
    world: World, rows: Sequence[SeedRow], known: Mapping[str, str], *, without: AbstractSet[str]
) -> dict[str, Entry]:
    """An entry for each company that is not there; a row of its own tells more about it, and makes a second one of its name."""
    entries: dict[str, Entry] = {}
    for row in rows:
        name = row.contact.get("company").strip()
        key = company_key(name)
        own = _is_account(row)
        if not key or (key in known and not own):
            continue
        place = key
        if own and (key in entries and entries[key].reason == "row"):
            place = f"{key}#{sum(1 for each in entries if each.partition('#')[0] == key)}"
        if place in known or (place in entries and not own):
            continue
        values: dict[str, str | None] = {"name": name}
        if own:
            told = allowed(row.contact.values, without)
            website = row.website if "web_page" not in without else ""
            values |= {field: told[field] for field in _ACCOUNT_FIELDS if field in told}
            values |= {"active": "1" if row.active else "0"} | ({"website": website} if website else {})
        entries[place] = Entry(
            seq=0,
            action=Action.CREATE,
            kind=RecordKind.ACCOUNT,
            record=f"account:{place}",
            label=name,
            target=world.ids.record_key(world.crm.key, MAILBOX, "account", place),
            values=values,
            reason="row" if own else "",
        )
    return entries


_ACCOUNT_FIELDS = (
    "email1",
    "business_phone",
    "business_street",
    "business_city",
    "business_state",
    "business_postcode",
    "business_country",
)


def _is_account(row: SeedRow) -> bool:
    person = ("full_name", "given_name", "surname")
    return bool(row.contact.get("company")) and not any(row.contact.get(key) for key in person)


def _contact_entries(
    world: World, rows: Sequence[SeedRow], accounts: Mapping[str, str], *, without: AbstractSet[str]
) -> list[Entry]:
    entries = []
    lengths = world.crm.lengths()[RecordKind.CONTACT]
    for row in rows:
        if _is_account(row):
            continue
        mapped = to_crm(row.contact, lengths=lengths)
        if not mapped.values:
            continue
        account = accounts.get(company_key(row.contact.get("company")))
        parent = Parent(kind=RecordKind.ACCOUNT, id=account, name=row.contact.get("company")) if account else None
        values: dict[str, str | None] = {**allowed(mapped.values, without), **({} if row.active else {"active": "0"})}
        target = world.ids.record_key(world.crm.key, MAILBOX, repr(sorted(mapped.values.items())))
        entries.append(
            Entry(
                seq=0,
                action=Action.CREATE,
                record=f"row:{target}",
                label=label(row.contact),
                target=target,
                values=values,
                parent=parent,
                sets_parent=parent is not None,
                too_long=allowed(mapped.too_long, without),
            )
        )
    return entries
