"""Which CRM contact is this card, how sure is that, and why?"""

from __future__ import annotations

from collections.abc import Sequence

from carnet.core.comparing import compare
from carnet.model.contact import Record
from carnet.model.match import Candidate, Confidence, Match, Suggestion

_ORDER = (Confidence.CERTAIN, Confidence.LIKELY, Confidence.DOUBTFUL)
_MOST = 5


def match(record: Record, candidates: Sequence[Candidate], *, link: str | None, region: str) -> Match:
    """The verdict on one card; the same whatever the order of the candidates."""
    if link is not None:
        return Match(record=record.id, confidence=Confidence.LINKED, target=link)
    compared = (_suggestion(record, candidate, region) for candidate in candidates)
    found = [each for each in compared if each.confidence is not Confidence.NONE]
    found.sort(key=_rank)
    certain = [each for each in found if each.confidence is Confidence.CERTAIN]
    active = [each for each in certain if each.candidate.active]
    suggestions = tuple(found[:_MOST])
    if len(active) == 1 or (len(certain) == 1 and not active):
        return Match(
            record=record.id, confidence=Confidence.CERTAIN, target=(active or certain)[0].candidate.id, suggestions=suggestions
        )
    if certain:
        return Match(record=record.id, confidence=Confidence.LIKELY, suggestions=suggestions)
    return Match(record=record.id, confidence=found[0].confidence if found else Confidence.NONE, suggestions=suggestions)


def _rank(suggestion: Suggestion) -> tuple[int, bool, int, str, str]:
    supports = sum(1 if each.supports else -1 for each in suggestion.evidence)
    candidate = suggestion.candidate
    return _ORDER.index(suggestion.confidence), not candidate.active, -supports, candidate.name, candidate.id


def _suggestion(record: Record, candidate: Candidate, region: str) -> Suggestion:
    evidence = compare(record.contact, candidate, region)
    codes = {each.code for each in evidence}
    return Suggestion(candidate=candidate, confidence=_confidence(codes), evidence=evidence)


def _confidence(codes: set[str]) -> Confidence:
    named = bool(codes & {"same_name", "similar_name"})
    if "same_email" in codes:
        return Confidence.LIKELY if "other_name" in codes else Confidence.CERTAIN
    if named and codes & {"shared_email", "same_company", "same_domain", "same_phone"}:
        return Confidence.LIKELY
    if "same_name" in codes or ("same_phone" in codes and "other_name" not in codes):
        return Confidence.DOUBTFUL
    return Confidence.NONE
