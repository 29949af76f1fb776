"""Does the emulator take many requests in one as Dataverse does, fact by fact?"""

from __future__ import annotations

import re

import pytest

from carnet.testing.emulators.dataverse import DataverseEmulator
from carnet.testing.emulators.faults import Fault, Trouble
from carnet.transport.calls import Call
from carnet.transport.client import Client
from emulators.dataverse_talk import JSON, batch, change_set, code, get, names, part, rows, statuses

LONG = {"lastname": "x" * 51}
GO_ON = {"Prefer": "odata.continue-on-error"}


def test_each_part_is_answered_in_order(crm: Client) -> None:
    answer = batch(crm, part("GET", "contacts?$top=1"), part("POST", "/api/data/v9.2/contacts", {"lastname": "Neuve"}))
    assert (answer.status, statuses(answer)) == (200, [200, 204])
    assert "OData-EntityId: " in answer.body.decode()
    assert "Neuve" in names(crm)


def test_the_address_of_a_part_may_be_whole(dataverse: DataverseEmulator, crm: Client) -> None:
    assert statuses(batch(crm, part("GET", f"{dataverse.url}/WhoAmI"))) == [200]


def test_the_first_failure_ends_a_batch_and_gives_it_its_status(crm: Client) -> None:
    answer = batch(crm, part("POST", "contacts", LONG), part("POST", "contacts", {"lastname": "Neuve"}))
    assert (answer.status, statuses(answer)) == (400, [400])
    assert "Neuve" not in names(crm)


def test_a_batch_goes_on_where_that_is_preferred(crm: Client) -> None:
    answer = batch(crm, part("POST", "contacts", LONG), part("POST", "contacts", {"lastname": "Neuve"}), **GO_ON)
    assert (answer.status, statuses(answer)) == (200, [400, 204])
    assert "Neuve" in names(crm)


def test_a_change_set_is_all_or_nothing(crm: Client) -> None:
    before, version = names(crm), rows(crm)[0]["versionnumber"]
    identity = rows(crm)[0]["contactid"]
    parts = [
        part("POST", "contacts", {"lastname": "Neuve"}, content_id=1),
        part("PATCH", f"contacts({identity})", {"jobtitle": "X"}, content_id=2),
        part("DELETE", f"contacts({rows(crm)[1]['contactid']})", content_id=3),
        part("POST", "contacts", LONG, content_id=4),
    ]
    answer = batch(crm, change_set(*parts), part("GET", "WhoAmI"), **GO_ON)
    assert statuses(answer) == [400, 200]
    assert names(crm) == before
    assert rows(crm)[0]["versionnumber"] == version
    assert statuses(batch(crm, change_set(*parts[:3]))) == [204, 204, 204]
    assert len(names(crm)) == len(before)


def test_what_a_part_made_is_named_by_its_content_id(crm: Client) -> None:
    bound = {"lastname": "Neuve", "parentcustomerid_account@odata.bind": "$1"}
    answer = batch(
        crm,
        change_set(
            part("POST", "accounts", {"name": "Northwind"}, content_id=1),
            part("POST", "contacts", bound, content_id=2),
            part("PATCH", "$2", {"jobtitle": "X"}, content_id=3),
        ),
    )
    assert statuses(answer) == [204, 204, 204]
    assert re.findall(r"Content-ID: (\d)", answer.body.decode()) == ["1", "2", "3"]
    found = get(crm, "contacts?$filter=lastname eq 'Neuve'&$expand=parentcustomerid_account($select=name)").json()["value"][0]
    assert (found["parentcustomerid_account"]["name"], found["jobtitle"]) == ("Northwind", "X")


def test_what_a_part_made_is_changed_and_led_to_by_its_content_id(crm: Client) -> None:
    answer = batch(
        crm,
        change_set(
            part("POST", "accounts", {"name": "Northwind"}, content_id=1),
            part("POST", "contacts", {"lastname": "Neuve", "nickname": "$1"}, content_id=2),
            part("PUT", "$2/firstname", {"value": "Nina"}, content_id=3),
            part("PUT", "$1/primarycontactid/$ref", {"@odata.id": "$2"}, content_id=4),
            part("PATCH", "/$2", {"parentcustomerid_account@odata.bind": "$1"}, content_id=5),
        ),
    )
    assert statuses(answer) == [204] * 5
    row = get(crm, "accounts?$filter=name eq 'Northwind'&$expand=primarycontactid($select=fullname,nickname)").json()["value"][0]
    assert row["primarycontactid"]["fullname"] == "Nina Neuve"
    assert row["primarycontactid"]["nickname"] == "$1"
    assert len(names(crm, f"$filter=_parentcustomerid_value eq {row['accountid']}")) == 1


