"""What contact is this resource of Microsoft Graph, and what resource is this contact?

The names stand in the one field table: `Field.graph`, and where the resource has no property, the MAPI property.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from carnet.model.contact import Contact
from carnet.model.field import BY_KEY, EMAIL_KEYS, FIELDS, MAILING, MAILING_ID, MAILING_KINDS, PSETID_ADDRESS, Field, Shape
from carnet.model.reading import HeldBackReason

Json = Mapping[str, Any]
PSETID_COMMON = "00062008-0000-0000-c000-000000000046"
PS_PUBLIC_STRINGS = "00020329-0000-0000-c000-000000000046"
SENSITIVITY = "Integer 0x36"
PRIVATE = f"Boolean {{{PSETID_COMMON}}} Id 0x8506"
MAILING_NUMBER = f"Integer {{{PSETID_ADDRESS}}} Id {MAILING_ID:#x}"
OPERATION = f"String {{{PS_PUBLIC_STRINGS}}} Name carnetOperation"
MICROSOFT = {
    "crm_state": f"Integer {{{PS_PUBLIC_STRINGS}}} Name crmLinkState",
    "crm_id": f"String {{{PS_PUBLIC_STRINGS}}} Name crmid",
    "crm_org": f"String {{{PS_PUBLIC_STRINGS}}} Name crmorgid",
}
"""What Microsoft's own app writes on a contact that it tracks."""
_SENSITIVITIES = {"1": HeldBackReason.PERSONAL, "2": HeldBackReason.PRIVATE, "3": HeldBackReason.CONFIDENTIAL}
_EXTRAS = {
    "prefix": "title",
    "initials": "initials",
    "file_as": "fileAs",
    "office_location": "officeLocation",
    "profession": "profession",
    "yomi_company": "yomiCompanyName",
}
_EXTENDED = "singleValueExtendedProperties"
_EMAILS = "emailAddresses"
_SLOTS = ("primaryEmailAddress", "secondaryEmailAddress", "tertiaryEmailAddress")
"""The first three by name: `emailAddresses` closes up where one of them is empty, and so cannot say which one it is."""
_PHONES = {"businessPhones": ("String 0x3a08", "String 0x3a1b"), "homePhones": ("String 0x3a09", "String 0x3a2f")}
"""The first and second number by the properties of Outlook: the lists, too, close up where the first is empty."""
_NO_YEAR = "1604"
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_INDEXED = re.compile(r"(\w+)\[(\d)\]")


def extended_id(field: Field) -> str:
    """The id of the extended property of a field that the resource lacks, "" for others."""
    if field.graph or field.mapi is None:
        return ""
    kind = "SystemTime" if field.shape is Shape.DATE else "String"
    if isinstance(field.mapi, int):
        return f"{kind} {field.mapi:#x}"
    return f"{kind} {{{field.mapi[0]}}} Id {field.mapi[1]:#x}"


EXTENDED: Mapping[str, str] = {field.key: extended_id(field) for field in FIELDS if extended_id(field)}
"""Field key → extended property, for what the resource lacks."""
_ASKED = (
    *EXTENDED.values(),
    *(second for _, second in _PHONES.values()),
    MAILING_NUMBER,
    SENSITIVITY,
    PRIVATE,
    *MICROSOFT.values(),
)
EXPAND = f"{_EXTENDED}($filter=" + " or ".join(f"id eq '{name}'" for name in _ASKED) + ")"


def contact_of(resource: Json) -> Contact:
    """The contact that a resource describes."""
    told = extended_of(resource)
    values = {field.key: text for field in FIELDS if (text := _value(field, resource, told))}
    extras = {key: text for key, name in _EXTRAS.items() if (text := _text(resource.get(name)))}
    if im := next((text for each in resource.get("imAddresses") or () if (text := _text(each))), ""):
        extras["im_address"] = im
    extras |= {key: text for key, name in MICROSOFT.items() if (text := _text(told.get(name.casefold())))}
    number = told.get(MAILING_NUMBER.casefold(), "")
    extras |= {MAILING: MAILING_KINDS[int(number)]} if number.isdecimal() and int(number) in MAILING_KINDS else {}
    addresses = [*_slots(resource), *(resource.get(_EMAILS) or ())[len(_filled(resource)) :]]
    return Contact(
        values=values,
        categories=tuple(dict.fromkeys(text for each in resource.get("categories") or () if (text := _text(each)))),
        extras=extras,
        more_emails=tuple(text for each in addresses[len(_SLOTS) :] if (text := _address(each))),
        unresolved=tuple(_text(each.get("name")) for each in addresses if each and not _address(each) and each.get("name")),
    )


def held_back(resource: Json) -> HeldBackReason | None:
    """Why the contact must not leave the mailbox; None where it may."""
    told = extended_of(resource)
    if told.get(PRIVATE.casefold(), "").lower() in {"true", "1"}:
        return HeldBackReason.PRIVATE
    return _SENSITIVITIES.get(told.get(SENSITIVITY.casefold(), "0"))


def extended_of(resource: Json) -> dict[str, str]:
    """The extended properties by their id, in lower case: the service writes the ids in its own way."""
    return {str(each.get("id", "")).casefold(): str(each.get("value", "")) for each in resource.get(_EXTENDED) or ()}


