"""What does a mailbox of Microsoft 365 hold, and what has become of it since?"""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from carnet.testing.emulators.server import Anything

START = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
COLLECTIONS = ("emailAddresses", "businessPhones", "homePhones", "imAddresses", "children", "categories")
TEXTS = (
    "displayName",
    "givenName",
    "middleName",
    "surname",
    "initials",
    "nickName",
    "title",
    "generation",
    "fileAs",
    "companyName",
    "department",
    "jobTitle",
    "profession",
    "manager",
    "assistantName",
    "officeLocation",
    "businessHomePage",
    "personalNotes",
    "spouseName",
    "mobilePhone",
    "yomiGivenName",
    "yomiSurname",
    "yomiCompanyName",
    "birthday",
)
ADDRESSES = ("businessAddress", "homeAddress", "otherAddress")
NAMED_EMAILS = ("primaryEmailAddress", "secondaryEmailAddress", "tertiaryEmailAddress")
"""The three of `emailAddresses`, by name: a slot may be empty before a filled one, where the list closes up."""
PHONES = {
    "String 0x3a08": ("businessPhones", 0),
    "String 0x3a1b": ("businessPhones", 1),
    "String 0x3a09": ("homePhones", 0),
    "String 0x3a2f": ("homePhones", 1),
}
"""The slots of both lists by the properties that Outlook has for them: the list closes up where its first slot is empty."""
LIMITS = {"emailAddresses": 3, "businessPhones": 2, "homePhones": 2}
"""An Exchange contact has so many slots."""


@dataclass(slots=True, kw_only=True)
class Item:
    """A contact, or a distribution list, which counts and never appears."""

    id: str
    folder: str
    number: int
    values: dict[str, Any] = field(default_factory=dict)
    extended: dict[str, str] = field(default_factory=dict)
    changed: int = 0
    is_list: bool = False
    photo: bytes = b""

    @property
    def change_key(self) -> str:
        """Another one after every change."""
        return f"ck{self.changed:08d}"

    @property
    def passing_id(self) -> str:
        """The id without `IdType="ImmutableId"`: another one in another folder."""
        return passing_id(self.id, self.folder)


@dataclass(slots=True, kw_only=True)
class Place:
    """A folder of contacts."""

    id: str
    name: str
    parent: str
    hidden: bool = False


class GraphMailbox:
    """One mailbox: what a person does to it in Outlook are its methods.

    `changed` numbers rise with every change: a delta token says up to which one somebody has seen.
    """

    def __init__(
        self, user: str, *, address: str = "", name: str = "", aliases: tuple[str, ...] = (), shared_with: tuple[str, ...] = ()
    ) -> None:
        """An empty mailbox of that user (its id), with the folder Contacts."""
        self.user = user
        self.address = address or f"{user}@contoso.com"
        self.name = name or user
        self.aliases = aliases
        self.shared_with = shared_with
        self.root = f"root-{user}"
        self.default = f"contacts-{user}"
        self.folders: dict[str, Place] = {self.default: Place(id=self.default, name="Contacts", parent=self.root)}
        self.items: dict[str, Item] = {}
        self.removed: dict[tuple[str, str], int] = {}
        self.categories: dict[str, str] = {}
        self.tick = 0
        self.generation = 0
        self.lock = threading.RLock()

    def add_folder(self, name: str, *, parent: str = "", hidden: bool = False) -> str:
        """A new folder; returns its id."""
        with self.lock:
            identity = f"folder-{len(self.folders)}-{self.user}"
            self.folders[identity] = Place(id=identity, name=name, parent=parent or self.default, hidden=hidden)
            return identity

    def add_contact(
        self, folder: str = "", *, extended: Mapping[str, str] | None = None, is_list: bool = False, **values: Anything
    ) -> str:
        """A new contact, by the names of Microsoft Graph; `extended` maps property ids to text. Returns its immutable id."""
        with self.lock:
            number = len(self.items) + len(self.removed) + 1
            identity = f"AAkALg{uuid5(NAMESPACE_URL, f'{self.user}/{number}').hex}="
            item = Item(id=identity, folder=folder or self.default, number=number, is_list=is_list)
            item.values = dict(values)
            item.extended = _by_id(extended)
            if not item.values.get("displayName"):
                item.values["displayName"] = display_name(item.values)
            self.items[identity] = item
            self._touch(item)
            return identity

    def add_list(self, name: str, folder: str = "") -> str:
        """A distribution list."""
        return self.add_contact(folder, is_list=True, displayName=name)

    def edit(self, identity: str, *, extended: Mapping[str, str] | None = None, **values: Anything) -> None:
        """Somebody changes a contact."""
        with self.lock:
            item = self.items[identity]
            item.values |= values
            item.extended |= _by_id(extended)
            if "displayName" not in values and (item.values.get("givenName") or item.values.get("surname")):
                item.values["displayName"] = display_name(item.values)
            self._touch(item)

    def delete_folder(self, folder: str) -> None:
        """Somebody deletes a folder, with all that is in it."""
        with self.lock:
            for child in [each.id for each in self.folders.values() if each.parent == folder]:
                self.delete_folder(child)
            for item in [each for each in self.items.values() if each.folder == folder]:
                self.delete(item.id)
            del self.folders[folder]

    def move(self, identity: str, folder: str) -> None:
        """Somebody drags a contact into another folder."""
        with self.lock:
            item = self.items[identity]
            before = item.folder
            item.folder = folder
            self._touch(item)
            self.removed[before, identity] = self.tick
            self.removed.pop((folder, identity), None)

    def delete(self, identity: str) -> None:
        """Somebody deletes a contact."""
        with self.lock:
            item = self.items.pop(identity)
            self.tick += 1
            self.removed[item.folder, identity] = self.tick

    def expire(self) -> None:
        """Forget every token that was given out."""
        self.generation += 1

    def find(self, identity: str) -> Item | None:
        """The contact of either id."""
        found = self.items.get(identity)
        return found or next((item for item in self.items.values() if item.passing_id == identity), None)

    def former_id(self, identity: str, folder: str, *, immutable: bool) -> str:
        """The id under which a contact was known in a folder that it has left."""
        return identity if immutable else passing_id(identity, folder)

    def visible(self, folder: str) -> list[Item]:
        """The contacts of a folder in the order they were made; distribution lists do not appear."""
        return [item for item in self.items.values() if item.folder == folder and not item.is_list]

    def counted(self, folder: str) -> int:
        """What `$count` says: distribution lists count."""
        return sum(item.folder == folder for item in self.items.values())

    def _touch(self, item: Item) -> None:
        self.tick += 1
        item.changed = self.tick


