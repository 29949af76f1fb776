"""Does the emulator do what Dataverse does with one row, fact by fact?"""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from carnet.testing.emulators.dataverse import DataverseEmulator
from carnet.transport.client import Client
from emulators.dataverse_talk import CONTACT, bulk, code, get, made, names, rows, send

ID = "11111111-2222-5333-8444-555555555555"


def first(client: Client) -> dict[str, Any]:
    found: dict[str, Any] = get(client, "contacts?$orderby=lastname desc&$top=1").json()["value"][0]
    return found


def test_who_am_i_names_the_user_of_the_token(dataverse: DataverseEmulator, crm: Client) -> None:
    told = get(crm, "WhoAmI").json()
    assert told["UserId"] == dataverse.organisation.first.id
    assert told["OrganizationId"] == dataverse.organisation.id
    user = get(crm, f"systemusers({told['UserId']})?$select=internalemailaddress").json()
    assert user["internalemailaddress"] == "camille@contoso.com"


def test_a_creation_answers_with_the_address_of_the_row_and_no_body(crm: Client) -> None:
    answer = send(crm, "POST", "contacts", {"lastname": "Neuve"})
    assert (answer.status, answer.body) == (204, b"")
    assert get(crm, f"contacts({made(answer)})?$select=lastname").json()["lastname"] == "Neuve"


def test_a_creation_answers_with_the_row_where_that_is_preferred(crm: Client) -> None:
    answer = send(crm, "POST", "contacts?$select=fullname", {"lastname": "Neuve"}, Prefer="return=representation")
    assert (answer.status, answer.json()["fullname"], "telephone1" in answer.json()) == (201, "Neuve", False)
    assert answer.headers["odata-entityid"].endswith(f"contacts({answer.json()['contactid']})")


def test_a_creation_takes_the_id_of_the_client_once(crm: Client) -> None:
    assert made(send(crm, "POST", "contacts", {"lastname": "Neuve", "contactid": ID})) == ID
    assert code(send(crm, "POST", "contacts", {"lastname": "Autre", "contactid": ID})) == (412, "0x80040237")


def test_nothing_but_the_columns_of_the_table_is_taken(crm: Client) -> None:
    assert code(send(crm, "POST", "contacts", {"surname": "X"})) == (400, "0x80048d19")
    assert code(send(crm, "POST", "contacts", {"numberofchildren": "two"})) == (400, "0x80048d19")
    assert code(send(crm, "POST", "contacts", {"birthdate": "28/02/1980"})) == (400, "0x80048d19")


def test_a_column_that_the_service_writes_is_ignored_and_a_lookups_value_is_refused(crm: Client) -> None:
    identity = made(send(crm, "POST", "contacts", {"lastname": "X", "fullname": "Another", "createdon": "2001-01-01T00:00:00Z"}))
    assert get(crm, f"contacts({identity})").json()["fullname"] == "X"
    assert code(send(crm, "POST", "contacts", {"lastname": "X", "_parentcustomerid_value": ID})) == (400, "0x80048d19")


def test_a_creation_may_be_dated_and_a_change_may_not(crm: Client) -> None:
    identity = made(send(crm, "POST", "contacts", {"lastname": "X", "overriddencreatedon": "2001-01-01T00:00:00Z"}))
    send(crm, "PATCH", f"contacts({identity})", {"overriddencreatedon": "2002-01-01T00:00:00Z"})
    assert get(crm, f"contacts({identity})").json()["createdon"] == "2001-01-01T00:00:00Z"


def test_a_value_too_long_is_refused_in_utf_16_units(crm: Client) -> None:
    assert send(crm, "POST", "contacts", {"lastname": "🙂" * 25}).status == 204
    answer = send(crm, "POST", "contacts", {"lastname": "🙂" * 25 + "x"})
    assert code(answer) == (400, "0x80044331")
    assert "'lastname' attribute of the 'contact' entity" in answer.json()["error"]["message"]


