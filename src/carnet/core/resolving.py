"""Which account of the CRM does a company's name mean?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from carnet.core.blocking import company_keys
from carnet.core.normalise import company_key, fold
from carnet.model.account import RecordKind
from carnet.model.match import Candidate


class ResolutionKind(StrEnum):
    """What the CRM says to a company's name."""

    FOUND = "found"
    """Exactly one active account has that name: it is used."""
    SEVERAL = "several"
    """Several active accounts have that name: a question."""
    LOOSE = "loose"
    """Accounts fit only without the organisation type, or are inactive: a question."""
    MISSING = "missing"
    BLANK = "blank"


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution:
    """The verdict on one company's name, with the accounts behind it, by name."""

    kind: ResolutionKind
    accounts: tuple[Candidate, ...] = ()


def resolve(company: str, by_key: Mapping[str, Sequence[Candidate]]) -> Resolution:
    """Decide by name alone; `by_key` maps the blocking keys of `company_keys` to account candidates."""
    if not company_key(company):
        return Resolution(kind=ResolutionKind.BLANK)
    equal_key, loose_key = company_keys(company)
    equal = [each for each in by_key.get(equal_key, ()) if company_key(each.name) == company_key(company)]
    loose = [*equal, *by_key.get(loose_key, ())]
    same = _accounts(each for each in equal if each.active)
    if same:
        return Resolution(kind=ResolutionKind.FOUND if len(same) == 1 else ResolutionKind.SEVERAL, accounts=same)
    near = _accounts(each for each in loose if each.active) or _accounts(loose)
    return Resolution(kind=ResolutionKind.LOOSE, accounts=near) if near else Resolution(kind=ResolutionKind.MISSING)


def _accounts(candidates: Iterable[Candidate]) -> tuple[Candidate, ...]:
    """Each account once, in an order that does not hang on the index."""
    once = {each.id: each for each in candidates if each.kind is RecordKind.ACCOUNT}
    return tuple(sorted(once.values(), key=lambda each: (fold(each.name), each.name, each.id)))
