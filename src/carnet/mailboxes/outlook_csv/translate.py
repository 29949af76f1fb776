"""What does a row of a table say, in Carnet's words?"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from carnet.mailboxes.outlook_csv import dates, numbered, privacy
from carnet.mailboxes.outlook_csv.addresses import address_in, addresses, is_exchange
from carnet.mailboxes.outlook_csv.titles import LOST, PRIVACY
from carnet.model.contact import Contact
from carnet.model.field import BY_KEY, EMAIL_KEYS, Shape
from carnet.model.reading import HeldBackReason, Repair

ROLES = frozenset(
    {"categories", "labels", "email", "birth_year", "birth_month", "birth_day"}
    | {f"email{number}_{part}" for number in (1, 2, 3) for part in ("type", "display")}
    | {f"{kind}_street{number}" for kind in ("business", "home", "other") for number in (2, 3)}
    | set(PRIVACY)
)
"""Keys that are neither a field nor an extra: what their column says is worked into other values."""

_NOT_TELLING = frozenset({"gender", "priority", "salutation", "kind", "account_id", "container", "free_busy"})
"""Extras that alone do not make a row somebody."""
_SYSTEM_LABELS = frozenset({"* mycontacts", "* my contacts", "* starred", "* other", "* other contacts"})
_LINE_END = re.compile(r"\r\n|\r|\n")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_ADDRESS_KINDS = ("business", "home", "other")
_ADDRESS_PARTS = ("street", "city", "state", "postcode", "country", "po_box")


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """What the columns of a table hold.

    `keys` are what each column was taken for ("" unknown), `guards` the privacy columns as (position, kind): kind "private" or
    "sensitivity", or "mapped" where a person says that the column holds something else.
    """

    titles: tuple[str, ...]
    keys: tuple[str, ...]
    family: str
    guards: tuple[tuple[int, str], ...] = ()
    day_first: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Understood:
    """A contact, whether it says anything about anybody, and what had to be mended."""

    contact: Contact
    repairs: tuple[Repair, ...]
    empty: bool


def reason_to_hold(cells: Sequence[str], table: Table) -> tuple[HeldBackReason | None, str]:
    """Why a row stays in the file (None: it may cross), and the code of a repair where that was not clear."""
    if not table.guards:
        return None, ""
    guarded = [(kind, cells[at]) for at, kind in table.guards if at < len(cells)]
    if any(kind == "mapped" and privacy.says_private(text) for kind, text in guarded):
        return HeldBackReason.PRIVATE, ""
    reason, understood = privacy.held_back((kind, text) for kind, text in guarded if kind != "mapped")
    if reason:
        return reason, "" if understood else "private-not-understood"
    if any(cell.strip() for cell in cells[len(table.keys) :]):
        return HeldBackReason.PRIVATE, "cells-shifted"
    return None, ""


def understand_row(cells: Sequence[str], table: Table, *, place: str) -> Understood:
    """The contact of a row that may cross."""
    row = _Row(table, place)
    row.take(cells)
    return row.result()


class _Row:
    def __init__(self, table: Table, place: str) -> None:
        self._table = table
        self._place = place
        self._taken: dict[str, str] = {}
        self._said: set[tuple[str, str]] = set()
        self._numbers: dict[str, int] = {}
        self._emails: dict[str, str] = {}
        self._addresses: set[str] = set()
        self._more: list[str] = []
        self._unresolved: list[str] = []
        self._categories: dict[str, None] = {}
        self._repairs: list[Repair] = []

    def take(self, cells: Sequence[str]) -> None:
        held = zip(self._table.keys, cells, strict=False)
        pairs = [(key, clean(text)) for key, text in held if key and text and key not in PRIVACY]
        pairs = [(key, text) for key, text in pairs if text]
        first = dict(reversed(pairs))
        if any(LOST in text for text in first.values()):
            self._tell("unknown-letters")
        for number in (1, 2, 3):
            self._numbered_email(number, first)
        for key, text in pairs:
            if key not in ROLES and not key.startswith("email") and not numbered.is_numbered(key):
                self._put(key, text)
        for key, text in pairs:
            if key == "email" or (key in EMAIL_KEYS and text != first[key]):
                self._email(text, key)
            elif key in {"categories", "labels"}:
                self._categorise(text)
        self._streets(first)
        self._birth_parts(first)
        numbered.place(numbered.grouped(first), self._put, self._taken)
        if any(cell.strip() for cell in cells[len(self._table.keys) :]):
            self._tell("more-cells-than-titles")

    def result(self) -> Understood:
        values = {key: text for key, text in self._taken.items() if key in BY_KEY}
        extras = {key: text for key, text in self._taken.items() if key not in BY_KEY}
        contact = Contact(
            values={**values, **self._emails},
            categories=tuple(self._categories),
            extras=extras,
            more_emails=tuple(self._more),
            unresolved=tuple(self._unresolved),
        )
        empty = not (contact.values or contact.categories or contact.unresolved or extras.keys() - _NOT_TELLING)
        return Understood(contact=contact, repairs=tuple(self._repairs), empty=empty)

    def _tell(self, code: str, detail: str = "") -> None:
        self._repairs.append(Repair(place=self._place, code=code, detail=detail))

    def _put(self, key: str, text: str) -> None:
        """Keep a value; of two different ones for one key the second is kept beside it."""
        if key == "email":
            self._email(text, key)
            return
        known = BY_KEY.get(key)
        if known and known.shape is Shape.DATE:
            text = self._date(text)
        elif not known or known.shape is not Shape.LINES:
            text = " ".join(text.split("\n"))
        if not text or (key, text) in self._said:
            return
        self._said.add((key, text))
        if key == "notes" and key in self._taken:
            self._taken[key] += f"\n{text}"
            return
        self._taken[self._free(key)] = text

    def _free(self, key: str) -> str:
        name, number = key, self._numbers.get(key, 1)
        while name in self._taken:
            number += 1
            name = f"{key}{number}"
        self._numbers[key] = number
        return name

    def _date(self, text: str) -> str:
        found = dates.iso_date(text, day_first=self._table.day_first)
        if found is None:
            self._tell("unreadable-date", text)
        return found or ""

    def _numbered_email(self, number: int, cells: dict[str, str]) -> None:
        key = f"email{number}"
        text, kind, display = cells.get(key, ""), cells.get(f"{key}_type", ""), cells.get(f"{key}_display", "")
        if not text:
            self._email(address_in(display), key)
        elif is_exchange(text, kind) and not address_in(text):
            if shown := address_in(display):
                self._email(shown, key)
            else:
                self._unresolved.append(text)
                self._tell("ex_unresolved", text)
        else:
            self._email(text, key)

    def _email(self, text: str, key: str) -> None:
        """Keep the addresses of a cell: in the field of that key where it is free, else in the next free one."""
        found = addresses(text)
        if text and not found:
            if is_exchange(text, ""):
                self._unresolved.append(text)
                self._tell("ex_unresolved", text)
            else:
                self._put(f"{key}_text", text)
                self._tell("not_an_email", text)
        for address in found:
            if address.casefold() in self._addresses:
                continue
            self._addresses.add(address.casefold())
            free = next((each for each in (key, *EMAIL_KEYS) if each in EMAIL_KEYS and each not in self._emails), "")
            if free:
                self._emails[free] = address
            else:
                self._more.append(address)

    def _categorise(self, text: str) -> None:
        if numbered.SEVERAL in text or self._table.family == "google":
            parts = text.split(numbered.SEVERAL)
        else:
            parts = re.split("[;\n]" if ";" in text or self._table.family == "outlook" else "[,\n]", text)
        for part in (each.strip() for each in parts):
            if part and part.casefold() not in _SYSTEM_LABELS:
                self._categories[part.removeprefix("* ")] = None

    def _streets(self, cells: dict[str, str]) -> None:
        for kind in _ADDRESS_KINDS:
            lines = [cells.get(f"{kind}_street{number}", "") for number in ("", "2", "3")]
            if any(lines[1:]):
                self._taken[f"{kind}_street"] = "\n".join(line for line in lines if line)
            whole = self._taken.get(f"{kind}_address", "")
            if whole and not any(f"{kind}_{part}" in self._taken for part in _ADDRESS_PARTS):
                self._taken[f"{kind}_street"] = cells[f"{kind}_address"]
                del self._taken[f"{kind}_address"]

    def _birth_parts(self, cells: dict[str, str]) -> None:
        year, month, day = (cells.get(f"birth_{part}", "") for part in ("year", "month", "day"))
        if not (month and day):
            return
        self._put("birthday", f"{year}-{month}-{day}" if year else f"--{month}-{day}")


def clean(text: str) -> str:
    r"""The text of a cell without blanks around it and control characters, its lines ending in \n."""
    return _CONTROL.sub("", _LINE_END.sub("\n", text)).strip()
