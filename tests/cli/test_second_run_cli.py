"""Next month's file on the command line: whose it is, what is new, and nothing added twice (M02)."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.terminal import Terminal, write_csv

MARCH = (
    "Ada,Lovelace,Contoso,ada@contoso.com,",
    "Alan,Turing,Fabrikam,alan@fabrikam.com,",
    "Zoé,Petit,Fabrikam,zoe@fabrikam.com,",
)
APRIL = ("Léa,Roux,Contoso,lea@contoso.com,", "Alan,Turing,Fabrikam,alan@else.example,", "Ada,Lovelace,Contoso,ada@contoso.com,")


@pytest.fixture
def april(terminal: Terminal, tmp_path: Path) -> Path:
    """The second export, after the first was added."""
    first = terminal.json("plan", write_csv(tmp_path / "march.csv", *MARCH))
    assert [first[key] for key in ("new", "changed", "gone")] == [None, None, None]
    terminal.apply(first)
    return write_csv(tmp_path / "april.csv", *APRIL)


def test_m02_the_next_export_tells_what_is_new_changed_and_gone(terminal: Terminal, april: Path) -> None:
    found = terminal.json("groups", april)
    assert [found[key] for key in ("mailbox", "new", "changed", "gone")] == ["march.csv", 1, 1, 1]
    told = terminal("groups", april)
    assert "1 new, 1 changed, 1 gone since" in told.out
    assert "stays in the CRM" in told.out
    assert "taken to be from march.csv" in told.err


def test_only_new_leaves_the_others_out_and_the_run_adds_up(terminal: Terminal, april: Path) -> None:
    assert terminal.json("groups", april, "--only-new")["contacts"] == 1
    planned = terminal.json("plan", april, "--only-new")
    assert (planned["counts"]["create"], planned["counts"]["skip"]) == (1, 2)
    terminal.apply(planned)
    assert sorted(terminal.contacts()) == ["Ada Lovelace", "Alan Turing", "Léa Roux", "Zoé Petit"]


def test_a_file_of_a_new_mailbox_shares_nothing(terminal: Terminal, april: Path) -> None:
    found = terminal.json("groups", april, "--mailbox", "new")
    assert found["new"] is None
    assert terminal("groups", april, "--mailbox", "nobody’s").code == 2
    assert terminal.json("groups", april, "--mailbox", "march.csv")["new"] == 1


def test_the_same_file_under_another_name_adds_nothing(terminal: Terminal, april: Path) -> None:
    terminal.apply(terminal.json("plan", april))
    people = terminal.contacts()
    again = terminal.json("plan", april.rename(april.with_name("may.csv")))
    assert again["counts"]["create"] == 0
    assert [again[key] for key in ("new", "changed", "gone")] == [0, 0, 0]
    assert terminal.contacts() == people
