"""How are open questions shown side by side, and how are answers read from a form?"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from starlette.datastructures import FormData

from carnet.core.completing import label
from carnet.core.normalise import fold
from carnet.model.contact import Record
from carnet.model.decision import Question, QuestionKind
from carnet.model.match import Evidence

PAGE = 10
SHOWN_FIELDS = ("full_name", "job_title", "company", "email1", "email2", "business_phone", "mobile_phone", "home_phone")
EDITABLE = ("given_name", "surname", "company")
FIRST = "first"
_NAMES = 5
_PARTS = ("given_name", "middle_name", "surname")


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """What a card says, for the Outlook side: field and value, in the order in which a person looks for them."""

    record: str
    label: str
    values: tuple[tuple[str, str], ...]
    place: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One question with the cards that wait for it; `more` cards are not shown, `changes` are what moved meanwhile."""

    question: Question
    cards: tuple[Card, ...]
    more: int
    changes: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """The questions of one kind: a page of them, their number, and the answers that can be given to all at once."""

    kind: QuestionKind
    asked: tuple[Asked, ...]
    total: int
    page: int
    pages: int
    bulk: tuple[str, ...]


def cards_needed(questions: Sequence[Question]) -> list[str]:
    """The records whose cards a page of questions shows."""
    return sorted({record for question in questions for record in question.records[:_NAMES]})


def page_of(questions: Sequence[Question], kind: QuestionKind, page: int) -> tuple[list[Question], int, int]:
    """The questions of that kind on that page, the page within bounds, and the number of pages."""
    of_kind = [question for question in questions if question.kind is kind]
    pages = max(1, math.ceil(len(of_kind) / PAGE))
    page = min(max(1, page), pages)
    return of_kind[(page - 1) * PAGE : page * PAGE], page, pages


def topics(
    questions: Sequence[Question],
    *,
    records: Mapping[str, Record],
    changes: Mapping[str, tuple[Evidence, ...]],
    kind: str = "",
    page: int = 1,
    query: str = "",
) -> tuple[Topic, ...]:
    """The questions by kind; `kind` is the one whose `page` is shown, the others show their first.

    With a search, only those that speak of it, and none of them is answered at once with others.
    """
    shown = []
    found = [each for each in questions if not query or fold(query) in fold(_said(each, records))]
    for each in QuestionKind:
        here, at, pages = page_of(found, each, page if kind == each else 1)
        if not here:
            continue
        shown.append(
            Topic(
                kind=each,
                asked=tuple(_asked(question, records, changes) for question in here),
                total=sum(question.kind is each for question in found),
                page=at,
                pages=pages,
                bulk=() if query else _bulk(each, questions),
            )
        )
    return tuple(shown)


def _said(question: Question, records: Mapping[str, Record]) -> str:
    """The names that a question speaks of."""
    cards = (label(records[record].contact) for record in question.records[:_NAMES] if record in records)
    return " ".join((question.about, *cards, *(each.candidate.name for each in question.suggestions)))


def _asked(question: Question, records: Mapping[str, Record], changes: Mapping[str, tuple[Evidence, ...]]) -> Asked:
    cards = tuple(card_of(records[record]) for record in question.records[:_NAMES] if record in records)
    return Asked(
        question=question,
        cards=cards,
        more=len(question.records) - len(cards),
        changes=tuple(change for record in question.records for change in changes.get(record, ())),
    )


def card_of(record: Record) -> Card:
    """What the card says, as far as there is room."""
    values = record.contact.values
    first = [key for key in SHOWN_FIELDS if key in values]
    others = [key for key in values if key not in SHOWN_FIELDS and not (key in _PARTS and "full_name" in values)][
        : max(0, 6 - len(first))
    ]
    return Card(
        record=record.id,
        label=label(record.contact),
        values=tuple((key, values[key]) for key in [*first, *others]),
        place=record.place,
    )


def _bulk(kind: QuestionKind, questions: Sequence[Question]) -> tuple[str, ...]:
    """Answers that make sense for every question of a kind."""
    values = {option.value for question in questions if question.kind is kind for option in question.options}
    offered = [FIRST] if any(_is_suggestion(value) for value in values) and kind is not QuestionKind.CONFLICT else []
    return (
        *offered,
        *(value for value in ("again", "one", "different", "account", "new", "create", "none", "skip") if value in values),
    )


def _is_suggestion(value: str) -> bool:
    return value.startswith(("link:", "account:", "contact:"))


def sent_answers(form: FormData, questions: Sequence[Question]) -> dict[str, str]:
    """The answers in a form to those questions; "later" and what is no option are left out."""
    answers = {}
    for question in questions:
        value = form.get(f"q:{question.key}", "")
        if value in {option.value for option in question.options}:
            answers[question.key] = str(value)
    return answers


def bulk_answers(value: str, *, kind: str, questions: Sequence[Question]) -> dict[str, str]:
    """One answer for every question of a kind that has it; "first" is the best suggestion of each."""
    answers = {}
    for question in questions:
        values = [option.value for option in question.options]
        chosen = next((each for each in values if _is_suggestion(each)), "") if value == FIRST else value
        if question.kind == kind and chosen in values:
            answers[question.key] = chosen
    return answers


def sent_edits(form: FormData) -> dict[str, dict[str, str]]:
    """Names typed for cards that have none: record → field → value."""
    edits: dict[str, dict[str, str]] = {}
    for name, value in form.items():
        field, _, record = name.removeprefix("edit:").partition(":")
        if name.startswith("edit:") and field in EDITABLE and isinstance(value, str) and value.strip():
            edits.setdefault(record, {})[field] = value.strip()
    return edits
