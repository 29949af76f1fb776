"""Do a card and the CRM record of the same person or company share a key?"""

from __future__ import annotations

import pytest

import people
from carnet.core.blocking import candidate_of, company_keys, contact_keys
from carnet.model.account import CrmRecord
from people import REGION, contact, crm_account, crm_contact


def keys_of(record: CrmRecord) -> set[str]:
    return set(candidate_of(record, REGION)[1])


def test_a_card_has_keys_by_address_phone_and_name() -> None:
    assert contact_keys(people.PLAIN, REGION)[:3] == ("e:amina.haddad@fabrikam.com", "p:+33199001234", "n:amina haddad")


def test_who_works_somewhere_has_keys_by_company_and_the_ends_of_the_surname() -> None:
    assert contact_keys(people.PLAIN, REGION)[3:] == ("i:fabrikam|ah", "s:hadafab", "t:dadafab")


@pytest.mark.parametrize(
    ("card", "company", "record"),
    [
        ("Amina Hadad", "Fabrikam", "Amina Haddad"),
        ("Amina Hadadd", "Fabirkam", "Amina Haddad"),
        ("A. Haddad", "FABRIKAM S.A.", "Amina Haddad"),
        ("A. Hadad", "Fabrikam", "Amina Haddad"),
        ("Bill Gates", "Fabrikam", "William Gates"),
        ("Bob Marlye", "Fabrikam", "Robert Marley"),
        ("María José García López", "Fabrikam", "María García"),
        ("Claire Durand-Martin", "Fabrikam", "Claire Durand"),
        ("Claire Martin née Durand", "", "Claire Durand"),
        ("Sepp Huber", "", "Josef Huber"),
    ],
)
def test_a_name_misspelt_or_cut_short_hides_nobody(card: str, company: str, record: str) -> None:
    known = crm_contact("1", company="Fabrikam", full_name=record)
    assert keys_of(known) & set(contact_keys(contact(full_name=card, company=company), REGION))


def test_a_number_is_found_with_and_without_its_extension_and_beside_another() -> None:
    desk = crm_contact("1", business_phone="01 99 00 12 34 poste 12")
    assert keys_of(desk) == {"p:+33199001234"}
    assert set(contact_keys(contact(business_phone="06 99 00 11 22 / 01 99 00 12 34"), REGION)) >= keys_of(desk)


@pytest.mark.parametrize(
    "record",
    [
        crm_contact("1", email2="AMINA.HADDAD@Fabrikam.com"),
        crm_contact("1", mobile_phone="+33 1 99 00 12 34"),
        crm_contact("1", given_name="HADDAD", surname="Amina"),
        crm_contact("1", full_name="Dr. Amina Haddad (Fabrikam)"),
    ],
)
def test_a_record_of_the_crm_shares_a_key_with_the_persons_card(record: CrmRecord) -> None:
    assert keys_of(record) & set(contact_keys(people.PLAIN, REGION))


def test_umlauts_meet_their_two_letter_spelling() -> None:
    written_out = crm_contact("1", given_name="Juergen", surname="Groessmueller")
    assert keys_of(written_out) & set(contact_keys(people.UMLAUTS, REGION))


def test_a_middle_name_hides_nobody() -> None:
    card = contact(given_name="Jean", middle_name="Paul", surname="Dupont")
    assert keys_of(crm_contact("1", given_name="Jean", surname="Dupont")) & set(contact_keys(card, REGION))
    assert keys_of(crm_contact("1", given_name="Jean Paul", surname="Dupont")) & set(contact_keys(card, REGION))


def test_a_companys_card_is_not_looked_for_among_names_of_people() -> None:
    assert not [key for key in contact_keys(people.COMPANY_CARD, REGION) if key.startswith("n:")]


@pytest.mark.parametrize("slot", ["company_phone", "business_fax", "assistant_phone"])
def test_a_number_that_is_not_the_persons_own_makes_no_key(slot: str) -> None:
    number = {slot: "01 99 00 12 34"}
    assert contact_keys(contact(**number), REGION) == ()
    assert not candidate_of(crm_contact("1", active=True, company="", **number), REGION)[0].phones


def test_a_candidate_carries_folded_addresses_numbers_and_its_parent() -> None:
    record = crm_contact(
        "1", company="Fabrikam", given_name="A", surname="B", email1="A.B@Fabrikam.com", home_phone="01 99 00 12 34"
    )
    found, _ = candidate_of(record, REGION)
    assert (found.id, found.name, found.emails, found.phones) == ("1", "A B", ("a.b@fabrikam.com",), ("+33199001234",))
    assert (found.company, found.parent) == ("Fabrikam", "account-fabrikam")
    assert (found.active, found.version) == (True, "1")


def test_an_account_has_keys_by_name_by_core_and_by_domain() -> None:
    record = crm_account("1", "Contoso SARL", website="https://www.contoso.fr:443/contact", email1="info@mail.contoso.com")
    assert keys_of(record) == {"a:contoso sarl", "o:contoso", "d:contoso.fr", "d:contoso.com"}


@pytest.mark.parametrize(
    "place", [{"email1": "contoso@gmail.com"}, {"website": "to follow"}, {"website": "n/a"}, {"website": ""}]
)
def test_a_mail_provider_or_a_remark_makes_no_domain_key(place: dict[str, str]) -> None:
    assert keys_of(crm_account("1", "Contoso", active=True, **place)) == {"a:contoso", "o:contoso"}


def test_the_keys_of_a_companys_name_are_those_of_its_account() -> None:
    assert set(company_keys("CONTOSO S.à r.l.")) <= keys_of(crm_account("1", "Contoso s.à r.l."))
    assert company_keys("Contoso")[1] in keys_of(crm_account("1", "Contoso Ltd"))


@pytest.mark.parametrize("name", people.CAST)
def test_no_key_is_empty_or_given_twice(name: str) -> None:
    keys = contact_keys(people.CAST[name], REGION)
    assert len(set(keys)) == len(keys)
    assert all(key[2:].strip() for key in keys)
