"""Does the emulator show rows and their changes as Dataverse does, fact by fact?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from carnet.testing.emulators.dataverse import DataverseEmulator
from carnet.testing.emulators.dataverse_organisation import everything
from carnet.transport.client import Client
from emulators.dataverse_talk import TRACK, code, get, names, rows, send
from gates.fixtures import client_of


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("lastname eq 'DURAND'", ["Zoé Durand"]),
        ("firstname eq 'zoe'", ["Zoé Durand"]),
        ("emailaddress1 ne null", ["Alix Renard", "Inès Lefèvre", "Léa Aubert", "Zoé Durand"]),
        ("contains(fullname,'E') and startswith(lastname,'r')", ["Alix Renard"]),
        ("endswith(emailaddress1,'@FABRIKAM.com')", ["Alix Renard"]),
        ("not contains(fullname,'a') and statecode eq 0", ["Inès Lefèvre"]),
        ("(lastname eq 'Petit' or lastname eq 'Renard') and statecode eq 1", ["Petit"]),
        ("birthdate ge 1982-01-01 and birthdate lt 1983-01-01", ["Inès Lefèvre"]),
        ("createdon gt 2001-01-01T00:00:00Z and lastname le 'B'", ["Léa Aubert"]),
        ("parentcustomerid_account/name eq 'contoso' and firstname eq 'Léa'", ["Léa Aubert"]),
        ("Microsoft.Dynamics.CRM.In(PropertyName='lastname',PropertyValues=['petit','Renard'])", ["Alix Renard", "Petit"]),
        ('Microsoft.Dynamics.CRM.In(PropertyName=\'lastname\',PropertyValues=["O\'Neil","Petit"])', ["Petit"]),
    ],
)
def test_a_filter_compares_text_without_regard_to_case_and_accents(crm: Client, condition: str, expected: list[str]) -> None:
    assert names(crm, f"$filter={condition}") == expected


def test_an_organisation_may_tell_accents_apart(dataverse: DataverseEmulator, crm: Client) -> None:
    dataverse.organisation.accents_count = True
    assert names(crm, "$filter=firstname eq 'zoe'") == []
    assert names(crm, "$filter=firstname eq 'ZOÉ'") == ["Zoé Durand"]


def test_percent_underscore_and_brackets_are_wildcards_unless_they_stand_in_brackets(
    dataverse: DataverseEmulator, crm: Client
) -> None:
    dataverse.organisation.add_contact(lastname="100% [a_b]")
    assert len(names(crm, "$filter=contains(fullname,'_')")) == 6
    assert names(crm, "$filter=contains(fullname,'D%d')") == ["Zoé Durand"]
    assert names(crm, "$filter=contains(fullname,'[xz]o[^a]')") == ["Zoé Durand"]
    for literal in ("[_]", "[%25]", "[[]"):
        condition = literal.replace("%25", "%")
        assert names(crm, f"$filter=contains(fullname,'{condition}')") == ["100% [a_b]"]
    assert names(crm, "$filter=fullname eq '100% [a_b]'") == ["100% [a_b]"]


def test_a_lookup_is_compared_with_a_bare_id(crm: Client) -> None:
    account = get(crm, "accounts?$filter=name eq 'Contoso'").json()["value"][0]["accountid"]
    assert len(names(crm, f"$filter=_parentcustomerid_value eq {account}")) == 3
    assert code(get(crm, f"contacts?$filter=_parentcustomerid_value eq '{account}'")) == (400, "0x80060888")
    listed = f"Microsoft.Dynamics.CRM.In(PropertyName='parentcustomerid',PropertyValues=['{account}'])"
    assert len(names(crm, f"$filter={listed}")) == 3


def test_parameters_of_a_function_may_stand_apart(crm: Client) -> None:
    listed = "Microsoft.Dynamics.CRM.In(PropertyName=@p1,PropertyValues=@p2)"
    assert names(crm, f'$filter={listed}&@p1=\'lastname\'&@p2=["Petit","O\'Neil"]') == ["Petit"]


@pytest.mark.parametrize(
    "query",
    [
        "$filter=lastname in ('Petit')",
        "$filter=surname eq 'X'",
        "$filter=lastname eq 7",
        "$filter=numberofchildren eq 'x'",
        "$filter=lastname eq 'X",
        "$filter=lastname",
        "$filter=Microsoft.Dynamics.CRM.In(PropertyName='lastname',PropertyValues=['O''Neil'])",
        "$filter=Microsoft.Dynamics.CRM.In(PropertyName='lastname',PropertyValues=[])",
        "$select=surname",
        "$orderby=surname",
        "$expand=company",
        "$skip=5",
        "$search=x",
        "$top=0",
    ],
)
def test_what_the_service_does_not_understand_it_refuses(crm: Client, query: str) -> None:
    assert code(get(crm, f"contacts?{query}")) == (400, "0x80060888")


def test_a_query_holds_500_conditions_and_no_more(crm: Client) -> None:
    conditions = ["lastname eq 'x'"] * 501
    assert names(crm, f"$filter={' or '.join(conditions[1:])}") == []
    assert code(get(crm, f"contacts?$filter={' or '.join(conditions)}")) == (400, "0x8004430C")


def test_an_address_has_a_longest(crm: Client) -> None:
    assert get(crm, f"contacts?$filter=lastname eq '{'x' * 33_000}'").status == 414


def test_rows_are_sorted_without_regard_to_case_and_nothing_comes_first(dataverse: DataverseEmulator, crm: Client) -> None:
    dataverse.organisation.add_contact(lastname="renarde")
    told = get(crm, "contacts?$select=lastname,firstname&$orderby=firstname,lastname desc").json()["value"]
    assert [row["lastname"] for row in told] == ["renarde", "Petit", "Renard", "Lefèvre", "Aubert", "Durand"]


def test_what_is_selected_comes_with_the_key_and_the_etag(crm: Client) -> None:
    row = get(crm, "contacts?$select=lastname&$top=1").json()["value"][0]
    assert set(row) == {"@odata.etag", "contactid", "lastname"}


def test_a_lookup_is_expanded(crm: Client) -> None:
    row = get(crm, "contacts?$filter=lastname eq 'Durand'&$expand=parentcustomerid_account($select=name)").json()["value"][0]
    assert row["parentcustomerid_account"]["name"] == "Contoso"


def test_pages_are_followed_by_the_link_as_it_comes(crm: Client) -> None:
    prefer = {"Prefer": "odata.maxpagesize=2"}
    seen, url = [], "contacts?$select=lastname&$orderby=lastname"
    while url:
        told = get(crm, url, **prefer).json()
        assert len(told["value"]) <= 2
        seen += [row["lastname"] for row in told["value"]]
        url = told.get("@odata.nextLink", "")
    assert seen == ["Aubert", "Durand", "Lefèvre", "Petit", "Renard"]


def test_a_page_holds_no_more_than_the_cap_whatever_is_preferred(dataverse: DataverseEmulator, crm: Client) -> None:
    dataverse.largest_page = 3
    assert len(get(crm, "contacts", Prefer="odata.maxpagesize=9999").json()["value"]) == 3
    assert "@odata.nextLink" in get(crm, "contacts").json()


def test_a_count_goes_no_further_than_5000(dataverse: DataverseEmulator, crm: Client) -> None:
    assert get(crm, "contacts?$count=true&$top=1").json()["@odata.count"] == 5
    for number in range(5000):
        dataverse.organisation.add_contact(lastname=f"N{number}")
    assert get(crm, "contacts?$count=true&$top=1").json()["@odata.count"] == 5000
    assert get(crm, "contacts/$count").body == b"5000"


# Changes


def test_the_first_answer_holds_everything_and_the_link_to_later_changes(dataverse: DataverseEmulator, crm: Client) -> None:
    told = get(crm, "contacts?$select=lastname", **TRACK)
    assert told.headers["preference-applied"] == "odata.track-changes"
    assert len(told.json()["value"]) == 5
    link = told.json()["@odata.deltaLink"]
    assert link.startswith(f"{dataverse.url}/contacts?$select=lastname&$deltatoken=")
    assert {"%21", "%2f", "%3a"} <= {link[place : place + 3] for place in range(len(link))}
    again = get(crm, link).json()
    assert again["value"] == []
    assert again["@odata.context"].endswith("$metadata#contacts(lastname)/$delta")


def test_changed_rows_come_before_those_that_are_gone(dataverse: DataverseEmulator, crm: Client) -> None:
    link = get(crm, "contacts?$select=lastname", **TRACK).json()["@odata.deltaLink"]
    aubert, durand = (row["contactid"] for row in get(crm, "contacts?$orderby=lastname").json()["value"][:2])
    dataverse.organisation.delete("contact", aubert)
    dataverse.organisation.edit("contact", durand, jobtitle="X")
    passing = dataverse.organisation.add_contact(lastname="Passing")
    dataverse.organisation.delete("contact", passing)
    told = get(crm, link).json()["value"]
    assert told[0]["contactid"] == durand
    where = f"{dataverse.url}/$metadata#contacts/$deletedEntity"
    assert told[1:] == [{"@odata.context": where, "id": gone, "reason": "deleted"} for gone in (aubert, passing)]
    assert get(crm, link.replace("contacts?$select=lastname&", "contacts/$count?")).body == b"3"


@pytest.mark.parametrize("option", ["$filter=lastname eq 'X'", "$orderby=lastname", "$expand=ownerid", "$top=5"])
def test_changes_take_no_such_option(crm: Client, option: str) -> None:
    assert get(crm, f"contacts?{option}", **TRACK).status == 400


def test_a_token_is_good_for_seven_days(dataverse: DataverseEmulator, crm: Client) -> None:
    link = get(crm, "contacts", **TRACK).json()["@odata.deltaLink"]
    before = dataverse.organisation.clock
    dataverse.organisation.clock = lambda: before() + timedelta(days=6, hours=23)
    assert get(crm, link).status == 200
    dataverse.organisation.clock = lambda: before() + timedelta(days=7, hours=1)
    assert code(get(crm, link)) == (400, "0x80044352")


def test_a_token_that_was_changed_is_refused(crm: Client) -> None:
    link = get(crm, "contacts", **TRACK).json()["@odata.deltaLink"]
    assert get(crm, link.replace("%21", "")).status == 400


def test_changes_need_to_be_readable_all_over_the_organisation(dataverse: DataverseEmulator) -> None:
    dataverse.organisation.add_user("alix@contoso.com", privileges=everything("Deep"))
    client = client_of(dataverse, user="alix@contoso.com")
    answer = get(client, "contacts", **TRACK)
    assert code(answer) == (403, "0x80040220")
    assert "prvReadContact" in answer.json()["error"]["message"]
    assert get(client, "contacts").status == 200
    client.close()


def test_changes_are_told_of_tables_that_track_them(dataverse: DataverseEmulator, crm: Client) -> None:
    asked = "EntityDefinitions(LogicalName='contact')?$select=ChangeTrackingEnabled"
    assert get(crm, asked).json()["ChangeTrackingEnabled"] is True
    dataverse.organisation.untracked.add("contact")
    assert get(crm, asked).json()["ChangeTrackingEnabled"] is False
    assert get(crm, "contacts", **TRACK).status == 400


def test_changes_come_in_pages_too_and_what_changes_meanwhile_comes_next(dataverse: DataverseEmulator, crm: Client) -> None:
    prefer = {"Prefer": "odata.track-changes,odata.maxpagesize=2"}
    told = get(crm, "contacts?$select=lastname", **prefer).json()
    dataverse.organisation.edit("contact", rows(crm)[-1]["contactid"], jobtitle="X")
    seen = [row["contactid"] for row in told["value"]]
    while "@odata.nextLink" in told:
        assert "@odata.deltaLink" not in told
        told = get(crm, told["@odata.nextLink"], **prefer).json()
        seen += [row["contactid"] for row in told["value"]]
    assert len(seen) == len(set(seen)) == 5
    later = get(crm, told["@odata.deltaLink"]).json()["value"]
    assert [row["contactid"] for row in later] == [rows(crm)[-1]["contactid"]]


def test_without_change_tracking_there_is_the_date_of_the_last_change(dataverse: DataverseEmulator, crm: Client) -> None:
    before = dataverse.organisation.clock
    dataverse.organisation.clock = lambda: before() + timedelta(hours=1)
    mark = dataverse.organisation.now()
    send(crm, "PATCH", f"contacts({rows(crm)[0]['contactid']})", {"jobtitle": "X"})
    assert len(names(crm, f"$filter=modifiedon ge {mark}")) == 1
