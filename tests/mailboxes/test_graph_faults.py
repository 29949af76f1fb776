"""Do the receipts of writes to Microsoft 365 tell the truth, whatever goes wrong, inside a batch too?"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from itertools import product

import pytest

from carnet.mailboxes.graph import GraphMailbox as Adapter
from carnet.mailboxes.graph import open_mailbox
from carnet.model.card import CardReceipt, CardWrite
from carnet.model.change import Operation, Outcome
from carnet.testing.emulators.faults import Asked, Fault, Trouble
from carnet.testing.emulators.graph import GraphEmulator, overlapping
from carnet.testing.live_suite import read_all
from gates.fixtures import client_of, one_mailbox, watched_graph

METHODS = {Operation.UPDATE: "PATCH", Operation.DELETE: "DELETE", Operation.CREATE: "POST"}
WRITTEN = {Outcome.DONE, Outcome.ALREADY}


@pytest.fixture
def graph() -> Iterator[GraphEmulator]:
    with watched_graph(GraphEmulator(one_mailbox())) as emulator:
        yield emulator


@pytest.fixture
def opened(graph: GraphEmulator) -> Iterator[Adapter]:
    adapter = open_mailbox(client_of(graph))
    yield adapter
    adapter.close()


def part_of(operation: Operation) -> Callable[[Asked], bool]:
    return lambda asked: asked.part and asked.method == METHODS[operation]


def batch_with(operation: Operation) -> Callable[[Asked], bool]:
    """The whole batch that carries such a part."""
    word = f'"{METHODS[operation]}"'.encode()
    return lambda asked: not asked.part and word in asked.body


def refused(status: int, when: Callable[[Asked], bool]) -> Fault:
    body = json.dumps({"error": {"code": "OnDemand", "message": "…"}}).encode()
    headers: Mapping[str, str] = {"Retry-After": "2"} if status in {429, 503} else {}
    return Fault(trouble=Trouble.STATUS, when=when, status=status, headers=headers, body=body)


def written(graph: GraphEmulator, opened: Adapter, operation: Operation) -> tuple[CardReceipt, bool]:
    """The receipt of one write, and whether it was done."""
    record = next(each for each in read_all(opened)[0].values() if each.contact.get("surname") == "Durand")
    identity = record.id.removeprefix("i:")
    if operation is Operation.CREATE:
        write = CardWrite(operation=operation, key="once", values={"surname": "Neuve"})
    elif operation is Operation.UPDATE:
        values = {"job_title": "Directrice", "pager": "9", "email1": "zoe@contoso.com"}
        write = CardWrite(operation=operation, id=record.id, expects=record.version, values=values, categories=("VIP",))
    else:
        write = CardWrite(operation=operation, id=record.id, expects=record.version)
    (receipt,) = opened.write([write])
    items = graph.mine.items
    made = sum(item.values.get("surname") == "Neuve" for item in items.values())
    assert made <= 1
    if operation is Operation.UPDATE:
        return receipt, items[identity].values.get("jobTitle") == "Directrice"
    return receipt, bool(made) if operation is Operation.CREATE else identity not in items


LOST = list(product(METHODS, [Trouble.HANG_UP, Trouble.HANG_UP_AFTER], [part_of, batch_with]))
REFUSED = list(product(METHODS, [401, 403, 404, 409, 410, 412, 429, 500, 502, 503, 504]))


@pytest.mark.parametrize("lost", LOST, ids=lambda lost: "-".join(getattr(each, "__name__", each) for each in lost))
def test_a_write_whose_answer_was_lost_is_done_once_and_told_as_done(
    graph: GraphEmulator, opened: Adapter, lost: tuple[Operation, Trouble, Callable[[Operation], Callable[[Asked], bool]]]
) -> None:
    operation, trouble, where = lost
    graph.faults.add(Fault(trouble=trouble, when=where(operation)))
    receipt, done = written(graph, opened, operation)
    assert done
    assert receipt.outcome in WRITTEN
    assert graph.faults.left == 0


@pytest.mark.parametrize("refusal", REFUSED, ids=str)
def test_a_part_that_was_refused_is_told_as_it_is(graph: GraphEmulator, opened: Adapter, refusal: tuple[Operation, int]) -> None:
    operation, status = refusal
    graph.faults.add(refused(status, part_of(operation)))
    receipt, done = written(graph, opened, operation)
    gone = (status, operation) == (404, Operation.DELETE)  # as the service says
    assert (receipt.outcome in WRITTEN) == (done or gone)
    assert done == (status in {429, 500, 502, 503, 504})


def test_a_conflict_without_if_match_is_stale_and_changes_nothing(graph: GraphEmulator, opened: Adapter) -> None:
    graph.faults.add(overlapping(part_of(Operation.UPDATE)))
    receipt, done = written(graph, opened, Operation.UPDATE)
    assert (receipt.outcome, done) == (Outcome.STALE, False)


def test_somebody_elses_change_between_two_tries_is_kept(graph: GraphEmulator, opened: Adapter) -> None:
    """The first try is lost before it is done, and meanwhile somebody changes the contact."""

    def meanwhile(asked: Asked) -> bool:
        struck = part_of(Operation.UPDATE)(asked)
        if struck:
            graph.mine.edit(next(iter(graph.mine.items)), jobTitle="Leur titre")
        return struck

    graph.faults.add(Fault(trouble=Trouble.HANG_UP, when=meanwhile))
    receipt, done = written(graph, opened, Operation.UPDATE)
    assert (receipt.outcome, done) == (Outcome.STALE, False)
    assert next(iter(graph.mine.items.values())).values["jobTitle"] == "Leur titre"
