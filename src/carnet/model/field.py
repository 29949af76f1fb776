"""Which contact fields exist, and what is each called in Outlook, MAPI, Graph, vCard, CSV and the CRM?

The one field table: mappings, reference pages and tests are made from it. The 34 rows that Dynamics 365 for Outlook mapped
(behaviour spec §4.4) are the distinct values of `Field.row`; a row may hold several fields (a name has four parts).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

PSETID_ADDRESS = "00062004-0000-0000-c000-000000000046"

MAILING, MAILING_ID = "mailing_address", 0x8022
MAILING_KINDS = {1: "home", 2: "business", 3: "other"}
"""Which postal address Outlook marks as the mailing one: key in `Contact.extras`, long id, and its numbers (MS-OXOCNTC 2.2.1.3.9)."""

MapiTag = int | tuple[str, int]
"""A fixed property tag, or (property set, long id) for a named property."""


class Merge(StrEnum):
    """What a run may do to a value that the CRM already holds."""

    FILL = "fill"
    """Written only where the CRM has nothing."""
    NEVER = "never"
    """Not copied as text: the parent is a decision, the full name is made by the CRM."""


class Privacy(StrEnum):
    """How personal a field is; the preset "professional fields" leaves FAMILY, HOME and SENSITIVE out."""

    PROFESSIONAL = "professional"
    HOME = "home"
    FAMILY = "family"
    SENSITIVE = "sensitive"


class Shape(StrEnum):
    """What a value looks like."""

    TEXT = "text"
    EMAIL = "email"
    PHONE = "phone"
    DATE = "date"
    LINES = "lines"
    URL = "url"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of a contact.

    `key` is Carnet's word for it, `row` the row of the behaviour spec it belongs to, `label` its English name (a msgid).
    `crm` is the column's logical name and `length` its size in UTF-16 units (None: a date). `csv` is the title of
    Outlook's English export, `vcard` the property with its type, `graph` the property of Microsoft Graph's contact.
    `settable` is False where the direction is fixed two-way (F02).
    """

    key: str
    row: str
    label: str
    mapi: MapiTag | None
    crm: str
    length: int | None
    graph: str | None = None
    vcard: str | None = None
    csv: str | None = None
    shape: Shape = Shape.TEXT
    settable: bool = True
    merge: Merge = Merge.FILL
    privacy: Privacy = Privacy.PROFESSIONAL


def _address(prefix: str, label: str, *, number: int, graph: str) -> tuple[Field, ...]:
    """The six parts of one postal address: `number` 1, 2 or 3 in the CRM."""
    named = {"business": (0x8045, 0x8046, 0x8047, 0x8048, 0x8049, 0x804A)}
    fixed = {
        "home": (0x3A5D, 0x3A59, 0x3A5C, 0x3A5B, 0x3A5A, 0x3A5E),
        "other": (0x3A63, 0x3A5F, 0x3A62, 0x3A61, 0x3A60, 0x3A64),
    }
    kind = {"business": "WORK", "home": "HOME", "other": ""}[prefix]
    parts = (
        ("street", "street", "line1", 750, "Street", 2),
        ("city", "city", "city", 80, "City", 3),
        ("state", "state", "stateorprovince", 50, "State", 4),
        ("postcode", "postal code", "postalcode", 20, "Postal Code", 5),
        ("country", "country", "country", 80, "Country", 6),
        ("po_box", "PO box", "postofficebox", 20, "Address PO Box", 0),
    )
    tags: tuple[MapiTag, ...] = tuple((PSETID_ADDRESS, lid) for lid in named[prefix]) if prefix in named else fixed[prefix]
    graph_parts = ("street", "city", "state", "postalCode", "countryOrRegion", None)
    return tuple(
        Field(
            key=f"{prefix}_{key}",
            row=f"{label} Address",
            label=f"{label} {words}",
            mapi=tag,
            crm=f"address{number}_{column}",
            length=length,
            graph=f"{graph}.{part}" if part else None,
            vcard=f"ADR;{kind}[{place}]" if kind else f"ADR[{place}]",
            csv=f"{label} {title}",
            shape=Shape.LINES if key == "street" else Shape.TEXT,
            privacy=Privacy.HOME if prefix == "home" else Privacy.PROFESSIONAL,
        )
        for (key, words, column, length, title, place), tag, part in zip(parts, tags, graph_parts, strict=True)
    )


