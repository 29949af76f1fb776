"""Who is behind a connection?"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from carnet.errors import BadSettings, NotSignedIn
from carnet.model.connection import Connection, Service, SignInKind
from carnet.ports.clock import Clock
from carnet.ports.crm import Crm
from carnet.ports.ids import Ids
from carnet.ports.live import LiveMailbox
from carnet.ports.vault import Vault
from carnet.testing.memory_vault import MemoryVault
from carnet.transport.calls import TokenSource
from carnet.transport.gate import Gates

if TYPE_CHECKING:
    from carnet.transport.signin import Begun, DeviceCode, Organisation, SignIn

GRAPH = "https://graph.microsoft.com/v1.0"
PUBLIC_AUTHORITY = "https://login.microsoftonline.com/"
ANYBODY = "organizations"


class Network:
    """Opens what is connected, one gate for each application and mailbox; secrets come from the vault.

    Those of a connection that is only being made are in memory alone.
    """

    def __init__(self, *, vault: Callable[[], Vault], clock: Clock, ids: Ids, region: str) -> None:
        """`vault` opens the vault when it is first needed."""
        self._open_vault = vault
        self._vault: Vault | None = None
        self._fresh: Vault = MemoryVault()
        self._clock = clock
        self._ids = ids
        self._region = region
        self._gates = Gates()
        self._sources: dict[str, Any] = {}

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
        shared: Iterable[str] = (),
    ) -> Connection:
        """A connection nobody has signed in to yet. Raises BadSettings for a wrong address, Refused for Exchange Online."""
        url = GRAPH if service is Service.GRAPH and not server else _address(service, server)
        if sign_in is not SignInKind.NONE and service is not Service.EWS and not client_id.strip():
            raise BadSettings(
                "The application (client) ID is missing.", "Your administrator registers Carnet once and gives you this number."
            )
        if sign_in is SignInKind.APPLICATION and service.is_mailbox:
            raise BadSettings(
                "An application cannot connect a person's mailbox.",
                "Leave it out, and sign in as the person whose mailbox it is.",
            )
        if sign_in is SignInKind.APPLICATION and not tenant.strip():
            raise BadSettings(
                "The directory (tenant) is missing.", "An application signs in at the directory of its own organisation."
            )
        if service is Service.EWS:
            _opening().require_on_premises(url)
            if not account.strip():
                raise BadSettings("The user name is missing.", "It is the one that you sign in to the server with.")
        return Connection(
            id=self._ids.token(),
            user=user,
            service=service,
            label=url,
            url=url,
            sign_in=sign_in,
            authority=tenant if "://" in tenant else PUBLIC_AUTHORITY + (tenant.strip() or ANYBODY),
            client_id=client_id.strip(),
            account=account.strip(),
            shared=_shared(service, shared),
        )

    def mailbox(self, connection: Connection) -> LiveMailbox:
        """The mailbox behind it."""
        gate = self._gates.of(connection.client_id, f"{connection.service}:{connection.account or connection.url}")
        found: LiveMailbox = _opening().open_mailbox(connection, token=self._token(connection), gate=gate)
        return found

    def crm(self, connection: Connection) -> Crm:
        """The CRM behind it."""
        gate = self._gates.of(connection.client_id, f"{connection.service}:{connection.account or connection.url}")
        found: Crm = _opening().open_crm(connection, token=self._token(connection), gate=gate, clock=self._clock)
        return found

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
        """Keep a password or an application's secret."""
        self._vault_of(connection).put(connection.id, secret)

    def keep_certificate_file(self, connection: Connection, path: Path, *, password: str = "") -> None:
        """Keep the private key and certificate of a file, which is not needed afterwards; others must not be able to read it.

        Raises NeedsConsent where it has a password, and Refused where it cannot be used.
        """
        content = import_module("carnet.vault").file_of(path)
        self.keep_certificate(connection, content, name=path.name, password=password)

    def keep_certificate(self, connection: Connection, content: bytes, *, name: str, password: str = "") -> None:
        """Keep the private key and certificate that an application signs in with; `name` is what the person calls them."""
        kept = import_module("carnet.vault").certificate_of(content, name=name, password=password, now=self._clock.now())
        self._vault_of(connection).put(connection.id, kept)

    def certificate_days(self, connection: Connection) -> int | None:
        """For how many days more an application's certificate holds; None where it has none."""
        kept = self.vault.get(connection.id) if connection.sign_in is SignInKind.APPLICATION else None
        found: int | None = import_module("carnet.vault").days_left(kept, now=self._clock.now()) if kept else None
        return found

    def granted(self, connection: Connection) -> frozenset[str]:
        """The scopes that the authority granted to the person, as it writes them."""
        return self._person(connection).granted()

    def keep_secret(self, connection: Connection, kept: Connection) -> None:
        """What somebody signed in with goes to the vault, under the connection that came of it: it may have been there before."""
        self._drop(connection.id)
        self._drop(kept.id)
        secret = self._vault_of(connection).get(connection.id)
        self._vault_of(connection).forget(connection.id)
        if secret is not None:
            self.vault.put(kept.id, secret)

    def sign_out(self, connection: Connection) -> None:
        """Forget every secret of that connection."""
        found = self._sources.pop(connection.id, None)
        if found is not None:
            found.sign_out()
        self._vault_of(connection).forget(connection.id)

    def _vault_of(self, connection: Connection) -> Vault:
        """The vault, which is opened in any case: one that cannot be is told before somebody signs in."""
        vault = self.vault
        return vault if connection.key else self._fresh

    def _drop(self, connection: str) -> None:
        found = self._sources.pop(connection, None)
        if found is not None:
            found.close()

    def close(self) -> None:
        """Forget what is in memory."""
        for each in self._sources.values():
            each.close()
        self._sources.clear()

    def _token(self, connection: Connection) -> TokenSource:
        if connection.sign_in is SignInKind.NONE:
            return lambda: "demo"
        if connection.sign_in is SignInKind.CREDENTIALS:
            return lambda: self._password(connection)
        if connection.sign_in is SignInKind.APPLICATION:
            made: Organisation = _opening().organisation(connection, self._vault_of(connection))
            source: Organisation = self._sources.setdefault(connection.id, made)
            return source
        return self._person(connection)

    def _password(self, connection: Connection) -> str:
        secret = self._vault_of(connection).get(connection.id)
        if secret is None:
            raise NotSignedIn("The password is no longer kept on this computer.", "Connect the mailbox again.")
        return secret

    def _person(self, connection: Connection) -> SignIn:
        found = self._sources.get(connection.id)
        if found is None:
            found = self._sources[connection.id] = _opening().person(connection, self._vault_of(connection))
        signing: SignIn = found
        return signing


def _opening() -> ModuleType:
    """What opens connections; loaded late, for what it imports is large."""
    return import_module("carnet.bootstrap.opening")


def _shared(service: Service, addresses: Iterable[str]) -> tuple[str, ...]:
    """Other people's addresses, each once. Raises BadSettings."""
    found = tuple(dict.fromkeys(each.strip().lower() for each in addresses if each.strip()))
    if found and not service.is_mailbox:
        raise BadSettings("A CRM has no folders to show.", "Name other people's mailboxes where you connect your own.")
    for each in found:
        if not re.fullmatch(r"[^@\s/?#%]+@[^@\s/?#%]+", each):
            raise BadSettings("{address} is not an e-mail address.", "Write it as in lou@contoso.com.", address=each)
    return found


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
