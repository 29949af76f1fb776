"""Does every refusal say what to do next?"""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.terminal import Terminal, card, write_pst
from shared_data import shared

MSG = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(504)


def hint(terminal: Terminal, *arguments: object) -> tuple[str, str]:
    """The code and the hint of a refusal, which is the same with and without --json."""
    error = terminal.json(*arguments, code=2)["error"]
    told = terminal(*arguments)
    assert told.code == 2
    said = " ".join(told.err.split())
    assert f"{error['message']} ({error['code']})" in said
    assert " ".join(error["hint"].split()) in said
    return error["code"], error["hint"]


def test_a_missing_file(terminal: Terminal, tmp_path: Path) -> None:
    for command in ("folders", "groups", "plan"):
        assert hint(terminal, command, tmp_path / "gone.pst") == ("CA103", "Check the path.")
    assert hint(terminal, "crm", "import", tmp_path / "gone.csv")[0] == "CA103"


def test_an_empty_file(terminal: Terminal, tmp_path: Path) -> None:
    (tmp_path / "empty.pst").touch()

    assert hint(terminal, "groups", tmp_path / "empty.pst") == ("CA111", "Export it again.")


def test_a_truncated_data_file(terminal: Terminal, mailbox: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut.pst"
    cut.write_bytes(mailbox.read_bytes()[:1000])

    code, todo = hint(terminal, "groups", cut)

    assert code == "CA111"
    assert todo


def test_an_item_saved_from_outlook_says_how_to_export(terminal: Terminal, tmp_path: Path) -> None:
    (tmp_path / "contact.msg").write_bytes(MSG)

    code, todo = hint(terminal, "groups", tmp_path / "contact.msg")

    assert code == "CA110"
    assert "export" in todo.lower()


def test_a_file_of_something_else_is_refused(terminal: Terminal, tmp_path: Path) -> None:
    (tmp_path / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(64))

    assert hint(terminal, "groups", tmp_path / "picture.png")[0] == "CA110"


@pytest.mark.real
def test_an_archive_of_outlook_for_mac_says_how_to_export(terminal: Terminal) -> None:
    code, todo = hint(terminal, "groups", shared("data", "olm", "aspose_SampleOLM.olm"))

    assert code == "CA110"
    assert "export" in todo.lower()


def test_a_password_is_opened_for_its_owner_only(terminal: Terminal, tmp_path: Path) -> None:
    source = write_pst(tmp_path / "locked.pst", {"Contacts": [card("Ada Lovelace")]}, password=True)

    code, todo = hint(terminal, "plan", source)

    assert code == "CA112"
    assert "--mine" in todo
    assert terminal.json("runs") == []
    assert terminal.json("folders", source, "--mine")["folders"][0]["count"] == 1
    plan = terminal.json("plan", source, "--mine")
    assert terminal.apply(plan)["counts"]["added"] == 1


def test_a_wrong_fingerprint(terminal: Terminal, mailbox: Path) -> None:
    run = terminal.json("plan", mailbox)["run"]

    code, todo = hint(terminal, "apply", run, "--fingerprint", "0123456789abcdef")

    assert code == "CA120"
    assert "plan" in todo
    assert terminal.json("crm", "contacts") == []


def test_without_a_fingerprint_nobody_has_approved(terminal: Terminal, mailbox: Path) -> None:
    plan = terminal.json("plan", mailbox)

    code, todo = hint(terminal, "apply", plan["run"])

    assert code == "CA112"
    assert plan["fingerprint"] in todo
    assert terminal.json("crm", "contacts") == []


def test_an_unknown_run(terminal: Terminal) -> None:
    for arguments in (("show", 1), ("undo", 1), ("apply", 1, "--fingerprint", "f"), ("questions", 1), ("answer", 1, "a=b")):
        assert hint(terminal, *arguments) == ("CA103", "List the runs with: carnet runs")


def test_an_undo_of_a_plan_that_did_nothing(terminal: Terminal, mailbox: Path) -> None:
    assert hint(terminal, "undo", terminal.json("plan", mailbox)["run"])[0] == "CA100"


def test_an_undo_that_nobody_approved(terminal: Terminal, mailbox: Path) -> None:
    plan = terminal.json("plan", mailbox)
    terminal.apply(plan)

    told = terminal("undo", plan["run"])

    assert told.code == 2
    assert "--yes" in told.err
    assert len(terminal.contacts()) == 5
    assert terminal("undo", plan["run"], "--yes").code == 0
    assert terminal.contacts() == {}


def test_a_backup_never_overwrites(terminal: Terminal, mailbox: Path) -> None:
    before = mailbox.read_bytes()
    terminal.json("runs")

    assert hint(terminal, "backup", mailbox)[0] == "CA100"
    assert mailbox.read_bytes() == before


def test_only_a_backup_is_restored(terminal: Terminal, mailbox: Path, tmp_path: Path) -> None:
    terminal.json("runs")

    assert hint(terminal, "restore", tmp_path / "gone.sqlite")[0] == "CA103"
    assert terminal("restore", mailbox).code == 2
    assert terminal.json("runs") == []


def test_a_column_that_is_none(terminal: Terminal, tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    table.write_text("First Name,Last Name,Shoe size\nAda,Lovelace,41\n", encoding="utf-8")

    assert "--column" in hint(terminal, "plan", table, "--column", "shoe=notes")[1]
    assert hint(terminal, "plan", table, "--column", "3=shoe")[1]
