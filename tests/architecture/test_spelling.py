"""Do our files keep hosts, machines and foreign spelling out?"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from architecture.sources import ROOT, modules, named, texts, tracked

OURS = [path for path in tracked() if "vendor" not in path.parts]
LOCKS = [*ROOT.glob("*.lock"), *ROOT.glob("requirements*.txt"), *ROOT.rglob("package-lock.json")]
CONFIGURATION = [
    *(path for path in OURS if path.parent.name == ".ci" or path.suffix == ".toml" or path.name.startswith(".")),
    ROOT / "Makefile",
]
ADDRESS = re.compile(r"(?:https?|ftp|file|git|ssh)://|\b[\w-]+\.(?:com|org|io|net|dev|internal|local)\b/?", re.IGNORECASE)
MACHINE = re.compile(r"(?<![A-Za-z0-9_.])/(?:work|farm|root|home/[a-z]+)/")
AMERICAN = {
    "analyze", "behavior", "canceled", "canceling", "catalog", "center", "color", "customize", "favorite", "fulfill", "gray",
    "honor", "initialize", "labeled", "license key", "modeled", "neighbor", "normalize", "organization", "recognize",
    "serialize", "summarize", "synchronize", "traveled",
}  # fmt: skip
SPELT = re.compile(
    r"(?<![\w.:#'\"`-])(?:" + "|".join(sorted(AMERICAN)) + r")(?:s|d|r|ed|ing)?(?![\w(=:`'\"-]|\.\w)", re.IGNORECASE
)


@pytest.mark.parametrize("path", LOCKS, ids=named)
def test_a_lock_names_no_place_to_load_from(path: Path) -> None:
    assert not re.search(r"://|--(?:extra-)?index-url|--find-links|--trusted-host|resolved", path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", [path for path in CONFIGURATION if path not in LOCKS and path.suffix != ".lock"], ids=named)
def test_configuration_and_checks_name_no_host(path: Path) -> None:
    assert ADDRESS.findall(path.read_text(encoding="utf-8")) == []


def test_no_file_knows_the_machine_it_was_written_on() -> None:
    assert [f"{named(path)}: {found[0]}" for path, text in texts(tuple(OURS)) if (found := MACHINE.search(text))] == []


def docstrings_and_comments(text: str) -> str:
    """What is said to readers: triple-quoted texts and comments."""
    return "\n".join(re.findall(r'"""(.*?)"""', text, re.DOTALL) + re.findall(r"(?<!['\"])#(?!:) ?(.*)$", text, re.MULTILINE))


def test_what_we_say_is_spelt_the_british_way() -> None:
    said = [(path, docstrings_and_comments(path.read_text(encoding="utf-8"))) for path in modules()]
    said += [(path, text) for path, text in texts(tuple(OURS)) if path.suffix == ".md" and not path.name.endswith(".fr.md")]
    assert [f"{named(path)}: {found[0]}" for path, text in said if (found := SPELT.search(text))] == []


@pytest.mark.parametrize("said", ["the colors of it", "# normalize a name", "Behavior differs.", "we recognized it"])
def test_american_spelling_is_noticed(said: str) -> None:
    assert SPELT.search(said)


@pytest.mark.parametrize("said", ["the colour", "unicodedata.normalize(text)", "`color`", "normalised", "analyses"])
def test_british_spelling_and_names_of_others_pass(said: str) -> None:
    assert not SPELT.search(said)
