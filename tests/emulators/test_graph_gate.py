"""Does the gate know every operation, and refuse what breaks the contract?"""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from carnet.testing.emulators.faults import Said
from carnet.testing.emulators.graph import GraphEmulator
from carnet.testing.emulators.graph_contacts import ROUTES
from carnet.testing.emulators.server import Exchange, asked_of, said_json
from emulators.graph_talk import send
from gates import graph_gate
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
