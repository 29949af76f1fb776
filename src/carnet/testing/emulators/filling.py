"""How does a contact as understood come to lie in an emulated mailbox of Microsoft 365?

The names stand in the one field table; what the resource has no property for becomes an extended property, as in Outlook.
"""

from __future__ import annotations

import re
from typing import Any

from carnet.model.contact import Contact
from carnet.model.field import FIELDS, MAILING, MAILING_ID, MAILING_KINDS, PSETID_ADDRESS, Field, Shape

_INDEXED = re.compile(r"(\w+)\[(\d)\]")
_EMAILS, _MOST_EMAILS = "emailAddresses", 3
_OWN = {
    "prefix": "title",
    "initials": "initials",
    "file_as": "fileAs",
    "office_location": "officeLocation",
    "profession": "profession",
    "yomi_company": "yomiCompanyName",
}
"""What no CRM field takes and the resource has all the same."""


def resource_of(contact: Contact) -> dict[str, Any]:
    """The contact by the names of Microsoft Graph; each value keeps its place in its list."""
    values: dict[str, Any] = {"categories": list(contact.categories)}
    for field in FIELDS:
        value, name = contact.get(field.key), field.graph or ""
        if not value or not name:
            continue
        if found := _INDEXED.fullmatch(name):
            listed = values.setdefault(found[1], [])
            blank = _entry("", "") if found[1] == _EMAILS else ""
            listed += [blank] * (int(found[2]) - len(listed))
            listed.append(_entry(contact.get("full_name") or value, value) if found[1] == _EMAILS else value)
        elif "." in name:
            outer, inner = name.split(".")
            values.setdefault(outer, {})[inner] = value
        elif name == "children":
            values[name] = [part.strip() for part in value.split(",")]
        else:
            values[name] = _moment(value) if field.shape is Shape.DATE else value
    if contact.more_emails or contact.unresolved:
        values[_EMAILS] = _with_more(values.get(_EMAILS, []), contact)
    values |= {name: contact.extras[key] for key, name in _OWN.items() if contact.extras.get(key)}
    return values | ({"imAddresses": [contact.extras["im_address"]]} if contact.extras.get("im_address") else {})


def extended_of(contact: Contact) -> dict[str, str]:
    """What the resource lacks, by the ids of extended properties."""
    found = {}
    for field in FIELDS:
        value = contact.get(field.key)
        if value and not field.graph and (name := _property(field)):
            found[name] = _moment(value) if field.shape is Shape.DATE else value
    marked = [number for number, kind in MAILING_KINDS.items() if kind == contact.extras.get(MAILING)]
    return found | {f"Integer {{{PSETID_ADDRESS}}} Id {MAILING_ID:#x}": str(number) for number in marked}


def _with_more(listed: list[dict[str, str]], contact: Contact) -> list[dict[str, str]]:
    """Behind the three: further addresses, and names for which Exchange knows no address."""
    blank = [_entry("", "")] * (_MOST_EMAILS - len(listed))
    more = [_entry(each, each) for each in contact.more_emails]
    return [*listed, *blank, *more, *(_entry(each, "") for each in contact.unresolved)]


def _entry(name: str, address: str) -> dict[str, str]:
    return {"name": name, "address": address}


def _property(field: Field) -> str:
    if field.mapi is None:
        return ""
    kind = "SystemTime" if field.shape is Shape.DATE else "String"
    return f"{kind} {field.mapi:#x}" if isinstance(field.mapi, int) else f"{kind} {{{field.mapi[0]}}} Id {field.mapi[1]:#x}"


def _moment(day: str) -> str:
    """Exchange keeps a day as a moment, and one without a year as of 1604."""
    return f"{day.replace('--', '1604-', 1) if day.startswith('--') else day}T11:59:00Z"
