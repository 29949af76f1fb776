"""How does an Outlook data file keep the promises of a mailbox?"""

from __future__ import annotations

import hashlib
import threading
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from carnet.core.identity import Naming, fingerprint
from carnet.errors import DamagedFile, Locked, NeedsConsent, NotFound, Unreadable, UnsupportedFile
from carnet.mailboxes.pst import MAGIC
from carnet.mailboxes.pst.client import PROGRAM, REPAIR_HINT, Client, Limits
from carnet.mailboxes.pst.folders import Landmarks, Node, Tree
from carnet.mailboxes.pst.properties import fixed
from carnet.mailboxes.pst.translate import WANTED, contact_of
from carnet.model.contact import Contact, KeyStrength, Record, SourceKey
from carnet.model.folder import Folder
from carnet.model.reading import (
    Column,
    ContactList,
    HeldBack,
    HeldBackReason,
    MailboxIdentity,
    Page,
    Repair,
    SkippedRecord,
)
from carnet.ports.mailbox import MailboxCapabilities, OpenOptions

PAGE = 200
_AHEAD = 3
"""Pages that the child reads ahead, so that it never waits for us."""
_RECORD_KEY, _SUBTREE, _DELETED, _PASSWORD = fixed(0x0FF9), fixed(0x35E0), fixed(0x35E3), fixed(0x67FF)
_CONTACTS, _CLASS, _SOURCE_KEY = fixed(0x36D1), fixed(0x3613), fixed(0x65E0)

Answer = Mapping[str, Any]


@dataclass(slots=True)
class _Parts:
    """A page being filled."""

    records: list[Record] = field(default_factory=list)
    held_back: list[HeldBack] = field(default_factory=list)
    lists: list[ContactList] = field(default_factory=list)
    skipped: list[SkippedRecord] = field(default_factory=list)
    repairs: list[Repair] = field(default_factory=list)

    def page(self, cursor: str | None) -> Page:
        return Page(
            records=tuple(self.records),
            held_back=tuple(self.held_back),
            lists=tuple(self.lists),
            skipped=tuple(self.skipped),
            repairs=tuple(self.repairs),
            cursor=cursor,
        )

    def __bool__(self) -> bool:
        return bool(self.records or self.held_back or self.lists or self.skipped or self.repairs)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Overview:
    """What one look at every item gave: the folders on offer, how many items each holds, and the names given twice.

    `renamed` maps a node id to the record's id where an earlier record has the same key (copy and paste in Outlook).
    """

    folders: tuple[Folder, ...]
    sizes: Mapping[str, int]
    renamed: Mapping[int, str]


