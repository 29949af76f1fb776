"""What is a group of contacts reviewed together, and how much of it has the CRM?"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Mode(StrEnum):
    """The three ways to group (W07)."""

    COMPANY = "company"
    DOMAIN = "domain"
    CATEGORY = "category"


class Colour(StrEnum):
    """The legend of the Number of Contacts column."""

    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """How much of a group the CRM has: `linked`, `known` and `possible` are disjoint counts of its `total` contacts."""

    total: int
    linked: int = 0
    known: int = 0
    possible: int = 0

    @property
    def present(self) -> int:
        """Contacts the CRM surely has: linked and known ones."""
        return self.linked + self.known

    @property
    def colour(self) -> Colour:
        """Most specific first: all green, over half yellow, at least one red (W16–W20)."""
        if not self.present:
            return Colour.NONE
        if self.present == self.total:
            return Colour.GREEN
        return Colour.YELLOW if 2 * self.present > self.total else Colour.RED


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Contacts that share a company, a domain or a category.

    `key` is stable ("account:<id>", "company:<name>", "domain:contoso.com", "category:<name>", "none"); `title` is shown,
    "" for the group without a value; `account` is the CRM account the company resolves to; `hosts` the e-mail hosts behind a
    domain; `personal` marks a free-mail provider; `spellings` are how cards spell a company that a person has joined.
    """

    key: str
    title: str
    records: tuple[str, ...]
    coverage: Coverage
    account: str | None = None
    hosts: tuple[str, ...] = ()
    personal: bool = False
    spellings: tuple[str, ...] = ()


NONE_KEY = "none"
