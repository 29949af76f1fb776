"""How do the pages come together, and on which address are they served?"""

from __future__ import annotations

import logging
import os
import socket
import webbrowser
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import uvicorn
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse, Response
from fastapi.staticfiles import StaticFiles
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from carnet.bootstrap import App
from carnet.errors import BadSettings, CarnetError, Deferred, NotFound, Refused, told, unforeseen
from carnet.web import (
    application,
    connections,
    crm,
    duplicates,
    fields,
    history,
    home,
    looking,
    preparation,
    privacy,
    reading,
    rules,
    run,
    run_decide,
    run_lists,
    running,
    since,
    track,
    wizard_folders,
    wizard_groups,
    wizard_left_out,
    wizard_names,
    wizard_review,
    wizard_source,
)
from carnet.web.door import Door, Elsewhere, Visit, guest, make_templates
from carnet.web.middleware import ENTRANCE, Guard
from carnet.web.session import Sessions
from carnet.web.signing import SignIns
from carnet.words import Words

HOST = "127.0.0.1"
_GRACE = 3
"""Seconds that open pages have to end when the server stops: a page that watches progress would wait for ever."""
_ROUTERS = (
    home,
    since,
    wizard_source,
    wizard_folders,
    wizard_groups,
    wizard_left_out,
    wizard_names,
    wizard_review,
    looking,
    preparation,
    run,
    run_decide,
    run_lists,
    privacy,
    history,
    rules,
    duplicates,
    crm,
    connections,
    application,
    track,
    fields,
)


def create_app(app: App, *, ready: Callable[[], None] = lambda: None) -> FastAPI:
    """The web application over a running Carnet; nothing is served without a session.

    On its start it goes on with what a killed server left, then calls `ready`.
    """
    sessions = Sessions(app.settings.home, clock=app.world.clock, ids=app.world.ids)
    pending = SignIns(app.world.clock, app.world.ids)
    door = Door(app=app, sessions=sessions, templates=make_templates(), pending=pending)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await run_in_threadpool(_go_on, door)
        ready()
        yield
        await run_in_threadpool(door.leave)

    web = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, lifespan=lifespan)
    web.state.door = door
    for family in _ROUTERS:
        web.include_router(family.router)
    web.mount("/static", StaticFiles(directory=Path(__file__).parent / "static"))
    web.add_api_route(ENTRANCE, _already_in, include_in_schema=False)
    web.add_exception_handler(Elsewhere, _elsewhere)
    web.add_exception_handler(CarnetError, _trouble)
    web.add_exception_handler(RequestValidationError, _unknown)
    web.add_exception_handler(HTTPException, _unknown)
    web.add_exception_handler(Exception, _stumbled)
    web.add_middleware(Guard, sessions=sessions)
    return web


def serve(app: App, *, port: int, open_browser: bool = True, announce: Callable[[str], None] | None = None) -> None:
    """Serve on loopback until the process is told to end; port 0 takes any that is free.

    `announce` is given the address with its one-time token; without it, the address is printed. Raises BadSettings where the
    port is taken.
    """
    listener = _listen(port)

    def ready() -> None:
        address = entry_address(web, listener.getsockname()[1])
        (announce or _print)(address)
        if open_browser:
            webbrowser.open(address)

    web = create_app(app, ready=ready)
    for name in ("uvicorn.error", "asyncio"):
        logging.getLogger(name).addFilter(_without_particulars)
    config = uvicorn.Config(web, access_log=False, log_level="warning", timeout_graceful_shutdown=_GRACE, server_header=False)
    try:
        uvicorn.Server(config).run(sockets=[listener])
    finally:
        door: Door = web.state.door
        if door.app.jobs is not app.jobs:  # opened again for the person of the first start
            door.app.close()


def entry_address(web: FastAPI, port: int) -> str:
    """An address that lets one browser in, once."""
    door: Door = web.state.door
    return f"http://{HOST}:{port}{ENTRANCE}?token={door.sessions.entry()}"


def _print(address: str) -> None:
    """At once, also where nobody but a program reads it."""
    print(address, flush=True)  # noqa: T201 - this is what a person waits for


def _go_on(door: Door) -> None:
    """Readings and runs that were broken off go on: they were asked for, and approved, before."""
    me = door.app.world.store.people.me()
    if me is not None:
        visit = Visit(door=door, words=Words("en"), csrf="", path="/", query={}, me=me)
        reading.go_on(visit)
        running.go_on(visit)


def _listen(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    if os.name == "posix":  # elsewhere it would let another program take the port as well
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
        listener.listen()  # before anybody is told the address: who comes early waits instead of being refused
    except OSError as error:
        listener.close()
        raise BadSettings("Port {port} is taken.", "Choose another one with --port.", port=str(port)) from error
    return listener


def _already_in() -> RedirectResponse:
    """The entrance, for a browser that is in."""
    return RedirectResponse("/", 303)


async def _elsewhere(_: Request, error: Exception) -> Response:
    return RedirectResponse(error.path if isinstance(error, Elsewhere) else "/", 303)


async def _trouble(request: Request, error: Exception) -> Response:
    """What Carnet foresaw, in words, with what to do; what may pass can be asked for again."""
    statuses = {NotFound: 404, Refused: 409, Deferred: 503}
    status = next((status for kind, status in statuses.items() if isinstance(error, kind)), 500)
    passes = isinstance(error, Deferred) and request.method == "GET"
    return await run_in_threadpool(lambda: guest(request).page("error.html", status=status, error=error, again=passes))


async def _stumbled(request: Request, error: Exception) -> Response:
    """What nobody foresaw: its kind and place, and the way back."""
    return await run_in_threadpool(lambda: guest(request).page("error.html", status=500, error=unforeseen(error), again=False))


def _without_particulars(record: logging.LogRecord) -> bool:
    """Of an error that ended a request, its kind and place are written down: its words may hold personal data."""
    if record.exc_info and (error := record.exc_info[1]) is not None:
        record.msg, record.args, record.exc_info = f"request_failed {told(error)}", (), None
    return True


async def _unknown(request: Request, error: Exception) -> Response:
    """An address that is none of ours."""
    status = error.status_code if isinstance(error, HTTPException) else 404
    gone = NotFound("There is no such page.", "Go back to the start.")
    return await run_in_threadpool(lambda: guest(request).page("error.html", status=status, error=gone, again=False))
