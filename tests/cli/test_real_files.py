"""Does the whole way work on files that other programs wrote?"""

from __future__ import annotations

import csv
import json
from collections import Counter
from typing import Any

import pytest

from cli.terminal import Terminal
from shared_data import shared

pytestmark = pytest.mark.real


def expected(name: str) -> list[dict[str, Any]]:
    contacts: list[dict[str, Any]] = json.loads(shared("data", "pst", "expected-contacts.json").read_text("utf-8"))[name][
        "contacts"
    ]
    return contacts


@pytest.mark.parametrize("name", ["aspose_SampleContacts.pst", "aspose_PersonalStorageFile1.pst"])
def test_a_data_file_goes_all_the_way_and_back(terminal: Terminal, name: str) -> None:
    source = shared("data", "pst", name)
    number = len(expected(name))

    assert terminal.json("groups", source)["contacts"] == number
    plan = terminal.json("plan", source, "--create-accounts")
    told = terminal("apply", plan["run"], "--fingerprint", plan["fingerprint"], "--json")
    counts = told.json["counts"]
    fates = ("added", "linked", "already", "held", "failed", "not_selected", "left_out")
    assert counts["read"] == sum(counts[fate] for fate in fates)
    assert counts["failed"] == 0
    assert counts["added"] + counts["twins"] + counts["held"] + counts["left_out"] >= number
    assert len(terminal.json("crm", "contacts")) == counts["added"] > 0

    terminal.json("undo", plan["run"])
    assert terminal.json("crm", "contacts") == terminal.json("crm", "accounts") == []


def test_a_table_of_a_thousand_is_grouped_by_domain(terminal: Terminal) -> None:
    source = shared("data", "csv", "tine_out1000.csv")
    with source.open(encoding="utf-8", newline="") as file:
        addresses = [row["email"] for row in csv.DictReader(file)]
    own = Counter(address.rpartition("@")[2].lower() for address in addresses if " " not in address)

    found = terminal.json("groups", source, "--by", "domain")

    assert found["contacts"] == len(addresses)
    groups = {each["title"]: each["count"] for each in found["groups"]}
    assert sum(groups.values()) == found["contacts"]
    plain = {domain: number for domain, number in own.items() if domain.count(".") == 1}
    assert len(plain) > 10
    assert {domain: groups.get(domain) for domain in plain} == plain


def test_a_card_of_outlook_goes_all_the_way(terminal: Terminal) -> None:
    source = shared("data", "vcard", "ez_outlook-2007.vcf")

    plan = terminal.json("plan", source)
    told = terminal("apply", plan["run"], "--fingerprint", plan["fingerprint"], "--json")

    assert told.json["counts"]["added"] == 1
    (contact,) = terminal.json("crm", "contacts")
    assert contact["name"] in source.read_bytes().decode("cp1252", "replace")
