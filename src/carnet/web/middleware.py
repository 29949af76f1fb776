"""Who may ask, from where, and what may the page do?"""

from __future__ import annotations

from urllib.parse import parse_qs

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.responses import PlainTextResponse, RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from carnet.web.plain import DIGEST
from carnet.web.session import Sessions
from carnet.words import Words, negotiate

POLICY = (
    f"default-src 'none'; script-src 'self'; style-src 'self' {DIGEST}; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    # Not "no-referrer": with it a browser sends "Origin: null" with our own forms, and the Origin could not be checked.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
SAFE = frozenset({"GET", "HEAD"})
ENTRANCE = "/open"
CALLBACK = "/connections/callback"
"""Where an identity provider has the browser send its answer: from another site, so that no session cookie comes with it."""


def allowed_hosts(port: int) -> frozenset[str]:
    """What the Host header may say: loopback, with our port."""
    names = ("127.0.0.1", "localhost", "[::1]")
    return frozenset(f"{name}:{port}" for name in names) | (frozenset(names) if port == 80 else frozenset())  # noqa: PLR2004 - HTTP's port


class Guard:
    """Lets in requests to loopback, from this site, with a session; everything else is refused, static files included.

    One address is let in without a session: the answer of an identity provider, which carries a state of its own.
    """

    def __init__(self, app: ASGIApp, *, sessions: Sessions) -> None:
        """Stand in front of `app`."""
        self._app = app
        self._sessions = sessions

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            await self._http(scope, receive, self._with_headers(send))

    def _with_headers(self, send: Send) -> Send:
        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
            await send(message)

        return sending

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        server = scope.get("server") or ("", 0)
        words = Words(negotiate(headers.get("accept-language")))
        if host not in allowed_hosts(server[1] or 0):
            await _refuse(words.t("This address is not Carnet's."), 421)(scope, receive, send)
            return
        answers = scope["path"] == CALLBACK and scope["method"] == "POST"
        if not answers and scope["method"] not in SAFE and headers.get("origin") != f"{scope['scheme']}://{host}":
            await _refuse(words.t("This form was not sent from Carnet's own page."), 403)(scope, receive, send)
            return
        session = cookie_parser(headers.get("cookie", "")).get(self._sessions.cookie, "")
        known = bool(session) and self._sessions.knows(session)
        if scope["path"] == ENTRANCE and scope["method"] in SAFE and not known:
            await self._enter(scope, receive, send)
        elif known or answers:
            scope.setdefault("state", {})["session"] = session if known else ""
            await self._app(scope, receive, send)
        else:
            await _refuse(words.t("Open Carnet with the address that “carnet serve” printed."), 403)(scope, receive, send)

    async def _enter(self, scope: Scope, receive: Receive, send: Send) -> None:
        given = parse_qs(scope["query_string"].decode("latin-1")).get("token", [""])[0]
        session = self._sessions.exchange(given)
        if session is None:
            words = Words(negotiate(Headers(scope=scope).get("accept-language")))
            spent = words.t("This address was used already. Start “carnet serve” again to get a new one.")
            await _refuse(spent, 403)(scope, receive, send)
            return
        response = RedirectResponse("/", 303)
        response.set_cookie(self._sessions.cookie, session, httponly=True, samesite="strict", path="/")
        await response(scope, receive, send)


def _refuse(text: str, status: int) -> PlainTextResponse:
    return PlainTextResponse(text + "\n", status)
