"""Does the gate know every operation, and refuse what breaks the contract?"""

from __future__ import annotations

import json
import re
from functools import partial
from typing import Any

import pytest

from carnet.flows.examine import Part, examine
from carnet.mailboxes.graph import open_mailbox
from carnet.model.card import CardWrite
from carnet.model.change import Operation
from carnet.model.examination import Subject
from carnet.testing.emulators.faults import Said
from carnet.testing.emulators.graph import GraphEmulator
from carnet.testing.emulators.graph_contacts import ROUTES
from carnet.testing.emulators.server import Exchange, asked_of, said_json
from carnet.testing.live_suite import read_all
from emulators.graph_talk import send
from gates import graph_gate
from gates.discovering import unvisited
from gates.fixtures import client_of, one_mailbox


def served() -> list[tuple[str, str]]:
    """Every operation of the emulator, hence every one that a client of ours can send."""
    found = [("POST", "/$batch"), ("GET", "/me"), ("GET", "/users/somebody")]
    for method, pattern, _, _ in ROUTES:
        below = re.sub(r"\(\?P<\w+>\[\^/\]\+\)", "x", pattern).replace("(?:\\(\\))?", "").replace("\\$", "$")
        optional = re.fullmatch(r"\(\?:(.+?)\)\?(.+)", below)
        for path in (optional[2], optional[1] + optional[2]) if optional else (below,):
            found += [(method, f"/me{path}"), (method, f"/users/y{path}")]
    return found


def shown(method: str, path: str, *, sent: object = None, said: object = None) -> Exchange:
    """An exchange that never took place."""
    target, json_type = f"/v1.0{path}", {"content-type": "application/json"}
    body = b"" if sent is None else json.dumps(sent).encode()
    asked = asked_of(method, target, headers=json_type, body=body, user="me")
    return Exchange(asked=asked, said=Said(status=204) if said is None else said_json(200, said))


def test_every_operation_that_is_served_has_a_schema() -> None:
    assert len(served()) > 2 * len(ROUTES)
    assert [each for each in served() if graph_gate.operation(*each) is None] == []
    assert all(page.startswith(graph_gate.DOCUMENTED) for page, _, _ in graph_gate.OURS.values())


@pytest.mark.parametrize(("method", "path"), [each for each in served() if each[0] in {"POST", "PATCH"}], ids="".join)
def test_each_schema_of_what_is_sent_refuses_something(method: str, path: str) -> None:
    with pytest.raises(AssertionError, match="request: "):
        graph_gate.check(shown(method, path, sent={"no such name": 7}))


@pytest.mark.parametrize(
    ("method", "path"), [each for each in served() if each[0] != "DELETE" and not each[1].endswith("$value")], ids="".join
)
def test_each_schema_of_what_comes_back_refuses_something(method: str, path: str) -> None:
    with pytest.raises(AssertionError, match="reply: "):
        graph_gate.check(shown(method, path, said={"id": 7, "value": 7, "color": 7}))


@pytest.mark.parametrize("path", ["/me/contacts/x/photo/$value", "/users/y/contactFolders/x/contacts/x/photo/$value"])
def test_bytes_must_be_a_picture(path: str) -> None:
    with pytest.raises(AssertionError):
        graph_gate.check(shown("GET", path, said={}))


def test_an_operation_that_nobody_describes_is_refused() -> None:
    with pytest.raises(AssertionError, match="in no contract"):
        graph_gate.check(shown("GET", "/me/people", said={"value": []}))