def test_an_administrator_sets_other_lengths_and_the_metadata_tell_them(dataverse: DataverseEmulator, crm: Client) -> None:
    dataverse.organisation.lengths["contact", "lastname"] = 10
    url = "EntityDefinitions(LogicalName='contact')/Attributes/Microsoft.Dynamics.CRM.StringAttributeMetadata"
    told = {row["LogicalName"]: row for row in get(crm, f"{url}?$select=LogicalName,MaxLength,FormatName").json()["value"]}
    assert (told["lastname"]["MaxLength"], told["emailaddress1"]["MaxLength"]) == (10, 100)
    assert told["emailaddress1"]["FormatName"] == {"Value": "Email"}
    assert code(send(crm, "POST", "contacts", {"lastname": "x" * 11})) == (400, "0x80044331")


def test_text_of_several_lines_is_another_type_of_column(crm: Client) -> None:
    url = "EntityDefinitions(LogicalName='contact')/Attributes/Microsoft.Dynamics.CRM.{}AttributeMetadata?$select=LogicalName"
    texts = {row["LogicalName"] for row in get(crm, url.format("String")).json()["value"]}
    assert "description" not in texts
    assert [row["LogicalName"] for row in get(crm, url.format("Memo")).json()["value"]] == ["description"]


def test_empty_text_is_nothing(crm: Client) -> None:
    identity = made(send(crm, "POST", "contacts", {"lastname": "X", "jobtitle": ""}))
    assert get(crm, f"contacts({identity})").json()["jobtitle"] is None


def test_neither_name_nor_last_name_is_asked_for_by_the_service(crm: Client) -> None:
    assert get(crm, f"contacts({made(send(crm, 'POST', 'contacts', {}))})").json()["fullname"] is None


def test_the_full_name_holds_first_and_last_name_alone_unless_the_organisation_says_so(
    dataverse: DataverseEmulator, crm: Client
) -> None:
    person = {"firstname": "Zoé", "middlename": "A.", "lastname": "Durand", "suffix": "Jr"}
    assert get(crm, f"contacts({made(send(crm, 'POST', 'contacts', person))})").json()["fullname"] == "Zoé Durand"
    dataverse.organisation.full_name = 5
    assert get(crm, f"contacts({made(send(crm, 'POST', 'contacts', person))})").json()["fullname"] == "Zoé A. Durand"


@pytest.mark.parametrize("slash", ["/", ""])
def test_a_lookup_is_bound_by_address_with_and_without_a_slash(dataverse: DataverseEmulator, crm: Client, slash: str) -> None:
    account = dataverse.organisation.add_account(name="Northwind")
    for address in (f"{slash}accounts({account})", f"{dataverse.url}/accounts({account})"):
        identity = made(send(crm, "POST", "contacts", {"lastname": "X", "parentcustomerid_account@odata.bind": address}))
        assert get(crm, f"contacts({identity})").json()["_parentcustomerid_value"] == account


@pytest.mark.parametrize("name", ["parentcustomerid", "ParentCustomerId_account", "parentaccountid"])
def test_navigation_properties_are_known_by_their_exact_name_alone(crm: Client, name: str) -> None:
    account = rows(crm, "accounts")[0]["accountid"]
    assert code(send(crm, "POST", "contacts", {f"{name}@odata.bind": f"/accounts({account})"})) == (400, "0x80048d19")


def test_a_lookup_leads_to_a_row_that_is_there_and_of_the_right_table(crm: Client) -> None:
    bind, contact = "parentcustomerid_account@odata.bind", first(crm)["contactid"]
    assert code(send(crm, "POST", "contacts", {bind: f"/accounts({ID})"})) == (404, "0x80040217")
    assert send(crm, "POST", "contacts", {bind: f"/contacts({contact})"}).status == 400


