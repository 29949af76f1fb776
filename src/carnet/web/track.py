"""Which contacts of a mailbox are tracked, and how does a person track, place or untrack a few of them?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from urllib.parse import urlencode

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.datastructures import FormData

from carnet.core.completing import label
from carnet.core.lifecycle import Event
from carnet.errors import CarnetError, Refused
from carnet.flows.plan import Planned
from carnet.flows.track import Untracking, contacts, forget_plan, plan_untrack, require_few, set_parent, track, with_parents
from carnet.model.account import Parent, RecordKind
from carnet.model.draft import Draft, Step
from carnet.model.reading import Reading
from carnet.model.tracking import BY_HAND, Tracked, Tracking
from carnet.web import running
from carnet.web.door import Form, Known, Visit, go, text, texts
from carnet.web.paging import turn
from carnet.web.rows import parse_parent
from carnet.words.lifecycle import EVENTS, TRACKINGS, fate, summary

router = APIRouter(prefix="/mailbox/{reading}")
FOUND = 20
_MANY = 2 * BY_HAND
"""Selected contacts that an address carries from page to page: more than may be selected, so that 21 are seen to be 21."""


@router.get("/contacts")
def show(visit: Known, reading: str, *, state: str = "", q: str = "", page: int = 1) -> HTMLResponse:
    """The contacts with their states, filtered, searched and turned; what is selected goes along."""
    return _page(visit, reading, state=state, q=q, page=page, chosen=_chosen(visit))


@router.post("/contacts")
def act(visit: Known, reading: str, form: Form) -> Response:
    """Turn the page, or go on with what is selected."""
    chosen = _sent(form)
    view = {"state": text(form, "state"), "q": text(form, "q"), "page": text(form, "page")}
    verb, _, what = text(form, "go").partition(":")
    if verb in {"track", "parent", "untrack"}:
        try:
            require_few(chosen)
            if verb == "track":
                return _review(visit, reading, track(visit.world, user=visit.user, reading=reading, records=chosen))
        except Refused as error:
            page = int(view["page"]) if view["page"].isdecimal() else 1
            return _page(visit, reading, state=view["state"], q=view["q"], page=page, chosen=chosen, error=error)
        return _go(f"/mailbox/{reading}/{verb}", chosen)
    if verb == "clear":
        chosen = []
    view |= {"page": what} if verb == "page" else {"state": what, "page": ""} if verb == "state" else {"page": ""}
    return _go(f"/mailbox/{reading}/contacts", chosen, **view)


@router.get("/parent")
def choose_parent(visit: Known, reading: str, *, q: str = "") -> HTMLResponse:
    """Set Parent: look up an account or a contact, or name a new account."""
    return _parent_page(visit, reading, q=q, chosen=_chosen(visit))


@router.post("/parent")
def place(visit: Known, reading: str, form: Form) -> Response:
    """Plan the run that puts the selected contacts under the parent."""
    chosen, verb = _sent(form), text(form, "go")
    if verb == "back":
        return _go(f"/mailbox/{reading}/contacts", chosen)
    if verb == "search":
        return _go(f"/mailbox/{reading}/parent", chosen, q=text(form, "q"))
    try:
        planned = set_parent(visit.world, user=visit.user, reading=reading, records=chosen, parent=_parent(form))
    except Refused as error:
        return _parent_page(visit, reading, q=text(form, "q"), chosen=chosen, error=error)
    return _review(visit, reading, planned)


@router.get("/untrack")
def ask(visit: Known, reading: str) -> HTMLResponse:
    """Untrack: keep or delete, each with what becomes of every contact."""
    return _untrack_page(visit, reading, chosen=_chosen(visit))


@router.post("/untrack")
def untrack(visit: Known, reading: str, form: Form) -> Response:
    """Do what was chosen, if it is still what the page said."""
    chosen = _sent(form)
    if text(form, "go") == "back":
        return _go(f"/mailbox/{reading}/contacts", chosen)
    choice = text(form, "choice")
    if choice not in {"keep", "delete"}:
        return _untrack_page(visit, reading, chosen=chosen, unsaid=True)
    planned = plan_untrack(visit.world, user=visit.user, reading=reading, records=chosen, delete=choice == "delete")
    run = planned.run
    if run is None:
        raise RuntimeError("an untracking that is no dry run has a run")
    if run.fingerprint != text(form, f"fingerprint:{choice}"):
        forget_plan(visit.world, user=visit.user, number=run.number)
        return _go(f"/mailbox/{reading}/untrack", chosen, said="moved_undo")
    running.apply_run(visit, run, fingerprint=run.fingerprint)
    return go(f"/runs/{run.number}/progress")


def _parent(form: FormData) -> Parent | str:
    """The parent that was picked, or the name of a new account."""
    parent = text(form, "name") if text(form, "go") == "new" else parse_parent(text(form, "parent"))
    if parent is None:
        raise Refused("No parent is chosen.", "Choose an account or a contact, or name a new account.")
    return parent


def _page(
    visit: Visit, reading: str, *, state: str, q: str, page: int, chosen: Sequence[str], error: CarnetError | None = None
) -> HTMLResponse:
    header = visit.world.store.readings.get(visit.user, reading)
    every = contacts(visit.world, user=visit.user, reading=reading)
    wanted = [row for row in every if state not in set(Tracking) or row.state == state]
    leaf = turn(wanted, _said, query=q, page=page)
    shown = {row.record for row in leaf.rows}
    counted = Counter(row.state for row in every)
    filters = [("", visit.words.t("All"), len(every))]
    filters += [(str(each), visit.words.t(TRACKINGS[each]), counted[each]) for each in Tracking]
    return visit.page(
        "contacts.html",
        status=409 if error else 200,
        header=header,
        leaf=leaf,
        rows=with_parents(visit.world, leaf.rows),
        state=state,
        filters=filters,
        states={each: visit.words.t(words) for each, words in TRACKINGS.items()},
        chosen=chosen,
        elsewhere=[each for each in chosen if each not in shown],
        most=BY_HAND,
        error=error,
        Tracking=Tracking,
    )


def _parent_page(visit: Visit, reading: str, *, q: str, chosen: Sequence[str], error: CarnetError | None = None) -> HTMLResponse:
    accounts, people = (visit.world.crm.search(kind, q.strip(), limit=FOUND) for kind in RecordKind)
    return visit.page(
        "parent.html",
        status=409 if error else 200,
        header=visit.world.store.readings.get(visit.user, reading),
        chosen=chosen,
        names=_names(visit, reading, chosen),
        q=q,
        found=[*accounts[0], *people[0]],
        missed=max(0, accounts[1] - FOUND) + max(0, people[1] - FOUND),
        error=error,
    )


def _untrack_page(visit: Visit, reading: str, *, chosen: Sequence[str], unsaid: bool = False) -> HTMLResponse:
    def plan(*, delete: bool) -> Untracking:
        return plan_untrack(visit.world, user=visit.user, reading=reading, records=chosen, delete=delete, dry_run=True)

    ways = []
    for event, key in ((Event.UNTRACK_KEEP, "keep"), (Event.UNTRACK_DELETE, "delete")):
        planned = plan(delete=event is Event.UNTRACK_DELETE).plan
        lines = [(entry, fate(visit.words, entry)) for entry in planned.entries]
        said = summary(visit.words, planned.entries)
        ways.append((key, visit.words.t(EVENTS[event]), said, lines, planned.fingerprint))
    return visit.page(
        "untrack.html",
        status=409 if unsaid else 200,
        header=visit.world.store.readings.get(visit.user, reading),
        chosen=chosen,
        ways=ways,
        unsaid=unsaid,
    )


def _review(visit: Visit, reading: str, planned: Planned) -> Response:
    """The review of the wizard, over the selected contacts alone."""
    run = planned.run
    header: Reading = visit.world.store.readings.get(visit.user, run.reading)
    of = next((each for each in visit.world.store.drafts.all(visit.user) if each.reading == reading), None)
    draft = Draft(
        id=visit.world.ids.token(),
        user=visit.user,
        step=Step.REVIEW,
        source=header.source,
        name=header.identity.label,
        reading=run.reading,
        run=run.number,
        choices=run.choices,
        columns=of.columns if of else {},
        consents=of.consents if of else frozenset(),
        created_at=visit.world.clock.now(),
    )
    visit.world.store.drafts.save(draft)
    return go(f"/wizard/{draft.id}/review")


def _names(visit: Visit, reading: str, chosen: Sequence[str]) -> list[str]:
    """What the selected contacts are called; a look-up asks without any."""
    return [label(each.contact) for each in visit.world.store.readings.records(reading, ids=chosen)] if chosen else []


def _said(row: Tracked) -> str:
    return f"{row.name} {row.company} {row.email}"


def _chosen(visit: Visit) -> list[str]:
    """The selected contacts that the address carries."""
    return [each for each in visit.query.get("chosen", "").split(" ") if each]


def _sent(form: FormData) -> list[str]:
    """The selected contacts of this page and of the others."""
    return list(dict.fromkeys([*texts(form, "elsewhere"), *texts(form, "record")]))[:_MANY]


def _go(path: str, chosen: Sequence[str], **query: str) -> RedirectResponse:
    """See a page with what is selected."""
    told = {key: value for key, value in {**query, "chosen": " ".join(chosen)}.items() if value}
    return RedirectResponse(path + (f"?{urlencode(told)}" if told else ""), 303)