class PstMailbox:
    """The contacts of one PST or OST file."""

    def __init__(
        self, path: Path, options: OpenOptions, *, limits: Limits | None = None, program: Sequence[str] = PROGRAM
    ) -> None:
        """Open it. `limits` and `program` are the child's, for tests."""
        _check(path)
        self._label = options.name or path.name
        self._client = Client(path, WANTED, limits=limits, program=program)
        self._lock = threading.Lock()
        self._seen: _Overview | None = None
        try:
            about = self._client.about()
            _admit(about, options)
        except BaseException:
            self._client.close()
            raise
        self._properties: Mapping[str, Any] = about["properties"]
        self._store_key = _bytes(self._properties, _RECORD_KEY).hex() or _digest(path)

    @property
    def capabilities(self) -> MailboxCapabilities:
        """Ids survive a second export where Outlook wrote search keys; a file made elsewhere may have none, so: not declared."""
        return MailboxCapabilities(page_size=PAGE)

    def identity(self) -> MailboxIdentity:
        """The store's record key names the mailbox."""
        return MailboxIdentity(key=f"pst:{self._store_key}", label=self._label, kind="pst")

    def folders(self) -> tuple[Folder, ...]:
        """The folders on offer; the first call looks at every item of the file."""
        return self._overview().folders

    def columns(self) -> tuple[Column, ...]:
        """No table."""
        return ()

    def close(self) -> None:
        """End the child process."""
        self._client.close()

    def read(self, folder: str, cursor: str | None = None) -> Iterator[Page]:
        """The pages of one folder; a cursor is the number of items before it."""
        overview = self._overview()
        if folder not in overview.sizes:
            raise NotFound("There is no such folder in this file.", "Choose a folder from the list.")
        size, at = overview.sizes[folder], _position(cursor)
        if at >= size:
            yield Page()
        for answers in self._answers(int(folder), at, size):
            at += len(answers)
            parts = _Parts()
            for answer in answers:
                self._sort(answer, folder, parts)
            if parts or at >= size:
                yield parts.page(str(at) if at < size else None)

    def _answers(self, folder: int, at: int, size: int) -> Iterator[Sequence[Answer]]:
        """The items from there on, a page at a time; the child reads the next pages while this one is understood."""
        with ThreadPoolExecutor(1, thread_name_prefix="pst") as ahead:

            def ask(start: int) -> Future[list[dict[str, Any]]]:
                return ahead.submit(self._client.items, folder, start=start, count=min(PAGE, size - start), read=True)

            starts = iter(range(at, size, PAGE))
            waiting = deque(map(ask, islice(starts, _AHEAD)))
            while waiting:
                answers = waiting.popleft().result()
                waiting.extend(map(ask, islice(starts, 1)))
                yield answers

    def _sort(self, answer: Answer, folder: str, parts: _Parts) -> None:
        """Put one item where it belongs; what is neither contact nor list is left."""
        kind, place = answer["kind"], _place(answer)
        if kind == "contact":
            contact, repairs = contact_of(answer, place=place)
            parts.records.append(self._record(answer, folder, contact))
            parts.repairs.extend(repairs)
        elif kind == "private":
            key = hashlib.sha256(self._name(answer).encode()).hexdigest()[:32]
            parts.held_back.append(HeldBack(key=key, folder=folder, reason=HeldBackReason(answer["reason"])))
        elif kind == "list":
            parts.lists.append(ContactList(name=answer["name"], folder=folder, members=answer["members"]))
        elif kind in {"unreadable", "lost"}:
            reason = "This item is damaged." if kind == "unreadable" else "The reader failed on this item."
            parts.skipped.append(SkippedRecord(folder=folder, place=place, code=Unreadable.code, reason=reason))

    def _record(self, answer: Answer, folder: str, contact: Contact) -> Record:
        version = fingerprint(contact)
        keys = (*self._keys(answer), SourceKey(strength=KeyStrength.FINGERPRINT, key=version))
        return Record(id=self._name(answer), folder=folder, place=_place(answer), keys=keys, version=version, contact=contact)

    def _keys(self, answer: Answer) -> tuple[SourceKey, ...]:
        keys = [
            SourceKey(strength=strength, key=answer[name])
            for name, strength in (("source", KeyStrength.IMMUTABLE), ("search", KeyStrength.SEARCH))
            if name in answer
        ]
        return (*keys, SourceKey(strength=KeyStrength.NODE, key=f"{self._store_key}:{answer['node']}"))

    def _name(self, answer: Answer) -> str:
        renamed = self._overview().renamed.get(answer["node"])
        return renamed or Naming().name(self._keys(answer))

    def _overview(self) -> _Overview:
        with self._lock:
            if self._seen is None:
                self._seen = self._look()
            return self._seen

    def _look(self) -> _Overview:
        answers = self._client.tree()
        nodes = [_node(answer) for answer in answers]
        tree = Tree(nodes, self._landmarks(answers))
        naming, counts, renamed = Naming(), dict.fromkeys((node.id for node in nodes), 0), {}
        for node in tree.candidates():
            for answer in self._glance(node):
                if answer["kind"] != "contact":
                    continue
                counts[node.id] += 1
                keys = self._keys(answer)
                name = naming.name(keys)
                if name != Naming().name(keys):
                    renamed[answer["node"]] = name
        folders = tree.offered(counts)
        sizes = {str(node.id): node.items for node in nodes}
        return _Overview(folders=folders, sizes={one.id: sizes[one.id] for one in folders}, renamed=renamed)

    def _glance(self, node: Node) -> Iterator[Answer]:
        for start in range(0, node.items, PAGE):
            yield from self._client.items(node.id, start=start, count=min(PAGE, node.items - start), read=False)

    def _landmarks(self, folders: Sequence[Answer]) -> Landmarks:
        """The store names its contacts folder, or its inbox or root does (MS-OXOSFLD 2.2.3)."""
        contacts = [self._properties, *(folder["properties"] for folder in folders)]
        found = [entry for properties in contacts if (entry := _bytes(properties, _CONTACTS))]
        return Landmarks(
            subtree=_bytes(self._properties, _SUBTREE), deleted=_bytes(self._properties, _DELETED), contacts=tuple(found)
        )


def _check(path: Path) -> None:
    """Refuse what is no Outlook data file before a child is started for it."""
    try:
        with path.open("rb") as file:
            head = file.read(len(MAGIC))
    except FileNotFoundError as error:
        raise NotFound("There is no such file.", "Check its name and place.") from error
    except PermissionError as error:
        raise Locked(
            "The file cannot be opened.", "Close Outlook if it uses the file, and check that you may read it."
        ) from error
    if not head:
        raise DamagedFile("This file is empty.", REPAIR_HINT)
    if head != MAGIC:
        raise UnsupportedFile(
            "This is not an Outlook data file.",
            "In Outlook, choose File › Open & Export › Import/Export › Export to a file › Outlook Data File (.pst).",
        )


def _admit(about: Answer, options: OpenOptions) -> None:
    """Ask before a password is passed over. An OST has none, though some hold a number in that property."""
    protected = not about["ost"] and about["properties"].get(_PASSWORD, 0) != 0
    if protected and "password" not in options.consents:
        raise NeedsConsent(
            "This Outlook data file is protected by a password.",
            "Carnet can read it without the password. Confirm that the file is yours.",
            consent="password",
        )


def _node(answer: Answer) -> Node:
    folder_class = answer["properties"].get(_CLASS)
    return Node(
        id=answer["node"],
        parent=answer["parent"],
        name=answer["name"],
        folder_class=folder_class if isinstance(folder_class, str) else "",
        items=answer["items"],
        source_key=_bytes(answer["properties"], _SOURCE_KEY),
    )


def _position(cursor: str | None) -> int:
    """How many items of the folder come before the cursor."""
    if cursor is None:
        return 0
    if not cursor.isdecimal():
        raise NotFound("This place in the file is unknown.", "Read the folder again from its start.")
    return int(cursor)


def _place(answer: Answer) -> str:
    """Where an item stands: its number in the file, or in the folder where it could not even be opened."""
    return f"item {answer['node']}" if "node" in answer else f"position {answer['i'] + 1}"


def _bytes(properties: Mapping[str, Any], name: str) -> bytes:
    value = properties.get(name)
    return bytes.fromhex(value["bytes"]) if isinstance(value, dict) and "bytes" in value else b""


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:32]
