"""Which mailbox and which CRM does a person work with, and how do they sign in there?"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from http import HTTPStatus
from urllib.parse import urlsplit

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from fastapi.sse import EventSourceResponse, ServerSentEvent
from starlette.datastructures import FormData

from carnet.bootstrap.connecting import connect
from carnet.bootstrap.network import ANYBODY, PUBLIC_AUTHORITY
from carnet.errors import CarnetError, NeedsConsent, NotFound
from carnet.flows.connect import choose_crm, crm_of
from carnet.flows.refresh import disconnect
from carnet.model.connection import Connection, Service, SignInKind
from carnet.web.door import Answer, Form, Known, Returning, Visit, go, text
from carnet.web.live import watch
from carnet.web.middleware import CALLBACK
from carnet.web.plain import ELEMENT
from carnet.web.reading import bring_up_to_date
from carnet.web.signing import Pending
from carnet.words import msgid

router = APIRouter()
SERVICES = {
    Service.GRAPH: msgid("Microsoft 365"),
    Service.EWS: msgid("Exchange Server"),
    Service.DATAVERSE: msgid("Dynamics 365"),
}
TYPED = ("server", "tenant", "client_id", "account", "shared")
"""What the form keeps, where it comes again."""


@router.get("/connections")
def overview(visit: Known) -> HTMLResponse:
    """What is connected, and what can be."""
    return visit.page("connections.html", connections=visit.world.store.connections.all(visit.user), services=_services(visit))


@router.post("/connections/use")
def use(visit: Known, form: Form) -> RedirectResponse:
    """Let contacts go to that CRM from now on."""
    chosen = crm_of(visit.world.store.connections.all(visit.user), text(form, "go"))
    choose_crm(visit.world, user=visit.user, connection=chosen)
    visit.door.reopen()
    return go("/connections", said="saved")


@router.get("/connections/new/{service}")
def ask(visit: Known, service: Service, again: str = "") -> HTMLResponse:
    """What Carnet must know to sign in there; `again`: as it is known of a connection, to change it."""
    known = visit.world.store.connections.get(visit.user, again) if again else None
    return _ask(visit, _offered(service), typed=_typed(known) if known else None)


@router.post("/connections/new/{service}")
def begin(visit: Known, request: Request, *, service: Service, form: Form) -> Response:
    """Sign in: with a password at once, else at the identity provider, in a page of its own."""
    typed = {key: text(form, key) for key in TYPED}
    try:
        connection = _described(visit, _offered(service), form)
        if service is Service.EWS:
            visit.app.network.keep_password(connection, text(form, "password"))
            return connected(visit, connection)
        begun = visit.app.network.begin_in_browser(connection, redirect=_callback(request))
    except CarnetError as error:
        return _ask(visit, service, error=error, typed=typed)
    pending = visit.door.pending.add(Pending(connection=connection, flow=begun.flow, address=begun.address, typed=typed))
    return go(f"/connections/waiting/{pending}")


def connected(visit: Visit, connection: Connection) -> Response:
    """Keep a connection whose password or secret was just given, or ask whether to take over."""
    try:
        _connect(visit, connection)
    except NeedsConsent as error:
        pending = visit.door.pending.add(Pending(connection=connection, error=error))
        return go(f"/connections/waiting/{pending}")
    except BaseException:  # whatever it was: no secret stays behind that belongs to no connection
        visit.app.network.sign_out(connection)
        raise
    return go("/connections", said="connected")


def _callback(request: Request) -> str:
    """Where the identity provider sends the browser: Microsoft lets any port of "localhost" in without registering it."""
    return f"http://localhost:{request.url.port or 80}{CALLBACK}"


@router.get("/connections/waiting/{pending}")
def waiting(visit: Known, pending: str) -> Response:
    """Wait until the person has signed in, in the other page; then show what came of it."""
    found = visit.door.pending.get(visit.user, pending)
    if found.is_open:
        return visit.page("signing_in.html", pending=pending, address=found.address, service=_services(visit)[found.service])
    if isinstance(found.error, NeedsConsent):
        return visit.page("take_over.html", error=found.error, pending=pending)
    visit.door.pending.drop(pending)
    if found.error:
        return _ask(visit, found.service, error=found.error, typed=found.typed)
    return go("/connections", said="connected")


@router.get("/connections/waiting/{pending}/events", response_class=EventSourceResponse)
async def events(visit: Known, pending: str) -> AsyncIterator[ServerSentEvent]:
    """Nothing while nobody has come back."""

    async def state() -> tuple[str, bool]:
        return "", not visit.door.pending.is_open(visit.user, pending)

    async for event in watch(state):
        yield event


@router.post(CALLBACK)
def come_back(visit: Returning, answer: Answer) -> HTMLResponse:
    """What the identity provider has the browser send: it is told apart by its own unguessable state.

    It comes without a session, so it says nothing of anybody: what went wrong stands on the page that waits.
    """
    pending = visit.door.pending.of_state(answer.get("state", ""))
    if pending is None:
        return _came_back(visit, status=HTTPStatus.NOT_FOUND)
    connection = pending.connection
    try:
        account = visit.app.network.finish_in_browser(connection, pending.flow, answer)
        connection = replace(connection, account=account)
        _connect(visit, connection)
    except CarnetError as error:
        if not isinstance(error, NeedsConsent):
            visit.app.network.sign_out(connection)
        visit.door.pending.settle(pending, connection, error)
        return _came_back(visit, status=HTTPStatus.CONFLICT)
    visit.door.pending.settle(pending, connection)
    return _came_back(visit)


def _came_back(visit: Visit, *, status: HTTPStatus = HTTPStatus.OK) -> HTMLResponse:
    """How it went, and that one goes on in the page that waits."""
    return visit.page("signed_in.html", status=status, well=status is HTTPStatus.OK, style=ELEMENT)


@router.post("/connections/take-over")
def take_over(visit: Known, form: Form) -> Response:
    """Break the pairing that stands in the way, as the person has confirmed."""
    found = visit.door.pending.get(visit.user, text(form, "pending"))
    visit.door.pending.drop(found.id)
    if text(form, "go") != "take_over":
        visit.app.network.sign_out(found.connection)
        return go("/connections")
    _connect(visit, found.connection, take_over=True)
    return go("/connections", said="connected")


@router.post("/connections/{connection}/contacts")
def contacts(visit: Known, connection: str, form: Form) -> RedirectResponse:
    """The mailbox's contacts as they are now, to track a few by hand."""
    del form
    found = bring_up_to_date(visit, visit.world.store.connections.get(visit.user, connection))
    return go(f"/mailbox/{found.reading}/contacts")


