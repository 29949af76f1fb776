"""What does a mailbox of an Exchange server hold, and what has become of it since?"""

from __future__ import annotations

import base64
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import NAMESPACE_URL, uuid5

from carnet.testing.emulators.graph_mailbox import property_id

START = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
CONTACT, LIST = "Contact", "DistributionList"
CLASS, SENSITIVITY, CATEGORIES = "IPF.Contact", "item:Sensitivity", "item:Categories"
SEARCH_KEY = "Binary 0x300b"
PHOTO = "ContactPicture.jpg"
OPENS = "Sésame 7"
"""What opens a mailbox, unless it is told."""
Value = str | tuple[str, ...]
"""A text, or the texts of a list."""


@dataclass(slots=True, kw_only=True)
class EwsItem:
    """A contact or a distribution list.

    `values` are by field URI, those of an index by "URI/index"; `extended` by the ids that Microsoft Graph gives extended
    properties. `id` is another one after every move; the search key stays. `files` are the attachments by name. The next `busy`
    times that the item is asked for, the server has no time for it.
    """

    id: str
    folder: str
    number: int
    kind: str = CONTACT
    values: dict[str, Value] = field(default_factory=dict)
    extended: dict[str, str] = field(default_factory=dict)
    members: tuple[str, ...] = ()
    files: dict[str, bytes] = field(default_factory=dict)
    arrived: int = 0
    changed: int = 0
    read_changed: int = 0
    is_read: bool = False
    is_damaged: bool = False
    busy: int = 0

    @property
    def change_key(self) -> str:
        """Another one after every change."""
        return base64.b64encode(f"EQAAABYA{self.changed:08d}".encode()).decode()

    @property
    def search_key(self) -> str:
        """What survives a move, and what a copy shares; base64."""
        return self.extended[SEARCH_KEY]

    def attachment(self, name: str) -> str:
        """The id of a file, which is another one with every id of its item."""
        return _identity(self.id, "attachment", name)


@dataclass(slots=True, kw_only=True)
class EwsPlace:
    """A folder; `known_as` is its well-known name, where it has one."""

    id: str
    name: str
    parent: str
    kind: str = CLASS
    known_as: str = ""
    hidden: bool = False
    made: int = 0


