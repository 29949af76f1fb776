"""Does the emulator find duplicates when Dataverse would, fact by fact?"""

from __future__ import annotations

import json
from typing import Any

import pytest

from carnet.testing.emulators.dataverse import DataverseEmulator
from carnet.transport.client import Client
from emulators.dataverse_talk import batch, bulk, change_set, code, get, made, names, part, send, statuses

LOOK = {"MSCRM.SuppressDuplicateDetection": "false"}
DOUBLE = {"lastname": "Other", "emailaddress1": "DURAND1@contoso.com"}
FIRST, LAST = 1, 2


@pytest.fixture(autouse=True)
def rule(dataverse: DataverseEmulator) -> str:
    return dataverse.organisation.add_rule("Same address", "emailaddress1")


def create(client: Client, body: dict[str, Any]) -> tuple[int, str]:
    answer = send(client, "POST", "contacts", body, **LOOK)
    return (answer.status, "") if answer.status == 204 else code(answer)


def test_nothing_is_detected_unless_the_client_asks(crm: Client) -> None:
    assert send(crm, "POST", "contacts", DOUBLE).status == 204
    assert send(crm, "POST", "contacts", DOUBLE, **{"MSCRM.SuppressDuplicateDetection": "true"}).status == 204


def test_a_duplicate_is_refused_by_a_code_whatever_the_status(dataverse: DataverseEmulator, crm: Client) -> None:
    assert create(crm, DOUBLE) == (412, "0x80040333")
    dataverse.duplicate_status = 500
    assert create(crm, DOUBLE) == (500, "0x80040333")
    assert "Other" not in names(crm)


def test_a_change_that_makes_a_duplicate_is_refused_too(crm: Client) -> None:
    identity = made(send(crm, "POST", "contacts", {"lastname": "Other"}))
    answer = send(crm, "PATCH", f"contacts({identity})", {"emailaddress1": "durand1@contoso.com"}, **LOOK)
    assert code(answer) == (412, "0x80040333")


def test_a_row_is_no_duplicate_of_itself(crm: Client) -> None:
    row = get(crm, "contacts?$filter=lastname eq 'Durand'").json()["value"][0]
    answer = send(crm, "PATCH", f"contacts({row['contactid']})", {"emailaddress1": "durand1@contoso.com"}, **LOOK)
    assert answer.status == 204


@pytest.mark.parametrize("switch", ["organisation", "table", "rule"])
def test_nothing_is_detected_while_it_is_turned_off(dataverse: DataverseEmulator, crm: Client, switch: str) -> None:
    if switch == "organisation":
        dataverse.organisation.detect(on=False)
    elif switch == "table":
        dataverse.organisation.undetected.add("contact")
    else:
        (only,) = dataverse.organisation.rows["duplicaterule"].values()
        only.values["statuscode"] = 0
    assert create(crm, DOUBLE) == (204, "")


def test_whether_duplicates_are_looked_for_is_told(dataverse: DataverseEmulator, crm: Client, rule: str) -> None:
    asked = "organizations?$select=isduplicatedetectionenabled,isduplicatedetectionenabledforonlinecreateupdate"
    assert get(crm, asked).json()["value"][0]["isduplicatedetectionenabled"] is True
    dataverse.organisation.detect(on=False)
    assert get(crm, asked).json()["value"][0]["isduplicatedetectionenabled"] is False
    table = "EntityDefinitions(LogicalName='contact')?$select=IsDuplicateDetectionEnabled"
    assert get(crm, table).json()["IsDuplicateDetectionEnabled"]["Value"] is True
    told = get(crm, "duplicaterules?$select=name,baseentityname,statuscode").json()["value"][0]
    assert (told["name"], told["baseentityname"], told["statuscode"]) == ("Same address", "contact", 2)
    conditions = get(crm, f"duplicateruleconditions?$filter=_regardingobjectid_value eq {rule}").json()["value"]
    assert [(each["baseattributename"], each["operatorcode"]) for each in conditions] == [("emailaddress1", 0)]


