"""Does the emulator take batches, throttle and go wrong as Microsoft Graph does?"""

from __future__ import annotations

import json
from http.client import HTTPConnection
from threading import Event, Semaphore, Thread
from typing import Any
from urllib.parse import urlsplit

import pytest

from carnet.mailboxes.graph import open_mailbox
from carnet.testing.emulators.faults import Asked, Fault, Trouble
from carnet.testing.emulators.graph import GraphEmulator
from carnet.testing.emulators.server import asked_of
from carnet.testing.live_suite import read_all
from carnet.transport.client import Client
from carnet.transport.gate import Gate
from emulators.graph_talk import JSON, batch, first, get, part
from gates.fixtures import client_of, one_mailbox


@pytest.mark.parametrize(
    "parts", [[part(number) for number in range(21)], [part("a"), part("A")], []], ids=["too many", "ids of one name", "none"]
)
def test_a_batch_that_is_wrong_is_refused_whole(parts: list[dict[str, Any]]) -> None:
    with GraphEmulator(one_mailbox()) as emulator:
        client = client_of(emulator)
        assert batch(client, parts).status == 400
        client.close()


def test_a_batch_answers_in_any_order_and_says_200_whatever_happened(client: Client) -> None:
    answer = batch(client, [part(1), part(2, url="/me/contacts/nobody"), part(3)])
    statuses = {each["id"]: each["status"] for each in answer.json()["responses"]}
    assert answer.status == 200
    assert [each["id"] for each in answer.json()["responses"]] != ["1", "2", "3"]
    assert statuses == {"1": 200, "2": 404, "3": 200}


def test_a_part_with_a_body_needs_a_content_type_and_one_that_depends_on_a_failure_fails(client: Client) -> None:
    body = {"surname": "X"}
    parts = [
        part(1, "POST", "/me/contacts", body=body),
        part(2, "POST", "/me/contacts", body=body, headers=JSON, dependsOn=["1"]),
        part(3, "POST", "/me/contacts", body=body, headers=JSON, dependsOn=["2"]),
    ]
    statuses = {each["id"]: each["status"] for each in batch(client, parts).json()["responses"]}
    assert statuses == {"1": 400, "2": 424, "3": 424}


@pytest.mark.parametrize(
    "depends", [{2: ["1"]}, {3: ["2"]}, {2: ["1"], 3: ["1"]}, {2: ["1"], 3: ["1", "2"]}, {1: ["2"], 2: ["3"]}]
)
def test_a_batch_is_done_one_after_the_other_or_all_at_once(client: Client, depends: dict[int, list[str]]) -> None:
    def answered(order: dict[int, list[str]]) -> int:
        return batch(client, [part(n) | ({"dependsOn": order[n]} if n in order else {}) for n in (1, 2, 3)]).status

    assert answered(depends) == 400
    assert answered({}) == answered({2: ["1"], 3: ["2"]}) == 200


def test_a_part_is_throttled_alone_and_counts_in_the_quota(graph: GraphEmulator, client: Client) -> None:
    graph.quota = 2
    said = {each["id"]: each for each in batch(client, [part(1), part(2), part(3)]).json()["responses"]}
    throttled = [each for each in said.values() if each["status"] == 429]
    assert len(throttled) == 1
    assert throttled[0]["headers"]["Retry-After"] == "600"
    assert graph.units == 3


class Held:
    """The lock of a mailbox that lets everybody in only when it is told to."""

    def __init__(self) -> None:
        self.arrived, self.released = Semaphore(0), Event()

    def __enter__(self) -> None:
        self.arrived.release()
        self.released.wait(60)

    def __exit__(self, *_: object) -> None:
        pass


def raw(graph: GraphEmulator, path: str, statuses: list[object]) -> None:
    """One request that waits for nobody and is not tried again."""
    connection = HTTPConnection(urlsplit(graph.root).netloc, timeout=60)
    connection.request("GET", f"/v1.0{path}", headers={"Authorization": "Bearer me"})
    answer = connection.getresponse()
    said = json.loads(answer.read())
    connection.close()
    statuses.append(said["error"]["code"] if "error" in said else answer.status)


