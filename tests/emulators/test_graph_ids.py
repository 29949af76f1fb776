"""By which ids does Microsoft Graph know contacts, in the emulator and in what our mailbox asks for?"""

from __future__ import annotations

from carnet.mailboxes.graph import open_mailbox
from carnet.model.card import CardWrite
from carnet.model.change import Operation
from carnet.testing.emulators.graph import GraphEmulator
from carnet.testing.live_suite import read_all
from carnet.transport.client import Client
from emulators.graph_talk import IMMUTABLE, get, send
from gates.fixtures import client_of, one_mailbox


def test_an_id_is_one_letter_for_letter(graph: GraphEmulator, client: Client) -> None:
    item = next(iter(graph.mine.items.values()))
    assert get(client, f"me/contacts/{item.id}").status == 200
    assert get(client, f"me/contacts/{item.id.swapcase()}").status == 404


def test_two_contacts_whose_ids_differ_by_a_capital_are_two(graph: GraphEmulator) -> None:
    for identity in ("AAkAbC=", "AAkABc="):
        made = graph.mine.items.pop(graph.mine.add_contact(surname=f"Nom {identity}"))
        made.id = identity
        graph.mine.items[identity] = made
    mailbox = open_mailbox(client_of(graph))
    records, _ = read_all(mailbox)
    mailbox.close()
    assert {"i:AAkAbC=", "i:AAkABc="} <= records.keys()


def test_every_request_of_our_mailbox_asks_for_ids_that_last(graph: GraphEmulator) -> None:
    mailbox = open_mailbox(client_of(graph))
    records, laters = read_all(mailbox)
    mailbox.changes(laters)
    mailbox.write([CardWrite(operation=Operation.UPDATE, id=next(iter(records)), values={"job_title": "X"})])
    mailbox.close()
    inside = [each.asked for each in graph.log if not each.asked.path.endswith("/$batch")]
    assert len(inside) > 8
    assert [asked.target for asked in inside if IMMUTABLE["Prefer"] not in asked.headers.get("prefer", "")] == []


def test_at_most_a_thousand_ids_are_translated_at_once() -> None:
    body = {"sourceIdType": "restId", "targetIdType": "restImmutableEntryId"}
    with GraphEmulator(one_mailbox()) as unwatched:
        client = client_of(unwatched)
        assert send(client, "POST", "me/translateExchangeIds", {**body, "inputIds": ["x"] * 1000}).status == 200
        assert send(client, "POST", "me/translateExchangeIds", {**body, "inputIds": ["x"] * 1001}).status == 400
        client.close()
