"""How do the model's values become text, and values again?

`FORMAT` is written beside every payload; a payload of a later format is refused rather than misread.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

from pydantic import TypeAdapter, ValidationError

from carnet.errors import DamagedFile, Refused
from carnet.model.account import Parent
from carnet.model.choices import Choices
from carnet.model.contact import Contact, SourceKey
from carnet.model.decision import Question
from carnet.model.draft import Draft
from carnet.model.match import Evidence
from carnet.model.plan import MissingAccount
from carnet.model.reading import ContactList, HeldBack, Reading, Repair, SkippedRecord
from carnet.model.rule import Rule

FORMAT = 1

T = TypeVar("T")


class Codec(Generic[T]):
    """Values of one type as compact JSON text; what comes back equals what went in, or it is refused."""

    def __init__(self, kind: type[T]) -> None:
        """Prepare the type once: it takes milliseconds."""
        self._adapter: TypeAdapter[T] = TypeAdapter(kind)

    def encode(self, value: T) -> str:
        """The value as JSON, what is at its default left out; mappings must be dicts. What could not be read again raises."""
        return self._adapter.dump_json(value, exclude_defaults=True, warnings="error").decode()

    def decode(self, text: str, version: int = FORMAT) -> T:
        """The value of a text that `encode` made in that format."""
        if version > FORMAT:
            raise Refused("The database was written by a newer version of Carnet", "Update Carnet")
        try:
            return self._adapter.validate_json(text, strict=True)
        except ValidationError as error:
            # pydantic quotes the value it could not read: it must not travel on into a log
            kind = error.errors(include_input=False, include_url=False)[0]["type"]
            raise DamagedFile("A row of the database cannot be read ({kind})", "Restore a backup", kind=kind) from None


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """What a stored record says beside the columns of its row."""

    keys: tuple[SourceKey, ...]
    contact: Contact


@dataclass(frozen=True, slots=True, kw_only=True)
class Keyed:
    """The keys of a stored record alone."""

    keys: tuple[SourceKey, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryValues:
    """What an entry writes, replaces and argues: everything about the person but the label."""

    keys: tuple[SourceKey, ...] = ()
    values: Mapping[str, str | None] = field(default_factory=dict)
    before: Mapping[str, str] = field(default_factory=dict)
    parent: Parent | None = None
    agreed: Mapping[str, str] = field(default_factory=dict)
    evidence: tuple[Evidence, ...] = ()
    invented: frozenset[str] = frozenset()
    too_long: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkValues:
    """What a link says beside the columns of its row."""

    base: Mapping[str, str] = field(default_factory=dict)
    invented: frozenset[str] = frozenset()
    left_out: frozenset[str] = frozenset()


DRAFT = Codec(Draft)
READING = Codec(Reading)
RECORD = Codec(Named)
KEYS = Codec(Keyed)
HELD_BACK = Codec(HeldBack)
CONTACT_LIST = Codec(ContactList)
SKIPPED = Codec(SkippedRecord)
REPAIR = Codec(Repair)
CHOICES = Codec(Choices)
ANSWERS: Codec[dict[str, str]] = Codec(dict[str, str])
ENTRY = Codec(EntryValues)
QUESTION = Codec(Question)
MISSING = Codec(MissingAccount)
LINK = Codec(LinkValues)
RULE = Codec(Rule)


def stamp(moment: datetime) -> str:
    """A moment as text whose order is the order in time."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def optional_stamp(moment: datetime | None) -> str | None:
    """The same, None staying None."""
    return None if moment is None else stamp(moment)


def moment(text: str | None) -> datetime | None:
    """The moment of a text that `stamp` made."""
    return None if text is None else datetime.fromisoformat(text)


Row = dict[str, Any]
"""The columns of one row, by name."""
