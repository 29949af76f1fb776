"""How does a contact of the mailbox stand with the CRM?"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from carnet.model.account import Parent

BY_HAND = 20
"""Contacts that Track, Set Parent and Untrack take at once; for more there is the wizard."""


class Tracking(StrEnum):
    """The three states of a contact."""

    NOT_TRACKED = "not_tracked"
    PENDING = "pending"
    """A run will bring it into the CRM, or waits for a decision about it."""
    TRACKED = "tracked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tracked:
    """A contact with its state. `target` is the linked CRM record, `run` the run that a pending one waits in.

    `by_app`: Dynamics 365 App for Outlook tracks it in this organisation, whatever its state here.
    """

    record: str
    name: str
    company: str
    email: str
    state: Tracking
    target: str = ""
    is_account: bool = False
    run: int | None = None
    parent: Parent | None = None
    by_app: bool = False
