"""A rehearsal before a connected Dynamics 365 reads it, writes nothing to it, and tells what the run then does."""

from __future__ import annotations

import http.client
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from carnet.bootstrap import build
from carnet.bootstrap.connecting import connect
from carnet.bootstrap.copying import before, copy_crm
from carnet.bootstrap.rehearsing import PREFIX, on_a_copy
from carnet.model.connection import Service, SignInKind
from carnet.settings import Settings
from carnet.testing.emulators.bad_day import bad_day
from carnet.testing.emulators.dataverse import DataverseEmulator
from carnet.testing.emulators.dataverse_copy import digests
from carnet.testing.emulators.dataverse_organisation import DataverseOrganisation
from carnet.testing.emulators.demo import ADDRESS, demo_dynamics, demo_outlook
from carnet.testing.emulators.faults import Asked, Fault, Trouble
from carnet.testing.emulators.graph import GraphEmulator
from cli.terminal import MAIN, Terminal, environment
from cli.test_rehearse import SOMEBODY, bytes_of, counts
from gates.fixtures import watched_dataverse, watched_graph

WHO = "camille@contoso.com"


@pytest.fixture(autouse=True)
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where copies are made; none is left at the end."""
    folder = tmp_path / "scratch"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield folder
    assert list(folder.glob(f"{PREFIX}*")) == []


@pytest.fixture
def real(terminal: Terminal) -> Iterator[DataverseEmulator]:
    """The organisation of Dynamics 365 that is connected: somebody is known there, and duplicates are looked for."""
    terminal("init", "--name", "Camille Roche", "--address", WHO)
    organisation = DataverseOrganisation()
    organisation.add_user(WHO, name="Camille Roche", administrator=True)
    organisation.add_user("hugo@contoso.com", name="Hugo Martin")
    contoso = organisation.add_account(name="Contoso", websiteurl="https://contoso.com")
    organisation.add_contact(parent=("account", contoso), firstname="Ada", lastname="Lovelace", emailaddress1="ada@contoso.com")
    organisation.add_contact(lastname="Turing-Mathison", emailaddress2="zoe@gmail.com", employeeid="7")
    organisation.add_contact(firstname="Alan", lastname="Turing", statecode=1, statuscode=2)
    organisation.add_rule("Same mobile phone", "mobilephone")
    organisation.add_contact(firstname="Somebody", lastname="Else", mobilephone="+33 6 39 98 80 02")
    organisation.lengths["contact", "jobtitle"] = 30
    with watched_dataverse(DataverseEmulator(organisation, largest_page=2)) as emulator:
        connected(terminal, emulator.root)
        yield emulator


def connected(terminal: Terminal, server: str, service: Service = Service.DATAVERSE) -> None:
    app = build(Settings(home=terminal.home))
    me = app.world.store.people.me()
    assert me is not None
    connect(app, app.network.describe(service, user=me.id, sign_in=SignInKind.NONE, server=server))
    app.close()


def only_read(emulator: DataverseEmulator, *, since: int) -> bool:
    """Whether nothing but reads has been asked since then: a batch is as good as its parts, which are in the log as well."""
    asked = [each.asked for each in emulator.log[since:]]
    return all(each.method == "GET" or each.path.endswith("/$batch") for each in asked) and len(asked) > 0


@contextmanager
def untouched(terminal: Terminal, real: DataverseEmulator) -> Iterator[None]:
    """Within, the home and the real CRM stay as they are, and the CRM is read."""
    home, version, since = bytes_of(terminal.home), real.organisation.version, len(real.log)
    yield
    assert (bytes_of(terminal.home), real.organisation.version) == (home, version)
    assert only_read(real, since=since)


def rehearsed(terminal: Terminal, real: DataverseEmulator, *arguments: object, code: int = 0) -> Any:
    """What a rehearsal tells; it touches nothing, and could be taken back."""
    with untouched(terminal, real):
        told = terminal.json("rehearse", *arguments, code=code)
    assert told["summary"]["undo"]["restored"] is True
    return told


def fates(told: Any) -> list[tuple[str, str, str]]:
    """What a rehearsal tells of each record."""
    return sorted((each["name"], each["kind"], each["outcome"]) for each in told["summary"]["contacts"])


def fate_of(entry: Any) -> tuple[str, str, str]:
    """The same of an entry of a run."""
    state = entry["state"] if entry["state"] in {"held", "failed"} else entry["action"]
    return entry["name"], entry["kind"], state


def told_by(terminal: Terminal, run: int) -> list[tuple[str, str, str]]:
    """The fates of a run's records, but for those that stay as they are."""
    return sorted(fate_of(each) for each in terminal.json("show", run)["entries"] if each["action"] != "keep")


