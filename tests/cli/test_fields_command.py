"""`carnet fields`: which way each field goes, shown to everybody, changed by the administrator."""

from __future__ import annotations

import os

import pytest

from carnet.model.direction import SETTABLE, Addresses, Direction
from carnet.settings import POLICY_FILE, read_policy
from cli.terminal import Terminal, write_vcf
from cli.test_shapes import documented, paths


def test_every_row_is_listed_with_its_direction(terminal: Terminal) -> None:
    told = terminal.json("fields")
    assert paths(told) == documented("fields")
    assert (told["addresses"], told["administrator"], len(told["fields"])) == ("one", True, 34)
    assert [each["key"] for each in told["fields"] if not each["settable"]] == ["full_name", "company"]
    assert [each["key"] for each in told["fields"] if not each["reaches_crm"]] == ["home_address", "other_address"]
    table = terminal("fields").out
    assert "both ways (fixed)" in table
    assert "only with three addresses" in table


def test_directions_are_set_and_hold_for_the_next_command(terminal: Terminal) -> None:
    told = terminal.json("fields", "--set", "notes=none", "--set", "birthday=to_outlook")
    assert {each["key"]: each["direction"] for each in told["fields"] if each["direction"] != "both"} == {
        "notes": "none",
        "birthday": "to_outlook",
    }
    assert read_policy(terminal.home).directions == {"notes": Direction.NONE, "birthday": Direction.TO_OUTLOOK}
    assert "✕ not at all" in terminal("fields").out


def test_c07_turning_to_three_addresses_is_told_and_needs_a_yes(terminal: Terminal) -> None:
    refused = terminal("fields", "--addresses", "three")
    assert refused.code == 2
    assert "can be lost" in refused.err
    assert "--yes" in refused.err
    assert not (terminal.home / POLICY_FILE).exists()
    assert terminal.json("fields", "--addresses", "three", "--yes")["addresses"] == "three"
    assert read_policy(terminal.home).addresses is Addresses.THREE
    assert terminal.json("fields", "--addresses", "one")["addresses"] == "one"


@pytest.mark.parametrize(("name", "told"), [("cards.vcf", {}), ("table.csv", {"notes": "secret", "home_city": "Nantes"})])
def test_f05_cards_that_are_imported_follow_the_directions_and_a_table_of_the_crms_own_does_not(
    terminal: Terminal, name: str, told: dict[str, str]
) -> None:
    terminal("fields", "--set", "notes=none")
    source = terminal.folder / name
    if name.endswith(".vcf"):
        write_vcf(source, "N:Roy;Ann|FN:Ann Roy|NOTE:secret|ADR;TYPE=home:;;;Nantes;;;")
    else:
        source.write_text("First Name,Last Name,Notes,Home City\nAnn,Roy,secret,Nantes\n", encoding="utf-8")
    terminal.json("crm", "import", str(source))
    (contact,) = terminal.json("crm", "contacts")
    assert {key: value for key, value in contact["values"].items() if key in {"notes", "home_city"}} == told
    assert "Directions of fields are about Outlook" in " ".join(terminal("crm", "import", "--help").out.split())


@pytest.mark.parametrize(
    ("wanted", "why"),
    [
        ("hat=none", "hat is no field with a direction"),
        ("full_name=none", "full_name always goes both ways"),
        ("company=to_crm", "company always goes both ways"),
        ("notes=sideways", "sideways is no direction"),
        ("notes", "is no direction"),
    ],
)
def test_what_cannot_be_set_is_refused_with_what_can(wanted: str, why: str, terminal: Terminal) -> None:
    told = terminal("fields", "--set", wanted)
    assert told.code == 2
    assert why in told.err
    assert not (terminal.home / POLICY_FILE).exists()


def test_f04_only_the_administrator_changes_directions_and_everybody_sees_them(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal.json("fields", "--set", "notes=none")
    monkeypatch.setattr(os, "getuid", lambda: 64_999)  # another user of the computer
    refused = terminal("fields", "--set", "notes=both")
    assert refused.code == 2
    assert "Only an administrator" in refused.err
    told = terminal.json("fields")
    assert not told["administrator"]
    assert {each["key"]: each["direction"] for each in told["fields"]}["notes"] == "none"
    assert len([each for each in told["fields"] if each["settable"]]) == len(SETTABLE)
