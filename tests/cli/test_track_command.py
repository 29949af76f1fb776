"""`carnet contacts`, `track`, `set-parent` and `untrack`, as a script and as a person use them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cli.terminal import Terminal, adds_up, write_vcf

PEOPLE = (
    "FN:Ada Lovelace|N:Lovelace;Ada|ORG:Contoso|EMAIL:ada@contoso.com|UID:a",
    "FN:Bob Martin|N:Martin;Bob|ORG:Contoso|EMAIL:bob@contoso.com|UID:b",
    "FN:Clara Nowak|N:Nowak;Clara|ORG:Fabrikam|EMAIL:clara@fabrikam.com|UID:c",
)


@pytest.fixture
def cards(terminal: Terminal, tmp_path: Path) -> Path:
    terminal.json("init", "--name", "Alix Renard", "--address", "alix@contoso.com")
    return write_vcf(tmp_path / "cards.vcf", *PEOPLE)


def listed(terminal: Terminal, cards: Path, *options: str) -> dict[str, Any]:
    return {each["name"]: each for each in terminal.json("contacts", cards, *options)}


def contact(terminal: Terminal, cards: Path, *names: str) -> list[str]:
    found = listed(terminal, cards)
    return [argument for name in names for argument in ("--contact", found[name]["contact"])]


def test_a_contact_goes_from_not_tracked_over_pending_to_tracked_and_back(terminal: Terminal, cards: Path) -> None:
    ada = contact(terminal, cards, "Ada Lovelace")
    plan = terminal.json("track", cards, *ada)
    assert terminal.contacts() == {}
    waiting = listed(terminal, cards, "--pending")
    assert (list(waiting), waiting["Ada Lovelace"]["run"]) == (["Ada Lovelace"], plan["run"])

    terminal.apply(plan)
    assert terminal.contacts()["Ada Lovelace"]["parent"] is None
    assert terminal.accounts() == []
    assert list(listed(terminal, cards, "--tracked")) == ["Ada Lovelace"]
    assert list(listed(terminal, cards, "--not-tracked")) == ["Bob Martin", "Clara Nowak"]

    untrack = terminal.json("untrack", cards, *ada, "--delete")
    assert [(each["action"], each["reason"]) for each in untrack["contacts"]] == [("delete", "")]
    done = terminal.json("apply", untrack["run"], "--fingerprint", untrack["fingerprint"])
    assert done["counts"]["contacts_deleted"] == 1
    assert terminal.contacts() == {}
    terminal.json("undo", untrack["run"])
    assert list(terminal.contacts()) == ["Ada Lovelace"]


def test_set_parent_takes_an_account_by_name_a_contact_or_a_new_account(terminal: Terminal, cards: Path) -> None:
    both = contact(terminal, cards, "Ada Lovelace", "Clara Nowak")
    terminal.apply(terminal.json("set-parent", cards, *both, "--new-account", "Northwind"))
    assert {each["parent"]["name"] for each in terminal.contacts().values()} == {"Northwind"}

    bob = contact(terminal, cards, "Bob Martin")
    terminal.apply(terminal.json("set-parent", cards, *bob, "--account", "northwind"))
    boss = terminal.contacts()["Clara Nowak"]["id"]
    plan = terminal.json("set-parent", cards, *bob, "--parent-contact", boss)
    assert plan["counts"]["update"] == 1
    assert adds_up(terminal.apply(plan)["counts"])
    assert listed(terminal, cards)["Bob Martin"]["parent"]["name"] == "Clara Nowak"
    assert terminal.accounts() == ["Northwind"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["set-parent"], "CA101"),
        (["set-parent", "--account", "Nobody"], "CA103"),
        (["set-parent", "--parent-contact", "none"], "CA103"),
        (["set-parent", "--account", "x", "--new-account", "y"], "CA101"),
        (["untrack"], "CA112"),
        (["untrack", "--keep"], "CA100"),
    ],
)
def test_what_cannot_be_done_is_refused_with_what_to_do(
    terminal: Terminal, cards: Path, *, arguments: list[str], said: str
) -> None:
    command, *options = arguments
    told = terminal(command, cards, *contact(terminal, cards, "Ada Lovelace"), *options, "--json")
    assert told.code == 2
    assert told.json["error"]["code"] == said
    assert told.json["error"]["hint"]


def test_accounts_of_one_name_are_told_apart_and_a_part_of_a_name_leads_on(
    terminal: Terminal, cards: Path, tmp_path: Path
) -> None:
    table = tmp_path / "accounts.csv"
    table.write_text("Company,Business City\nLitware,Lyon\nLitware Paris,Paris\n", encoding="utf-8")
    terminal.json("crm", "import", table)
    ada = contact(terminal, cards, "Ada Lovelace")
    hint = terminal("set-parent", cards, *ada, "--account", "Litw", "--json").json["error"]["hint"]
    assert hint == "Similar names: Litware, Litware Paris."


def test_t01_twenty_one_contacts_are_refused_with_a_pointer_to_the_wizard(terminal: Terminal, tmp_path: Path) -> None:
    many = write_vcf(tmp_path / "many.vcf", *(f"FN:Person N{n:02}|N:N{n:02};Person|UID:{n}" for n in range(21)))
    chosen = [argument for each in terminal.json("contacts", many) for argument in ("--contact", each["contact"])]
    told = terminal("track", many, *chosen)
    assert told.code == 2
    assert "carnet plan SOURCE" in told.err


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ["Ada Lovelace", "stays in the CRM", "1 contact is untracked; nothing is deleted in the CRM."]),
        ("fr", ["Ada Lovelace", "reste dans le CRM", "1 contact n’est plus suivi ; rien n’est supprimé dans le CRM."]),
    ],
)
def test_the_consequence_is_told_in_words_before_anything_is_done(
    terminal: Terminal, cards: Path, *, language: str, said: list[str]
) -> None:
    ada = contact(terminal, cards, "Ada Lovelace")
    terminal.apply(terminal.json("track", cards, *ada))
    told = terminal("--language", language, "untrack", cards, *ada, "--keep").out.replace("\u00a0", " ")
    assert [each in told for each in said] == [True] * 3
    assert list(listed(terminal, cards, "--tracked")) == ["Ada Lovelace"]
