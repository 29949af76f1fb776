"""Does the gate know every operation of Dataverse, and refuse what breaks the contract?"""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from carnet.testing.emulators.dataverse import ROUTES, DataverseEmulator
from carnet.testing.emulators.dataverse_tables import SETS, TABLES, Table
from carnet.testing.emulators.dataverse_turn import VERSION
from carnet.testing.emulators.faults import Said
from carnet.testing.emulators.server import Exchange, asked_of, said_json
from emulators.dataverse_talk import get, send
from gates import dataverse_gate
from gates.dataverse_contract import DOCUMENTED, LATER, OURS, contract
from gates.fixtures import client_of, one_organisation

ID = "11111111-2222-5333-8444-555555555555"
PARTS = {
    "key": ID,
    "name": "contact",
    "cast": "StringAttributeMetadata",
    "message": "CreateMultiple",
    "set": "contacts",
    "nav": "parentcustomerid_account",
}


def spelt(pattern: str, **names: str) -> str:
    """A path that the pattern of a route matches."""
    path = pattern.replace(r"(?:\(\))?", "").replace(r"\$", "$").replace(r"\.", ".")
    path = re.sub(r"\(\?:(/Microsoft.+)\)\?", r"\1", path)
    for name, value in {**PARTS, **names}.items():
        path = re.sub(rf"\(\?P<{name}>(?:\[[^\]]*\](?:[+*]|\\w\*)|\\w\+|\(\?:.*?\)Multiple|systemusers)\)", value, path)
    return path.replace("\\", "")


def served() -> list[tuple[str, str]]:
    """Every operation of the emulator, hence every one that a client of ours can send."""
    found = [("POST", "/$batch")]
    for method, pattern, _ in ROUTES:
        sets = SETS if "<set>[a-z]" in pattern else {"systemusers": TABLES["systemuser"]}
        for name, table in sets.items():
            links = _below(method, pattern, table) if table.writable else ()
            for nav in links if "<nav>" in pattern else ("",):
                for message in ("CreateMultiple", "UpdateMultiple", "UpsertMultiple") if "<message>" in pattern else ("",):
                    names = {"set": name} | ({"nav": nav} if nav else {}) | ({"message": message} if message else {})
                    found.append((method, spelt(pattern, **names)))
    return sorted(set(found))


def _below(method: str, pattern: str, table: Table) -> tuple[str, ...]:
    """What stands below a row: its lookups, and some of its columns."""
    columns = () if pattern.endswith("ref") else tuple(table.columns)[:3]
    return (*table.lookups, *columns) if method == "GET" or pattern.endswith("ref") else columns


def shown(method: str, path: str, *, sent: object = None, said: object = None) -> Exchange:
    """An exchange that never took place."""
    headers = {"content-type": "application/json", "odata-version": "4.0"}
    body = b"" if sent is None else json.dumps(sent).encode()
    query = "?@p1={}&@p2='contact'" if path.startswith("/RetrieveDuplicates") else ""
    asked = asked_of(method, f"{VERSION}{path}{query}", headers=headers, body=body, user="me")
    return Exchange(asked=asked, said=Said(status=204) if said is None else said_json(200, said))


def test_every_operation_that_is_served_has_a_schema() -> None:
    assert len(served()) > 10 * len(ROUTES)
    assert [each for each in served() if dataverse_gate.operation(*each) is None] == []


def test_what_the_slice_does_not_hold_names_its_page() -> None:
    assert all(page.startswith(DOCUMENTED) for page, _, _ in dataverse_gate.OURS.values())
    assert {each.set for each in contract().values() if each.page.startswith(DOCUMENTED)} == set(OURS)
    assert all(page.startswith("reference/entities/") for page, _ in (*OURS.values(), *LATER.values()))


def test_every_column_of_the_emulator_is_in_the_contract_with_its_length() -> None:
    for table in TABLES.values():
        entity = contract()[table.set]
        for column in table.columns.values():
            if column.name not in entity.columns:
                assert table.set in OURS, f"{table.name}.{column.name}"
            elif column.name != "activitytypecode" and column.length is not None:
                assert entity.columns[column.name][1] == column.length, f"{table.name}.{column.name}"
        assert {f"_{name}_value" for name in table.attributes} <= set(entity.columns)
        assert table.set in OURS or set(table.lookups) - {"defaultmailbox"} <= set(entity.links)


@pytest.mark.parametrize(("method", "path"), [each for each in served() if each[0] in {"POST", "PATCH", "PUT"}], ids="".join)
def test_each_schema_of_what_is_sent_refuses_something(method: str, path: str) -> None:
    body: dict[str, Any] = {"no such name": 7}
    if path.endswith("Multiple"):
        table = SETS[path.split("/")[1]].name
        body = {"Targets": [{"@odata.type": f"Microsoft.Dynamics.CRM.{table}", **body}]}
    with pytest.raises(AssertionError, match="request: "):
        dataverse_gate.check(shown(method, path, sent=body))


