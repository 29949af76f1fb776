"""Is what --json prints what the reference says?"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from cli.terminal import Terminal

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "json.md"
COUNTS = [
    "read",
    "added",
    "linked",
    "twins",
    "updated",
    "already",
    "held",
    "failed",
    "not_selected",
    "left_out",
    "accounts_created",
]
SINCE = ["mailbox", "new", "changed", "gone"]
PLANNED = ["create", "link", "twins", "update", "skip", "ask", "accounts", "held_back"]


TWIN = ("N:Petit;Lou\nFN:Lou Petit\nORG:Fabrikam", f"N:Long;Joe\nFN:Joe Long\nTITLE:{'x' * 300}")


SPELT = 'First Name,Last Name,Company\nLou,Petit,Fabrikam Ltd\nJoe,Long,Fabrikam Inc.\nAda,Moss,"Fabrikam, Ltd."\n'


def vcards(bodies: tuple[str, ...]) -> str:
    return "".join(f"BEGIN:VCARD\nVERSION:3.0\n{body}\nEND:VCARD\n" for body in bodies)


def written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def paths(value: Any, at: str = "") -> set[str]:
    """Every key of a document by its path; a list is its items, and values that people name (fields) are left out."""
    if isinstance(value, list):
        return {path for item in value for path in paths(item, f"{at}[]")}
    if isinstance(value, dict) and not at.endswith(("values", "too_long", "before")):
        return {path for key, item in value.items() for path in {f"{at}.{key}", *paths(item, f"{at}.{key}")}}
    return set()


def documented(command: str) -> set[str]:
    """The paths that the reference lists for a command, those it takes over from another included."""
    text = PAGE.read_text(encoding="utf-8")
    section = re.search(rf"^## `carnet {re.escape(command)}`$(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    assert section, f"json.md has no section on carnet {command}"
    own = set(re.findall(r"^\| `([^`]+)` \|", section[1], re.MULTILINE))
    item = "[]" if section[1].lstrip().startswith("A list") else ""
    for what, other in re.findall(r"(every key|counts)[^`.]* of `carnet ([a-z ]+)`", section[1].replace("`counts`", "counts")):
        taken = {path if path.startswith("[]") else item + path for path in documented(other)}
        own |= {path for path in taken if what == "every key" or ".counts." in path}
    return own


@pytest.fixture
def printed(terminal: Terminal, mailbox: Path, tmp_path: Path) -> dict[str, Any]:
    """What each command prints in one life of a run."""
    said: dict[str, Any] = {}
    seed = written(
        tmp_path / "seed.csv", "Company,First Name,Last Name,E-mail Address\nFabrikam,Lou,Petit,lou@fabrikam.com\nFabrikam,,,\n"
    )
    table = written(tmp_path / "table.csv", "First Name,Last Name,E-mail Address,Shoe size\nLou,Petit,lou@fabrikam.com,41\n")
    twin = written(tmp_path / "twin.vcf", vcards(TWIN))
    copy = tmp_path / "copy.sqlite"
    said["init"] = terminal.json("init", "--name", "Alix Renard", "--address", "alix@contoso.com")
    said["crm import"] = terminal.json("crm", "import", seed)
    said["crm contacts"] = terminal.json("crm", "contacts")
    said["crm accounts"] = terminal.json("crm", "accounts")
    said["crm duplicates"] = terminal.json("crm", "duplicates")
    said["folders"] = terminal.json("folders", table)
    said["groups"] = terminal.json("groups", mailbox, "--by", "domain")
    spelt = written(tmp_path / "spelt.csv", SPELT)
    (variant,) = terminal.json("variants", spelt)["variants"]
    said["variants"] = terminal.json("variants", spelt, "--accept", variant["key"], "--without", "Fabrikam, Ltd.")
    said["variants"] |= {"variants": [variant]}
    said["rules"] = terminal.json("rules")
    asked = terminal.json("plan", twin)
    said["questions"] = terminal.json("questions", asked["run"])
    said["rehearse"] = terminal.json("rehearse", mailbox)
    said["plan"] = terminal.json("plan", mailbox)
    said["answer"] = terminal.json("answer", asked["run"])
    said["apply"] = terminal.apply(said["plan"])
    said["show"] = terminal.json("show", said["plan"]["run"])
    said["check"] = terminal.json("check", twin)
    said["person"] = terminal.json("person", "ada@contoso.com")
    said |= by_hand(terminal, mailbox)
    said["undo"] = terminal.json("undo", said["plan"]["run"])
    said["runs"] = terminal.json("runs")
    said["forget"] = terminal.json("forget", said["plan"]["run"], "--yes")
    said["backup"] = terminal.json("backup", copy)
    said["restore"] = terminal.json("restore", copy)
    said["doctor"] = terminal.json("doctor")
    said["connections"] = terminal.json("connections")
    said["demo"] = terminal.json("demo", "--no-serve")
    return said


def by_hand(terminal: Terminal, mailbox: Path) -> dict[str, Any]:
    """What the commands about a few contacts print, on a mailbox whose contacts are tracked; all is as before afterwards."""
    chosen = [argument for each in terminal.json("contacts", mailbox)[:1] for argument in ("--contact", each["contact"])]
    said = {"track": terminal.json("track", mailbox, *chosen)}
    said["set-parent"] = terminal.json("set-parent", mailbox, *chosen, "--account", "Fabrikam")
    terminal.apply(said["set-parent"])
    said["contacts"] = terminal.json("contacts", mailbox, "--tracked")
    said["untrack"] = terminal.json("untrack", mailbox, *chosen, "--keep")
    terminal.json("undo", said["set-parent"]["run"])
    return said


def beyond_an_empty_place(path: str, told: set[str]) -> bool:
    """Whether a path is below a list that was empty, or a value that was null, in what was printed."""
    above = re.sub(r"(?:\[\])?\.\w+$", "", path)
    return above in told and not any(each.startswith((f"{above}.", f"{above}[].")) for each in told)


def test_the_reference_lists_every_key_that_is_printed(printed: dict[str, Any]) -> None:
    unknown = {command: sorted(paths(value) - documented(command)) for command, value in printed.items()}
    assert {command: keys for command, keys in unknown.items() if keys} == {}


def test_every_key_that_the_reference_lists_is_printed(printed: dict[str, Any]) -> None:
    missing: dict[str, list[str]] = {}
    for command, value in printed.items():
        told = paths(value)
        kept = [path for path in documented(command) - told if not beyond_an_empty_place(path, told)]
        if command == "show":
            kept = [path for path in kept if path not in documented("undo")]
        if command == "demo":
            kept.remove(".address")
        if kept:
            missing[command] = sorted(kept)
    assert missing == {}


def test_groups_plan_apply_and_undo_have_the_shapes_that_scripts_rely_on(printed: dict[str, Any]) -> None:
    assert list(printed["groups"]) == ["mailbox", "new", "changed", "gone", "contacts", "held_back", "groups"]
    for group in printed["groups"]["groups"]:
        assert list(group) == ["key", "title", "count", "linked", "known", "possible", "colour"]
    assert list(printed["plan"]) == ["run", "fingerprint", "counts", "tracked_by", "people", "crowded", "crm", *SINCE]
    assert list(printed["plan"]["counts"]) == PLANNED
    assert list(printed["apply"]) == ["run", "state", "counts", "errors"]
    assert list(printed["apply"]["counts"]) == COUNTS
    assert {"run", "reverts", "keeps", "counts"} <= printed["undo"].keys()


def test_an_error_is_one_document_too(terminal: Terminal) -> None:
    seen = terminal("show", 1, "--json")
    assert seen.code == 2
    assert list(seen.json["error"]) == ["code", "message", "hint"]
    assert seen.json["error"]["code"] == "CA103"