def test_a_lookup_is_cleared_by_null_or_by_deleting_the_reference(dataverse: DataverseEmulator, crm: Client) -> None:
    account = dataverse.organisation.add_account(name="Northwind")
    for clear in ("null", "$ref"):
        identity = dataverse.organisation.add_contact(parent=("account", account), lastname="X")
        if clear == "null":
            send(crm, "PATCH", f"contacts({identity})", {"parentcustomerid_account@odata.bind": None})
        else:
            send(crm, "DELETE", f"contacts({identity})/parentcustomerid_account/$ref")
        assert get(crm, f"contacts({identity})").json()["_parentcustomerid_value"] is None


def test_a_lookups_table_name_and_property_are_told_where_that_is_preferred(crm: Client) -> None:
    plain = first(crm)
    assert not [name for name in plain if name.startswith("_parentcustomerid_value@")]
    notes = "Microsoft.Dynamics.CRM.lookuplogicalname,Microsoft.Dynamics.CRM.associatednavigationproperty"
    row = get(
        crm,
        "contacts?$filter=lastname eq 'Durand'&$select=_parentcustomerid_value",
        Prefer=f'odata.include-annotations="{notes}"',
    ).json()["value"][0]
    assert row["_parentcustomerid_value@Microsoft.Dynamics.CRM.lookuplogicalname"] == "account"
    assert row["_parentcustomerid_value@Microsoft.Dynamics.CRM.associatednavigationproperty"] == "parentcustomerid_account"
    assert "_parentcustomerid_value@OData.Community.Display.V1.FormattedValue" not in row
    every = get(crm, "contacts?$filter=lastname eq 'Durand'", Prefer='odata.include-annotations="*"').json()["value"][0]
    assert every["_parentcustomerid_value@OData.Community.Display.V1.FormattedValue"] == "Contoso"


def test_a_column_is_read_changed_and_cleared_by_itself(crm: Client) -> None:
    url = f"contacts({first(crm)['contactid']})/telephone1"
    assert send(crm, "PUT", url, {"value": "+33 1"}).status == 204
    assert get(crm, url).json()["value"] == "+33 1"
    assert code(send(crm, "PUT", url, {"value": "1" * 51})) == (400, "0x80044331")
    assert send(crm, "DELETE", url).status == 204
    assert (get(crm, url).status, get(crm, url).body) == (204, b"")


def test_a_change_creates_what_is_not_there(crm: Client) -> None:
    assert made(send(crm, "PATCH", f"contacts({ID})", {"lastname": "Neuve"})) == ID
    assert get(crm, f"contacts({ID})").json()["lastname"] == "Neuve"


def test_if_match_forbids_the_creation_and_if_none_match_the_change(crm: Client) -> None:
    any_one = {"If-Match": "*"}
    assert code(send(crm, "PATCH", f"contacts({ID})", {"lastname": "X"}, **any_one)) == (404, "0x80040217")
    none = {"If-None-Match": "*"}
    assert send(crm, "PATCH", f"contacts({ID})", {"lastname": "X"}, **none).status == 204
    assert code(send(crm, "PATCH", f"contacts({ID})", {"lastname": "Y"}, **none)) == (412, "0x80040237")
    assert send(crm, "PATCH", f"contacts({ID})", {"lastname": "Z"}, **any_one, **{"If-None-Match": "null"}).status == 204


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
def test_a_stale_etag_is_refused(dataverse: DataverseEmulator, crm: Client, method: str) -> None:
    row = first(crm)
    dataverse.organisation.edit("contact", row["contactid"], jobtitle="Meanwhile")
    body = {"jobtitle": "X"} if method == "PATCH" else None
    answer = send(crm, method, f"contacts({row['contactid']})", body, **{"If-Match": row["@odata.etag"]})
    assert code(answer) == (412, "0x80060882")
    fresh = get(crm, f"contacts({row['contactid']})").json()["@odata.etag"]
    assert send(crm, method, f"contacts({row['contactid']})", body, **{"If-Match": fresh}).status == 204