def _name(key: str, label: str, mapi: int, *, crm: str, length: int = 50, graph: str, vcard: str) -> Field:
    return Field(
        key=key,
        row="Full Name",
        label=label,
        mapi=mapi,
        crm=crm,
        length=length,
        graph=graph,
        vcard=vcard,
        csv=label.title(),
        settable=False,
    )


def _email(number: int) -> Field:
    suffix = "" if number == 1 else f" {number}"
    return Field(
        key=f"email{number}",
        row=f"E-mail{suffix}",
        label=f"E-mail{suffix}",
        mapi=(PSETID_ADDRESS, 0x8083 + 0x10 * (number - 1)),
        crm=f"emailaddress{number}",
        length=100,
        graph=f"emailAddresses[{number - 1}]",
        vcard="EMAIL",
        csv=f"E-mail{suffix} Address",
        shape=Shape.EMAIL,
    )


def _phone(
    key: str,
    label: str,
    mapi: int,
    *,
    crm: str,
    graph: str | None = None,
    vcard: str,
    csv: str = "",
    privacy: Privacy = Privacy.PROFESSIONAL,
) -> Field:
    return Field(
        key=key,
        row=label,
        label=label,
        mapi=mapi,
        crm=crm,
        length=50,
        graph=graph,
        vcard=vcard,
        csv=csv or label,
        shape=Shape.PHONE,
        privacy=privacy,
    )


