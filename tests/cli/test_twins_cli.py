"""A plan names the people who are on several cards, its numbers add up, and a card that is somebody else can be parted."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.terminal import Terminal, write_vcf

ZITA = "FN:Zita Double|N:Double;Zita|EMAIL:zita@example.com"
ANNE = "FN:Anne Deux|N:Deux;Anne|EMAIL:anne@example.com"
MANY = (*(f"{ZITA}|UID:z{n}" for n in range(3)), *(f"{ANNE}|UID:a{n}" for n in range(2)), "FN:Lou Petit|N:Petit;Lou|UID:l")


@pytest.fixture
def cards(terminal: Terminal, tmp_path: Path) -> Path:
    terminal.json("init", "--name", "Alix Renard", "--address", "alix@contoso.com")
    return write_vcf(tmp_path / "cards.vcf", *MANY)


def test_people_and_cards_are_counted_apart_and_add_up_to_the_cards(terminal: Terminal, cards: Path) -> None:
    plan = terminal.json("plan", cards)
    assert (plan["counts"]["create"], plan["counts"]["link"], plan["counts"]["twins"]) == (3, 3, 3)
    assert [(each["name"], len(each["contacts"])) for each in plan["people"]] == [("Zita Double", 3), ("Anne Deux", 2)]
    done = terminal.apply(plan)["counts"]
    assert (done["read"], done["added"], done["linked"], done["twins"]) == (6, 3, 3, 3)
    on_several = sum(len(each["contacts"]) for each in plan["people"])
    assert on_several == len(plan["people"]) + done["twins"]
    assert terminal.json("show", plan["run"])["people"] == plan["people"]
    assert sorted(terminal.contacts()) == ["Anne Deux", "Lou Petit", "Zita Double"]


def test_a_link_to_the_crm_is_no_further_card(terminal: Terminal, cards: Path, tmp_path: Path) -> None:
    terminal.apply(terminal.json("plan", write_vcf(tmp_path / "one.vcf", f"{ZITA}|UID:other")))
    done = terminal.apply(terminal.json("plan", cards))["counts"]
    assert (done["added"], done["linked"], done["twins"]) == (2, 4, 3)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ["2 people are on 5 cards.", "Zita Double: 3 cards"]),
        ("fr", ["2 personnes sur 5 fiches.", "Zita Double : 3 fiches"]),
    ],
)
def test_the_plan_and_the_summary_name_them_in_both_languages(
    terminal: Terminal, cards: Path, *, language: str, said: list[str]
) -> None:
    run = terminal.json("plan", cards)["run"]
    shown = [
        terminal("--language", language, command, *more).out.replace("\u00a0", " ")
        for command, *more in (("plan", cards), ("show", run))
    ]
    assert [each in text for text in shown for each in said] == [True] * 4


def test_a_card_that_is_somebody_else_is_parted(terminal: Terminal, cards: Path) -> None:
    plan = terminal.json("plan", cards)
    first, _, third = plan["people"][0]["contacts"]
    again = terminal.json("answer", plan["run"], "--edit", f"{first}:job_title=Buyer")
    again = terminal.json("answer", plan["run"], "--apart", third)
    assert [(each["name"], len(each["contacts"])) for each in again["people"]] == [("Zita Double", 2), ("Anne Deux", 2)]
    assert again["fingerprint"] != plan["fingerprint"]
    assert terminal.apply(again)["counts"]["added"] == 4


def test_a_card_of_nobody_with_several_cannot_be_parted(terminal: Terminal, cards: Path) -> None:
    run = terminal.json("plan", cards)["run"]
    seen = terminal("answer", run, "--apart", "nobody", "--json")
    assert (seen.code, seen.json["error"]["message"]) == (2, "nobody is no card of a person on several cards.")


SWITCHBOARD = [
    f"FN:Person{chr(65 + n // 26)} {chr(65 + n % 26)}name|N:{chr(65 + n % 26)}name;Person{chr(65 + n // 26)}|EMAIL:info@example.com"
    for n in range(45)
]


def test_what_too_many_people_share_to_be_compared_is_told_in_one_sentence(terminal: Terminal, tmp_path: Path) -> None:
    terminal.json("init", "--name", "Alix Renard", "--address", "alix@contoso.com")
    crowd = write_vcf(tmp_path / "crowd.vcf", *SWITCHBOARD)
    assert terminal.json("plan", crowd)["crowded"] == 1
    assert terminal.json("check", crowd)["crowded"] == 1
    said = [terminal(command, crowd).out for command in ("plan", "check")]
    assert ["1 address, number or name is shared by more than 40 people" in " ".join(each.split()) for each in said] == [True] * 2
