"""What does a vCard say in our words?"""

from __future__ import annotations

import hashlib
from base64 import b64encode

import pytest

from carnet.mailboxes.vcard.cards import RawCard, raw_cards
from carnet.mailboxes.vcard.lines import physical_lines
from carnet.mailboxes.vcard.properties import Card, card_of
from carnet.mailboxes.vcard.translate import contact_of
from carnet.model.contact import Contact
from carnet.model.reading import Repair


def parsed(*lines: str | bytes, version: str = "3.0") -> Card:
    body = [line.encode() if isinstance(line, str) else line for line in lines]
    whole = b"\r\n".join([b"BEGIN:VCARD", f"VERSION:{version}".encode(), *body, b"END:VCARD", b""])
    (raw,) = raw_cards(physical_lines([whole]))
    assert isinstance(raw, RawCard)
    return card_of(raw)


def read(*lines: str | bytes, version: str = "3.0") -> Contact:
    return contact_of(parsed(*lines, version=version))[0]


def repairs(*lines: str | bytes, version: str = "3.0") -> tuple[Repair, ...]:
    return contact_of(parsed(*lines, version=version))[1]


def test_the_parts_of_a_name_find_their_fields() -> None:
    contact = read("N:Doe;John;Richter,James;Mr.;Sr.", "FN:Mr. John Doe Sr.")
    assert contact.values == {
        "surname": "Doe",
        "given_name": "John",
        "middle_name": "Richter,James",
        "suffix": "Sr.",
        "full_name": "Mr. John Doe Sr.",
    }
    assert contact.extras == {"prefix": "Mr."}


def test_a_full_name_is_made_of_the_parts_where_none_is_given() -> None:
    assert read("N:Berg;Anna").get("full_name") == "Anna Berg"


def test_a_full_name_alone_is_not_taken_apart() -> None:
    assert read("FN:Anna Berg").values == {"full_name": "Anna Berg"}


def test_another_representation_of_the_name_is_kept() -> None:
    contact = read("FN:Anna", "N;ALTID=1:Berg;Anna;;;", "N;ALTID=1:Ельцина;Анна;;;", version="4.0")
    assert contact.get("surname") == "Berg"
    assert contact.extras == {"surname2": "Ельцина", "given_name2": "Анна"}


@pytest.mark.parametrize(
    "said", ["FN:Acme AG", "FN:Acme AG\r\nN:;;;;", "FN:Acme\r\nX-ABShowAs:COMPANY", "KIND:org\r\nFN:Acme AG"]
)
def test_a_card_of_a_company_names_no_person(said: str) -> None:
    contact = read(said, "ORG:Acme AG;")
    assert contact.get("company") == "Acme AG"
    assert contact.get("full_name") == ""


def test_a_person_who_is_called_like_the_company_stays_a_person() -> None:
    assert read("N:Müller;Jörg", "FN:Müller AG", "ORG:Müller AG").get("full_name") == "Müller AG"


def test_an_organisation_is_a_company_and_its_departments() -> None:
    contact = read(r"ORG:ABC\, Inc.;North American Division;Marketing", "ORG:Second;Desk")
    assert contact.values == {"company": "ABC, Inc.", "department": "North American Division, Marketing"}
    assert contact.extras == {"company2": "Second", "department2": "Desk"}


