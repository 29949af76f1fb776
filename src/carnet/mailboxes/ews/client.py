"""How is an Exchange server asked?

exchangelib signs in, speaks SOAP and settles the version of the interface; nothing is tried again but here. A wrong password
is tried once: more would lock the account.
"""

from __future__ import annotations

import logging
import ssl
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeAlias
from urllib.parse import urlsplit

from exchangelib import Configuration, Credentials
from exchangelib.errors import (
    CASError,
    ErrorInternalServerTransientError,
    ErrorInvalidServerVersion,
    ErrorServerBusy,
    ErrorTimeoutExpired,
    EWSError,
    UnauthorizedError,
)
from exchangelib.protocol import BaseProtocol, FailFast, Protocol
from exchangelib.services.common import EWSService
from exchangelib.transport import get_auth_method_from_response
from exchangelib.util import CONNECTION_ERRORS, TLS_ERRORS, ParseError, create_element, is_xml, safe_xml_value, to_xml
from exchangelib.version import EXCHANGE_2016, Version

from carnet.errors import CarnetError, NotFound, NotSignedIn, Refused, Unanswered, Unavailable
from carnet.mailboxes.ews.node import Node
from carnet.transport.backoff import pause, retry_after
from carnet.transport.gate import Gate, throttled

logging.getLogger("exchangelib").setLevel(logging.CRITICAL + 1)
"""It writes down whole requests and values that it cannot read: names and addresses."""

ATTEMPTS, PATIENCE, CONNECTIONS = 4, 300.0, 4
_OK, _UNAUTHORISED, _MISSING, _TOO_MANY, _BROKEN, _UNAVAILABLE = 200, 401, 404, 429, 500, 503
Theirs: TypeAlias = Any
"""As exchangelib has it: it has no types."""
_LOCAL = frozenset({"127.0.0.1", "localhost", "::1"})
_VERSIONS = ("Exchange2016", "Exchange2013_SP1", "Exchange2013")
"""Those of servers on premises that give the text of a note; exchangelib tries some that no schema knows."""
_PREFIXES = {"messages": "m", "types": "t"}
_NAMED = frozenset({"m:ItemIds", "m:Items", "m:ItemChanges", "m:FolderIds", "m:ParentFolderIds", "m:AttachmentIds"})
_BUSY = frozenset({"ErrorServerBusy", "ErrorTooManyObjectsOpened", "ErrorInternalServerTransientError", "ErrorTimeoutExpired"})
"""What was not done, and may be asked again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What came of one part of a request: "NoError", or the service's word for what went wrong."""

    code: str
    node: Node

    @property
    def is_success(self) -> bool:
        """Whether it was done; a name that means several people is a success too."""
        return self.node.get("ResponseClass") != "Error"

    @property
    def is_busy(self) -> bool:
        """Whether it was not done, and may be asked again."""
        return self.code in _BUSY


