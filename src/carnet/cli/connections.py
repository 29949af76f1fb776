"""`carnet connect`, `connections`, `disconnect`: which mailbox and which CRM does a person work with?"""

from __future__ import annotations

import sys
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from carnet.bootstrap import App
from carnet.bootstrap.connecting import connect as keep
from carnet.bootstrap.connecting import require_owner
from carnet.cli.door import AsJson, Door, door_of, existing, user_of
from carnet.core.pairing import TAKE_OVER
from carnet.errors import NeedsConsent, NotFound
from carnet.flows.connect import EMBEDDED, choose_crm, crm_of
from carnet.flows.refresh import disconnect as forget
from carnet.model.connection import Connection, Service, SignInKind
from carnet.words import msgid


class Named(StrEnum):
    """The services by the names that people type."""

    MICROSOFT365 = "microsoft365"
    EXCHANGE = "exchange"
    DYNAMICS365 = "dynamics365"


_SERVICES = {Named.MICROSOFT365: Service.GRAPH, Named.EXCHANGE: Service.EWS, Named.DYNAMICS365: Service.DATAVERSE}


def register(application: typer.Typer) -> None:
    """Add the commands."""
    application.command()(connect)
    application.command()(connections)
    application.command()(disconnect)
    application.command()(use)


def connect(
    context: typer.Context,
    service: Annotated[Named, typer.Argument(metavar="SERVICE", help="microsoft365, exchange or dynamics365.")],
    server: Annotated[
        str,
        typer.Argument(metavar="[ADDRESS]", help="The address of the Exchange server or of the Dynamics 365 environment."),
    ] = "",
    *,
    user: Annotated[str, typer.Option("--user", help="The user name on the Exchange server; the password is asked for.")] = "",
    client_id: Annotated[str, typer.Option("--client-id", help="The application (client) ID from Microsoft Entra.")] = "",
    tenant: Annotated[str, typer.Option("--tenant", help="The organisation's directory; any where it is left out.")] = "",
    application: Annotated[
        bool, typer.Option("--application", help="Sign in as the application itself, with its secret, which is asked for.")
    ] = False,
    certificate: Annotated[
        Path | None,
        typer.Option(
            "--certificate", metavar="FILE", help="Sign in as the application itself, with this private key and certificate."
        ),
    ] = None,
    also_show: Annotated[
        list[str] | None,
        typer.Option(
            "--also-show", metavar="ADDRESS", help="Show the contact folders of this person too; they cannot be selected."
        ),
    ] = None,
    take_over: Annotated[bool, typer.Option("--take-over", help="Break the connection that stands in the way.")] = False,
    as_json: AsJson = False,
) -> None:
    """Sign in with a code typed in any browser, or to an Exchange server with a password, and keep the connection."""
    door = door_of(context)
    with door.app(as_json=as_json) as app:
        kind = _kind(_SERVICES[service], application=application or certificate is not None)
        require_owner(app, kind)
        described = app.network.describe(
            _SERVICES[service],
            user=user_of(app),
            sign_in=kind,
            server=server,
            tenant=tenant,
            client_id=client_id,
            account=user,
            shared=also_show or (),
        )
        try:
            signed_in = _sign_in(door, app, described, certificate=certificate)
            kept = _keep(door, app, signed_in, take_over=take_over)
        except BaseException:  # whatever it was, also Ctrl+C: no secret stays behind that belongs to no connection
            app.network.sign_out(described)
            raise
        _show(door, [kept])


def _kind(service: Service, *, application: bool) -> SignInKind:
    if application:
        return SignInKind.APPLICATION
    return SignInKind.CREDENTIALS if service is Service.EWS else SignInKind.PERSON


def _sign_in(door: Door, app: App, described: Connection, *, certificate: Path | None) -> Connection:
    if certificate is not None:
        _keep_certificate(door, app, described, path=existing(certificate))
        return described
    if described.sign_in is SignInKind.APPLICATION:
        app.network.keep_password(described, _secret(door, msgid("The application's secret")))
        return described
    if described.sign_in is SignInKind.CREDENTIALS:
        app.network.keep_password(described, _secret(door, msgid("Password")))
        return described
    code = app.network.begin_with_code(described)
    told = door.words.t("Open {address} in a browser and type the code {code}.", address=code.address, code=code.code)
    door.err.print(told, markup=False)
    return replace(described, account=app.network.finish_with_code(described, code))


def _keep_certificate(door: Door, app: App, described: Connection, *, path: Path) -> None:
    try:
        app.network.keep_certificate_file(described, path)
    except NeedsConsent:
        app.network.keep_certificate_file(described, path, password=_secret(door, msgid("The password of the file")))


def _secret(door: Door, name: str) -> str:
    """A secret: typed unseen, or the first line of what is piped in; never an argument, which others can see."""
    if sys.stdin.isatty():
        return str(typer.prompt(door.words.t(name), hide_input=True, err=True))
    given = sys.stdin.readline().rstrip("\r\n")
    if not given:
        raise NeedsConsent("The secret is missing.", "Type it, or pipe it in: it is no option of the command.")
    return given


def use(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="CRM", help="embedded, or the id, address or label of a connected CRM.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Choose the CRM that contacts go to from now on; runs that were made elsewhere stay there."""
    door = door_of(context)
    with door.app(as_json=as_json) as app:
        chosen = crm_of(app.world.store.connections.all(user_of(app)), name)
        choose_crm(app.world, user=user_of(app), connection=chosen)
    if as_json:
        door.print_json({"crm": chosen.key if chosen else EMBEDDED})
    elif chosen:
        door.phrase("Contacts go to {crm}.", crm=chosen.label)
    else:
        door.phrase("Contacts go to the CRM on this computer.")


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
    try:
        return keep(app, connection, take_over=take_over)
    except NeedsConsent as error:
        if error.values.get("consent") != TAKE_OVER or door.as_json or not sys.stdin.isatty():
            raise NeedsConsent(error.message, "Add --take-over once you are sure.", **error.values) from error
        door.err.print(door.words.t(error.message, **error.values), markup=False)
        typer.confirm(door.words.t(error.hint), abort=True)
        return keep(app, connection, take_over=True)


def _show(door: Door, found: list[Connection] | tuple[Connection, ...]) -> None:
    if door.as_json:
        door.print_json({"connections": [_as_json(each) for each in found]})
        return
    rows = [(each.label, str(each.service), each.address, _role(door, each), each.id) for each in found]
    door.table((msgid("Name"), msgid("Service"), msgid("Address"), msgid("Use"), msgid("Id")), rows)


def _as_json(each: Connection) -> dict[str, object]:
    said: dict[str, object] = {"id": each.id, "service": str(each.service), "label": each.label, "address": each.address}
    return said | ({"also_shown": list(each.shared)} if each.service.is_mailbox else {"chosen": each.chosen})


def _role(door: Door, each: Connection) -> str:
    if each.shared:
        return door.words.t("Contacts come from this mailbox; also shown: {names}", names=door.words.listed(each.shared))
    if each.service.is_mailbox:
        return door.words.t("Contacts come from this mailbox")
    return door.words.t("Contacts go to this CRM") if each.chosen else ""
