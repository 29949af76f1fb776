"""What could be mended in the mailbox before its contacts are added?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class FindingKind(StrEnum):
    """What is wrong, in the order in which it is shown."""

    NO_NAME = "no_name"
    """Neither a name nor a company."""
    UNREACHABLE = "unreachable"
    """Neither an e-mail address nor a phone number; a fax reaches nobody."""
    TWINS = "twins"
    """One person on several cards."""
    EMAIL_AS_NAME = "email_as_name"
    """An e-mail address in a field for a name."""
    NO_ACCOUNT = "no_account"
    """The CRM has no account of the company's name."""
    VARIANTS = "variants"
    """One company in several spellings."""
    DOUBLED_PHONE = "doubled_phone"
    """A number that stands twice on the card or in its field, or a field with two numbers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing about one card. `fields` are the values that show it.

    Cards that share it (one person, one company) have the same `about`, its name, and the same `first`, the first of their
    records; else both are "".
    """

    kind: FindingKind
    record: str
    title: str
    place: str
    fields: Mapping[str, str] = field(default_factory=dict)
    about: str = ""
    first: str = ""