FIELDS: tuple[Field, ...] = (
    Field(
        key="full_name",
        row="Full Name",
        label="Full name",
        mapi=0x3001,
        crm="fullname",
        length=160,
        graph="displayName",
        vcard="FN",
        csv="Name",
        settable=False,
        merge=Merge.NEVER,
    ),
    _name("given_name", "First name", 0x3A06, crm="firstname", graph="givenName", vcard="N[1]"),
    _name("middle_name", "Middle name", 0x3A44, crm="middlename", graph="middleName", vcard="N[2]"),
    _name("surname", "Last name", 0x3A11, crm="lastname", graph="surname", vcard="N[0]"),
    _name("suffix", "Suffix", 0x3A05, crm="suffix", length=10, graph="generation", vcard="N[4]"),
    Field(
        key="company",
        row="Company",
        label="Company",
        mapi=0x3A16,
        crm="parentcustomerid",
        length=160,
        graph="companyName",
        vcard="ORG[0]",
        csv="Company",
        settable=False,
        merge=Merge.NEVER,
    ),
    Field(
        key="job_title",
        row="Job Title",
        label="Job title",
        mapi=0x3A17,
        crm="jobtitle",
        length=100,
        graph="jobTitle",
        vcard="TITLE",
        csv="Job Title",
    ),
    Field(
        key="department",
        row="Department",
        label="Department",
        mapi=0x3A18,
        crm="department",
        length=100,
        graph="department",
        vcard="ORG[1]",
        csv="Department",
    ),
    *(_email(number) for number in (1, 2, 3)),
    _phone("business_phone", "Business Phone", 0x3A08, crm="telephone1", graph="businessPhones[0]", vcard="TEL;WORK"),
    _phone("business_phone2", "Business Phone 2", 0x3A1B, crm="business2", graph="businessPhones[1]", vcard="TEL;WORK"),
    _phone("home_phone", "Home Phone", 0x3A09, crm="telephone2", graph="homePhones[0]", vcard="TEL;HOME", privacy=Privacy.HOME),
    _phone("home_phone2", "Home Phone 2", 0x3A2F, crm="home2", graph="homePhones[1]", vcard="TEL;HOME", privacy=Privacy.HOME),
    _phone("mobile_phone", "Mobile Phone", 0x3A1C, crm="mobilephone", graph="mobilePhone", vcard="TEL;CELL"),
    _phone("other_phone", "Other Phone", 0x3A1F, crm="telephone3", vcard="TEL"),
    _phone("company_phone", "Company Main Phone", 0x3A57, crm="company", vcard="TEL;X-COMPANY"),
    _phone("callback", "Callback", 0x3A02, crm="callback", vcard="TEL;X-CALLBACK"),
    _phone("pager", "Pager", 0x3A21, crm="pager", vcard="TEL;PAGER"),
    _phone("business_fax", "Business Fax", 0x3A24, crm="fax", vcard="TEL;WORK;FAX"),
    Field(
        key="assistant_name",
        row="Assistant's Name",
        label="Assistant's name",
        mapi=0x3A30,
        crm="assistantname",
        length=100,
        graph="assistantName",
        vcard="X-MS-ASSISTANT",
        csv="Assistant's Name",
    ),
    _phone("assistant_phone", "Assistant's Phone", 0x3A2E, crm="assistantphone", vcard="X-MS-TEL;ASSISTANT"),
    Field(
        key="manager_name",
        row="Manager's Name",
        label="Manager's name",
        mapi=0x3A4E,
        crm="managername",
        length=100,
        graph="manager",
        vcard="X-MS-MANAGER",
        csv="Manager's Name",
    ),
    *_address("business", "Business", number=1, graph="businessAddress"),
    *_address("home", "Home", number=2, graph="homeAddress"),
    *_address("other", "Other", number=3, graph="otherAddress"),
    Field(
        key="web_page",
        row="Web Page",
        label="Web page",
        mapi=0x3A51,
        crm="websiteurl",
        length=200,
        graph="businessHomePage",
        vcard="URL",
        csv="Web Page",
        shape=Shape.URL,
    ),
    Field(
        key="ftp_site",
        row="FTP Site",
        label="FTP site",
        mapi=0x3A4C,
        crm="ftpsiteurl",
        length=200,
        vcard="X-MS-FTP",
        shape=Shape.URL,
    ),
    Field(
        key="government_id",
        row="Government ID Number",
        label="Government ID number",
        mapi=0x3A07,
        crm="governmentid",
        length=50,
        csv="Government ID Number",
        privacy=Privacy.SENSITIVE,
    ),
    Field(
        key="birthday",
        row="Birthday",
        label="Birthday",
        mapi=0x3A42,
        crm="birthdate",
        length=None,
        graph="birthday",
        vcard="BDAY",
        csv="Birthday",
        shape=Shape.DATE,
        privacy=Privacy.FAMILY,
    ),
    Field(
        key="anniversary",
        row="Anniversary",
        label="Anniversary",
        mapi=0x3A41,
        crm="anniversary",
        length=None,
        vcard="ANNIVERSARY",
        csv="Anniversary",
        shape=Shape.DATE,
        privacy=Privacy.FAMILY,
    ),
    Field(
        key="spouse",
        row="Spouse/Partner",
        label="Spouse or partner",
        mapi=0x3A48,
        crm="spousesname",
        length=100,
        graph="spouseName",
        vcard="X-MS-SPOUSE",
        csv="Spouse",
        privacy=Privacy.FAMILY,
    ),
    Field(
        key="children",
        row="Children",
        label="Children",
        mapi=0x3A58,
        crm="childrensnames",
        length=255,
        graph="children",
        vcard="X-MS-CHILD",
        csv="Children",
        privacy=Privacy.FAMILY,
    ),
    Field(
        key="nickname",
        row="Nickname",
        label="Nickname",
        mapi=0x3A4F,
        crm="nickname",
        length=100,
        graph="nickName",
        vcard="NICKNAME",
    ),
    Field(
        key="notes",
        row="Notes",
        label="Notes",
        mapi=0x1000,
        crm="description",
        length=2000,
        graph="personalNotes",
        vcard="NOTE",
        csv="Notes",
        shape=Shape.LINES,
        privacy=Privacy.SENSITIVE,
    ),
    Field(
        key="yomi_given_name",
        row="Yomi First Name",
        label="Yomi first name",
        mapi=(PSETID_ADDRESS, 0x802C),
        crm="yomifirstname",
        length=150,
        graph="yomiGivenName",
        vcard="X-PHONETIC-FIRST-NAME",
    ),
    Field(
        key="yomi_surname",
        row="Yomi Last Name",
        label="Yomi last name",
        mapi=(PSETID_ADDRESS, 0x802D),
        crm="yomilastname",
        length=150,
        graph="yomiSurname",
        vcard="X-PHONETIC-LAST-NAME",
    ),
)

BY_KEY: dict[str, Field] = {field.key: field for field in FIELDS}
EMAIL_KEYS: tuple[str, ...] = tuple(field.key for field in FIELDS if field.shape is Shape.EMAIL)
PHONE_KEYS: tuple[str, ...] = tuple(field.key for field in FIELDS if field.shape is Shape.PHONE)
ROWS: tuple[str, ...] = tuple(dict.fromkeys(field.row for field in FIELDS))
