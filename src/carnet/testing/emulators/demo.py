"""What does the mailbox of the demonstration look like on Microsoft 365?"""

from __future__ import annotations

import re
from typing import Any

from carnet.model.field import FIELDS, Field, Shape
from carnet.testing.demo_mailbox import LISTS, demo_cards
from carnet.testing.demo_people import CLIENTS, CONTACTS, FAIR, SUPPLIERS, TO_SORT
from carnet.testing.emulators.graph_mailbox import LIMITS, GraphMailbox
from carnet.testing.pst.cards import Card

USER, ADDRESS = "sample", "sample@contoso.com"
_COLOURS = {"Client": "preset4", "VIP": "preset0", "Presse": "preset7", "Newsletter": "preset3"}
_INDEXED = re.compile(r"(\w+)\[(\d)\]")


def demo_outlook() -> GraphMailbox:
    """About 400 people in five folders, private ones and contact groups: the same ones, under the same ids, every time."""
    mailbox = GraphMailbox(USER, address=ADDRESS, name="Sample user")
    clients = mailbox.add_folder(CLIENTS)
    folders = {
        CONTACTS: mailbox.default,
        CLIENTS: clients,
        SUPPLIERS: mailbox.add_folder(SUPPLIERS),
        FAIR: mailbox.add_folder(FAIR, parent=clients),
        TO_SORT: mailbox.add_folder(TO_SORT),
    }
    for folder, card in demo_cards():
        mailbox.add_contact(folders[folder], extended=extended_of(card), **resource_of(card))
    for folder, name in LISTS:
        mailbox.add_list(name, folders[folder])
    mailbox.categories = dict(_COLOURS)
    return mailbox


def resource_of(card: Card) -> dict[str, Any]:
    """The card by the names of Microsoft Graph."""
    values: dict[str, Any] = {"categories": list(card.categories)}
    for field in FIELDS:
        value, name = card.values.get(field.key, ""), field.graph or ""
        if not value or not name:
            continue
        if found := _INDEXED.fullmatch(name):
            listed = values.setdefault(found[1], [])
            if len(listed) < LIMITS[found[1]]:
                listed.append({"name": card.values.get("full_name", value), "address": value} if "mail" in found[1] else value)
        elif "." in name:
            outer, inner = name.split(".")
            values.setdefault(outer, {})[inner] = value
        elif name == "children":
            values[name] = [part.strip() for part in value.split(",")]
        else:
            values[name] = _moment(value) if field.shape is Shape.DATE else value
    return values


def extended_of(card: Card) -> dict[str, str]:
    """What the resource lacks, as extended properties."""
    found = {_property(field): card.values[field.key] for field in FIELDS if not field.graph and field.key in card.values}
    if sensitivity := card.sensitivity or (2 if card.private else 0):
        found["Integer 0x36"] = str(sensitivity)
    return {name: value for name, value in found.items() if name}


def _property(field: Field) -> str:
    if field.mapi is None:
        return ""
    kind = "SystemTime" if field.shape is Shape.DATE else "String"
    return f"{kind} {field.mapi:#x}" if isinstance(field.mapi, int) else f"{kind} {{{field.mapi[0]}}} Id {field.mapi[1]:#x}"


def _moment(day: str) -> str:
    """Exchange keeps a day as a moment, and one without a year as of 1604."""
    return f"{day.replace('--', '1604-', 1) if day.startswith('--') else day}T11:59:00Z"