def passing_id(identity: str, folder: str) -> str:
    """The id that a contact has in a folder, and loses with it."""
    return f"AAM{uuid5(NAMESPACE_URL, identity + folder).hex}="


def display_name(values: Mapping[str, Any]) -> str:
    """What Outlook makes of the parts of a name."""
    parts = [str(values.get(name) or "") for name in ("givenName", "surname")]
    return " ".join(filter(None, parts)) or str(values.get("companyName") or "")


def moment(tick: int) -> str:
    """When that change was."""
    return (START + timedelta(seconds=tick)).strftime("%Y-%m-%dT%H:%M:%SZ")


def resource(item: Item, *, immutable: bool) -> dict[str, Any]:
    """The contact as the service shows it: every property, empty ones too."""
    shown: dict[str, Any] = {
        "@odata.etag": f'W/"{item.change_key}"',
        "id": item.id if immutable else item.passing_id,
        "changeKey": item.change_key,
        "createdDateTime": moment(item.number),
        "lastModifiedDateTime": moment(item.changed),
        "parentFolderId": item.folder,
    }
    shown |= {name: item.values.get(name) or [] for name in COLLECTIONS}
    shown |= {name: item.values.get(name) for name in TEXTS}
    shown |= {name: item.values.get(name) or {} for name in ADDRESSES}
    emails = item.values.get("emailAddresses") or []
    shown |= {name: [each for each in shown[name] if each] for name in ("emailAddresses", "businessPhones", "homePhones")}
    shown |= {name: emails[place] or None if place < len(emails) else None for place, name in enumerate(NAMED_EMAILS)}
    return shown


def told_by(item: Item, key: str) -> str:
    """What the extended property of that id says, "" where there is none: the numbers of the lists have one each."""
    if key not in PHONES:
        return item.extended.get(key, "")
    name, place = PHONES[key]
    listed = item.values.get(name) or []
    return listed[place] if place < len(listed) else ""


def property_id(text: str) -> str:
    """The id of an extended property in the one way that the service writes it, "" where it is none.

    `Integer 0x0036` and `Integer 0x36` are one; a name keeps its case.
    """
    kind = r"(String|Integer|Short|Boolean|SystemTime|Long|Double|CLSID|Binary)"
    if found := re.fullmatch(rf"{kind} 0x([0-9a-fA-F]{{1,8}})", text):
        return f"{found[1]} {int(found[2], 16):#x}"
    if found := re.fullmatch(rf"{kind} (\{{[0-9a-fA-F-]{{36}}\}}) Id 0x([0-9a-fA-F]{{1,8}})", text):
        return f"{found[1]} {found[2].lower()} Id {int(found[3], 16):#x}"
    if found := re.fullmatch(rf"{kind} (\{{[0-9a-fA-F-]{{36}}\}}) Name (.+)", text):
        return f"{found[1]} {found[2].lower()} Name {found[3]}"
    return ""


def _by_id(extended: Mapping[str, str] | None) -> dict[str, str]:
    return {property_id(name) or name: value for name, value in (extended or {}).items()}
