"""What did a person decide that holds for the next run as well?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class RuleKind(StrEnum):
    """What a rule says of its members."""

    VARIANTS = "variants"
    """These spellings are one company, called `name`."""
    APART = "apart"
    """These spellings are not one company, however alike."""
    NOT_SAME = "not_same"
    """This card is not that card, or not that CRM contact."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """An answer that is remembered until a person drops it.

    `members` are company keys (`core.normalise.company_key`) for VARIANTS and APART, and two of "card:<content key>"
    (`core.identity.content_key`) or "contact:<CRM id>" for NOT_SAME. `labels` gives each member as a person knows it. `name`
    is what a company with variants is called; `account` the CRM account it was named after, "" for none.
    """

    id: str
    kind: RuleKind
    members: tuple[str, ...]
    name: str = ""
    account: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    made_at: datetime | None = None