@pytest.mark.parametrize(
    ("method", "url", "body"),
    [
        ("POST", "me/contacts", {"surname": 7}),
        ("POST", "me/contacts", {"sirname": "X"}),
        ("PATCH", "me/contacts/{id}", {"businessPhones": "1"}),
        ("GET", "me/contacts?$wish=1", None),
        ("GET", "me/contacts?$select=sirname", None),
        ("GET", "me/contacts/delta?$select=sirname", None),
        ("GET", "me/contacts?$count=perhaps", None),
        ("POST", "me/contactFolders", {"name": "X"}),
        ("POST", "me/contacts", {"emailAddresses": [{"adress": "x@contoso.com"}]}),
        ("POST", "$batch", {"requests": [{"id": "1", "method": "FETCH", "url": "/me"}]}),
    ],
)
def test_the_gate_refuses_what_breaks_the_contract(method: str, url: str, body: Any) -> None:
    emulator = GraphEmulator(one_mailbox())
    emulator.watch(graph_gate.check)
    with emulator:
        client = client_of(emulator)
        answer = send(client, method, url.replace("{id}", next(iter(emulator.mine.items))), body)
        assert emulator.violations or answer.status == 500
        client.close()
    assert emulator.violations


SENT = {
    ("POST", "/$batch"),
    ("GET", "/me"),
    ("GET", "/me/contactFolders"),
    ("GET", "/me/contactFolders/{id_1}"),
    ("GET", "/me/contactFolders/{id_1}/childFolders"),
    ("GET", "/me/contacts"),
    ("GET", "/me/contactFolders/{id_1}/contacts"),
    ("GET", "/me/contactFolders/{id_1}/contacts/delta"),
    ("POST", "/me/contactFolders/{id_1}/contacts"),
    ("GET", "/me/contacts/{id_1}"),
    ("GET", "/me/contacts/{id}/photo/$value"),
    ("PATCH", "/me/contacts/{id_1}"),
    ("DELETE", "/me/contacts/{id_1}"),
    ("GET", "/me/outlook/masterCategories"),
}
"""Every operation that our mailbox sends."""


def everything(graph: GraphEmulator) -> None:
    """Whatever our mailbox can ask for."""
    mailbox = open_mailbox(client_of(graph))
    mailbox.identity()
    mailbox.categories()
    records, later = read_all(mailbox)
    mailbox.photos(list(records.values()))
    graph.mine.add_contact(surname="Nouveau")
    mailbox.changes(later)
    first, second = sorted(records)[:2]
    mailbox.write(
        [
            CardWrite(operation=Operation.CREATE, key="k", values={"surname": "Neuve"}),
            CardWrite(operation=Operation.UPDATE, id=first, values={"pager": "9"}),
            CardWrite(operation=Operation.DELETE, id=second),
        ]
    )
    examine([Part(subject=Subject.GRAPH, examine=mailbox.examine)])
    mailbox.close()


def seldom(graph: GraphEmulator) -> None:
    """What is asked for where pages are short and people work meanwhile."""
    graph.largest_page = 1
    measured = open_mailbox(client_of(graph))
    examine([Part(subject=Subject.GRAPH, examine=measured.examine)])
    measured.close()
    for number in range(6):
        below = graph.mine.add_folder(f"F{number}", parent=graph.mine.add_folder("Sous"))
        graph.mine.add_contact(below, surname=f"N{number}")
    graph.largest_page = 2
    mailbox = open_mailbox(client_of(graph))
    mailbox.folders()
    pages = mailbox.read(graph.mine.default)
    graph.mine.delete(next(pages).records[0].id.removeprefix("i:"))
    list(pages)
    graph.knows_names = False
    mailbox.folders()
    mailbox.close()
    graph.knows_names = True
    graph.mailboxes["other"] = one_mailbox("other")
    graph.mailboxes["other"].shared_with = ("me",)
    beside = open_mailbox(client_of(graph), shared=["other"])
    beside.folders()
    beside.close()


def test_our_mailbox_sends_no_other_operation_than_those_listed(graph: GraphEmulator) -> None:
    forgotten = unvisited("mailboxes/graph", partial(everything, graph), partial(seldom, graph))
    assert not forgotten, "\n".join(["each place that asks for something is to be come to here:", *forgotten])
    assert {graph_gate.operation(each.asked.method, each.asked.path.removeprefix("/v1.0")) for each in graph.log} == SENT
    assert all(graph_gate.operation(*each) for each in SENT)