def test_the_preferred_address_comes_first_and_none_is_lost() -> None:
    contact = read(
        "EMAIL:a@example.org",
        "EMAIL;TYPE=home:mailto:b@example.org",
        "EMAIL;PREF=2:c@example.org",
        "EMAIL;TYPE=INTERNET,pref:d@example.org",
        "EMAIL:A@example.org",
        "EMAIL:e@example.org",
        "EMAIL:/o=Example/cn=Recipients/cn=anna",
    )
    assert contact.emails == ("d@example.org", "c@example.org", "a@example.org", "b@example.org", "e@example.org")
    assert contact.more_emails == ("b@example.org", "e@example.org")
    assert contact.unresolved == ("/o=Example/cn=Recipients/cn=anna",)


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ("TEL;WORK;VOICE:1", "business_phone"),
        ("TEL;TYPE=home,voice:1", "home_phone"),
        ('TEL;TYPE="work,cell,voice":1', "mobile_phone"),
        (r"TEL;TYPE=PREF\,WORK\,VOICE:1", "business_phone"),
        ("TEL;TYPE=work;TYPE=fax:1", "business_fax"),
        ("TEL;TYPE=workfax:1", "business_fax"),
        ("TEL;TYPE=fax:1", "business_fax"),
        ("TEL;TYPE=pager:1", "pager"),
        ("TEL;TYPE=main:1", "company_phone"),
        ("X-MS-TEL;TYPE=COMPANY:1", "company_phone"),
        ("X-MS-TEL;VOICE;CALLBACK:1", "callback"),
        ("TEL;X-Assistant:1", "assistant_phone"),
        ("TEL:1", "other_phone"),
        ("TEL;TYPE=voice:1", "other_phone"),
        ("item1.TEL:1\r\nitem1.X-ABLabel:_$!<Mobile>!$_", "mobile_phone"),
        ("TEL;VALUE=uri;TYPE=home:tel:1", "home_phone"),
    ],
)
def test_a_number_finds_its_field(line: str, key: str) -> None:
    assert read(line).values == {key: "1"}


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ("TEL;HOME;FAX:1", "home_fax"),
        ("TEL;TYPE=homefax:1", "home_fax"),
        ("TEL;TYPE=OTHER;TYPE=FAX:1", "other_fax"),
        ("TEL;CAR:1", "car_phone"),
        ("TEL;ISDN:1", "isdn"),
        ("X-MS-TEL;TYPE=TELEX:1", "telex"),
        ("X-MS-TEL;TYPE=RADIO:1", "radio_phone"),
        ("X-MS-TEL;TYPE=TTY/TDD:1", "tty_tdd"),
    ],
)
def test_a_number_that_no_field_takes_is_an_extra(line: str, key: str) -> None:
    contact = read(line)
    assert (contact.values, contact.extras) == ({}, {key: "1"})


def test_numbers_past_their_fields_are_kept_and_one_from_home_never_passes_for_another() -> None:
    contact = read(*(f"TEL;WORK:{n}" for n in (1, 2, 3, 4)), *(f"TEL;HOME:{n}" for n in (5, 6, 7)), "TEL;WORK:1")
    assert contact.values == {
        "business_phone": "1",
        "business_phone2": "2",
        "other_phone": "3",
        "home_phone": "5",
        "home_phone2": "6",
    }
    assert contact.extras == {"business_phone3": "4", "home_phone3": "7"}


def test_the_extension_of_a_number_stays_with_it() -> None:
    assert read("TEL;VALUE=uri;TYPE=work:tel:+1-418-656-9254;ext=102").phones == ("+1-418-656-9254;ext=102",)


def test_addresses_go_by_their_kind() -> None:
    contact = read(
        "ADR;TYPE=work:PO 1;Suite 2;Road 3;Town;State;12345;Country",
        "ADR;HOME:;;Lane 4;;;;",
        "ADR:;;Square 5;;;;",
        "ADR;HOME:;;Secret lane 6;Village;;;",
        "ADR;TYPE=work:;;Road 7;;;;",
    )
    assert contact.values == {
        "business_po_box": "PO 1",
        "business_street": "Road 3\nSuite 2",
        "business_city": "Town",
        "business_state": "State",
        "business_postcode": "12345",
        "business_country": "Country",
        "home_street": "Lane 4",
        "other_street": "Square 5",
    }
    assert contact.extras == {"home_address2": "Secret lane 6\nVillage", "business_address2": "Road 7"}


