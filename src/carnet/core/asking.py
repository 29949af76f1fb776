"""Which questions hold a card until a person answers, and which answers are possible?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from carnet.core.normalise import fold
from carnet.model.decision import Option, Question, QuestionKind
from carnet.model.match import Candidate, Match
from carnet.model.plan import Entry

SKIP = Option(value="skip")
CREATE = Option(value="create")


def about_name(entry: Entry) -> Question:
    """The card has neither a name nor a company: give it a name (an edit) or leave it."""
    return Question(key=f"no_name:{entry.record}", kind=QuestionKind.NO_NAME, records=_records(entry), options=(SKIP,))


def about_company_card(entry: Entry, title: str, known: tuple[Candidate, ...]) -> Question:
    """The card names a company and no person: an account that is there, a new one, a contact all the same, or nothing."""
    accounts = each_as("link", known)
    return Question(
        key=company_card_key(entry),
        kind=QuestionKind.COMPANY_CARD,
        records=_records(entry),
        options=(*(accounts or (Option(value="account", label=title),)), CREATE, SKIP),
        about=title,
    )


def company_card_key(entry: Entry) -> str:
    """The key of the question about a company card."""
    return f"{QuestionKind.COMPANY_CARD}:{entry.record}"


def about_person(entry: Entry, match: Match, kind: QuestionKind) -> Question:
    """Is it one of these? PERSON where the matches are likely, INACTIVE where the certain one is inactive.

    TRACKED where another app tracks the contact as a record that is not here.
    """
    options = each_as("link", (each.candidate for each in match.suggestions))
    return Question(
        key=f"{kind}:{entry.record}",
        kind=kind,
        records=_records(entry),
        options=(*options, CREATE, SKIP),
        about=entry.label,
        suggestions=match.suggestions,
        evidence=match.astray,
    )


def each_as(verb: str, candidates: Iterable[Candidate]) -> tuple[Option, ...]:
    """An answer for each candidate, by its name; those of one name with what tells them apart."""
    known = tuple(candidates)
    names = Counter(fold(each.name) for each in known)
    said = {each.id: each.name if names[fold(each.name)] == 1 else _told_apart(each) for each in known}
    twice = Counter(said.values())
    labels = {each: label if twice[label] == 1 else f"{label} ({each[:8]})" for each, label in said.items()}
    return tuple(Option(value=f"{verb}:{each.id}", label=labels[each.id]) for each in known)


def _told_apart(candidate: Candidate) -> str:
    details = (candidate.company, *candidate.emails[:1], *candidate.phones[:1])
    told = next((each for each in details if each and fold(each) != fold(candidate.name)), "")
    return f"{candidate.name} ({told})" if told else candidate.name


def _records(entry: Entry) -> tuple[str, ...]:
    return (entry.record,) if entry.record is not None else ()
