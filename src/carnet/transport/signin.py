"""How does somebody sign in at Microsoft's identity platform, and how is a token had from then on?

Three ways: a device code for the terminal, an authorisation code with PKCE for the browser, client credentials for an
organisation. MSAL does the protocol; its cache of tokens is kept in the vault alone.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.request import getproxies

import msal
import requests

from carnet.errors import NotSignedIn, Refused, Unavailable
from carnet.ports.vault import Vault
from carnet.transport.calls import Json

logging.getLogger("msal").setLevel(logging.ERROR)
"""At INFO it writes down addresses, and at DEBUG accounts."""

Flow = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """An application registered at an authority, and what it asks for.

    `authority` is the tenant's address at Microsoft's platform; `oidc` says that it is any OpenID Connect issuer instead.
    `scopes` are those of the chosen features and no others.
    """

    client_id: str
    authority: str
    scopes: Sequence[str]
    oidc: bool = False
    certificates: str | bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceCode:
    """What a person is shown: the code to type, where, and for how long; `flow` is needed to finish (secret)."""

    code: str
    address: str
    seconds: int
    flow: Flow = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """A sign-in in the browser: the page to open, and what finishing needs (secret; `flow["state"]` tells answers apart)."""

    address: str
    flow: Flow = field(repr=False)


class SignIn:
    """One person's sign-in (`carnet.transport.client.Refreshing`: calling it gives the token to send)."""

    def __init__(self, application: Application, *, vault: Vault, name: str, account: str = "") -> None:
        """Keep the tokens in the vault under that name; `account` is who signed in."""
        self._application = application
        self._vault = vault
        self._name = name
        self._account = account
        self._lock = threading.Lock()
        self._cache = msal.SerializableTokenCache()
        if kept := vault.get(name):
            self._cache.deserialize(kept)
        self._made: msal.PublicClientApplication | None = None

    def __repr__(self) -> str:
        """Nothing secret."""
        return "SignIn()"

    def begin_device(self) -> DeviceCode:
        """Ask for a code. Raises Refused or Unavailable."""
        flow = self._ask(lambda app: app.initiate_device_flow(scopes=list(self._application.scopes)))
        if "user_code" not in flow:
            raise refusal(flow)
        address = flow.get("verification_uri") or flow.get("verification_url") or ""
        return DeviceCode(code=flow["user_code"], address=address, seconds=int(flow.get("expires_in", 0)), flow=flow)

    def finish_device(self, flow: Flow, *, cancelled: Callable[[], bool] = lambda: False) -> str:
        """Wait until the person has typed the code; returns who signed in. Raises NotSignedIn where they did not."""
        return self._signed_in(
            lambda app: app.acquire_token_by_device_flow(dict(flow), exit_condition=lambda given: cancelled() or _over(given))
        )

    def begin_browser(self, redirect: str) -> Begun:
        """Make the address of the page to sign in on, with PKCE."""
        flow = self._ask(lambda app: app.initiate_auth_code_flow(list(self._application.scopes), redirect_uri=redirect))
        if "auth_uri" not in flow:
            raise refusal(flow)
        return Begun(address=flow["auth_uri"], flow=flow)

    def finish_browser(self, flow: Flow, answer: Mapping[str, str]) -> str:
        """Take what the browser came back with; returns who signed in. Raises NotSignedIn where it is not this sign-in's."""
        try:
            return self._signed_in(lambda app: app.acquire_token_by_auth_code_flow(dict(flow), dict(answer)))
        except ValueError:  # msal's way to say that the state is another one
            raise NotSignedIn("This answer does not belong to the sign-in that was begun.", "Begin again.") from None

    def __call__(self) -> str:
        """The token to send now, fetched or renewed where needed. Raises NotSignedIn."""
        return self._token(fresh=False)

    def refresh(self) -> str:
        """A token newer than the last one, which was refused."""
        return self._token(fresh=True)

    def granted(self) -> frozenset[str]:
        """What the authority said it grants with the tokens that it gave out: their scopes, as it writes them."""
        with self._lock:
            tokens = self._cache.search(msal.TokenCache.CredentialType.ACCESS_TOKEN)
            return frozenset(scope for each in tokens for scope in str(each.get("target", "")).split())

    def sign_out(self) -> None:
        """Forget every token and account of this sign-in."""
        with self._lock:
            self._vault.forget(self._name)
            self._cache = msal.SerializableTokenCache()
            self._made = None

    def _token(self, *, fresh: bool) -> str:
        with self._lock:
            app = self._app()
            accounts = app.get_accounts(username=self._account or None) or app.get_accounts()
            if not accounts:
                raise NotSignedIn("Nobody is signed in.", "Sign in first.")
            found = _reached(
                lambda: app.acquire_token_silent_with_error(list(self._application.scopes), accounts[0], force_refresh=fresh)
            )
            self._keep()
        if not found or "access_token" not in found:
            raise refusal(found or {})
        return str(found["access_token"])

    def _signed_in(self, acquire: Callable[[msal.PublicClientApplication], Flow]) -> str:
        told = self._ask(acquire)
        if "access_token" not in told:
            raise refusal(told)
        with self._lock:
            self._keep()
            accounts = self._app().get_accounts()
        claims = told.get("id_token_claims") or {}
        self._account = str(claims.get("preferred_username") or (accounts[0].get("username") if accounts else "") or "")
        return self._account

    def _ask(self, question: Callable[[msal.PublicClientApplication], Flow]) -> Flow:
        told: Flow = _reached(lambda: question(self._app()))
        return told

    def _app(self) -> msal.PublicClientApplication:
        if self._made is None:
            self._made = _reached(
                lambda: msal.PublicClientApplication(
                    self._application.client_id,
                    token_cache=self._cache,
                    http_client=_session(self._application),
                    **_authority(self._application),
                )
            )
        return self._made

    def _keep(self) -> None:
        if self._cache.has_state_changed:
            self._vault.put(self._name, self._cache.serialize())
            self._cache.has_state_changed = False


