"""`carnet connect`, `connections`, `disconnect`: which mailbox and which CRM does a person work with?"""

from __future__ import annotations

import sys
from dataclasses import replace
from enum import StrEnum
from typing import Annotated

import typer

from carnet.bootstrap import App
from carnet.cli.door import AsJson, Door, door_of, user_of
from carnet.core.pairing import TAKE_OVER
from carnet.errors import NeedsConsent, NotFound
from carnet.flows.connect import connect_crm, connect_mailbox
from carnet.flows.refresh import disconnect as forget
from carnet.model.connection import Connection, Service, SignInKind
from carnet.words import msgid


class Named(StrEnum):
    """The services by the names that people type."""

    MICROSOFT365 = "microsoft365"


_SERVICES = {Named.MICROSOFT365: Service.GRAPH}


def register(application: typer.Typer) -> None:
    """Add the commands."""
    application.command()(connect)
    application.command()(connections)
    application.command()(disconnect)


def connect(
    context: typer.Context,
    service: Annotated[Named, typer.Argument(metavar="SERVICE", help="microsoft365.")],
    *,
    client_id: Annotated[str, typer.Option("--client-id", help="The application (client) ID from Microsoft Entra.")] = "",
    tenant: Annotated[str, typer.Option("--tenant", help="The organisation's directory; any where it is left out.")] = "",
    take_over: Annotated[bool, typer.Option("--take-over", help="Break the connection that stands in the way.")] = False,
    as_json: AsJson = False,
) -> None:
    """Sign in with a code typed in any browser, and keep the connection."""
    door = door_of(context)
    with door.app(as_json=as_json) as app:
        described = app.network.describe(
            _SERVICES[service], user=user_of(app), sign_in=SignInKind.PERSON, tenant=tenant, client_id=client_id
        )
        code = app.network.begin_with_code(described)
        door.err.print(
            door.words.t("Open {address} in a browser and type the code {code}.", address=code.address, code=code.code),
            markup=False,
        )
        signed_in = replace(described, account=app.network.finish_with_code(described, code))
        try:
            kept = _keep(door, app, signed_in, take_over=take_over)
        except BaseException:  # whatever it was, also Ctrl+C: no token stays behind that belongs to no connection
            app.network.sign_out(signed_in)
            raise
        _show(door, [kept])


def connections(context: typer.Context, *, as_json: AsJson = False) -> None:
    """List the mailboxes and the CRM that are connected."""
    door = door_of(context)
    with door.app(as_json=as_json) as app:
        _show(door, app.world.store.connections.all(user_of(app)))


def disconnect(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="The connection's id, address or label.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Sign out, and forget the connection; links and runs stay."""
    door = door_of(context)
    with door.app(as_json=as_json) as app:
        for each in app.world.store.connections.all(user_of(app)):
            if name.casefold() in {each.id.casefold(), each.address.casefold(), each.label.casefold()}:
                app.network.sign_out(each)
                forget(app.world, each)
                _show(door, app.world.store.connections.all(user_of(app)))
                return
        raise NotFound("There is no connection {connection}.", "List the connections first.", connection=name)


def _keep(door: Door, app: App, connection: Connection, *, take_over: bool) -> Connection:
    if connection.service is Service.DATAVERSE:
        return connect_crm(app.world, connection, app.network.crm(connection))
    mailbox = app.open_connection(connection)
    try:
        return connect_mailbox(app.world, connection, mailbox, take_over=take_over)
    except NeedsConsent as error:
        if error.values.get("consent") != TAKE_OVER or door.as_json or not sys.stdin.isatty():
            raise NeedsConsent(error.message, "Add --take-over once you are sure.", **error.values) from error
        door.err.print(door.words.t(error.message, **error.values), markup=False)
        typer.confirm(door.words.t(error.hint), abort=True)
        return connect_mailbox(app.world, connection, mailbox, take_over=True)
    finally:
        mailbox.close()


def _show(door: Door, found: list[Connection] | tuple[Connection, ...]) -> None:
    if door.as_json:
        said = [{"id": each.id, "service": str(each.service), "label": each.label, "address": each.address} for each in found]
        door.print_json({"connections": said})
        return
    rows = [(each.label, str(each.service), each.address, each.id) for each in found]
    door.table((msgid("Name"), msgid("Service"), msgid("Address"), msgid("Id")), rows)
