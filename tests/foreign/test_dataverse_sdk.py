"""Does Microsoft's own client for Dataverse find in our emulator what it expects?"""

from __future__ import annotations

from collections.abc import Iterator
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import pytest

from carnet.testing.emulators.dataverse import DataverseEmulator
from gates.fixtures import one_organisation, watched_dataverse

pytestmark = pytest.mark.foreign

requests = pytest.importorskip("requests")
adapters = pytest.importorskip("requests.adapters")
credentials = pytest.importorskip("azure.core.credentials")
sdk = pytest.importorskip("PowerPlatform.Dataverse.client")
errors = pytest.importorskip("PowerPlatform.Dataverse.core.errors")
upsert = pytest.importorskip("PowerPlatform.Dataverse.models.upsert")


class Credential:
    """Somebody who is signed in."""

    def get_token(self, *_: Any, **__: Any) -> Any:
        return credentials.AccessToken("camille@contoso.com", 9_999_999_999)


@pytest.fixture
def dataverse() -> Iterator[DataverseEmulator]:
    with watched_dataverse(DataverseEmulator(one_organisation())) as emulator:
        emulator.seen_at = emulator.root.replace("http://", "https://")
        yield emulator


@pytest.fixture
def client(dataverse: DataverseEmulator) -> Iterator[Any]:
    """The client, which takes encrypted addresses alone: its connection leaves the encryption out on this machine."""

    def send(adapter: Any, request: Any, *args: Any, **more: Any) -> Any:
        request.url = request.url.replace("https://", "http://", 1)
        return adapters.HTTPAdapter.send(adapter, request, *args, **more)

    session = requests.Session()
    session.trust_env = False
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=()))  # it would keep them; the gate lets none pass
    session.mount(dataverse.seen_at, type("Plain", (adapters.HTTPAdapter,), {"send": send})())
    made = sdk.DataverseClient(dataverse.seen_at, Credential())
    made._session = session
    yield made
    made.close()
    session.close()


def account_of(dataverse: DataverseEmulator) -> str:
    return next(iter(dataverse.organisation.rows["account"]))


def values(dataverse: DataverseEmulator, identity: str) -> dict[str, Any]:
    return dataverse.organisation.rows["contact"][identity].values


def test_it_creates_reads_changes_and_deletes_a_contact(client: Any, dataverse: DataverseEmulator) -> None:
    bound = {"parentcustomerid_account@odata.bind": f"/accounts({account_of(dataverse)})"}
    identity = client.records.create("contact", {"firstname": "Nina", "lastname": "Roux", **bound})
    found = client.records.retrieve("contact", identity, select=["fullname", "_parentcustomerid_value"])
    assert (found["fullname"], found["_parentcustomerid_value"]) == ("Nina Roux", account_of(dataverse))
    client.records.update("contact", identity, {"jobtitle": "Directrice"})
    assert values(dataverse, identity)["jobtitle"] == "Directrice"
    client.records.delete("contact", identity)
    assert identity not in dataverse.organisation.rows["contact"]


def test_it_creates_and_changes_many_in_one_message(client: Any, dataverse: DataverseEmulator) -> None:
    ids = client.records.create("contact", [{"lastname": f"N{number}"} for number in range(2500)])
    assert [values(dataverse, each)["lastname"] for each in ids[:2]] == ["N0", "N1"]
    client.records.update("contact", ids[:2], [{"jobtitle": "A"}, {"jobtitle": "B"}])
    assert [values(dataverse, each)["jobtitle"] for each in ids[:2]] == ["A", "B"]
    sent = [each.asked.path.rpartition(".")[2] for each in dataverse.log if each.asked.path.endswith("Multiple")]
    assert sent == ["CreateMultiple", "UpdateMultiple"]


def test_many_are_created_all_or_none(client: Any, dataverse: DataverseEmulator) -> None:
    before = len(dataverse.organisation.rows["contact"])
    with pytest.raises(errors.HttpError) as caught:
        client.records.create("contact", [{"lastname": "Good"}, {"lastname": "x" * 51}])
    assert caught.value.status_code == 400
    assert len(dataverse.organisation.rows["contact"]) == before


