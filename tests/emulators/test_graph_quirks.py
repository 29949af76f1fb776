"""Does the emulator do what Microsoft Graph does, fact by fact?"""

from __future__ import annotations

import base64
from typing import Any

import pytest

from carnet.testing.emulators.graph import GraphEmulator, overlapping
from carnet.transport.calls import Call
from carnet.transport.client import Client
from emulators.graph_talk import batch, code, first, get, part, send
from gates import graph_gate
from gates.fixtures import client_of, one_mailbox


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


def test_a_folder_is_made_renamed_and_deleted_with_all_that_is_in_it(graph: GraphEmulator, client: Client) -> None:
    made = send(client, "POST", "me/contactFolders", {"displayName": "Presse"}).json()
    assert send(client, "POST", "me/contactFolders", {"displayName": "Presse"}).status == 409
    below = send(client, "POST", f"me/contactFolders/{made['id']}/childFolders", {"displayName": "Radio"}).json()
    graph.mine.add_contact(below["id"], surname="Voix")
    assert send(client, "PATCH", f"me/contactFolders/{made['id']}", {"displayName": "Médias"}).json()["displayName"] == "Médias"
    assert [each["displayName"] for each in get(client, f"me/contactFolders/{made['id']}/childFolders").json()["value"]] == [
        "Radio"
    ]
    assert send(client, "DELETE", f"me/contactFolders/{made['id']}").status == 204
    assert get(client, f"me/contactFolders/{below['id']}").status == 404
    assert "Voix" not in {item.values.get("surname") for item in graph.mine.items.values()}


def test_the_default_folder_cannot_be_deleted(client: Client) -> None:
    assert send(client, "DELETE", "me/contactFolders/contacts").status == 403


def test_a_list_of_numbers_closes_up_and_their_properties_do_not(graph: GraphEmulator, client: Client) -> None:
    identity = graph.mine.add_contact(surname="Seconde", businessPhones=["1", "2"])
    place = f"me/contacts/{identity}"
    properties = "singleValueExtendedProperties"
    assert send(client, "PATCH", place, {properties: [{"id": "String 0x3A08", "value": ""}]}).json()["businessPhones"] == ["2"]
    expand = f"{properties}($filter=id eq 'String 0x3A08' or id eq 'String 0x3A1B')"
    told = get(client, f"{place}?$expand={expand}").json()
    assert (told["businessPhones"], told[properties]) == (["2"], [{"id": "String 0x3a1b", "value": "2"}])
    assert send(client, "PATCH", place, {"businessPhones": ["3"]}).json()["businessPhones"] == ["3"]
    assert get(client, f"{place}?$expand={expand}").json()[properties] == [{"id": "String 0x3a08", "value": "3"}]


def test_the_name_of_a_category_cannot_be_changed_its_colour_can(client: Client) -> None:
    made = send(client, "POST", "me/outlook/masterCategories", {"displayName": "Salon", "color": "preset3"}).json()
    assert send(client, "POST", "me/outlook/masterCategories", {"displayName": "SALON", "color": "preset3"}).status == 409
    place = f"me/outlook/masterCategories/{made['id']}"
    assert send(client, "PATCH", place, {"color": "preset9"}).json() == {**made, "color": "preset9"}
    with GraphEmulator(one_mailbox()) as unwatched:
        other = client_of(unwatched)
        found = send(other, "POST", "me/outlook/masterCategories", {"displayName": "Salon"}).json()
        assert send(other, "PATCH", f"me/outlook/masterCategories/{found['id']}", {"displayName": "Foire"}).status == 400
        other.close()
    assert send(client, "DELETE", place).status == 204


def test_a_photo_has_an_etag_that_changes_with_it_and_is_no_json(graph: GraphEmulator, client: Client) -> None:
    item = next(iter(graph.mine.items.values()))
    place = f"me/contacts/{item.id}/photo"
    assert get(client, place).status == 404
    tags = []
    for photo in (b"\xff\xd8one", b"\xff\xd8two"):
        item.photo = photo
        shown, value = get(client, place).json(), get(client, f"{place}/$value")
        assert (value.body, value.headers["content-type"]) == (photo, "image/jpeg")
        assert value.headers["etag"] == shown["@odata.mediaEtag"]
        tags.append(shown["@odata.mediaEtag"])
    assert tags[0] != tags[1]
    (answer,) = batch(client, [part(1, url=f"/{place}/$value")]).json()["responses"]
    assert base64.b64decode(answer["body"]) == b"\xff\xd8two"


