"""Where does a person start, and what waits for them?"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from fastapi import Form as Field
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from carnet.flows.summary import counts
from carnet.model.account import CrmUser
from carnet.model.draft import Draft
from carnet.model.run import RunKind, RunState
from carnet.web.door import Form, Guest, Known, go, text
from carnet.web.drafts import forget_old_uploads, step_path
from carnet.words import LANGUAGES

router = APIRouter()


@router.get("/")
def home(visit: Known) -> HTMLResponse:
    """The way in, drafts to go on with, and runs that wait."""
    forget_old_uploads(visit)
    waiting, unfinished = [], []
    for run in visit.world.store.runs.all(visit.user):
        if run.state in {RunState.APPLYING, RunState.STOPPED} and run.erased_at is None:
            unfinished.append(run)
        elif run.kind is RunKind.ADD and run.state is RunState.DONE and run.erased_at is None:
            held = counts(visit.world, run).held
            if held:
                waiting.append((run, held))
    started = {run.number for run in visit.world.store.runs.all(visit.user)}
    drafts = [(draft, step_path(draft)) for draft in visit.world.store.drafts.all(visit.user) if draft.run not in started]
    return visit.page("home.html", drafts=drafts, waiting=waiting, unfinished=unfinished)


@router.post("/import")
def start_import(visit: Known, form: Form) -> RedirectResponse:
    """Import Contacts › Add Contacts: a new draft."""
    del form
    draft = Draft(id=visit.world.ids.token(), user=visit.user, created_at=visit.world.clock.now())
    visit.world.store.drafts.save(draft)
    return go(f"/wizard/{draft.id}/welcome")


@router.get("/start")
def first_start(visit: Guest) -> HTMLResponse:
    """Ask who uses this Carnet."""
    return visit.page("start.html", name="", address="", wrong="")


@router.post("/start")
def introduce(visit: Guest, form: Form) -> Response:
    """Keep the person's name and address; what a run creates belongs to that user."""
    name, address = text(form, "name"), text(form, "address")
    if not name or "@" not in address.strip("@"):
        wrong = visit.words.t("Give your name and an e-mail address.")
        return visit.page("start.html", status=422, name=name, address=address, wrong=wrong)
    if visit.me is None:
        user = CrmUser(id=visit.world.ids.record_key("user", address.casefold()), name=name, address=address)
        visit.door.introduce(user)
    return go("/")


@router.post("/language")
def choose_language(visit: Guest, form: Form, language: Annotated[str, Field()]) -> RedirectResponse:
    """Speak the other language from here on."""
    del visit
    back = text(form, "back")
    response = go(back if back.startswith("/") and not back.startswith(("//", "/\\")) else "/")
    if language in LANGUAGES:
        response.set_cookie("language", language, max_age=31_536_000, httponly=True, samesite="strict")
    return response
