"""When does the CRM take two records for one?"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from carnet.model.account import RecordKind

MOST_PUBLISHED = 5
"""How many rules may be published for one kind of record."""
ANY_EMAIL = "email"
"""A condition's field that stands for each of a record's e-mail addresses."""


class Sameness(StrEnum):
    """How much of two values must be the same."""

    WHOLE = "whole"
    FIRST = "first"
    """The first `length` characters."""
    LAST = "last"
    """The last `length` characters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One field that must agree: a field key, or ANY_EMAIL. `length` counts characters, for FIRST and LAST."""

    field: str
    sameness: Sameness = Sameness.WHOLE
    length: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class DuplicateRule:
    """A new record of kind `base` is a duplicate of a record of kind `matching` with which all conditions hold.

    With `ignore_blanks` a blank value agrees with none; a rule with a single condition always ignores blanks. Two records
    that are blank in every field never agree. Only a published rule holds anything.
    """

    id: str
    name: str
    conditions: tuple[Condition, ...]
    base: RecordKind = RecordKind.CONTACT
    matching: RecordKind = RecordKind.CONTACT
    exclude_inactive: bool = True
    case_sensitive: bool = False
    ignore_blanks: bool = True
    published: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Detection:
    """Whether the CRM looks for duplicates at all, and its rules, by name. Without a published rule it finds none."""

    on: bool
    rules: tuple[DuplicateRule, ...] = ()

    def published(self, kind: RecordKind) -> tuple[DuplicateRule, ...]:
        """The rules that hold a new record of that kind: none while detection is off."""
        return tuple(rule for rule in self.rules if self.on and rule.published and rule.base is kind)


def default_rules() -> tuple[DuplicateRule, ...]:
    """The rules that a new CRM has; the first is published. Names are English msgids."""
    account = RecordKind.ACCOUNT
    return (
        DuplicateRule(
            id="contact-email",
            name="Contacts with the same e-mail address",
            conditions=(Condition(field=ANY_EMAIL),),
            published=True,
        ),
        DuplicateRule(
            id="contact-name",
            name="Contacts with the same first and last name",
            conditions=(Condition(field="given_name"), Condition(field="surname")),
        ),
        DuplicateRule(
            id="contact-mobile", name="Contacts with the same mobile phone", conditions=(Condition(field="mobile_phone"),)
        ),
        DuplicateRule(
            id="account-name",
            name="Accounts with the same name",
            conditions=(Condition(field="name"),),
            base=account,
            matching=account,
        ),
        DuplicateRule(
            id="account-website",
            name="Accounts with the same website",
            conditions=(Condition(field="website"),),
            base=account,
            matching=account,
        ),
    )