def resource_of(values: Mapping[str, str | None], before: Json, *, categories: Sequence[str] | None = None) -> dict[str, Any]:
    """What to send so that the resource says `values` (None clears); what shares a list or an address with them is kept.

    `before` is the resource with what `EXPAND` asks for. `displayName` goes along, since the service makes it anew otherwise.
    """
    sent: dict[str, Any] = {}
    extended: list[dict[str, str]] = []
    emails = {EMAIL_KEYS.index(key): value for key, value in values.items() if key in EMAIL_KEYS}
    phones: dict[str, dict[int, str | None]] = {}
    for key, value in values.items():
        field = BY_KEY[key]
        if key in EMAIL_KEYS:
            continue
        if found := _INDEXED.fullmatch(field.graph or ""):
            phones.setdefault(found[1], {})[int(found[2])] = value
        elif field.key in EXTENDED:
            text = f"{value}T00:00:00Z" if field.shape is Shape.DATE and value else value or ""
            extended.append({"id": EXTENDED[key], "value": text})
        elif field.graph:
            _put(sent, field, value, before=before)
    if categories is not None:
        sent["categories"] = list(categories)
    sent |= _emails_of(emails, before) if emails else {}
    for name, numbers in phones.items():
        listed, by_place = _phones_of(name, numbers, before)
        sent |= listed
        extended += by_place
    if "displayName" not in sent and (shown := before.get("displayName")):
        sent["displayName"] = shown
    return sent | ({_EXTENDED: extended} if extended else {})


def _emails_of(emails: Mapping[int, str | None], before: Json) -> dict[str, Any]:
    """The whole list, which replaces the one that is there; by name where one before a filled one is empty."""
    slots = _slots(before)
    for place, value in emails.items():
        slots[place] = {"address": value, "name": value} if value else None
    filled = [each for each in slots if each]
    if slots[: len(filled)] != filled:
        return dict(zip(_SLOTS, slots, strict=True))
    return {_EMAILS: [*filled, *(before.get(_EMAILS) or ())[len(_filled(before)) :]]}


def _phones_of(name: str, numbers: Mapping[int, str | None], before: Json) -> tuple[dict[str, list[str]], list[dict[str, str]]]:
    """The whole list, which replaces the one that is there; the second number alone by its property, beside no list."""
    first, second = _phones(name, before, extended_of(before))
    had = first
    first, second = numbers.get(0, first) or "", numbers.get(1, second) or ""
    if first or not second:
        return {name: [each for each in (first, second) if each]}, []
    cleared = [{"id": _PHONES[name][0], "value": ""}] if had else []
    return {}, [*cleared, {"id": _PHONES[name][1], "value": second}]


def _phones(name: str, resource: Json, told: Mapping[str, str]) -> tuple[str, str]:
    """The first and the second number; one alone is the second where its property says so."""
    listed = [_text(each) for each in resource.get(name) or ()]
    first, second = [*listed, "", ""][:2]
    if first and not second and first == _text(told.get(_PHONES[name][1].casefold())):
        return "", first
    return first, second


def _slots(resource: Json) -> list[Any]:
    """The first, second and third address, None where there is none; by place where the service does not name them."""
    if any(name in resource for name in _SLOTS):
        return [resource.get(name) or None for name in _SLOTS]
    return [*(resource.get(_EMAILS) or ())[: len(_SLOTS)], None, None, None][: len(_SLOTS)]


def _filled(resource: Json) -> list[Any]:
    return [each for each in _slots(resource) if each]


def _put(sent: dict[str, Any], field: Field, value: str | None, *, before: Json) -> None:
    name = field.graph or ""
    if "." in name:
        outer, inner = name.split(".")
        sent.setdefault(outer, dict(before.get(outer) or {}))[inner] = value
    elif name == "children":
        sent[name] = [part.strip() for part in (value or "").split(",") if part.strip()]
    elif field.shape is Shape.DATE:
        sent[name] = f"{value}T11:59:00Z" if value and not value.startswith("--") else None
    else:
        sent[name] = value


def _value(field: Field, resource: Json, told: Mapping[str, str]) -> str:
    if field.key in EMAIL_KEYS:
        return _address(_slots(resource)[EMAIL_KEYS.index(field.key)])
    return _of_property(field, resource, told)


def _of_property(field: Field, resource: Json, told: Mapping[str, str]) -> str:
    name = field.graph or ""
    if not name:
        text = told.get(EXTENDED.get(field.key, "").casefold(), "")
        return _date(text) if field.shape is Shape.DATE else _text(text, lines=field.shape is Shape.LINES)
    if found := _INDEXED.fullmatch(name):
        return _phones(found[1], resource, told)[int(found[2])]
    if "." in name:
        outer, inner = name.split(".")
        return _text((resource.get(outer) or {}).get(inner), lines=field.shape is Shape.LINES)
    if name == "children":
        return ", ".join(text for each in resource.get(name) or () if (text := _text(each)))
    if field.shape is Shape.DATE:
        return _date(_text(resource.get(name)))
    return _text(resource.get(name), lines=field.shape is Shape.LINES)


def _address(each: object) -> str:
    """The SMTP address of an entry; one that Exchange could not parse has a name only."""
    text = _text(each.get("address")) if isinstance(each, Mapping) else ""
    return text if "@" in text else ""


def _date(text: str) -> str:
    """The day of a moment: the hour is the service's own."""
    day = text[:10]
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", day) or day.startswith("4501"):
        return ""
    return f"--{day[5:]}" if day.startswith(_NO_YEAR) else day


def _text(value: object, *, lines: bool = False) -> str:
    if not isinstance(value, str):
        return ""
    text = _CONTROL.sub("", value.replace("\r\n", "\n").replace("\r", "\n"))
    return text.strip() if lines else " ".join(text.split())
