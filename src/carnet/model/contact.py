"""What is a contact, as received (record) and as understood (contact)?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum

from carnet.model.field import EMAIL_KEYS, PHONE_KEYS


class KeyStrength(IntEnum):
    """How far a key of a source record can be trusted to name it again; higher is stronger."""

    CONTENT = 0
    """Digests of what tells people apart (`core.identity.content_marks`): survives edits, and is weighed, never trusted."""
    FINGERPRINT = 1
    """Made of the content: two cards that say the same share it."""
    NODE = 2
    """Store key and node id: good until the mailbox is exported again."""
    SEARCH = 3
    """Search key or UID: survives an export, but copy and paste duplicates it."""
    IMMUTABLE = 4
    """The source's own lasting id."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class SourceKey:
    """One name of a source record within its mailbox."""

    strength: KeyStrength
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    r"""A person or company as understood from one card.

    `values` maps field keys (`carnet.model.field`) to text: blank values are absent, dates are ISO (YYYY-MM-DD, or --MM-DD
    without a year), lines end in \n, e-mails are as written and stripped. `extras` holds what no CRM field takes: prefix,
    file_as, initials, im_address, office_location, profession, yomi_company, photo (hex digest), business_fax2 … ;
    mailing_address (home, business or other) where the card marks one of its postal addresses as that.
    `unresolved` are addresses of type EX for which no SMTP address was found; `more_emails` those past the third.
    """

    values: Mapping[str, str]
    categories: tuple[str, ...] = ()
    extras: Mapping[str, str] = field(default_factory=dict)
    more_emails: tuple[str, ...] = ()
    unresolved: tuple[str, ...] = ()

    def get(self, key: str) -> str:
        """The value of a field, or "" where there is none."""
        return self.values.get(key, "")

    @property
    def emails(self) -> tuple[str, ...]:
        """Every SMTP address, the first one first."""
        return tuple(self.values[key] for key in EMAIL_KEYS if key in self.values) + self.more_emails

    @property
    def phones(self) -> tuple[str, ...]:
        """Every phone number as written, in the order of the field table."""
        return tuple(self.values[key] for key in PHONE_KEYS if key in self.values)


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One card as received.

    `id` is unique within the mailbox and as lasting as the strongest of `keys` (strongest first). `place` tells a person
    where it stood ("line 12", "item 2097796"). The same `version` means the same content.
    """

    id: str
    folder: str
    place: str
    keys: tuple[SourceKey, ...]
    version: str
    contact: Contact
