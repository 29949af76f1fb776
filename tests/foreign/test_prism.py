"""Does what our client and our emulator say to each other pass a referee nobody here wrote?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from carnet.mailboxes.graph import open_mailbox
from carnet.model.card import CardWrite
from carnet.model.change import Operation, Outcome
from carnet.testing.emulators.graph import GraphEmulator
from carnet.testing.live_suite import read_all
from carnet.transport.calls import Call
from carnet.transport.client import Client
from foreign.prism import VERSION, referee
from gates.fixtures import one_mailbox, quick_gate, watched_graph

pytestmark = [pytest.mark.foreign, pytest.mark.real]
JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def graph() -> Iterator[GraphEmulator]:
    with watched_graph(GraphEmulator(one_mailbox())) as emulator:
        yield emulator


@pytest.fixture(scope="module")
def client(graph: GraphEmulator, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    folder: Path = tmp_path_factory.mktemp("prism")
    with referee(graph.root, folder) as address:
        graph.seen_at = address
        client = Client(address + VERSION, token=lambda: "me", gate=quick_gate(), attempts=1)
        yield client
        client.close()


def send(client: Client, method: str, url: str, /, *body: Any) -> int:
    content = json.dumps(body[0]).encode() if body else b""
    return client.send(Call(method=method, url=url, headers=JSON, body=content)).status


@pytest.mark.parametrize(
    "wrong",
    [
        ("POST", "me/contacts", [{"surname": 7}]),
        ("POST", "me/contacts", [{"sirname": "X"}]),
        ("POST", "me/contacts", [{"emailAddresses": [{"adress": "x@contoso.com"}]}]),
        ("PATCH", "me/contacts/x", [{"businessPhones": "1"}]),
        ("GET", "me/contacts?$select=sirname", []),
        ("GET", "me/contacts?$top=-1", []),
        ("POST", "me/contactFolders", [{"displayName": 7}]),
        ("POST", "$batch", [{"requests": [{"id": "1", "method": "FETCH", "url": "/me"}]}]),
    ],
)
def test_the_referee_refuses_what_breaks_the_contract(
    client: Client, graph: GraphEmulator, wrong: tuple[str, str, list[Any]]
) -> None:
    method, url, body = wrong
    before = graph.requests
    assert send(client, method, url, *body) == 422
    assert graph.requests == before


def test_the_referee_knows_no_other_path(client: Client) -> None:
    assert send(client, "GET", "me/people") == 404


def test_the_referee_lets_pass_what_fits(client: Client) -> None:
    assert send(client, "POST", "me/contacts", {"surname": "Through", "emailAddresses": [{"address": "t@contoso.com"}]}) == 201
    assert send(client, "GET", "me/contacts?$select=surname&$top=5") == 200


def test_our_mailbox_reads_and_writes_past_the_referee(client: Client, graph: GraphEmulator) -> None:
    for number in range(30):
        graph.mine.add_contact(surname=f"Many{number}")
    graph.largest_page = 7
    mailbox = open_mailbox(client)
    assert mailbox.identity().address == "camille@contoso.com"
    records, later = read_all(mailbox)
    assert sum(str(record.contact.get("surname")).startswith("Many") for record in records.values()) == 30
    record = next(each for each in records.values() if each.contact.get("surname") == "Many3")
    create = CardWrite(operation=Operation.CREATE, key="past-the-referee", values={"surname": "Made", "pager": "42"})
    update = CardWrite(operation=Operation.UPDATE, id=record.id, expects=record.version, values={"job_title": "Directrice"})
    receipts = mailbox.write([create, update])
    assert [each.outcome for each in receipts] == [Outcome.DONE, Outcome.DONE]
    changed = {each.contact.get("surname"): each for each in mailbox.changes(later).records}
    assert changed["Many3"].contact.get("job_title") == "Directrice"
    assert changed["Made"].contact.get("pager") == "42"
    gone = CardWrite(operation=Operation.DELETE, id=receipts[0].id)
    assert [each.outcome for each in mailbox.write([gone])] == [Outcome.DONE]
