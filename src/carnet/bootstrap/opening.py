"""How is a connection opened over the network?

Loaded when one is first used: the libraries of the network and of signing in take half a second and thirty megabytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from types import ModuleType

from carnet.core.consenting import scopes_for, wanted, whole
from carnet.crms import dataverse
from carnet.mailboxes import graph
from carnet.model.connection import Connection, Service, SignInKind
from carnet.ports.clock import Clock
from carnet.ports.crm import Crm
from carnet.ports.live import LiveMailbox
from carnet.ports.vault import Vault
from carnet.transport.calls import TokenSource
from carnet.transport.client import Client
from carnet.transport.gate import Gate
from carnet.transport.signin import Application, Organisation, SignIn


def open_mailbox(connection: Connection, *, token: TokenSource, gate: Gate) -> LiveMailbox:
    """The mailbox behind a connection; on an Exchange server the token is the password. Raises Refused for Exchange Online."""
    if connection.service is Service.EWS:
        found: LiveMailbox = _exchange().open_mailbox(
            connection.url, user=connection.account, password=token, gate=gate, shared=connection.shared
        )
        return found
    return graph.open_mailbox(Client(connection.url, token=token, gate=gate), shared=connection.shared)


def require_on_premises(url: str) -> None:
    """Raise Refused for Exchange Online, before anybody types a password for it."""
    _exchange().require_on_premises(url)


def _exchange() -> ModuleType:
    """The mailboxes of Exchange servers; loaded apart, for exchangelib takes as much again as all the rest."""
    return import_module("carnet.mailboxes.ews")


def open_crm(connection: Connection, *, token: TokenSource, gate: Gate, clock: Clock) -> Crm:
    """The CRM behind a connection."""
    return dataverse.open_crm(Client(connection.url, token=token, gate=gate), clock=clock, key=connection.key)


def person(connection: Connection, vault: Vault) -> SignIn:
    """The sign-in of a person."""
    return SignIn(_application(connection), vault=vault, name=connection.id, account=connection.account)


def organisation(connection: Connection, vault: Vault) -> Organisation:
    """The sign-in of an application of the organisation."""
    return Organisation(_application(connection), vault=vault, name=connection.id)


def _application(connection: Connection) -> Application:
    return Application(client_id=connection.client_id, authority=connection.authority, scopes=_scopes(connection))


def _scopes(connection: Connection) -> Sequence[str]:
    """The least that the service needs for what can be done with it."""
    if connection.sign_in is SignInKind.APPLICATION:
        return whole(connection.url)
    return scopes_for(connection.service, connection.url, wanted(connection))
