"""What does Carnet use of libpff's objects, which come without types?

Any attribute and any call may raise OSError, MemoryError or AttributeError on a damaged file.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

import pypff

Result = TypeVar("Result")

DAMAGE = (OSError, MemoryError, AttributeError, ValueError, OverflowError)
"""What stands for damage: besides libpff's own errors, what comes of a broken object being None."""


class Entry(Protocol):
    """One property: its local tag, its type and its bytes."""

    entry_type: int | None
    value_type: int
    data: bytes | None


class Entries(Protocol):
    """The properties of an item."""

    number_of_entries: int

    def get_entry(self, index: int) -> Entry:
        """One of them."""
        ...

    def get_entry_by_type(self, entry_type: int) -> Entry | None:
        """The first one of that tag."""
        ...


class Item(Protocol):
    """Anything with a node id and properties."""

    identifier: int
    number_of_record_sets: int

    def get_record_set(self, index: int) -> Entries:
        """Its properties; the first set is the only one that contacts have."""
        ...


class Attachment(Item, Protocol):
    """A file in a message."""

    size: int

    def read_buffer(self, size: int) -> bytes:
        """The next bytes of it."""
        ...


class Message(Item, Protocol):
    """An item of a folder."""

    number_of_attachments: int

    def get_attachment(self, index: int) -> Attachment:
        """One attachment."""
        ...

    def get_rtf_body(self) -> bytes | None:
        """The body as RTF, decompressed."""
        ...

    def get_html_body(self) -> bytes | None:
        """The body as HTML."""
        ...


class Folder(Item, Protocol):
    """A folder."""

    def get_name(self) -> str | None:
        """Its name."""
        ...

    def get_number_of_sub_folders(self) -> int:
        """How many folders stand in it."""
        ...

    def get_sub_folder(self, index: int) -> Folder:
        """One of them."""
        ...

    def get_number_of_sub_messages(self) -> int:
        """How many items stand in it."""
        ...

    def get_sub_message(self, index: int) -> Message:
        """One of them."""
        ...


class File(Protocol):
    """An opened file. `content_type` is the code of "p" (PST) or "o" (OST)."""

    content_type: int
    message_store: Item
    name_to_id_map: Item | None
    root_folder: Folder | None


def open_file(path: str) -> File:
    """Open a PST or OST."""
    opened = pypff.file()
    opened.open(path)
    file: File = opened
    return file


def attempt(call: Callable[..., Result], *arguments: int) -> Result | None:
    """What the call gives, or None where the file is damaged there: the rest is still worth reading."""
    try:
        return call(*arguments)
    except DAMAGE:
        return None
