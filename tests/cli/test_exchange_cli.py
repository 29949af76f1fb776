"""A mailbox on an Exchange server, in the terminal: connected with a password, then worked with as any other."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from carnet.cli.demo import prepare_demo
from carnet.settings import Settings
from carnet.testing.emulators.demo import ADDRESS
from carnet.testing.emulators.ews import EwsEmulator
from carnet.testing.emulators.ews_mailbox import OPENS, EwsMailbox
from cli.terminal import Terminal, Told
from gates.fixtures import watched_ews
from mailboxes.exchange import demo_exchange


@pytest.fixture
def exchange(terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[EwsEmulator]:
    """A server with the mailbox of the demonstration, and a person of that address."""
    monkeypatch.setenv("CARNET_KEYRING", "off")
    monkeypatch.setenv("CARNET_KEYS", str(tmp_path / "keys"))
    prepare_demo(Settings(home=terminal.home), name="Sample user")
    with watched_ews(EwsEmulator(demo_exchange(ADDRESS))) as emulator:
        yield emulator


class Typist:
    """Somebody who pipes a password in."""

    def __init__(self, terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
        self._terminal = terminal
        self._patch = monkeypatch

    def connect(self, server: str, *arguments: str, password: str = OPENS) -> Told:
        self._patch.setattr("sys.stdin", io.StringIO(f"{password}\n"))
        return self._terminal("connect", "exchange", server, *arguments)


@pytest.fixture
def typist(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> Typist:
    return Typist(terminal, monkeypatch)


def test_groups_plan_apply_and_undo_run_on_a_mailbox_of_an_exchange_server(
    terminal: Terminal, exchange: EwsEmulator, typist: Typist
) -> None:
    told = typist.connect(exchange.root, "--user", "CONTOSO\\camille", "--json")
    assert told.code == 0, told
    assert told.json["connections"][0]["address"] == ADDRESS
    groups = terminal.json("groups", ADDRESS, "--by", "company", "--json")
    assert groups["contacts"] > 350
    assert groups["held_back"] == 4
    planned = terminal.json("plan", ADDRESS, "--json")
    done = terminal.json("apply", planned["run"], "--fingerprint", planned["fingerprint"], "--json", code=4)
    counts = done["counts"]
    assert counts["added"] > 200
    parts = ("added", "linked", "already", "held", "failed", "not_selected", "left_out")
    assert counts["read"] == sum(counts[part] for part in parts)
    clients = next(each.id for each in exchange.mine.folders.values() if each.name == "Clients")
    for item in exchange.mine.within(exchange.mine.default)[:5]:
        exchange.mine.move(item.id, clients)
    exchange.mine.add({"contacts:GivenName": "Toute", "contacts:Surname": "Nouvelle"})
    assert terminal.json("plan", ADDRESS, "--only-new", "--json")["counts"]["create"] == 1
    assert terminal.json("undo", planned["run"], "--json")["counts"]["contacts_deleted"] > 200


def test_the_password_is_piped_in_and_stands_nowhere(terminal: Terminal, exchange: EwsEmulator, typist: Typist) -> None:
    told = typist.connect(exchange.root, "--user", "camille")
    assert told.code == 0, told
    assert OPENS not in told.out + told.err
    written = [path for path in terminal.home.parent.rglob("*") if path.is_file() and OPENS.encode() in path.read_bytes()]
    assert written == []
    assert terminal("groups", ADDRESS).code == 0
    assert terminal.json("disconnect", ADDRESS, "--json") == {"connections": []}
    assert terminal("groups", ADDRESS).code == 2


def test_a_wrong_password_is_refused_and_not_kept(terminal: Terminal, exchange: EwsEmulator, typist: Typist) -> None:
    told = typist.connect(exchange.root, "--user", "camille", password="wrong")
    assert told.code == 2
    assert terminal.json("connections", "--json") == {"connections": []}
    assert not list((terminal.home / "vault").glob("*")) if (terminal.home / "vault").exists() else True


def test_a_new_password_takes_the_place_of_the_old_one(terminal: Terminal, exchange: EwsEmulator, typist: Typist) -> None:
    assert typist.connect(exchange.root, "--user", "camille").code == 0
    before = terminal.json("groups", ADDRESS, "--json")["contacts"]
    exchange.mine.password = "Autre 8"
    assert terminal("groups", ADDRESS).code == 2
    assert typist.connect(exchange.root, "--user", "camille", password="Autre 8").code == 0
    assert len(terminal.json("connections", "--json")["connections"]) == 1
    assert terminal.json("groups", ADDRESS, "--json")["contacts"] == before


def test_a_mailbox_of_another_address_is_refused(terminal: Terminal, exchange: EwsEmulator, typist: Typist) -> None:
    exchange.mine.address = "autre@contoso.com"
    told = typist.connect(exchange.root, "--user", "camille")
    assert (told.code, "autre@contoso.com" in told.err) == (2, True)
    assert terminal.json("connections", "--json") == {"connections": []}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("outlook.office365.com", "--user", "camille"), "Microsoft 365"),
        (("mail.contoso.com",), "user name"),
        (("", "--user", "camille"), "address"),
    ],
)
def test_what_is_missing_or_elsewhere_is_told_before_a_password_is_asked_for(
    terminal: Terminal, exchange: EwsEmulator, typist: Typist, *, arguments: tuple[str, ...], said: str
) -> None:
    told = typist.connect(*arguments, password="")
    assert told.code == 2, told
    assert said in told.err
    assert exchange.requests == 0
    assert terminal.home.exists()


def test_w06_p07_folders_of_somebody_else_are_listed_with_the_reason_and_never_taken(
    terminal: Terminal, exchange: EwsEmulator, typist: Typist
) -> None:
    lou = EwsMailbox("lou", address="lou@contoso.com", shared_with=("camille",))
    lou.add({"contacts:GivenName": "Ada", "contacts:Surname": "Ailleurs"})
    exchange.mailboxes |= {"lou": lou, "hugo": EwsMailbox("hugo", address="hugo@contoso.com")}
    named = ("--also-show", "Lou@contoso.com", "--also-show", "hugo@contoso.com", "--also-show", ADDRESS)
    told = typist.connect(exchange.root, "--user", "camille", *named, "--json")
    assert told.json["connections"][0]["also_shown"] == ["lou@contoso.com", "hugo@contoso.com"]
    listed = {"/".join(each["path"]): each["reason"] for each in terminal.json("folders", ADDRESS)["folders"]}
    assert listed["Contacts"] == ""
    assert listed["lou@contoso.com/Contacts"] == "delegate"
    assert listed["hugo@contoso.com"] == "unshared"
    table = terminal("folders", ADDRESS).out
    assert "belongs to somebody else" in table
    assert "shares no contacts folder with you" in table
    groups = terminal.json("groups", ADDRESS)
    assert "Ailleurs" not in terminal("groups", ADDRESS, "--by", "company").out
    refused = terminal("plan", ADDRESS, "--folder", "lou@contoso.com/Contacts")
    assert (refused.code, "somebody else" in refused.err) == (2, True)
    assert terminal.json("groups", ADDRESS, "--no-folder", "lou@contoso.com")["contacts"] == groups["contacts"]
    assert b"Ailleurs" not in b"".join(each.said.body for each in exchange.log)
    again = typist.connect(exchange.root, "--user", "camille", "--json")
    assert again.json["connections"][0]["also_shown"] == []
    assert all(each["reason"] == "" for each in terminal.json("folders", ADDRESS)["folders"])


@pytest.mark.parametrize("given", ["lou", "lou@", "lou@contoso.com/contacts", "a b@contoso.com"])
def test_what_is_no_address_is_not_asked_for(terminal: Terminal, exchange: EwsEmulator, typist: Typist, *, given: str) -> None:
    told = typist.connect(exchange.root, "--user", "camille", "--also-show", given)
    assert (told.code, "is not an e-mail address" in told.err) == (2, True)
    assert exchange.requests == 0
    assert terminal.json("connections") == {"connections": []}


def test_a_crm_has_no_folders_to_show(terminal: Terminal) -> None:
    known = ("--client-id", "1", "--tenant", "contoso.example", "--also-show", "lou@contoso.com")
    told = terminal("connect", "dynamics365", "contoso.example", *known)
    assert (told.code, "no folders to show" in told.err) == (2, True)


def test_the_doctor_looks_at_a_mailbox_that_somebody_signed_in_to_with_a_password_and_names_nobody(
    terminal: Terminal, exchange: EwsEmulator, typist: Typist
) -> None:
    exchange.mailboxes["lou"] = EwsMailbox("lou", address="lou@contoso.com", shared_with=("camille",))
    assert typist.connect(exchange.root, "--user", "camille", "--also-show", "lou@contoso.com").code == 0
    before = len(exchange.log)
    told = terminal("doctor", "--json")
    assert told.code == 0, told
    operations = {
        found[1].decode()
        for each in exchange.log[before:]
        if (found := re.search(rb"<(?:\w+:)?Body>\s*<(?:\w+:)?(\w+)", each.asked.body))
    }
    assert operations >= {"GetFolder", "FindFolder", "SyncFolderItems", "GetItem"}
    assert operations <= {"GetFolder", "FindFolder", "SyncFolderItems", "GetItem", "ResolveNames"}
    seen = {each["question"]: each for part in told.json["parts"] if part["part"] == "ews" for each in part["observations"]}
    assert (seen["service.answered"]["holds"], seen["ews.identity"]["holds"]) == (True, True)
    said = told.out + terminal("doctor").out
    hidden = (OPENS, ADDRESS, "camille", "lou@", "contoso", "127.0.0.1", exchange.mine.default)
    assert [each for each in hidden if each in said] == []
    exchange.mine.password = "Autre 8"
    told = terminal.json("doctor")
    (part,) = [each for each in told["parts"] if each["part"] == "ews"]
    assert [(each["seen"], each["holds"]) for each in part["observations"]][-1] == ("CA105", False)
