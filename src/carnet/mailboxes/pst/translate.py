"""What contact do the decoded properties of an Outlook item describe?

Every value is checked against the type its name promises: a faulty program may have written a wrong table of names, and then
a category is a number and an e-mail address a flag. Such a value is left out and reported.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from carnet.mailboxes.pst.entry_ids import one_off
from carnet.mailboxes.pst.properties import PS_PUBLIC_STRINGS, Value, fixed, named
from carnet.model.contact import Contact
from carnet.model.field import BY_KEY, EMAIL_KEYS, FIELDS, MAILING, MAILING_ID, MAILING_KINDS, PSETID_ADDRESS, Field, Shape
from carnet.model.reading import Repair

Properties = Mapping[str, Value]


def _address(long_id: int) -> str:
    return named(PSETID_ADDRESS, long_id)


def name_of(field: Field) -> str:
    """The property name of a field of the table, "" where Outlook has none for it."""
    if field.mapi is None:
        return ""
    return fixed(field.mapi) if isinstance(field.mapi, int) else named(*field.mapi)


CATEGORIES = named(PS_PUBLIC_STRINGS, "Keywords")
_FIXED_EXTRAS = {
    "prefix": 0x3A45,
    "initials": 0x3A0A,
    "office_location": 0x3A19,
    "profession": 0x3A46,
    "hobbies": 0x3A43,
    "referred_by": 0x3A47,
    "account": 0x3A00,
    "customer_id": 0x3A4A,
    "personal_web_page": 0x3A50,
    "primary_phone": 0x3A1A,
    "car_phone": 0x3A1E,
    "radio_phone": 0x3A1D,
    "isdn": 0x3A2D,
    "telex": 0x3A2C,
    "text_phone": 0x3A4B,
    "home_fax": 0x3A25,
    "other_fax": 0x3A23,
}
_NAMED_EXTRAS = {
    "file_as": 0x8005,
    "im_address": 0x8062,
    "yomi_company": 0x802E,
    "user1": 0x804F,
    "user2": 0x8050,
    "user3": 0x8051,
    "user4": 0x8052,
}
EXTRAS: Mapping[str, str] = {
    **{key: fixed(tag) for key, tag in _FIXED_EXTRAS.items()},
    **{key: _address(long_id) for key, long_id in _NAMED_EXTRAS.items()},
}
"""What no CRM field takes: key in `Contact.extras` → property."""
_READ = tuple((field.key, name_of(field), field.shape) for field in FIELDS if field.shape is not Shape.EMAIL and name_of(field))
_LOCAL_DATES = {"birthday": _address(0x80DE), "anniversary": _address(0x80DF)}
_MAILING = _address(MAILING_ID)
_WHOLE_ADDRESSES = {"business": _address(0x801B), "home": _address(0x801A), "other": _address(0x801C)}
_ADDRESS_PARTS = ("street", "city", "state", "postcode", "country", "po_box")
_DISPLAY, _TYPE, _EMAIL, _ORIGINAL, _ENTRY = range(5)
_NO_YEAR = 1604  # Exchange and phones write it for a birthday without a year
_HALF_DAY = timedelta(hours=12)
_IN_BRACKETS = re.compile(r"\(([^()\s]+@[^()\s]+)\)\s*$")
_LOOKS_LIKE_EMAIL = re.compile(r"[^\s@<>()]+@[^\s@<>()]+")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def _email_names(number: int) -> tuple[str, ...]:
    """Display name, type, address, original display name, entry id of an e-mail field (MS-OXOCNTC 2.2.1.2)."""
    base = 0x8080 + 0x10 * (number - 1)
    return tuple(_address(base + offset) for offset in (0, 2, 3, 4, 5))


_EMAIL_NAMES = tuple((key, _email_names(number)) for number, key in enumerate(EMAIL_KEYS, 1))
WANTED: tuple[str, ...] = tuple(
    dict.fromkeys(
        [
            *filter(None, map(name_of, FIELDS)),
            *EXTRAS.values(),
            CATEGORIES,
            _MAILING,
            *_LOCAL_DATES.values(),
            *_WHOLE_ADDRESSES.values(),
            *(name for _, names in _EMAIL_NAMES for name in names),
        ]
    )
)
"""The names of every property that `contact_of` reads."""


class _Card:
    """One item being translated: its properties, and what had to be mended."""

    def __init__(self, properties: Properties, place: str) -> None:
        self.properties = properties
        self._place = place
        self.repairs: list[Repair] = []

    def report(self, code: str, detail: str = "") -> None:
        repair = Repair(place=self._place, code=code, detail=detail)
        if repair not in self.repairs:
            self.repairs.append(repair)

    def text(self, name: str, *, lines: bool = False) -> str:
        """The text of a property, without control characters; "" where it is absent or no text."""
        value = self.properties.get(name)
        if value is None:
            return ""
        if not isinstance(value, str):
            self.report("mistyped", name)
            return ""
        if value.isprintable():  # neither control characters nor ends of lines
            return value.strip() if lines else " ".join(value.split())
        text = _CONTROL.sub("", value.replace("\r\n", "\n").replace("\r", "\n"))
        return text.strip() if lines else " ".join(text.split())

    def choice(self, name: str, known: Mapping[int, str]) -> str:
        """What a number stands for, "" where it is absent or stands for nothing."""
        value = self.properties.get(name)
        return known.get(value, "") if isinstance(value, int) and not isinstance(value, bool) else ""

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of texts, each once."""
        value = self.properties.get(name)
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            self.report("mistyped", name)
            return ()
        stripped = (str(one).strip() for one in value)
        return tuple(dict.fromkeys(one for one in stripped if one))

    def moment(self, name: str) -> datetime | None:
        value = self.properties.get(name)
        if value is None:
            return None
        if not isinstance(value, dict) or "time" not in value:
            self.report("mistyped", name)
            return None
        return datetime.fromisoformat(value["time"])

    def data(self, name: str) -> bytes:
        value = self.properties.get(name)
        return bytes.fromhex(value["bytes"]) if isinstance(value, dict) and "bytes" in value else b""


