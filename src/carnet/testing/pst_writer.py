"""How is an Outlook data file made, with every kind of contact in it?

    with PstWriter(path) as writer:
        folder = writer.folder("Contacts")
        writer.contact(folder, Card(values={"full_name": "Claire Fontaine", "email1": "claire@contoso.com"}))

The same calls with the same seed write the same bytes.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from carnet.testing.pst.blocks import BlockFile, SubNode
from carnet.testing.pst.cards import PSETID_COMMON, Card, card_properties, list_properties
from carnet.testing.pst.tables import Column, Row, Tables
from carnet.testing.pst.values import Key, Properties, Property, Type, Value

__all__ = ["ROOT", "SUBTREE", "Card", "PstWriter"]

# Nodes that every file has (MS-PST 2.4.1, and 2.4.3 for folders).
_STORE, _NAMES, ROOT, SUBTREE, _FINDER, DELETED = 0x21, 0x61, 0x122, 0x8022, 0x8042, 0x8062
_FIRST_FOLDER, _FIRST_MESSAGE = 0x410, 0x10000
_FOLDER, _MESSAGE, _ATTACHMENT = 0x02, 0x04, 0x05
_HIERARCHY, _CONTENTS, _ASSOCIATED = 0x0D, 0x0E, 0x0F
_RECIPIENTS, _ATTACHMENTS = 0x692, 0x671
_READ, _HAS_ATTACHMENT = 0x01, 0x10
_TEMPLATES = (0x60D, 0x60E, 0x60F, 0x610)
_PRIVATE: Key = (PSETID_COMMON, 0x8506)
_PASSWORD_CRC = 0x1F3A5C77

_FOLDER_COLUMNS: tuple[Column, ...] = (
    (0x0E30, Type.BINARY),
    (0x0E33, Type.LONG_LONG),
    (0x3001, Type.UNICODE),
    (0x3602, Type.LONG),
    (0x3603, Type.LONG),
    (0x360A, Type.BOOLEAN),
    (0x3613, Type.UNICODE),
)
_ITEM_COLUMNS: tuple[Column, ...] = (
    (0x0017, Type.LONG),
    (0x001A, Type.UNICODE),
    (0x0036, Type.LONG),
    (0x0037, Type.UNICODE),
    (0x0E07, Type.LONG),
    (0x0E08, Type.LONG),
    (0x3001, Type.UNICODE),
    (0x3008, Type.TIME),
)
_RECIPIENT_COLUMNS: tuple[Column, ...] = ((0x0C15, Type.LONG), (0x3001, Type.UNICODE), (0x3003, Type.UNICODE))
_ATTACHMENT_COLUMNS: tuple[Column, ...] = (
    (0x0E20, Type.LONG),
    (0x3704, Type.UNICODE),
    (0x3705, Type.LONG),
    (0x370B, Type.LONG),
)


@dataclass(slots=True)
class _Folder:
    name: str
    parent: int
    folder_class: str
    items: list[tuple[int, Mapping[int, Value | None]]] = field(default_factory=list)
    below: list[int] = field(default_factory=list)


class PstWriter:
    """Writes one file; items go out as they come, a row for each stays in memory until `close`."""

    def __init__(self, path: Path, *, name: str = "Outlook Data File", seed: str = "carnet", password: bool = False) -> None:
        """Create the file.

        `seed` fixes the store's record key and every search key; `password` says it is protected.
        """
        self._file = BlockFile(path)
        self._tables = Tables(self._file)
        self._tables.tag(_PRIVATE)  # every file of Outlook's has names; libpff takes a file without any for damaged
        self._name, self._seed, self._password = name, seed, password
        self.record_key = self._key("store")
        self._folders: dict[int, _Folder] = {}
        self._default = 0
        self._next_message, self._next_folder = _FIRST_MESSAGE, _FIRST_FOLDER
        recipients = self._tables.table(_RECIPIENT_COLUMNS, [])[0]
        self._recipients: SubNode = (_RECIPIENTS, recipients, 0)
        self._only_recipients = self._file.sub_nodes([self._recipients])
        for node, title, parent in (
            (ROOT, "", ROOT),
            (SUBTREE, "Top of Outlook data file", ROOT),
            (_FINDER, "Search Root", ROOT),
        ):
            self._add_folder(node, _Folder(title, parent, ""))
        self._add_folder(DELETED, _Folder("Deleted Items", SUBTREE, "IPF.Note"))

    def __enter__(self) -> Self:
        """Itself."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Close the file; after an error it is no whole one."""
        self.close()

    @property
    def deleted_items(self) -> int:
        """The folder of deleted items."""
        return DELETED

    def folder(self, name: str, *, parent: int = SUBTREE, folder_class: str = "IPF.Contact") -> int:
        """Make a folder and give its node id."""
        node = (self._next_folder << 5) | _FOLDER
        self._next_folder += 1
        self._add_folder(node, _Folder(name, parent, folder_class))
        return node

    def name_default(self, folder: int) -> None:
        """Let the store say that this is the contacts folder (MS-OXOSFLD 2.2.3)."""
        self._default = folder

    def contact(self, folder: int, card: Card) -> int:
        """Write a contact and give its node id."""
        key = self._key("item", str(self._next_message)) if card.search_key else b""
        attachments = [("ContactPicture.jpg", card.photo)] if card.photo else []
        return self.item(folder, card_properties(card, search_key=key), pictures=attachments)

    def contact_list(self, folder: int, name: str, members: Sequence[int | tuple[str, str]], *, sensitivity: int = 0) -> int:
        """Write a contact group. Members are contacts of this file or (name, address)."""
        properties = list_properties(name, members, store=self.record_key, sensitivity=sensitivity)
        return self.item(folder, properties)

    def item(self, folder: int, properties: Properties, *, pictures: Sequence[tuple[str, bytes]] = ()) -> int:
        """Write any item, with contact pictures attached, and give its node id (MS-PST 2.4.5)."""
        node = (self._next_message << 5) | _MESSAGE
        self._next_message += 1
        if pictures and properties.get(0x0E07) == (Type.LONG, _READ):
            properties = {**properties, 0x0E07: (Type.LONG, _READ | _HAS_ATTACHMENT)}
        data, sub_nodes = self._tables.properties(properties)
        if pictures:
            sub_nodes.extend(self._attach(pictures))
        if sub_nodes:
            self._file.share(self._recipients[1])
            block = self._file.sub_nodes([*sub_nodes, self._recipients])
        else:
            block = self._file.share(self._only_recipients)
        self._file.node(node, data, sub_nodes=block, parent=folder)
        self._folders[folder].items.append((node, _summary(properties)))
        return node

    def close(self) -> None:
        """Write the folders, the store and what ties them together."""
        self._write(_STORE, self._tables.properties(self._store()))
        for node, folder in self._folders.items():
            self._write_folder(node, folder)
        for node in _TEMPLATES:
            self._write(node, self._tables.table(_FOLDER_COLUMNS if node == _TEMPLATES[0] else _ITEM_COLUMNS, []))
        self._write(_ATTACHMENTS, self._tables.table(_ATTACHMENT_COLUMNS, []))
        self._write(_RECIPIENTS, self._tables.table(_RECIPIENT_COLUMNS, []))
        self._write(_NAMES, self._tables.properties(self._tables.name_map()))
        self._file.close()

    def entry_id(self, node: int) -> bytes:
        """The entry id of a folder or item of this file (MS-PST 2.4.3.2)."""
        return bytes(4) + self.record_key + node.to_bytes(4, "little")

    def _key(self, *parts: str) -> bytes:
        return uuid.uuid5(uuid.NAMESPACE_URL, "/".join(("carnet:pst", self._seed, *parts))).bytes

    def _add_folder(self, node: int, folder: _Folder) -> None:
        self._folders[node] = folder
        if folder.parent != node:
            self._folders[folder.parent].below.append(node)

    def _attach(self, pictures: Sequence[tuple[str, bytes]]) -> list[SubNode]:
        """Attachments by value, marked as contact pictures (MS-PST 2.4.6, MS-OXOCNTC 2.2.1.8)."""
        found, rows = list[SubNode](), list[Row]()
        for number, (name, data) in enumerate(pictures):
            node = ((0x8100 + number) << 5) | _ATTACHMENT
            block, sub_nodes = self._tables.properties(
                {
                    0x0E20: (Type.LONG, len(data)),
                    0x3701: (Type.BINARY, data),
                    0x3704: (Type.UNICODE, name),
                    0x3705: (Type.LONG, 1),
                    0x3707: (Type.UNICODE, name),
                    0x370B: (Type.LONG, -1),
                    0x7FFF: (Type.BOOLEAN, True),
                }
            )
            found.append((node, block, self._file.sub_nodes(sub_nodes)))
            rows.append((node, {0x0E20: len(data), 0x3704: name, 0x3705: 1, 0x370B: -1}))
        block, sub_nodes = self._tables.table(_ATTACHMENT_COLUMNS, rows)
        return [*found, (_ATTACHMENTS, block, self._file.sub_nodes(sub_nodes))]

    def _store(self) -> Properties:
        """The message store (MS-PST 2.4.3)."""
        return {
            0x0FF9: (Type.BINARY, self.record_key),
            0x3001: (Type.UNICODE, self._name),
            0x35DF: (Type.LONG, 0x89),
            0x35E0: (Type.BINARY, self.entry_id(SUBTREE)),
            0x35E3: (Type.BINARY, self.entry_id(DELETED)),
            0x35E7: (Type.BINARY, self.entry_id(_FINDER)),
            0x67FF: (Type.LONG, _PASSWORD_CRC if self._password else 0),
        }

    def _write_folder(self, node: int, folder: _Folder) -> None:
        """A folder is four nodes: itself and three tables (MS-PST 2.4.4)."""
        summary = self._folder_summary(node)
        kinds = dict(_FOLDER_COLUMNS)
        properties: dict[Key, Property] = {tag: (kinds[tag], value) for tag, value in summary.items() if value is not None}
        if node == ROOT and self._default:
            properties[0x36D1] = (Type.BINARY, self.entry_id(self._default))
        self._write(node, self._tables.properties(properties), parent=folder.parent)
        base = node & ~0x1F
        below = [(child, self._folder_summary(child)) for child in folder.below]
        self._write(base | _HIERARCHY, self._tables.table(_FOLDER_COLUMNS, below))
        self._write(base | _CONTENTS, self._tables.table(_ITEM_COLUMNS, folder.items))
        self._write(base | _ASSOCIATED, self._tables.table(_ITEM_COLUMNS, []))

    def _folder_summary(self, node: int) -> Mapping[int, Value | None]:
        folder = self._folders[node]
        return {
            0x3001: folder.name,
            0x3602: len(folder.items),
            0x3603: 0,
            0x360A: bool(folder.below),
            0x3613: folder.folder_class or None,
        }

    def _write(self, node: int, written: tuple[int, list[SubNode]], *, parent: int = 0) -> None:
        data, sub_nodes = written
        self._file.node(node, data, sub_nodes=self._file.sub_nodes(sub_nodes), parent=parent)


_NOW = datetime(2024, 3, 1, 12, tzinfo=UTC)


def _summary(properties: Properties) -> Mapping[int, Value | None]:
    """The row of an item in its folder's table."""
    given = {tag: properties[tag][1] for tag, _ in _ITEM_COLUMNS if tag in properties}
    return {0x0017: 1, 0x0036: 0, 0x0E07: 1, 0x0E08: 1000, 0x3008: _NOW, **given}
