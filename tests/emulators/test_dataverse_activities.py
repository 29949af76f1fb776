"""Does the emulator keep states, activities and their people, and mailboxes, as Dataverse does, fact by fact?"""

from __future__ import annotations

from typing import Any

import pytest

from carnet.testing.emulators.dataverse import DataverseEmulator
from carnet.transport.client import Client
from emulators.dataverse_talk import batch, code, get, made, part, rows, send, statuses


@pytest.fixture
def contact(crm: Client) -> str:
    return str(rows(crm)[0]["contactid"])


def people(client: Client, email: str) -> list[tuple[int, str]]:
    told = get(client, f"emails({email})?$select=subject&$expand=email_activity_parties").json()["email_activity_parties"]
    return [(each["participationtypemask"], each["addressused"] or each["_partyid_value"]) for each in told]


def mail(contact: str, **more: Any) -> dict[str, Any]:
    parties = [
        {"partyid_contact@odata.bind": f"/contacts({contact})", "participationtypemask": 2},
        {"addressused": "x@fabrikam.com", "participationtypemask": 3},
    ]
    regarding = {"regardingobjectid_contact_email@odata.bind": f"/contacts({contact})"}
    return {"subject": "Hello", "email_activity_parties": parties, **regarding, **more}


def test_a_contact_begins_active_whatever_is_sent(crm: Client) -> None:
    identity = made(send(crm, "POST", "contacts", {"lastname": "X", "statecode": 1, "statuscode": 2}))
    row = get(crm, f"contacts({identity})?$select=statecode,statuscode").json()
    assert (row["statecode"], row["statuscode"]) == (0, 1)


def test_a_status_belongs_to_its_state(crm: Client, contact: str) -> None:
    assert send(crm, "PATCH", f"contacts({contact})", {"statecode": 1}).status == 204
    assert get(crm, f"contacts({contact})").json()["statuscode"] == 2
    assert code(send(crm, "PATCH", f"contacts({contact})", {"statecode": 0, "statuscode": 2})) == (400, "0x80048408")


def test_the_people_of_an_activity_are_made_with_it(dataverse: DataverseEmulator, crm: Client, contact: str) -> None:
    email = made(send(crm, "POST", "emails", mail(contact)))
    assert people(crm, email) == [(2, contact), (3, "x@fabrikam.com"), (8, contact), (9, dataverse.organisation.first.id)]
    assert get(crm, f"emails({email})").json()["activitytypecode"] == "email"


def test_a_change_of_people_replaces_them_all(dataverse: DataverseEmulator, crm: Client, contact: str) -> None:
    email = made(send(crm, "POST", "emails", mail(contact)))
    body = {"email_activity_parties": [{"addressused": "y@fabrikam.com", "participationtypemask": 1}]}
    assert send(crm, "PATCH", f"emails({email})", body).status == 204
    assert people(crm, email) == [(1, "y@fabrikam.com"), (8, contact), (9, dataverse.organisation.first.id)]
    assert send(crm, "PATCH", f"emails({email})", {"subject": "Again"}).status == 204
    assert (1, "y@fabrikam.com") in people(crm, email)


def test_a_party_needs_a_record_or_an_address(crm: Client) -> None:
    body = {"subject": "X", "email_activity_parties": [{"participationtypemask": 1}]}
    assert send(crm, "POST", "emails", body).status == 400
    assert get(crm, "emails").json()["value"] == []


def test_what_is_done_is_read_only_until_it_is_opened_again(crm: Client, contact: str) -> None:
    email = made(send(crm, "POST", "emails", mail(contact, statecode=1)))
    assert get(crm, f"emails({email})").json()["statecode"] == 0
    assert send(crm, "PATCH", f"emails({email})", {"statecode": 1, "statuscode": 4}).status == 204
    assert send(crm, "PATCH", f"emails({email})", {"subject": "Late"}).status == 400
    assert send(crm, "PATCH", f"emails({email})", {"email_activity_parties": []}).status == 400
    assert send(crm, "PATCH", f"emails({email})", {"statecode": 0}).status == 204
    assert send(crm, "PATCH", f"emails({email})", {"subject": "Late"}).status == 204


@pytest.mark.parametrize(("table", "done"), [("tasks", (1, 5)), ("appointments", (1, 3)), ("phonecalls", (2, 3))])
def test_each_kind_of_activity_has_its_own_statuses(crm: Client, table: str, done: tuple[int, int]) -> None:
    identity = made(send(crm, "POST", table, {"subject": "X"}))
    send(crm, "PATCH", f"{table}({identity})", {"statecode": done[0]})
    assert get(crm, f"{table}({identity})").json()["statuscode"] == done[1]


def test_the_property_of_what_it_is_about_names_the_kind_of_activity(crm: Client, contact: str) -> None:
    bound = {"subject": "X", "regardingobjectid_contact_email@odata.bind": f"/contacts({contact})"}
    assert code(send(crm, "POST", "tasks", bound)) == (400, "0x80048d19")
    bound = {"subject": "X", "regardingobjectid_contact_task@odata.bind": f"/contacts({contact})"}
    assert send(crm, "POST", "tasks", bound).status == 204


def test_activities_of_every_kind_are_found_by_what_they_are_about(crm: Client, contact: str) -> None:
    made(send(crm, "POST", "emails", mail(contact)))
    made(send(crm, "POST", "tasks", {"subject": "T", "regardingobjectid_contact_task@odata.bind": f"/contacts({contact})"}))
    told = get(crm, f"activitypointers?$select=subject,activitytypecode&$filter=_regardingobjectid_value eq {contact}").json()
    assert sorted(row["activitytypecode"] for row in told["value"]) == ["email", "task"]
    asked = f"activityparties?$select=_activityid_value&$filter=_partyid_value eq {contact} and participationtypemask eq 8"
    assert len(get(crm, asked).json()["value"]) == 2


def test_deleting_a_contact_deletes_the_activities_about_it(crm: Client, contact: str) -> None:
    made(send(crm, "POST", "emails", mail(contact)))
    send(crm, "DELETE", f"contacts({contact})")
    assert get(crm, "activitypointers").json()["value"] == []
    assert get(crm, "activityparties").json()["value"] == []


def test_a_batch_makes_an_activity_and_closes_it(crm: Client, contact: str) -> None:
    identity = "22222222-2222-5333-8444-555555555555"
    answer = batch(
        crm, part("POST", "emails", mail(contact, activityid=identity)), part("PATCH", f"emails({identity})", {"statecode": 1})
    )
    assert statuses(answer) == [204, 204]


def test_a_mailbox_says_whether_the_server_synchronises_it(dataverse: DataverseEmulator, crm: Client) -> None:
    user = dataverse.organisation.first.id
    asked = (
        f"mailboxes?$select=emailaddress,incomingemaildeliverymethod,actdeliverymethod&$filter=_regardingobjectid_value eq {user}"
    )
    before = get(crm, asked).json()["value"][0]
    assert (before["emailaddress"], before["incomingemaildeliverymethod"], before["actdeliverymethod"]) == (
        "camille@contoso.com",
        0,
        2,
    )
    dataverse.organisation.synchronise(user)
    after = get(crm, asked).json()["value"][0]
    assert (after["incomingemaildeliverymethod"], after["actdeliverymethod"]) == (2, 1)
    mine = get(crm, f"systemusers({user})?$select=_defaultmailbox_value").json()
    assert mine["_defaultmailbox_value"] == after["mailboxid"]
