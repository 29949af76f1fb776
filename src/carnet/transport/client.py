"""How is one request sent so that it is done once, or known not to be?

What may be sent again, and when: a 429, or a 503 that says when to come back, was not acted on: anybody's request waits and
goes again. After a time-out, a broken connection or another 5xx nobody knows whether the server acted: a repeatable call
goes again, another raises Unanswered, for its caller to look first. A 5xx that the service itself explains is the caller's,
unless it is one that passes and the call is repeatable.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from http.cookiejar import DefaultCookiePolicy
from typing import Protocol, runtime_checkable

import httpx2

from carnet.errors import BadSettings, NotSignedIn, Unanswered, Unavailable
from carnet.transport.backoff import pause, retry_after
from carnet.transport.calls import Answer, Call, TokenSource
from carnet.transport.gate import Gate, throttled

for _talkative in ("httpx2", "httpcore2"):
    logging.getLogger(_talkative).setLevel(logging.WARNING)  # below that they write down addresses, with what is searched for

TIMEOUT = 100.0
ATTEMPTS = 4
PATIENCE = 300.0
"""Seconds that one waits for a Retry-After before the person is told instead."""
_UNAUTHORISED, _TOO_MANY, _UNAVAILABLE, _BROKEN = 401, 429, 503, range(500, 600)
_PASSING = frozenset({502, 503, 504})


@runtime_checkable
class Refreshing(Protocol):
    """A token source that can fetch a fresh token where the last one was refused."""

    def refresh(self) -> str:
        """A token that is newer than the last one. Raises NotSignedIn."""
        ...


class Client:
    """Sends calls to one service in one person's name. It is safe to use from several threads, and keeps no cookies."""

    def __init__(
        self,
        base: str,
        *,
        token: TokenSource,
        gate: Gate,
        headers: Mapping[str, str] | None = None,
        timeout: float = TIMEOUT,
        attempts: int = ATTEMPTS,
        patience: float = PATIENCE,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Calls with relative addresses go to `base`; `headers` go with every call."""
        self.base = base.rstrip("/") + "/"
        self.sent = 0
        self.units = 0
        self.gate = gate
        self._token = token
        self._headers = dict(headers or {})
        self._attempts = attempts
        self._patience = patience
        self._sleep = sleep
        self._lock = threading.Lock()
        self._http = opened(timeout=timeout)
        self._http.cookies.jar.set_policy(DefaultCookiePolicy(allowed_domains=()))  # a cookie would tie everybody to one server

    def __repr__(self) -> str:
        """Where it sends to, and nothing secret."""
        return f"Client({self.base})"

    def send(self, call: Call) -> Answer:
        """The answer, whatever its status but those that mean "again later" or "who are you?".

        Raises NotSignedIn, Unavailable, Unanswered (for a call that is not repeatable) or Throttled.
        """
        token, renewed = self._token(), False
        for attempt in range(1, self._attempts + 1):
            answer = self._once(call, token, last=attempt == self._attempts)
            if answer is None:
                self._sleep(pause(attempt))
            elif answer.status == _UNAUTHORISED and not renewed and isinstance(self._token, Refreshing):
                token, renewed = self._token.refresh(), True
            elif answer.status == _UNAUTHORISED:
                raise NotSignedIn("The sign-in no longer holds.", "Sign in again.")
            elif _is_asked_to_wait(answer):
                self._wait(answer, attempt)
            else:
                return answer
        raise throttled(self.gate.closed_for) if self.gate.closed_for else _unavailable()

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()

    def _once(self, call: Call, token: str, *, last: bool) -> Answer | None:
        """One try: its answer, or None where it may simply be tried again."""
        try:
            with self.gate.hold(call.slots, patience=self._patience):
                answer = self._answer(call, token)
        except httpx2.ConnectError:
            if last:
                raise _unavailable() from None
            return None
        except (httpx2.TransportError, httpx2.InvalidURL):
            if not call.repeatable:
                raise _unanswered() from None
            if last:
                raise _unavailable() from None
            return None
        if answer.status not in _BROKEN or _is_asked_to_wait(answer):
            return answer
        if call.repeatable:
            return answer if last or (_is_told(answer) and answer.status not in _PASSING) else None
        if not _is_told(answer):
            raise _unanswered()
        return answer

    def _answer(self, call: Call, token: str) -> Answer:
        headers = {**self._headers, **call.headers}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        url = call.url if call.url.startswith(("http://", "https://")) else self.base + call.url.lstrip("/")
        with self._lock:
            self.sent += 1
            self.units += call.units
        reply = self._http.request(call.method, url, headers=headers, content=call.body or None)
        said = {name.lower(): value for name, value in reply.headers.items()}
        return Answer(status=reply.status_code, headers=said, body=reply.content)

    def _wait(self, answer: Answer, attempt: int) -> None:
        """Close the gate for exactly as long as the server asks, for everybody who shares it."""
        asked = retry_after(answer.headers)
        seconds = pause(attempt) if asked is None else asked
        self.gate.close_for(seconds)
        if seconds > self._patience:
            raise throttled(seconds)


def opened(*, timeout: float, follow_redirects: bool = False) -> httpx2.Client:
    """What sends requests: proxies and trusted authorities are those of the environment, else of the system."""
    try:
        return httpx2.Client(timeout=timeout, follow_redirects=follow_redirects)
    except OSError as error:  # the environment names certificates that are not there, or are none
        raise BadSettings(
            "The certificates that SSL_CERT_FILE or SSL_CERT_DIR names cannot be read.", "Correct it, or take it away."
        ) from error


def _is_asked_to_wait(answer: Answer) -> bool:
    """Whether the server has not acted and says so."""
    return answer.status == _TOO_MANY or (answer.status == _UNAVAILABLE and retry_after(answer.headers) is not None)


def _is_told(answer: Answer) -> bool:
    """Whether a 5xx comes from the service itself, which explains it, rather than from something on the way."""
    return answer.headers.get("content-type", "").startswith("application/json") and b'"error"' in answer.body


def _unavailable() -> Unavailable:
    return Unavailable("The server does not answer.", "Check the connection, then try again.")


def _unanswered() -> Unanswered:
    return Unanswered("The server did not answer, and may have acted all the same.", "Look before you try again.")
