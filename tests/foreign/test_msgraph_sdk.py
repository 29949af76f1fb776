"""Does Microsoft's own client find in our emulator what it expects of Microsoft Graph?"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest

from carnet.testing.emulators.faults import Fault, Trouble
from carnet.testing.emulators.graph import GraphEmulator
from gates.fixtures import one_mailbox, watched_graph

pytestmark = [
    pytest.mark.foreign,
    # Microsoft's client warns of classes of its own
    pytest.mark.filterwarnings("ignore:This class is deprecated:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:GetQueryParameters is deprecated:DeprecationWarning"),
]

msgraph = pytest.importorskip("msgraph")
adapters = pytest.importorskip("msgraph.graph_request_adapter")
Contact = pytest.importorskip("msgraph.generated.models.contact").Contact
EmailAddress = pytest.importorskip("msgraph.generated.models.email_address").EmailAddress
extended = pytest.importorskip("msgraph.generated.models.single_value_legacy_extended_property")


bearer = pytest.importorskip("kiota_abstractions.authentication.base_bearer_token_authentication_provider")
configuration = pytest.importorskip("kiota_abstractions.base_request_configuration")
batches = pytest.importorskip("msgraph_core.requests.batch_request_content")
items = pytest.importorskip("msgraph_core.requests.batch_request_item")

IMMUTABLE = 'IdType="ImmutableId"'


Talk = Callable[[Any], Awaitable[Any]]


class Token:
    """Gives a token that names the mailbox."""

    async def get_authorization_token(self, *_: object, **__: object) -> str:
        return "me"


@pytest.fixture
def graph() -> Iterator[GraphEmulator]:
    with watched_graph(GraphEmulator(one_mailbox())) as emulator:
        yield emulator


def conversation(graph: GraphEmulator, talk: Talk) -> Any:
    """What one conversation with the service through Microsoft's client comes to."""

    async def once() -> Any:
        adapter = adapters.GraphRequestAdapter(bearer.BaseBearerTokenAuthenticationProvider(Token()))
        adapter.base_url = graph.url
        try:
            return await talk(msgraph.GraphServiceClient(request_adapter=adapter))
        finally:
            await adapter._http_client._transport.transport.aclose()  # the client's own closing stops short of it

    # in a thread of its own: where a browser is driven in this process, a loop runs in this one already
    with ThreadPoolExecutor(1) as aside:
        return aside.submit(asyncio.run, once()).result()


@pytest.fixture
def run(graph: GraphEmulator) -> Callable[[Talk], Any]:
    return partial(conversation, graph)


def prefer(*also: str, **headers: str) -> Any:
    asked = configuration.RequestConfiguration()
    asked.headers.add("Prefer", ", ".join((IMMUTABLE, *also)))
    for name, value in headers.items():
        asked.headers.add(name.replace("_", "-"), value)
    return asked


async def in_folder(client: Any) -> Any:
    return client.me.contact_folders.by_contact_folder_id("contacts").contacts


async def pages(first: Any, of: Any) -> tuple[list[Any], Any]:
    """Every row, page after page, by the links as given; and the last page."""
    rows = list(first.value)
    while first.odata_next_link:
        first = await of.with_url(first.odata_next_link).get(prefer("odata.maxpagesize=2"))
        rows += first.value
    return rows, first


def test_it_lists_the_folders_and_their_contacts_page_by_page(run: Any) -> None:
    async def talk(client: Any) -> Any:
        folders = await client.me.contact_folders.get()
        contacts = await in_folder(client)
        rows, _ = await pages(await contacts.get(prefer("odata.maxpagesize=2")), contacts)
        return [each.display_name for each in folders.value], rows

    folders, rows = run(talk)
    assert folders == ["Clients"]
    assert [row.surname for row in rows] == ["Durand", "Martin", "Lefèvre", "Confidence"]
    assert rows[0].email_addresses[0].address == "durand1@contoso.com"
    assert rows[0].business_address.city == "Lyon"
    assert rows[0].birthday.year == 1981
    assert all(not row.additional_data.keys() - {"@odata.etag"} for row in rows)


