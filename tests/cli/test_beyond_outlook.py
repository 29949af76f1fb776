"""Does Carnet do what the add-in's successor left out?"""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.terminal import Terminal


@pytest.mark.parametrize("by", ["company", "domain", "category"])
def test_m01_groups_are_made_from_a_file_without_outlook(terminal: Terminal, mailbox: Path, by: str) -> None:
    groups = terminal.json("groups", mailbox, "--by", by)["groups"]
    assert len(groups) > 1
    assert all(group["key"] == "none" or group["key"].startswith(f"{by}:") for group in groups)


def test_m06_contacts_of_one_run_go_to_different_accounts(terminal: Terminal, mailbox: Path) -> None:
    plan = terminal.json("plan", mailbox, "--create-accounts")
    terminal.apply(plan)
    parents = {each["name"]: each["parent"] and each["parent"]["name"] for each in terminal.json("crm", "contacts")}
    assert parents["Ada Lovelace"] == "Contoso"
    assert parents["Alan Turing"] == "Fabrikam"
    assert parents["Maurice Perret"] is None
