"""What does libpff find in an Outlook data file? Runs in the child process only.

A private contact is recognised here, and nothing of it but its keys and the reason leaves this module.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

from carnet.mailboxes.pst.bodies import html_text, rtf_text
from carnet.mailboxes.pst.libpff import DAMAGE, Attachment, Folder, Item, Message, attempt, open_file
from carnet.mailboxes.pst.properties import (
    FIRST_NAMED,
    MULTIPLE,
    PSETID_COMMON,
    STRING8,
    UNICODE,
    Value,
    decode,
    encoding,
    fixed,
    name_map,
    named,
    unicode,
)

Answer = dict[str, Any]

CLASS, SENSITIVITY, PRIVATE = fixed(0x001A), fixed(0x0036), named(PSETID_COMMON, 0x8506)
BODY, SOURCE_KEY, SEARCH_KEY, NAME = fixed(0x1000), fixed(0x65E0), fixed(0x300B), fixed(0x3001)
_FLAGS = fixed(0x0E07)
_MESSAGE_PAGE, _INTERNET_PAGE = fixed(0x3FFD), fixed(0x3FDE)
_LIST_NAME, _LIST_MEMBERS = "00062004-0000-0000-c000-000000000046:8053", "00062004-0000-0000-c000-000000000046:8055"
_LOOK = frozenset({CLASS, SOURCE_KEY, SEARCH_KEY})
_LOOKED_AT = tuple((int(name, 16), name) for name in (CLASS, SOURCE_KEY, SEARCH_KEY))
_ALWAYS = _LOOK | {SENSITIVITY, PRIVATE, BODY, NAME, _FLAGS, _MESSAGE_PAGE, _INTERNET_PAGE}
_LIST = frozenset({_LIST_NAME, _LIST_MEMBERS})
_REASONS = {1: "personal", 2: "private", 3: "confidential"}
_HAS_ATTACHMENT = 0x10
_IS_PICTURE = 0x7FFF
_PIECE = 1 << 16
_LONGEST_TEXT = 1 << 20


class Store:
    """An opened file: its folders by node id, its names for named properties."""

    def __init__(self, path: str, wanted: frozenset[str]) -> None:
        """Open it; `wanted` names the properties of a contact that `read` answers with. Raises what is in `DAMAGE`."""
        self._file = open_file(path)
        self._read_names = wanted | _ALWAYS | _LIST
        self._aside = self._read_names - wanted
        self._names = self._load_names()
        self._tags: dict[frozenset[str], dict[int, str]] = {}
        self._folders: dict[int, Folder] = {}

    def about(self) -> Answer:
        """The store's own properties: record key, entry ids of its subtree, deleted items and contacts, the password's CRC."""
        if self._file.root_folder is None:
            raise ValueError("no root folder")
        values, _ = self._values(self._file.message_store, frozenset(map(fixed, (0x0FF9, 0x35E0, 0x35E3, 0x36D1, 0x67FF))))
        return {"properties": values, "ost": self._file.content_type == ord("o")}

    def tree(self) -> Iterator[Answer]:
        """Every folder, parents before children; one that cannot be opened is left out with what is below it."""
        root = self._file.root_folder
        waiting: list[tuple[Folder, int | None]] = [(root, None)] if root else []
        while waiting:
            folder, parent = waiting.pop()
            node = folder.identifier
            if node in self._folders:
                continue  # a damaged file may hold a circle
            self._folders[node] = folder
            yield self._describe(folder, parent)
            below = [attempt(folder.get_sub_folder, index) for index in range(attempt(folder.get_number_of_sub_folders) or 0)]
            waiting.extend((child, node) for child in reversed(below) if child is not None)

    def item(self, folder: int, index: int, *, read: bool) -> Answer:
        """One item of a folder: its kind and keys, and with `read` what it says."""
        if folder not in self._folders:
            list(self.tree())  # a new child was never asked for the tree
        try:
            message = self._folders[folder].get_sub_message(index)
            node = message.identifier
        except DAMAGE:
            return {"kind": "unreadable"}
        try:
            return {"node": node, **(self._read(message) if read else self._look(message))}
        except DAMAGE:
            return {"kind": "unreadable", "node": node}

    def _look(self, message: Message) -> Answer:
        """Its kind and keys, each asked for by its tag: every item of a file is looked at once before any is read."""
        if not message.number_of_record_sets:
            return {"kind": _kind(None)}
        entries = message.get_record_set(0)
        values: dict[str, Value] = {}
        for tag, name in _LOOKED_AT:
            entry = entries.get_entry_by_type(tag)
            if entry is not None and (value := decode(entry.value_type, entry.data)) is not None:
                values[name] = value
        return {"kind": _kind(values.get(CLASS)), **_keys(values)}

    def _read(self, message: Message) -> Answer:
        values, broken = self._values(message, self._read_names)
        answer = {"kind": _kind(values.get(CLASS)), **_keys(values)}
        if answer["kind"] == "list":
            return {**answer, **_list(values, private=bool(_held_back(values)))}
        if answer["kind"] != "contact":
            return answer
        if reason := _held_back(values):
            return {**answer, "kind": "private", "reason": reason}
        answer["properties"] = values
        if broken:
            answer["broken"] = sorted(broken)
        if not _says(values.get(BODY)):
            answer.update(_other_body(message, _codec(values)))
        if _may_have_attachments(values) and (picture := _picture(message)):
            answer["photo"] = picture
        for key in self._aside:
            values.pop(key, None)
        return answer

    def _describe(self, folder: Folder, parent: int | None) -> Answer:
        wanted = frozenset(map(fixed, (0x3613, 0x65E0, 0x36D1)))
        try:
            values, _ = self._values(folder, wanted)
        except DAMAGE:
            values = {}
        name = attempt(folder.get_name)
        count = attempt(folder.get_number_of_sub_messages) or 0
        return {"node": folder.identifier, "parent": parent, "name": name or "", "items": count, "properties": values}

    def _values(self, item: Item, wanted: frozenset[str]) -> tuple[dict[str, Value], set[str]]:
        """The wanted properties of an item, and the names of those that cannot be read."""
        tags = self._local_tags(wanted)
        values: dict[str, Value] = {}
        narrow: dict[str, tuple[int, bytes | None]] = {}
        broken: set[str] = set()
        if not item.number_of_record_sets:
            return values, broken
        entries = item.get_record_set(0)
        last = max(tags, default=0)
        for index in range(entries.number_of_entries):
            entry = entries.get_entry(index)
            tag = entry.entry_type or 0
            name = tags.get(tag)
            if name is None and tag > last and CLASS in values:
                break  # properties stand in the order of their tags (MS-PST 2.3.3.3); without a class, look at all
            if name is None or name in values or name in narrow:
                continue
            try:
                kind, data = entry.value_type, entry.data
            except DAMAGE:
                broken.add(name)
                continue
            if kind == UNICODE and data is not None:  # nine in ten, of the millions in a file
                values[name] = unicode(data, _LONGEST_TEXT)
            elif kind & ~MULTIPLE == STRING8:
                narrow[name] = kind, data  # its code page may stand further on
            elif (value := decode(kind, data)) is not None:
                values[name] = _cut(value)
        if narrow:
            values |= _decoded(narrow, _codec(values))
        return values, broken

    def _local_tags(self, wanted: frozenset[str]) -> Mapping[int, str]:
        """Which entry types of this store to look at: fixed tags as they are, named ones by their local id."""
        if wanted not in self._tags:
            tags = {int(name, 16): name for name in wanted if ":" not in name}
            tags.update((local, name) for local, name in self._names.items() if name in wanted)
            self._tags[wanted] = tags
        return self._tags[wanted]

    def _load_names(self) -> dict[int, str]:
        item = self._file.name_to_id_map
        streams = {2: b"", 3: b"", 4: b""}
        if item is None or not item.number_of_record_sets:
            return {}
        entries = item.get_record_set(0)
        for index in range(entries.number_of_entries):
            entry = entries.get_entry(index)
            if entry.entry_type in streams:
                streams[entry.entry_type] = entry.data or b""
        return {local: name for local, name in name_map(streams[2], streams[3], streams[4]).items() if local >= FIRST_NAMED}


def _kind(message_class: Value) -> str:
    """Whether an item of that class is a contact, a list (contact group) or something else; no class is something else."""
    text = message_class.upper() if isinstance(message_class, str) else ""
    if text == "IPM.CONTACT" or text.startswith("IPM.CONTACT."):
        return "contact"
    return "list" if text == "IPM.DISTLIST" or text.startswith("IPM.DISTLIST.") else "other"


def _keys(values: Mapping[str, Value]) -> Answer:
    found = {"source": values.get(SOURCE_KEY), "search": values.get(SEARCH_KEY)}
    return {name: value["bytes"] for name, value in found.items() if isinstance(value, dict) and value.get("bytes")}


def _held_back(values: Mapping[str, Value]) -> str:
    """Why the item may not leave: its sensitivity, or Outlook's private tick (MS-OXCMSG 2.2.1.13, MS-OXCICAL)."""
    sensitivity = values.get(SENSITIVITY)
    if isinstance(sensitivity, int) and sensitivity in _REASONS:
        return _REASONS[sensitivity]
    return "private" if values.get(PRIVATE) is True else ""


