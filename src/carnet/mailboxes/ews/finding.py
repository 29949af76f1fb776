"""Which item of Exchange is a record now, wherever it was moved since it was read?"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

from carnet.mailboxes.ews import asking
from carnet.mailboxes.ews.client import EwsClient
from carnet.mailboxes.ews.node import Node
from carnet.mailboxes.ews.paths import said_by
from carnet.mailboxes.ews.reading import CONTACT, Reader
from carnet.mailboxes.ews.translate import SEARCH_KEY

TOGETHER = 50
T = TypeVar("T")
Found = tuple[str, Node]
"""An item's id, and the item."""


class Finder:
    """Finds items of one mailbox; `folders` are those in which its contacts lie."""

    def __init__(self, client: EwsClient, reader: Reader, folders: Callable[[], Sequence[str]]) -> None:
        """Look through that client."""
        self._client = client
        self._reader = reader
        self._folders = folders

    def present(self, records: Mapping[int, tuple[str, str]], paths: Sequence[str]) -> dict[int, Found]:
        """The items of those records, (id, version or ""), with those properties, by the number each was asked for under.

        A version names the item that it was; one that was moved is looked for by its search key.
        """
        hints = {number: version.partition(":")[0] for number, (_, version) in records.items()}
        found = self.read({number: hint for number, hint in hints.items() if hint}, paths)
        keys = {number: _search_key(record) for number, (record, _) in records.items() if number not in found}
        moved: dict[int, str] = {}
        for chunk in chunks([key for key in keys.values() if key], TOGETHER):
            for identity, item in self.holding(SEARCH_KEY, chunk, self._folders()):
                key = str(said_by(item).get(SEARCH_KEY, ""))
                for number in keys:
                    if number not in moved and self._reader.names.may_be(identity, key, record=records[number][0]):
                        moved[number] = identity
        return found | self.read(moved, paths)

    def read(self, items: Mapping[int, str], paths: Sequence[str]) -> dict[int, Found]:
        """The items of those ids that are there, by number."""
        numbers: dict[str, list[int]] = {}
        for number, identity in items.items():
            numbers.setdefault(identity, []).append(number)
        found: dict[int, Found] = {}
        for identity, message in self._reader.read(list(numbers), paths):
            if item := message.node.find("m:Items", CONTACT):
                found |= dict.fromkeys(numbers[identity], (identity, item))
        return found

    def holding(self, path: str, values: Sequence[str], folders: Sequence[str]) -> list[Found]:
        """The contacts of those folders whose property has one of those values, with it and their search key."""
        told = self._client.ask(asking.holding(path, values, folders=folders, paths=(path, SEARCH_KEY)))
        rows = [each for message in told for each in message.node.each("m:RootFolder", "t:Items") if each.name == CONTACT]
        return [(named(each)[0], each) for each in rows]

    def record(self, identity: str, item: Node) -> str:
        """The id of the record that an item is."""
        return self._reader.names.name(identity, str(said_by(item).get(SEARCH_KEY, "")))


def chunks(found: Sequence[T], size: int) -> Iterable[Sequence[T]]:
    """Pieces of at most that size, in order."""
    return (found[start : start + size] for start in range(0, len(found), size))


def named(item: Node) -> tuple[str, str]:
    """The id and the change key of an item."""
    found = item.find("t:ItemId")
    return (found.get("Id"), found.get("ChangeKey")) if found else ("", "")


def _search_key(record: str) -> str:
    """The search key in a record's id, as Exchange writes it; "" where there is none."""
    kind, _, said = record.partition(":")
    try:
        return base64.b64encode(bytes.fromhex(said.partition("~")[0])).decode() if kind == "s" else ""
    except ValueError:
        return ""