class EwsMailbox:
    """One mailbox: what a person does to it in Outlook are its methods.

    `is_listed` says whether the directory tells of it. `changed` numbers rise with every change: a sync state says up to which
    one somebody has seen.
    """

    def __init__(
        self,
        user: str,
        *,
        address: str = "",
        name: str = "",
        password: str = OPENS,
        aliases: Iterable[str] = (),
        shared_with: Iterable[str] = (),
    ) -> None:
        """An empty mailbox of that user (the account's name), with the folders that every mailbox has."""
        self.user = user
        self.address = address or f"{user}@contoso.com"
        self.name = name or user
        self.password = password
        self.aliases = tuple(aliases)
        self.shared_with = frozenset(shared_with)
        self.folders: dict[str, EwsPlace] = {}
        self.items: dict[str, EwsItem] = {}
        self.removed: list[tuple[int, str, str, int]] = []
        self.removed_folders: list[tuple[int, str]] = []
        self.categories: dict[str, str] = {}
        self.is_listed = True
        self.made = 0
        self.tick = 0
        self.generation = 0
        self.lock = threading.RLock()
        self.root = self.add_folder("Root", parent="-", kind="", known_as="root")
        self.top = self.add_folder("Top of Information Store", parent=self.root, kind="IPF", known_as="msgfolderroot")
        self.default = self.add_folder("Contacts", parent=self.top, known_as="contacts")
        self.inbox = self.add_folder("Inbox", parent=self.top, kind="IPF.Note", known_as="inbox")
        self.calendar = self.add_folder("Calendar", parent=self.top, kind="IPF.Appointment", known_as="calendar")
        self.deleted = self.add_folder("Deleted Items", parent=self.top, kind="IPF.Note", known_as="deleteditems")
        recipients = {"parent": self.default, "kind": "IPF.Contact.RecipientCache", "known_as": "recipientcache"}
        self.add_folder("Recipient Cache", hidden=True, **recipients)

    def add_folder(self, name: str, *, parent: str = "", kind: str = CLASS, known_as: str = "", hidden: bool = False) -> str:
        """A new folder, below Contacts unless `parent` says where; returns its id."""
        with self.lock:
            self.tick += 1
            self.made += 1
            identity = _identity(self.user, "folder", self.made)
            self.folders[identity] = EwsPlace(
                id=identity,
                name=name,
                parent=parent or self.default,
                kind=kind,
                known_as=known_as,
                hidden=hidden,
                made=self.tick,
            )
            return identity

    def delete_folder(self, folder: str) -> None:
        """Somebody deletes a folder for good, with all that is in it."""
        with self.lock:
            for child in [each.id for each in self.folders.values() if each.parent == folder]:
                self.delete_folder(child)
            for item in self.within(folder):
                self.delete(item.id)
            self.tick += 1
            self.removed_folders.append((self.tick, folder))
            del self.folders[folder]

    def add(
        self,
        values: Mapping[str, Value],
        *,
        folder: str = "",
        kind: str = CONTACT,
        extended: Mapping[str, str] | None = None,
        members: Iterable[str] = (),
    ) -> str:
        """A new item; returns its id."""
        with self.lock:
            self.tick += 1
            self.made += 1
            number = self.made
            key = base64.b64encode(uuid5(NAMESPACE_URL, f"{self.user}/{number}").bytes).decode()
            item = EwsItem(
                id=_identity(self.user, number, self.tick),
                folder=folder or self.default,
                number=number,
                kind=kind,
                values=dict(values),
                extended={SEARCH_KEY: key} | {property_id(name) or name: text for name, text in (extended or {}).items()},
                members=tuple(members),
                arrived=self.tick,
                changed=self.tick,
            )
            self.items[item.id] = item
            return item.id

    def add_list(self, name: str, members: Iterable[str] = (), *, folder: str = "") -> str:
        """A distribution list; it is seen here."""
        return self.add({"contacts:DisplayName": name}, folder=folder, kind=LIST, members=members)

    def edit(
        self,
        identity: str,
        values: Mapping[str, Value | None] | None = None,
        *,
        extended: Mapping[str, str | None] | None = None,
    ) -> None:
        """Somebody changes an item; None clears."""
        with self.lock:
            item = self.items[identity]
            item.values = _merged(item.values, values or {})
            named = {property_id(name) or name: text for name, text in (extended or {}).items()}
            item.extended = {name: text for name, text in {**item.extended, **named}.items() if text}
            self.tick += 1
            item.changed = self.tick

    def attach(self, identity: str, name: str, content: bytes) -> None:
        """Somebody puts a file with an item; under the name `PHOTO` it is the photo."""
        with self.lock:
            self.items[identity].files[name] = content
            self.edit(identity)

    def read(self, identity: str) -> None:
        """Somebody marks an item as read, or as unread."""
        with self.lock:
            self.tick += 1
            item = self.items[identity]
            item.is_read, item.read_changed = not item.is_read, self.tick

    def move(self, identity: str, folder: str) -> str:
        """Somebody drags an item into another folder: it has another id there."""
        with self.lock:
            item = self._leave(identity)
            item.folder, item.id = folder, _identity(self.user, item.number, self.tick)
            item.arrived = item.changed = self.tick
            self.items[item.id] = item
            return item.id

    def copy(self, identity: str, folder: str) -> str:
        """Somebody copies an item: the copy has the search key of the first."""
        with self.lock:
            item = self.items[identity]
            return self.add(item.values, folder=folder, kind=item.kind, extended=item.extended, members=item.members)

    def delete(self, identity: str) -> None:
        """Somebody deletes an item for good."""
        with self.lock:
            self._leave(identity)

    def expire(self) -> None:
        """Forget every sync state that was given out."""
        self.generation += 1

    def within(self, folder: str) -> list[EwsItem]:
        """The items of a folder, in the order of their last change."""
        found = [item for item in self.items.values() if item.folder == folder]
        return sorted(found, key=lambda item: item.changed)

    def known(self, name: str) -> EwsPlace | None:
        """The folder of that well-known name."""
        return next((each for each in self.folders.values() if each.known_as == name), None)

    def below(self, folder: str, *, deep: bool) -> list[EwsPlace]:
        """The folders below one, parents first."""
        found: list[EwsPlace] = []
        for each in [place for place in self.folders.values() if place.parent == folder]:
            found += [each, *(self.below(each.id, deep=True) if deep else ())]
        return found

    def _leave(self, identity: str) -> EwsItem:
        item = self.items.pop(identity)
        self.tick += 1
        self.removed.append((self.tick, item.folder, identity, item.arrived))
        return item


def moment(tick: int) -> str:
    """When that change was."""
    return (START + timedelta(seconds=tick)).strftime("%Y-%m-%dT%H:%M:%SZ")


def _identity(*parts: object) -> str:
    """Long, case-sensitive, with slashes and plus signs, as Exchange makes them."""
    seed = "/".join(map(str, parts))
    raw = b"\x00\x00\x01" + b"".join(uuid5(NAMESPACE_URL, f"{seed}/{each}").bytes for each in range(5))
    return base64.b64encode(raw).decode() + "AA="


def _merged(before: Mapping[str, Value], after: Mapping[str, Value | None]) -> dict[str, Value]:
    return {name: value for name, value in {**before, **after}.items() if value}
