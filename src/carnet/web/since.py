"""Which mailbox is the file from, and what is new in it since its last run?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from carnet.core.completing import label
from carnet.errors import NotFound
from carnet.flows.mailbox import NEW, belong, gone_names, is_settled, last_choices, proposals
from carnet.flows.returning import not_new, what_is_new
from carnet.model.draft import Draft
from carnet.model.reading import Reading
from carnet.web.door import Form, Known, Visit, go, text
from carnet.web.drafts import Drafted, change, choose
from carnet.web.paging import turn
from carnet.words import msgid

router = APIRouter(prefix="/wizard/{draft}")
PAGE = 100
TITLES = {"new": msgid("New"), "changed": msgid("Changed"), "gone": msgid("Gone")}


@dataclass(frozen=True, slots=True, kw_only=True)
class SinceBox:
    """The box above the groups: how many of each kind since that day, and how many are hidden by "only new"."""

    day: datetime
    counts: dict[str, int]
    only_new: bool
    hidden: int


@router.get("/mailbox")
def ask_mailbox(visit: Known, draft: Drafted) -> Response:
    """Which of the known mailboxes the file is from; asked once for each file."""
    if not draft.reading:
        return go(f"/wizard/{draft.id}/welcome")
    reading = _reading(visit, draft)
    return go(f"/wizard/{draft.id}/folders") if reading.settled else _mailbox(visit, draft, reading)


@router.post("/mailbox")
def take_mailbox(visit: Known, draft: Drafted, form: Form) -> Response:
    """Keep the answer, and open with what was chosen in the last run over that mailbox."""
    if text(form, "go") == "back":
        return go(f"/wizard/{draft.id}/welcome")
    reading = _reading(visit, draft)
    chosen = text(form, "mailbox")
    known = {each.key for each in visit.world.store.mailboxes.all(visit.user)}
    if chosen not in {*known, NEW}:
        return _mailbox(visit, draft, reading, wrong=visit.words.t("Choose a mailbox."))
    _open(visit, draft, belong(visit.world, reading, chosen))
    return go(f"/wizard/{draft.id}/folders")


@router.post("/since")
def filter_new(visit: Known, draft: Drafted, form: Form) -> RedirectResponse:
    """Show only what is new, or everything."""
    choose(visit, draft, only_new=text(form, "go") == "only_new")
    return go(f"/wizard/{draft.id}/groups")


@router.get("/since")
def names(visit: Known, draft: Drafted, *, kind: str = "new", q: str = "", page: int = 1) -> Response:
    """The names behind one of the numbers; of those gone only whom the CRM can name."""
    if not draft.reading:
        return go(f"/wizard/{draft.id}/welcome")
    if kind not in TITLES:
        raise NotFound("There is no such page.", "Go back to the start.")
    found, unnamed = _names(visit, draft, kind)
    leaf = turn(found, str, query=q, page=page, size=PAGE)
    title = visit.words.t(TITLES[kind])
    return visit.page("since.html", draft=draft, kind=kind, title=title, leaf=leaf, unnamed=unnamed)


def settled(visit: Visit, draft: Draft) -> Draft | None:
    """The draft, once it is settled which mailbox its file is from; None while that has to be asked."""
    reading = _reading(visit, draft)
    if reading.settled:
        return draft
    return _open(visit, draft, _reading(visit, draft)) if is_settled(visit.world, reading) else None


def box(visit: Visit, draft: Draft) -> SinceBox | None:
    """What stands above the groups; None where the mailbox had no run."""
    found = what_is_new(visit.world, user=visit.user, reading=draft.reading)
    if found is None or found[0].seen_at is None:
        return None
    counts = {kind: len(getattr(found[1], kind)) for kind in TITLES}
    only_new = draft.choices.only_new
    hidden = len(not_new(visit.world, user=visit.user, reading=draft.reading)) if only_new else 0
    return SinceBox(day=found[0].seen_at.astimezone(), counts=counts, only_new=only_new, hidden=hidden)


def _open(visit: Visit, draft: Draft, reading: Reading) -> Draft:
    return change(visit, draft, choices=last_choices(visit.world, reading, draft.choices))


def _reading(visit: Visit, draft: Draft) -> Reading:
    return visit.world.store.readings.get(visit.user, draft.reading)


def _mailbox(visit: Visit, draft: Draft, reading: Reading, *, wrong: str = "") -> HTMLResponse:
    offered = proposals(visit.world, reading)
    chosen = next((each.mailbox.key for each in offered if each.strong), "")
    page = visit.query.get("page", "")
    leaf = turn(
        offered, lambda each: each.mailbox.label, query=visit.query.get("q", ""), page=int(page) if page.isdecimal() else 1
    )
    return visit.page("mailbox.html", status=422 if wrong else 200, draft=draft, leaf=leaf, chosen=chosen, new=NEW, wrong=wrong)


def _names(visit: Visit, draft: Draft, kind: str) -> tuple[list[str], int]:
    """The names, and how many nobody can name."""
    found = what_is_new(visit.world, user=visit.user, reading=draft.reading)
    ids = getattr(found[1], kind) if found else ()
    if kind == "gone":
        known = gone_names(visit.world, _reading(visit, draft), ids)
        return known, len(ids) - len(known)
    records = visit.world.store.readings.records(draft.reading, ids=ids)
    return [label(record.contact) or visit.words.t("(no name)") for record in records], 0
