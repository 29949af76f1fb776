"""Where is a person in the wizard, before anything is written?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from carnet.model.choices import Choices


class Step(StrEnum):
    """The wizard's pages."""

    WELCOME = "welcome"
    READING = "reading"
    FOLDERS = "folders"
    GROUPS = "groups"
    REVIEW = "review"


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A wizard page row. Cancelling deletes it, its reading and its upload, and nothing is left (W22)."""

    id: str
    user: str
    step: Step = Step.WELCOME
    source: str = ""
    name: str = ""
    upload: bool = False
    reading: str = ""
    run: int | None = None
    advanced: bool = False
    choices: Choices = field(default_factory=Choices)
    answers: Mapping[str, str] = field(default_factory=dict)
    columns: Mapping[str, str] = field(default_factory=dict)
    consents: frozenset[str] = frozenset()
    error: str = ""
    created_at: datetime | None = None
