"""How does an emulator listen, on loopback alone?"""

from __future__ import annotations

import json
import socket
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self, TypeAlias
from urllib.parse import parse_qsl, unquote, urlsplit

from carnet.testing.emulators.faults import Asked, Fault, Faults, Said, Trouble

LOOPBACK = "127.0.0.1"
Anything: TypeAlias = Any
"""As http.server and json have it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """A request and its answer."""

    asked: Asked
    said: Said


class Emulator:
    """A server with faults on demand: subclasses answer, everything else is here.

    Any bearer token is let in, unless `tokens` (token → user) says which. `latency` is added to each request, in seconds.
    """

    def __init__(self, *, tokens: Mapping[str, str] | None = None, latency: float = 0.0, port: int = 0) -> None:
        """Port 0 takes any that is free."""
        self.tokens = tokens
        self.latency = latency
        self.faults = Faults()
        self.log: list[Exchange] = []
        self.violations: list[str] = []
        self.requests = 0
        self.units = 0
        self._watchers: list[Callable[[Exchange], None]] = []
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._server = _Server((LOOPBACK, port), _Listener)
        self._server.emulator = self
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    @property
    def root(self) -> str:
        """The server's address, without a path."""
        return f"http://{LOOPBACK}:{self._server.server_address[1]}"

    def start(self) -> Self:
        """Listen until `stop`."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """Listen no more: every connection is cut, and whoever waits waits no longer."""
        self._stopping.set()
        self._server.shutdown()
        self._server.close_open()
        self._server.server_close()
        self._thread.join()

    def __enter__(self) -> Self:
        """Listen."""
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Listen no more."""
        self.stop()

    def watch(self, watcher: Callable[[Exchange], None]) -> None:
        """Show every exchange to `watcher`; what it raises is kept in `violations`, and makes the answer a 500."""
        self._watchers.append(watcher)

    def answer(self, asked: Asked) -> Said:
        """What the service says to a request that is let in."""
        raise NotImplementedError

    def refuse(self, asked: Asked) -> Said:
        """What the service says to somebody it does not know."""
        del asked
        return said_json(401, {"error": {"code": "InvalidAuthenticationToken", "message": "Access token is empty."}})

    def serve(self, asked: Asked) -> Said | None:
        """The answer to one request, None where the connection ends without one."""
        with self._lock:
            self.requests += 1
            self.units += 1
        self.pause(self.latency)
        if fault := self.faults.take(asked, Trouble.DELAY):
            self.pause(fault.seconds)
        if self.faults.take(asked, Trouble.HANG_UP):
            return None
        if fault := self.faults.take(asked, Trouble.STATUS):
            return said_by(fault)
        said = self.refuse(asked) if not asked.user else self.answer(asked)
        said = self._watched(Exchange(asked=asked, said=said))
        return None if self.faults.take(asked, Trouble.HANG_UP_AFTER) else said

    def serve_part(self, asked: Asked, answer: Callable[[Asked], Said]) -> Said:
        """The answer to one part of a batch, whose connection nobody can cut: it is a 504 then, whether it acted or not."""
        if self.faults.take(asked, Trouble.HANG_UP):
            return _timed_out()
        if fault := self.faults.take(asked, Trouble.STATUS):
            return said_by(fault)
        said = self._watched(Exchange(asked=asked, said=answer(asked)))
        return _timed_out() if self.faults.take(asked, Trouble.HANG_UP_AFTER) else said

    def pause(self, seconds: float) -> None:
        """Wait, but not past the end of the emulator."""
        if seconds > 0:
            self._stopping.wait(seconds)

    def user_of(self, authorization: str) -> str:
        """Whose token that is, "" for nobody's."""
        token = authorization.removeprefix("Bearer ").strip() if authorization.startswith("Bearer ") else ""
        return self.tokens.get(token, "") if self.tokens is not None else token

    def count(self, units: int) -> None:
        """Count the further parts of a batch."""
        with self._lock:
            self.units += units

    def _watched(self, exchange: Exchange) -> Said:
        with self._lock:
            self.log.append(exchange)
        for watcher in self._watchers:
            try:
                watcher(exchange)
            except (AssertionError, LookupError, TypeError, ValueError) as error:
                self.violations.append(f"{exchange.asked.method} {exchange.asked.target}: {error}")
                return said_json(500, {"error": {"code": "Violation", "message": str(error)[:500]}})
        return exchange.said


def said_json(status: int, value: Anything, headers: Mapping[str, str] | None = None) -> Said:
    """An answer of JSON."""
    body = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    return Said(status=status, headers={"content-type": "application/json; charset=utf-8", **(headers or {})}, body=body)


def said_by(fault: Fault) -> Said:
    """The answer that a fault of kind "status" is."""
    return Said(status=fault.status, headers={"content-type": "application/json", **fault.headers}, body=fault.body)


def _timed_out() -> Said:
    return said_json(504, {"error": {"code": "UnknownError", "message": "The request timed out."}})


def asked_of(method: str, target: str, *, headers: Mapping[str, str], body: bytes, user: str, part: bool = False) -> Asked:
    """The request that a request line, headers and body make."""
    split = urlsplit(target)
    query = dict(parse_qsl(split.query, keep_blank_values=True))
    path = unquote(split.path)
    return Asked(method=method, path=path, query=query, target=target, headers=headers, body=body, user=user, part=part)


class _Server(ThreadingHTTPServer):
    """Knows its open connections, so that none is left behind."""

    daemon_threads = False
    request_queue_size = 128
    emulator: Emulator

    def __init__(self, address: tuple[str, int], listener: type[BaseHTTPRequestHandler]) -> None:
        super().__init__(address, listener)
        self._open: set[socket.socket] = set()
        self._changing = threading.Lock()

    def process_request(self, request: Anything, client_address: Anything) -> None:
        with self._changing:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Anything) -> None:
        with self._changing:
            self._open.discard(request)
        super().shutdown_request(request)

    def close_open(self) -> None:
        with self._changing:
            for each in self._open:
                with suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Anything, client_address: Anything) -> None:
        """A client that hung up is no error of ours; what an emulator stumbles over, a test must hear."""
        del request, client_address
        if not isinstance(error := sys.exception(), ConnectionError):
            self.emulator.violations.append(f"the emulator failed: {error!r}")


class _Listener(BaseHTTPRequestHandler):
    """Turns bytes into requests, and answers into bytes."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True
    server: _Server

    def serve(self) -> None:
        """Answer one request, whatever its method."""
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self._body(headers)
        user = self.server.emulator.user_of(headers.get("authorization", ""))
        said = self.server.emulator.serve(asked_of(self.command, self.path, headers=headers, body=body, user=user))
        if said is None:
            self.close_connection = True
            return
        self.send_response(said.status)
        for name, value in said.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(said.body)))
        self.end_headers()
        self.wfile.write(said.body)
        self.wfile.flush()

    def _body(self, headers: Mapping[str, str]) -> bytes:
        if headers.get("transfer-encoding", "").lower() != "chunked":
            return self.rfile.read(int(headers.get("content-length") or 0))
        body = b""
        while size := int(self.rfile.readline().partition(b";")[0], 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def log_message(self, *said: object, **more: object) -> None:
        """Say nothing: addresses hold personal data."""


for _method in ("GET", "POST", "PATCH", "PUT", "DELETE"):
    setattr(_Listener, f"do_{_method}", _Listener.serve)
