"""Whom do several cards of one selection describe together, and which card stands for that person?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace

from carnet.core.completing import NAME_KEYS, label
from carnet.core.kinship import Pair, Twins
from carnet.core.mapping import fill_blanks
from carnet.core.normalise import company_key, email_key, fold
from carnet.core.withholding import sayable, shown
from carnet.model.account import RecordKind
from carnet.model.choices import Choices, Preset
from carnet.model.contact import Contact, Record
from carnet.model.decision import Option, Question, QuestionKind
from carnet.model.field import EMAIL_KEYS
from carnet.model.group import Group
from carnet.model.match import Candidate, Confidence, Match, Suggestion
from carnet.model.plan import Action, Entry, State

TWIN = "twin"
"""The reason of a card that is linked to what another card of the same person made or found."""
ONE = "one"
DIFFERENT = "different"
_WITH_A_COMPANY = frozenset({"company", "job_title", "department"})
_SURENESS = (Confidence.LIKELY, Confidence.DOUBTFUL, Confidence.NONE)

Apart = AbstractSet[frozenset[str]]


def selected(records: Sequence[Record], groups: Iterable[Group], choices: Choices) -> tuple[Record, ...]:
    """The records that a person left ticked: of a ticked group, and not left out themselves."""
    ticked = {record for group in groups if group.key not in choices.excluded_groups for record in group.records}
    return tuple(record for record in records if record.id in ticked and record.id not in choices.excluded_records)


def told_apart(answers: Mapping[str, str], records: Iterable[str]) -> frozenset[frozenset[str]]:
    """The pairs of those records that an answer says are not the same person."""
    known = set(records)
    different = [key.removeprefix("twins:") for key, value in answers.items() if key.startswith("twins:") and value == DIFFERENT]
    return frozenset(frozenset(pair) for key in different if (pair := split_key(key, known)))


def split_key(key: str, known: AbstractSet[str]) -> tuple[str, str] | None:
    """The two records of a pair's key (without its kind); None where they are not both among those known."""
    places = (place for place, letter in enumerate(key) if letter == "|")
    return next(((key[:at], key[at + 1 :]) for at in places if key[:at] in known and key[at + 1 :] in known), None)