@router.get("/connections/{connection}/disconnect")
def ask_disconnect(visit: Known, connection: str) -> HTMLResponse:
    """What disconnecting does, before it is done."""
    return visit.page("disconnect.html", connection=visit.world.store.connections.get(visit.user, connection))


@router.post("/connections/{connection}/disconnect")
def leave(visit: Known, connection: str, form: Form) -> RedirectResponse:
    """Sign out, and forget the connection and what was read through it; links and runs stay."""
    found = visit.world.store.connections.get(visit.user, connection)
    if text(form, "go") == "disconnect":
        visit.app.network.sign_out(found)
        disconnect(visit.world, found)
        if not found.service.is_mailbox:
            visit.door.reopen()
        return go("/connections", said="disconnected")
    return go("/connections")


def _connect(visit: Visit, connection: Connection, *, take_over: bool = False) -> None:
    """Keep what was signed in to, in the name of who began it."""
    connect(visit.app, connection, take_over=take_over)
    if not connection.service.is_mailbox:
        visit.door.reopen()


def _described(visit: Visit, service: Service, form: FormData) -> Connection:
    """The connection as the form describes it, before anybody has signed in."""
    kind = SignInKind.CREDENTIALS if service is Service.EWS else SignInKind.PERSON
    return visit.app.network.describe(
        service,
        user=visit.user,
        sign_in=kind,
        server=text(form, "server"),
        tenant=text(form, "tenant"),
        client_id=text(form, "client_id"),
        account=text(form, "account"),
        shared=re.split(r"[\s,;]+", text(form, "shared")),
    )


def _offered(service: Service) -> Service:
    """The service, where Carnet can connect it."""
    if service not in SERVICES:
        raise NotFound("There is no such page.", "Go back to the start.")
    return service


def _ask(
    visit: Visit, service: Service, *, error: CarnetError | None = None, typed: Mapping[str, str] | None = None
) -> HTMLResponse:
    return visit.page(
        "connect.html",
        status=422 if error else 200,
        service=service,
        name=_services(visit)[service],
        error=error,
        typed=typed or dict.fromkeys(TYPED, ""),
    )


def _typed(known: Connection) -> dict[str, str]:
    """What was typed when it was connected."""
    tenant, url = known.authority.removeprefix(PUBLIC_AUTHORITY), urlsplit(known.url)
    return {
        "server": url.netloc if url.scheme == "https" else f"{url.scheme}://{url.netloc}",
        "tenant": "" if tenant == ANYBODY else tenant,
        "client_id": known.client_id,
        "account": known.account,
        "shared": ", ".join(known.shared),
    }


def _services(visit: Visit) -> dict[Service, str]:
    return {service: visit.words.t(name) for service, name in SERVICES.items()}