def test_a_content_id_that_nothing_was_made_under_breaks_the_batch(crm: Client) -> None:
    bound = {"lastname": "Neuve", "parentcustomerid_account@odata.bind": "$9"}
    answer = batch(crm, change_set(part("POST", "contacts", bound, content_id=1)))
    assert code(answer) == (400, "0x80060888")
    assert "Neuve" not in names(crm)


def test_a_change_set_holds_no_reading_and_names_each_part(crm: Client) -> None:
    assert batch(crm, change_set(part("GET", "contacts", content_id=1))).status == 400
    assert batch(crm, change_set(part("POST", "contacts", {"lastname": "X"}))).status == 400


def test_a_batch_holds_no_batch_and_1000_parts(crm: Client) -> None:
    assert batch(crm, part("POST", "$batch", {})).status == 400
    assert batch(crm, *[part("GET", "WhoAmI")] * 1001).status == 400


def test_lines_end_by_carriage_return_and_line_feed(crm: Client) -> None:
    body = f"--b\r\n{part('GET', 'WhoAmI')}\r\n--b--\r\n"
    headers = {**JSON, "Content-Type": "multipart/mixed; boundary=b"}
    for sent, status in ((body, 200), (body.replace("\r\n", "\n"), 400)):
        assert crm.send(Call(method="POST", url="$batch", headers=headers, body=sent.encode())).status == status


def test_a_part_may_have_a_longer_address(crm: Client) -> None:
    condition = "x" * 40_000
    assert statuses(batch(crm, part("GET", f"contacts?$filter=lastname%20eq%20'{condition}'"))) == [200]


def test_parts_are_counted(dataverse: DataverseEmulator, crm: Client) -> None:
    batch(crm, part("GET", "WhoAmI"), change_set(part("POST", "contacts", {"lastname": "X"}, content_id=1)))
    assert (dataverse.requests, dataverse.units) == (1, 2)


@pytest.mark.parametrize("trouble", [Trouble.STATUS, Trouble.HANG_UP, Trouble.HANG_UP_AFTER])
def test_a_fault_in_a_change_set_undoes_it(dataverse: DataverseEmulator, crm: Client, trouble: Trouble) -> None:
    before = names(crm)
    said = b'{"error":{"code":"0x80044150","message":"SQL error"}}'
    dataverse.faults.add(Fault(trouble=trouble, when=lambda asked: asked.part and b"Two" in asked.body, body=said))
    parts = [part("POST", "contacts", {"lastname": name}, content_id=number) for number, name in ((1, "One"), (2, "Two"))]
    answer = batch(crm, change_set(*parts), **GO_ON)
    assert statuses(answer) == [500 if trouble is Trouble.STATUS else 504]
    assert names(crm) == before


def test_a_part_alone_may_be_told_to_wait(dataverse: DataverseEmulator, crm: Client) -> None:
    said = b'{"error":{"code":"0x80072322","message":"Too many."}}'
    fault = Fault(trouble=Trouble.STATUS, when=lambda asked: asked.part, status=429, headers={"Retry-After": "7"}, body=said)
    dataverse.faults.add(fault)
    answer = batch(crm, part("GET", "WhoAmI"), part("POST", "contacts", {"lastname": "Neuve"}), **GO_ON)
    assert (answer.status, statuses(answer)) == (200, [429, 204])
    assert "Retry-After: 7" in answer.body.decode()


def test_a_part_can_be_done_and_lose_its_answer(dataverse: DataverseEmulator, crm: Client) -> None:
    dataverse.faults.add(Fault(trouble=Trouble.HANG_UP_AFTER, when=lambda asked: asked.part))
    answer = batch(crm, part("POST", "contacts", {"lastname": "Neuve"}), **GO_ON)
    assert statuses(answer) == [504]
    assert "Neuve" in names(crm)