def people(twins: Twins, answers: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Record id → the cards of its person, for those who have several; a person may have joined two who were asked about."""
    apart = {frozenset(pair.records) for pair in twins.likely if answers.get(pair.key) == DIFFERENT}
    person = {record: list(cluster.records) for cluster in twins.clusters for record in cluster.records}
    for pair in twins.likely:
        one, other = pair.records
        left, right = person.setdefault(one, [one]), person.setdefault(other, [other])
        if left is right or answers.get(pair.key) != ONE or _parted(left, right, apart):
            continue
        left += right
        person.update(dict.fromkeys(right, left))
    return {record: tuple(sorted(cards)) for record, cards in person.items() if len(cards) > 1}


def _parted(left: Iterable[str], right: Sequence[str], apart: Apart) -> bool:
    return any(frozenset({one, other}) in apart for one in left for other in right)


def most_complete(cards: Sequence[Record]) -> Record:
    """The card that stands for the person: the one with most fields, of several the first."""
    return max(cards, key=lambda card: sum(bool(value.strip()) for value in card.contact.values.values()))


def gathered(chosen: Record, others: Iterable[Record]) -> Contact:
    """The chosen card with its blanks filled from the others; further e-mails go into free slots.

    A job is taken from another card only beside the same company.
    """
    contact = chosen.contact
    for other in others:
        same = company_key(other.contact.get("company")) == company_key(contact.get("company")) or not contact.get("company")
        wanted = {
            key: value
            for key, value in other.contact.values.items()
            if key not in EMAIL_KEYS and (same or key not in _WITH_A_COMPANY)
        }
        contact = _with_emails(
            replace(contact, values={**contact.values, **fill_blanks(wanted, contact.values)}), other.contact.emails
        )
    return contact


def _with_emails(contact: Contact, addresses: Iterable[str]) -> Contact:
    taken = {email_key(each) or each for each in contact.emails}
    values, more = dict(contact.values), list(contact.more_emails)
    for address in addresses:
        if (email_key(address) or address) in taken:
            continue
        taken.add(email_key(address) or address)
        free = next((slot for slot in EMAIL_KEYS if not values.get(slot)), None)
        if free:
            values[free] = address
        else:
            more.append(address)
    return replace(contact, values=values, more_emails=tuple(more))


def differing(chosen: Record, others: Iterable[Record]) -> dict[str, tuple[str, ...]]:
    """Field → the values that the cards give it, the chosen card's first, where there are several; e-mails are all kept."""
    found: dict[str, dict[str, str]] = {}
    for card in (chosen, *others):
        for key, value in card.contact.values.items():
            if key not in EMAIL_KEYS and key in chosen.contact.values and value.strip():
                found.setdefault(key, {}).setdefault(fold(value), value)
    names = {key for key in NAME_KEYS if "full_name" in found}
    return {key: tuple(values.values()) for key, values in found.items() if len(values) > 1 and key not in names}


def joint_match(chosen: str, matches: Iterable[Match]) -> Match:
    """What the CRM has of the person: a contact that one card surely is, else all that may be it; two sure ones are asked."""
    found = list(matches)
    by_id: dict[str, Suggestion] = {}
    for match in sorted(found, key=lambda each: each.confidence is not Confidence.CERTAIN):
        for each in match.suggestions:
            by_id.setdefault(each.candidate.id, each)
    sure = [each for match in found if match.confidence is Confidence.CERTAIN for each in match.suggestions[:1]]
    targets = {match.target for match in found if match.confidence is Confidence.CERTAIN}
    if len(targets) == 1:
        target = next(iter(targets))
        return Match(record=chosen, confidence=Confidence.CERTAIN, target=target, suggestions=tuple(sure[:1]))
    if targets:
        several = tuple(replace(each, confidence=Confidence.LIKELY) for each in by_id.values())
        return Match(record=chosen, confidence=Confidence.LIKELY, suggestions=several)
    confidence = next((each for each in _SURENESS if any(match.confidence is each for match in found)), Confidence.NONE)
    astray = tuple({each.code: each for match in found for each in match.astray}.values())
    return Match(record=chosen, confidence=confidence, suggestions=tuple(by_id.values()), astray=astray)


def about_twins(pair: Pair, record: Record, *, fields: Preset) -> Question:
    """Are the two cards one person? It holds the record; the other card of the pair is in its suggestion."""
    other = next(each for each in pair.records if each != record.id) if record.id in pair.records else pair.records[0]
    name = label(shown(record.contact, fields))
    evidence = sayable(pair.evidence, record.contact, fields)
    card = Candidate(kind=RecordKind.CONTACT, id=other, name=name)
    return Question(
        key=pair.key,
        kind=QuestionKind.TWINS,
        records=(record.id,),
        options=(Option(value=ONE), Option(value=DIFFERENT), Option(value="skip")),
        about=name,
        suggestions=(Suggestion(candidate=card, confidence=Confidence.LIKELY, evidence=evidence),),
    )


def beside(entry: Entry, chosen: Entry, contact: Contact | None = None) -> Entry:
    """What becomes of another card (`contact`) of a person, from what becomes of the chosen one."""
    if chosen.action is Action.ASK:
        return replace(entry, action=Action.ASK, state=State.HELD, reason=chosen.reason, question=chosen.question)
    if chosen.action is Action.SKIP:
        return replace(entry, action=Action.SKIP, reason=chosen.reason)
    said = {**chosen.agreed, **chosen.values}
    agreed = {key: value for key, value in said.items() if value and contact and contact.get(key) == value}
    sure = Confidence.CERTAIN
    return replace(entry, action=Action.LINK, target=chosen.target, reason=TWIN, confidence=sure, agreed=agreed)


def with_twins(entries: Sequence[Entry], questions: Sequence[Question]) -> tuple[list[Entry], tuple[Question, ...]]:
    """The plan after some of its creations became questions: the other cards of these people wait with them."""
    asked = {entry.target or "": entry for entry in entries if entry.action is Action.ASK and entry.target}
    waiting: dict[str, list[str]] = {}
    after = []
    for entry in entries:
        chosen = asked.get(entry.target or "") if entry.reason == TWIN else None
        after.append(beside(replace(entry, target=None, agreed={}), chosen) if chosen else entry)
        if chosen:
            waiting.setdefault(chosen.question, []).append(entry.record or "")
    grown = (replace(each, records=(*each.records, *waiting.get(each.key, ()))) for each in questions)
    return after, tuple(grown)
