"""Which values of a card go to the CRM, in which form, and which do not fit?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import people
from carnet.core.completing import Nature, complete
from carnet.core.mapping import fill_blanks, to_account, to_crm
from carnet.model.contact import Contact
from carnet.model.field import BY_KEY, FIELDS, Merge, Shape
from people import contact


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def test_the_company_and_the_full_name_are_not_copied_as_text() -> None:
    assert not {"company", "full_name"} & to_crm(people.PLAIN).values.keys()


def test_everything_else_that_fits_goes_over_unchanged() -> None:
    wanted = {key: value for key, value in people.PLAIN.values.items() if key not in {"company", "full_name"}}
    mapped = to_crm(people.PLAIN)
    assert mapped.values == wanted
    assert not mapped.too_long
    assert mapped.invented == frozenset()


def test_a_long_note_is_left_out_and_told_in_full() -> None:
    mapped = to_crm(people.LONG_NOTE)
    assert "notes" not in mapped.values
    assert mapped.too_long["notes"] == people.LONG_NOTE.get("notes").strip()
    assert mapped.values["surname"] == "Prévost"


def test_a_long_last_name_is_cut_at_a_word_and_never_holds_the_person() -> None:
    mapped = to_crm(people.LONG_SURNAME)
    whole = people.LONG_SURNAME.get("surname")
    assert mapped.values["surname"] == "de Souza de Souza de Souza de Souza de Souza de"
    assert mapped.too_long["surname"] == whole


@pytest.mark.parametrize(
    ("surname", "cut"),
    [
        ("x" * 80, "x" * 50),
        ("\N{GRINNING FACE}" * 30, "\N{GRINNING FACE}" * 25),
        ("a" + "\N{GRINNING FACE}" * 30, "a" + "\N{GRINNING FACE}" * 24),
    ],
)
def test_a_long_last_name_of_one_word_is_cut_within_it_but_never_within_a_character(surname: str, cut: str) -> None:
    assert to_crm(contact(surname=surname)).values["surname"] == cut


def test_lengths_are_counted_in_utf_16_units() -> None:
    fits = "\N{GRINNING FACE}" * 50
    assert to_crm(contact(surname="X", job_title=fits)).values["job_title"] == fits
    assert "job_title" in to_crm(contact(surname="X", job_title=fits + "!")).too_long


def test_a_birthday_without_a_year_waits_to_be_completed() -> None:
    mapped = to_crm(people.BIRTHDAY_WITHOUT_YEAR)
    assert "birthday" not in mapped.values
    assert mapped.too_long == {"birthday": "--02-29"}


@pytest.mark.parametrize("text", ["2025-02-29", "yesterday", "01/02/1970"])
def test_a_date_that_is_none_never_reaches_the_crm(text: str) -> None:
    assert "anniversary" not in to_crm(contact(surname="X", anniversary=text)).values


@pytest.mark.parametrize(
    ("street", "fits"),
    [
        ("\n".join(["x" * 250] * 3), True),
        ("x" * 251, False),
        ("a\nb\n" + "\n".join(["x" * 100] * 2), True),
        ("a\nb\n" + "\n".join(["x" * 100] * 3), False),
    ],
)
def test_a_street_fits_in_three_lines_of_which_the_third_takes_the_rest(street: str, fits: bool) -> None:
    mapped = to_crm(contact(surname="X", business_street=street))
    assert ("business_street" in mapped.values) is fits
    assert ("business_street" in mapped.too_long) is not fits


def test_control_characters_and_foreign_line_ends_do_not_cross() -> None:
    mapped = to_crm(contact(surname="Dup\x00ont", notes="one\r\ntwo\x07\rthree\x0bfour", job_title="a\n b"))
    assert mapped.values == {"surname": "Dupont", "notes": "one\ntwo\nthree\nfour", "job_title": "a b"}


def test_an_edit_replaces_a_value_and_a_blank_edit_clears_it() -> None:
    mapped = to_crm(people.NO_NAME, {"surname": "Diop", "email1": ""})
    assert mapped.values == {"surname": "Diop"}
    assert mapped.invented == frozenset()


def test_a_company_card_added_as_a_person_takes_the_company_for_its_last_name() -> None:
    mapped = to_crm(people.COMPANY_CARD)
    assert mapped.values["surname"] == "Adventure Works SARL"
    assert "surname" in mapped.invented


@pytest.mark.parametrize("name", people.CAST)
def test_no_member_of_the_cast_is_lost(name: str) -> None:
    card = people.CAST[name]
    mapped = to_crm(card)
    assert ("surname" in mapped.values) is (complete(card).nature is not Nature.NOTHING)
    wanted = {key for key in card.values if BY_KEY[key].merge is not Merge.NEVER}
    assert wanted - {"given_name"} <= mapped.values.keys() | mapped.too_long.keys()


@given(
    st.dictionaries(
        st.sampled_from([field.key for field in FIELDS]),
        st.text(max_size=30) | st.sampled_from(["é" * 3000, "x y " * 600, "\n" * 9]),
    )
)
def test_whatever_a_card_holds_fits_the_crm_or_waits_in_full(values: dict[str, str]) -> None:
    mapped = to_crm(Contact(values=values))
    for key, value in mapped.values.items():
        field = BY_KEY[key]
        assert value == value.strip() != ""
        assert field.length is None or field.shape is Shape.LINES or units(value) <= field.length
        assert "\r" not in value
    assert mapped.invented <= mapped.values.keys()


def test_a_company_card_makes_an_account() -> None:
    card = contact(
        company="Contoso", web_page="https://contoso.com", email1="info@contoso.com", business_city="Lyon", home_city="Nice"
    )
    assert to_account(card).values == {
        "name": "Contoso",
        "website": "https://contoso.com",
        "email1": "info@contoso.com",
        "business_city": "Lyon",
    }


def test_an_account_with_a_long_name_is_cut_and_told_in_full() -> None:
    name = "Fédération " * 20
    mapped = to_account(contact(company=name))
    assert units(mapped.values["name"]) <= 160
    assert mapped.too_long["name"] == name.strip()


def test_only_what_the_crm_lacks_is_filled() -> None:
    assert fill_blanks({"job_title": "CEO", "department": "Board"}, {"job_title": "CTO", "department": " "}) == {
        "department": "Board"
    }


def test_an_address_that_the_crm_has_in_another_slot_is_not_written_twice() -> None:
    wanted = {"email1": "a@contoso.com", "email2": "B@contoso.com"}
    assert fill_blanks(wanted, {"email3": "A@Contoso.com"}) == {"email2": "B@contoso.com"}


def test_a_phone_that_the_crm_has_in_another_slot_is_not_written_twice() -> None:
    wanted = {"business_phone": "01 42 68 53 00", "mobile_phone": "06 12 34 56 78"}
    assert fill_blanks(wanted, {"other_phone": "+33 1 42685300"}) == {"mobile_phone": "06 12 34 56 78"}


def test_a_name_is_never_pieced_together_from_two_sides() -> None:
    wanted = {"given_name": "Claire", "middle_name": "Anne", "surname": "Martin", "suffix": "Jr"}
    assert fill_blanks(wanted, {"surname": "Dubois"}) == {}
    assert fill_blanks(wanted, {"email1": "c@contoso.com"}) == wanted


def test_an_address_is_never_pieced_together_from_two_places() -> None:
    wanted = {"business_street": "1 rue de Lyon", "business_city": "Lyon", "home_city": "Nice"}
    assert fill_blanks(wanted, {"business_city": "Paris"}) == {"home_city": "Nice"}
    assert fill_blanks(wanted, {"business_city": "LYON"}) == {"business_street": "1 rue de Lyon", "home_city": "Nice"}


_SIDE = st.dictionaries(
    st.sampled_from(["email1", "email2", "business_phone", "surname", "given_name", "home_city", "notes"]),
    st.sampled_from(["", "a@b.fr", "0142685300", "X"]),
)


@given(_SIDE, _SIDE)
def test_filling_never_overwrites_and_a_second_time_fills_nothing(wanted: dict[str, str], found: dict[str, str]) -> None:
    filled = fill_blanks(wanted, found)
    assert all(not found.get(key) for key in filled)
    assert fill_blanks(wanted, {**found, **filled}) == {}


def test_emails_past_the_third_are_listed_to_complete_since_the_crm_has_no_field_for_them() -> None:
    four = Contact(
        values={"surname": "Lovelace", "email1": "a@x.example", "email2": "b@x.example", "email3": "c@x.example"},
        more_emails=("d@x.example",),
    )
    mapped = to_crm(four)
    assert mapped.too_long == {"email4": "d@x.example"}
    assert "email4" not in mapped.values


def test_values_fit_the_columns_as_they_are_in_that_crm() -> None:
    card = contact(
        surname="Durand Lefebvre", job_title="Directrice adjointe", department="x" * 120, business_street="1 rue du Bac"
    )
    lengths = {"surname": 10, "job_title": 10, "department": 150, "business_street": 30}
    mapped = to_crm(card, lengths=lengths)
    assert mapped.values["surname"] == "Durand"
    assert mapped.values["department"] == "x" * 120
    assert mapped.too_long == {
        "surname": "Durand Lefebvre",
        "job_title": "Directrice adjointe",
        "business_street": "1 rue du Bac",
    }, "three lines of ten"
    assert "department" in to_crm(card).too_long
    short = to_account(contact(company="Boulangerie Martin", email1="accueil@martin.example"), lengths={"name": 12, "email1": 8})
    assert (short.values["name"], dict(short.too_long)) == (
        "Boulangerie",
        {"name": "Boulangerie Martin", "email1": "accueil@martin.example"},
    )
