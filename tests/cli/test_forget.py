"""Can a run be forgotten, somebody asked after, and the policy not be got round on the command line?"""

from __future__ import annotations

from pathlib import Path

import pytest

from carnet.errors import BadSettings
from carnet.model.choices import Preset
from carnet.model.policy import Policy
from carnet.settings import POLICY_FILE, read_policy
from cli.terminal import Terminal, write_vcf

ANN = "N:Roy;Ann|FN:Ann Roy|ORG:Contoso|EMAIL:ann@contoso.com|BDAY:1977-03-04|NOTE:likes maize"


@pytest.fixture
def cards(tmp_path: Path) -> Path:
    return write_vcf(tmp_path / "cards.vcf", ANN, "N:Lind;Eva|FN:Eva Lind|EMAIL:eva@contoso.com")


def policy(terminal: Terminal, text: str) -> None:
    terminal.home.mkdir(exist_ok=True)
    (terminal.home / POLICY_FILE).write_text(text, encoding="utf-8")


# The policy


def test_without_a_file_nothing_is_forbidden(tmp_path: Path) -> None:
    assert read_policy(tmp_path) == Policy()


def test_every_rule_is_read(tmp_path: Path) -> None:
    (tmp_path / POLICY_FILE).write_text(
        'fields = "professional"\nundo_months = 6\nlargest_run = 500\ncreate_accounts = false\ncommunications = false\n'
    )
    assert read_policy(tmp_path) == Policy(
        fields=Preset.PROFESSIONAL, undo_months=6, largest_run=500, create_accounts=False, communications=False
    )


@pytest.mark.parametrize(
    ("text", "line", "key"),
    [
        ('# ours\nfields = "some"\n', "2", "fields"),
        ("undo_months = 0", "1", "undo_months"),
        ("undo_months = 121", "1", "undo_months"),
        ("undo_months = true", "1", "undo_months"),
        ("undo_months = 1.5", "1", "undo_months"),
        ("fields = []", "1", "fields"),
        ('fields = "all"\n\nlargest_run = "many"', "3", "largest_run"),
        ("create_accounts = 1", "1", "create_accounts"),
        ('"feilds" = "all"', "1", "feilds"),
        ("[fields]\nx = 1", "1", "fields"),
        ("undo.months = 3", "1", "undo"),
    ],
)
def test_a_wrong_rule_is_refused_with_its_line(tmp_path: Path, *, text: str, line: str, key: str) -> None:
    (tmp_path / POLICY_FILE).write_text(text)
    with pytest.raises(BadSettings) as refused:
        read_policy(tmp_path)
    assert (refused.value.values["line"], refused.value.values["key"]) == (line, key)


@pytest.mark.parametrize("raw", [b"fields =", b"fields = \xff", b'fields = "all"\nfields = "all"'])
def test_what_is_no_toml_is_refused(tmp_path: Path, raw: bytes) -> None:
    (tmp_path / POLICY_FILE).write_bytes(raw)
    with pytest.raises(BadSettings):
        read_policy(tmp_path)


def test_a_wrong_policy_stops_every_command(terminal: Terminal, cards: Path) -> None:
    policy(terminal, "fields = 1")
    told = terminal("--language", "fr", "plan", cards)
    assert told.code == 2
    assert "ligne 1" in told.err


def test_all_fields_are_refused_under_a_professional_policy(terminal: Terminal, cards: Path) -> None:
    policy(terminal, 'fields = "professional"')
    assert terminal("plan", cards, "--fields", "all").code == 2
    terminal.apply(terminal.json("plan", cards))
    values = terminal.json("person", "ann@contoso.com")["contacts"][0]["values"]
    assert not {"birthday", "notes"} & values.keys()


def test_professional_fields_are_chosen_on_the_command_line(terminal: Terminal, cards: Path) -> None:
    terminal.apply(terminal.json("plan", cards, "--fields", "professional"))
    assert "notes" not in terminal.json("person", "ann@contoso.com")["contacts"][0]["values"]


@pytest.mark.parametrize(
    ("rule", "option"),
    [("create_accounts = false", "--create-accounts"), ("communications = false", "--track-communications")],
)
def test_what_the_policy_forbids_is_refused(terminal: Terminal, cards: Path, *, rule: str, option: str) -> None:
    policy(terminal, rule)
    assert terminal("plan", cards, option).code == 2
    assert terminal("plan", cards).code == 0


def test_a_run_larger_than_the_policy_allows_is_told_and_refused(terminal: Terminal, cards: Path) -> None:
    policy(terminal, "largest_run = 1")
    assert "allows 1 contacts in a run" in terminal("plan", cards).out
    planned = terminal.json("plan", cards)
    told = terminal("apply", planned["run"], "--fingerprint", planned["fingerprint"])
    assert told.code == 2
    assert "2 contacts; the policy allows 1" in told.err


# Forgetting


def test_a_run_tells_until_when_it_can_be_undone(terminal: Terminal, cards: Path) -> None:
    done = terminal.apply(terminal.json("plan", cards))
    (row,) = terminal.json("runs")
    assert row["kept_until"]
    assert row["forgotten_at"] is None
    for told in (terminal("runs").out, terminal("show", done["run"]).out):
        assert "can be undone until" in told


def test_forgetting_asks_first(terminal: Terminal, cards: Path) -> None:
    done = terminal.apply(terminal.json("plan", cards))
    told = terminal("forget", done["run"])
    assert told.code == 2
    assert "--yes" in told.err
    assert terminal.json("runs")[0]["forgotten_at"] is None


def test_a_forgotten_run_keeps_its_counts_and_cannot_be_undone(terminal: Terminal, cards: Path) -> None:
    done = terminal.apply(terminal.json("plan", cards))
    assert terminal.json("forget", done["run"], "--yes") == {"forgotten": [done["run"]], "clean": True}
    (row,) = terminal.json("runs")
    assert row["counts"] == done["counts"]
    assert row["forgotten_at"]
    assert "forgotten on" in terminal("runs").out
    told = terminal("undo", done["run"], "--yes")
    assert told.code == 2
    assert "can no longer be undone" in told.err
    assert len(terminal.contacts()) == 2


def test_a_run_that_is_not_there_is_not_forgotten(terminal: Terminal) -> None:
    assert terminal("forget", 1, "--yes").code == 2


# Somebody


def test_what_is_held_about_somebody_is_told_in_words_and_json(terminal: Terminal, cards: Path) -> None:
    done = terminal.apply(terminal.json("plan", cards))
    told = terminal("person", "ANN@contoso.com")
    assert told.code == 0
    for text in ("In the CRM", "In the lines of runs", "As a link", "likes maize", str(done["run"])):
        assert text in told.out
    assert "Lind" not in told.out
    told_json = terminal.json("person", "ann@contoso.com")
    assert [line["run"] for line in told_json["lines"]] == [done["run"]]


def test_where_nothing_is_held_it_says_so(terminal: Terminal) -> None:
    told = terminal("person", "nobody@contoso.com")
    assert told.code == 0
    assert "Nothing is held about nobody@contoso.com." in told.out