def test_a_fifth_request_in_flight_for_one_mailbox_is_throttled_and_another_mailbox_is_not(
    graph: GraphEmulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    graph.mailboxes["other"] = one_mailbox("other")
    graph.mailboxes["other"].shared_with = ("me",)
    held = Held()
    monkeypatch.setattr(graph.mine, "lock", held)
    statuses: list[object] = []
    threads = [Thread(target=raw, args=(graph, "/me/contacts", statuses)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for _ in threads:
        assert held.arrived.acquire(timeout=60)
    fifth: list[object] = []
    raw(graph, "/me/contacts", fifth)
    raw(graph, "/users/other/contacts", fifth)
    held.released.set()
    for thread in threads:
        thread.join()
    assert (fifth, statuses) == (["MailboxConcurrency", 200], [200] * 4)


def test_the_quota_says_how_long_to_wait_and_is_whole_again_in_the_next_window(graph: GraphEmulator) -> None:
    now = [1000.0]
    graph.clock, graph.quota = lambda: now[0], 1
    said = [graph.serve(asked("/me/contacts")) for _ in range(2)]
    assert [each.status for each in said if each] == [200, 429]
    assert said[1] is not None
    assert said[1].headers["Retry-After"] == "600"
    assert json.loads(said[1].body)["error"]["code"] == "ApplicationThrottled"
    now[0] += 600
    again = graph.serve(asked("/me/contacts"))
    assert again is not None
    assert again.status == 200


def test_so_many_bytes_may_be_sent_in_five_minutes(graph: GraphEmulator) -> None:
    said_in = {"content-type": "application/json"}
    now, card = [1000.0], asked_of("POST", "/v1.0/me/contacts", headers=said_in, body=b'{"surname": "Durand"}', user="me")
    graph.clock, graph.upload = lambda: now[0], 2 * len(card.body)
    said = [graph.serve(card) for _ in range(3)]
    assert [each.status for each in said if each] == [201, 201, 429]
    assert said[2] is not None
    assert said[2].headers["Retry-After"] == "300"
    now[0] += 300
    again = graph.serve(card)
    assert again is not None
    assert again.status == 201


def test_who_comes_back_too_early_waits_from_anew(graph: GraphEmulator) -> None:
    now = [1000.0]
    graph.clock, graph.quota = lambda: now[0], 1
    waits = []
    for moment in (1000.0, 1000.0, 1300.0, 1899.0, 2499.0):
        now[0] = moment
        said = graph.serve(asked("/me/contacts"))
        waits.append(said and said.headers.get("Retry-After"))
    assert waits == [None, "600", "600", "600", None]


def test_our_mailbox_comes_back_exactly_when_it_is_told_to(graph: GraphEmulator) -> None:
    now, told = [0.0], list[float]()

    def sleep(seconds: float) -> None:
        now[0] += seconds

    graph.clock, graph.quota = lambda: now[0], 4
    graph.watch(lambda exchange: told.append(now[0]) if exchange.said.status == 429 and not exchange.asked.part else None)
    client = Client(graph.url, token=lambda: "me", gate=Gate(clock=lambda: now[0], sleep=sleep), patience=700.0, sleep=sleep)
    mailbox = open_mailbox(client)
    assert len(read_all(mailbox)[0]) == 5
    mailbox.close()
    assert told, "the quota was met"
    assert len(told) == len(set(told)), "and nobody came back too early"


def asked(path: str) -> Asked:
    return asked_of("GET", f"/v1.0{path}", headers={}, body=b"", user="me")


@pytest.mark.parametrize("status", [401, 403, 404, 409, 410, 412, 429, 500, 503])
def test_any_status_strikes_one_part_and_leaves_the_others(graph: GraphEmulator, client: Client, status: int) -> None:
    strikes = Fault(
        trouble=Trouble.STATUS,
        status=status,
        when=lambda each: each.part and each.method == "DELETE",
        headers={"Retry-After": "3"},
    )
    graph.faults.add(strikes)
    identity = first(client)["id"]
    parts = [part(1), part(2, "DELETE", f"/me/contacts/{identity}"), part(3)]
    said = {each["id"]: each for each in batch(client, parts).json()["responses"]}
    assert [said[name]["status"] for name in "123"] == [200, status, 200]
    assert said["2"]["headers"]["Retry-After"] == "3"
    assert identity in graph.mine.items


@pytest.mark.parametrize("trouble", [Trouble.HANG_UP, Trouble.HANG_UP_AFTER])
def test_a_part_times_out_before_or_after_it_was_done(graph: GraphEmulator, client: Client, trouble: Trouble) -> None:
    made = int(trouble is Trouble.HANG_UP_AFTER)
    graph.faults.add(Fault(trouble=trouble, when=lambda each: each.part))
    parts = [part(1, "POST", "/me/contacts", body={"surname": "Ambigu"}, headers=JSON)]
    (answer,) = batch(client, parts).json()["responses"]
    assert answer["status"] == 504
    assert sum(item.values.get("surname") == "Ambigu" for item in graph.mine.items.values()) == made


def test_rows_come_twice_or_in_another_order_where_that_is_asked_for(graph: GraphEmulator, client: Client) -> None:
    url = "me/contacts/delta?$select=id"
    plain = [row["id"] for row in get(client, url).json()["value"]]
    graph.faults.add(Fault(trouble=Trouble.DUPLICATE_ROWS), Fault(trouble=Trouble.REORDERED_ROWS))
    assert [row["id"] for row in get(client, url).json()["value"]] == [plain[-1], *reversed(plain)]


def test_the_parts_of_a_batch_run_four_at_once(graph: GraphEmulator, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    paused: list[float] = []
    monkeypatch.setattr(graph, "pause", paused.append)
    graph.part_latency = 0.05
    batch(client, [part(number) for number in range(10)])
    assert sum(paused) == pytest.approx(0.15)


def test_a_token_sees_its_own_mailbox_and_needs_a_shared_right_for_another() -> None:
    mine, other = one_mailbox(), one_mailbox("other")
    other.shared_with = ("me",)
    emulator = GraphEmulator(mine, other, tokens={"t1": "me", "t2": "other"}, scopes={"me": frozenset({"Contacts.Read"})})
    with emulator:
        theirs, ours = client_of(emulator, user="t2"), client_of(emulator, user="t1")
        assert get(theirs, "me").json()["id"] == "other"
        assert get(ours, "users/other/contacts").status == 403
        emulator.scopes = {"me": frozenset({"Contacts.Read.Shared"})}
        assert get(ours, "users/other/contacts").status == 200
        assert get(ours, "users/nobody/contacts").status == 404
        theirs.close()
        ours.close()
