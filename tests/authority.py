"""An authority on loopback, over TLS, that gives every application a token and remembers what was sent to it."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from certificates import LOCALHOST, certified


class Authority(ThreadingHTTPServer):
    """Gives everybody a token, unless it refuses, and remembers the forms that were sent."""

    daemon_threads = True

    def __init__(self, key: Path, certificate: Path) -> None:
        super().__init__((LOCALHOST, 0), _Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        self.socket = context.wrap_socket(self.socket, server_side=True)
        self.forms: list[dict[str, str]] = []
        self.refuses = ""

    @property
    def issuer(self) -> str:
        return f"https://{LOCALHOST}:{self.server_port}/contoso"


class _Handler(BaseHTTPRequestHandler):
    server: Authority

    def do_GET(self) -> None:
        issuer = self.server.issuer
        self._say({"issuer": issuer, "authorization_endpoint": f"{issuer}/auth", "token_endpoint": f"{issuer}/token"})

    def do_POST(self) -> None:
        form = parse_qs(self.rfile.read(int(self.headers["content-length"])).decode())
        self.server.forms.append({name: values[0] for name, values in form.items()})
        if self.server.refuses:
            self._say({"error": self.server.refuses}, status=401)
            return
        self._say({"access_token": f"token {len(self.server.forms)}", "token_type": "Bearer", "expires_in": 3600})

    def _say(self, said: object, *, status: int = 200) -> None:
        body = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def authority(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Authority]:
    """It, trusted for as long as it runs."""
    key, certificate, above = certified(folder)
    monkeypatch.setenv("SSL_CERT_FILE", str(above))
    with Authority(key, certificate) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()
