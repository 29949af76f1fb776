"""A rehearsal says what the run would come to, and touches nothing: not the mailbox, not the CRM, not Carnet's own data."""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from carnet.bootstrap.rehearsing import PREFIX, on_a_copy, stage
from carnet.flows.read import digest, read
from carnet.model.account import CrmUser
from carnet.settings import Settings
from carnet.testing.emulators.bad_day import bad_day
from carnet.testing.emulators.demo import ADDRESS
from carnet.testing.emulators.graph import GraphEmulator
from cli.terminal import MAIN, Terminal, card, environment, write_csv, write_pst, write_vcf
from cli.test_connected_cli import outlook

__all__ = ["outlook"]
SOMEBODY = CrmUser(id="somebody", name="Somebody", address="")
FATES = ("read", "added", "linked", "twins", "updated", "already", "held", "failed", "left_out", "accounts_created")


@pytest.fixture(autouse=True)
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where copies are made; none is left at the end."""
    folder = tmp_path / "scratch"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield folder
    assert list(folder.glob(f"{PREFIX}*")) == []


def bytes_of(home: Path) -> dict[str, str]:
    """A digest of every file; what SQLite lays beside a database to read it holds nothing."""
    return {
        str(path.relative_to(home)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(home.rglob("*"))
        if path.is_file() and path.suffix != ".sqlite-shm" and path.stat().st_size
    }


def counts(told: Mapping[str, Any]) -> dict[str, int]:
    return {fate: told["counts"][fate] for fate in FATES}


def test_a_rehearsal_leaves_every_file_as_it_was_and_tells_what_the_run_then_does(terminal: Terminal, mailbox: Path) -> None:
    terminal.json("crm", "import", str(write_csv(terminal.folder / "crm.csv", "Ada,Lovelace,Contoso,ada@contoso.com,")))
    terminal.apply(terminal.json("plan", mailbox, "--except", "company:fabrikam"))
    (terminal.home / "policy.toml").write_text('fields = "professional"\n', encoding="utf-8")
    before, file = bytes_of(terminal.home), digest(mailbox)

    told = terminal.json("rehearse", mailbox, "--create-accounts")

    assert (bytes_of(terminal.home), digest(mailbox)) == (before, file)
    assert told["summary"]["undo"]["restored"] is True
    assert told["summary"]["undo"]["reverts"] > 0
    done = terminal.apply(terminal.json("plan", mailbox, "--create-accounts"))
    assert counts(told["summary"]) == counts(done)
    assert counts(done)["already"] > 0
    assert counts(done)["added"] > 0


def sources(folder: Path) -> dict[str, Path]:
    """The same few people in each kind of file, one of them private."""
    people = [
        card("Ada Lovelace", company="Contoso", email1="ada@contoso.com"),
        card("Ada Lovelace", company="Contoso", email1="ada@contoso.com", job_title="Countess"),
        card("Secret Person", company="Contoso", email1="secret@contoso.com", sensitivity=2),
        card("", company="Fabrikam", business_phone="+33 1 44 00 00 01"),
    ]
    rows = ("Ada,Lovelace,Contoso,ada@contoso.com,", "Secret,Person,Contoso,secret@contoso.com,TRUE", ",,Fabrikam,,")
    cards = (
        "UID:1|N:Lovelace;Ada;;;|FN:Ada Lovelace|ORG:Contoso|EMAIL:ada@contoso.com",
        "UID:2|FN:Secret|CLASS:PRIVATE|EMAIL:secret@contoso.com",
    )
    return {
        "pst": write_pst(folder / "box.pst", {"Contacts": people[:2], "Contacts/Others": people[2:]}),
        "csv": write_csv(folder / "box.csv", *rows),
        "vcard": write_vcf(folder / "box.vcf", *cards),
    }


@pytest.mark.parametrize("kind", ["pst", "csv", "vcard"])
def test_of_every_kind_of_file_the_rehearsal_and_the_run_come_to_the_same(terminal: Terminal, kind: str) -> None:
    source = sources(terminal.folder)[kind]
    told = terminal("rehearse", source, "--json")
    assert not terminal.home.exists(), "nobody has used Carnet yet, and nobody has now"
    plan = terminal.json("plan", source)
    waiting = terminal.json("questions", plan["run"])
    done = terminal("apply", plan["run"], "--fingerprint", plan["fingerprint"], "--json")
    assert counts(told.json["summary"]) == counts(done.json)
    assert (told.json["summary"]["questions"], told.code) == (len(waiting), done.code)
    assert counts(done.json)["left_out"] == 1


def test_with_faults_on_purpose_the_summary_is_the_same(terminal: Terminal, outlook: GraphEmulator) -> None:
    terminal.json("groups", ADDRESS)
    calm = terminal.json("rehearse", ADDRESS, code=4)
    rough = terminal.json("rehearse", ADDRESS, "--faults", code=4)
    assert rough["summary"] == calm["summary"]
    assert calm["summary"]["counts"]["added"] > 200
    assert (calm["cost"]["faults"], rough["cost"]["faults"]) == (0, sum(fault.times for fault in bad_day()))
    assert rough["cost"]["requests"] > calm["cost"]["requests"]
    assert outlook.requests > 0


def test_a_connected_mailbox_is_taken_as_last_read_and_is_not_asked(terminal: Terminal, outlook: GraphEmulator) -> None:
    told = terminal("rehearse", ADDRESS)
    assert told.code == 2
    assert f"carnet groups {ADDRESS}" in told.err
    terminal.json("groups", ADDRESS)
    before, asked = bytes_of(terminal.home), outlook.requests

    rehearsed = terminal.json("rehearse", ADDRESS, code=4)

    assert (bytes_of(terminal.home), outlook.requests) == (before, asked)
    plan = terminal.json("plan", ADDRESS)
    done = terminal.apply(plan, code=4)
    assert counts(rehearsed["summary"]) == counts(done)
    again = terminal.json("rehearse", ADDRESS, "--only-new")["summary"]
    assert (again["new"], again["counts"]["added"], again["counts"]["not_selected"]) == (0, 0, done["counts"]["read"] - 4)


def test_private_contacts_never_reach_the_emulator_nor_the_copy(terminal: Terminal, mailbox: Path) -> None:
    settings = Settings(home=terminal.home)
    seen: list[bytes] = []
    with on_a_copy(settings, somebody=lambda: SOMEBODY) as app:
        source = app.open_mailbox(mailbox)
        reading = read(app.world, source, user=SOMEBODY.id, source=str(mailbox), digest=digest(mailbox))
        source.close()
        with stage(app, reading) as emulated:
            emulated.emulator.watch(lambda exchange: seen.append(exchange.said.body))
            held = {item.values["displayName"] for item in emulated.emulator.mine.items.values()}
            copy = emulated.reopen()
            pages = [page for folder in copy.folders() for page in copy.read(folder.id)]
            copy.close()
        database = app.settings.database.read_bytes()
    assert "Ada Lovelace" in held
    assert "Secret Person" not in held
    assert sum(len(page.held_back) for page in pages) == 1
    assert b"Lovelace" in b"".join(seen)
    assert b"Secret" not in b"".join(seen)
    assert b"Secret" not in database


def test_the_copy_answers_nobody_else_on_this_computer(terminal: Terminal, mailbox: Path) -> None:
    with on_a_copy(Settings(home=terminal.home), somebody=lambda: SOMEBODY) as app:
        source = app.open_mailbox(mailbox)
        reading = read(app.world, source, user=SOMEBODY.id, source=str(mailbox), digest="")
        source.close()
        assert app.settings.home.stat().st_mode & 0o077 == 0
        with stage(app, reading) as emulated:
            stranger = http.client.HTTPConnection(emulated.emulator.root.removeprefix("http://"))
            stranger.request("GET", "/v1.0/me/contacts", headers={"Authorization": "Bearer demo"})
            answer = stranger.getresponse()
            said = answer.read()
            stranger.close()
    assert answer.status == 401
    assert b"Lovelace" not in said


def test_after_an_error_nothing_is_left_either(terminal: Terminal, mailbox: Path) -> None:
    damaged = terminal.folder / "damaged.pst"
    damaged.write_bytes(mailbox.read_bytes()[:3000])
    assert terminal("rehearse", damaged).code == 2
    assert terminal("rehearse", mailbox, "--folder", "Nowhere").code == 2
    assert not terminal.home.exists()


def test_a_rehearsal_that_is_asked_to_end_takes_its_copy_away(terminal: Terminal, scratch: Path) -> None:
    box = write_csv(terminal.folder / "big.csv", *(f"Person,N{place},Contoso,p{place}@contoso.com," for place in range(4000)))
    running = subprocess.Popen(
        [sys.executable, "-c", MAIN, "rehearse", str(box)],
        env=environment(terminal.home, TMPDIR=str(scratch)),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    until = time.monotonic() + 60
    while not list(scratch.glob(f"{PREFIX}*/*.sqlite")) and time.monotonic() < until:
        time.sleep(0.02)
    assert running.poll() is None
    os.kill(running.pid, signal.SIGTERM)
    assert running.wait(timeout=60) != 0
    assert list(scratch.glob(f"{PREFIX}*")) == []


def test_what_a_killed_rehearsal_left_is_taken_away_by_the_next_one_after_a_day(
    terminal: Terminal, mailbox: Path, scratch: Path
) -> None:
    old, new = scratch / f"{PREFIX}old", scratch / f"{PREFIX}new"
    for folder in (old, new):
        folder.mkdir()
        (folder / "carnet.sqlite").write_bytes(b"somebody")
    day = time.time() - 25 * 3600
    os.utime(old, (day, day))
    assert terminal("rehearse", mailbox).code == 0
    assert [folder.exists() for folder in (old, new)] == [False, True]
    shutil.rmtree(new)


def test_the_terminal_says_in_the_readers_language_that_it_was_a_copy(terminal: Terminal, mailbox: Path) -> None:
    told = terminal("--language", "fr", "rehearse", mailbox)
    assert told.code == 0, told
    assert "C’était une copie\u00a0: ni votre boîte aux lettres ni votre CRM n’ont été touchés" in told.out
    assert "Une annulation laisse le CRM comme il était." in told.out
    assert json.loads(terminal("rehearse", mailbox, "--json").out)["cost"]["requests"] > 0
