"""`carnet doctor`: what is seen here, as a table, as JSON and as a file to send."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest

from carnet.bootstrap import build
from carnet.cli.demo import connect_demo, prepare_demo
from carnet.flows.connect import connect_crm
from carnet.model.connection import Service, SignInKind
from carnet.settings import Settings
from carnet.testing.emulators.dataverse import DataverseEmulator
from carnet.testing.emulators.demo import ADDRESS, demo_outlook
from carnet.testing.emulators.graph import GraphEmulator
from cli.terminal import Terminal
from gates.fixtures import watched_dataverse


@pytest.fixture
def outlook(terminal: Terminal) -> Iterator[GraphEmulator]:
    settings = Settings(home=terminal.home)
    prepare_demo(settings, name="Sample user")
    with GraphEmulator(demo_outlook()) as emulator:
        connect_demo(settings, emulator)
        yield emulator


def test_the_computer_the_database_and_the_crm_are_looked_at(terminal: Terminal) -> None:
    report = terminal.json("doctor")

    assert [each["part"] for each in report["parts"]] == ["computer", "store", "embedded"]
    seen = {each["question"]: each for part in report["parts"] for each in part["observations"]}
    assert seen["computer.home_rights"]["seen"] == "700"
    assert seen["computer.vault"]["holds"] is True
    assert seen["database.whole"] == {"question": "database.whole", "expected": "yes", "seen": "yes", "holds": True}


def test_what_is_connected_is_looked_at_and_nothing_is_written_there(terminal: Terminal, outlook: GraphEmulator) -> None:
    before = len(outlook.log)
    report = terminal.json("doctor")

    graph = next(each for each in report["parts"] if each["part"] == "graph")
    seen = {each["question"]: each for each in graph["observations"]}
    assert seen["graph.batch"]["holds"] is True
    assert seen["service.answered"]["holds"] is True
    asked = [exchange.asked for exchange in outlook.log[before:] if not exchange.asked.path.endswith("$batch")]
    assert {each.method for each in asked} == {"GET"}


def test_the_report_is_written_to_a_new_file_and_names_nobody(
    terminal: Terminal, outlook: GraphEmulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://camille:s3cret@proxy.contoso.com:8080")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(terminal.folder / "private-authority.pem"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    target = terminal.folder / "report.json"
    told = terminal("doctor", "--output", target)

    assert told.code == 0
    text = target.read_text(encoding="utf-8")
    assert json.loads(text)["parts"][-1]["part"] == "graph"
    everybody = {each.values.get("surname", "") for each in outlook.mine.items.values()} - {""}
    addresses = {entry["address"] for each in outlook.mine.items.values() for entry in each.values.get("emailAddresses", ())}
    assert len(everybody) > 100
    hidden = {*everybody, *addresses, *outlook.mine.items, ADDRESS, "s3cret", "proxy.contoso", "private-authority", "Sample user"}
    for said in (text, told.out.replace(str(target), "")):
        assert [each for each in hidden if len(each) > 3 and re.search(rf"\b{re.escape(each)}\b", said)] == []
        assert str(terminal.home) not in said
    assert "HTTPS_PROXY, NO_PROXY" in text
    assert "REQUESTS_CA_BUNDLE no" in text

    again = terminal("doctor", "--output", target)
    assert again.code == 2
    assert target.read_text(encoding="utf-8") == text


def test_certificates_that_are_not_there_are_told_and_the_rest_is_looked_at(
    terminal: Terminal, outlook: GraphEmulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = outlook.requests
    monkeypatch.setenv("SSL_CERT_FILE", str(terminal.folder / "private-authority.pem"))
    seen = {part["part"]: part["observations"] for part in terminal.json("doctor")["parts"]}

    assert [(each["question"], each["seen"], each["holds"]) for each in seen["graph"]] == [("service.answered", "CA101", False)]
    assert "SSL_CERT_FILE no" in next(each["seen"] for each in seen["computer"] if each["question"] == "computer.certificates")
    assert outlook.requests == before


def test_the_connected_crm_is_looked_at_in_the_place_of_the_embedded_one(terminal: Terminal) -> None:
    settings = Settings(home=terminal.home)
    terminal.json("init", "--name", "Camille Roche", "--address", "camille@contoso.com")
    with watched_dataverse(DataverseEmulator()) as emulator:
        app = build(settings)
        me = app.world.store.people.me()
        assert me is not None
        described = app.network.describe(Service.DATAVERSE, user=me.id, sign_in=SignInKind.NONE, server=emulator.root)
        crm = app.network.crm(described)
        connect_crm(app.world, described, crm)
        crm.close()
        app.close()
        report = terminal.json("doctor")
    assert [each["part"] for each in report["parts"]] == ["computer", "store", "dataverse"]
    seen = {each["question"]: each["holds"] for each in report["parts"][-1]["observations"]}
    assert (seen["dataverse.who_am_i"], seen["service.answered"]) == (True, True)
    assert emulator.root not in json.dumps(report)


def test_the_table_speaks_the_readers_language(terminal: Terminal, outlook: GraphEmulator) -> None:
    french = terminal("--language", "fr", "doctor").out
    assert "Réponses à un lot de 20" in french
    assert "Microsoft 365, boîte aux lettres 1" in french
    assert "oui" in french
    english = terminal("--language", "en", "doctor").out
    assert "Answers to a batch of 20" in english
    assert outlook.requests > 0
