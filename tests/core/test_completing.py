"""What is a card about, and which last name has it where none was typed?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import people
from carnet.core.completing import Nature, complete, label, split_name
from carnet.model.contact import Contact
from people import contact


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Jean Dupont", ("Jean", "Dupont", "")),
        ("DUPONT Jean-Pierre", ("Jean-Pierre", "DUPONT", "")),
        ("LE GOFF Yann", ("Yann", "LE GOFF", "")),
        ("Yann LE GOFF", ("Yann", "LE GOFF", "")),
        ("JEAN DUPONT", ("JEAN", "DUPONT", "")),
        ("DUPONT J.-P.", ("J.-P.", "DUPONT", "")),
        ("M. Jean Dupont", ("Jean", "Dupont", "")),
        ("Maître Anne Roux", ("Anne", "Roux", "")),
        ("Mme Claire d'Hont", ("Claire", "d'Hont", "")),
        ("Herr Prof. Dr. Hans Müller", ("Hans", "Müller", "")),
        ("Berg, Anna", ("Anna", "Berg", "")),
        ("Müller, Hans, Dipl.-Ing.", ("Hans", "Müller", "Dipl.-Ing.")),
        ("Dupont, Dr. Jean", ("Jean", "Dupont", "")),
        ("John Smith, PhD", ("John", "Smith", "PhD")),
        ("John Smith Jr.", ("John", "Smith", "Jr.")),
        ("Ludwig van Beethoven", ("Ludwig", "van Beethoven", "")),
        ("Jean de La Fontaine", ("Jean", "de La Fontaine", "")),
        ("Mohamed El Mahdi", ("Mohamed", "El Mahdi", "")),
        ("Van Morrison", ("Van", "Morrison", "")),
        ("Le Pen", ("", "Le Pen", "")),
        ("山田 太郎", ("太郎", "山田", "")),
        ("Jean Dupont (Acme)", ("Jean", "Dupont", "")),
        ("Jean", ("", "Jean", "")),
        ("Me Dupont", ("", "Dupont", "")),
    ],
)
def test_a_full_name_is_split_as_people_write_it(text: str, parts: tuple[str, str, str]) -> None:
    assert split_name(text) == parts


@given(st.text())
def test_a_split_name_is_made_of_the_words_that_were_written(text: str) -> None:
    assert all(word.rstrip(",") in text for part in split_name(text) for word in part.split())


def test_a_typed_surname_is_left_alone() -> None:
    completed = complete(people.PLAIN)
    assert completed.nature is Nature.PERSON
    assert completed.values == people.PLAIN.values
    assert not completed.invented


def test_a_full_name_gives_the_last_name_and_says_that_it_did() -> None:
    completed = complete(people.CAPITALS)
    assert (completed.values["given_name"], completed.values["surname"]) == ("Yann", "LE GOFF")
    assert completed.invented == {"given_name", "surname"}


@pytest.mark.parametrize(
    ("card", "surname"),
    [
        (people.GIVEN_ONLY, "Zoé"),
        (people.FILED_ONLY, "de La Tour"),
        (contact(given_name="Jean", full_name="Jean"), "Jean"),
        (contact(given_name="Jean Marie", full_name="Jean Marie Dupont"), "Dupont"),
        (contact(given_name="Jean", full_name="Dupont Jean"), "Dupont"),
        (contact(given_name="Bob", full_name="Robert Smith"), "Smith"),
        (contact(file_as="Dupont, Jean"), "Dupont"),
        (contact(file_as="Dupont, Jean (Acme)", company="Acme"), "Dupont"),
        (contact(full_name="jean@acme.fr", file_as="Dupont, Jean"), "Dupont"),
        (contact(nickname="Bob"), "Bob"),
        (contact(middle_name="Xavier"), "Xavier"),
    ],
)
def test_the_last_name_comes_from_the_best_place_that_has_one(card: Contact, surname: str) -> None:
    completed = complete(card)
    assert completed.nature is Nature.PERSON
    assert completed.values["surname"] == surname
    assert "surname" in completed.invented


def test_a_given_name_that_became_the_last_name_is_not_said_twice() -> None:
    assert "given_name" not in complete(people.GIVEN_ONLY).values


@pytest.mark.parametrize(
    "card",
    [
        people.COMPANY_CARD,
        contact(company="Acme"),
        contact(company="Acme", full_name="ACME"),
        contact(company="Acme SARL", full_name="Acme"),
        contact(company="La Poste", given_name="La", surname="Poste"),
        contact(full_name="Acme GmbH"),
        contact(surname="Acme Ltd"),
        contact(company="Acme", full_name="jean.dupont@acme.fr"),
        contact(company="Acme", file_as="Acme"),
    ],
)
def test_a_card_that_names_only_a_company_is_the_companys(card: Contact) -> None:
    completed = complete(card)
    assert completed.nature is Nature.COMPANY
    assert completed.values["company"]


def test_a_company_taken_from_the_name_is_marked_as_invented() -> None:
    assert complete(contact(full_name="Acme GmbH")).invented == {"company"}
    assert not complete(people.COMPANY_CARD).invented


@pytest.mark.parametrize(
    "card", [people.NO_NAME, people.ADDRESS_AS_NAME, contact(), contact(full_name="+33 1 42 68 53 00"), contact(surname="—")]
)
def test_a_card_without_name_and_company_says_nothing(card: Contact) -> None:
    assert complete(card).nature is Nature.NOTHING


_VALUES = st.dictionaries(
    st.sampled_from(["given_name", "middle_name", "surname", "suffix", "full_name", "company", "nickname", "email1"]),
    st.sampled_from(
        ["Jean", "DUPONT", "Dupont, Jean", "M.", "Acme", "Acme SARL", "a@b.fr", "12", "Dr Jean de La Tour Jr", "(x)", ",", "Jr."]
    ),
)


@given(_VALUES, st.sampled_from(["", "Dupont, Jean", "Acme", "Acme (Dupont, Jean)", ","]))
def test_every_person_has_a_last_name_and_every_company_a_company(values: dict[str, str], file_as: str) -> None:
    card = contact(file_as=file_as, **values)
    completed = complete(card)
    wanted = {Nature.PERSON: "surname", Nature.COMPANY: "company"}.get(completed.nature)
    assert wanted is None or completed.values[wanted].strip()
    assert completed.invented <= completed.values.keys()
    assert all(completed.values[key] == card.get(key) for key in completed.values.keys() - completed.invented)


@pytest.mark.parametrize(
    ("card", "called"),
    [
        (people.PLAIN, "Amina Haddad"),
        (people.NAMESAKE, "Jean Martin"),
        (people.FILED_ONLY, "de La Tour, Anne"),
        (people.NO_NAME, "someone@fabrikam.com"),
        (contact(company="Acme", email1="a@acme.fr"), "Acme"),
        (contact(home_phone="01 42"), "01 42"),
        (contact(), ""),
    ],
)
def test_a_card_is_called_by_what_it_says_best(card: Contact, called: str) -> None:
    assert label(card) == called
