"""What waits for a person, and what do answers do?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cli.terminal import Terminal, card, write_csv, write_pst

Asked = dict[str, Any]


@pytest.fixture
def asked(terminal: Terminal, tmp_path: Path) -> Asked:
    """A plan with two namesakes to decide on, two accounts of one name, a card without a name and one of a company."""
    terminal.json(
        "crm",
        "import",
        write_csv(
            tmp_path / "seed.csv",
            ",,Adventure Works,,",
            ",,Adventure Works,,",
            "Nadia,Benali,Woodgrove Bank,nadia.benali@woodgrovebank.com,",
            "Alan,Turing,Woodgrove Bank,turing@woodgrovebank.com,",
        ),
    )
    people = [
        card("Nadia Benali", company="Woodgrove Bank", email1="nadia@woodgrovebank.com"),
        card("Alan Turing", company="Woodgrove Bank", email1="alan@woodgrovebank.com"),
        card("Ada Lovelace", company="Adventure Works", email1="ada@adventure-works.com"),
        card("", email1="who@example.com"),
        card("", company="Lucerne Publishing"),
    ]
    plan: Asked = terminal.json("plan", write_pst(tmp_path / "m.pst", {"Contacts": people}))
    return plan


def questions(terminal: Terminal, run: int) -> dict[str, list[dict[str, Any]]]:
    """The open questions by kind."""
    found: dict[str, list[dict[str, Any]]] = {}
    for each in terminal.json("questions", run):
        found.setdefault(each["kind"], []).append(each)
    return found


def test_questions_show_both_sides_and_the_evidence(terminal: Terminal, asked: Asked) -> None:
    found = questions(terminal, asked["run"])

    assert {kind: len(each) for kind, each in found.items()} == {"person": 2, "account": 1, "no_name": 1, "company_card": 1}
    nadia = next(each for each in found["person"] if "Nadia" in each["about"])
    assert nadia["suggestions"][0]["name"] == "Nadia Benali"
    assert nadia["suggestions"][0]["confidence"] == "likely"
    assert nadia["suggestions"][0]["evidence"]
    told = terminal("questions", asked["run"])
    assert f"{nadia['key']}={nadia['options'][0]['value']}" in told.out
    assert nadia["suggestions"][0]["evidence"][0] in told.out


def test_what_nobody_answers_is_held_and_the_others_go_on(terminal: Terminal, asked: Asked) -> None:
    done = terminal.apply(asked, code=4)

    assert done["counts"]["held"] == 5
    assert len(questions(terminal, asked["run"])["person"]) == 2


def test_one_answer_settles_one_question(terminal: Terminal, asked: Asked) -> None:
    nadia = next(each for each in questions(terminal, asked["run"])["person"] if "Nadia" in each["about"])
    link = next(each["value"] for each in nadia["options"] if each["value"].startswith("link:"))

    again = terminal.json("answer", asked["run"], f"{nadia['key']}={link}")

    assert again["fingerprint"] != asked["fingerprint"]
    assert again["counts"]["link"] == asked["counts"]["link"] + 1
    assert len(questions(terminal, asked["run"])["person"]) == 1
    refused = terminal("apply", asked["run"], "--fingerprint", asked["fingerprint"])
    assert refused.code == 2
    assert terminal.apply(again, code=4)["counts"]["linked"] == 1


def test_a_kind_is_answered_in_bulk(terminal: Terminal, asked: Asked) -> None:
    linked = terminal.json("answer", asked["run"], "--all", "person=link")
    assert linked["counts"]["link"] == 2

    created = terminal.json("answer", asked["run"], "--all", "company_card=account", "--all", "no_name=skip")
    assert created["counts"]["accounts"] == 1
    assert "person" not in questions(terminal, asked["run"])
    assert terminal.apply(created, code=4)["counts"]["held"] == 1
    assert "Lucerne Publishing" in terminal.accounts()


def test_a_name_can_be_typed_for_a_card_without_one(terminal: Terminal, asked: Asked) -> None:
    (nameless,) = questions(terminal, asked["run"])["no_name"]
    (record,) = nameless["records"]

    again = terminal.json("answer", asked["run"], "--edit", f"{record}:surname=Winter")

    assert "no_name" not in questions(terminal, asked["run"])
    terminal.apply(again, code=4)
    assert terminal.contacts()["Winter"]["values"]["email1"] == "who@example.com"


def test_answers_after_the_run_are_added_to_it(terminal: Terminal, asked: Asked) -> None:
    terminal.apply(asked, code=4)

    again = terminal.json("answer", asked["run"], "--all", "person=create", "--all", "account=none", "--all", "no_name=skip")
    done = terminal.apply({**asked, "fingerprint": again["fingerprint"]}, code=4)

    assert done["counts"]["held"] == 1
    assert {"Ada Lovelace", "Nadia Benali"} <= {each["name"] for each in terminal.json("crm", "contacts")}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nothing=create",), "has no question nothing"),
        (("create",), "is no answer"),
        (("--all", "colour=red"), "is no kind of question"),
        (("--edit", "s:1:shoe=41"), "shoe is no field"),
    ],
)
def test_an_answer_that_fits_nothing_is_refused(
    terminal: Terminal, asked: Asked, *, arguments: tuple[str, ...], said: str
) -> None:
    told = terminal("answer", asked["run"], *arguments)

    assert told.code == 2
    assert said in " ".join(told.err.split())


def test_an_option_that_the_question_does_not_offer_is_refused_with_those_it_does(terminal: Terminal, asked: Asked) -> None:
    (nameless,) = questions(terminal, asked["run"])["no_name"]

    told = terminal("answer", asked["run"], f"{nameless['key']}=perhaps")

    assert told.code == 2
    assert "skip" in told.err


def test_a_run_without_questions_says_so(terminal: Terminal, mailbox: Path) -> None:
    assert "No question waits." in terminal("questions", terminal.json("plan", mailbox)["run"]).out
