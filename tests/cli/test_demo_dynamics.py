"""`carnet demo --dynamics`: a live sample Outlook beside a sample Dynamics 365."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from carnet.bootstrap import build
from carnet.cli import serve
from carnet.cli.demo import connect_demo, connect_demo_crm, prepare_demo
from carnet.model.account import RecordKind
from carnet.settings import Settings
from carnet.testing.demo_crm import DEMO_ACCOUNTS, DEMO_CONTACTS
from carnet.testing.emulators.dataverse import DataverseEmulator
from carnet.testing.emulators.demo import ADDRESS, demo_dynamics, demo_outlook
from carnet.testing.emulators.graph import GraphEmulator
from cli.terminal import Terminal
from gates import graph_gate
from gates.fixtures import watched_dataverse


@pytest.fixture
def dynamics(terminal: Terminal) -> Iterator[DataverseEmulator]:
    """The sample Dynamics 365, connected and filled, with the sample Outlook beside it."""
    settings = Settings(home=terminal.home)
    prepare_demo(settings, name="Sample user")
    outlook = GraphEmulator(demo_outlook())
    outlook.watch(graph_gate.check)
    with outlook, watched_dataverse(DataverseEmulator(demo_dynamics())) as emulator:
        connect_demo(settings, outlook)
        connect_demo_crm(settings, emulator)
        yield emulator
    assert not outlook.violations


def test_it_holds_the_same_companies_and_people_as_the_other_demonstration(dynamics: DataverseEmulator) -> None:
    rows = dynamics.organisation.rows
    assert Counter(row.values["name"] for row in rows["account"].values()) == Counter(each["name"] for each in DEMO_ACCOUNTS)
    assert len(rows["contact"]) == len(DEMO_CONTACTS)
    inactive = [row.values["name"] for row in rows["account"].values() if row.values["statecode"]]
    assert inactive == ["Alpine Ski House"]


def test_the_whole_wizard_runs_between_the_two(terminal: Terminal, dynamics: DataverseEmulator) -> None:
    before = len(dynamics.organisation.rows["contact"])
    groups = {each["title"]: each for each in terminal.json("groups", ADDRESS)["groups"]}
    assert groups["Contoso"]["known"] > 0
    planned = terminal.json("plan", ADDRESS, "--create-accounts")
    asked = terminal("questions", planned["run"]).out
    assert "The account Alpine Ski House is inactive in the CRM." in asked
    assert "Under Adventure Works (leeds@adventure-works.com)" in asked
    done = terminal.apply(planned, code=4)
    assert done["counts"]["failed"] == 0
    assert len(dynamics.organisation.rows["contact"]) == before + done["counts"]["added"]
    assert terminal.json("plan", ADDRESS)["counts"]["create"] == 0
    undone = terminal.json("undo", planned["run"])
    assert undone["counts"]["contacts_deleted"] == done["counts"]["added"]
    assert len(dynamics.organisation.rows["contact"]) == before


def test_the_command_begins_afresh_each_time(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[Path, list[str], int]] = []

    def look(settings: Settings, **_: object) -> None:
        app = build(replace(settings))
        me = app.world.store.people.me()
        assert me is not None
        services = [str(each.service) for each in app.world.store.connections.all(me.id)]
        seen.append((settings.home, services, app.world.crm.search(RecordKind.ACCOUNT, "")[1]))
        app.close()

    monkeypatch.setattr(serve, "_open", look)
    for _ in range(2):
        assert terminal("demo", "--dynamics").code == 0
    assert seen == [(terminal.home / "demo-dynamics", ["graph", "dataverse"], len(DEMO_ACCOUNTS))] * 2
