"""A mailbox on a server, in the terminal: named by its address in the place of a file."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from carnet.bootstrap import build
from carnet.cli.demo import connect_demo, prepare_demo
from carnet.cli.look import standing
from carnet.model.folder import Folder
from carnet.settings import Settings
from carnet.testing.emulators.demo import ADDRESS, demo_colleague, demo_outlook
from carnet.testing.emulators.graph import GraphEmulator
from carnet.words import Words
from cli.terminal import Terminal
from gates import graph_gate


@pytest.fixture
def outlook(terminal: Terminal) -> Iterator[GraphEmulator]:
    """The demonstration's Outlook, connected."""
    settings = Settings(home=terminal.home)
    prepare_demo(settings, name="Sample user")
    emulator = GraphEmulator(demo_outlook())
    emulator.watch(graph_gate.check)
    with emulator:
        connect_demo(settings, emulator)
        yield emulator
    assert not emulator.violations, emulator.violations[:3]


def test_groups_plan_apply_and_undo_run_on_a_connected_mailbox(terminal: Terminal, outlook: GraphEmulator) -> None:
    groups = terminal.json("groups", ADDRESS, "--by", "company", "--json")
    assert groups["contacts"] > 350
    assert groups["held_back"] == 4
    planned = terminal.json("plan", ADDRESS, "--json")
    done = terminal.json("apply", planned["run"], "--fingerprint", planned["fingerprint"], "--json", code=4)
    counts = done["counts"]
    assert counts["added"] > 200
    parts = ("added", "linked", "already", "held", "failed", "not_selected", "left_out")
    assert counts["read"] == sum(counts[part] for part in parts)
    outlook.mine.add_contact(givenName="Toute", surname="Nouvelle", emailAddresses=[{"address": "toute.nouvelle@contoso.com"}])
    assert terminal.json("plan", ADDRESS, "--only-new", "--json")["counts"]["create"] == 1
    undone = terminal.json("undo", planned["run"], "--json")
    assert undone["counts"]["contacts_deleted"] > 200


def test_folders_of_a_connected_mailbox_can_be_chosen(terminal: Terminal, outlook: GraphEmulator) -> None:
    whole = terminal.json("groups", ADDRESS, "--json")["contacts"]
    assert 0 < terminal.json("groups", ADDRESS, "--folder", "Clients", "--json")["contacts"] < whole
    assert outlook.requests > 0


def test_folders_of_a_connected_mailbox_are_listed_like_those_of_a_file(terminal: Terminal, outlook: GraphEmulator) -> None:
    listed = terminal.json("folders", ADDRESS)["folders"]
    assert [each["default"] for each in listed] == [True, *[False] * (len(listed) - 1)]
    assert {"Contacts", "Clients"} <= {each["name"] for each in listed}
    assert "default folder" in terminal("folders", ADDRESS).out
    asked = [each.asked.path.removesuffix("/contactFolders/contacts") for each in outlook.log if not each.asked.part]
    assert not any(path.endswith("/contacts") for path in asked), "no contact is read"


def test_somebody_elses_folder_is_listed_with_the_reason_in_words(terminal: Terminal) -> None:
    delegate = Folder(id="shared:ana", name="Ana", path=("Ana",), count=0, reason="delegate")
    assert "belongs to somebody else" in standing(Words("en"), delegate)
    assert "à quelqu’un d’autre" in standing(Words("fr"), delegate)
    assert terminal("folders", "nobody@contoso.com").code == 2


def test_connections_are_listed_and_disconnected(terminal: Terminal, outlook: GraphEmulator) -> None:
    (listed,) = terminal.json("connections", "--json")["connections"]
    assert (listed["address"], listed["service"]) == (ADDRESS, "graph")
    assert terminal.json("disconnect", ADDRESS, "--json") == {"connections": []}
    assert terminal("plan", ADDRESS).code == 2
    assert outlook.requests > 0


def test_the_demonstration_keeps_its_connection_when_it_starts_again(terminal: Terminal, outlook: GraphEmulator) -> None:
    terminal.json("plan", ADDRESS, "--json")
    with GraphEmulator(demo_outlook()) as again:
        connect_demo(Settings(home=terminal.home), again)
        app = build(Settings(home=terminal.home))
        (kept,) = app.world.store.connections.all(app.world.crm.whoami().id)
        app.close()
        assert kept.url == again.url
        assert terminal.json("groups", ADDRESS, "--json")["contacts"] > 350
    assert outlook.requests > 0


def test_w06_p07_folders_of_a_colleague_are_listed_with_the_reason_and_never_taken(terminal: Terminal) -> None:
    settings, colleague = Settings(home=terminal.home), demo_colleague()
    prepare_demo(settings, name="Sample user")
    emulator = GraphEmulator(demo_outlook(), colleague)
    emulator.watch(graph_gate.check)
    with emulator:
        connect_demo(settings, emulator)
        theirs = colleague.address
        listed = {"/".join(each["path"]): each["reason"] for each in terminal.json("folders", ADDRESS)["folders"]}
        assert [path for path, reason in listed.items() if reason] == [theirs, f"{theirs}/Contacts", f"{theirs}/Contacts/Clients"]
        assert f"also shown: {theirs}" in terminal("connections").out
        whole = terminal.json("groups", ADDRESS)["contacts"]
        assert whole == terminal.json("groups", ADDRESS, "--no-folder", theirs)["contacts"]
        refused = terminal("plan", ADDRESS, "--folder", f"{theirs}/Contacts")
        assert (refused.code, "somebody else" in refused.err) == (2, True)
        (name,) = {each.values["givenName"] for each in colleague.items.values()}
        assert name.encode() not in b"".join(each.said.body for each in emulator.log)
    assert not emulator.violations, emulator.violations[:3]