def test_passing_ids_are_translated_into_lasting_ones(graph: GraphEmulator, client: Client) -> None:
    passing = client.send(Call(method="GET", url="me/contacts?$top=2")).json()["value"]
    body = {
        "inputIds": [each["id"] for each in passing],
        "sourceIdType": "restId",
        "targetIdType": "restImmutableEntryId",
    }
    told = send(client, "POST", "me/translateExchangeIds", body).json()["value"]
    assert [each["targetId"] for each in told] == list(graph.mine.items)[:2]
    assert [each["sourceId"] for each in told] == body["inputIds"]


def test_two_writers_at_once_conflict_though_nobody_sent_if_match(graph: GraphEmulator, client: Client) -> None:
    identity = first(client)["id"]
    graph.faults.add(overlapping(lambda each: each.method == "PATCH"))
    answer = send(client, "PATCH", f"me/contacts/{identity}", {"jobTitle": "X"})
    assert (answer.status, code(answer)) == (409, "ErrorIrresolvableConflict")
    assert graph.mine.items[identity].values.get("jobTitle") is None
    assert send(client, "PATCH", f"me/contacts/{identity}", {"jobTitle": "X"}).status == 200


def test_a_stale_etag_has_been_seen_as_409_too(graph: GraphEmulator, client: Client) -> None:
    graph.conflict = 409
    answer = send(client, "PATCH", f"me/contacts/{first(client)['id']}", {"jobTitle": "X"}, **{"If-Match": 'W/"old"'})
    assert (answer.status, code(answer)) == (409, "ErrorIrresolvableConflict")


@pytest.mark.parametrize("resync", [(400, "syncStateNotFound"), (410, "resyncRequired"), (404, "SyncStateNotFound")])
def test_a_token_expires_in_several_words(graph: GraphEmulator, client: Client, resync: tuple[int, str]) -> None:
    link = get(client, "me/contacts/delta?$select=id", Prefer="odata.maxpagesize=50").json()["@odata.deltaLink"]
    graph.resync = resync
    graph.mine.expire()
    answer = get(client, link)
    assert (answer.status, code(answer)) == resync
    assert ("location" in answer.headers) == (resync[0] == 410)


def test_what_is_deleted_while_pages_are_walked_hides_nobody_else(graph: GraphEmulator, client: Client) -> None:
    ids = list(graph.mine.items)
    page = get(client, "me/contacts/delta?$select=id", Prefer="odata.maxpagesize=2").json()
    seen = [row["id"] for row in page["value"]]
    graph.mine.delete(ids[0])
    while "@odata.nextLink" in page:
        page = get(client, page["@odata.nextLink"], Prefer="odata.maxpagesize=2").json()
        seen += [row["id"] for row in page["value"]]
    told = get(client, page["@odata.deltaLink"]).json()["value"]
    assert {item.id for item in graph.mine.visible(graph.mine.default)} <= set(seen)
    assert [row["id"] for row in told] == [ids[0]]


def test_a_token_keeps_what_was_selected_first(graph: GraphEmulator, client: Client) -> None:
    link = get(client, "me/contacts/delta?$select=surname", Prefer="odata.maxpagesize=50").json()["@odata.deltaLink"]
    graph.mine.edit(next(iter(graph.mine.items)), jobTitle="X")
    (row,) = get(client, link).json()["value"]
    assert set(row) == {"id", "@odata.etag", "surname"}


def test_sensitivity_is_the_integer_of_0x36_however_it_is_written(graph: GraphEmulator, client: Client) -> None:
    identity = graph.mine.add_contact(surname="X")
    for spelt, value in (("Integer 0x0036", "2"), ("Integer 0x36", "3")):
        send(client, "PATCH", f"me/contacts/{identity}", {"singleValueExtendedProperties": [{"id": spelt, "value": value}]})
        shown = get(
            client, f"me/contacts/{identity}?$expand=singleValueExtendedProperties($filter=id eq 'Integer 0x0036')"
        ).json()
        assert shown["singleValueExtendedProperties"] == [{"id": "Integer 0x36", "value": value}]
    wrong = {"singleValueExtendedProperties": [{"id": "Integer 0x36", "value": "private"}]}
    assert send(client, "PATCH", f"me/contacts/{identity}", wrong).status == 400


