"""A real server in a process of its own, for tests with a real browser: it can be killed and started again."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

_PROGRAM = """
import sys
from pathlib import Path
from carnet.bootstrap import build
from carnet.settings import Settings
from carnet.web.app import serve

app = build(Settings(home=Path(sys.argv[1])))
serve(app, port=int(sys.argv[2]), open_browser=False)
app.close()
"""


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@dataclass
class Server:
    """Carnet on a port of its own over a home."""

    home: Path
    port: int = field(default_factory=free_port)
    program: str = _PROGRAM
    more: Sequence[str] = ()
    """What the program is told beside home and port."""
    address: str = ""
    process: subprocess.Popen[str] | None = None

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> Self:
        self.process = subprocess.Popen(
            [sys.executable, "-c", self.program, str(self.home), str(self.port), *self.more], stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        self.address = self.process.stdout.readline().strip()
        assert self.address.startswith(self.base), "the server did not start"
        return self

    def kill(self) -> None:
        """End it as kill -9 does: at once, wherever it is."""
        self._end(kill=True)

    def stop(self) -> None:
        self._end(kill=False)

    def _end(self, *, kill: bool) -> None:
        if self.process is None:
            return
        if kill:
            self.process.kill()
        else:
            self.process.terminate()
        self.process.wait(timeout=30)
        assert self.process.stdout is not None
        self.process.stdout.close()
        self.process = None