def test_a_rule_with_one_condition_ignores_blanks(dataverse: DataverseEmulator, crm: Client) -> None:
    dataverse.organisation.add_rule("Same nickname", "nickname", ignore_blanks=False)
    assert create(crm, {"lastname": "Other"}) == (204, "")


def test_with_more_conditions_blanks_agree_where_the_rule_says_so(dataverse: DataverseEmulator, crm: Client) -> None:
    dataverse.organisation.add_rule("Same names", "lastname", "firstname")
    assert create(crm, {"lastname": "Renard"}) == (204, "")
    dataverse.organisation.add_contact(lastname="Solo")
    assert create(crm, {"lastname": "SOLO"}) == (204, "")
    dataverse.organisation.add_rule("Same names, blanks too", "lastname", "firstname", ignore_blanks=False)
    assert create(crm, {"lastname": "SOLO"}) == (412, "0x80040333")


def test_inactive_rows_and_capitals_count_as_the_rule_says(dataverse: DataverseEmulator, crm: Client) -> None:
    dataverse.organisation.add_rule("Same name", "lastname", "firstname", ignore_blanks=False)
    assert create(crm, {"lastname": "Petit"}) == (204, "")
    dataverse.organisation.add_rule("Same title", "jobtitle", case_sensitive=True, exclude_inactive=False)
    dataverse.organisation.add_contact(lastname="Inactive", jobtitle="CEO", statecode=1, statuscode=2)
    assert create(crm, {"lastname": "A", "jobtitle": "ceo"}) == (204, "")
    assert create(crm, {"lastname": "B", "jobtitle": "CEO"}) == (412, "0x80040333")


def test_a_rule_may_ask_for_the_beginning_or_the_end_alone(dataverse: DataverseEmulator, crm: Client) -> None:
    dataverse.organisation.add_rule("Begins", ("lastname", FIRST, 4))
    assert create(crm, {"lastname": "Durance"}) == (412, "0x80040333")
    dataverse.organisation.add_rule("Ends", ("telephone1", LAST, 5))
    assert create(crm, {"lastname": "X", "telephone1": "0 00 01"}) == (412, "0x80040333")


def test_a_rule_may_compare_with_another_table(dataverse: DataverseEmulator, crm: Client) -> None:
    dataverse.organisation.add_rule("Same site", "websiteurl", matching="account")
    assert create(crm, {"lastname": "X", "websiteurl": "https://contoso.com"}) == (412, "0x80040333")


def test_one_duplicate_fails_a_bulk_message_and_a_change_set(crm: Client) -> None:
    before = names(crm)
    url = "contacts/Microsoft.Dynamics.CRM.CreateMultiple"
    targets = [{"@odata.type": "Microsoft.Dynamics.CRM.contact", **each} for each in ({"lastname": "Neuve"}, DOUBLE)]
    assert code(send(crm, "POST", url, {"Targets": targets}, **LOOK)) == (412, "0x80040333")
    parts = [part("POST", "contacts", each, content_id=number, **LOOK) for number, each in ((1, {"lastname": "N"}), (2, DOUBLE))]
    assert statuses(batch(crm, change_set(*parts), Prefer="odata.continue-on-error")) == [412]
    assert names(crm) == before
    assert bulk(crm, "CreateMultiple", {"lastname": "Neuve"}, DOUBLE).status == 200


@pytest.mark.parametrize("quote", ['"', "'"])
def test_the_rows_that_one_is_taken_for_are_found(crm: Client, quote: str) -> None:
    described = json.dumps({"@odata.type": "Microsoft.Dynamics.CRM.contact", **DOUBLE}).replace('"', quote)
    asked = "RetrieveDuplicates(BusinessEntity=@p1,MatchingEntityName=@p2,PagingInfo=@p3)"
    told = get(crm, f"{asked}?@p1={described}&@p2='contact'&@p3={{{quote}PageNumber{quote}:1,{quote}Count{quote}:50}}")
    assert [row["fullname"] for row in told.json()["value"]] == ["Zoé Durand"]
