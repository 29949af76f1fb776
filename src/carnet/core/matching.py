"""Which CRM contact is this card, how sure is that, and why?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from carnet.core.comparing import compare
from carnet.core.completing import Nature, complete
from carnet.core.normalise import fold
from carnet.model.account import RecordKind
from carnet.model.contact import Record
from carnet.model.match import Candidate, Confidence, Match, Suggestion

_BEST_FIRST = (Confidence.LINKED, Confidence.CERTAIN, Confidence.LIKELY, Confidence.DOUBTFUL)
_MOST = 5
_WEIGHT = {
    "same_email": 8,
    "same_name": 6,
    "same_phone": 4,
    "similar_name": 3,
    "same_company": 2,
    "same_domain": 2,
    "shared_email": 1,
}
_BESIDE_A_NAME = {"shared_email", "same_company", "same_domain", "same_phone"}


def match(record: Record, candidates: Sequence[Candidate], *, link: str | None, region: str) -> Match:
    """The verdict on one card; the same whatever the order of the candidates.

    `link` is the CRM contact the card is tied to already. A certain match is the only active one with the card's own e-mail
    and no conflicting name; where the only one is inactive it stays certain, and the planning asks.
    """
    once = {each.id: each for each in candidates if each.kind is RecordKind.CONTACT}
    if link is not None:
        tied = (
            Suggestion(candidate=each, confidence=Confidence.LINKED, evidence=()) for each in once.values() if each.id == link
        )
        return Match(record=record.id, confidence=Confidence.LINKED, target=link, suggestions=tuple(tied))
    personal = complete(record.contact).nature is not Nature.COMPANY
    compared = (_suggestion(record, each, region=region, personal=personal) for each in once.values())
    found = _only_one_certain([each for each in compared if each.confidence is not Confidence.NONE])
    found.sort(key=_rank)
    confidence = found[0].confidence if found else Confidence.NONE
    target = found[0].candidate.id if confidence is Confidence.CERTAIN else None
    return Match(record=record.id, confidence=confidence, target=target, suggestions=tuple(found[:_MOST]))


def _suggestion(record: Record, candidate: Candidate, *, region: str, personal: bool) -> Suggestion:
    evidence = compare(record.contact, candidate, region)
    confidence = _confidence({each.code for each in evidence}, personal=personal)
    return Suggestion(candidate=candidate, confidence=confidence, evidence=evidence)


def _confidence(codes: set[str], *, personal: bool) -> Confidence:
    """How sure one candidate is by itself; a company's card is nobody for certain."""
    if "same_email" in codes:
        return Confidence.CERTAIN if personal and "other_name" not in codes else Confidence.LIKELY
    if codes & {"same_name", "similar_name"} and codes & _BESIDE_A_NAME:
        return Confidence.LIKELY
    if "same_name" in codes or (codes & {"same_phone", "shared_email"} and "other_name" not in codes):
        return Confidence.DOUBTFUL
    return Confidence.NONE


def _only_one_certain(found: list[Suggestion]) -> list[Suggestion]:
    """Several certain ones are a question: each is likely. An inactive one counts only where no active one is certain."""
    certain = [each for each in found if each.confidence is Confidence.CERTAIN]
    first = [each for each in certain if each.candidate.active] or certain
    sure = first[0].candidate.id if len(first) == 1 else None
    return [
        replace(each, confidence=Confidence.LIKELY) if each in certain and each.candidate.id != sure else each for each in found
    ]


def _rank(suggestion: Suggestion) -> tuple[int, bool, int, str, str]:
    candidate = suggestion.candidate
    weight = sum(_WEIGHT.get(each.code, 0) for each in suggestion.evidence)
    return _BEST_FIRST.index(suggestion.confidence), not candidate.active, -weight, fold(candidate.name), candidate.id