def contact_of(item: Mapping[str, Any], *, place: str) -> tuple[Contact, tuple[Repair, ...]]:
    """The contact in an answer of the child ({"properties", "photo"?, "body"?, "lost"?, "broken"?}), and what was mended.

    Repair codes: "mistyped" (detail: the property), "unreadable_property" (the same), "unreadable_note", "ex_unresolved",
    "not_an_email", "address_unsplit" (detail: the field).
    """
    card = _Card(item["properties"], place)
    held = card.properties
    values = {key: _value(card, key, name=name, shape=shape) for key, name, shape in _READ if name in held or key in _LOCAL_DATES}
    unresolved = _emails(card, values)
    _whole_addresses(card, values)
    if "body" in item:
        values["notes"] = str(item["body"])
    if "lost" in item:
        card.report("unreadable_note")
    for name in item.get("broken", ()):
        card.report("unreadable_property", name)
    extras = {key: card.text(name) for key, name in EXTRAS.items() if name in held}
    extras["photo"] = item.get("photo", "")
    extras[MAILING] = card.choice(_MAILING, MAILING_KINDS)
    contact = Contact(
        values={key: values[key] for key in BY_KEY if values.get(key)},
        categories=card.texts(CATEGORIES),
        extras={key: value for key, value in extras.items() if value},
        unresolved=tuple(unresolved),
    )
    return contact, tuple(card.repairs)


def _value(card: _Card, key: str, *, name: str, shape: Shape) -> str:
    if shape is Shape.DATE:
        return _date(card, key, name)
    if key == "children":
        return ", ".join(card.texts(name))
    return card.text(name, lines=shape is Shape.LINES)


def _date(card: _Card, key: str, name: str) -> str:
    """ISO date. Outlook's own local date is exact; the other is midnight somewhere, so the nearest midnight in UTC is meant."""
    local = card.moment(_LOCAL_DATES[key])
    moment = local or card.moment(name)
    if moment is None:
        return ""
    day = (moment if local else moment + _HALF_DAY).date()
    return f"--{day:%m-%d}" if day.year == _NO_YEAR else day.isoformat()


def _emails(card: _Card, values: dict[str, str]) -> list[str]:
    """Fill the e-mail fields, and give back the addresses of type EX that stay unresolved."""
    unresolved: list[str] = []
    for key, names in _EMAIL_NAMES:
        display, kind, address, original = (card.text(name) for name in names[:_ENTRY])
        address = re.sub(r"^(mailto|smtp):", "", address, flags=re.IGNORECASE)
        if kind.upper() == "EX" or address.lower().startswith(("/o=", "/cn=")):
            values[key] = _resolved((original, display), card.data(names[_ENTRY]))
            if not values[key]:
                unresolved.append(address or display)
                card.report("ex_unresolved", key)
        elif _LOOKS_LIKE_EMAIL.fullmatch(address):
            values[key] = address
        elif address:
            unresolved.append(address)
            card.report("not_an_email", key)
    return unresolved


def _resolved(texts: tuple[str, str], entry: bytes) -> str:
    """The SMTP address that stands beside an EX address, or ""."""
    original, display = texts
    if _LOOKS_LIKE_EMAIL.fullmatch(original):
        return original
    for text in (display, original):
        if found := _IN_BRACKETS.search(text):
            return found[1]
    named_one = one_off(entry)
    return named_one[2] if named_one and _LOOKS_LIKE_EMAIL.fullmatch(named_one[2]) else ""


def _whole_addresses(card: _Card, values: dict[str, str]) -> None:
    """Where an address is there in one piece only, it goes into the street, so that it is not lost."""
    for prefix, name in _WHOLE_ADDRESSES.items():
        whole = card.text(name, lines=True)
        if whole and not any(values.get(f"{prefix}_{part}") for part in _ADDRESS_PARTS):
            values[f"{prefix}_street"] = whole
            card.report("address_unsplit", f"{prefix}_street")