def test_without_optimistic_concurrency_the_last_writer_wins(dataverse: DataverseEmulator, crm: Client) -> None:
    dataverse.organisation.optimistic = False
    told = get(crm, "EntityDefinitions(LogicalName='contact')?$select=IsOptimisticConcurrencyEnabled").json()
    assert told["IsOptimisticConcurrencyEnabled"] is False
    row = first(crm)
    answer = send(crm, "PATCH", f"contacts({row['contactid']})", {"jobtitle": "X"}, **{"If-Match": 'W/"1"'})
    assert answer.status == 204


def test_the_etag_is_the_version_and_rises_with_a_change_that_changes_nothing(crm: Client) -> None:
    row = first(crm)
    assert row["@odata.etag"] == f'W/"{row["versionnumber"]}"'
    send(crm, "PATCH", f"contacts({row['contactid']})", {"lastname": row["lastname"]})
    assert get(crm, f"contacts({row['contactid']})").json()["versionnumber"] > row["versionnumber"]


def test_what_the_client_has_already_is_not_sent_again(crm: Client) -> None:
    row = first(crm)
    assert get(crm, f"contacts({row['contactid']})", **{"If-None-Match": row["@odata.etag"]}).status == 304
    assert get(crm, f"contacts({row['contactid']})", **{"If-None-Match": "null"}).status == 200


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_what_is_not_there_is_gone(crm: Client, method: str) -> None:
    assert code(send(crm, method, f"contacts({ID})")) == (404, "0x80040217")


def test_deleting_an_account_deletes_its_contacts(crm: Client) -> None:
    account = get(crm, "accounts?$filter=name eq 'Contoso'").json()["value"][0]["accountid"]
    send(crm, "DELETE", f"accounts({account})")
    assert names(crm) == ["Alix Renard", "Petit"]


def test_what_was_deleted_can_be_made_again_under_its_id(crm: Client) -> None:
    identity = first(crm)["contactid"]
    send(crm, "DELETE", f"contacts({identity})")
    assert send(crm, "POST", "contacts", {"contactid": identity, "lastname": "Again"}).status == 204


def test_an_alternate_key_names_a_row_once_it_is_active(dataverse: DataverseEmulator, crm: Client) -> None:
    url = "contacts(externaluseridentifier='a')"
    assert send(crm, "PATCH", url, {"lastname": "X"}).status == 400
    dataverse.organisation.alternate_keys["contact"] = (("externaluseridentifier",),)
    assert send(crm, "PATCH", url, {"lastname": "X"}).status == 204
    assert get(crm, url).json()["lastname"] == "X"
    assert code(send(crm, "POST", "contacts", {"externaluseridentifier": "A"})) == (412, "0x80060892")


# Many at once


def test_a_bulk_message_is_all_or_nothing(crm: Client) -> None:
    before = names(crm)
    good = [{"lastname": f"N{number}", "contactid": str(uuid4())} for number in range(5)]
    assert code(bulk(crm, "CreateMultiple", *good, {"lastname": "x" * 51})) == (400, "0x80044331")
    assert names(crm) == before
    assert bulk(crm, "CreateMultiple", *good).json()["Ids"] == [each["contactid"] for each in good]
    assert len(names(crm)) == len(before) + 5


def test_creating_many_of_which_one_is_there_creates_none(crm: Client) -> None:
    there = first(crm)["contactid"]
    assert code(bulk(crm, "CreateMultiple", {"lastname": "Neuve"}, {"contactid": there})) == (412, "0x80040237")
    assert "Neuve" not in names(crm)


def test_changing_many_of_which_one_is_gone_changes_none(crm: Client) -> None:
    row = first(crm)
    answer = bulk(crm, "UpdateMultiple", {"contactid": row["contactid"], "jobtitle": "X"}, {"contactid": ID})
    assert code(answer) == (404, "0x80040217")
    assert get(crm, f"contacts({row['contactid']})").json()["versionnumber"] == row["versionnumber"]
    assert bulk(crm, "UpdateMultiple", {"contactid": row["contactid"], "jobtitle": "X"}).status == 204