def test_a_second_business_address_is_the_other_one_where_that_is_free() -> None:
    contact = read("ADR;WORK:;;Road 3;;;;", "ADR;WORK:;;Road 7;;;;")
    assert contact.values == {"business_street": "Road 3", "other_street": "Road 7"}


def test_outlook_writes_the_office_into_the_address() -> None:
    contact = read("ADR;WORK;PREF:;TheOffice;222 Broadway;New York;NY;99999;USA", version="2.1")
    assert contact.get("business_street") == "222 Broadway"
    assert contact.extras == {"office_location": "TheOffice", "mailing_address": "business"}


def test_an_address_in_one_piece_is_a_street() -> None:
    assert read("ADR;WORK:144 Hitchcock Rd, Salinas").values == {"business_street": "144 Hitchcock Rd, Salinas"}


def test_a_label_serves_where_there_is_no_address() -> None:
    contact = read("ADR;HOME:;;Lane 4;;;;", r"LABEL;HOME:Lane 4\nVillage", r"LABEL;WORK:Road 1\nTown")
    assert contact.values == {"home_street": "Lane 4", "business_street": "Road 1\nTown"}


@pytest.mark.parametrize(
    ("said", "iso"),
    [
        ("1996-04-15", "1996-04-15"),
        ("19960415", "1996-04-15"),
        ("1953-10-15T23:10:00Z", "1953-10-15"),
        ("19531015T231000Z", "1953-10-15"),
        ("1987-09-27T08:30:00-06:00", "1987-09-27"),
        ("--0203", "--02-03"),
        ("--02-29", "--02-29"),
        ("16040101", "--01-01"),
        ("15.4.1996", "1996-04-15"),
    ],
)
def test_a_birthday_is_read_in_every_form(said: str, iso: str) -> None:
    assert read(f"BDAY:{said}").values == {"birthday": iso}


@pytest.mark.parametrize("said", ["circa 1800", "1996", "1996-02-30", "04/05/1996", "--1340"])
def test_a_birthday_that_is_no_date_is_kept_as_text_and_told(said: str) -> None:
    card = f"BDAY;VALUE=text:{said}"
    assert read("FN:A", card).extras == {"birthday_text": said}
    assert repairs("FN:A", card) == (Repair(place="line 4", code="unreadable-date", detail=said),)


def test_a_date_that_outlook_writes_for_none_is_none() -> None:
    assert read("FN:A", "X-MS-ANNIVERSARY:45010101").values == {"full_name": "A"}


@pytest.mark.parametrize(
    "line",
    [
        "ANNIVERSARY:20090808T1430-0500",
        "X-MS-ANNIVERSARY:20090808",
        "item1.X-ABDATE:2009-08-08\r\nitem1.X-ABLabel:_$!<Anniversary>!$_",
    ],
)
def test_an_anniversary_is_found_under_each_of_its_names(line: str) -> None:
    assert read(line).values == {"anniversary": "2009-08-08"}


def test_outlooks_own_properties_find_their_fields() -> None:
    contact = read(
        "X-MS-MANAGER:Mia",
        "X-MS-ASSISTANT:Ali",
        "X-MS-SPOUSE:Sam",
        "X-MS-IMADDRESS:im@example.org",
        "X-MS-OL-DESIGN;CHARSET=utf-8:<card/>",
        "X-MS-OL-DEFAULT-POSTAL-ADDRESS:2",
        "ROLE:Juggler",
        version="2.1",
    )
    assert contact.values == {"manager_name": "Mia", "assistant_name": "Ali", "spouse": "Sam"}
    assert contact.extras == {"im_address": "im@example.org", "profession": "Juggler"}


def test_related_people_go_by_what_they_are_called() -> None:
    contact = read(
        "item1.X-ABRELATEDNAMES:Shane",
        "item1.X-ABLabel:_$!<Assistant>!$_",
        "item2.X-ABRELATEDNAMES:May",
        "item2.X-ABLabel:_$!<Friend>!$_",
        "RELATED;TYPE=child;VALUE=text:Chris",
    )
    assert contact.values == {"assistant_name": "Shane", "children": "Chris"}
    assert contact.extras == {"related": "May"}


