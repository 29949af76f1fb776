"""How does a person wait for a large mailbox to be worked out before the page that shows it?"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from enum import StrEnum

from fastapi import APIRouter
from fastapi.responses import Response
from fastapi.sse import EventSourceResponse, ServerSentEvent
from starlette.concurrency import run_in_threadpool

from carnet.flows.check import count_findings
from carnet.flows.events import Progress, Watcher
from carnet.flows.group import group, kept_as
from carnet.flows.index import is_far_behind
from carnet.flows.seen import look
from carnet.flows.variants import propose
from carnet.model.draft import Draft
from carnet.web.door import Form, Known, Visit, go, text
from carnet.web.drafts import Drafted, cancel
from carnet.web.live import watch
from carnet.web.planning import is_planned, plan_draft

router = APIRouter(prefix="/wizard/{draft}/{page}")
SMALL = 2000
"""Contacts that are worked out while the page loads: about a second."""


class Awaited(StrEnum):
    """The pages that may have to be waited for."""

    GROUPS = "groups"
    REVIEW = "review"


Work = Callable[[Visit, Draft, Watcher], object]


def _group(visit: Visit, draft: Draft, watcher: Watcher) -> None:
    group(visit.world, user=visit.user, reading=draft.reading, choices=draft.choices, watch=watcher)


def _plan(visit: Visit, draft: Draft, watcher: Watcher) -> None:
    plan_draft(visit, draft, watch=watcher)


def _propose(visit: Visit, draft: Draft, watcher: Watcher) -> None:
    propose(visit.world, user=visit.user, reading=draft.reading, folders=draft.choices.folders, watch=watcher)


def _count(visit: Visit, draft: Draft, _: Watcher) -> None:
    count_findings(visit.world, user=visit.user, reading=draft.reading, folders=draft.choices.folders)


WORK: dict[Awaited, tuple[Work, ...]] = {Awaited.GROUPS: (_propose, _count, _group), Awaited.REVIEW: (_plan,)}
"""What is worked out and kept before a page is shown; what a page shows of the whole mailbox belongs here."""


def waits(visit: Visit, draft: Draft, page: Awaited) -> bool:
    """Whether that page cannot be shown at once: the mailbox is large, and what it shows is not kept or no longer holds."""
    if is_far_behind(visit.world):
        return True
    if visit.world.store.readings.get(visit.user, draft.reading).records <= SMALL:
        return False
    if page is Awaited.REVIEW:
        return not is_planned(visit, draft)
    sight = look(visit.world, user=visit.user, reading=draft.reading, folders=draft.choices.folders)
    return not sight.has(kept_as(draft.choices.mode))


def waiting_page(draft: Draft, page: Awaited, **view: object) -> Response:
    """The page that shows how far the work is."""
    return go(f"/wizard/{draft.id}/{page}/progress", **view)


@router.get("/progress")
def progress(visit: Known, draft: Drafted, page: Awaited) -> Response:
    """The work going on; the page behind it comes by itself."""
    if not draft.reading:
        return go(f"/wizard/{draft.id}/welcome")
    if not waits(visit, draft, page):
        return go(f"/wizard/{draft.id}/{page}")
    trouble = visit.door.troubles.get(_key(draft, page))
    if trouble is None:
        visit.door.work(_key(draft, page), lambda: _work(visit, draft, page))
    return visit.page("looking.html", draft=draft, page=page, progress=_progress(visit, draft, page), trouble=trouble)


@router.post("/progress")
def leave(visit: Known, draft: Drafted, *, page: Awaited, form: Form) -> Response:
    """Back, once more, or cancel."""
    action = text(form, "go")
    if action == "cancel":
        cancel(visit, draft)
        return go("/", said="cancelled")
    if action == "again":
        visit.door.troubles.pop(_key(draft, page), None)
        return waiting_page(draft, page)
    return go(f"/wizard/{draft.id}/{'groups' if page is Awaited.REVIEW else 'folders'}")


@router.get("/events", response_class=EventSourceResponse)
async def events(visit: Known, draft: Drafted, page: Awaited) -> AsyncIterator[ServerSentEvent]:
    """Progress while it is worked out."""

    def state() -> tuple[str, bool]:
        shown = visit.fragment("parts/progress.html", progress=_progress(visit, draft, page))
        return shown, not visit.app.jobs.running(_key(draft, page))

    async for event in watch(lambda: run_in_threadpool(state)):
        yield event


def _key(draft: Draft, page: Awaited) -> str:
    return f"{page}:{draft.id}"


def _work(visit: Visit, draft: Draft, page: Awaited) -> None:
    """Work everything out with the choices as they are now; how far it is, is kept with the reading."""
    now = visit.world.store.drafts.get(visit.user, draft.id)

    def keep(step: Progress) -> None:
        visit.world.store.kept.put(now.reading, _key(now, page), step, stamp="", kind=Progress)

    keep(Progress(phase="index", done=0))
    for each in WORK[page]:
        each(visit, now, keep)


def _progress(visit: Visit, draft: Draft, page: Awaited) -> Progress:
    kept = visit.world.store.kept.get(draft.reading, _key(draft, page), stamp="", kind=Progress)
    return kept or Progress(phase="index", done=0)
