"""Which account does a company name mean?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from carnet.core.blocking import company_keys
from carnet.core.normalise import company_key
from carnet.model.match import Candidate


class ResolutionKind(StrEnum):
    """How a company name meets the CRM's accounts."""

    FOUND = "found"
    SEVERAL = "several"
    LOOSE = "loose"
    """Equal only without the organisation type, or inactive."""
    MISSING = "missing"
    BLANK = "blank"


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution:
    """What a company name resolves to; `accounts` are the ones found, by name."""

    kind: ResolutionKind
    accounts: tuple[Candidate, ...] = ()


def resolve(company: str, by_key: Mapping[str, Sequence[Candidate]]) -> Resolution:
    """One active account of exactly that name is found; several, or one that is nearly so, are for a person to choose."""
    if not company_key(company):
        return Resolution(kind=ResolutionKind.BLANK)
    exact_key, loose_key = company_keys(company)
    exact = _ordered(by_key.get(exact_key, ()))
    active = tuple(each for each in exact if each.active)
    if len(active) == 1:
        return Resolution(kind=ResolutionKind.FOUND, accounts=active)
    if active:
        return Resolution(kind=ResolutionKind.SEVERAL, accounts=active)
    loose = _ordered((*exact, *by_key.get(loose_key, ())))
    return Resolution(kind=ResolutionKind.LOOSE if loose else ResolutionKind.MISSING, accounts=loose)


def _ordered(accounts: Sequence[Candidate]) -> tuple[Candidate, ...]:
    return tuple(sorted({each.id: each for each in accounts}.values(), key=lambda each: (each.name, each.id)))
