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
from urllib.parse import urlsplit

import httpx2
import msal
from msal.authority import WELL_KNOWN_AUTHORITY_HOSTS
from msal.exceptions import MsalServiceError

from carnet.errors import NotSignedIn, Refused, Unavailable
from carnet.ports.vault import Vault
from carnet.transport.calls import Json
from carnet.transport.client import opened

logging.getLogger("msal").setLevel(logging.ERROR)
"""At INFO it writes down addresses, and at DEBUG accounts."""

Flow = Mapping[str, Any]
_MARGIN = 300
"""Seconds before its end from which MSAL renews a token."""
_TIMEOUT = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """An application registered at an authority, and what it asks for.

    `authority` is the tenant's address at Microsoft's platform, or any OpenID Connect issuer. `scopes` are those of the chosen
    features and no others.
    """

    client_id: str
    authority: str
    scopes: Sequence[str]


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
        self._http = _Http()
        self._cache = msal.SerializableTokenCache()
        self._made: msal.PublicClientApplication | None = None
        self._token, self._until = "", 0.0

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
        """Make the address of the page to sign in on, with PKCE; it answers by a form, so that no code stands in an address.

        It asks for the account: who is signed in as somebody else in that browser would never be asked otherwise.
        """
        scopes = list(self._application.scopes)
        how = {"redirect_uri": redirect, "response_mode": "form_post", "prompt": "select_account"}
        flow = self._ask(lambda app: app.initiate_auth_code_flow(scopes, **how))
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
        """The token to send now, renewed where needed. Raises NotSignedIn."""
        with self._lock:
            return self._token if time.time() < self._until else self._renewed(fresh=False)

    def refresh(self) -> str:
        """A token newer than the last one, which was refused."""
        with self._lock:
            return self._renewed(fresh=True)

    def granted(self) -> frozenset[str]:
        """What the authority said it grants with the tokens that it gave out: their scopes, as it writes them."""
        with self._lock:
            self._load()
            tokens = self._cache.search(msal.TokenCache.CredentialType.ACCESS_TOKEN)
            return frozenset(scope for each in tokens for scope in str(each.get("target", "")).split())

    def sign_out(self) -> None:
        """Forget every token and account of this sign-in."""
        with self._lock:
            self._vault.forget(self._name)
            self._forget()
            self._http.close()

    def close(self) -> None:
        """Let go of connections; calling it again opens them."""
        self._http.close()

    def _renewed(self, *, fresh: bool) -> str:
        """A token by what the vault holds: another process may have renewed it, or signed out, meanwhile."""
        if not self._load():
            raise NotSignedIn("Nobody is signed in.", "Sign in first.")
        app = self._app()
        accounts = app.get_accounts(username=self._account or None) or app.get_accounts()
        if not accounts:
            raise NotSignedIn("Nobody is signed in.", "Sign in first.")
        found = _reached(
            lambda: app.acquire_token_silent_with_error(list(self._application.scopes), accounts[0], force_refresh=fresh)
        )
        self._keep()
        return self._taken(found or {})

    def _load(self) -> bool:
        """Take what the vault holds; False where that is nothing."""
        kept = self._vault.get(self._name)
        if kept is None:
            self._forget()
            return False
        self._cache.deserialize(kept)
        return True

    def _signed_in(self, acquire: Callable[[msal.PublicClientApplication], Flow]) -> str:
        told = self._ask(acquire)
        with self._lock:
            self._taken(told)
            self._keep()
            accounts = self._app().get_accounts()
        claims = told.get("id_token_claims") or {}
        self._account = str(claims.get("preferred_username") or (accounts[0].get("username") if accounts else "") or "")
        return self._account

    def _taken(self, told: Flow) -> str:
        """The token that was told, kept in memory until shortly before its end. Raises what the authority refused."""
        if "access_token" not in told:
            raise refusal(told)
        self._token, self._until = str(told["access_token"]), time.time() + float(told.get("expires_in", 0)) - _MARGIN
        return self._token

    def _ask(self, question: Callable[[msal.PublicClientApplication], Flow]) -> Flow:
        app = self._app()
        told: Flow = _reached(lambda: question(app))
        return told

    def _app(self) -> msal.PublicClientApplication:
        if self._made is None:
            self._made = _made(msal.PublicClientApplication, self._application, self._http, token_cache=self._cache)
        return self._made

    def _keep(self) -> None:
        if self._cache.has_state_changed:
            self._vault.put(self._name, self._cache.serialize())
            self._cache.has_state_changed = False

    def _forget(self) -> None:
        """Leave nothing in memory."""
        self._cache, self._made = msal.SerializableTokenCache(), None
        self._token, self._until = "", 0.0


