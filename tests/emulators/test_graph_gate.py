"""Does the gate know every operation, and refuse what breaks the contract?"""

from __future__ import annotations

import re
from typing import Any

import pytest

from carnet.testing.emulators.graph import GraphEmulator
from carnet.testing.emulators.graph_contacts import ROUTES
from emulators.graph_talk import send
from gates import graph_gate
from gates.fixtures import client_of, one_mailbox


def test_every_operation_that_is_served_has_a_schema() -> None:
    served = [("POST", "/$batch"), ("GET", "/me"), ("GET", "/users/somebody")]
    for method, pattern, _, _ in ROUTES:
        below = re.sub(r"\(\?P<\w+>\[\^/\]\+\)", "x", pattern).replace("(?:\\(\\))?", "").replace("\\$", "$")
        optional = re.fullmatch(r"\(\?:(.+?)\)\?(.+)", below)
        for path in (optional[2], optional[1] + optional[2]) if optional else (below,):
            served += [(method, f"/me{path}"), (method, f"/users/y{path}")]
    assert len(served) > 2 * len(ROUTES)
    assert [each for each in served if graph_gate.operation(*each) is None] == []
    assert all(page.startswith(graph_gate.DOCUMENTED) for page, _, _ in graph_gate.OURS.values())


@pytest.mark.parametrize(
    ("method", "url", "body"),
    [
        ("POST", "me/contacts", {"surname": 7}),
        ("POST", "me/contacts", {"sirname": "X"}),
        ("PATCH", "me/contacts/{id}", {"businessPhones": "1"}),
        ("GET", "me/contacts?$wish=1", None),
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
