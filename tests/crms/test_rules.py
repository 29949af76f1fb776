"""Does a CRM of ours take what fits, and give back what it took?"""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from carnet.crms import rules
from carnet.model.account import RecordKind
from carnet.model.field import BY_KEY, FIELDS

LINES = st.lists(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Zl", "Zp"]), max_size=300), max_size=6)
STREET = BY_KEY["business_street"].length or 0


@given(LINES)
def test_whatever_fits_a_street_fits_its_lines(lines: list[str]) -> None:
    street = rules.cut("\n".join(lines), STREET)
    assert all(rules.size(line) <= rules.LINE_LENGTH for line in rules.street_lines(street))


@given(LINES)
def test_a_settled_street_stays_as_it_is(lines: list[str]) -> None:
    settled = rules.settled_street(rules.cut("\n".join(lines), STREET))
    assert rules.settled_street(settled) == settled
    assert rules.joined_street(rules.street_lines(settled)) == settled


@given(LINES)
def test_no_letter_of_a_street_is_lost(lines: list[str]) -> None:
    street = rules.cut("\n".join(lines), STREET)
    letters = street.replace("\n", "").replace(" ", "").replace(",", "")
    assert "".join(rules.street_lines(street)).replace(" ", "").replace(",", "") == letters


def test_a_street_of_up_to_three_lines_comes_back_as_it_was() -> None:
    for street in ("", "1 rue X", "Bât. B\n1 rue X", "Bât. B\n\n1 rue X", "a\nb\nc"):
        assert rules.settled_street(street) == street


def test_a_long_single_line_is_broken_where_it_is_full() -> None:
    assert rules.street_lines("x" * 600) == ("x" * 250, "x" * 250, "x" * 100)


@given(st.text(max_size=40), st.integers(min_value=0, max_value=30))
def test_a_cut_text_is_the_longest_beginning_that_fits(text: str, length: int) -> None:
    short = rules.cut(text, length)
    assert text.startswith(short)
    assert rules.size(short) <= length
    assert short == text or rules.size(text[: len(short) + 1]) > length


def test_the_full_name_fits_its_field() -> None:
    parts = {"given_name": "é" * 50, "middle_name": "m" * 50, "surname": "s" * 50, "suffix": "x" * 10}
    assert rules.size(rules.full_name(parts)) == BY_KEY["full_name"].length == rules.FULL_NAME_LENGTH


def test_every_field_but_those_the_crm_makes_can_be_written() -> None:
    written = set(rules.LENGTHS[RecordKind.CONTACT])
    assert {field.key for field in FIELDS} - written == {"full_name", "company"}