@pytest.mark.parametrize(
    ("method", "path"), [each for each in served() if each[0] == "GET" or each[1].endswith("Multiple")], ids="".join
)
def test_each_schema_of_what_comes_back_refuses_something(method: str, path: str) -> None:
    with pytest.raises(AssertionError, match="reply: "):
        dataverse_gate.check(shown(method, path, said={"@odata.context": "x", "value": 7, "Ids": 7}))


@pytest.mark.parametrize(
    "row",
    [
        {},
        {"@odata.etag": 'W/"x"'},
        {"contactid": "x"},
        {"lastname": 7},
        {"lastname": "x" * 51},
        {"surname": "X"},
        {"birthdate": "28/02/1980"},
        {"statecode": "0"},
        {"donotemail": 1},
        {"parentcustomerid_account": {"name": "Contoso"}},
    ],
    ids=str,
)
def test_a_row_that_breaks_the_contract_is_refused(row: dict[str, Any]) -> None:
    good = {"@odata.etag": 'W/"1"', "contactid": ID}
    told = {"@odata.context": "x", "value": [{**good, "lastname": "Durand"}, {**good, **row} if row else {}]}
    with pytest.raises(AssertionError, match=r"reply: |contact\."):
        dataverse_gate.check(shown("GET", "/contacts", said=told))
    dataverse_gate.check(shown("GET", "/contacts", said={**told, "value": told["value"][:1]}))


def test_an_operation_that_nobody_describes_is_refused() -> None:
    for method, path in (("GET", "/leads"), ("PUT", "/contacts"), ("POST", "/contacts/Microsoft.Dynamics.CRM.DeleteMultiple")):
        with pytest.raises(AssertionError, match="in no contract"):
            dataverse_gate.check(shown(method, path, said={"value": []}))


@pytest.mark.parametrize(
    ("method", "url", "body", "headers"),
    [
        ("GET", "contacts?$select=surname", None, {}),
        ("GET", "contacts?$filter=surname eq 'X'", None, {}),
        ("GET", "contacts?$filter=parentcustomerid_account/title eq 'X'", None, {}),
        ("GET", "contacts?$orderby=lastname down", None, {}),
        ("GET", "contacts?$expand=company", None, {}),
        ("GET", "contacts?$count=perhaps", None, {}),
        ("GET", "contacts?$top=many", None, {}),
        ("GET", "contacts?$wish=1", None, {}),
        ("GET", "contacts", None, {"Prefer": "odata.maxpagesize=many"}),
        ("GET", "contacts", None, {"Prefer": "handling=lenient"}),
        ("GET", "contacts", None, {"Cookie": "ARRAffinity=1"}),
        ("GET", "contacts", None, {"OData-Version": "3.0"}),
        ("POST", "contacts", {"lastname": 7}, {}),
        ("POST", "contacts", {"_ownerid_value": ID}, {}),
        ("POST", "contacts", {"parentcustomerid_account@odata.bind": f"/contacts({ID})"}, {}),
        ("POST", "contacts", {"lastname": "X"}, {"MSCRM.SuppressDuplicateDetection": "no"}),
        ("PATCH", f"contacts({ID})", {"lastname": "X"}, {"If-Match": '"1"'}),
        ("POST", "emails", {"email_activity_parties": [{"adress": "x"}]}, {}),
    ],
    ids=str,
)
def test_the_gate_refuses_what_breaks_the_contract(method: str, url: str, *, body: Any, headers: dict[str, str]) -> None:
    sent = {"odata-version": "4.0", "content-type": "application/json", **{name.lower(): each for name, each in headers.items()}}
    content = b"" if body is None else json.dumps(body).encode()
    asked = asked_of(method, f"{VERSION}/{url}", headers=sent, body=content, user="me")
    with pytest.raises(AssertionError, match=r"request: |contact\."):
        dataverse_gate.check(Exchange(asked=asked, said=Said(status=204, headers={"OData-EntityId": f"x/contacts({ID})"})))


def test_what_the_gate_refuses_a_test_hears_of() -> None:
    emulator = DataverseEmulator(one_organisation())
    emulator.watch(dataverse_gate.check)
    with emulator:
        client = client_of(emulator)
        assert get(client, "contacts?$filter=lastname eq 'X'&$wish=1").status == 400
        assert not emulator.violations
        assert send(client, "GET", "contacts", **{"OData-Version": "3.0"}).status == 500
        client.close()
    assert emulator.violations


@pytest.mark.parametrize("text", ["x", "--b\r\n\r\nx\r\n", "--b\r\nContent-Type: application/http\n\r\n--b--"])
def test_a_batch_that_does_not_hold_together_is_refused(text: str) -> None:
    headers = {"content-type": "multipart/mixed; boundary=b", "odata-version": "4.0"}
    asked = asked_of("POST", f"{VERSION}/$batch", headers=headers, body=text.encode(), user="me")
    with pytest.raises(AssertionError, match="request: "):
        dataverse_gate.check(Exchange(asked=asked, said=Said(status=200)))
