"""Which people of a plan have several cards, and what does a person say to that in the review?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from fastapi.responses import Response
from starlette.datastructures import FormData

from carnet.core.gathering import Together, choices_of, kept_without, taken, together, told_apart, why_one
from carnet.core.withholding import sayable, shown
from carnet.model.contact import Record
from carnet.model.draft import Draft
from carnet.model.match import Evidence
from carnet.web.asking import Card, card_of
from carnet.web.door import Visit, go, text
from carnet.web.paging import Leaf, turn

PAGE = 10
VERBS = frozenset({"twins", "apart"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """A field in which the cards of a person differ: (card, value) for each value, and the card whose value is taken."""

    field: str
    values: tuple[tuple[str, str], ...]
    taken: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A person with the cards side by side, the chosen one first, why each is the same person, and what can be chosen."""

    person: Together
    cards: tuple[Card, ...]
    why: Mapping[str, tuple[Evidence, ...]]
    offered: tuple[Offered, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A page of the people on several cards; `people` on `cards` in all, and whether the list is open."""

    leaf: Leaf[Together]
    shown: tuple[Shown, ...]
    people: int
    cards: int
    open: bool


def box(visit: Visit, draft: Draft, people: Sequence[Together]) -> Box:
    """What the review shows of them: the page and the search that the address asks for."""
    asked = visit.query.get("twins", "")
    page = int(asked) if asked.isdecimal() else 1
    leaf = turn(people, lambda each: each.name, query=visit.query.get("who", ""), page=page, size=PAGE)
    wanted = [card for each in leaf.rows for card in each.cards]
    records = {each.id: each for each in visit.world.store.readings.records(draft.reading, ids=wanted)} if wanted else {}
    return Box(
        leaf=leaf,
        shown=tuple(
            _shown(visit, draft, each, cards=[records[card] for card in each.cards if card in records])
            for each in leaf.rows
            if each.cards[0] in records
        ),
        people=len(people),
        cards=sum(len(each.cards) for each in people),
        open=bool(asked) or bool(visit.query.get("who")),
    )


def onward(draft: Draft, form: FormData, *, verb: str, what: str) -> Response:
    """The review again, with the list where it was, or turned to another page or search."""
    page = what if verb == "twins" else text(form, "twins")
    response = go(f"/wizard/{draft.id}/review", said="saved", twins=page or "1", who=text(form, "who"))
    response.headers["location"] += "#twins"
    return response


def said(visit: Visit, draft: Draft, form: FormData) -> tuple[dict[str, str], dict[str, dict[str, str]]]:
    """What the page says of the people: answers that part a card, and the draft's edits with the values that were taken.

    A value is taken by naming the card that has it; nothing of a card that is parted is kept.
    """
    edits = {each: dict(values) for each, values in draft.choices.edits.items()}
    sent = {str(name).removeprefix("take:"): str(card) for name, card in form.items() if str(name).startswith("take:")}
    verb, _, card = text(form, "go").partition(":")
    if draft.run is None or not (sent or verb == "apart"):
        return {}, edits
    people = {person.cards[0]: person for person in together(visit.world.store.journal.entries(draft.run))}
    for key, source in sent.items():
        field, _, chosen = key.partition(":")
        if chosen in people and source in people[chosen].cards:
            edits[chosen] = _taking(
                edits.get(chosen, {}), field, source, told=(people[chosen], _cards(visit, draft, people[chosen]))
            )
    if verb != "apart":
        return {}, _said_only(edits)
    for record in visit.world.store.readings.records(draft.reading, ids=[card]):
        edits = kept_without(edits, record, people.values())
    return told_apart(people.values(), card), _said_only(edits)


def _said_only(edits: Mapping[str, dict[str, str]]) -> dict[str, dict[str, str]]:
    return {record: values for record, values in edits.items() if values}


def _taking(edits: Mapping[str, str], field: str, source: str, *, told: tuple[Together, Sequence[Record]]) -> dict[str, str]:
    """The edits of the chosen card with the field as that card has it; what would be written anyway is no edit."""
    person, cards = told
    offered = choices_of(person, cards).get(field, {})
    record = next((each for each in cards if each.id == source), None)
    if source not in offered or record is None:
        return dict(edits)
    values = taken(record, field)
    kept = {key: value for key, value in edits.items() if key not in values}
    return kept if source == next(iter(offered)) else kept | values


def _cards(visit: Visit, draft: Draft, person: Together) -> list[Record]:
    """The person's cards, the chosen one first."""
    records = {each.id: each for each in visit.world.store.readings.records(draft.reading, ids=person.cards)}
    return [records[card] for card in person.cards if card in records]


def _shown(visit: Visit, draft: Draft, person: Together, *, cards: Sequence[Record]) -> Shown:
    fields = draft.choices.fields
    edits = draft.choices.edits.get(person.cards[0], {})
    why = why_one(cards, visit.world.region)
    visible = [replace(card, contact=shown(card.contact, fields)) for card in cards]
    return Shown(
        person=person,
        cards=tuple(map(card_of, visible)),
        why={card.id: sayable(why[card.id], card.contact, fields) for card in cards[1:]},
        offered=tuple(_offered(field, values, edits) for field, values in choices_of(person, visible).items()),
    )


def _offered(field: str, values: Mapping[str, str], edits: Mapping[str, str]) -> Offered:
    first = next(iter(values))
    said = edits.get(field)
    return Offered(
        field=field, values=tuple(values.items()), taken=next((card for card, value in values.items() if value == said), first)
    )
