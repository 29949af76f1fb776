"""What is a message, meeting, task or call, and who took part in it?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from carnet.model.account import Parent
from carnet.model.change import Outcome


class ActivityKind(StrEnum):
    """The kinds of activity that a CRM keeps."""

    EMAIL = "email"
    APPOINTMENT = "appointment"
    TASK = "task"
    PHONE_CALL = "phonecall"


class Role(StrEnum):
    """How somebody takes part in an activity."""

    SENDER = "sender"
    TO = "to"
    CC = "cc"
    BCC = "bcc"
    REQUIRED = "required"
    OPTIONAL = "optional"
    ORGANISER = "organiser"


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """Somebody who takes part: a record of the CRM, or an address alone where the CRM has nobody of that address."""

    role: Role
    record: Parent | None = None
    address: str = ""

    def __post_init__(self) -> None:
        """Raise ValueError for nobody."""
        if self.record is None and not self.address:
            raise ValueError("a party is a record or has an address")


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """One activity under an id of ours, so that recording it twice makes one.

    `regarding` is what it is about. `outgoing` tells who wrote or called. A `completed` one can no longer be changed.
    """

    id: str
    kind: ActivityKind
    subject: str
    description: str = ""
    begins: datetime | None = None
    ends: datetime | None = None
    parties: tuple[Party, ...] = ()
    regarding: Parent | None = None
    outgoing: bool = False
    completed: bool = False
    run: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityReceipt:
    """What came of recording an activity: done, already there, or failed, with a code and a msgid."""

    id: str
    outcome: Outcome
    code: str = ""
    message: str = ""
