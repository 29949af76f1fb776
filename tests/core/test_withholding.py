"""Does a personal value turn up nowhere once only professional fields leave?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from carnet.core.kinship import Cluster, Twins
from carnet.core.mapping import to_crm
from carnet.core.planning import plan
from carnet.core.rechecking import held
from carnet.core.situation import Situation
from carnet.core.withholding import PERSONAL, sayable, seen
from carnet.core.writing import link_of, settled, write_of
from carnet.model.account import CrmRecord, RecordKind
from carnet.model.change import Outcome, Receipt
from carnet.model.choices import Choices, Preset
from carnet.model.contact import Contact, Record
from carnet.model.field import BY_KEY, FIELDS, Merge, Privacy, Shape
from carnet.model.group import NONE_KEY, Coverage, Group
from carnet.model.link import Link
from carnet.model.match import Confidence, Evidence, Match, Suggestion
from carnet.model.plan import Entry
from people import candidate, crm_contact, record

WORKING = sorted(field.key for field in FIELDS if field.merge is not Merge.NEVER)
LONG = "x" * 3000
"""Longer than any field: it is listed as not fitting."""


def value(key: str, side: str, *, long: bool) -> str:
    """A value that names its field, so that it is known wherever it turns up."""
    if BY_KEY[key].shape is Shape.DATE:
        return "no date" if long else {"card": "1977-03-04", "crm": "1966-05-06"}[side]
    if BY_KEY[key].shape is Shape.PHONE:
        return f"+33 1 99 00 {WORKING.index(key):02} {'11' if side == 'card' else '22'}" + (LONG if long else "")
    return f"{side} {key} personal" + (LONG if long else "") if key in PERSONAL else f"{side} {key}"


@st.composite
def cards(draw: st.DrawFn, side: str = "card") -> Record:
    keys = draw(st.sets(st.sampled_from(WORKING), min_size=1))
    values = {key: value(key, side, long=draw(st.booleans())) for key in sorted(keys)}
    return record("r", of=Contact(values=values))


@st.composite
def crm_records(draw: st.DrawFn) -> CrmRecord:
    """What the CRM has: of its own, or the same as the card."""
    keys = draw(st.sets(st.sampled_from(WORKING)))
    sides = {key: draw(st.sampled_from(["card", "crm"])) for key in sorted({*keys, "surname"})}
    return replace(crm_contact("c"), values={key: value(key, side, long=False) for key, side in sides.items()})


def situation(card: Record, found: CrmRecord | None, *, link: Link | None) -> Situation:
    told = tuple(Evidence(code="same_phone", values={"phone": text}) for text in card.contact.phones)
    suggestion = Suggestion(candidate=candidate("c", surname="Roy"), confidence=Confidence.CERTAIN, evidence=told)
    match = Match(record="r", confidence=Confidence.CERTAIN, target="c", suggestions=(suggestion,))
    return Situation(
        records=[card],
        groups=[Group(key=NONE_KEY, title="", records=("r",), coverage=Coverage(total=1))],
        matches={"r": match if found and not link else Match(record="r", confidence=Confidence.NONE)},
        links={"r": link} if link else {},
        found={"c": found} if found else {},
        resolutions={},
        new_ids={"r": "new"},
        account_ids={},
        choices=Choices(fields=Preset.PROFESSIONAL, include_linked=True, communications=True),
    )


def doubtful(card: Record) -> Match:
    """A match that quotes every number of the card."""
    quoted = tuple(Evidence(code="same_phone", values={"phone": text}) for text in card.contact.phones)
    suggestion = Suggestion(candidate=candidate("c", surname="Roy"), confidence=Confidence.DOUBTFUL, evidence=quoted)
    return Match(record=card.id, confidence=Confidence.DOUBTFUL, suggestions=(suggestion,))


def everything(entry: Entry) -> str:
    """All that the journal keeps of the values of an entry, and what follows from it."""
    write = write_of(entry, owner="me", run=1)
    link = link_of(entry, run=1)
    journal = (entry.label, entry.values, entry.before, entry.agreed, entry.evidence, entry.too_long, entry.invented)
    return repr((journal, write.values if write else {}, link and (link.base, link.left_out)))


def personal(*sides: Mapping[str, str]) -> set[str]:
    """The values of personal fields; dates are told apart from the text around them by their form."""
    return {side[key] for side in sides for key in PERSONAL if key in side}


@given(card=cards(), found=st.none() | crm_records(), linked=st.booleans())
def test_no_personal_value_is_in_a_write_a_journal_or_a_link(card: Record, found: CrmRecord | None, *, linked: bool) -> None:
    base = {key: value(key, "card", long=False) for key in WORKING}
    link = Link(record="r", keys=card.keys, kind=RecordKind.CONTACT, target="c", base=base) if linked and found else None
    hidden = personal(card.contact.values, found.values if found else {}, base)

    (entry,) = plan(situation(card, found, link=link)).entries

    done = settled(entry, Receipt(kind=entry.kind, id=entry.target or "", outcome=Outcome.DONE))
    moved = replace(found, values={**found.values, "home_city": "crm home_city personal, moved"}) if found else None
    stale = held(entry, seen(moved, PERSONAL) if moved else None)
    for each in (entry, done, stale):
        told = everything(each)
        assert not [text for text in hidden if text in told]
        assert not {key for mapping in (each.values, each.before, each.agreed) for key in mapping} & PERSONAL


def full(side: str, *keys: str) -> Record:
    return record("r", of=Contact(values={key: value(key, side, long=False) for key in keys}))


@example(card=full("card", "surname", "home_phone"), other=full("crm", "surname", "home_phone", "job_title"))
@given(card=cards(), other=cards(side="crm"))
def test_nor_is_one_of_another_card_of_the_same_person(card: Record, other: Record) -> None:
    twin = replace(other, id="s")
    both = replace(
        situation(card, None, link=None),
        records=[card, twin],
        groups=[Group(key=NONE_KEY, title="", records=("r", "s"), coverage=Coverage(total=2))],
        new_ids={"r": "new", "s": "newer"},
        matches={each.id: doubtful(each) for each in (card, twin)},
        twins=Twins(clusters=(Cluster(records=("r", "s"), pairs=()),)),
    )
    hidden = personal(card.contact.values, twin.contact.values)
    told = "".join(map(everything, plan(both).entries))
    assert not [text for text in hidden if text in told]


@given(card=cards())
def test_with_every_field_every_value_is_told(card: Record) -> None:
    named = replace(card.contact, values={"surname": "Roy", **card.contact.values})
    mapped = to_crm(named)
    assert {*mapped.values, *mapped.too_long} == set(named.values)


def test_the_preset_is_what_its_name_promises() -> None:
    home = {f"home_{part}" for part in ("street", "city", "state", "postcode", "country", "po_box", "phone", "phone2")}
    assert home | {"birthday", "anniversary", "spouse", "children", "government_id", "notes"} == PERSONAL
    assert not any(BY_KEY[key].privacy is Privacy.PROFESSIONAL for key in PERSONAL)


def test_what_was_typed_into_a_personal_field_stays_too() -> None:
    assert to_crm(Contact(values={"surname": "Roy"}), {"notes": "x"}, without=PERSONAL).values == {"surname": "Roy"}


@pytest.mark.parametrize(
    ("quoted", "told"),
    [("01 99 00 12 34", False), ("+33199001234", False), ("01 99 00 56 78", True), ("roy@contoso.com", True)],
)
def test_evidence_that_quotes_a_home_number_is_not_told(quoted: str, *, told: bool) -> None:
    contact = Contact(values={"home_phone": "01 99 00 12 34", "business_phone": "01 99 00 56 78"})
    evidence = (Evidence(code="same_phone", values={"phone": quoted}),)
    assert bool(sayable(evidence, contact, Preset.PROFESSIONAL)) is told
    assert sayable(evidence, contact, Preset.ALL) == evidence


def test_a_number_that_is_also_a_business_number_may_be_told() -> None:
    contact = Contact(values={"home_phone": "01 99 00 12 34", "business_phone": "+33 1 99 00 12 34"})
    evidence = (Evidence(code="same_phone", values={"phone": "+33199001234"}),)
    assert sayable(evidence, contact, Preset.PROFESSIONAL) == evidence
