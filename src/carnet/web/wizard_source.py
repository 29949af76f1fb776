"""Which file or mailbox do the contacts come from, and how is it read?"""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from carnet.errors import DamagedFile
from carnet.flows.refresh import source_of
from carnet.model.connection import Connection
from carnet.model.draft import Draft, Step
from carnet.model.field import FIELDS
from carnet.ports.mailbox import OpenOptions
from carnet.testing.demo_mailbox import NAME
from carnet.web import reading
from carnet.web.door import Form, Known, Visit, go, text
from carnet.web.drafts import Drafted, cancel, change, find, forget_upload
from carnet.web.upload import Upload, receive

router = APIRouter(prefix="/wizard/{draft}")
DEMO = "demo"


@router.get("/welcome")
def welcome(visit: Known, draft: Drafted) -> HTMLResponse:
    """1: advice, and where the contacts come from."""
    return _welcome(visit, draft)


@router.post("/welcome")
async def choose_source(request: Request, visit: Known, draft: str) -> Response:
    """Next: take the chosen file, the demo mailbox, or what was read before."""
    upload = await receive(request, visit.app.settings.uploads)
    return await run_in_threadpool(_take, visit, find(visit, draft), upload)


@router.post("/cancel")
def leave(visit: Known, draft: Drafted, form: Form) -> RedirectResponse:
    """Cancel: nothing is left (W22)."""
    del form
    cancel(visit, draft)
    return go("/", said="cancelled")


@router.get("/consent")
def ask_consent(visit: Known, draft: Drafted) -> HTMLResponse:
    """A data file with a password opens without it: is it the person's own?"""
    return visit.page("consent.html", draft=draft)


@router.post("/consent")
def give_consent(visit: Known, draft: Drafted, form: Form) -> RedirectResponse:
    """The file is mine, or back to the choice of a file."""
    if text(form, "go") != "mine":
        return go(f"/wizard/{draft.id}/welcome")
    draft = change(visit, draft, consents=draft.consents | {"password"}, error="")
    reading.start(visit, draft)
    return go(f"/wizard/{draft.id}/reading")


@router.get("/columns")
def ask_columns(visit: Known, draft: Drafted) -> HTMLResponse:
    """Which field does each unknown column of a table file hold?"""
    mailbox = visit.app.open_mailbox(Path(draft.source), options(visit, draft), name=draft.name)
    try:
        columns = mailbox.columns()
    finally:
        mailbox.close()
    return visit.page("columns.html", draft=draft, columns=columns, fields=FIELDS)


@router.post("/columns")
def map_columns(visit: Known, draft: Drafted, form: Form) -> RedirectResponse:
    """Keep the mapping and read."""
    if text(form, "go") == "back":
        return go(f"/wizard/{draft.id}/welcome")
    known = {field.key for field in FIELDS}
    chosen = {key.removeprefix("column:"): str(value) for key, value in form.items() if key.startswith("column:")}
    columns = {position: field for position, field in chosen.items() if field in known}
    draft = change(visit, draft, columns=columns, consents=draft.consents | {reading.COLUMNS}, error="")
    reading.start(visit, draft)
    return go(f"/wizard/{draft.id}/reading")


def options(visit: Visit, draft: Draft) -> OpenOptions:
    """How the draft's file is opened."""
    return reading.options(visit, draft)


def _welcome(visit: Visit, draft: Draft, *, wrong: str = "") -> HTMLResponse:
    read = visit.world.store.readings.get(visit.user, draft.reading) if draft.reading and not draft.error else None
    demo = demo_file(visit) is not None
    status = 422 if wrong else 200
    return visit.page("welcome.html", status=status, draft=draft, read=read, mailboxes=_mailboxes(visit), demo=demo, wrong=wrong)


def _mailboxes(visit: Visit) -> dict[str, Connection]:
    """The connected mailboxes, by what stands for each in the draft."""
    found = (each for each in visit.world.store.connections.all(visit.user) if each.service.is_mailbox)
    return {source_of(each): each for each in found}


def demo_file(visit: Visit) -> Path | None:
    """The sample mailbox, where there is one."""
    path = visit.app.settings.home / NAME
    return path if path.is_file() else None


def _take(visit: Visit, draft: Draft, upload: Upload) -> Response:
    source = upload.texts.get("source", "")
    demo = demo_file(visit)
    if source == "same" and draft.reading and not draft.error:
        return go(f"/wizard/{draft.id}/folders")
    mailboxes = _mailboxes(visit)
    if source in mailboxes:
        path, name, owned = source, mailboxes[source].label, False
    elif source == DEMO and demo is not None:
        path, name, owned = str(demo), demo.name, False
    elif upload.path is not None:
        path, name, owned = str(upload.path), upload.name, True
    elif upload.name:
        error = DamagedFile("The file {name} is empty.", "Export it again from Outlook.", name=upload.name)
        return _welcome(visit, draft, wrong=visit.words.t(error.message, **error.values))
    else:
        return _welcome(visit, draft, wrong=visit.words.t("Choose a file first."))
    _forget_reading(visit, draft)
    fresh = {"reading": "", "error": "", "columns": {}, "consents": frozenset(), "step": Step.READING}
    draft = change(visit, draft, source=path, name=name, upload=owned, **fresh)
    reading.start(visit, draft)
    return go(f"/wizard/{draft.id}/reading")


def _forget_reading(visit: Visit, draft: Draft) -> None:
    if draft.reading:
        visit.world.store.readings.drop(visit.user, draft.reading)
    forget_upload(draft)