def test_it_follows_change_tracking_from_link_to_link(run: Any, graph: GraphEmulator) -> None:
    async def talk(client: Any) -> Any:
        tracked = (await in_folder(client)).delta
        rows, last = await pages(await tracked.get(prefer("odata.maxpagesize=2")), tracked)
        graph.mine.delete(rows[0].id)
        graph.mine.edit(rows[1].id, jobTitle="Meanwhile")
        told, _ = await pages(await tracked.with_url(last.odata_delta_link).get(prefer()), tracked)
        return rows, told

    rows, told = run(talk)
    assert len(rows) == 4
    assert {row.id: (row.job_title, row.additional_data.get("@removed")) for row in told} == {
        rows[0].id: (None, {"reason": "deleted"}),
        rows[1].id: ("Meanwhile", None),
    }


def test_it_creates_updates_and_deletes_with_an_etag(run: Any, graph: GraphEmulator) -> None:
    async def talk(client: Any) -> Any:
        address = EmailAddress(name="Nina", address="nina@contoso.com")
        made = await client.me.contacts.post(
            Contact(given_name="Nina", surname="Roux", email_addresses=[address], business_phones=["1"]), prefer()
        )
        one = client.me.contacts.by_contact_id(made.id)
        etag = made.additional_data["@odata.etag"]
        changed = await one.patch(Contact(job_title="Directrice"), prefer(If_Match=etag))
        with pytest.raises(Exception, match="change key") as stale:
            await one.patch(Contact(job_title="X"), prefer(If_Match=etag))
        await one.delete(prefer())
        return made, changed, stale.value

    made, changed, stale = run(talk)
    assert (changed.job_title, changed.surname) == ("Directrice", "Roux")
    assert (stale.response_status_code, stale.error.code) == (412, "ErrorIrresolvableConflict")
    assert made.id not in graph.mine.items


def test_it_reads_and_writes_an_extended_property(run: Any) -> None:
    name = "String {00020329-0000-0000-c000-000000000046} Name crmid"
    builder = pytest.importorskip("msgraph.generated.users.item.contacts.item.contact_item_request_builder")
    marks = [extended.SingleValueLegacyExtendedProperty(id=name, value="42")]

    async def talk(client: Any) -> Any:
        made = await client.me.contacts.post(Contact(surname="Roux", single_value_extended_properties=marks), prefer())
        asked = prefer()
        asked.query_parameters = builder.ContactItemRequestBuilder.ContactItemRequestBuilderGetQueryParameters(
            expand=[f"singleValueExtendedProperties($filter=id eq '{name}')"]
        )
        return await client.me.contacts.by_contact_id(made.id).get(asked)

    found = run(talk).single_value_extended_properties
    assert [(each.id, each.value) for each in found] == [(name, "42")]


def test_it_sends_a_batch_and_finds_every_answer() -> None:
    """No gate is watching: Microsoft's client for Python writes "depends_on" where Microsoft's contract has "dependsOn"."""

    async def talk(client: Any) -> Any:
        asked = {
            "good": client.me.contacts.to_get_request_information(prefer()),
            "missing": client.me.contacts.by_contact_id("nobody").to_get_request_information(prefer()),
            "made": client.me.contacts.to_post_request_information(Contact(surname="Batch"), prefer()),
        }
        content = batches.BatchRequestContent()
        base = client.request_adapter.base_url
        for name, each in asked.items():
            item = items.BatchRequestItem(each, id=name)
            item.url = item.url.removeprefix(base)
            content.add_request(name, item)
        answer = await client.batch.post(content)
        return answer.get_response_status_codes()

    with GraphEmulator(one_mailbox()) as emulator:
        statuses = conversation(emulator, talk)
    assert statuses == {"good": 200, "missing": 404, "made": 201}
    assert [item.values.get("surname") for item in emulator.mine.items.values()][-1] == "Batch"


def test_it_comes_back_when_it_is_told_to(run: Any, graph: GraphEmulator) -> None:
    graph.faults.add(Fault(trouble=Trouble.STATUS, status=429, headers={"Retry-After": "1"}))

    async def talk(client: Any) -> Any:
        return await client.me.contacts.get(prefer())

    assert len(run(talk).value) == 4
    assert graph.requests == 2
