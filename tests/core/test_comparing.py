"""What speaks for and against a card and a CRM record being one person?"""

from __future__ import annotations

import pytest

import people
from carnet.core.comparing import compare
from carnet.model.contact import Contact
from carnet.model.match import Candidate
from people import REGION, candidate, contact


def codes(card: Contact, record: Candidate) -> list[str]:
    return [evidence.code for evidence in compare(card, record, REGION)]


def named(card: str, record: str) -> list[str]:
    return codes(contact(full_name=card), candidate("1", full_name=record))


def test_everything_that_agrees_is_told_the_strongest_first() -> None:
    record = candidate(
        "1",
        company="FABRIKAM SA",
        given_name="Amina",
        surname="Haddad",
        email3="amina.haddad@fabrikam.com",
        other_phone="+33199001234",
    )
    assert codes(people.PLAIN, record) == ["same_email", "same_name", "same_phone", "same_company", "same_domain"]


def test_nothing_in_common_is_no_evidence_but_the_other_name() -> None:
    found = compare(people.PLAIN, candidate("1", given_name="Lou", surname="Petit"), REGION)
    assert [(evidence.code, evidence.supports) for evidence in found] == [("other_name", False)]
    assert found[0].values == {"ours": "Amina Haddad", "theirs": "Lou Petit"}


def test_the_address_of_a_desk_is_told_apart() -> None:
    assert "shared_email" in codes(people.FRONT_DESK, candidate("1", email1="info@fabrikam.com"))


def test_a_mail_provider_is_no_common_domain() -> None:
    assert codes(contact(email1="a@gmail.com"), candidate("1", email1="b@gmail.com")) == []


def test_a_name_on_one_side_only_says_nothing() -> None:
    assert codes(people.NO_NAME, candidate("1", given_name="Lou", surname="Petit")) == []


@pytest.mark.parametrize(
    ("card", "record"),
    [
        ("Jean Dupont", "DUPONT Jean"),
        ("Jean Dupont", "Dr. Jean Dupont"),
        ("Jean-Pierre Dupont", "Jean Pierre Dupont"),
        ("Jürgen Müller", "Juergen Mueller"),
        ("Conor O'Brien", "Conor O’Brien"),
    ],
)
def test_one_name_in_two_spellings_is_the_same(card: str, record: str) -> None:
    assert named(card, record) == ["same_name"]
    assert named(record, card) == ["same_name"]


@pytest.mark.parametrize(
    ("card", "record"),
    [
        ("J. Dupont", "Jean Dupont"),
        ("Dupont", "Jean Dupont"),
        ("J.P. Dupont", "Jean Paul Dupont"),
        ("Jon Smith", "John Smith"),
        ("Jeanpierre Dupont", "Jean-Pierre Dupont"),
        ("Olaf Shulze", "Olaf Schulze"),
        ("Jean Dupont Lefebvre", "Jean Dupont"),
    ],
)
def test_a_name_cut_short_or_misspelt_is_similar(card: str, record: str) -> None:
    assert named(card, record) == ["similar_name"]
    assert named(record, card) == ["similar_name"]


@pytest.mark.parametrize(
    ("card", "record"),
    [
        ("Jean Martin", "Jeanne Martin"),
        ("Paul Roux", "Paula Roux"),
        ("Daniel Roy", "Danielle Roy"),
        ("Claire Martin", "Claire Dubois"),
        ("Angelo Cruz", "Angela Merkel"),
        ("Octavian Scholz", "Olaf Scholz"),
        ("John Smith Jr.", "John Smith Sr."),
        ("Tim Berg", "Tom Berg"),
    ],
)
def test_another_person_has_another_name(card: str, record: str) -> None:
    assert named(card, record) == ["other_name"]
    assert named(record, card) == ["other_name"]


def test_a_number_counts_whatever_its_spelling_and_is_shown_as_written() -> None:
    found = compare(contact(mobile_phone="06 12 34 56 78"), candidate("1", home_phone="+33 6 12 34 56 78"), REGION)
    assert [(evidence.code, evidence.values["phone"]) for evidence in found] == [("same_phone", "06 12 34 56 78")]
