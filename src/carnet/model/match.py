"""Which CRM record is this contact, how sure is that, and why?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from carnet.model.account import RecordKind


class Confidence(StrEnum):
    """How sure a match is; `linked` is not a guess but a tie made before."""

    LINKED = "linked"
    CERTAIN = "certain"
    LIKELY = "likely"
    DOUBTFUL = "doubtful"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One reason for or against a match; `code` is put in words by the doors, with `values` in its placeholders."""

    code: str
    supports: bool = True
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A CRM record worth comparing, as the candidate index holds it: slim columns only.

    `emails` are folded, `phones` as `core.normalise.phone_numbers` gives them, `company` is the parent's name. `version` is
    that of the CRM record.
    """

    kind: RecordKind
    id: str
    name: str
    given_name: str = ""
    surname: str = ""
    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    birthday: str = ""
    company: str = ""
    parent: str = ""
    owner: str = ""
    active: bool = True
    version: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """One candidate with its confidence and evidence, the strongest evidence first."""

    candidate: Candidate
    confidence: Confidence
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """The verdict on one contact. `suggestions` are the candidates behind it, best first; none for `none`.

    `target` is the CRM record for `linked` and `certain`, else None. `astray` says that another app tracks the contact as a
    record that is not here, and why.
    """

    record: str
    confidence: Confidence
    target: str | None = None
    suggestions: tuple[Suggestion, ...] = ()
    astray: tuple[Evidence, ...] = ()