class Organisation:
    """An application that signs in as itself, with a secret kept in the vault, or a private key and its certificate."""

    def __init__(self, application: Application, *, vault: Vault, name: str) -> None:
        """The secret stands in the vault under that name; a key and its certificate as one PEM text."""
        self._application = application
        self._vault = vault
        self._name = name
        self._http = _Http()
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
        """Forget the secret, and the token."""
        with self._lock:
            self._vault.forget(self._name)
            self._made = None
            self._http.close()

    def close(self) -> None:
        """Let go of connections; calling it again opens them."""
        self._http.close()

    def _app(self) -> msal.ConfidentialClientApplication:
        if self._made is None:
            secret = self._vault.get(self._name)
            if secret is None:
                raise NotSignedIn("The application's secret is not in the vault.", "Connect again and give the secret.")
            proof = _proof(secret)
            self._made = _made(msal.ConfidentialClientApplication, self._application, self._http, client_credential=proof)
        return self._made


_BEGINS = "-----BEGIN CERTIFICATE-----"


def _proof(kept: str) -> str | dict[str, str]:
    """What MSAL proves with who the application is: a secret is sent; with a key it signs, and the key stays here."""
    key, begins, certificate = kept.partition(_BEGINS)
    return {"private_key": key, "public_certificate": begins + certificate} if begins else kept


def _over(flow: Flow) -> bool:
    """Whether the time to type a device code is over: MSAL's own condition, which another one replaces."""
    return bool(flow.get("expires_at", 0) < time.time())


def _made(kind: Callable[..., Json], application: Application, http: _Http, **also: object) -> Json:
    """MSAL's application; it asks the authority what it offers. Raises Refused where there is no such authority."""
    is_microsoft = (urlsplit(application.authority).hostname or "") in WELL_KNOWN_AUTHORITY_HOSTS
    authority = {"authority" if is_microsoft else "oidc_authority": application.authority}
    try:
        return _reached(lambda: kind(application.client_id, http_client=http, **authority, **also))
    except ValueError:  # msal's way to say so; its words hold the whole address
        raise Refused(
            "There is no such directory (tenant) to sign in to.", "Correct the directory (tenant), or leave it out."
        ) from None


class _Http:
    """What MSAL sends its requests with: certificates and proxies are those of every other request of Carnet."""

    def __init__(self) -> None:
        self._made: httpx2.Client | None = None

    def get(self, url: str, **more: Json) -> httpx2.Response:
        return self._client().get(url, **_given(more))

    def post(self, url: str, **more: Json) -> httpx2.Response:
        return self._client().post(url, **_given(more))

    def close(self) -> None:
        if self._made is not None:
            self._made.close()
        self._made = None

    def _client(self) -> httpx2.Client:
        if self._made is None:
            self._made = opened(timeout=_TIMEOUT, follow_redirects=True)
        return self._made


def _given(more: Mapping[str, Json]) -> dict[str, Json]:
    """What MSAL gives, but for what it leaves empty: httpx2 would send it, and bytes as Python writes them."""
    plain = ((key, _sendable(value)) for key, value in more.items())
    return {key: value for key, value in plain if value}


def _sendable(value: Json) -> Json:
    if not isinstance(value, dict):
        return value
    return {key: each.decode() if isinstance(each, bytes) else each for key, each in value.items() if each is not None}


def _reached(ask: Callable[[], Json]) -> Json:
    """The answer, or Unavailable where the authority cannot be reached."""
    try:
        return ask()
    except httpx2.ConnectError as error:
        if "CERTIFICATE_VERIFY_FAILED" in str(error):
            raise Refused(
                "The sign-in service shows a certificate that this computer does not trust.",
                "Where your organisation has an authority of its own, name its file in SSL_CERT_FILE.",
            ) from None
        raise _unavailable() from None
    except (httpx2.HTTPError, MsalServiceError):
        raise _unavailable() from None


def _unavailable() -> Unavailable:
    return Unavailable("The sign-in service does not answer.", "Check the connection, then try again.")


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
        frozenset({"7000222"}),
        NotSignedIn("The application's secret has expired.", "Make a new one in Microsoft Entra, and connect with it."),
    ),
    (
        frozenset({"700027", "700024"}),
        NotSignedIn(
            "The application's certificate is not known there, or has expired.",
            "Upload it to the registration in Microsoft Entra, or connect with a new one.",
        ),
    ),
    (
        frozenset({"unauthorized_client", "invalid_client", "700016"}),
        Refused(
            "The organisation does not know this application.",
            "Correct the application (client) ID, its secret or its certificate.",
        ),
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
