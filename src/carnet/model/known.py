"""What is remembered of a mailbox between two runs?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from carnet.model.choices import Choices


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownMailbox:
    """A mailbox as a person knows it, whatever file it comes in.

    `seen_at` is when a run last worked off what it held, `choices` what was chosen then, and `left_out` the paths of the folders
    that were not ticked.
    """

    key: str
    label: str
    kind: str
    seen_at: datetime | None = None
    choices: Choices = field(default_factory=Choices)
    left_out: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenRecord:
    """A card as it was last worked off: its id, its version, and digests of its folder and of what tells it apart."""

    record: str
    folder: str
    version: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Since:
    """What has become of a mailbox since it was last worked off: record ids.

    `gone` holds ids of that time; `formerly` maps ids to those of that time, where they are others.
    """

    new: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    formerly: Mapping[str, str] = field(default_factory=dict)