def test_it_writes_nothing_to_the_crm_and_tells_what_the_run_then_does(
    terminal: Terminal, real: DataverseEmulator, mailbox: Path
) -> None:
    told = rehearsed(terminal, real, mailbox, "--create-accounts", code=4)
    assert told["copied"] == {"crm": real.root.removeprefix("http://"), "accounts": 1, "contacts": 4}
    before, since = digests(real.organisation), len(real.log)
    planned = terminal.json("plan", mailbox, "--create-accounts")
    done = terminal.apply(planned, code=4)
    assert counts(told["summary"]) == counts(done)
    assert fates(told) == told_by(terminal, planned["run"])
    assert {fate: done["counts"][fate] for fate in ("added", "linked", "held")} == {"added": 2, "linked": 1, "held": 2}
    assert not only_read(real, since=since), "a run writes"
    assert digests(real.organisation) != before
    terminal.json("undo", planned["run"])
    assert digests(real.organisation) == before


def test_a_second_run_is_rehearsed_from_where_the_first_has_left_off(
    terminal: Terminal, real: DataverseEmulator, mailbox: Path
) -> None:
    terminal.apply(terminal.json("plan", mailbox, "--folder", "Contacts"))
    told = rehearsed(terminal, real, mailbox, code=4)
    assert counts(told["summary"]) == counts(terminal.apply(terminal.json("plan", mailbox), code=4))
    assert counts(told["summary"])["already"] == 2


def test_with_faults_on_purpose_in_mailbox_and_crm_the_summary_is_the_same(terminal: Terminal) -> None:
    terminal("init", "--name", "Sample user", "--address", ADDRESS)
    organisation = demo_dynamics()
    organisation.add_rule("Same address", "emailaddress1")
    with (
        watched_dataverse(DataverseEmulator(organisation)) as real,
        watched_graph(GraphEmulator(demo_outlook())) as outlook,
    ):
        connected(terminal, real.root)
        connected(terminal, outlook.url, Service.GRAPH)
        terminal.json("groups", ADDRESS)
        asked = outlook.requests
        calm = rehearsed(terminal, real, ADDRESS, "--create-accounts", code=4)
        rough = rehearsed(terminal, real, ADDRESS, "--create-accounts", "--faults", code=4)
        assert outlook.requests == asked
        assert rough["summary"] == calm["summary"]
        mailbox_alone = sum(fault.times for fault in bad_day())
        assert (calm["cost"]["faults"], rough["cost"]["faults"] > mailbox_alone) == (0, True)
        assert rough["cost"]["crm_requests"] > calm["cost"]["crm_requests"] > 0
        planned = terminal.json("plan", ADDRESS, "--create-accounts")
        done = terminal.apply(planned, code=4)
        assert counts(calm["summary"]) == counts(done)
        assert done["counts"]["added"] > 200
        assert fates(calm) == told_by(terminal, planned["run"])


