"""What is asked of a server, and what does it answer?"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Json = Any
"""Whatever a server says as JSON; adapters check it at their door."""

_SUCCESS = range(200, 300)

TokenSource = Callable[[], str]
"""Gives the bearer token to send now; "" sends none. Raises NotSignedIn where a person must sign in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One request of a batch; `url` is relative to the service."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Json | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request.

    `url` is absolute, or relative to the client's base. `repeatable`: it may be sent again when nobody knows whether the
    server acted (a time-out, a broken connection, a 5xx). `slots` are the requests in flight it counts for in the gate, `units`
    what it costs in the quota (the parts of a batch).
    """

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    repeatable: bool = True
    slots: int = 1
    units: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the server answered; the names of `headers` are in lower case."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def is_success(self) -> bool:
        """Whether the status is 2xx."""
        return self.status in _SUCCESS

    def json(self) -> Json:
        """The body as JSON; ValueError where it is none."""
        return json.loads(self.body)
