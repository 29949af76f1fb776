"""What does the shell learn from the end of a command?"""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from carnet import __version__
from carnet.database import engine
from cli.terminal import MAIN, PATIENCE, Terminal, card, environment, process, write_csv, write_pst


def many(path: Path, number: int) -> Path:
    """A table of people who are all different."""
    rows = (f"Given{place:04},Family{place:04},Firm {place % 50},p{place:04}@example.com,False" for place in range(number))
    return write_csv(path, *rows)


def written(home: Path) -> int:
    """How many contacts the CRM has, looked up past Carnet."""
    with closing(sqlite3.connect(f"{(home / 'carnet.sqlite').as_uri()}?mode=ro", uri=True, timeout=PATIENCE)) as connection:
        return int(connection.execute("SELECT count(*) FROM contact").fetchone()[0])


def broken_off(home: Path, run: int, fingerprint: str, *, by: signal.Signals) -> subprocess.Popen[bytes]:
    """`carnet apply`, ended by a signal once it has written some contacts and before it has written all."""
    command = [sys.executable, "-c", MAIN, "apply", str(run), "--fingerprint", fingerprint]
    with subprocess.Popen(command, env=environment(home), stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process_:
        until = time.monotonic() + PATIENCE
        while not written(home) and process_.poll() is None and time.monotonic() < until:
            time.sleep(0.005)
        process_.send_signal(by)
        process_.communicate(timeout=PATIENCE)
    return process_


@contextmanager
def control_c_heard() -> Iterator[None]:
    """A shell lets what it starts in the background ignore Control-C, and whoever is started from there inherits that."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def test_0_everything_is_done(terminal: Terminal, mailbox: Path) -> None:
    plan = terminal.json("plan", mailbox, code=0)

    terminal.apply(plan, code=0)
    terminal.json("undo", plan["run"], code=0)


def test_1_a_bug_is_no_foreseen_end(home: Path) -> None:
    broken = process(home, "version", PYTHONPATH=str(_module(home.parent, "typer", "raise ZeroDivisionError")))

    assert broken.returncode == 1
    assert "ZeroDivisionError" in broken.stderr


def _module(folder: Path, name: str, text: str) -> Path:
    (folder / f"{name}.py").write_text(text, encoding="utf-8")
    return folder


def test_2_a_person_must_act(terminal: Terminal, tmp_path: Path) -> None:
    told = terminal("groups", tmp_path / "nowhere.pst")

    assert told.code == 2
    assert told.out == ""
    assert "There is no file nowhere.pst. (CA103)" in told.err
    assert "Check the path." in told.err


def test_3_a_locked_database_is_tried_again_later(terminal: Terminal, mailbox: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = terminal.json("plan", mailbox)
    monkeypatch.setattr(engine, "BUSY_SECONDS", 0.05)

    with closing(sqlite3.connect(terminal.home / "carnet.sqlite", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        told = terminal("apply", plan["run"], "--fingerprint", plan["fingerprint"], "--json")
        other.execute("ROLLBACK")

    assert told.code == 3
    assert told.json["error"]["code"] == "CA202"
    assert "Try again" in told.json["error"]["hint"]
    assert terminal.apply(plan)["counts"]["added"] == 5


def test_4_done_with_something_left_to_decide(terminal: Terminal, tmp_path: Path) -> None:
    nameless = write_csv(tmp_path / "people.csv", ",,,who@example.com,False", "Ada,Lovelace,,ada@contoso.com,False")

    done = terminal.apply(terminal.json("plan", nameless), code=4)

    assert done["state"] == "done"
    assert done["counts"]["held"] == 1
    assert done["counts"]["added"] == 1


@pytest.mark.parametrize(
    "arguments",
    [("groups",), ("nothing",), ("runs", "--colour"), ("show", "seven"), ("groups", "x.pst", "--by", "town"), ("crm", "delete")],
    ids=" ".join,
)
def test_64_the_command_line_is_not_understood(terminal: Terminal, arguments: tuple[str, ...]) -> None:
    told = terminal(*arguments)

    assert told.code == 64
    assert "carnet" in told.err
    assert not terminal.home.exists()


def test_a_wrong_setting_is_told_and_never_a_traceback(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CARNET_LANGUAGE", "french")
    assert "french is not a language code. (CA101)" in terminal("runs").err
    assert terminal("runs", "--json").json["error"]["code"] == "CA101"
    monkeypatch.delenv("CARNET_LANGUAGE")

    told = terminal("--language", "x", "runs")
    assert told.code == 2
    assert "x is not a language code." in told.err


def test_a_home_that_is_a_file_is_refused(terminal: Terminal, mailbox: Path) -> None:
    told = terminal("--home", mailbox, "runs")

    assert told.code == 2
    assert "--home or CARNET_HOME" in told.err


def test_home_wins_over_the_environment(terminal: Terminal, mailbox: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"

    terminal.json("--home", elsewhere, "plan", mailbox)

    assert (elsewhere / "carnet.sqlite").is_file()
    assert not terminal.home.exists()
    assert terminal.json("runs") == []


def test_the_program_ends_with_the_same_codes(home: Path, mailbox: Path) -> None:
    assert process(home, "groups", mailbox, "--json").returncode == 0
    assert process(home, "show", 1).returncode == 2
    assert process(home, "frobnicate").returncode == 64
    assert process(home, "version").stdout.strip() == __version__


def test_a_killed_apply_goes_on_with_the_same_command_no_twin_and_no_gap(terminal: Terminal, tmp_path: Path) -> None:
    number = 3000
    source = many(tmp_path / "many.csv", number)
    plan = terminal.json("plan", source, "--create-accounts")

    killed = broken_off(terminal.home, plan["run"], plan["fingerprint"], by=signal.SIGKILL)
    assert killed.returncode == -signal.SIGKILL
    there = written(terminal.home)
    assert 0 < there < number

    done = terminal.apply(plan)
    assert done["state"] == "done"
    assert (done["counts"]["added"], done["counts"]["accounts_created"]) == (number, 50)
    assert sorted(terminal.contacts()) == [f"Given{place:04} Family{place:04}" for place in range(number)]
    assert len(terminal.accounts()) == 50
    assert terminal.json("plan", source)["counts"]["skip"] == number


def test_control_c_ends_an_apply_that_the_same_command_resumes(terminal: Terminal, tmp_path: Path) -> None:
    plan = terminal.json("plan", many(tmp_path / "many.csv", 5000))

    with control_c_heard():
        ended = broken_off(terminal.home, plan["run"], plan["fingerprint"], by=signal.SIGINT)

    assert ended.returncode == 2
    assert written(terminal.home) < 5000
    assert terminal.apply(plan)["counts"]["added"] == 5000
    assert len(terminal.contacts()) == 5000


def test_w37_w38_all_contacts_are_added_in_one_run(terminal: Terminal, tmp_path: Path) -> None:
    people = [card(f"Person N{place:02}", email1=f"p{place:02}@example.com") for place in range(30)]
    plan = terminal.json("plan", write_pst(tmp_path / "m.pst", {"Contacts": people}))

    assert terminal.apply(plan)["counts"]["added"] == 30
    assert len(terminal.contacts()) == 30


def test_w42_a_contact_that_cannot_be_written_stops_nobody(terminal: Terminal, tmp_path: Path) -> None:
    seeding = terminal.json("crm", "import", write_csv(tmp_path / "seed.csv", ",,Contoso,,"))
    people = [card("Ada Lovelace", company="Contoso", email1="ada@contoso.com"), card("Alan Turing", email1="alan@fabrikam.com")]
    plan = terminal.json("plan", write_pst(tmp_path / "m.pst", {"Contacts": people}))
    terminal.json("undo", seeding["run"])

    done = terminal.apply(plan, code=4)

    assert done["counts"]["held"] + done["counts"]["failed"] == 1
    assert list(terminal.contacts()) == ["Alan Turing"]
    for error in done["errors"]:
        assert set(error) == {"contact", "code", "message"}
