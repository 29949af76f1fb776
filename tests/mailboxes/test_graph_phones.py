"""Does every number that is written to Microsoft 365 come back in its own place?"""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis.strategies import dictionaries, lists, none, sampled_from

from carnet.mailboxes.graph import open_mailbox
from carnet.mailboxes.graph.translate import EXPAND, contact_of
from carnet.model.card import CardWrite
from carnet.model.change import Operation, Outcome
from carnet.model.field import BY_KEY, PHONE_KEYS
from carnet.testing.emulators.graph import GraphEmulator
from carnet.testing.emulators.graph_mailbox import GraphMailbox
from carnet.testing.live_suite import one, read_all
from gates.fixtures import client_of, one_mailbox, watched_graph

LISTED = tuple(key for key in PHONE_KEYS if "[" in (BY_KEY[key].graph or ""))
CHANGES = dictionaries(sampled_from((*LISTED, "mobile_phone", "pager", "surname")), none() | sampled_from(["1", "2", "+33 3"]))


@settings(max_examples=40, deadline=None)
@given(lists(CHANGES, min_size=2, max_size=6))
def test_whatever_is_written_comes_back_as_it_was_promised(written: list[dict[str, str | None]]) -> None:
    with watched_graph(GraphEmulator(GraphMailbox("me"))) as emulator:
        mailbox = open_mailbox(client_of(emulator))
        held: dict[str, str | None] = {"given_name": "Zoé", **{key: value for key, value in written[0].items() if value}}
        made = one(mailbox, CardWrite(operation=Operation.CREATE, values=held, key="k"))
        for change in written[1:]:
            version = read_all(mailbox)[0][made.id].version
            update = CardWrite(operation=Operation.UPDATE, id=made.id, values=change, expects=version)
            assert one(mailbox, update).outcome is Outcome.DONE
            held |= change
            contact = read_all(mailbox)[0][made.id].contact
            assert {key: contact.get(key) for key in held} == {key: value or "" for key, value in held.items()}
        mailbox.close()


def test_a_person_may_have_the_second_number_alone() -> None:
    with watched_graph(GraphEmulator(one_mailbox())) as emulator:
        mailbox = open_mailbox(client_of(emulator))
        made = emulator.mine.add_contact(surname="Seconde", businessPhones=["", "+33 2"], homePhones=["+33 3"])
        contact = read_all(mailbox)[0][f"i:{made}"].contact
        assert [contact.get(key) for key in LISTED] == ["", "+33 2", "+33 3", ""]
        mailbox.close()


def test_a_list_and_the_properties_of_its_numbers_are_never_sent_together() -> None:
    with watched_graph(GraphEmulator(GraphMailbox("me"))) as emulator:
        mailbox = open_mailbox(client_of(emulator))
        made = one(mailbox, CardWrite(operation=Operation.CREATE, values={"surname": "A", "business_phone": "1"}, key="k"))
        for change in ({"business_phone": None, "business_phone2": "2", "home_phone": "3"}, {"business_phone": "4"}):
            one(mailbox, CardWrite(operation=Operation.UPDATE, id=made.id, values=change))
        mailbox.close()
        first, second = (json.loads(each.asked.body) for each in emulator.log if each.asked.method == "PATCH")
    assert (first.get("businessPhones"), first["homePhones"]) == (None, ["3"])
    assert {each["id"]: each["value"] for each in first["singleValueExtendedProperties"]} == {
        "String 0x3a08": "",
        "String 0x3a1b": "2",
    }
    assert second["businessPhones"] == ["4", "2"]
    assert "singleValueExtendedProperties" not in second


@pytest.mark.parametrize(("said", "kind"), [("1", "home"), ("2", "business"), ("3", "other"), ("0", None), ("x", None)])
def test_the_address_that_outlook_marks_as_the_mailing_one_is_known(said: str, kind: str | None) -> None:
    number = {"id": "Integer {00062004-0000-0000-c000-000000000046} Id 0x8022", "value": said}
    assert contact_of({"surname": "X", "singleValueExtendedProperties": [number]}).extras.get("mailing_address") == kind
    assert f"id eq '{number['id']}'" in EXPAND


def test_a_number_stands_where_the_list_has_it_where_the_service_tells_no_more() -> None:
    contact = contact_of({"surname": "X", "businessPhones": ["1"], "homePhones": ["2", "3"]})
    assert [contact.get(key) for key in LISTED] == ["1", "", "2", "3"]
