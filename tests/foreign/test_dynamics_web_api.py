"""Does dynamics-web-api, a client of the community, find in our emulator what it expects of Dataverse?"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from carnet.testing.emulators.dataverse import DataverseEmulator
from gates.fixtures import one_organisation, watched_dataverse
from shared_data import present

pytestmark = pytest.mark.foreign

HERE = Path(__file__).parent
ID = "11111111-2222-5333-8444-555555555555"


class Dynamics:
    """The client, in a process of its own."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def told(self, *calls: tuple[str, dict[str, Any]], batch: bool = False) -> dict[str, Any]:
        """What came of those calls: {"said": …} or {"failed": …}."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps({"calls": calls, "batch": batch}) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer

    def call(self, name: str, **request: Any) -> Any:
        """What the client gives back."""
        answer = self.told((name, request))
        assert "said" in answer, answer
        return answer["said"]

    def fail(self, name: str, **request: Any) -> tuple[int, str]:
        """The status and the code by which the client fails."""
        answer = self.told((name, request))
        assert "failed" in answer, answer
        return answer["failed"]["status"], answer["failed"]["code"]


@pytest.fixture
def dataverse() -> Iterator[DataverseEmulator]:
    with watched_dataverse(DataverseEmulator(one_organisation())) as emulator:
        yield emulator


@pytest.fixture
def dynamics(dataverse: DataverseEmulator) -> Iterator[Dynamics]:
    present(HERE / "node_modules" / "dynamics-web-api", "run make foreign")
    node = shutil.which("node")
    assert node is not None
    command = [node, str(HERE / "dynamics.mjs"), f"{dataverse.root}/", "camille@contoso.com"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield Dynamics(process)
        process.terminate()


def account_of(dataverse: DataverseEmulator) -> str:
    return next(iter(dataverse.organisation.rows["account"]))


def test_it_creates_reads_changes_and_deletes_a_contact(dynamics: Dynamics, dataverse: DataverseEmulator) -> None:
    bound = {"parentcustomerid_account@odata.bind": f"/accounts({account_of(dataverse)})"}
    made = dynamics.call("create", collection="contacts", data={"lastname": "Roux", **bound}, returnRepresentation=True)
    identity = made["contactid"]
    found = dynamics.call("retrieve", collection="contacts", key=identity, select=["fullname", "_parentcustomerid_value"])
    assert (found["fullname"], found["_parentcustomerid_value"]) == ("Roux", account_of(dataverse))
    dynamics.call("update", collection="contacts", key=identity, data={"jobtitle": "Directrice"})
    assert dataverse.organisation.rows["contact"][identity].values["jobtitle"] == "Directrice"
    dynamics.call("deleteRecord", collection="contacts", key=identity)
    assert dynamics.fail("retrieve", collection="contacts", key=identity) == (404, "0x80040217")


def test_a_stale_etag_is_refused(dynamics: Dynamics, dataverse: DataverseEmulator) -> None:
    row = dynamics.call("retrieveMultiple", collection="contacts", select=["lastname"])["value"][0]
    dataverse.organisation.edit("contact", row["contactid"], jobtitle="Meanwhile")
    request = {"collection": "contacts", "key": row["contactid"], "data": {"jobtitle": "X"}, "ifmatch": row["@odata.etag"]}
    assert dynamics.told(("update", request))["said"] is False  # so it tells of a 412
    fresh = dataverse.organisation.rows["contact"][row["contactid"]].etag
    assert dynamics.told(("update", {**request, "ifmatch": fresh}))["said"] is True


def test_an_upsert_creates_or_changes_as_it_is_told(dynamics: Dynamics, dataverse: DataverseEmulator) -> None:
    request = {"collection": "contacts", "key": ID, "data": {"lastname": "Neuve"}}
    dynamics.told(("upsert", {**request, "ifmatch": "*"}))
    assert ID not in dataverse.organisation.rows["contact"]
    dynamics.call("upsert", **request, ifnonematch="*")
    assert dataverse.organisation.rows["contact"][ID].values["lastname"] == "Neuve"
    dynamics.told(("upsert", {**request, "data": {"lastname": "Autre"}, "ifnonematch": "*"}))
    assert dataverse.organisation.rows["contact"][ID].values["lastname"] == "Neuve"


def test_duplicates_are_found_where_it_asks_for_that(dynamics: Dynamics, dataverse: DataverseEmulator) -> None:
    dataverse.organisation.add_rule("Same address", "emailaddress1")
    request = {"collection": "contacts", "data": {"lastname": "Other", "emailaddress1": "durand1@contoso.com"}}
    assert dynamics.fail("create", **request, duplicateDetection=True) == (412, "0x80040333")
    dynamics.call("create", **request)
    assert dataverse.organisation.holding("contact", "lastname", ["Other"])


def test_it_reads_page_by_page(dynamics: Dynamics) -> None:
    told = dynamics.call("retrieveAll", collection="contacts", select=["lastname"], orderBy=["lastname"], maxPageSize=2)
    assert [row["lastname"] for row in told["value"]] == ["Aubert", "Durand", "Lefèvre", "Petit", "Renard"]


def test_it_follows_changes(dynamics: Dynamics, dataverse: DataverseEmulator) -> None:
    told = dynamics.call("retrieveMultiple", collection="contacts", select=["lastname"], trackChanges=True)
    assert len(told["value"]) == 5
    gone, changed = told["value"][0]["contactid"], told["value"][1]["contactid"]
    dataverse.organisation.delete("contact", gone)
    dataverse.organisation.edit("contact", changed, jobtitle="X")
    token = told["oDataDeltaLink"].partition("$deltatoken=")[2]
    later = dynamics.call("retrieveMultiple", collection="contacts", select=["lastname"], queryParams=[f"$deltatoken={token}"])
    assert [(row.get("contactid"), row.get("id"), row.get("reason")) for row in later["value"]] == [
        (changed, None, None),
        (None, gone, "deleted"),
    ]


def test_it_creates_many_in_one_message(dynamics: Dynamics, dataverse: DataverseEmulator) -> None:
    targets = [{"@odata.type": "Microsoft.Dynamics.CRM.contact", "lastname": name} for name in ("Un", "Deux")]
    action = "Microsoft.Dynamics.CRM.CreateMultiple"
    told = dynamics.call("callAction", actionName=action, collection="contacts", action={"Targets": targets})
    assert [dataverse.organisation.rows["contact"][each].values["lastname"] for each in told["Ids"]] == ["Un", "Deux"]


@pytest.mark.parametrize("name", ["Zola", "x" * 51])
def test_a_change_set_is_done_whole_or_not_at_all(dynamics: Dynamics, dataverse: DataverseEmulator, name: str) -> None:
    bound = {"lastname": name, "parentcustomerid_account@odata.bind": "$1"}
    told = dynamics.told(
        ("create", {"collection": "accounts", "data": {"name": "Northwind"}, "contentId": "1"}),
        ("create", {"collection": "contacts", "data": bound, "contentId": "2"}),
        batch=True,
    )
    found = dataverse.organisation.holding("account", "name", ["Northwind"])
    if name == "Zola":
        (zola,) = dataverse.organisation.holding("contact", "lastname", ["Zola"])
        assert told["said"] == [found[0].id, zola.id]
        assert zola.lookups["parentcustomerid"] == ("account", found[0].id)
    else:
        assert (told["failed"]["status"], told["failed"]["code"]) == (400, "0x80044331")
        assert found == []
