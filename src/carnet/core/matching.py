"""Which CRM contact is this card, how sure is that, and why?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace

from carnet.core.comparing import Card, may_be, understand, weigh
from carnet.core.marking import Mark
from carnet.core.normalise import fold
from carnet.model.account import RecordKind
from carnet.model.contact import Record
from carnet.model.match import Candidate, Confidence, Evidence, Match, Suggestion
from carnet.model.rule import Rule, RuleKind

_BEST_FIRST = (Confidence.LINKED, Confidence.CERTAIN, Confidence.LIKELY, Confidence.DOUBTFUL)
_LOWER = {Confidence.CERTAIN: Confidence.LIKELY, Confidence.LIKELY: Confidence.DOUBTFUL}
_MOST = 5
_FREQUENT = 4
"""So many candidates of one name that the name says little."""
_WEIGHT = {
    "tracked_by_app": 20,
    "same_email": 8,
    "same_name": 6,
    "nickname": 5,
    "same_birthday": 4,
    "same_phone": 4,
    "similar_name": 3,
    "same_company": 2,
    "same_domain": 2,
    "main_phone": 1,
    "shared_email": 1,
    "similar_company": 1,
}
_LIKE_NAMES = {"same_name", "nickname", "similar_name"}
_BESIDE_A_NAME = {"shared_email", "same_company", "same_domain", "same_phone", "same_birthday", "main_phone", "similar_company"}
_BESIDE_A_FREQUENT_NAME = {"same_company", "same_phone", "same_birthday", "same_email"}
_ANOTHERS = {"other_name", "other_given", "other_surname"}


def match(
    record: Record,
    candidates: Sequence[Candidate],
    *,
    link: str | None,
    region: str,
    apart: AbstractSet[str] = frozenset(),
    mark: Mark | None = None,
    crm: str = "",
) -> Match:
    """The verdict on one card; the same whatever the order of the candidates.

    `link` is the CRM contact the card is tied to already, `apart` are those that a person said it is not. A certain match is
    the one that Microsoft's own app tracks the card as (by the `mark` on it, where that is of this `crm`), else the only active
    one with the card's own e-mail and no conflicting name; where the only one is inactive it stays certain, and the planning
    asks.
    """
    once = {each.id: each for each in candidates if each.kind is RecordKind.CONTACT}
    if link is not None:
        tied = (
            Suggestion(candidate=each, confidence=Confidence.LINKED, evidence=()) for each in once.values() if each.id == link
        )
        return Match(record=record.id, confidence=Confidence.LINKED, target=link, suggestions=tuple(tied))
    card = understand(record.contact, region)
    tracked = once.get(mark.id) if mark and mark.is_of(crm) and mark.id not in apart else None
    others = [each for each in once.values() if each.id not in apart and each is not tracked and may_be(card, each)]
    found = _only_one_certain(_frequent_names_count_less([_suggestion(card, each) for each in others]))
    found = _beside_the_tracked(found, card, tracked) if tracked else found
    found.sort(key=_rank)
    confidence = found[0].confidence if found else Confidence.NONE
    target = found[0].candidate.id if confidence is Confidence.CERTAIN else None
    astray = (mark.astray(crm),) if mark and not tracked and mark.id not in apart else ()
    return Match(record=record.id, confidence=confidence, target=target, suggestions=tuple(found[:_MOST]), astray=astray)


def not_the_same(rules: Iterable[Rule]) -> Mapping[str, AbstractSet[str]]:
    """Content key of a card → the CRM contacts that a person said it is not (`RuleKind.NOT_SAME`)."""
    apart: defaultdict[str, set[str]] = defaultdict(set)
    for rule in rules:
        if rule.kind is RuleKind.NOT_SAME:
            sides = [member.partition(":") for member in rule.members]
            contacts = {name for side, _, name in sides if side == "contact"}
            for side, _, name in sides:
                if side == "card":
                    apart[name] |= contacts
    return dict(apart)


def _suggestion(card: Card, candidate: Candidate) -> Suggestion:
    evidence = weigh(card, candidate)
    confidence = _confidence({each.code for each in evidence}, personal=card.personal)
    return Suggestion(candidate=candidate, confidence=confidence, evidence=evidence)


def _beside_the_tracked(found: list[Suggestion], card: Card, tracked: Candidate) -> list[Suggestion]:
    """The contact that the card is tracked as is certain, whatever it says; no other one is."""
    reasons = (Evidence(code="tracked_by_app"), *weigh(card, tracked))
    others = [replace(each, confidence=_LOWER.get(each.confidence, each.confidence)) for each in found if _is_sure(each)]
    return [
        Suggestion(candidate=tracked, confidence=Confidence.CERTAIN, evidence=reasons),
        *others,
        *(each for each in found if not _is_sure(each)),
    ]


def _is_sure(suggestion: Suggestion) -> bool:
    return suggestion.confidence is Confidence.CERTAIN


def _confidence(codes: set[str], *, personal: bool) -> Confidence:
    """How sure one candidate is by itself; a company's card is nobody for certain, another birthday makes all less sure."""
    found = _by_address(codes, personal=personal) if "same_email" in codes else _by_name(codes)
    return _LOWER.get(found, Confidence.NONE) if "other_birthday" in codes else found


def _by_address(codes: set[str], *, personal: bool) -> Confidence:
    return Confidence.CERTAIN if personal and codes.isdisjoint(_ANOTHERS) else Confidence.LIKELY


def _by_name(codes: set[str]) -> Confidence:
    if not codes.isdisjoint(_LIKE_NAMES):
        if not codes.isdisjoint(_BESIDE_A_NAME):
            return Confidence.LIKELY
        return Confidence.NONE if "similar_name" in codes else Confidence.DOUBTFUL
    if "other_surname" in codes and "same_phone" in codes:
        return Confidence.LIKELY
    if "other_given" in codes and not codes.isdisjoint({"same_phone", "shared_email"}):
        return Confidence.DOUBTFUL
    reached = codes & {"same_phone", "shared_email"} and codes.isdisjoint(_ANOTHERS)
    return Confidence.DOUBTFUL if reached else Confidence.NONE


def _frequent_names_count_less(found: list[Suggestion]) -> list[Suggestion]:
    """Those that are anybody at all; beside several of its name, one needs more than a domain or a shared address."""
    named = sum(any(each.code == "same_name" for each in one.evidence) for one in found)
    if named >= _FREQUENT:
        reason = Evidence(code="frequent_name", supports=False, values={"count": str(named)})
        found = [_less_sure(one, reason) for one in found]
    return [one for one in found if one.confidence is not Confidence.NONE]


def _less_sure(one: Suggestion, reason: Evidence) -> Suggestion:
    codes = {each.code for each in one.evidence}
    if codes.isdisjoint(_LIKE_NAMES) or not codes.isdisjoint(_BESIDE_A_FREQUENT_NAME):
        return one
    confidence = _LOWER.get(one.confidence, one.confidence)
    return replace(one, confidence=confidence, evidence=(*one.evidence, reason))


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
