"""Who is behind a connection?"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from carnet.errors import BadSettings
from carnet.mailboxes import graph
from carnet.model.connection import Connection, Service, SignInKind
from carnet.ports.clock import Clock
from carnet.ports.crm import Crm
from carnet.ports.ids import Ids
from carnet.ports.live import LiveMailbox
from carnet.ports.vault import Vault
from carnet.transport.calls import TokenSource
from carnet.transport.client import Client
from carnet.transport.gate import Gates
from carnet.transport.signin import Application, Begun, DeviceCode, Organisation, SignIn, authority_of

GRAPH = "https://graph.microsoft.com/v1.0"
_SCOPES = ("User.Read", "Contacts.Read")
"""What reading contacts needs, and nothing more."""


class Network:
    """Opens what is connected, one gate for each application and mailbox; secrets come from the vault."""

    def __init__(self, *, vault: Callable[[], Vault], clock: Clock, ids: Ids, region: str) -> None:
        """`vault` opens the vault when it is first needed."""
        self._open_vault = vault
        self._vault: Vault | None = None
        self._clock = clock
        self._ids = ids
        self._region = region
        self._gates = Gates()
        self._sources: dict[str, SignIn | Organisation] = {}

    @property
    def vault(self) -> Vault:
        """Where secrets are."""
        if self._vault is None:
            self._vault = self._open_vault()
        return self._vault

    def describe(
        self,
        service: Service,
        *,
        user: str,
        sign_in: SignInKind = SignInKind.PERSON,
        server: str = "",
        tenant: str = "",
        client_id: str = "",
        account: str = "",
    ) -> Connection:
        """A connection nobody has signed in to yet. Raises BadSettings for an address that is none."""
        url = GRAPH if service is Service.GRAPH and not server else _address(service, server)
        if sign_in is not SignInKind.NONE and service is not Service.EWS and not client_id.strip():
            raise BadSettings(
                "The application (client) ID is missing.", "Your administrator registers Carnet once and gives you this number."
            )
        return Connection(
            id=self._ids.token(),
            user=user,
            service=service,
            label=url,
            url=url,
            sign_in=sign_in,
            authority=tenant if "://" in tenant else authority_of(tenant),
            client_id=client_id.strip(),
            account=account.strip(),
        )

    def mailbox(self, connection: Connection) -> LiveMailbox:
        """The mailbox behind it."""
        return graph.open_mailbox(self._client(connection))

    def crm(self, connection: Connection) -> Crm:
        """The CRM behind it."""
        raise NotImplementedError

    def begin_in_browser(self, connection: Connection, *, redirect: str) -> Begun:
        """Begin to sign in with an authorisation code and PKCE."""
        return self._person(connection).begin_browser(redirect)

    def finish_in_browser(self, connection: Connection, flow: Mapping[str, Any], answer: Mapping[str, str]) -> str:
        """Take what the browser came back with; returns who signed in."""
        return self._person(connection).finish_browser(flow, answer)

    def begin_with_code(self, connection: Connection) -> DeviceCode:
        """Begin to sign in with a device code."""
        return self._person(connection).begin_device()

    def finish_with_code(self, connection: Connection, code: DeviceCode) -> str:
        """Wait until the code was typed; returns who signed in."""
        return self._person(connection).finish_device(code.flow)

    def keep_password(self, connection: Connection, secret: str) -> None:
        """Keep a password or an application's secret in the vault."""
        self.vault.put(connection.id, secret)

    def sign_out(self, connection: Connection) -> None:
        """Forget every secret of that connection."""
        found = self._sources.pop(connection.id, None)
        if found is not None:
            found.sign_out()
        self.vault.forget(connection.id)

    def close(self) -> None:
        """Forget what is in memory."""
        self._sources.clear()

    def _client(self, connection: Connection) -> Client:
        gate = self._gates.of(connection.client_id, f"{connection.service}:{connection.account or connection.url}")
        return Client(connection.url, token=self._token(connection), gate=gate)

    def _token(self, connection: Connection) -> TokenSource:
        if connection.sign_in is SignInKind.NONE:
            return lambda: "demo"
        if connection.sign_in is SignInKind.APPLICATION:
            secret = Organisation(_application(connection), vault=self.vault, name=connection.id)
            return self._sources.setdefault(connection.id, secret)
        return self._person(connection)

    def _person(self, connection: Connection) -> SignIn:
        found = self._sources.get(connection.id)
        if not isinstance(found, SignIn):
            found = SignIn(_application(connection), vault=self.vault, name=connection.id, account=connection.account)
            self._sources[connection.id] = found
        return found


def _application(connection: Connection) -> Application:
    return Application(client_id=connection.client_id, authority=connection.authority, scopes=_scopes(connection))


def _scopes(connection: Connection) -> Sequence[str]:
    """The least that the service needs: reading contacts, or working in the CRM in the person's own rights."""
    root = "{0.scheme}://{0.netloc}".format(urlsplit(connection.url))
    if connection.sign_in is SignInKind.APPLICATION:
        return (f"{root}/.default",)
    return (f"{root}/user_impersonation",) if connection.service is Service.DATAVERSE else _SCOPES


def _address(service: Service, server: str) -> str:
    """The service's base address as a person types it. Raises BadSettings."""
    typed = server.strip()
    parts = urlsplit(typed if "://" in typed else f"https://{typed}")
    local = (parts.hostname or "") in {"127.0.0.1", "localhost", "::1"}
    if not parts.hostname or not re.fullmatch(r"[\w.:\[\]-]+", parts.netloc) or (parts.scheme != "https" and not local):
        raise BadSettings("{server} is not the address of a server.", "Write it as in https://contoso.example.", server=typed)
    root = f"{parts.scheme}://{parts.netloc}"
    if service is Service.DATAVERSE:
        return f"{root}/api/data/v9.2"
    return f"{root}/EWS/Exchange.asmx" if service is Service.EWS else f"{root}{parts.path.rstrip('/')}"
