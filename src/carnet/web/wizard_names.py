"""Who is in a group, and which existing account goes above a group or a contact?"""

from __future__ import annotations

import math
from dataclasses import dataclass

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from carnet.core.completing import label
from carnet.errors import NotFound
from carnet.flows.group import group as group_records
from carnet.flows.observe import observe
from carnet.model.account import CrmRecord, Parent, RecordKind
from carnet.model.choices import AccountChoice, AccountSetting
from carnet.model.contact import Record
from carnet.model.draft import Draft
from carnet.model.group import Group
from carnet.model.match import Match
from carnet.web.door import Form, Known, Visit, go, text, texts
from carnet.web.drafts import Drafted, choose
from carnet.web.rows import effective, parse_parent, set_accounts, tick, unpicked

router = APIRouter(prefix="/wizard/{draft}")
PAGE = 100
CONTACT = "contact/"
COMPANY = "company/"
FOUND = 25


@dataclass(frozen=True, slots=True, kw_only=True)
class NameRow:
    """A contact of a group as its row shows it."""

    record: Record
    ticked: bool
    found: Match
    setting: AccountSetting
    parent: Parent | None


@router.get("/names")
def names(visit: Known, draft: Drafted, *, key: str, page: int = 1) -> HTMLResponse:
    """The names behind a count; each can be unticked (W14)."""
    grouping = group_records(visit.world, user=visit.user, reading=draft.reading, choices=draft.choices)
    found = _find(grouping.groups, key)
    pages = max(1, math.ceil(len(found.records) / PAGE))
    page = min(max(1, page), pages)
    shown = found.records[(page - 1) * PAGE : page * PAGE]
    observed = observe(visit.world, user=visit.user, reading=draft.reading, ids=shown)
    cards = {record.id: record for record in observed.records}
    rows = []
    for identity in shown:
        own = draft.choices.account_by_record.get(identity)
        rows.append(
            NameRow(
                record=cards[identity],
                ticked=identity not in draft.choices.excluded_records,
                found=observed.matches[identity],
                setting=own.setting if own else _group_setting(draft, key),
                parent=own.parent if own else None,
            )
        )
    settings = tuple(AccountSetting)
    return visit.page("names.html", draft=draft, group=found, rows=rows, page=page, pages=pages, settings=settings)


@router.post("/names")
def choose_names(visit: Known, draft: Drafted, form: Form) -> Response:
    """Keep the ticks and the accounts of single contacts."""
    key, action = text(form, "key"), text(form, "go")
    sent = {name.removeprefix("account:"): str(value) for name, value in form.items() if name.startswith("account:")}
    before = draft.choices
    follows = _group_setting(draft, key) is AccountSetting.COMPANY
    picked_above = _group_setting(draft, key) is AccountSetting.PICKED
    changed = {record: value for record, value in sent.items() if not (picked_above and value == AccountSetting.PICKED)}
    draft = choose(
        visit,
        draft,
        excluded_records=tick(before.excluded_records, shown=texts(form, "shown"), ticked=texts(form, "record")),
        account_by_record=set_accounts(before.account_by_record, changed, company_account=follows),
    )
    base = f"/wizard/{draft.id}"
    verb, _, what = action.partition(":")
    pick = what if verb == "pick" else unpicked(draft.choices.account_by_record, changed)
    if pick:
        return go(f"{base}/pick", key=CONTACT + pick, group=key)
    if verb == "page":
        return go(f"{base}/names", key=key, page=what)
    return go(f"{base}/groups")


@router.get("/pick")
def pick(visit: Known, draft: Drafted, *, key: str, q: str = "", group: str = "") -> HTMLResponse:
    """Pick Existing Account: search an account or a contact of the CRM (W33, W34)."""
    accounts, contacts = (visit.world.crm.search(kind, q.strip(), limit=FOUND) for kind in RecordKind)
    found = [*accounts[0], *contacts[0]]
    missed = max(0, accounts[1] - FOUND) + max(0, contacts[1] - FOUND)
    return visit.page(
        "pick.html", draft=draft, key=key, group=group, q=q, found=found, missed=missed, title=_title(visit, draft, key)
    )


@router.post("/pick")
def picked(visit: Known, draft: Drafted, form: Form) -> Response:
    """Keep the account or contact that was picked."""
    key, back = text(form, "key"), text(form, "group")
    chosen = None if text(form, "go") == "back" else parse_parent(text(form, "parent"))
    if chosen is not None:
        record = visit.world.crm.get(chosen.kind, [chosen.id]).get(chosen.id)
        if record is None:
            raise NotFound("This record is no longer in the CRM.", "Search again.")
        _set(visit, draft, key=key, record=record)
    base = f"/wizard/{draft.id}"
    if key.startswith(CONTACT):
        return go(f"{base}/names", key=back)
    return go(f"{base}/review" if key.startswith(COMPANY) else f"{base}/groups")


def _set(visit: Visit, draft: Draft, *, key: str, record: CrmRecord) -> None:
    parent = Parent(kind=record.kind, id=record.id, name=record.name)
    choice = AccountChoice(setting=AccountSetting.PICKED, parent=parent)
    choices = draft.choices
    if key.startswith(CONTACT):
        choose(visit, draft, account_by_record={**choices.account_by_record, key.removeprefix(CONTACT): choice})
    elif key.startswith(COMPANY):
        choose(visit, draft, account_by_company={**choices.account_by_company, key.removeprefix(COMPANY): choice})
    else:
        choose(visit, draft, account_by_group={**choices.account_by_group, key: choice})


def _group_setting(draft: Draft, key: str) -> AccountSetting:
    return effective(draft.choices.account_by_group, key, company_account=draft.choices.company_account)


def _find(groups: tuple[Group, ...], key: str) -> Group:
    for each in groups:
        if each.key == key:
            return each
    raise NotFound("This group is no longer there.", "Go back to the groups.")


def _title(visit: Visit, draft: Draft, key: str) -> str:
    """What the account is picked for."""
    if key.startswith(CONTACT):
        records = visit.world.store.readings.records(draft.reading, ids=[key.removeprefix(CONTACT)])
        return label(records[0].contact) if records else ""
    if key.startswith(COMPANY):
        return key.removeprefix(COMPANY)
    grouping = group_records(visit.world, user=visit.user, reading=draft.reading, choices=draft.choices)
    return next((each.title for each in grouping.groups if each.key == key), "")
