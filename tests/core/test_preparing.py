"""Is what could be mended in the mailbox found, and nothing that is in order?"""

from __future__ import annotations

import pytest

import people
from carnet.core.preparing import Shared, count, find, matching
from carnet.core.resolving import Resolution, ResolutionKind
from carnet.model.contact import Contact, Record
from carnet.model.finding import Finding, FindingKind
from people import record

MISSING = Resolution(kind=ResolutionKind.MISSING)
FOUND = Resolution(kind=ResolutionKind.FOUND)


def found(*records: Record, **resolutions: Resolution) -> tuple[Finding, ...]:
    return find(records, resolutions=resolutions, region="FR")


def kinds(contact: Contact) -> set[FindingKind]:
    return {each.kind for each in found(record("r", of=contact))}


def test_a_card_in_order_gives_nothing() -> None:
    assert found(record("r", of=people.PLAIN), fabrikam=FOUND) == ()


@pytest.mark.parametrize(
    ("contact", "expected"),
    [
        (people.NO_NAME, {FindingKind.NO_NAME}),
        (people.ADDRESS_AS_NAME, {FindingKind.NO_NAME, FindingKind.EMAIL_AS_NAME}),
        (people.GIVEN_ONLY, set()),
        (people.COMPANY_CARD, set()),
        (people.EXCHANGE_ONLY, {FindingKind.UNREACHABLE}),
        (people.CAPITALS, {FindingKind.UNREACHABLE}),
        (Contact(values={"surname": "Roy", "business_fax": "01 99 00 12 34"}), {FindingKind.UNREACHABLE}),
        (Contact(values={"surname": "Roy"}, more_emails=("roy@contoso.com",)), set()),
        (people.DOUBLED_PHONE, {FindingKind.DOUBLED_PHONE}),
    ],
)
def test_a_card_that_lacks_something_is_found_for_what_it_lacks(contact: Contact, expected: set[FindingKind]) -> None:
    assert kinds(contact) == expected


@pytest.mark.parametrize(
    ("field", "text", "wrong"),
    [
        ("full_name", "Roy (roy@contoso.com)", True),
        ("surname", "'roy@contoso.com'", True),
        ("company", "info@contoso.com", True),
        ("full_name", "Roy @ Contoso", False),
        ("job_title", "roy@contoso.com", False),
    ],
)
def test_an_address_is_found_in_any_field_for_a_name(field: str, text: str, *, wrong: bool) -> None:
    values = {"given_name": "Ann", "mobile_phone": "06 39 98 12 34", field: text}
    named = [each.fields for each in found(record("r", of=Contact(values=values))) if each.kind is FindingKind.EMAIL_AS_NAME]
    assert named == ([{field: text}] if wrong else [])


@pytest.mark.parametrize(
    ("phones", "wrong"),
    [
        ({"home_phone": "(925)599-3355(925)599-3355"}, {"home_phone"}),
        ({"home_phone": "0650 675 73 300650 675 73 30"}, {"home_phone"}),
        ({"business_phone": "01 99 00 12 34 / 01 99 00 56 78"}, {"business_phone"}),
        ({"business_phone": "01 99 00 12 34", "mobile_phone": "+33 1 99 00 12 34"}, {"business_phone", "mobile_phone"}),
        ({"business_phone": "01 99 00 12 34", "business_fax": "01 99 00 12 34"}, set()),
        ({"business_phone": "01 99 00 12 34", "mobile_phone": "06 39 98 12 34"}, set()),
        ({"business_phone": "poste 4512", "other_phone": "4512"}, set()),
        ({"business_phone": "1212"}, set()),
    ],
)
def test_a_doubled_number_is_found_in_its_fields(phones: dict[str, str], wrong: set[str]) -> None:
    values = {"surname": "Roy", "email1": "roy@contoso.com", **phones}
    doubled = [each.fields for each in found(record("r", of=Contact(values=values)))]
    assert doubled == ([{key: phones[key] for key in phones if key in wrong}] if wrong else [])


def test_a_company_without_account_is_counted_once_and_opens_its_cards() -> None:
    cards = [
        record("1", surname="Roy", company="Contoso", email1="a@contoso.com"),
        record("2", surname="Petit", company="Fabrikam", email1="a@contoso.com"),
        record("3", surname="Haddad", company="CONTOSO", email1="a@contoso.com"),
        record("4", surname="Lind", company="Litware", email1="a@contoso.com"),
    ]
    all_found = found(*cards, contoso=MISSING, fabrikam=FOUND, litware=Resolution(kind=ResolutionKind.LOOSE))
    assert [(each.about, each.record) for each in all_found] == [("Contoso", "1"), ("Contoso", "3")]
    assert count(all_found) == {FindingKind.NO_ACCOUNT: 1}


def test_twins_and_variants_are_counted_by_what_they_share() -> None:
    cards = [record(name, surname="Roy", company=f"Contoso {name}", email1="roy@contoso.com") for name in "123"]
    twins = [Shared(about="Roy", records=["1", "2"]), Shared(about="Roy", records=["3", "gone"])]
    variants = [Shared(about="Contoso", records=["1", "3"], fields=["company"])]
    all_found = find(cards, resolutions={}, region="FR", twins=twins, variants=variants)
    assert count(all_found) == {FindingKind.TWINS: 2, FindingKind.VARIANTS: 1}
    assert [each.fields for each in matching(all_found, FindingKind.VARIANTS)] == [
        {"company": "Contoso 1"},
        {"company": "Contoso 3"},
    ]


def test_findings_come_in_the_order_of_kinds_then_of_cards() -> None:
    cards = [record("1", of=people.DOUBLED_PHONE), record("2", of=people.NO_NAME), record("3", of=people.NO_NAME)]
    assert [each.record for each in found(*cards)] == ["2", "3", "1"]


def test_findings_are_searched_by_name_value_and_company_accents_aside() -> None:
    cards = [
        record("1", surname="Große", company="Contoso", email1="g@contoso.com"),
        record("2", surname="Petit", company="Société", email1="p@contoso.com"),
    ]
    all_found = found(*cards, contoso=MISSING, societe=MISSING)
    kind = FindingKind.NO_ACCOUNT
    assert [each.record for each in matching(all_found, kind, "GROSSE")] == ["1"]
    assert [each.record for each in matching(all_found, kind, "societe")] == ["2"]
    assert len(matching(all_found, kind)) == 2
    assert matching(all_found, FindingKind.NO_NAME) == []
