"""Which CRM contact is this card, and how sure is that?"""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

import people
from carnet.core.matching import match
from carnet.model.contact import Contact
from carnet.model.match import Candidate, Confidence, Match
from people import REGION, account, candidate, contact, record


def matched(card: Contact, *candidates: Candidate, link: str | None = None) -> Match:
    return match(record("r", of=card), candidates, link=link, region=REGION)


AMINA = candidate("1", given_name="Amina", surname="Haddad", email1="amina.haddad@fabrikam.com")


def test_a_tie_made_before_is_no_guess() -> None:
    verdict = matched(people.PLAIN, AMINA, candidate("9", given_name="Lou", surname="Petit"), link="9")
    assert (verdict.confidence, verdict.target) == (Confidence.LINKED, "9")
    assert [each.candidate.id for each in verdict.suggestions] == ["9"]


def test_a_tie_to_a_record_that_is_not_at_hand_stays_a_tie() -> None:
    assert matched(people.PLAIN, link="9") == Match(record="r", confidence=Confidence.LINKED, target="9")


def test_the_same_address_is_certain() -> None:
    verdict = matched(people.PLAIN, AMINA, candidate("2", given_name="Lou", surname="Petit"))
    assert (verdict.confidence, verdict.target) == (Confidence.CERTAIN, "1")
    assert verdict.suggestions[0].evidence[0].code == "same_email"


def test_the_same_address_is_certain_where_the_card_has_no_name() -> None:
    assert matched(people.NO_NAME, candidate("1", given_name="Lou", surname="Petit", email1="someone@fabrikam.com")).target == "1"


def test_the_same_address_with_a_conflicting_name_is_a_question() -> None:
    dubois = candidate("1", given_name="Claire", surname="Dubois", email1="claire@fabrikam.com")
    verdict = matched(people.MAIDEN_NAME, dubois)
    assert (verdict.confidence, verdict.target) == (Confidence.LIKELY, None)
    assert "other_surname" in [evidence.code for evidence in verdict.suggestions[0].evidence]


def test_a_couple_that_shares_an_address_is_told_apart_by_the_name() -> None:
    card = contact(given_name="Jean", surname="Roy", email1="roy@orange.fr")
    jean = candidate("1", given_name="Jean", surname="Roy", email1="roy@orange.fr")
    jeanne = candidate("2", given_name="Jeanne", surname="Roy", email1="roy@orange.fr")
    assert matched(card, jean, jeanne).target == "1"
    assert matched(card, jeanne).confidence is Confidence.LIKELY


def test_the_address_of_a_desk_alone_is_never_certain() -> None:
    desk = candidate("1", given_name="Paul", surname="Roux", email1="info@fabrikam.com")
    assert matched(people.FRONT_DESK, desk).confidence is Confidence.LIKELY
    assert matched(people.FRONT_DESK, candidate("1", email1="info@fabrikam.com")).confidence is Confidence.DOUBTFUL
    assert (
        matched(people.FRONT_DESK, candidate("1", given_name="Lou", surname="Petit", email1="info@fabrikam.com")).confidence
        is Confidence.NONE
    )


def test_namesakes_in_one_company_are_never_silently_joined() -> None:
    other = candidate("1", company="Fabrikam", given_name="Jean", surname="Martin", email1="jean.martin@fabrikam.com")
    assert (matched(people.NAMESAKE, other).confidence, matched(people.NAMESAKE, other).target) == (Confidence.LIKELY, None)


def test_several_certain_records_are_a_question() -> None:
    twin = candidate("2", given_name="Amina", surname="Haddad", email2="amina.haddad@fabrikam.com")
    verdict = matched(people.PLAIN, AMINA, twin)
    assert (verdict.confidence, verdict.target) == (Confidence.LIKELY, None)
    assert [each.confidence for each in verdict.suggestions] == [Confidence.LIKELY, Confidence.LIKELY]


def test_an_active_record_is_certain_beside_an_inactive_one() -> None:
    old = candidate("0", active=False, given_name="Amina", surname="Haddad", email1="amina.haddad@fabrikam.com")
    verdict = matched(people.PLAIN, old, AMINA)
    assert (verdict.confidence, verdict.target) == (Confidence.CERTAIN, "1")
    assert [(each.candidate.id, each.confidence) for each in verdict.suggestions] == [
        ("1", Confidence.CERTAIN),
        ("0", Confidence.LIKELY),
    ]


