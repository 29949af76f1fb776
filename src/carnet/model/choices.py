"""What did the person choose on the wizard's pages?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from carnet.model.account import Parent
from carnet.model.group import Mode


class AccountSetting(StrEnum):
    """The three choices of Set Account (W30)."""

    NOT_SET = "none"
    COMPANY = "company"
    PICKED = "picked"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountChoice:
    """What Set Account says for a group, a contact or a missing company; `parent` is set for PICKED only."""

    setting: AccountSetting
    parent: Parent | None = None


class MissingAccounts(StrEnum):
    """What becomes of a company that the CRM has no account for."""

    WITHOUT = "without"
    CREATE = "create"


class Preset(StrEnum):
    """Which fields leave the mailbox for the CRM."""

    ALL = "all"
    PROFESSIONAL = "professional"
    """Without family, home, birthday, anniversary, government id and notes (`model.field.Privacy`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """Everything the wizard's pages hold; the defaults are the page as it opens (W15, W24, W26).

    `folders` None means every offered folder. What is ticked is kept as what is not: a group that appears later starts
    ticked. `account_by_company` answers for one missing company (normalised name): PICKED, NOT_SET, or COMPANY = create it.
    `edits` are values typed in the review for one record. `by_hand` names the reading in which the contacts were selected one
    by one (Track, Set Parent): their accounts are set whatever account they had, and linked ones keep their communications.
    `new_account` is the company that they all go under, instead of those that their cards name. `withheld` is nobody's choice:
    the fields that the administrator's directions keep from the CRM; nor is `mailing`: the rows whose address may be Address 1.
    """

    mode: Mode = Mode.COMPANY
    folders: frozenset[str] | None = None
    excluded_groups: frozenset[str] = frozenset()
    excluded_records: frozenset[str] = frozenset()
    company_account: bool = True
    missing_accounts: MissingAccounts = MissingAccounts.WITHOUT
    account_by_group: Mapping[str, AccountChoice] = field(default_factory=dict)
    account_by_record: Mapping[str, AccountChoice] = field(default_factory=dict)
    account_by_company: Mapping[str, AccountChoice] = field(default_factory=dict)
    communications: bool = False
    no_communications: frozenset[str] = frozenset()
    include_linked: bool = False
    edits: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    fields: Preset = Preset.ALL
    only_new: bool = False
    by_hand: str = ""
    new_account: str = ""
    withheld: frozenset[str] = frozenset()
    mailing: frozenset[str] = frozenset()
