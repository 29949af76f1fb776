"""Does what was there come back: by undo, by a backup, by importing again?"""

from __future__ import annotations

from pathlib import Path

from cli.terminal import Terminal, write_csv


def test_an_undo_is_shown_first_done_then_and_can_be_undone(terminal: Terminal, mailbox: Path, tmp_path: Path) -> None:
    terminal.json("crm", "import", write_csv(tmp_path / "seed.csv", "Ada,Lovelace,,ada@contoso.com,"))
    before = terminal.json("crm", "contacts")
    plan = terminal.json("plan", mailbox, "--create-accounts")
    terminal.apply(plan)
    after = {name: each["values"] for name, each in terminal.contacts().items()}

    preview = terminal.json("undo", plan["run"], "--dry-run")
    assert (preview["run"], preview["undo"], preview["unknown"]) == (plan["run"], None, [])
    assert {name: each["values"] for name, each in terminal.contacts().items()} == after

    done = terminal.json("undo", plan["run"])
    assert [each["name"] for each in done["reverts"]] == [each["name"] for each in preview["reverts"]]
    assert (done["counts"]["contacts_deleted"], done["counts"]["unlinked"], done["counts"]["accounts_deleted"]) == (4, 1, 2)
    assert terminal.json("crm", "contacts") == before
    assert terminal.accounts() == []

    terminal.json("undo", done["undo"])
    assert {name: each["values"] for name, each in terminal.contacts().items()} == after
    states = {each["run"]: each["state"] for each in terminal.json("runs")}
    assert (states[plan["run"]], states[done["undo"]]) == ("done", "undone")


def test_an_undo_with_nothing_to_take_back_says_so(terminal: Terminal, mailbox: Path) -> None:
    plan = terminal.json("plan", mailbox)
    terminal.apply(plan)
    terminal.json("undo", plan["run"])

    assert "There is nothing left to take back." in terminal("undo", plan["run"]).out
    assert terminal.json("undo", plan["run"])["reverts"] == []


def test_a_backup_brings_back_what_was_there(terminal: Terminal, mailbox: Path, tmp_path: Path) -> None:
    terminal.apply(terminal.json("plan", mailbox))
    before = (terminal.json("crm", "contacts"), terminal.json("runs"))
    copy = tmp_path / "copy.sqlite"
    assert terminal.json("backup", copy) == {"backup": str(copy)}
    terminal.apply(terminal.json("plan", write_csv(tmp_path / "more.csv", "Lou,Petit,,,")))
    assert len(terminal.contacts()) == 6

    restored = terminal.json("restore", copy)

    assert (terminal.json("crm", "contacts"), terminal.json("runs")) == before
    assert Path(restored["kept"]).is_file()
    terminal.json("restore", restored["kept"])
    assert len(terminal.contacts()) == 6


def test_an_import_adds_nothing_twice(terminal: Terminal, tmp_path: Path) -> None:
    seed = write_csv(tmp_path / "seed.csv", ",,Contoso,,", "Ada,Lovelace,Contoso,ada@contoso.com,", "Alan,Turing,Fabrikam,,")
    first = terminal.json("crm", "import", seed)
    before = (terminal.json("crm", "contacts"), terminal.json("crm", "accounts"))

    again = terminal.json("crm", "import", seed)

    assert (first["counts"]["added"], first["counts"]["accounts_created"]) == (2, 2)
    assert (again["counts"]["added"], again["counts"]["accounts_created"]) == (0, 0)
    assert (terminal.json("crm", "contacts"), terminal.json("crm", "accounts")) == before


def test_contacts_are_listed_in_a_stable_order_and_can_be_searched(terminal: Terminal, mailbox: Path) -> None:
    terminal.apply(terminal.json("plan", mailbox))

    found = terminal.json("crm", "contacts")

    assert found == terminal.json("crm", "contacts")
    assert [each["name"] for each in found] == sorted(each["name"] for each in found)
    assert [each["name"] for each in terminal.json("crm", "contacts", "--query", "turing")] == ["Alan Turing"]
    assert "alan@fabrikam.com" in terminal("crm", "contacts").out


def test_the_demonstration_is_made_once_and_apart(terminal: Terminal) -> None:
    made = terminal.json("demo", "--no-serve")
    home = Path(made["home"])
    assert terminal.json("demo", "--no-serve") == made
    assert terminal.json("crm", "contacts") == []

    found = terminal.json("--home", home, "groups", made["mailbox"])
    assert found["held_back"] == 4
    assert {each["colour"] for each in found["groups"]} == {"green", "yellow", "red", "none"}
    plan = terminal.json("--home", home, "plan", made["mailbox"])
    done = terminal.json("--home", home, "apply", plan["run"], "--fingerprint", plan["fingerprint"], code=4)
    counts = done["counts"]
    fates = ("added", "linked", "already", "held", "failed", "not_selected", "left_out")
    assert counts["read"] == sum(counts[fate] for fate in fates)
    assert (counts["added"], counts["linked"], counts["held"]) == tuple(plan["counts"][key] for key in ("create", "link", "ask"))
