"""Does matching hang on anything but who the people are, and what is never joined silently?"""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carnet.core.blocking import candidate_of, contact_keys
from carnet.core.matching import match
from carnet.core.spelling import likeness, spelling
from carnet.model.contact import Contact
from carnet.model.match import Confidence, Match
from people import REGION, candidate, contact, crm_contact, record

_NAMES = st.sampled_from(
    ["Jean", "Jeanne", "J.", "Bill", "William", "María José", "Claire", "Durand-Martin", "García López", "Roy"]
)
_PEOPLE = st.fixed_dictionaries(
    {},
    optional={
        "given_name": _NAMES,
        "surname": _NAMES,
        "email1": st.sampled_from(["roy@orange.fr", "info@fabrikam.com", "jean@fabrikam.com"]),
        "mobile_phone": st.sampled_from(["06 99 00 11 22", "06 99 00 11 22 poste 3", "06 99 00 11 22 / 01 99 00 12 34"]),
        "birthday": st.sampled_from(["1980-02-29", "--02-29", "1990-01-01"]),
    },
)
_COMPANIES = st.sampled_from(["", "Fabrikam", "Fabirkam", "Contoso"])
_CRM = st.lists(st.tuples(_PEOPLE, _COMPANIES), max_size=8)


def verdicts(cards: list[Contact], rows: list[tuple[dict[str, str], str]], order: list[int]) -> dict[int, Match]:
    """The verdict on each card by its place, from an index of those people asked by keys."""
    index = [
        candidate_of(crm_contact(str(place), company=rows[place][1], active=True, **rows[place][0]), REGION) for place in order
    ]
    found = {}
    for place, card in enumerate(cards):
        keys = set(contact_keys(card, REGION))
        near = [each for each, theirs in index if keys & set(theirs)]
        found[place] = match(record(str(place), of=card), near, link=None, region=REGION)
    return found


@given(st.lists(_PEOPLE, min_size=1, max_size=4), _CRM, st.randoms(use_true_random=False))
def test_verdicts_do_not_hang_on_the_order_of_cards_and_records(
    cards: list[dict[str, str]], rows: list[tuple[dict[str, str], str]], chance: Random
) -> None:
    people = [contact(**values) for values in cards]
    order = list(range(len(rows)))
    places = chance.sample(range(len(people)), len(people))
    shuffled = verdicts([people[place] for place in places], rows, chance.sample(order, len(order)))
    straight = verdicts(people, rows, order)
    assert [each.suggestions for each in shuffled.values()] == [straight[place].suggestions for place in places]


@given(_PEOPLE, _PEOPLE)
def test_it_does_not_matter_which_of_two_names_is_which(one: dict[str, str], other: dict[str, str]) -> None:
    left, right = spelling(one), spelling(other)
    if left.forms and right.forms:
        assert likeness(left, right) is likeness(right, left)


@given(_PEOPLE, _CRM)
def test_nobody_is_certain_without_an_own_address_or_against_a_birthday(
    card: dict[str, str], rows: list[tuple[dict[str, str], str]]
) -> None:
    for verdict in verdicts([contact(**card)], rows, list(range(len(rows)))).values():
        if verdict.confidence is Confidence.CERTAIN:
            codes = {each.code for each in verdict.suggestions[0].evidence}
            assert "same_email" in codes
            assert codes.isdisjoint({"other_name", "other_given", "other_surname", "other_birthday"})


@pytest.mark.parametrize(
    ("ours", "theirs", "confidence"),
    [
        ({"surname": "Roy", "given_name": "Jean", "home_phone": "0199001234"}, {"given_name": "Jeanne"}, Confidence.NONE),
        (
            {"surname": "Roy", "given_name": "Jean et Jeanne", "email1": "roy@orange.fr"},
            {"given_name": "Jean"},
            Confidence.LIKELY,
        ),
        (
            {"surname": "Roy", "given_name": "Jean", "suffix": "Jr."},
            {"given_name": "Jean", "full_name": "Jean Roy Sr."},
            Confidence.NONE,
        ),
        ({"surname": "Martin", "given_name": "Claire", "home_phone": "0199001234"}, {"given_name": "Claire"}, Confidence.LIKELY),
        ({"surname": "Martin", "given_name": "Claire", "email1": "roy@orange.fr"}, {"given_name": "Claire"}, Confidence.LIKELY),
        (
            {"surname": "Roy", "given_name": "Jean", "email1": "roy@orange.fr", "birthday": "1990-01-01"},
            {"given_name": "Jean"},
            Confidence.LIKELY,
        ),
    ],
)
def test_who_shares_a_household_a_name_or_a_past_is_never_joined_silently(
    ours: dict[str, str], theirs: dict[str, str], confidence: Confidence
) -> None:
    values = {"surname": "Roy", "home_phone": "01 99 00 12 34", "email1": "roy@orange.fr", "birthday": "1960-05-05", **theirs}
    verdict = match(
        record("r", of=contact(**ours)), [candidate("1", company="", active=True, **values)], link=None, region=REGION
    )
    assert verdict.confidence is confidence


def test_a_frequent_name_needs_more_than_a_domain() -> None:
    card = contact(given_name="Jean", surname="Martin", email1="j@fabrikam.com")
    same = [candidate(str(place), given_name="Jean", surname="Martin", email1=f"{place}@fabrikam.com") for place in range(4)]
    assert match(record("r", of=card), same[:1], link=None, region=REGION).confidence is Confidence.LIKELY
    frequent = match(record("r", of=card), same, link=None, region=REGION)
    assert frequent.confidence is Confidence.DOUBTFUL
    assert frequent.suggestions[0].evidence[-1].code == "frequent_name"