def test_a_certain_match_that_is_inactive_says_so() -> None:
    verdict = matched(people.PLAIN, candidate("1", active=False, email1="amina.haddad@fabrikam.com"))
    assert (verdict.confidence, verdict.target) == (Confidence.CERTAIN, "1")
    assert not verdict.suggestions[0].candidate.active


def test_a_companys_card_is_nobody_for_certain() -> None:
    card = contact(company="Fabrikam", email1="amina.haddad@fabrikam.com")
    assert matched(card, AMINA).confidence is Confidence.LIKELY


@pytest.mark.parametrize(
    ("values", "company", "confidence"),
    [
        ({"given_name": "Amina", "surname": "Haddad"}, "Fabrikam GmbH", Confidence.LIKELY),
        ({"given_name": "Amina", "surname": "Haddad", "email1": "ah@mail.fabrikam.com"}, "", Confidence.LIKELY),
        ({"given_name": "Amina", "surname": "Haddad", "mobile_phone": "+33199001234"}, "", Confidence.LIKELY),
        ({"given_name": "Amina", "surname": "Haddad"}, "", Confidence.DOUBTFUL),
        ({"given_name": "Amina", "surname": "Haddad"}, "Contoso", Confidence.DOUBTFUL),
        ({"mobile_phone": "+33199001234"}, "", Confidence.DOUBTFUL),
        ({"given_name": "Lou", "surname": "Petit", "mobile_phone": "+33199001234"}, "", Confidence.NONE),
        ({"given_name": "Lou", "surname": "Petit"}, "Fabrikam", Confidence.NONE),
        ({"given_name": "A.", "surname": "Haddad"}, "", Confidence.NONE),
    ],
)
def test_less_than_an_address_is_likely_doubtful_or_nothing(values: dict[str, str], company: str, confidence: Confidence) -> None:
    verdict = matched(people.PLAIN, candidate("1", company=company, active=True, **values))
    assert (verdict.confidence, verdict.target) == (confidence, None)
    assert bool(verdict.suggestions) is (confidence is not Confidence.NONE)


def test_an_account_is_nobody() -> None:
    assert matched(people.PLAIN, account("1", "Amina Haddad", email1="amina.haddad@fabrikam.com")).confidence is Confidence.NONE


def test_no_more_than_five_are_suggested() -> None:
    verdict = matched(people.PLAIN, *(candidate(str(number), given_name="Amina", surname="Haddad") for number in range(9)))
    assert [each.candidate.id for each in verdict.suggestions] == ["0", "1", "2", "3", "4"]


_VALUES = st.fixed_dictionaries(
    {},
    optional={
        "given_name": st.sampled_from(["Amina", "A.", "Lou"]),
        "surname": st.sampled_from(["Haddad", "Petit"]),
        "email1": st.sampled_from(["amina.haddad@fabrikam.com", "info@fabrikam.com", "x@gmail.com"]),
        "email2": st.sampled_from(["amina.haddad@fabrikam.com", "info@fabrikam.com"]),
        "mobile_phone": st.just("+33199001234"),
    },
)
_CANDIDATES = st.lists(st.tuples(_VALUES, st.sampled_from(["", "Fabrikam", "Contoso"]), st.booleans()), max_size=7).map(
    lambda rows: [
        candidate(str(number), company=company, active=active, **values) for number, (values, company, active) in enumerate(rows)
    ]
)


_CARDS = st.builds(lambda values, company: contact(company=company, **values), _VALUES, st.sampled_from(["", "Fabrikam"]))


@given(_CANDIDATES, _CARDS, st.randoms(use_true_random=False))
def test_the_verdict_does_not_hang_on_the_order_of_candidates(candidates: list[Candidate], card: Contact, chance: Random) -> None:
    shuffled = chance.sample(candidates, len(candidates))
    assert matched(card, *shuffled) == matched(card, *candidates)


@given(_CANDIDATES, _CARDS)
def test_a_verdict_is_as_sure_as_its_best_suggestion_and_has_a_target_only_when_certain(
    candidates: list[Candidate], card: Contact
) -> None:
    verdict = matched(card, *candidates)
    assert verdict.confidence is (verdict.suggestions[0].confidence if verdict.suggestions else Confidence.NONE)
    assert (verdict.target is not None) is (verdict.confidence is Confidence.CERTAIN)
    assert [each.confidence for each in verdict.suggestions].count(Confidence.CERTAIN) <= 1
    order = [Confidence.CERTAIN, Confidence.LIKELY, Confidence.DOUBTFUL]
    places = [order.index(each.confidence) for each in verdict.suggestions]
    assert places == sorted(places)
