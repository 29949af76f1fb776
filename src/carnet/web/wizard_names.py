"""Who is in a group, and which existing account goes above a group or a contact?"""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from carnet.core.completing import label
from carnet.errors import NotFound
from carnet.flows.group import Grouping
from carnet.flows.group import group as group_records
from carnet.flows.observe import observe
from carnet.model.account import CrmRecord, Parent, RecordKind
from carnet.model.choices import AccountChoice, AccountSetting
from carnet.model.contact import Record
from carnet.model.draft import Draft
from carnet.model.group import Group
from carnet.model.match import Confidence, Match
from carnet.web.door import Form, Known, Visit, go, text, texts
from carnet.web.drafts import Drafted, choose
from carnet.web.paging import PAGE, Leaf, turn
from carnet.web.rows import effective, parse_parent, set_accounts, tick, unpicked

router = APIRouter(prefix="/wizard/{draft}")
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
def names(visit: Known, draft: Drafted, *, key: str, q: str = "", page: int = 1) -> HTMLResponse:
    """The names behind a count; each can be unticked (W14)."""
    found = _find(_grouping(visit, draft).groups, key)
    leaf = _leaf(visit, draft, found, query=q, page=page)
    out = draft.choices.excluded_records
    return visit.page(
        "names.html",
        draft=draft,
        group=found,
        rows=_rows(visit, draft, key=key, ids=leaf.rows),
        leaf=leaf,
        ticked=sum(1 for record in found.records if record not in out),
        settings=tuple(AccountSetting),
    )


@router.post("/names")
def choose_names(visit: Known, draft: Drafted, form: Form) -> Response:
    """Keep the ticks and the accounts of single contacts."""
    key, query = text(form, "key"), text(form, "q")
    verb, _, what = text(form, "go").partition(":")
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
    if verb in {"all", "none", "new"}:
        draft = _tick_many(visit, draft, key=key, query=query, which=verb)
    base = f"/wizard/{draft.id}"
    pick = what if verb == "pick" else unpicked(draft.choices.account_by_record, changed)
    if pick:
        return go(f"{base}/pick", key=CONTACT + pick, group=key)
    return go(f"{base}/groups") if verb == "groups" else go(f"{base}/names", key=key, q=query, page=what)


def _grouping(visit: Visit, draft: Draft) -> Grouping:
    return group_records(visit.world, user=visit.user, reading=draft.reading, choices=draft.choices)


def _leaf(visit: Visit, draft: Draft, found: Group, *, query: str, page: int = 1, size: int = PAGE) -> Leaf[str]:
    """A page of the ids of a group's contacts; the cards are read only where something is searched."""
    cards: dict[str, Record] = {}
    if query.strip():
        cards = {each.id: each for each in visit.world.store.readings.records(draft.reading, ids=found.records)}

    def said(record: str) -> str:
        contact = cards[record].contact
        return " ".join((label(contact), contact.get("company"), contact.get("job_title"), *contact.emails))

    return turn(found.records, said, query=query, page=page, size=size)


def _rows(visit: Visit, draft: Draft, *, key: str, ids: tuple[str, ...]) -> list[NameRow]:
    observed = observe(visit.world, user=visit.user, reading=draft.reading, ids=ids)
    cards = {record.id: record for record in observed.records}
    rows = []
    for identity in ids:
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
    return rows


def _tick_many(visit: Visit, draft: Draft, *, key: str, query: str, which: str) -> Draft:
    """Tick all names that the search finds, on every page, or none of them, or only those that the CRM has not."""
    grouping = _grouping(visit, draft)
    found = _find(grouping.groups, key)
    names = _leaf(visit, draft, found, query=query, size=max(1, len(found.records))).rows
    ticked = {
        "all": names,
        "none": (),
        "new": tuple(each for each in names if grouping.confidence.get(each) not in {Confidence.LINKED, Confidence.CERTAIN}),
    }[which]
    return choose(visit, draft, excluded_records=tick(draft.choices.excluded_records, shown=names, ticked=ticked))


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
    return next((each.title for each in _grouping(visit, draft).groups if each.key == key), "")
