"""A process that works off a run and kills itself at a chosen step, as if its machine went down."""

from __future__ import annotations

import itertools
import os
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from carnet.flows.apply import apply
from carnet.ports.crm import CrmCapabilities
from flows.rehearsal import ME, rehearse

STEPS = frozenset({"mark_sent", "save", "settle", "update", "write"})
NOUNS = frozenset({"candidates", "journal", "runs"})


class Deadly:
    """Dies with SIGKILL before the n-th call that writes, or, for a negative n, just after it."""

    def __init__(self, inner: Any, *, names: frozenset[str], steps: Iterator[int], deadly: int) -> None:
        self._inner = inner
        self._names = names
        self._steps = steps
        self._deadly = deadly

    def __getattr__(self, name: str) -> Any:
        real = getattr(self._inner, name)
        if name not in self._names:
            return real

        def call(*arguments: Any, **named: Any) -> Any:
            step = next(self._steps)
            if step == self._deadly:
                os.kill(os.getpid(), signal.SIGKILL)
            answer = real(*arguments, **named)
            if step == -self._deadly:
                os.kill(os.getpid(), signal.SIGKILL)
            return answer

        return call


class SmallChunks(Deadly):
    """A CRM that takes four writes at a time."""

    capabilities = CrmCapabilities(chunk=4)


class DeadlyStore:
    """A store of which some nouns are deadly."""

    def __init__(self, inner: Any, *, steps: Iterator[int], deadly: int) -> None:
        self._inner = inner
        self._steps = steps
        self._deadly = deadly

    def __getattr__(self, name: str) -> Any:
        noun = getattr(self._inner, name)
        return Deadly(noun, names=STEPS, steps=self._steps, deadly=self._deadly) if name in NOUNS else noun


def run(folder: str, number: int, fingerprint: str, *, deadly: int) -> None:
    """Apply that run; where nobody dies (0), the file "steps" says how many there were."""
    carnet = rehearse(Path(folder))
    steps = itertools.count(1)
    crm: Any = SmallChunks(carnet.world.crm, names=frozenset({"apply"}), steps=steps, deadly=deadly)
    store: Any = DeadlyStore(carnet.world.store, steps=steps, deadly=deadly)
    apply(replace(carnet.world, store=store, crm=crm), user=ME.id, number=number, fingerprint=fingerprint)
    (Path(folder) / "steps").write_text(str(next(steps) - 1), encoding="ascii")