class Organisation:
    """An application that signs in as itself, with a secret kept in the vault."""

    def __init__(self, application: Application, *, vault: Vault, name: str) -> None:
        """The secret stands in the vault under that name."""
        self._application = application
        self._vault = vault
        self._name = name
        self._made: msal.ConfidentialClientApplication | None = None
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        """Nothing secret."""
        return "Organisation()"

    def __call__(self) -> str:
        """The token to send now; MSAL keeps it until it runs out. Raises NotSignedIn."""
        with self._lock:
            told = _reached(lambda: self._app().acquire_token_for_client(scopes=list(self._application.scopes)))
        if "access_token" not in told:
            raise refusal(told)
        return str(told["access_token"])

    def refresh(self) -> str:
        """A token asked for anew."""
        with self._lock:
            self._made = None
        return self()

    def sign_out(self) -> None:
        """Forget the secret."""
        self._vault.forget(self._name)
        self._made = None

    def _app(self) -> msal.ConfidentialClientApplication:
        if self._made is None:
            secret = self._vault.get(self._name)
            if secret is None:
                raise NotSignedIn("The application's secret is not in the vault.", "Connect again and give the secret.")
            self._made = msal.ConfidentialClientApplication(
                self._application.client_id,
                client_credential=secret,
                http_client=_session(self._application),
                **_authority(self._application),
            )
        return self._made


def _over(flow: Flow) -> bool:
    """Whether the time to type a device code is over: MSAL's own condition, which another one replaces."""
    return bool(flow.get("expires_at", 0) < time.time())


def _authority(application: Application) -> dict[str, str]:
    return {"oidc_authority" if application.oidc else "authority": application.authority}


def _session(application: Application) -> requests.Session:
    """A session that trusts what it is told to, whatever REQUESTS_CA_BUNDLE says; proxies are those of the environment."""
    session = requests.Session()
    session.verify = application.certificates
    session.proxies.update({key: value for key, value in getproxies().items() if key in {"http", "https"}})
    session.trust_env = False
    return session


def _reached(ask: Callable[[], Json]) -> Json:
    """The answer, or Unavailable where the authority cannot be reached."""
    try:
        return ask()
    except requests.RequestException:
        raise Unavailable("The sign-in service does not answer.", "Check the connection, then try again.") from None


_CODES: tuple[tuple[frozenset[str], Refused], ...] = (
    (
        frozenset({"access_denied", "authorization_declined"}),
        NotSignedIn("The sign-in was declined.", "Begin again, and accept what Carnet asks for."),
    ),
    (frozenset({"expired_token", "code_expired", "70020"}), NotSignedIn("The code has expired.", "Begin again for a new one.")),
    (
        frozenset({"consent_required", "65001", "90094", "650056"}),
        Refused("Your organisation has not agreed to this application yet.", "Ask the administrator to consent to it."),
    ),
    (
        frozenset({"basic_action", "50074", "50076", "50079", "53000", "53001", "53003", "530032"}),
        NotSignedIn(
            "Your organisation asks for more before it lets you in.", "Sign in again in the browser, on a device it accepts."
        ),
    ),
    (
        frozenset({"50020", "90002", "90072", "500011"}),
        Refused("This account does not belong to that organisation.", "Sign in with your work account, or correct the tenant."),
    ),
    (
        frozenset({"unauthorized_client", "invalid_client", "700016"}),
        Refused("The organisation does not know this application.", "Correct the application (client) ID or its secret."),
    ),
)
"""OAuth's words and Microsoft's numbers (AADSTS…), and what each means to a person."""


def refusal(told: Flow) -> Refused:
    """What a person can do about what the authority says; its own words may hold names, and are left out."""
    said = {str(each) for each in (told.get("error", ""), told.get("suberror", ""), *(told.get("error_codes") or ()))}
    for codes, meaning in _CODES:
        if said & codes:
            return type(meaning)(meaning.message, meaning.hint)
    return NotSignedIn("The sign-in no longer holds.", "Sign in again.")
