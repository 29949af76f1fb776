"""Does the emulator do what Microsoft Graph does, fact by fact?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from threading import Thread
from typing import Any

import pytest

from carnet.testing.emulators.faults import Fault, Trouble
from carnet.testing.emulators.graph import GraphEmulator
from carnet.transport.calls import Answer, Call
from carnet.transport.client import Client
from gates import graph_gate
from gates.fixtures import client_of, one_mailbox, watched_graph

IMMUTABLE = {"Prefer": 'IdType="ImmutableId"'}
JSON = {"Content-Type": "application/json"}


@pytest.fixture
def graph() -> Iterator[GraphEmulator]:
    with watched_graph(GraphEmulator(one_mailbox())) as emulator:
        yield emulator


@pytest.fixture
def client(graph: GraphEmulator) -> Iterator[Client]:
    client = client_of(graph)
    yield client
    client.close()


def get(client: Client, url: str, **headers: str) -> Answer:
    prefer = ", ".join(filter(None, (IMMUTABLE["Prefer"], headers.pop("Prefer", ""))))
    return client.send(Call(method="GET", url=url, headers={"Prefer": prefer, **headers}))


def send(client: Client, method: str, url: str, /, *body: Any, **headers: str) -> Answer:
    content = b"" if not body or body[0] is None else json.dumps(body[0]).encode()
    return client.send(Call(method=method, url=url, headers={**JSON, **IMMUTABLE, **headers}, body=content))


def code(answer: Answer) -> str:
    said: str = answer.json()["error"]["code"]
    return said


def first(client: Client) -> dict[str, Any]:
    found: dict[str, Any] = get(client, "me/contacts?$top=1").json()["value"][0]
    return found


@pytest.mark.parametrize("option", ["$top=5", "$filter=surname eq 'X'", "$orderby=surname", "$expand=extensions", "$search=x"])
def test_contacts_delta_takes_no_such_option(client: Client, option: str) -> None:
    answer = get(client, f"me/contactFolders/contacts/contacts/delta?{option}")
    assert (answer.status, code(answer)) == (400, "ErrorInvalidUrlQuery")


def test_a_page_of_delta_holds_ten_unless_more_is_preferred_and_never_more_than_the_cap(
    graph: GraphEmulator, client: Client
) -> None:
    for number in range(600):
        graph.mine.add_contact(surname=f"N{number}")
    url = "me/contactFolders/contacts/contacts/delta?$select=id"
    assert len(get(client, url).json()["value"]) == 10
    assert len(get(client, url, Prefer="odata.maxpagesize=100").json()["value"]) == 100
    assert len(get(client, url, Prefer="odata.maxpagesize=9999").json()["value"]) == 512


def test_distribution_lists_count_and_do_not_appear(client: Client) -> None:
    told = get(client, "me/contactFolders/contacts/contacts?$count=true&$top=100").json()
    assert (told["@odata.count"], len(told["value"])) == (5, 4)


def test_an_id_lasts_through_a_move_only_where_it_is_asked_for(graph: GraphEmulator, client: Client) -> None:
    lasting, passing = first(client)["id"], client.send(Call(method="GET", url="me/contacts?$top=1")).json()["value"][0]["id"]
    graph.mine.move(lasting, list(graph.mine.folders)[1])
    assert get(client, f"me/contacts/{lasting}").status == 200
    assert get(client, f"me/contacts/{passing}").status == 404


def test_a_removed_contact_and_a_moved_one_are_told_in_the_old_folder(graph: GraphEmulator, client: Client) -> None:
    start = get(client, "me/contactFolders/contacts/contacts/delta?$select=id", Prefer="odata.maxpagesize=50").json()
    deleted, moved = (row["id"] for row in start["value"][:2])
    graph.mine.delete(deleted)
    graph.mine.move(moved, list(graph.mine.folders)[1])
    told = get(client, start["@odata.deltaLink"], Prefer="odata.maxpagesize=50").json()["value"]
    assert told == [{"id": deleted, "@removed": {"reason": "deleted"}}, {"id": moved, "@removed": {"reason": "deleted"}}]


def test_a_forgotten_token_is_gone_with_the_place_to_begin_again(graph: GraphEmulator, client: Client) -> None:
    link = get(client, "me/contactFolders/contacts/contacts/delta?$select=id", Prefer="odata.maxpagesize=50").json()[
        "@odata.deltaLink"
    ]
    graph.mine.expire()
    answer = get(client, link)
    assert (answer.status, code(answer)) == (410, "SyncStateNotFound")
    assert answer.headers["location"].endswith("/contacts/delta")


def test_writing_email_addresses_replaces_all_of_them(graph: GraphEmulator, client: Client) -> None:
    identity = graph.mine.add_contact(
        surname="X", emailAddresses=[{"name": "a", "address": "a@b.c"}, {"name": "d", "address": "d@e.f"}]
    )
    changed = send(client, "PATCH", f"me/contacts/{identity}", {"emailAddresses": [{"name": "g", "address": "g@h.i"}]})
    assert changed.json()["emailAddresses"] == [{"name": "g", "address": "g@h.i"}]


def test_an_address_that_exchange_cannot_parse_comes_back_as_a_name(client: Client) -> None:
    made = send(
        client, "POST", "me/contacts", {"surname": "X", "emailAddresses": [{"name": "poste", "address": "not an address"}]}
    )
    assert made.json()["emailAddresses"] == [{"name": "poste"}]


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("emailAddresses", [{"address": f"{n}@b.c"} for n in range(4)]),
        ("businessPhones", ["1", "2", "3"]),
        ("homePhones", ["1", "2", "3"]),
    ],
)
def test_a_contact_has_so_many_slots(client: Client, name: str, values: list[Any]) -> None:
    assert send(client, "POST", "me/contacts", {"surname": "X", name: values}).status == 400


def test_a_search_shows_no_addresses(client: Client) -> None:
    assert all(row["emailAddresses"] == [] for row in get(client, "me/contacts?$search=zoé").json()["value"])


def test_the_display_name_is_made_again_unless_it_is_sent_along(graph: GraphEmulator, client: Client) -> None:
    identity = graph.mine.add_contact(givenName="Zoé", surname="Durand", displayName="La cheffe")
    assert send(client, "PATCH", f"me/contacts/{identity}", {"jobTitle": "A"}).json()["displayName"] == "Zoé Durand"
    sent = {"jobTitle": "B", "displayName": "La cheffe"}
    assert send(client, "PATCH", f"me/contacts/{identity}", sent).json()["displayName"] == "La cheffe"


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
def test_a_stale_etag_is_an_irresolvable_conflict(graph: GraphEmulator, client: Client, method: str) -> None:
    item = first(client)
    graph.mine.edit(item["id"], jobTitle="Meanwhile")
    answer = send(
        client,
        method,
        f"me/contacts/{item['id']}",
        {"jobTitle": "X"} if method == "PATCH" else None,
        **{"If-Match": item["@odata.etag"]},
    )
    assert (answer.status, code(answer)) == (412, "ErrorIrresolvableConflict")


def test_a_birthday_is_kept_as_a_moment(client: Client) -> None:
    assert (
        send(client, "POST", "me/contacts", {"surname": "X", "birthday": "1980-02-29T00:00:00Z"}).json()["birthday"]
        == "1980-02-29T11:59:00Z"
    )


def test_a_post_is_not_idempotent(graph: GraphEmulator, client: Client) -> None:
    for _ in range(2):
        send(client, "POST", "me/contacts", {"surname": "Double"})
    assert sum(item.values.get("surname") == "Double" for item in graph.mine.items.values()) == 2


def test_an_extended_property_is_written_found_and_shown_where_it_is_asked_for(client: Client) -> None:
    name = "String {00020329-0000-0000-c000-000000000046} Name mark"
    made = send(
        client, "POST", "me/contacts", {"surname": "X", "singleValueExtendedProperties": [{"id": name, "value": "it's"}]}
    ).json()
    assert "singleValueExtendedProperties" not in made
    shown = get(client, f"me/contacts/{made['id']}?$expand=singleValueExtendedProperties($filter=id eq '{name}')").json()
    assert shown["singleValueExtendedProperties"] == [{"id": name, "value": "it's"}]
    found = get(
        client, f"me/contacts?$filter=singleValueExtendedProperties/any(ep: ep/id eq '{name}' and ep/value eq 'it''s')"
    ).json()
    assert [row["id"] for row in found["value"]] == [made["id"]]


def batch(client: Client, parts: list[dict[str, Any]]) -> Answer:
    return client.send(Call(method="POST", url="$batch", headers=JSON, body=json.dumps({"requests": parts}).encode(), slots=4))


def part(number: int | str, method: str = "GET", url: str = "/me/contacts?$top=1", **more: Any) -> dict[str, Any]:
    return {"id": str(number), "method": method, "url": url, **more}


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
        part(3, "POST", "/me/contacts", body=body, headers=JSON),
    ]
    statuses = {each["id"]: each["status"] for each in batch(client, parts).json()["responses"]}
    assert statuses == {"1": 400, "2": 424, "3": 201}


def test_a_part_is_throttled_alone_and_counts_in_the_quota(graph: GraphEmulator, client: Client) -> None:
    graph.quota = 2
    said = {each["id"]: each for each in batch(client, [part(1), part(2), part(3)]).json()["responses"]}
    throttled = [each for each in said.values() if each["status"] == 429]
    assert len(throttled) == 1
    assert throttled[0]["headers"]["Retry-After"] == "10"
    assert graph.units == 3


def test_a_fifth_request_in_flight_for_one_mailbox_is_throttled(graph: GraphEmulator) -> None:
    graph.faults.add(*(Fault(trouble=Trouble.DELAY, seconds=0.0) for _ in range(1)))
    statuses: list[int] = []
    held = graph._in_flight
    held["me"] = 4

    def ask() -> None:
        client = client_of(graph)
        held["me"] = 4
        statuses.append(_once(client).status)
        client.close()

    thread = Thread(target=ask)
    thread.start()
    thread.join()
    held["me"] = 0
    assert statuses == [429]


def _once(client: Client) -> Answer:
    return client._answer(Call(method="GET", url="me/contacts?$top=1"), "me")


def test_somebody_elses_mailbox_needs_to_be_shared(graph: GraphEmulator, client: Client) -> None:
    other = one_mailbox("other")
    graph.mailboxes["other"] = other
    assert (get(client, "users/other/contacts").status, code(get(client, "users/other/contacts"))) == (403, "ErrorAccessDenied")
    other.shared_with = ("me",)
    assert get(client, "users/other/contacts").status == 200


def test_who_has_not_consented_is_refused(graph: GraphEmulator, client: Client) -> None:
    graph.scopes = {"me": frozenset({"Contacts.Read"})}
    assert get(client, "me/contacts").status == 200
    assert send(client, "POST", "me/contacts", {"surname": "X"}).status == 403


def test_every_operation_that_is_served_has_a_schema(graph: GraphEmulator) -> None:
    served = [("POST", "/$batch"), ("GET", "/me"), ("GET", "/users/somebody")]
    for method, pattern, _, _ in graph._routes():
        plain = pattern.replace("(?:", "").replace(")?", "").replace("(\\(\\)", "")
        path = "/me" + plain.replace("(?P<folder>[^/]+)", "f").replace("(?P<contact>[^/]+)", "c").removesuffix("(?:\\(\\)")
        served.append((method, path))
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
