"""What came of one request, or of one part of a batch, and what does it say of trouble?"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from carnet.transport.calls import Answer

Body = Mapping[str, Any]
_FAILED = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An answer in OData's words: the names of `headers` are in lower case, `body` is empty where it is no JSON object."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Body = field(default_factory=dict)

    @classmethod
    def of(cls, answer: Answer) -> Self:
        """The reply that an answer by itself is."""
        return cls(status=answer.status, headers=answer.headers, body=object_in(answer.body))

    @property
    def is_success(self) -> bool:
        """Whether it was done."""
        return self.status < _FAILED

    @property
    def code(self) -> str:
        """The service's word for what went wrong, "" where it has none."""
        return self.error("code")

    @property
    def message(self) -> str:
        """The service's words for what went wrong."""
        return self.error("message")

    def error(self, name: str) -> str:
        """What the error says under that name, "" where there is none."""
        found = self.body.get("error")
        return str(found.get(name, "")) if isinstance(found, Mapping) else ""


def object_in(body: bytes) -> Body:
    """An object as JSON; empty for anything else."""
    try:
        found = json.loads(body) if body.strip() else {}
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
