"""What contact do the properties of an Exchange item describe, and which properties say a contact?"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from carnet.mailboxes.ews.paths import BODY, CATEGORIES, CHILDREN, TEXT_BODY, UNPARSED, Value
from carnet.model.contact import Contact
from carnet.model.field import BY_KEY, EMAIL_KEYS, FIELDS, MAILING, MAILING_KINDS, PSETID_ADDRESS, Field, Shape
from carnet.model.reading import HeldBackReason

PSETID_COMMON = "00062008-0000-0000-c000-000000000046"
PS_PUBLIC_STRINGS = "00020329-0000-0000-c000-000000000046"
SENSITIVITY = "item:Sensitivity"
MAILING_INDEX = "contacts:PostalAddressIndex"
PRIVATE = f"Boolean {{{PSETID_COMMON}}} Id 0x8506"
SEARCH_KEY = "Binary 0x300b"
OPERATION = f"String {{{PS_PUBLIC_STRINGS}}} Name carnetOperation"
MICROSOFT = {
    "crm_state": f"Integer {{{PS_PUBLIC_STRINGS}}} Name crmLinkState",
    "crm_id": f"String {{{PS_PUBLIC_STRINGS}}} Name crmid",
    "crm_org": f"String {{{PS_PUBLIC_STRINGS}}} Name crmorgid",
}
"""What Microsoft's own app writes on a contact that it tracks."""
_SENSITIVITIES = {
    "Personal": HeldBackReason.PERSONAL,
    "Private": HeldBackReason.PRIVATE,
    "Confidential": HeldBackReason.CONFIDENTIAL,
}
_LOCAL_DATES = {
    "birthday": f"SystemTime {{{PSETID_ADDRESS}}} Id 0x80de",
    "anniversary": f"SystemTime {{{PSETID_ADDRESS}}} Id 0x80df",
}
_EXTRAS = {
    "prefix": "String 0x3a45",
    "initials": "contacts:Initials",
    "file_as": "contacts:FileAs",
    "office_location": "contacts:OfficeLocation",
    "profession": "contacts:Profession",
    "yomi_company": f"String {{{PSETID_ADDRESS}}} Id 0x802e",
    "im_address": "contacts:ImAddress/ImAddress1",
    "home_fax": "contacts:PhoneNumber/HomeFax",
    "other_fax": "contacts:PhoneNumber/OtherFax",
    "primary_phone": "contacts:PhoneNumber/PrimaryPhone",
    "car_phone": "contacts:PhoneNumber/CarPhone",
    "radio_phone": "contacts:PhoneNumber/RadioPhone",
    "isdn": "contacts:PhoneNumber/Isdn",
    "telex": "contacts:PhoneNumber/Telex",
    "text_phone": "contacts:PhoneNumber/TtyTddPhone",
}
_OWN = {
    "full_name": "contacts:DisplayName",
    "given_name": "contacts:GivenName",
    "middle_name": "contacts:MiddleName",
    "surname": "contacts:Surname",
    "suffix": "contacts:Generation",
    "company": "contacts:CompanyName",
    "job_title": "contacts:JobTitle",
    "department": "contacts:Department",
    "business_phone": "contacts:PhoneNumber/BusinessPhone",
    "business_phone2": "contacts:PhoneNumber/BusinessPhone2",
    "home_phone": "contacts:PhoneNumber/HomePhone",
    "home_phone2": "contacts:PhoneNumber/HomePhone2",
    "mobile_phone": "contacts:PhoneNumber/MobilePhone",
    "other_phone": "contacts:PhoneNumber/OtherTelephone",
    "company_phone": "contacts:PhoneNumber/CompanyMainPhone",
    "callback": "contacts:PhoneNumber/Callback",
    "pager": "contacts:PhoneNumber/Pager",
    "business_fax": "contacts:PhoneNumber/BusinessFax",
    "assistant_name": "contacts:AssistantName",
    "assistant_phone": "contacts:PhoneNumber/AssistantPhone",
    "manager_name": "contacts:Manager",
    "web_page": "contacts:BusinessHomePage",
    "birthday": "contacts:Birthday",
    "anniversary": "contacts:WeddingAnniversary",
    "spouse": "contacts:SpouseName",
    "children": CHILDREN,
    "nickname": "contacts:Nickname",
    "notes": BODY,
    **{key: f"contacts:EmailAddress/EmailAddress{number}" for number, key in enumerate(EMAIL_KEYS, start=1)},
}
_ADDRESS_PARTS = {"street": "Street", "city": "City", "state": "State", "postcode": "PostalCode", "country": "CountryOrRegion"}
_NAME = ("given_name", "middle_name", "surname", "suffix")
_HALF_DAY = timedelta(hours=12)
_NO_YEAR = "1604"
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def path_of(field: Field) -> str:
    """The path of a field of the table: a property of Exchange's own contact, else the MAPI property; "" where there is none."""
    if field.key in _OWN:
        return _OWN[field.key]
    kind, _, part = field.key.partition("_")
    if part in _ADDRESS_PARTS and kind in {"business", "home", "other"}:
        return f"contacts:PhysicalAddress:{_ADDRESS_PARTS[part]}/{kind.capitalize()}"
    if field.mapi is None:
        return ""
    of = "SystemTime" if field.shape is Shape.DATE else "String"
    return f"{of} {field.mapi:#x}" if isinstance(field.mapi, int) else f"{of} {{{field.mapi[0]}}} Id {field.mapi[1]:#x}"