def _list(values: Mapping[str, Value], *, private: bool) -> Answer:
    members = values.get(_LIST_MEMBERS)
    name = values.get(_LIST_NAME) or values.get(NAME)
    return {
        "name": "" if private or not isinstance(name, str) else name,
        "members": len(members) if isinstance(members, list) else 0,
    }


def _other_body(message: Message, codec: str) -> Answer:
    """The note's text where it is kept as RTF or HTML only; "lost" names a body that is there and cannot be read."""
    try:
        if rtf := message.get_rtf_body():
            return {"body": rtf_text(rtf)[:_LONGEST_TEXT]}
        html = message.get_html_body()
        return {"body": html_text(html, codec=codec)[:_LONGEST_TEXT]} if html else {}
    except (*DAMAGE, LookupError, RecursionError):
        return {"lost": "body"}


def _decoded(narrow: Mapping[str, tuple[int, bytes | None]], codec: str) -> dict[str, Value]:
    """8-bit texts, once the code page is known."""
    late = {name: decode(*pair, codec) for name, pair in narrow.items()}
    return {name: _cut(value) for name, value in late.items() if value is not None}


def _may_have_attachments(values: Mapping[str, Value]) -> bool:
    """Not where the item's flags say that it has none (MS-OXCMSG 2.2.1.6): to look costs as much as many properties."""
    flags = values.get(_FLAGS)
    return not isinstance(flags, int) or bool(flags & _HAS_ATTACHMENT)


def _picture(message: Message) -> str:
    """The SHA-256 of the contact's photo (MS-OXOCNTC 2.2.1.8), in hex, or ""."""
    for index in range(getattr(message, "number_of_attachments", 0)):
        attachment = message.get_attachment(index)
        entries = attachment.get_record_set(0)
        for place in range(entries.number_of_entries):
            entry = entries.get_entry(place)
            if entry.entry_type == _IS_PICTURE and entry.data and any(entry.data):
                return _digest(attachment)
    return ""


def _digest(attachment: Attachment) -> str:
    left, digest = attachment.size, hashlib.sha256()
    while left > 0 and (piece := attachment.read_buffer(min(_PIECE, left))):
        digest.update(piece)
        left -= len(piece)
    return digest.hexdigest()


def _codec(values: Mapping[str, Value]) -> str:
    """The codec of an item's 8-bit texts."""
    return encoding(values.get(_MESSAGE_PAGE), values.get(_INTERNET_PAGE))


def _says(value: Value) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _cut(value: Value) -> Value:
    return value[:_LONGEST_TEXT] if isinstance(value, str) else value