class EwsClient:
    """Asks one server in one person's name; `password` gives the password when it is needed. Safe in several threads."""

    def __init__(
        self, url: str, *, user: str, password: Callable[[], str], gate: Gate, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        """Nothing is asked before it is needed."""
        self.url = url
        self.user = user
        self.anchor = ""
        self.sent = 0
        self._password = password
        self._gate = gate
        self._sleep = sleep
        self._made: Theirs = None
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        """Where it sends to, and nothing secret."""
        return f"EwsClient({self.url})"

    @property
    def version(self) -> str:
        """The interface and the build of the server, as in "Exchange2016 15.2.1544"; "" before it was asked anything."""
        if self._made is None:
            return ""
        known = self._made.version
        build = known.build
        return f"{known.api_version} {build.major_version}.{build.minor_version}.{build.major_build}"

    @property
    def way_in(self) -> str:
        """How one signs in there ("basic", "NTLM"), "" before it was asked anything."""
        return "" if self._made is None else str(self._made.auth_type)

    def ask(self, request: Node, *, repeatable: bool = True) -> list[Message]:
        """The answers to the parts of a request, in their order.

        Raises NotSignedIn, Unavailable, Throttled, or Unanswered where one that is not repeatable may have been done.
        """
        for attempt in range(1, ATTEMPTS + 1):
            told = self._told(request, last=attempt == ATTEMPTS, repeatable=repeatable)
            if isinstance(told, list):
                busy = any(each.is_busy for each in told)
                if not busy or not repeatable or attempt == ATTEMPTS:
                    return told
                self._gate.close_for(_back_off(told) or pause(attempt))
            elif told is None:
                self._sleep(pause(attempt))
            else:
                self._wait(told or pause(attempt))
        raise throttled(self._gate.closed_for) if self._gate.closed_for else _unavailable()

    def close(self) -> None:
        """Let go of the connections, and forget the password."""
        if self._made is not None:
            self._made.close()
            self._made = None

    def _told(self, request: Node, *, last: bool, repeatable: bool) -> list[Message] | float | None:
        """One try: its answers, or the seconds that the server asks to wait (0: it does not say), or None: simply again."""
        protocol = self._protocol(last=last)
        if protocol is None:
            return None
        try:
            with self._gate.hold(patience=PATIENCE):
                return self._once(protocol, request)
        except UnauthorizedError:
            raise _unknown() from None
        except ErrorServerBusy as error:
            return float(error.back_off or 0)
        except (ErrorTimeoutExpired, ErrorInternalServerTransientError):
            if not repeatable:
                raise _unanswered() from None
            if last:
                raise _unavailable() from None
            return None
        except (EWSError, CASError) as error:
            raise _trouble(error) from None

    def _once(self, protocol: Theirs, request: Node) -> list[Message]:
        service = _service(request.name.removeprefix("m:"))(protocol)
        service.anchor = self.anchor
        self.sent += 1
        found = [_node_of(each) for each in service.call(_element_of(request))]
        if len(found) != _parts(request):  # exchangelib mends what was cut short
            raise ErrorTimeoutExpired("an answer is not whole")
        return [Message(code=each.said("m:ResponseCode"), node=each) for each in found]

    def _protocol(self, *, last: bool) -> Theirs:
        """What exchangelib sends through; None where the server does not answer yet.

        It is our own, for the cache of exchangelib would keep the passwords of whoever signed out.
        """
        with self._lock:
            if self._made is None:
                way = _way_in(self.url, last=last)
                if way is None:
                    return None
                configuration = Configuration(
                    service_endpoint=self.url,
                    credentials=Credentials(self.user, self._password()),
                    auth_type=way,
                    version=Version(build=EXCHANGE_2016),
                    retry_policy=_Policy(),
                    max_connections=CONNECTIONS,
                )
                self._made = type.__call__(_Protocol, config=configuration)
            return self._made

    def _wait(self, seconds: float) -> None:
        self._gate.close_for(seconds)
        if seconds > PATIENCE:
            raise throttled(seconds)


class _Policy(FailFast):
    """Says what an answer of HTTP means: exchangelib itself tries nothing again."""

    def raise_response_errors(self, response: Theirs) -> None:
        status, headers = response.status_code, {name.lower(): value for name, value in response.headers.items()}
        if status == _OK or (status == _BROKEN and response.content and is_xml(response.content)):
            return
        if status == _UNAUTHORISED:
            raise UnauthorizedError("not signed in")
        asked = retry_after(headers)
        if status == _TOO_MANY or (status == _UNAVAILABLE and asked is not None):
            raise ErrorServerBusy("busy", back_off=asked)
        if status >= _BROKEN:
            raise ErrorTimeoutExpired(f"status {status}")
        raise CASError(cas_error=f"status {status}", response=response)


class _Adapter(BaseProtocol.HTTP_ADAPTER_CLS):
    """Trusts the authorities of the system, or those that SSL_CERT_FILE and SSL_CERT_DIR name."""

    def init_poolmanager(self, *sizes: Theirs, **more: Theirs) -> None:
        super().init_poolmanager(*sizes, **{**more, "ssl_context": ssl.create_default_context()})


class _Protocol(Protocol):
    """Sessions that need no proxy to reach this computer."""

    USERAGENT = "Carnet"
    TIMEOUT = 100
    HTTP_ADAPTER_CLS = _Adapter

    @classmethod
    def raw_session(cls, prefix: str, **more: Theirs) -> Theirs:
        session = super().raw_session(prefix, **more)
        session.trust_env = (urlsplit(prefix).hostname or "") not in _LOCAL
        return session


@dataclass(frozen=True, slots=True, kw_only=True)
class _Whole:
    """An answer in one piece: exchangelib takes it byte by byte else, which is nine tenths of the time."""

    content: bytes

    def iter_content(self) -> bytes:
        return self.content


class _Service(EWSService):
    """One operation, whose parts are answered as they come, errors too."""

    anchor = ""

    @classmethod
    def supported_api_versions(cls) -> tuple[str, ...]:
        return _VERSIONS

    @classmethod
    def _get_soap_parts(cls, response: Theirs) -> Theirs:
        return super()._get_soap_parts(_Whole(content=response.content))

    def call(self, payload: Theirs) -> list[Theirs]:
        return list(self._response_generator(payload))

    def _get_elements_in_response(self, response: Theirs) -> Theirs:
        yield from response

    def _extra_headers(self) -> dict[str, str]:
        return {"X-AnchorMailbox": self.anchor} if self.anchor else {}


def _way_in(url: str, *, last: bool) -> str | None:
    """How one signs in there, asked without a password; None where the server does not answer yet."""
    with _Protocol.raw_session(url) as session:
        try:
            answer = session.post(url, data=b"", allow_redirects=False, timeout=_Protocol.TIMEOUT)
        except TLS_ERRORS as error:
            raise _trouble(error) from None
        except CONNECTION_ERRORS:
            if last:
                raise _unavailable() from None
            return None
    if answer.status_code != _UNAUTHORISED:
        if answer.status_code < _BROKEN:
            raise _nothing_here()
        if last:
            raise _unavailable()
        return None
    try:
        return str(get_auth_method_from_response(answer))
    except UnauthorizedError:
        raise Refused(
            "The server offers no way to sign in that Carnet knows.",
            "Ask the administrator to allow NTLM or Basic sign-in to Exchange Web Services.",
        ) from None


@cache
def _service(name: str) -> Theirs:
    return type(name, (_Service,), {"SERVICE_NAME": name})


def _parts(request: Node) -> int:
    """How many answers are due: one for each item, change or folder that is named, else one."""
    named = next((each for each in request.inside if each.name in _NAMED), None)
    return len(named.inside) if named else 1


def _element_of(request: Node) -> Theirs:
    element = create_element(request.name, attrs=dict(request.attributes))
    if request.text:
        element.text = safe_xml_value(request.text)
    for each in request.inside:
        element.append(_element_of(each))
    return element


def _node_of(element: Theirs) -> Node:
    space, _, local = str(element.tag)[1:].partition("}")
    prefix = _PREFIXES.get(space.rpartition("/")[2], "x")
    return Node(
        name=f"{prefix}:{local}",
        attributes=dict(element.attrib),
        text=element.text or "",
        inside=tuple(_node_of(each) for each in element if isinstance(each.tag, str)),
    )


def parsed(content: bytes) -> Node | None:
    """What a document says that stands within an answer; None where it is no XML. Entities are not read."""
    try:
        return _node_of(to_xml(content).getroot())
    except ParseError:
        return None


def _back_off(messages: Sequence[Message]) -> float:
    """The longest time that busy parts ask to be left alone, in seconds; 0 where none says."""
    said = [
        each.text
        for message in messages
        if message.is_busy
        for each in message.node.each("m:MessageXml")
        if each.get("Name") == "BackOffMilliseconds"
    ]
    return max((int(each) / 1000 for each in said if each.isdecimal()), default=0.0)


def _trouble(error: Exception) -> CarnetError:
    """What a person can do about it; the text of the error may name what was asked for, and stays here."""
    if "CERTIFICATE_VERIFY_FAILED" in str(error):
        return Refused(
            "The certificate of the server is not trusted.",
            "Ask the administrator for the certificate of your organisation's authority, and name its file in SSL_CERT_FILE.",
        )
    if isinstance(error, ErrorInvalidServerVersion):
        return Refused("This Exchange server is older than 2013.", "Export the contacts from Outlook, and open that file.")
    response = getattr(error, "response", None)
    if response is not None and response.status_code == _MISSING:
        return _nothing_here()
    return _unavailable()


def _nothing_here() -> NotFound:
    return NotFound("There is no Exchange server at this address.", "Check the address with your administrator.")


def _unknown() -> NotSignedIn:
    return NotSignedIn("The server does not accept this user name and password.", "Check them, then connect again.")


def _unavailable() -> Unavailable:
    return Unavailable("The server does not answer.", "Check the connection, then try again.")


def _unanswered() -> Unanswered:
    return Unanswered("The server did not answer, and may have acted all the same.", "Look before you try again.")
