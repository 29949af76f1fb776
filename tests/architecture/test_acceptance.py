"""Does the acceptance table cover every line of the behaviour spec?"""

from __future__ import annotations

import re

import pytest

from architecture.acceptance import GROUPS, NOTES, PAGE, SINGLY, ids_of, later, shown, spec_ids
from shared_data import shared

AGAIN = "make it again: python tests/architecture/acceptance.py"


@pytest.fixture(scope="module")
def ids() -> list[str]:
    return spec_ids(shared("spec", "behaviour.md").read_text(encoding="utf-8"))


def test_the_spec_has_lines_of_every_kind(ids: list[str]) -> None:
    assert len(ids) == len(set(ids)) > 150
    assert {each[0] for each in ids} == set(GROUPS)


def test_every_line_is_shown_by_a_test_or_has_its_later_part(ids: list[str]) -> None:
    assert [each for each in ids if each not in shown() and not later(each)] == []


def test_every_line_of_the_wizard_is_shown_by_a_test(ids: list[str]) -> None:
    assert [each for each in ids if each.startswith("W") and each not in shown()] == []


def test_no_test_names_a_line_that_is_not_there(ids: list[str]) -> None:
    assert sorted({*shown(), *SINGLY, *NOTES} - set(ids)) == []


def rows() -> dict[str, tuple[str, str]]:
    """Id → what the page says of it: who shows it, and the notes."""
    found = re.findall(r"^\| ([A-Z]\d\d) \| (.*?) \| (.*?) ?\|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    return {identity: (proof, notes) for identity, proof, notes in found}


def test_the_page_has_every_line_and_its_notes(ids: list[str]) -> None:
    told = rows()
    assert list(told) == sorted(ids, key=lambda each: (list(GROUPS).index(each[0]), each)), AGAIN
    assert {each: notes for each, (_, notes) in told.items() if notes} == NOTES, AGAIN


def test_the_page_names_tests_that_are_there_and_else_what_comes_later(ids: list[str]) -> None:
    told, tests = rows(), shown()
    for each in ids:
        proofs = [proof for proof in told[each][0].split("<br>") if proof.endswith("`)")]
        assert set(proofs) <= {f"{said} (`{path}`)" for path, said in tests.get(each, [])}, f"{each}: {AGAIN}"
        assert bool(proofs) == (each in tests), f"{each}: {AGAIN}"
        assert proofs or told[each][0] == later(each), f"{each}: {AGAIN}"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("test_w13_counted_once", ["W13"]),
        ("test_w33_w34_picked", ["W33", "W34"]),
        ("test_w16_to_w20_colours", ["W16", "W17", "W18", "W19", "W20"]),
        ("test_there_are_w13_ways", []),
    ],
)
def test_ids_stand_at_the_beginning_of_a_name(name: str, expected: list[str]) -> None:
    assert list(ids_of(name)) == expected