def test_what_a_person_selects_by_hand_is_rehearsed_as_well(terminal: Terminal, real: DataverseEmulator, mailbox: Path) -> None:
    ids = {each["name"]: each["contact"] for each in terminal.json("contacts", mailbox)}
    chosen = [argument for name in ("Ada Lovelace", "Alan Turing") for argument in ("--contact", ids[name])]
    for command in (["track", mailbox, *chosen], ["set-parent", mailbox, *chosen, "--account", "Contoso"]):
        with untouched(terminal, real):
            told = terminal(*command, "--rehearse", "--json")
        planned = terminal.json(*command)
        done = terminal("apply", planned["run"], "--fingerprint", planned["fingerprint"], "--json")
        assert (told.code, counts(told.json["summary"])) == (done.code, counts(done.json))
        assert fates(told.json) == told_by(terminal, planned["run"])
        assert told.json["summary"]["undo"]["restored"] is True
        assert done.json["counts"]["read"] == len(chosen) / 2
    assert terminal("track", mailbox, "--contact", "nobody", "--rehearse").code == 2


def test_what_the_user_may_not_do_is_told_before_anything_is_written(
    terminal: Terminal, real: DataverseEmulator, mailbox: Path
) -> None:
    del real.organisation.first.privileges["prvCreateAccount"]
    refused = terminal("rehearse", mailbox, "--create-accounts")
    assert (refused.code, "prvCreateAccount" in refused.err) == (2, True)


@pytest.mark.parametrize(("status", "code"), [(403, 2), (500, 3)])
def test_a_copy_that_breaks_off_leaves_nothing(
    terminal: Terminal, real: DataverseEmulator, *, mailbox: Path, status: int, code: int
) -> None:
    def further_on(asked: Asked) -> bool:
        return asked.path.endswith("/contacts") and "$skiptoken" in asked.query

    real.faults.add(Fault(trouble=Trouble.STATUS, when=further_on, status=status, times=9))
    assert terminal("rehearse", mailbox).code == code


def test_a_rehearsal_that_is_asked_to_end_while_it_copies_leaves_nothing(
    terminal: Terminal, real: DataverseEmulator, *, mailbox: Path, scratch: Path
) -> None:
    slow = threading.Event()

    def comes_late(asked: Asked) -> bool:
        if asked.path.endswith("/contacts") and "$skiptoken" in asked.query:
            slow.set()
        return slow.is_set()

    real.faults.add(Fault(trouble=Trouble.DELAY, when=comes_late, seconds=60.0))
    running = subprocess.Popen(
        [sys.executable, "-c", MAIN, "rehearse", str(mailbox)],
        env=environment(terminal.home, TMPDIR=str(scratch)),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    assert slow.wait(timeout=60)
    assert len(list(scratch.glob(f"{PREFIX}*"))) == 1
    os.kill(running.pid, signal.SIGTERM)
    assert running.wait(timeout=60) != 0


def test_it_says_what_was_copied_and_that_nothing_was_written(terminal: Terminal, real: DataverseEmulator, mailbox: Path) -> None:
    host = real.root.removeprefix("http://")
    told = " ".join(terminal("rehearse", mailbox).out.split())
    assert f"Copied from {host}, where nothing was written: accounts (1), contacts (4)." in told
    assert f"nothing was written to your mailbox or to {host}, which was only read, and nothing of it is kept" in told
    assert "Requests to Dynamics 365, the undo included" in told


def test_the_copy_of_the_crm_answers_nobody_else_and_no_connection_leads_to_the_crm_itself(
    terminal: Terminal, real: DataverseEmulator, mailbox: Path
) -> None:
    settings = Settings(home=terminal.home)
    terminal.json("plan", mailbox)
    with on_a_copy(settings, somebody=lambda: SOMEBODY) as copy:
        copied, since = copy_crm(copy, settings), len(real.log)
        with before(copy, copied) as there:
            assert there.emulator is not None
            known = there.app.world.store
            me = known.people.me()
            assert me is not None
            assert known.candidates.cursor(there.app.world.crm.key) == ""
            assert {each.url for each in known.connections.all(me.id)} == {there.emulator.url}
            stranger = http.client.HTTPConnection(there.emulator.root.removeprefix("http://"))
            stranger.request("GET", "/api/data/v9.2/contacts", headers={"Authorization": "Bearer demo"})
            answer = stranger.getresponse()
            said = answer.read()
            stranger.close()
    assert (answer.status, b"Lovelace" in said) == (401, False)
    assert len(real.log) == since