PATHS: Mapping[str, str] = {field.key: path for field in FIELDS if (path := path_of(field))}
"""Field key → path."""
KEYS = (SEARCH_KEY, SENSITIVITY, PRIVATE)
"""What names an item and says whether it may be read."""
ASKED = (
    *KEYS,
    CATEGORIES,
    MAILING_INDEX,
    *(TEXT_BODY if path == BODY else path for path in PATHS.values()),
    *_LOCAL_DATES.values(),
    *_EXTRAS.values(),
    *MICROSOFT.values(),
)
"""What to ask for of a contact."""


def held_back(values: Mapping[str, Value]) -> HeldBackReason | None:
    """Why the item must not leave the mailbox; None where it may."""
    if str(values.get(PRIVATE, "")).lower() in {"true", "1"}:
        return HeldBackReason.PRIVATE
    said = str(values.get(SENSITIVITY) or "Normal")
    return None if said == "Normal" else _SENSITIVITIES.get(said, HeldBackReason.PRIVATE)


def contact_of(values: Mapping[str, Value]) -> Contact:
    """The contact that those properties describe."""
    found = {field.key: text for field in FIELDS if (text := _value(field, values))}
    extras = {key: text for key, path in {**_EXTRAS, **MICROSOFT}.items() if (text := _text(values.get(path)))}
    marked = _text(values.get(MAILING_INDEX)).lower()
    extras |= {MAILING: marked} if marked in MAILING_KINDS.values() else {}
    listed = values.get(CATEGORIES, ())
    categories = dict.fromkeys(text for each in ((listed,) if isinstance(listed, str) else listed) if (text := _text(each)))
    emails = [_text(values.get(f"{PATHS[key]}{UNPARSED}")) for key in EMAIL_KEYS]
    odd = [text for key in EMAIL_KEYS if (text := _text(values.get(PATHS[key]))) and "@" not in text]
    return Contact(
        values=found, categories=tuple(categories), extras=extras, unresolved=tuple(text for text in (*emails, *odd) if text)
    )


def values_of(
    wanted: Mapping[str, str | None], *, before: Contact | None = None, categories: Sequence[str] | None = None
) -> dict[str, Value | None]:
    """The properties that say `wanted` (None clears), by path.

    The name shown goes along where it was made of the parts of a name that change, for the server does not make it anew.
    """
    said: dict[str, Value | None] = {PATHS[key]: _written(BY_KEY[key], value) for key, value in wanted.items() if key in PATHS}
    for key in _LOCAL_DATES.keys() & wanted.keys():
        value = wanted[key]
        said[_LOCAL_DATES[key]] = f"{_day(value)}T00:00:00Z" if value else None
    if "full_name" not in wanted and (shown := _shown(wanted, before)):
        said[PATHS["full_name"]] = shown
    if categories is not None:
        said[CATEGORIES] = tuple(categories)
    return said


def _shown(wanted: Mapping[str, str | None], before: Contact | None) -> str:
    """The name to show after a change, "" where it stays as it is."""
    old = dict(before.values) if before else {}
    new = _whole({**old, **wanted})
    if before and (before.get("full_name") not in {"", _whole(old)} or new == before.get("full_name")):
        return ""
    return new


def _whole(values: Mapping[str, str | None]) -> str:
    parts = " ".join(filter(None, (values.get(key) for key in _NAME)))
    return parts or values.get("company") or values.get("email1") or ""


def _written(field: Field, value: str | None) -> Value | None:
    if not value:
        return None
    if field.key == "children":
        return tuple(text for part in value.split(",") if (text := part.strip()))
    return f"{_day(value)}T11:59:00Z" if field.shape is Shape.DATE else value


def _day(value: str) -> str:
    return value.replace("--", f"{_NO_YEAR}-", 1) if value.startswith("--") else value


def _value(field: Field, values: Mapping[str, Value]) -> str:
    path = PATHS.get(field.key, "")
    if field.shape is Shape.DATE:
        local = _moment(values.get(_LOCAL_DATES.get(field.key, "")))
        return _date(local) or _date(_moment(values.get(path)), later=_HALF_DAY)
    said = values.get(TEXT_BODY if path == BODY else path)
    if isinstance(said, tuple):
        return ", ".join(text for each in said if (text := _text(each)))
    text = _text(said, lines=field.shape is Shape.LINES)
    return "" if field.shape is Shape.EMAIL and "@" not in text else text


def _moment(said: object) -> datetime | None:
    try:
        return datetime.fromisoformat(str(said)) if said else None
    except ValueError:
        return None


def _date(moment: datetime | None, *, later: timedelta = timedelta()) -> str:
    """The day of a moment. A local one is exact; the other is midnight somewhere, so that the nearest midnight is meant."""
    if moment is None or moment.year >= _NEVER:
        return ""
    day = (moment + later).date().isoformat()
    return f"--{day[5:]}" if day.startswith(_NO_YEAR) else day


_NEVER = 4500
"""Outlook writes the year 4501 for "no date"."""


def _text(value: object, *, lines: bool = False) -> str:
    if not isinstance(value, str):
        return ""
    text = _CONTROL.sub("", value.replace("\r\n", "\n").replace("\r", "\n"))
    return text.strip() if lines else " ".join(text.split())
