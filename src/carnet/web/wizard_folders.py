"""Which folders are the contacts taken from?"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from fastapi.sse import EventSourceResponse, ServerSentEvent
from starlette.concurrency import run_in_threadpool

from carnet.model.draft import Draft, Step
from carnet.model.folder import Folder
from carnet.web import reading
from carnet.web.door import Form, Known, Visit, go, text, texts
from carnet.web.drafts import Drafted, cancel, change, choose
from carnet.web.live import watch
from carnet.web.since import settled

router = APIRouter(prefix="/wizard/{draft}")


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderRow:
    """A folder with its tick, its depth in the tree and what of it was read."""

    folder: Folder
    ticked: bool
    depth: int
    records: int
    held_back: int


@router.get("/reading")
def watch_reading(visit: Known, draft: Drafted) -> Response:
    """The file is being read; the page behind it comes by itself."""
    asked = reading.waits_for(draft)
    if asked:
        return go(f"/wizard/{draft.id}/{'columns' if asked == reading.COLUMNS else 'consent'}")
    if draft.error:
        return visit.page("reading.html", draft=draft, progress=None, trouble=reading.trouble(draft))
    if _is_read(visit, draft):
        return go(f"/wizard/{draft.id}/folders")
    if not draft.source:
        return go(f"/wizard/{draft.id}/welcome")
    if not reading.running(visit, draft):
        reading.start(visit, draft)
    return visit.page("reading.html", draft=draft, progress=reading.progress(visit, draft), trouble=None)


@router.post("/reading")
def leave_reading(visit: Known, draft: Drafted, form: Form) -> RedirectResponse:
    """Back to the choice of a file, once more, or cancel."""
    if text(form, "go") == "cancel":
        cancel(visit, draft)
        return go("/", said="cancelled")
    if text(form, "go") == "again":
        change(visit, draft, error="")
        return go(f"/wizard/{draft.id}/reading")
    return go(f"/wizard/{draft.id}/welcome")


@router.get("/reading/events", response_class=EventSourceResponse)
async def reading_events(visit: Known, draft: Drafted) -> AsyncIterator[ServerSentEvent]:
    """Progress while the file is read."""

    def state() -> tuple[str, bool]:
        now = visit.world.store.drafts.get(visit.user, draft.id)
        over = bool(now.error) or _is_read(visit, now) or not reading.running(visit, now)
        return visit.fragment("parts/progress.html", progress=reading.progress(visit, now)), over

    async for event in watch(lambda: run_in_threadpool(state)):
        yield event


@router.get("/folders")
def folders(visit: Known, draft: Drafted) -> Response:
    """2: every offered folder ticked, with its count; what stayed behind, and why (W03 to W06)."""
    if not _is_read(visit, draft):
        return go(f"/wizard/{draft.id}/reading")
    known = settled(visit, draft)
    if known is None:
        return go(f"/wizard/{draft.id}/mailbox")
    return _folders(visit, change(visit, known, step=Step.FOLDERS))


@router.post("/folders")
def choose_folders(visit: Known, draft: Drafted, form: Form) -> Response:
    """Keep the ticks and move on."""
    action = text(form, "go")
    if action == "cancel":
        cancel(visit, draft)
        return go("/", said="cancelled")
    read = visit.world.store.readings.get(visit.user, draft.reading)
    offered = {folder.id for folder in read.folders if folder.selectable}
    ticked = frozenset(texts(form, "folder")) & offered
    draft = choose(visit, draft, folders=None if ticked == offered else ticked)
    if action == "back":
        return go(f"/wizard/{draft.id}/welcome")
    if not ticked:
        return _folders(visit, draft, wrong=visit.words.t("Tick at least one folder."))
    return go(f"/wizard/{draft.id}/groups")


def _is_read(visit: Visit, draft: Draft) -> bool:
    return bool(draft.reading) and visit.world.store.readings.get(visit.user, draft.reading).complete


def _folders(visit: Visit, draft: Draft, *, wrong: str = "") -> HTMLResponse:
    read = visit.world.store.readings.get(visit.user, draft.reading)
    totals = visit.world.store.readings.totals(draft.reading)
    chosen = draft.choices.folders
    rows = [
        FolderRow(
            folder=folder,
            ticked=folder.selectable and (chosen is None or folder.id in chosen),
            depth=min(3, max(0, len(folder.path) - 1)),
            records=totals.get(folder.id, (0, 0, 0, 0))[0],
            held_back=totals.get(folder.id, (0, 0, 0, 0))[1],
        )
        for folder in read.folders
    ]
    return visit.page("folders.html", status=422 if wrong else 200, draft=draft, read=read, rows=rows, wrong=wrong)
