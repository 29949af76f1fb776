"""Does the terminal speak the reader's language, and ask them who they are?"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import pytest

from carnet.bootstrap import build
from carnet.model.account import CrmUser
from carnet.settings import Settings
from cli.terminal import MAIN, Terminal, environment, process

COMMANDS = [
    *(
        [
            "demo",
            "serve",
            "folders",
            "groups",
            "plan",
            "questions",
            "answer",
            "apply",
            "undo",
            "runs",
            "show",
            "backup",
            "restore",
            "init",
            "version",
        ]
    ),
    *("crm import", "crm contacts", "crm accounts"),
]


def person(home: Path) -> CrmUser | None:
    app = build(Settings(home=home))
    try:
        return app.world.store.people.me()
    finally:
        app.close()


def test_french_comes_from_lang(terminal: Terminal, mailbox: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANG", "fr_FR.UTF-8")

    groups = terminal("groups", mailbox)
    assert "Nombre de contacts" in groups.out
    assert "1 contact privé" in groups.out
    plan = terminal("plan", mailbox)
    assert "Pour l’écrire\u00a0: carnet apply" in plan.out
    assert "Il n’y a pas d’exécution 1" in terminal("show", 1).err
    assert "fichier" in terminal("plan", "nowhere.pst").err
    assert {"run", "fingerprint", "counts", "tracked_by"} < terminal.json("plan", mailbox).keys()


def test_english_is_for_everybody_else(terminal: Terminal, mailbox: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for locale in ("C.UTF-8", "de_DE.UTF-8", ""):
        monkeypatch.setenv("LANG", locale)
        assert "Number of Contacts" in terminal("groups", mailbox).out


@pytest.mark.parametrize("asked", [("--language", "fr"), ("--language=fr",)], ids=["apart", "joined"])
def test_a_language_can_be_asked_for(terminal: Terminal, asked: tuple[str, ...]) -> None:
    assert "Regrouper les contacts" in terminal(*asked, "groups", "--help").out
    assert "Il n’y a pas d’exécution 1" in terminal(*asked, "show", 1).err


@pytest.mark.parametrize("command", COMMANDS)
def test_help_is_there_in_both_languages(terminal: Terminal, command: str) -> None:
    english = terminal(*command.split(), "--help")
    french = terminal("--language", "fr", *command.split(), "--help")

    assert english.code == french.code == 0
    assert english.out.splitlines()[0].startswith(f"Usage: carnet {command}")
    assert english.out.splitlines()[2] != french.out.splitlines()[2]
    if command != "version":
        assert "--json" in english.out


def test_nobody_at_the_terminal_is_the_computers_user_and_told_so(home: Path) -> None:
    told = process(home, "runs", LOGNAME="alix", USER="alix")

    assert told.returncode == 0
    assert "Records will belong to alix; carnet init sets your name and address." in told.stderr
    known = person(home)
    assert known is not None
    assert (known.name, known.address) == ("alix", "")


def test_init_says_who_the_person_is_and_their_records_are_theirs(terminal: Terminal, mailbox: Path) -> None:
    user = terminal.json("init", "--name", "Alix Renard", "--address", "alix@contoso.com")["user"]

    terminal.apply(terminal.json("plan", mailbox))

    assert {each["owner"] for each in terminal.contacts().values()} == {user["id"]}
    again = terminal.json("init", "--name", "Alix R.", "--address", "alix@contoso.com")["user"]
    assert again["id"] == user["id"]


def at_a_terminal(home: Path, *arguments: object, answers: dict[str, str]) -> tuple[int, str]:
    """Run a command at a pseudo-terminal and type each answer when its prompt stands there."""
    pty = pytest.importorskip("pty", reason="this platform has no pseudo-terminals")
    child, terminal = pty.fork()
    if child == 0:
        os.execve(sys.executable, [sys.executable, "-c", MAIN, *map(str, arguments)], environment(home, TERM="dumb"))  # noqa: S606 - the program under test
    shown, waiting = b"", dict(answers)
    while True:
        try:
            some = os.read(terminal, 4096)
        except OSError:  # how Linux says that the other end is closed
            break
        if not some:
            break
        shown += some
        for prompt in [each for each in waiting if each.encode() in shown]:
            os.write(terminal, waiting.pop(prompt).encode() + b"\n")
    os.close(terminal)
    assert not waiting, shown
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown.decode())


def test_a_person_is_asked_their_name_the_first_time(home: Path) -> None:
    code, _ = at_a_terminal(home, "runs", answers={"Your name": "Alix Renard", "Your e-mail address": "alix@contoso.com"})

    assert code == 0
    known = person(home)
    assert known is not None
    assert (known.name, known.address) == ("Alix Renard", "alix@contoso.com")
    assert at_a_terminal(home, "runs", answers={})[0] == 0


def test_a_person_approves_on_the_spot_or_says_no(terminal: Terminal, mailbox: Path) -> None:
    plan = terminal.json("plan", mailbox)

    refused, _ = at_a_terminal(terminal.home, "apply", plan["run"], answers={"Write this plan to the CRM?": "n"})
    assert (refused, terminal.contacts()) == (2, {})

    done, _ = at_a_terminal(terminal.home, "apply", plan["run"], answers={"Write this plan to the CRM?": "y"})
    assert (done, len(terminal.contacts())) == (0, 5)

    undone, _ = at_a_terminal(terminal.home, "undo", plan["run"], answers={"Take this back?": "y"})
    assert (undone, terminal.contacts()) == (0, {})
