"""Spellings are joined and kept apart from the terminal, and answers are listed and dropped there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cli.terminal import Terminal, write_csv

PEOPLE = (
    "Ada,Moss,Kalysta,ada@kalysta.example,",
    "Bob,Long,Kalysta SARL,bob@kalysta.example,",
    'Eve,Roy,"KALYSTA, S.A.R.L.",eve@kalysta.example,',
    "Yan,Petit,Fabrikam,yan@fabrikam.com,",
)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return write_csv(tmp_path / "people.csv", *PEOPLE)


def key_of(terminal: Terminal, source: Path) -> str:
    (variant,) = terminal.json("variants", source)["variants"]
    return str(variant["key"])


def titles(terminal: Terminal, source: Path) -> list[str]:
    return [each["title"] for each in terminal.json("groups", source)["groups"]]


def kept(terminal: Terminal) -> list[dict[str, Any]]:
    return list(terminal.json("rules"))


def test_m02_proposals_are_listed_with_their_reasons_and_join_nothing(terminal: Terminal, source: Path) -> None:
    told = terminal("variants", source)
    assert told.code == 0
    for said in ("Kalysta SARL (1)", "The same name without its organisation type", key_of(terminal, source)):
        assert said in told.out
    assert len(titles(terminal, source)) == 4
    assert kept(terminal) == []


def test_m02_an_accepted_proposal_makes_one_account_of_three_spellings(terminal: Terminal, source: Path) -> None:
    told = terminal("variants", source, "--accept", key_of(terminal, source), "--name", "Kalysta France")
    assert "are one company, called “Kalysta France”" in told.out
    assert "No two spellings look like one company." in told.out
    assert titles(terminal, source) == ["Fabrikam", "Kalysta France"]

    terminal.apply(terminal.json("plan", source, "--create-accounts"))

    assert sorted(terminal.accounts()) == ["Fabrikam", "Kalysta France"]
    again = terminal.json("plan", source, "--create-accounts")
    assert (again["counts"]["create"], again["counts"]["link"], again["counts"]["accounts"]) == (0, 0, 0)


def test_a_spelling_named_in_any_case_is_left_out(terminal: Terminal, source: Path) -> None:
    terminal.json("variants", source, "--accept", key_of(terminal, source), "--name", "Kalysta", "--without", "kalysta, s.a.r.l.")

    assert titles(terminal, source) == ["Fabrikam", "Kalysta", "KALYSTA, S.A.R.L."]


def test_a_refused_proposal_is_not_made_again(terminal: Terminal, source: Path) -> None:
    made = terminal.json("variants", source, "--refuse", key_of(terminal, source))

    assert made["variants"] == []
    assert [rule["kind"] for rule in made["rules"]] == ["apart"]
    assert terminal.json("variants", source)["variants"] == []
    assert len(titles(terminal, source)) == 4


def test_what_does_not_go_together_or_is_not_there_is_refused(terminal: Terminal, source: Path) -> None:
    key = key_of(terminal, source)
    wrong = {
        ("--accept", key, "--refuse", key): "Give one answer at a time.",
        ("--name", "Kalysta"): "Give one answer at a time.",
        ("--accept", "nowhere"): "Look at the proposals again.",
        ("--accept", key, "--without", "Fabrikam"): "Kalysta SARL",
    }
    for arguments, said in wrong.items():
        told = terminal("variants", source, *arguments)
        assert (told.code, said in told.err) == (2, True), told
    assert kept(terminal) == []


def test_rules_are_listed_and_dropped_once_approved(terminal: Terminal, source: Path) -> None:
    assert "There is no rule yet." in terminal("rules").out
    terminal("variants", source, "--accept", key_of(terminal, source), "--name", "Kalysta")
    terminal.json("plan", source)
    (rule,) = kept(terminal)
    told = terminal("rules")
    assert "are one company, called “Kalysta”" in told.out
    assert "3 contacts stand in 3 rows again" in told.out

    assert terminal("rules", "--drop", rule["id"]).code == 2
    assert kept(terminal) == [rule]
    dropped = terminal("rules", "--drop", rule["id"], "--yes")

    assert "3 contacts stand in 3 rows again" in dropped.out
    assert kept(terminal) == []
    assert terminal("rules", "--drop", rule["id"], "--yes").code == 2


def test_json_is_the_approval_of_a_drop_that_a_script_makes(terminal: Terminal, source: Path) -> None:
    made = terminal.json("variants", source, "--refuse", key_of(terminal, source))["rules"]

    assert terminal.json("rules", "--drop", made[0]["id"]) == made
    assert kept(terminal) == []
