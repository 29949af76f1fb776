"""How is the child process asked, and what happens when it dies over an item?

Then what it had not answered is asked again item by item; the item it dies over is answered as {"i", "kind": "lost"}, and a
new child goes on behind it.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, Queue
from typing import IO, Any

from carnet.errors import DamagedFile, Unavailable

Answer = dict[str, Any]

PROGRAM: tuple[str, ...] = (sys.executable, "-P", "-X", "utf8", "-m", "carnet.mailboxes.pst.child")
_AHEAD = 64
_LONGEST_LINE = 1 << 26
_BUFFER = 1 << 20
"""Each piece taken out of a pipe makes its reader wait for whoever is computing meanwhile: few large ones, not many small."""
REPAIR_HINT = (
    "Close Outlook, run its Inbox Repair Tool (scanpst.exe) on the file, or export it again: "
    "File › Open & Export › Import/Export › Export to a file › Outlook Data File (.pst)."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How long to wait for a child, in seconds of the wall clock, and how many items may be lost before the file is given up."""

    start: float = 60
    opening: float = 600
    step: float = 60
    losses: int = 50


class _Lost(Exception):
    """The child died or did not answer in time."""


class _Child:
    """One process, whose lines are lists of answers.

    A thread reads them into a short queue: Windows cannot wait for a pipe with a time limit.
    """

    def __init__(self, program: Sequence[str], path: Path) -> None:
        self._process = subprocess.Popen(
            [*program, str(path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=_BUFFER,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        self._lines: Queue[bytes] = Queue(maxsize=_AHEAD)
        self._stopping = threading.Event()
        self._reader = threading.Thread(target=self._pump, args=(self._process.stdout,), daemon=True)
        self._reader.start()

    def _pump(self, stream: IO[bytes]) -> None:
        while not self._stopping.is_set():
            line = stream.readline(_LONGEST_LINE)
            self._lines.put(line if line.endswith(b"\n") else b"")
            if not line.endswith(b"\n"):
                return

    def say(self, request: Answer) -> None:
        """Send one request; raises _Lost where nobody listens."""
        pipe = self._process.stdin
        try:
            if pipe is not None:
                pipe.write(json.dumps(request).encode() + b"\n")
                pipe.flush()
        except (BrokenPipeError, OSError) as error:
            raise _Lost from error

    def hear(self, seconds: float) -> list[Answer]:
        """The answers of the next line; raises _Lost at the end of the output, for a broken line, and when the time is up."""
        try:
            line = self._lines.get(timeout=seconds)
            answers: list[Answer] = json.loads(line) if line else []
        except (Empty, ValueError) as error:
            raise _Lost from error
        if not answers:
            raise _Lost
        return answers

    def end(self) -> None:
        """Kill it and let go of its pipes."""
        self._stopping.set()
        self._process.kill()
        self._process.wait()
        while self._reader.is_alive():
            while not self._lines.empty():
                self._lines.get_nowait()
            self._reader.join(timeout=0.01)
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                _close(pipe)


def _close(pipe: IO[bytes]) -> None:
    try:
        pipe.close()
    except BrokenPipeError:
        return  # what was still to be sent has no reader any more


class Client:
    """Asks about one file. Every method may raise DamagedFile or Unavailable; calls from several threads wait for each other."""

    def __init__(
        self, path: Path, wanted: Sequence[str], *, limits: Limits | None = None, program: Sequence[str] = PROGRAM
    ) -> None:
        """Remember what to ask; the child is started by the first question."""
        self._path, self._wanted, self._program = path, list(wanted), program
        self._limits = limits or Limits()
        self._child: _Child | None = None
        self._about: Answer = {}
        self._losses = 0
        self._lock = threading.RLock()

    def about(self) -> Answer:
        """The store's own properties: {"properties": …, "ost": bool}."""
        with self._lock:
            self._running()
            return self._about

    def tree(self) -> list[Answer]:
        """Every folder, parents before children: {"node", "parent", "name", "items", "properties"}."""
        with self._lock:
            try:
                return self._ask({"do": "tree"}, self._limits.opening)
            except _Lost as error:
                self.close()
                raise _damaged() from error

    def items(self, folder: int, *, start: int, count: int, read: bool) -> list[Answer]:
        """One answer for each item, in order; an item that a child died over has the kind "lost"."""
        answers: list[Answer] = []
        each = False
        with self._lock:
            while len(answers) < count:
                request = {
                    "do": "items",
                    "folder": folder,
                    "start": start + len(answers),
                    "count": count - len(answers),
                    "read": read,
                    "each": each,
                }
                try:
                    self._ask(request, self._limits.step, into=answers)
                except _Lost as error:
                    self.close()
                    if not each:
                        each = True  # only line by line does one know which item it was
                        continue
                    answers.append({"i": start + len(answers), "kind": "lost"})
                    self._losses += 1
                    if self._losses > self._limits.losses:
                        raise _damaged() from error
        return answers

    def close(self) -> None:
        """End the child, if there is one."""
        with self._lock:
            if self._child is not None:
                self._child.end()
                self._child = None

    def _ask(self, request: Answer, seconds: float, *, into: list[Answer] | None = None) -> list[Answer]:
        answers = [] if into is None else into
        child = self._running()
        child.say(request)
        # The first answer may need the whole folder's table; a later one is a step.
        heard = child.hear(self._limits.opening if not answers else seconds)
        while "end" not in heard[-1]:
            answers += heard
            heard = child.hear(seconds)
        answers += heard[:-1]
        return answers

    def _said(self, child: _Child, request: Answer) -> list[Answer]:
        """All that is said to a short request, its end included."""
        child.say(request)
        answers = child.hear(self._limits.opening)
        while "end" not in answers[-1]:
            answers += child.hear(self._limits.step)
        return answers

    def _running(self) -> _Child:
        """The child with the file open in it."""
        if self._child is not None:
            return self._child
        self._child = child = _Child(self._program, self._path)
        try:
            child.hear(self._limits.start)
        except _Lost as error:
            self.close()
            raise Unavailable(
                "The reader of Outlook data files could not be started.", "Try again; if it goes on, install Carnet again."
            ) from error
        try:
            about, _ = self._said(child, {"do": "open", "wanted": self._wanted})
        except _Lost as error:
            self.close()
            raise _damaged() from error
        if about.get("damaged"):
            self.close()
            raise _damaged()
        self._about = about
        return child


def _damaged() -> DamagedFile:
    return DamagedFile("This Outlook data file is damaged or cut short and cannot be read.", REPAIR_HINT)
