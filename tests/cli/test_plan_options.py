"""Does each option of `carnet plan` do what it says?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cli.terminal import Terminal, card, write_csv, write_pst


def parent(terminal: Terminal, name: str) -> str | None:
    found = terminal.contacts()[name]["parent"]
    return found["name"] if found else None


def records(terminal: Terminal, run: int) -> dict[str, str]:
    """The id of each card of a run, by its name."""
    return {each["name"]: each["contact"] for each in terminal.json("show", run)["entries"] if each["kind"] == "contact"}


def communications(terminal: Terminal, run: int) -> dict[str, bool]:
    return {each["name"]: each["communications"] for each in terminal.json("show", run)["entries"] if each["kind"] == "contact"}


def seeded(terminal: Terminal, tmp_path: Path, *rows: str) -> dict[str, str]:
    """A CRM with the accounts (and contacts) of those rows; the id of each by its name."""
    terminal.json("crm", "import", write_csv(tmp_path / "seed.csv", *rows))
    return {each["name"]: each["id"] for kind in ("accounts", "contacts") for each in terminal.json("crm", kind)}


def test_w36_a_plan_without_options_adds_everybody_of_every_folder_w15(terminal: Terminal, mailbox: Path) -> None:
    done = terminal.apply(terminal.json("plan", mailbox))

    assert done["counts"]["added"] == 5
    assert sorted(terminal.contacts()) == ["Ada Lovelace", "Alan Turing", "Grace Hopper", "Maurice Perret", "Zoé Petit"]


@pytest.mark.parametrize(
    ("by", "counts"),
    [
        ("company", {"Contoso": 2, "Fabrikam": 2, "": 1}),
        ("domain", {"contoso.com": 2, "fabrikam.com": 1, "gmail.com": 1, "": 1}),
        ("category", {"Client": 2, "VIP": 1, "": 3}),
    ],
)
def test_w07_by_groups_in_three_ways(terminal: Terminal, mailbox: Path, *, by: str, counts: dict[str, int]) -> None:
    found = terminal.json("groups", mailbox, "--by", by)

    assert {each["title"]: each["count"] for each in found["groups"]} == counts
    assert found["contacts"] == 5
    assert found["held_back"] == 1


def test_there_is_no_fourth_way_to_group(terminal: Terminal, mailbox: Path) -> None:
    told = terminal("groups", mailbox, "--by", "town")

    assert told.code == 64
    assert "company" in told.err


def test_w04_a_folder_can_be_left_out_or_chosen_alone(terminal: Terminal, mailbox: Path) -> None:
    assert terminal.json("plan", mailbox, "--no-folder", "Suppliers")["counts"]["create"] == 2
    assert terminal.json("plan", mailbox, "--folder", "Suppliers")["counts"]["create"] == 3
    folders = {each["name"]: each for each in terminal.json("folders", mailbox)["folders"]}
    assert terminal.json("plan", mailbox, "--folder", folders["Suppliers"]["id"])["counts"]["create"] == 3
    assert terminal.json("plan", mailbox, "--folder", "/".join(folders["Suppliers"]["path"]))["counts"]["create"] == 3


def test_w05_a_folder_left_out_leaves_every_count(terminal: Terminal, mailbox: Path) -> None:
    found = terminal.json("groups", mailbox, "--no-folder", "Suppliers")

    assert found["contacts"] == 2
    assert [(each["title"], each["count"]) for each in found["groups"]] == [("Contoso", 2)]
    done = terminal.apply(terminal.json("plan", mailbox, "--no-folder", "Suppliers"))
    assert done["counts"]["read"] == 3
    assert done["counts"]["left_out"] == 1


def test_w03_the_default_folder_comes_first_without_asking(terminal: Terminal, mailbox: Path) -> None:
    folders = terminal.json("folders", mailbox)["folders"]

    assert [(each["name"], each["default"]) for each in folders] == [("Contacts", True), ("Suppliers", False)]


def test_only_and_except_choose_groups(terminal: Terminal, mailbox: Path) -> None:
    only = terminal.json("plan", mailbox, "--only", "company:contoso")
    without = terminal.json("plan", mailbox, "--except", "company:contoso")
    both = terminal.json("plan", mailbox, "--only", "company:contoso", "--only", "none", "--except", "none")

    assert [each["counts"]["create"] for each in (only, without, both)] == [2, 3, 2]
    assert [each["counts"]["skip"] for each in (only, without, both)] == [3, 2, 3]
    assert terminal.apply(only)["counts"]["not_selected"] == 3


def test_a_contact_of_two_categories_goes_when_one_of_them_does_w13(terminal: Terminal, mailbox: Path) -> None:
    plan = terminal.json("plan", mailbox, "--by", "category", "--only", "category:vip", "--only", "category:client")

    assert plan["counts"]["create"] == 2
    terminal.apply(plan)
    assert sorted(terminal.contacts()) == ["Ada Lovelace", "Grace Hopper"]


def test_except_contact_leaves_one_person_out(terminal: Terminal, mailbox: Path) -> None:
    ada = records(terminal, terminal.json("plan", mailbox)["run"])["Ada Lovelace"]

    done = terminal.apply(terminal.json("plan", mailbox, "--except-contact", ada))

    assert done["counts"]["not_selected"] == 1
    assert "Ada Lovelace" not in terminal.contacts()


def test_w24_the_company_is_the_account_from_the_start(terminal: Terminal, mailbox: Path, tmp_path: Path) -> None:
    seeded(terminal, tmp_path, ",,Contoso,,")

    terminal.apply(terminal.json("plan", mailbox))

    assert parent(terminal, "Ada Lovelace") == "Contoso"
    assert parent(terminal, "Alan Turing") is None


def test_w25_no_company_account_leaves_everybody_without_parent(terminal: Terminal, mailbox: Path, tmp_path: Path) -> None:
    seeded(terminal, tmp_path, ",,Contoso,,")

    terminal.apply(terminal.json("plan", mailbox, "--no-company-account"))

    assert [each["parent"] for each in terminal.contacts().values()] == [None] * 5


def test_w43_no_account_is_created_unless_asked(terminal: Terminal, mailbox: Path) -> None:
    plan = terminal.json("plan", mailbox)
    assert plan["counts"]["accounts"] == 0
    assert terminal.apply(plan)["counts"]["accounts_created"] == 0
    assert terminal.accounts() == []

    told = terminal("plan", mailbox)
    assert terminal.json("undo", plan["run"])["counts"]["contacts_deleted"] == 5
    told = terminal("plan", mailbox, "--no-accounts")
    assert "No account for Contoso: added without account." in told.out
    assert "No account for Fabrikam: added without account." in told.out


def test_create_accounts_makes_one_for_each_company(terminal: Terminal, mailbox: Path) -> None:
    plan = terminal.json("plan", mailbox, "--create-accounts")

    done = terminal.apply(plan)

    assert plan["counts"]["accounts"] == done["counts"]["accounts_created"] == 2
    assert terminal.accounts() == ["Contoso", "Fabrikam"]
    assert parent(terminal, "Grace Hopper") == "Contoso"


def test_w31_none_leaves_a_group_without_account(terminal: Terminal, mailbox: Path, tmp_path: Path) -> None:
    accounts = seeded(terminal, tmp_path, ",,Contoso,,", ",,Fabrikam,,")

    terminal.apply(terminal.json("plan", mailbox, "--account", f"account:{accounts['Contoso']}=none"))

    assert parent(terminal, "Ada Lovelace") is None
    assert parent(terminal, "Alan Turing") == "Fabrikam"


def test_w32_company_gives_one_group_its_account(terminal: Terminal, mailbox: Path, tmp_path: Path) -> None:
    accounts = seeded(terminal, tmp_path, ",,Contoso,,", ",,Fabrikam,,")
    key = f"account:{accounts['Contoso']}"

    terminal.apply(terminal.json("plan", mailbox, "--no-company-account", "--account", f"{key}=company"))

    assert parent(terminal, "Ada Lovelace") == "Contoso"
    assert parent(terminal, "Alan Turing") is None


def test_w33_an_account_can_be_picked_for_a_group(terminal: Terminal, mailbox: Path, tmp_path: Path) -> None:
    accounts = seeded(terminal, tmp_path, ",,Litware,,")

    terminal.apply(terminal.json("plan", mailbox, "--account", f"company:contoso=account:{accounts['Litware']}"))

    assert parent(terminal, "Ada Lovelace") == "Litware"
    assert parent(terminal, "Grace Hopper") == "Litware"
    assert parent(terminal, "Alan Turing") is None


def test_w34_a_contact_can_be_picked_as_parent(terminal: Terminal, mailbox: Path, tmp_path: Path) -> None:
    people = seeded(terminal, tmp_path, "Bob,Boss,,boss@litware.com,")

    terminal.apply(terminal.json("plan", mailbox, "--account", f"none=contact:{people['Bob Boss']}"))

    found = terminal.contacts()["Maurice Perret"]["parent"]
    assert found == {"kind": "contact", "id": people["Bob Boss"], "name": "Bob Boss"}


def test_an_account_can_be_set_for_one_contact(terminal: Terminal, mailbox: Path, tmp_path: Path) -> None:
    accounts = seeded(terminal, tmp_path, ",,Contoso,,", ",,Litware,,")
    ids = records(terminal, terminal.json("plan", mailbox)["run"])
    picked = f"{ids['Ada Lovelace']}=account:{accounts['Litware']}"

    terminal.apply(terminal.json("plan", mailbox, "--account", picked, "--account", f"{ids['Grace Hopper']}=none"))

    assert parent(terminal, "Ada Lovelace") == "Litware"
    assert parent(terminal, "Grace Hopper") is None


def test_w26_communications_are_off_until_asked_for(terminal: Terminal, mailbox: Path) -> None:
    run = terminal.json("plan", mailbox)["run"]

    assert set(communications(terminal, run).values()) == {False}


def test_w35_communications_can_be_off_for_one_group(terminal: Terminal, mailbox: Path) -> None:
    every = terminal.json("plan", mailbox, "--track-communications")["run"]
    some = terminal.json("plan", mailbox, "--track-communications", "--no-communications", "company:contoso")["run"]

    assert set(communications(terminal, every).values()) == {True}
    assert {name for name, tracked in communications(terminal, some).items() if not tracked} == {"Ada Lovelace", "Grace Hopper"}


def test_w41_those_already_linked_are_not_added_again(terminal: Terminal, mailbox: Path) -> None:
    terminal.apply(terminal.json("plan", mailbox))

    again = terminal.json("plan", mailbox)
    done = terminal.apply(again)

    nothing = dict.fromkeys(("create", "link", "twins", "update", "ask", "accounts"), 0)
    assert again["counts"] == {**nothing, "skip": 5, "held_back": 1}
    assert done["counts"]["already"] == 5
    assert len(terminal.contacts()) == 5
    assert {each["colour"] for each in terminal.json("groups", mailbox)["groups"]} == {"green"}


def test_include_linked_gives_an_account_to_those_already_linked(terminal: Terminal, mailbox: Path, tmp_path: Path) -> None:
    terminal.apply(terminal.json("plan", mailbox))
    seeded(terminal, tmp_path, ",,Contoso,,")
    assert terminal.json("plan", mailbox)["counts"]["update"] == 0

    plan = terminal.json("plan", mailbox, "--include-linked", "--track-communications")
    done = terminal.apply(plan)

    assert plan["counts"]["update"] == 5
    assert done["counts"]["already"] == 5
    assert done["counts"]["updated"] == 2
    assert parent(terminal, "Ada Lovelace") == "Contoso"


def test_w22_a_plan_changes_neither_the_crm_nor_the_file(terminal: Terminal, mailbox: Path) -> None:
    before = mailbox.read_bytes()

    terminal.json("groups", mailbox)
    terminal.json("plan", mailbox, "--create-accounts")

    assert mailbox.read_bytes() == before
    assert terminal.json("crm", "contacts") == terminal.json("crm", "accounts") == []


def test_w23_a_rerun_after_correcting_company_names_shows_the_corrected_groups_w21(terminal: Terminal, tmp_path: Path) -> None:
    def groups(company: str) -> list[tuple[str, int]]:
        people = [card("Ada Lovelace", company="Contoso"), card("Alan Turing", company=company)]
        found = terminal.json("groups", write_pst(tmp_path / "m.pst", {"Contacts": people}))
        return [(each["title"], each["count"]) for each in found["groups"]]

    assert groups("Contosso Ltd") == [("Contoso", 1), ("Contosso Ltd", 1)]
    assert groups("Contoso") == [("Contoso", 2)]


@pytest.mark.parametrize(
    ("present", "colour"),
    [(0, "none"), (1, "red"), (2, "red"), (3, "yellow"), (4, "green")],
    ids=["W19", "W18", "W18-half", "W17", "W16"],
)
def test_a_group_is_coloured_by_how_much_of_it_the_crm_has(
    terminal: Terminal, tmp_path: Path, *, present: int, colour: str
) -> None:
    names = ["Ada Lovelace", "Grace Hopper", "Alan Turing", "Edsger Dijkstra"]
    people = [card(name, company="Contoso", email1=f"{name.split()[0].lower()}@contoso.com") for name in names]
    source = write_pst(tmp_path / "m.pst", {"Contacts": people})
    if present:
        terminal.apply(terminal.json("plan", write_pst(tmp_path / "some.pst", {"Contacts": people[:present]})))

    (group,) = terminal.json("groups", source)["groups"]

    assert (group["linked"] + group["known"], group["colour"]) == (present, colour)


def refused(terminal: Terminal, *arguments: Any) -> str:
    """What a refused plan says; it leaves neither a run nor a reading."""
    told = terminal("plan", *arguments)
    assert told.code == 2, told
    assert terminal.json("runs") == []
    return told.err


def test_an_unknown_group_is_refused_with_those_there_are(terminal: Terminal, mailbox: Path) -> None:
    for option in ("--only", "--except", "--no-communications"):
        said = refused(terminal, mailbox, option, "company:litware")
        assert "There is no group company:litware." in said
        assert "company:contoso" in said
    assert "company:contoso" in refused(terminal, mailbox, "--account", "company:litware=none")


def test_an_unknown_folder_is_refused_with_those_there_are(terminal: Terminal, mailbox: Path) -> None:
    said = refused(terminal, mailbox, "--folder", "Customers")

    assert "There is no folder Customers." in said
    assert "Suppliers" in said


def test_an_unknown_contact_is_refused(terminal: Terminal, mailbox: Path) -> None:
    assert "carnet show RUN --json" in refused(terminal, mailbox, "--except-contact", "s:00")


def test_an_unknown_account_is_refused_with_how_to_find_one(terminal: Terminal, mailbox: Path) -> None:
    assert "carnet crm accounts" in refused(terminal, mailbox, "--account", "company:contoso=account:nobody")
    assert "carnet crm" in refused(terminal, mailbox, "--account", "company:contoso=contact:nobody")


@pytest.mark.parametrize("text", ["company:contoso", "company:contoso=both", "company:contoso=account:"])
def test_an_account_choice_that_is_none_is_refused(terminal: Terminal, mailbox: Path, text: str) -> None:
    assert refused(terminal, mailbox, "--account", text)


def test_a_refused_plan_forgets_what_it_read(terminal: Terminal, mailbox: Path) -> None:
    refused(terminal, mailbox, "--account", "company:contoso=account:nobody")
    refused(terminal, mailbox, "--only", "nobody")

    files = list(terminal.home.glob("carnet.sqlite*"))
    assert files
    assert not any(b"lovelace" in file.read_bytes().lower() for file in files)
