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
        ("Olivr Smith", "Oliver Smith"),
        ("Jeanpierre Dupont", "Jean-Pierre Dupont"),
        ("Olaf Shulze", "Olaf Schulze"),
        ("Jean Dupont Lefebvre", "Jean Dupont"),
        ("María José García López", "María García"),
        ("María José García López", "María José López García de Soto"),
        ("Claire Durand-Martin", "Claire Durand"),
        ("Fred Schulze", "Frédéric Shulze"),
        ("Bill H. Gates", "William Gates"),
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
        ("Angelo Cruz", "Angela Merkel"),
        ("Octavian Scholz", "Olaf Scholz"),
        ("John Smith Jr.", "John Smith Sr."),
        ("Tim Berg", "Tom Berg"),
        ("Marie Dupont", "Marine Dupont"),
        ("Julien Roux", "Julie Roux"),
        ("D. Martin", "Paul Martin"),
    ],
)
def test_another_person_has_another_name(card: str, record: str) -> None:
    assert named(card, record) == ["other_name"]
    assert named(record, card) == ["other_name"]


@pytest.mark.parametrize(
    ("card", "record"),
    [
        ("Bill Gates", "William Gates"),
        ("Bob Marley", "Robert Marley"),
        ("Bob Marley", "Rob Marley"),
        ("Peggy Guggenheim", "Margaret Guggenheim"),
        ("Jean-Phi Roux", "Jean-Philippe Roux"),
        ("J.P. Dupont", "Jean Paul Dupont"),
        ("Nath Leroy", "LEROY Nathalie"),
        ("Alex Petit", "Alexandra Petit"),
        ("Manu Costa", "Emmanuel Costa"),
        ("Fred Noël", "Frédéric Noel"),
        ("Klaus Weber", "Nikolaus Weber"),
        ("Sepp Huber", "Josef Huber"),
    ],
)
def test_a_short_form_is_the_same_given_name(card: str, record: str) -> None:
    assert named(card, record) == ["nickname"]
    assert named(record, card) == ["nickname"]


@pytest.mark.parametrize(
    ("card", "record"),
    [("Claire Martin", "Claire Dubois"), ("Nath Leroy", "Nathalie Petit"), ("Ana García López", "Ana Ruiz")],
)
def test_the_given_name_with_another_surname_speaks_against_but_is_told_apart(card: str, record: str) -> None:
    assert named(card, record) == ["other_surname"]
    assert named(record, card) == ["other_surname"]


@pytest.mark.parametrize("surname", ["Martin née Durand", "Martin (née Durand)", "Martin geb. Durand", "Martin, née Durand"])
@pytest.mark.parametrize("record", ["Claire Martin", "Claire Durand", "DURAND Claire"])
def test_a_former_surname_on_the_card_is_a_name_too(surname: str, record: str) -> None:
    assert codes(contact(given_name="Claire", surname=surname), candidate("1", full_name=record)) == ["same_name"]
    assert named(f"Claire {surname}", record) == ["same_name"]


@pytest.mark.parametrize(
    ("card", "record"), [("Jean et Marie Roy", "Jean Roy"), ("Marie-Claire Roy", "Claire Roy"), ("Jean-Marie Roy", "Marie Roy")]
)
def test_given_names_that_overlap_are_not_one(card: str, record: str) -> None:
    assert named(card, record) == ["other_given"]
    assert named(record, card) == ["other_given"]


@pytest.mark.parametrize(
    ("ours", "theirs", "code"),
    [
        ("+33 1 99 00 12 34 poste 12", "+33 1 99 00 12 34 ext. 12", ["same_phone"]),
        ("+33 1 99 00 12 34 poste 12", "+33 1 99 00 12 34 poste 13", ["other_extension"]),
        ("+33 1 99 00 12 34 poste 12", "+33 1 99 00 12 34", ["main_phone"]),
        ("06 99 00 11 22 / 01 99 00 12 34", "01 99 00 12 34", ["same_phone"]),
        ("01 99 00 12 34", "06 99 00 11 22 ou 01 99 00 12 34", ["same_phone"]),
        ("01 99 00 12 34", "01 99 00 12 3401 99 00 12 34", ["same_phone"]),
    ],
)
def test_numbers_are_compared_each_with_its_extension(ours: str, theirs: str, code: list[str]) -> None:
    assert codes(contact(business_phone=ours), candidate("1", business_phone=theirs)) == code


@pytest.mark.parametrize(
    ("ours", "theirs", "code"),
    [
        ("1980-02-29", "1980-02-29", ["same_birthday"]),
        ("--02-29", "1980-02-29", ["same_birthday"]),
        ("1980-02-29", "1981-02-29", ["other_birthday"]),
        ("--02-28", "--02-29", ["other_birthday"]),
        ("1980-02-29", "", []),
    ],
)
def test_a_birthday_counts_as_far_as_both_are_known(ours: str, theirs: str, code: list[str]) -> None:
    assert codes(contact(birthday=ours), candidate("1", birthday=theirs)) == code


@pytest.mark.parametrize(
    ("ours", "theirs", "code"),
    [
        ("Fabrikam", "FABRIKAM S.A.S.", ["same_company"]),
        ("Fabirkam", "Fabrikam", ["similar_company"]),
        ("Fabrikam Pharma SRAL", "Fabrikam Pharma SARL", ["similar_company"]),
        ("Fabrikam France", "Fabrikam", ["similar_company"]),
        ("Fabrikam France", "Fabrikam Deutschland", []),
        ("IBM", "IBN", []),
    ],
)
def test_a_company_may_be_misspelt_or_a_part_of_the_other(ours: str, theirs: str, code: list[str]) -> None:
    assert codes(contact(company=ours), candidate("1", company=theirs)) == code


def test_a_number_counts_whatever_its_spelling_and_is_shown_as_written() -> None:
    found = compare(contact(mobile_phone="06 12 34 56 78"), candidate("1", home_phone="+33 6 12 34 56 78"), REGION)
    assert [(evidence.code, evidence.values["phone"]) for evidence in found] == [("same_phone", "06 12 34 56 78")]