def test_it_upserts_by_an_alternate_key(client: Any, dataverse: DataverseEmulator) -> None:
    dataverse.organisation.alternate_keys["contact"] = (("externaluseridentifier",),)
    items = [
        upsert.UpsertItem(alternate_key={"externaluseridentifier": key}, record={"lastname": name})
        for key, name in (("a", "Alpha"), ("b", "Beta"))
    ]
    client.records.upsert("contact", items)
    client.records.upsert("contact", [upsert.UpsertItem(alternate_key={"externaluseridentifier": "a"}, record={"jobtitle": "X"})])
    found = {
        row.values["externaluseridentifier"]: row.values
        for row in dataverse.organisation.holding("contact", "externaluseridentifier", ["a", "b"])
    }
    assert (found["a"]["lastname"], found["a"]["jobtitle"], found["b"]["lastname"]) == ("Alpha", "X", "Beta")
    sent = [each.asked for each in dataverse.log if each.asked.method in {"POST", "PATCH"}]
    assert [(each.method, each.path.rpartition("/")[2]) for each in sent] == [
        ("POST", "Microsoft.Dynamics.CRM.UpsertMultiple"),
        ("PATCH", "contacts(externaluseridentifier='a')"),
    ]


def test_many_are_upserted_all_or_none(client: Any, dataverse: DataverseEmulator) -> None:
    dataverse.organisation.alternate_keys["contact"] = (("externaluseridentifier",),)
    there = dataverse.organisation.add_contact(lastname="Zola", externaluseridentifier="a")
    items = [
        upsert.UpsertItem(alternate_key={"externaluseridentifier": key}, record={"jobtitle": title})
        for key, title in (("a", "X"), ("b", "Y"), ("c", "x" * 101))
    ]
    with pytest.raises(errors.HttpError) as caught:
        client.records.upsert("contact", items)
    assert caught.value.status_code == 400
    assert values(dataverse, there).get("jobtitle") is None
    assert not dataverse.organisation.holding("contact", "externaluseridentifier", ["b", "c"])
    assert client.records.upsert("contact", items[:2]) is None
    assert values(dataverse, there)["jobtitle"] == "X"


def test_it_reads_page_by_page(client: Any, dataverse: DataverseEmulator) -> None:
    dataverse.largest_page = 2
    pages = list(client.records.list_pages("contact", select=["lastname"], filter="statecode eq 0", orderby=["lastname asc"]))
    assert [row["lastname"] for page in pages for row in page] == ["Aubert", "Durand", "Lefèvre", "Renard"]
    assert len(pages) == 2


def test_a_change_set_is_done_together(client: Any, dataverse: DataverseEmulator) -> None:
    batch = client.batch.new()
    with batch.changeset() as changes:
        account = changes.records.create("account", {"name": "Northwind"})
        changes.records.create("contact", {"lastname": "Zola", "parentcustomerid_account@odata.bind": account})
    result = batch.execute()
    assert not result.has_errors
    (zola,) = dataverse.organisation.holding("contact", "lastname", ["Zola"])
    (northwind,) = dataverse.organisation.holding("account", "name", ["Northwind"])
    assert zola.lookups["parentcustomerid"] == ("account", northwind.id)


def test_one_failure_undoes_a_change_set_and_lets_the_batch_go_on(client: Any, dataverse: DataverseEmulator) -> None:
    batch = client.batch.new()
    with batch.changeset() as changes:
        changes.records.create("account", {"name": "Northwind"})
        changes.records.create("contact", {"lastname": "x" * 51})
    batch.records.create("contact", {"lastname": "Zola"})
    result = batch.execute(continue_on_error=True)
    assert [each.status_code for each in result.responses] == [400, 204]
    assert not dataverse.organisation.holding("account", "name", ["Northwind"])
    assert dataverse.organisation.holding("contact", "lastname", ["Zola"])


def test_it_is_told_what_it_lacks(client: Any, dataverse: DataverseEmulator) -> None:
    del dataverse.organisation.first.privileges["prvCreateContact"]
    with pytest.raises(errors.HttpError, match="prvCreateContact"):
        client.records.create("contact", {"lastname": "X"})