def test_the_page_from_work_comes_first() -> None:
    contact = read("URL;HOME:http://home.example", "URL:http://page.example", "URL;WORK:http\\://work.example")
    assert contact.get("web_page") == "http://work.example"
    assert contact.extras == {"web_page2": "http://page.example", "web_page3": "http://home.example"}


def test_categories_keep_their_order_and_repeat_none() -> None:
    assert read(r"CATEGORIES:Zoo,Friends\, old,,Zoo", "CATEGORIES:Club").categories == ("Zoo", "Friends, old", "Club")


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        (b"ADR;TYPE=home,pref:;;1 rue;Lyon;;;", "home"),
        (b"ADR;TYPE=work;PREF=1:;;1 rue;Lyon;;;", "business"),
        (b"ADR;TYPE=work:;;1 rue;Lyon;;;", None),
        (b"ADR;TYPE=home;PREF=2:;;1 rue;Lyon;;;", None),
        (b"ADR;TYPE=home,pref:;;;;;;", None),
    ],
)
def test_the_preferred_address_is_the_mailing_one(line: bytes, kind: str | None) -> None:
    assert read(line).extras.get("mailing_address") == kind


PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))


@pytest.mark.parametrize(
    "line",
    [
        b"PHOTO;ENCODING=b;TYPE=PNG:" + b64encode(PNG),
        b"PHOTO;TYPE=JPEG;ENCODING=BASE64:\r\n " + b64encode(PNG) + b"\r\n\r\nFN:A",
        b"PHOTO;BASE64:\r\n  " + b64encode(PNG)[:76] + b"\r\n  " + b64encode(PNG)[76:],
        b"PHOTO:data:image/png;base64\\," + b64encode(PNG),
        b"PHOTO;VALUE=URI:data:image/png;base64," + b64encode(PNG),
        b"PHOTO:" + b64encode(PNG),
    ],
)
def test_of_a_photo_its_digest_crosses(line: bytes) -> None:
    assert read(line).extras == {"photo": hashlib.sha256(PNG).hexdigest()}


def test_the_address_of_a_photo_is_kept() -> None:
    assert read("PHOTO;VALUE=uri:https://example.org/anna.png").extras == {"photo_address": "https://example.org/anna.png"}


@pytest.mark.parametrize(
    "lines",
    [
        ("AGENT:", "BEGIN:VCARD", "VERSION:2.1", "FN:Susan", "TEL:919", "END:VCARD"),
        ("AGENT:BEGIN:VCARD", "VERSION:2.1", "FN:Susan", "TEL:919", "END:VCARD"),
        (r"AGENT:BEGIN:VCARD\nFN:Susan\nTEL\;WORK:919\nEND:VCARD\n",),
    ],
)
def test_a_card_inside_the_card_is_the_assistants(lines: tuple[str, ...]) -> None:
    contact = read("FN:Anna", *lines, "EMAIL:anna@example.org")
    assert contact.values == {
        "full_name": "Anna",
        "email1": "anna@example.org",
        "assistant_name": "Susan",
        "assistant_phone": "919",
    }


def test_a_private_card_inside_the_card_does_not_cross() -> None:
    contact = read("FN:Anna", "AGENT:", "BEGIN:VCARD", "FN:Susan", "CLASS:PRIVATE", "END:VCARD")
    assert contact.values == {"full_name": "Anna"}


def test_what_no_field_knows_is_kept_and_what_is_about_the_program_is_not() -> None:
    contact = read("FN:A", "X-CUSTOM:one", "X-CUSTOM:two", "GENDER:F", "PRODID:-//Program//", "REV:2020-01-01", version="4.0")
    assert contact.extras == {"x_custom": "one\ntwo", "gender": "F"}
