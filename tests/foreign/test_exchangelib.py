"""Does exchangelib, used as its own documentation shows it, find in our emulator what it expects of Exchange?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from exchangelib import DELEGATE, Account, Configuration, Contact, Credentials, ExtendedProperty
from exchangelib.errors import ErrorIrresolvableConflict, UnauthorizedError
from exchangelib.indexed_properties import EmailAddress, PhoneNumber, PhysicalAddress
from exchangelib.protocol import close_connections

from carnet.testing.emulators.ews import EwsEmulator
from carnet.testing.emulators.ews_mailbox import OPENS, PHOTO
from gates.fixtures import one_exchange, watched_ews

pytestmark = pytest.mark.foreign


class Mark(ExtendedProperty):
    property_set_id = "00020329-0000-0000-c000-000000000046"
    property_name = "mark"
    property_type = "String"


@pytest.fixture
def ews(monkeypatch: pytest.MonkeyPatch) -> Iterator[EwsEmulator]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with watched_ews(EwsEmulator(one_exchange())) as emulator:
        yield emulator
        close_connections()


def account_of(ews: EwsEmulator, password: str = OPENS) -> Any:
    configuration = Configuration(service_endpoint=ews.url, credentials=Credentials("CONTOSO\\camille", password))
    return Account("camille@contoso.com", config=configuration, autodiscover=False, access_type=DELEGATE)


def test_it_signs_in_and_finds_the_folders_by_itself(ews: EwsEmulator) -> None:
    account = account_of(ews)
    assert account.contacts.name == "Contacts"
    assert {each.name for each in account.contacts.children} == {"Clients", "Recipient Cache"}
    assert account.version.api_version.startswith("Exchange20")


def test_a_wrong_password_is_told(ews: EwsEmulator) -> None:
    with pytest.raises(UnauthorizedError):
        account_of(ews, "wrong").contacts.refresh()


def test_it_reads_a_contact_with_every_part(ews: EwsEmulator) -> None:
    (found,) = account_of(ews).contacts.filter(display_name="Zoé Durand")
    assert (found.given_name, found.company_name, found.categories) == ("Zoé", "Contoso", ["Clients"])
    assert found.email_addresses == [EmailAddress(label="EmailAddress1", email="durand1@contoso.com")]
    assert {each.label: each.phone_number for each in found.phone_numbers}["Pager"] == "pager"
    (address,) = found.physical_addresses
    assert (address.label, address.street, address.city, address.country) == ("Business", "1 rue du Bac", "Lyon", "France")
    assert (str(found.birthday), found.sensitivity) == ("1981-02-28", "Normal")


def test_it_finds_the_photo_of_a_contact_and_the_list_of_categories(ews: EwsEmulator) -> None:
    account = account_of(ews)
    identity = account.contacts.get(surname="Durand").id
    ews.mine.attach(identity, PHOTO, b"\xff\xd8one")
    ews.mine.categories = {"Clients": "preset7"}
    found = account.contacts.get(id=identity)
    assert found.has_picture
    assert [(each.name, each.is_contact_photo, each.content) for each in found.attachments] == [(PHOTO, True, b"\xff\xd8one")]
    listed = account.calendar.get_user_configuration("CategoryList", properties="XmlData").xml_data
    assert b'name="Clients" color="7"' in listed


def test_it_creates_changes_and_deletes_a_contact(ews: EwsEmulator) -> None:
    account = account_of(ews)
    Contact.register("mark", Mark)
    try:
        contact = Contact(
            account=account,
            folder=account.contacts,
            given_name="Nina",
            surname="Roux",
            display_name="Nina Roux",
            email_addresses=[EmailAddress(label="EmailAddress1", email="nina@contoso.com")],
            phone_numbers=[PhoneNumber(label="BusinessPhone", phone_number="1")],
            physical_addresses=[PhysicalAddress(label="Home", city="Lyon")],
            mark="ours",
        ).save()
        contact.job_title = "Directrice"
        contact.phone_numbers = []
        contact.save(update_fields=["job_title", "phone_numbers"])
        values = ews.mine.items[contact.id].values
        assert (values["contacts:JobTitle"], "contacts:PhoneNumber/BusinessPhone" in values) == ("Directrice", False)
        assert account.contacts.get(mark="ours").id == contact.id
    finally:
        Contact.deregister("mark")
    contact.delete()
    assert contact.id not in ews.mine.items
    assert not account.contacts.filter(surname="Roux").exists()


def test_it_meets_a_conflict_where_it_may_not_overwrite(ews: EwsEmulator) -> None:
    account = account_of(ews)
    found = account.contacts.get(surname="Durand")
    ews.mine.edit(found.id, {"contacts:JobTitle": "Meanwhile"})
    found.job_title = "Ours"
    with pytest.raises(ErrorIrresolvableConflict):
        account.bulk_update([(found, ["job_title"])], conflict_resolution="NeverOverwrite")


def test_it_follows_what_changes(ews: EwsEmulator) -> None:
    contacts = account_of(ews).contacts
    first = list(contacts.sync_items(only_fields=["surname"], max_changes_returned=2))
    assert [kind for kind, _ in first] == ["create"] * 5
    gone, changed = (item.id for _, item in first[:2])
    ews.mine.delete(gone)
    ews.mine.edit(changed, {"contacts:Surname": "Autre"})
    told = list(contacts.sync_items(only_fields=["surname"]))
    assert [(kind, item.id) for kind, item in told] == [("delete", gone), ("update", changed)]
    assert list(contacts.sync_items()) == []


def test_it_follows_folders(ews: EwsEmulator) -> None:
    account = account_of(ews)
    assert len(list(account.root.sync_hierarchy())) == 7
    new = ews.mine.add_folder("Presse")
    assert [(kind, folder.id) for kind, folder in account.root.sync_hierarchy()] == [("create", new)]
