"""What does the child process do: answer, in lines of JSON, what the parent asks about one file?

Started as `python -m carnet.mailboxes.pst.child PATH`. The first answer is {"ready": true}. Then one line in, one request:

- {"do": "open", "wanted": [name, …]} → {"properties", "ost"} or {"damaged": true}
- {"do": "tree"} → an answer for each folder: {"node", "parent", "name", "items", "properties"}
- {"do": "items", "folder": node, "start": i, "count": n, "read": bool, "each": bool} → an answer for each item, in
  order: {"i", "kind", …}

Each request is ended by {"end": true}. A line is a list of answers, for a pipe is slow and waking a reader slower; with "each", a
line with its answer is out before the next item is begun, so that the parent knows which one killed us.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable, Iterator
from itertools import chain
from types import ModuleType
from typing import Any

from carnet.mailboxes.pst.items import Answer, Store
from carnet.mailboxes.pst.libpff import DAMAGE

try:
    import resource as _resource
except ImportError:  # Windows: only the parent's clock limits us there
    _limits: ModuleType | None = None
else:
    _limits = _resource

MEMORY = 2 << 30
"""Bytes of address space; a damaged file can ask for far more."""
OPEN_SECONDS, STEP_SECONDS = 300, 30
"""CPU seconds for opening a file, and for a stretch of items."""
_STRETCH = 20
_TOGETHER = 48 * 1024


def limit_memory() -> None:
    """Let this process fail rather than eat the machine, and leave no core file with somebody's contacts in it."""
    if _limits is None:
        return
    for kind, most in ((_limits.RLIMIT_AS, MEMORY), (_limits.RLIMIT_CORE, 0)):
        _, hard = _limits.getrlimit(kind)
        soft = most if hard == _limits.RLIM_INFINITY else min(most, hard)
        try:
            _limits.setrlimit(kind, (soft, hard))
        except (ValueError, OSError):
            continue  # macOS refuses a limit on address space; the parent's clock is left


def limit_cpu(seconds: int) -> None:
    """Allow that many more seconds of CPU."""
    if _limits is not None:
        _, hard = _limits.getrlimit(_limits.RLIMIT_CPU)
        soft = int(time.process_time()) + 1 + seconds
        _limits.setrlimit(_limits.RLIMIT_CPU, (soft if hard == _limits.RLIM_INFINITY else min(soft, hard), hard))


def say(answers: Iterable[Answer], *, each: bool = True) -> None:
    """A line out for each answer, at once with `each`, else some together as a list; the last one is out in any case."""
    waiting: list[str] = []
    size = 0
    for answer in answers:
        waiting.append(json.dumps(answer, ensure_ascii=True, separators=(",", ":")))
        size += len(waiting[-1])
        if each or size > _TOGETHER:
            _send(waiting)
            size = 0
    if waiting:
        _send(waiting)


def _send(answers: list[str]) -> None:
    sys.stdout.write(f"[{','.join(answers)}]\n")
    sys.stdout.flush()
    answers.clear()


class Session:
    """One file, and the answers about it."""

    def __init__(self, path: str) -> None:
        """Remember the file; nothing is opened yet."""
        self._path = path
        self._store: Store | None = None

    def answer(self, request: dict[str, Any]) -> Iterator[Answer]:
        """The lines that answer a request, without the last one."""
        if request["do"] == "open":
            limit_cpu(OPEN_SECONDS)
            yield self._open(frozenset(request["wanted"]))
            return
        if self._store is None:
            raise ValueError("not open")
        limit_cpu(OPEN_SECONDS)
        if request["do"] == "tree":
            yield from self._store.tree()
            return
        for index in range(request["start"], request["start"] + request["count"]):
            yield {"i": index, **self._store.item(request["folder"], index, read=request["read"])}
            if index % _STRETCH == 0:
                limit_cpu(STEP_SECONDS)

    def _open(self, wanted: frozenset[str]) -> Answer:
        try:
            self._store = Store(self._path, wanted)
            return self._store.about()
        except DAMAGE:
            return {"damaged": True}


def main() -> int:
    """Answer until the parent closes the line."""
    limit_memory()
    session = Session(sys.argv[1])
    say([{"ready": True}])
    for line in sys.stdin:
        request = json.loads(line)
        say(chain(session.answer(request), [{"end": True}]), each=request.get("each", False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
