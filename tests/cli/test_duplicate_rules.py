"""The duplicate rules on the command line."""

from __future__ import annotations

from pathlib import Path

from cli.terminal import Terminal, card, write_pst


def rules(terminal: Terminal, *arguments: str) -> dict[str, bool]:
    return {each["id"]: each["published"] for each in terminal.json("crm", "duplicates", *arguments)["rules"]}


def test_rules_are_listed_published_and_unpublished(terminal: Terminal) -> None:
    assert rules(terminal)["contact-email"]
    changed = rules(terminal, "--unpublish", "contact-email", "--publish", "contact-name")
    assert (changed["contact-email"], changed["contact-name"]) == (False, True)
    said = terminal("--language", "fr", "crm", "duplicates").out
    assert "La détection des doublons est activée." in said
    assert not terminal.json("crm", "duplicates", "--off")["on"]
    assert terminal.json("crm", "duplicates", "--on")["on"]
    assert terminal.json("crm", "duplicates", "--publish", "none", code=2)["error"]["code"] == "CA103"


def test_d04_what_a_rule_holds_is_asked_and_not_while_detection_is_off(terminal: Terminal, tmp_path: Path) -> None:
    first = write_pst(tmp_path / "first.pst", {"Contacts": [card("Ada Lovelace", email1="info@contoso.com")]})
    second = tmp_path / "second.csv"
    second.write_text("First Name,Last Name,E-mail Address\nGrace,Hopper,info@contoso.com\n", encoding="utf-8")
    terminal.json("init", "--name", "Alix Renard", "--address", "alix@contoso.com")
    terminal.apply(terminal.json("plan", first))
    held = terminal.json("plan", second)
    (question,) = terminal.json("questions", held["run"])
    assert (held["counts"]["ask"], question["kind"]) == (1, "duplicate")
    terminal.json("crm", "duplicates", "--off")
    assert terminal.json("plan", second)["counts"]["create"] == 1