def test_what_microsofts_own_app_writes_is_seen_on_its_contacts(graph: GraphEmulator, client: Client) -> None:
    space = "{00020329-0000-0000-C000-000000000046}"
    names = {f"Integer {space} Name crmLinkState": "2", f"String {space} Name crmid": "42", f"String {space} Name crmorgid": "7"}
    identity = graph.mine.add_contact(surname="X", extended=names)
    asked_for = " or ".join(f"id eq '{name}'" for name in names)
    shown = get(client, f"me/contacts/{identity}?$expand=singleValueExtendedProperties($filter={asked_for})").json()
    assert [each["value"] for each in shown["singleValueExtendedProperties"]] == ["2", "42", "7"]


@pytest.mark.parametrize("name", ["businessFax", "pager", "anniversary", "hobbies", "gender", "companyMainPhone"])
def test_the_resource_has_no_such_property(name: str) -> None:
    with GraphEmulator(one_mailbox()) as unwatched:
        client = client_of(unwatched)
        assert send(client, "POST", "me/contacts", {"surname": "X", name: "1"}).status == 400
        client.close()


def test_the_three_addresses_have_names_of_their_own(graph: GraphEmulator, client: Client) -> None:
    identity = graph.mine.add_contact(surname="X", emailAddresses=[{"name": "a", "address": "a@b.c"}])
    second = {"name": "d", "address": "d@e.f"}
    shown = send(client, "PATCH", f"me/contacts/{identity}", {"secondaryEmailAddress": second}).json()
    assert shown["emailAddresses"] == [{"name": "a", "address": "a@b.c"}, second]
    assert (shown["primaryEmailAddress"]["address"], shown["tertiaryEmailAddress"]) == ("a@b.c", None)
    emptied = send(client, "PATCH", f"me/contacts/{identity}", {"primaryEmailAddress": None}).json()
    assert emptied["emailAddresses"] == [second], "the list closes up"
    assert (emptied["primaryEmailAddress"], emptied["secondaryEmailAddress"]) == (None, second), "the names do not"


@pytest.mark.parametrize("seen", [(False, ["Clients"]), (True, ["Contacts", "Clients"])])
def test_the_list_of_folders_has_been_seen_with_and_without_the_default_one(
    graph: GraphEmulator, client: Client, seen: tuple[bool, list[str]]
) -> None:
    graph.default_in_list, names = seen
    assert [each["displayName"] for each in get(client, "me/contactFolders").json()["value"]] == names
    assert get(client, "me/contactFolders/contacts").json()["displayName"] == "Contacts"


def test_where_the_name_of_the_default_folder_is_not_known_its_contacts_lead_to_it(graph: GraphEmulator, client: Client) -> None:
    graph.knows_names = False
    assert get(client, "me/contactFolders/contacts").status == 404
    (row,) = get(client, "me/contacts?$top=1&$select=parentFolderId").json()["value"]
    assert get(client, f"me/contactFolders/{row['parentFolderId']}").json()["displayName"] == "Contacts"


def test_a_list_shows_ten_unless_more_is_asked_for_and_links_to_the_rest(graph: GraphEmulator, client: Client) -> None:
    for number in range(30):
        graph.mine.add_contact(surname=f"N{number}")
    page = get(client, "me/contacts?$select=surname").json()
    seen = [row["id"] for row in page["value"]]
    assert len(seen) == 10
    while link := page.get("@odata.nextLink"):
        page = get(client, link).json()
        seen += [row["id"] for row in page["value"]]
    assert seen == [item.id for item in graph.mine.visible(graph.mine.default)]
    assert len(get(client, "me/contacts?$top=25").json()["value"]) == 25
    assert get(client, "me/contacts?$top=1001").status == 400


def test_the_ids_of_folders_last_whether_or_not_it_is_asked_for(client: Client) -> None:
    plain = client.send(Call(method="GET", url="me/contactFolders")).json()["value"]
    assert [each["id"] for each in plain] == [each["id"] for each in get(client, "me/contactFolders").json()["value"]]


def test_the_etag_is_the_change_key(graph: GraphEmulator, client: Client) -> None:
    before = first(client)
    assert before["@odata.etag"] == f'W/"{before["changeKey"]}"'
    graph.mine.edit(before["id"], jobTitle="X")
    assert first(client)["changeKey"] != before["changeKey"]


@pytest.mark.parametrize("url", ["me/contactFolders?includeHiddenFolders=true", "me/contactFolders?$select=wellKnownName"])
def test_a_contact_folder_knows_no_hidden_ones_and_no_well_known_name(url: str) -> None:
    with GraphEmulator(one_mailbox()) as emulator:
        emulator.watch(graph_gate.check)
        client = client_of(emulator)
        assert get(client, url).status == 500, "nothing of the kind is in the contract"
        client.close()
