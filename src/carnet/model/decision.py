"""What must a person decide, and what did they decide?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from carnet.model.match import Evidence, Suggestion


class QuestionKind(StrEnum):
    """Why a contact waits for a person."""

    PERSON = "person"
    """One or more likely matches: is it one of these?"""
    INACTIVE = "inactive"
    """The match is inactive in the CRM."""
    ACCOUNT = "account"
    """Several accounts fit the company, or one only without its organisation type."""
    CONFLICT = "conflict"
    """The contact's groups ask for different accounts."""
    TRACKED = "tracked"
    """Microsoft's own app tracks the contact as a record that is not here."""
    COMPANY_CARD = "company_card"
    """The card names a company and no person: add it as an account?"""
    NO_NAME = "no_name"
    """The card has neither a name nor a company."""
    DUPLICATE = "duplicate"
    """A duplicate rule of the CRM, or another run at the same moment, holds it: is it one of these?"""
    TWINS = "twins"
    """Two cards of the source that may be one person."""
    COMPANIES = "companies"
    """The cards of one person name different companies."""
    CHANGED = "changed"
    """The CRM record or the card changed between plan and run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One possible answer: "link:<id>", "create", "skip", "account:<id>", "contact:<id>", "new", "none", "account", "again"."""

    value: str
    label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question, about one or more records. `key` is stable: the same question asked again has the same key.

    `evidence` are reasons for asking that belong to none of the suggestions.
    """

    key: str
    kind: QuestionKind
    records: tuple[str, ...]
    options: tuple[Option, ...]
    about: str = ""
    suggestions: tuple[Suggestion, ...] = ()
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What a person answered: question key → option value."""

    by_question: Mapping[str, str] = field(default_factory=dict)

    def get(self, key: str) -> str | None:
        """The answer to a question, or None while it is open."""
        return self.by_question.get(key)
