"""Which groups are added, under which accounts, with which communications?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response
from starlette.datastructures import FormData

from carnet.flows.group import Grouping, group
from carnet.model.account import Parent
from carnet.model.choices import AccountSetting, Choices
from carnet.model.draft import Draft, Step
from carnet.model.group import Group, Mode
from carnet.model.match import Confidence
from carnet.web import looking, variants
from carnet.web.door import Form, Known, Visit, go, text, texts
from carnet.web.drafts import Drafted, cancel, change
from carnet.web.preparation import ready
from carnet.web.rows import Shown, View, effective, next_sort, set_accounts, show, switch_mode, tick, unpicked, wanted
from carnet.web.since import box
from carnet.words import Words

router = APIRouter(prefix="/wizard/{draft}")


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupRow:
    """A group as its row shows it."""

    group: Group
    ticked: bool
    setting: AccountSetting
    parent: Parent | None
    communications: bool


@router.get("/groups")
def groups(visit: Known, draft: Drafted, *, q: str = "", sort: str = "", page: int = 1) -> Response:
    """3: the groups of the chosen mode, with what the CRM has of each."""
    if not draft.reading:
        return go(f"/wizard/{draft.id}/welcome")
    draft = change(visit, draft, step=Step.GROUPS)
    if looking.waits(visit, draft, looking.Awaited.GROUPS):
        return looking.waiting_page(draft, looking.Awaited.GROUPS)
    return _groups(visit, draft, View(query=q.strip(), sort=sort, page=page))


@router.post("/groups")
def choose_groups(visit: Known, draft: Drafted, form: Form) -> Response:
    """Keep everything that stands on the page, then do what was asked for."""
    action = text(form, "go")
    if action == "cancel":
        cancel(visit, draft)
        return go("/", said="cancelled")
    draft = _keep(visit, draft, form)
    view = View(query=text(form, "q"), sort=text(form, "sort"), page=int(text(form, "page") or 1))
    verb, _, what = action.partition(":")
    if verb in variants.VERBS:
        return variants.decide(visit, draft, form, action=action, view=view.address())
    if verb in {"all", "none", "new"}:
        _tick_many(visit, draft, verb, view=view)
    if verb == "sort":
        view = replace(view, sort=next_sort(view.sort, what), page=1)
    if verb == "page":
        view = replace(view, page=int(what))
    if verb == "mode":
        view = View()
    return _onward(draft, form, view=view, verb=verb, what=what)


def _onward(draft: Draft, form: FormData, *, view: View, verb: str, what: str) -> Response:
    """The page behind the button that was pressed."""
    base = f"/wizard/{draft.id}"
    pick = what if verb == "pick" else unpicked(draft.choices.account_by_group, _sent_accounts(form))
    if verb == "save":
        return Response(status_code=204)
    if verb == "names":
        return go(f"{base}/names", key=what)
    if pick and verb not in {"back", "mode"}:
        return go(f"{base}/pick", key=pick)
    if verb in {"next", "back"}:
        return go(f"{base}/{'review' if verb == 'next' else 'folders'}")
    return go(f"{base}/groups", **view.address())


def _sent_accounts(form: FormData) -> dict[str, str]:
    return {key.removeprefix("account:"): str(value) for key, value in form.items() if key.startswith("account:")}


def _keep(visit: Visit, draft: Draft, form: FormData) -> Draft:
    """The draft with the ticks, options and columns of the page that was sent."""
    before = draft.choices
    shown = texts(form, "shown")
    mode = text(form, "mode")
    after = replace(
        before,
        excluded_groups=tick(before.excluded_groups, shown=shown, ticked=texts(form, "group")),
        company_account=text(form, "company_account") == "1",
        communications=text(form, "communications") == "1",
        account_by_group=set_accounts(before.account_by_group, _sent_accounts(form), company_account=before.company_account),
    )
    if after.communications and text(form, "comm_live") == "1":
        no_communications = tick(before.no_communications, shown=shown, ticked=texts(form, "comm"))
        after = replace(after, no_communications=no_communications)
    advanced = draft.advanced != (text(form, "go") == "advanced")
    if mode in set(Mode):
        after = switch_mode(after, Mode(mode))
    return change(visit, draft, choices=after, advanced=advanced)


def _tick_many(visit: Visit, draft: Draft, which: str, *, view: View) -> None:
    """Tick all groups that the search finds, on every page, or none, or only those that hold somebody the CRM has not."""
    found = wanted(_group(visit, draft).groups, view.query)
    ticked = {
        "all": found,
        "none": (),
        "new": [each for each in found if each.coverage.present < each.coverage.total],
    }[which]
    out = tick(draft.choices.excluded_groups, shown=[each.key for each in found], ticked=[each.key for each in ticked])
    change(visit, draft, choices=replace(draft.choices, excluded_groups=out))


def _group(visit: Visit, draft: Draft) -> Grouping:
    return group(visit.world, user=visit.user, reading=draft.reading, choices=draft.choices)


def _groups(visit: Visit, draft: Draft, view: View) -> HTMLResponse:
    grouping = _group(visit, draft)
    shown = show(grouping.groups, view)
    return visit.page("groups.html", **groups_page(visit, draft, grouping=grouping, shown=shown))


def groups_page(visit: Visit, draft: Draft, *, grouping: Grouping, shown: Shown) -> dict[str, Any]:
    """What the page of the groups shows."""
    read = visit.world.store.readings.get(visit.user, draft.reading)
    choices = draft.choices
    ticked = [each for each in grouping.groups if each.key not in choices.excluded_groups]
    people = frozenset(record for each in ticked for record in each.records) - choices.excluded_records
    chosen = [
        folder for folder in read.folders if folder.selectable and (choices.folders is None or folder.id in choices.folders)
    ]
    return {
        "draft": draft,
        "grouping": grouping,
        "shown": shown,
        "rows": [row_of(each, choices) for each in shown.groups],
        "modes": tuple(Mode),
        "chosen": len(people),
        "ticked": len(ticked),
        "folders": chosen,
        "settings": tuple(AccountSetting),
        "variants": variants.box(visit, draft),
        "since": box(visit, draft),
        "preparation": ready(visit, draft, contacts=grouping.contacts),
        "why_not": why_not(visit.words, grouping, chosen=people),
    }


def row_of(each: Group, choices: Choices) -> GroupRow:
    """One row of the table."""
    own = choices.account_by_group.get(each.key)
    return GroupRow(
        group=each,
        ticked=each.key not in choices.excluded_groups,
        setting=effective(choices.account_by_group, each.key, company_account=choices.company_account),
        parent=own.parent if own else None,
        communications=each.key not in choices.no_communications,
    )


def why_not(words: Words, grouping: Grouping, *, chosen: frozenset[str]) -> str:
    """Why nothing is to be added with what is chosen, and what to do; "" where something is."""
    if not grouping.contacts and grouping.held_back:
        return words.t("Every contact of these folders is private: there is nothing to add. Go back and choose other folders.")
    if not grouping.contacts:
        return words.t("There is no contact in these folders. Go back and choose others.")
    if not chosen:
        return words.t("Tick at least one group that has a contact.")
    if all(grouping.confidence.get(each) is Confidence.LINKED for each in chosen):
        return words.t("Every ticked contact is linked to the CRM already. Go on only to change account and communications.")
    return ""