def test_upserting_many_creates_and_changes(crm: Client) -> None:
    row = first(crm)
    answer = bulk(crm, "UpsertMultiple", {"contactid": row["contactid"], "jobtitle": "X"}, {"contactid": ID, "lastname": "Neuve"})
    assert answer.status == 204
    assert get(crm, f"contacts({row['contactid']})").json()["jobtitle"] == "X"
    assert get(crm, f"contacts({ID})").json()["lastname"] == "Neuve"


def test_an_upsert_of_many_does_not_tell_which_it_has_created(crm: Client) -> None:
    there = first(crm)["contactid"]
    answers = [bulk(crm, "UpsertMultiple", {"contactid": each, "jobtitle": "X"}) for each in (there, ID)]
    assert [(answer.status, answer.body, "odata-entityid" in answer.headers) for answer in answers] == [(204, b"", False)] * 2


def test_upserting_many_of_which_one_is_refused_neither_creates_nor_changes(crm: Client) -> None:
    row = first(crm)
    new = {"contactid": ID, "lastname": "Neuve"}
    answer = bulk(crm, "UpsertMultiple", new, {"contactid": row["contactid"], "jobtitle": "X"}, {"lastname": "x" * 51})
    assert code(answer) == (400, "0x80044331")
    assert get(crm, f"contacts({row['contactid']})").json()["versionnumber"] == row["versionnumber"]
    assert get(crm, f"contacts({ID})").status == 404


@pytest.mark.parametrize("headers", [{}, {"If-Match": 'W/"1"'}])
def test_an_upsert_of_many_writes_over_what_somebody_has_written_meanwhile(
    dataverse: DataverseEmulator, crm: Client, headers: dict[str, str]
) -> None:
    new = {"contactid": ID, "lastname": "Neuve", "jobtitle": "Ours"}
    bulk(crm, "UpsertMultiple", new)
    dataverse.organisation.edit("contact", ID, jobtitle="Theirs")
    body = {"Targets": [{"@odata.type": CONTACT, **new}]}
    assert send(crm, "POST", "contacts/Microsoft.Dynamics.CRM.UpsertMultiple", body, **headers).status == 204
    assert get(crm, f"contacts({ID})").json()["jobtitle"] == "Ours"


def test_an_upsert_of_many_names_rows_by_an_alternate_key_once_it_is_active(dataverse: DataverseEmulator, crm: Client) -> None:
    named = [{"@odata.id": f"contacts(externaluseridentifier='{key}')", "lastname": key.upper()} for key in "ab"]
    assert bulk(crm, "UpsertMultiple", *named).status == 400
    dataverse.organisation.alternate_keys["contact"] = (("externaluseridentifier",),)
    assert bulk(crm, "UpsertMultiple", named[0]).status == 204
    assert bulk(crm, "UpsertMultiple", *({**each, "jobtitle": "X"} for each in named)).status == 204
    found = [row for row in rows(crm) if row["externaluseridentifier"]]
    assert sorted((row["externaluseridentifier"], row["lastname"], row["jobtitle"]) for row in found) == [
        ("a", "A", "X"),
        ("b", "B", "X"),
    ]


def test_each_of_many_says_its_type(crm: Client) -> None:
    url = "contacts/Microsoft.Dynamics.CRM.CreateMultiple"
    assert send(crm, "POST", url, {"Targets": [{"lastname": "X"}]}).status == 400


def test_a_table_says_which_messages_it_knows(dataverse: DataverseEmulator, crm: Client) -> None:
    asked = (
        "sdkmessagefilters?$select=sdkmessagefilterid&$filter=sdkmessageid/name eq '{}' and primaryobjecttypecode eq 'contact'"
    )
    assert len(get(crm, asked.format("CreateMultiple")).json()["value"]) == 1
    assert get(crm, asked.format("DeleteMultiple")).json()["value"] == []
    dataverse.organisation.bulk["contact"] = ()
    assert get(crm, asked.format("CreateMultiple")).json()["value"] == []
    assert bulk(crm, "CreateMultiple", {"lastname": "X"}).status == 400
