"""Does `carnet check` list what could be mended, in words, JSON and a table, and leave nothing behind?"""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from carnet.model.finding import FindingKind
from cli.terminal import Terminal, write_csv

ROWS = (
    "Ann,Roy,Contoso,,False",
    "=SUM(1),Petit,Contoso,,False",
    "lou@fabrikam.com,,,lou@fabrikam.com,False",
    "Secret,Person,Contoso,,True",
)


@pytest.fixture
def table(tmp_path: Path) -> Path:
    return write_csv(tmp_path / "contacts.csv", *ROWS)


def rows_of(path: Path, delimiter: str = ",") -> list[list[str]]:
    return list(csv.reader(path.read_text(encoding="utf-8-sig").splitlines(), delimiter=delimiter))


def test_each_kind_is_counted_and_private_cards_are_not(terminal: Terminal, table: Path) -> None:
    told = terminal.json("check", table)
    assert set(told["counts"]) == set(FindingKind)
    assert told["counts"]["unreachable"] == 2
    assert told["counts"]["no_account"] == 1
    assert told["counts"]["email_as_name"] == 1
    assert "Secret" not in str(told)


def test_in_words_the_kinds_are_a_table_and_a_kind_lists_its_names(terminal: Terminal, table: Path) -> None:
    told = terminal("check", table)
    assert told.code == 0
    assert "Contacts without e-mail and phone" in told.out
    assert "carnet check FILE --kind KIND" in told.out
    listed = terminal("check", table, "--kind", "unreachable").out
    assert "Ann Roy" in listed
    assert "lou@" not in listed


def test_in_french_too(terminal: Terminal, table: Path) -> None:
    assert "Contacts sans e-mail ni téléphone" in terminal("--language", "fr", "check", table).out


def test_a_file_without_findings_says_so(terminal: Terminal, tmp_path: Path) -> None:
    good = write_csv(tmp_path / "good.csv", "Ann,Roy,,ann@contoso.com,False")
    told = terminal("check", good)
    assert told.code == 0
    assert "Nothing was found." in told.out


def test_the_cards_are_written_to_a_table_that_runs_no_formula(terminal: Terminal, table: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    assert terminal("check", table, "--csv", out).code == 0
    assert out.read_bytes().startswith(b"\xef\xbb\xbf")
    titles, *rows = rows_of(out)
    assert titles == ["Finding", "Name", "Company or person", "Values", "Place"]
    assert [row[1] for row in rows if "Petit" in row[1]] == ["'=SUM(1) Petit"] * 2
    assert not [cell for row in rows for cell in row if cell.startswith("=")]


def test_a_table_of_one_kind_holds_that_kind(terminal: Terminal, table: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    assert terminal("--language", "fr", "check", table, "--kind", "no_account", "--csv", out).code == 0
    _, *rows = rows_of(out, ";")
    assert {row[0] for row in rows} == {"Sociétés sans compte"}
    assert {row[2] for row in rows} == {"Contoso"}


def test_a_file_that_is_there_is_not_written_over(terminal: Terminal, table: Path) -> None:
    before = table.read_bytes()
    assert terminal("check", table, "--csv", table).code == 2
    assert table.read_bytes() == before
    assert terminal("check", table, "--csv", table.parent / "nowhere" / "out.csv").code == 2


def test_nothing_is_left_behind(terminal: Terminal, table: Path) -> None:
    terminal.json("check", table)
    assert terminal.json("runs") == []
    assert terminal.contacts() == {}
    assert not terminal.json("person", "lou@fabrikam.com")["cards"]
