"""A Carnet that dies before or after a chosen step, as a process that is killed does, and is opened again over the same file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import wraps
from typing import Any

from carnet.mailboxes.graph import GraphMailbox
from carnet.ports.world import World

NOUNS = ("candidates", "connections", "journal", "kept", "links", "mailboxes", "readings", "runs")
STEPS = frozenset(
    {
        *("add", "apply", "belong", "change", "changes", "confirm", "copy", "delete", "drop", "finish", "folders", "follow"),
        *("get", "identity", "keep", "mark_sent", "pair", "put", "read", "remember", "save", "settle", "snapshot", "start"),
        *("update", "write"),
    }
)
"""What writes to the store or the CRM, or asks a server."""


class Killed(BaseException):
    """The process is gone: nothing that it would have done next happens. No `except Exception` comes in its way."""


class Countdown:
    """Dies at the n-th step, or never (0); a positive number before the step, a negative one after it."""

    def __init__(self, deadly: int = 0) -> None:
        self.deadly = deadly
        self.steps = 0

    def call(self, step: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        self.steps += 1
        if self.steps == self.deadly:
            raise Killed
        answer = step(*arguments, **named)
        if self.steps == -self.deadly:
            raise Killed
        return answer


class Mortal:
    """An object whose steps count; what it yields page by page counts page by page."""

    def __init__(self, inner: Any, countdown: Countdown) -> None:
        self._inner = inner
        self._countdown = countdown

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        if name not in STEPS or not callable(found):
            return found

        @wraps(found)
        def step(*arguments: Any, **named: Any) -> Any:
            answer = self._countdown.call(found, *arguments, **named)
            return self._pages(answer) if name in {"read", "snapshot"} else answer

        return step

    def _pages(self, pages: Iterator[Any]) -> Iterator[Any]:
        for page in pages:
            yield self._countdown.call(lambda page=page: page)


class MortalStore:
    """A store whose nouns are mortal."""

    def __init__(self, inner: Any, countdown: Countdown) -> None:
        for noun in NOUNS:
            setattr(self, noun, Mortal(getattr(inner, noun), countdown))
        self._inner = inner

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


def mortal(world: World, countdown: Countdown) -> World:
    """The same world, which dies when the countdown says so."""
    crm: Any = Mortal(world.crm, countdown)
    store: Any = MortalStore(world.store, countdown)
    return replace(world, store=store, crm=crm)


def mortal_mailbox(mailbox: GraphMailbox, countdown: Countdown) -> GraphMailbox:
    """The same mailbox, which dies too: in its place, so that it stays what it is."""
    for name in ("changes", "folders", "identity", "read"):
        setattr(mailbox, name, getattr(Mortal(mailbox, countdown), name))
    return mailbox
