"""Which properties does a card have, decoded?"""

from __future__ import annotations

import binascii
import quopri
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from carnet.mailboxes.vcard.cards import RawCard
from carnet.mailboxes.vcard.text import clean, decoded
from carnet.model.reading import Repair

_NAME = re.compile(rb"[ \t]*(?:([A-Za-z0-9_-]+)\.)?([A-Za-z0-9_/-]+)[ \t]*(?=[;:,])")
_PLAIN = re.compile(rb'[^":]*')
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]+")
_BASE64_TEXT = re.compile(r"[A-Za-z0-9+/\s]{4,}={0,2}\s*")
_ENCODINGS = frozenset({"QUOTED-PRINTABLE", "BASE64", "B", "8BIT", "7BIT"})
_VALUES = frozenset({"URL", "URI", "INLINE", "CID", "CONTENT-ID"})
_LISTS = frozenset({"TYPE", "PREF"})
_FREE_TEXT = frozenset({"NOTE", "LABEL", "ADR", "TITLE", "ROLE", "ORG"})
"""Properties whose value a program may have broken over lines without folding them."""
_PICTURES = frozenset({"PHOTO", "LOGO"})
_MOST_UNREADABLE = 20
_SHOWN = 200
_PREF_DIGITS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Property:
    """One property: the line it stands at, its name in capitals, its value still escaped, or the bytes of a picture."""

    line: int
    name: str
    value: str | bytes
    group: str = ""
    params: Mapping[str, tuple[str, ...]]

    @property
    def text(self) -> str:
        """The value where it is text, "" where it is bytes."""
        return self.value if isinstance(self.value, str) else ""

    @property
    def types(self) -> frozenset[str]:
        """What TYPE says, in small letters and without the prefix x-."""
        return frozenset(each.lower().removeprefix("x-") for each in self.params.get("TYPE", ()))

    @property
    def preference(self) -> int:
        """1 for the preferred one … 100, 101 where nothing is said."""
        given = [
            int(each) for each in self.params.get("PREF", ()) if each.isascii() and each.isdecimal() and len(each) <= _PREF_DIGITS
        ]
        return min([*given, 1 if "pref" in self.types else 101])


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One card as it stands in the file; `old` for version 2.1."""

    line: int
    old: bool
    properties: tuple[Property, ...]
    agents: tuple[Card, ...] = ()
    repairs: tuple[Repair, ...] = ()

    def named(self, *names: str) -> Iterator[Property]:
        """The properties of those names, in order."""
        return (each for each in self.properties if each.name in names)


def card_of(raw: RawCard, *, charset: str = "", one_charset: bool = False) -> Card:
    """The card of those lines. `charset` is tried before UTF-8; with `one_charset` what a CHARSET says is ignored."""
    reader = _Reader(charset, one_charset=one_charset)
    for line, whole in raw.lines:
        reader.take(line, whole)
    reader.finish()
    version = next((each.text.strip() for each in reader.properties if each.name == "VERSION"), "")
    quoted = any("QUOTED-PRINTABLE" in each.params.get("ENCODING", ()) for each in reader.properties)
    return Card(
        line=raw.line,
        old=version.startswith("2") or (not version and quoted),
        properties=tuple(reader.properties),
        agents=tuple(card_of(agent, charset=charset, one_charset=one_charset) for agent in raw.agents),
        repairs=tuple(reader.repairs),
    )


class _Reader:
    """Takes the lines of one card, one at a time; `finish` when there are no more."""

    def __init__(self, charset: str, *, one_charset: bool) -> None:
        self._charset = charset
        self._one_charset = one_charset
        self._strays: list[str] = []
        self._unreadable = 0
        self.properties: list[Property] = []
        self.repairs: list[Repair] = []

    def take(self, line: int, whole: bytes) -> None:
        found = _taken_apart(whole)
        if found is None:
            self._stray(line, whole)
            return
        self.finish()
        group, name, params, raw = found
        value = self._value(line, name, params=params, raw=raw)
        self.properties.append(Property(line=line, group=group, name=name, params=params, value=value))

    def finish(self) -> None:
        """Join what was broken over lines to the property it belongs to, all at once."""
        if self._strays:
            last = self.properties[-1]
            self.properties[-1] = replace(last, value="\n".join([last.text, *self._strays]))
            self._strays = []

    def _stray(self, line: int, whole: bytes) -> None:
        """A line that is no property goes on with the free text before it, and is told otherwise."""
        last = self.properties[-1] if self.properties else None
        if last and last.name in _FREE_TEXT and isinstance(last.value, str):
            if not self._strays:
                self._repair(line, "stray-line", last.name)
            self._strays.append(self._text(line, whole, ""))
        elif self._unreadable < _MOST_UNREADABLE:
            self._unreadable += 1
            self._repair(line, "unreadable-line", clean(self._text(line, whole[:_SHOWN], "")))

    def _repair(self, line: int, code: str, detail: str = "") -> None:
        self.repairs.append(Repair(place=f"line {line}", code=code, detail=detail))

    def _value(self, line: int, name: str, *, params: Mapping[str, tuple[str, ...]], raw: bytes) -> str | bytes:
        charset = "" if self._one_charset else next(iter(params.get("CHARSET", ())), "")
        encoding = next((each.upper() for each in params.get("ENCODING", ())), "")
        if encoding == "QUOTED-PRINTABLE":
            return self._text(line, quopri.decodestring(raw), charset)
        if encoding in ("B", "BASE64") and not raw.strip().lower().startswith(b"http"):
            return self._bytes(line, name, raw)
        text = self._text(line, raw, charset)
        if name == "ADR" and "LABEL" in params:
            return _past_label(text)
        if name in _PICTURES:
            if text.strip().lower().startswith("data:"):
                return self._bytes(line, name, raw.partition(b",")[2])
            if _BASE64_TEXT.fullmatch(text):
                return self._bytes(line, name, raw)
        return text

    def _text(self, line: int, raw: bytes, charset: str) -> str:
        text, whole = decoded(raw, charset, self._charset)
        if not whole:
            self._repair(line, "unknown-letters")
        return text

    def _bytes(self, line: int, name: str, raw: bytes) -> bytes:
        letters = _NOT_BASE64.sub(b"", raw.rpartition(b"base64,")[2])
        try:
            return binascii.a2b_base64(letters + b"=" * (-len(letters) % 4))
        except binascii.Error:
            self._repair(line, "damaged-base64", name)
            return b""


def _past_label(text: str) -> str:
    """The address without the rest of a LABEL that holds a colon and no quotation marks (`LABEL=Hall^': B 01:^nBonn:;;…`)."""
    first = text.partition(";")[0]
    last_escape = max(first.rfind(escape) for escape in ("^n", "^'", "^^"))
    return text[first.find(":", last_escape) + 1 :] if last_escape >= 0 else text


def _taken_apart(whole: bytes) -> tuple[str, str, dict[str, tuple[str, ...]], bytes] | None:
    """Group, name, parameters and value of a line; None where it is no property."""
    head = _NAME.match(whole)
    if not head:
        return None
    colon = _colon(whole, head.end())
    if colon < 0:
        return None
    group = (head[1] or b"").decode().upper()
    return group, head[2].decode().upper(), _parameters(whole[head.end() : colon]), whole[colon + 1 :]


def _colon(whole: bytes, start: int) -> int:
    """Where the value begins: the first colon outside quotation marks, or the first one where they are not closed."""
    position = start
    while (match := _PLAIN.match(whole, position)) is not None and match.end() < len(whole):
        position = match.end()
        if whole[position : position + 1] == b":":
            return position
        closing = whole.find(b'"', position + 1)
        if closing < 0:
            return whole.find(b":", start)
        position = closing + 1
    return whole.find(b":", start)


def _parameters(raw: bytes) -> dict[str, tuple[str, ...]]:
    """Parameter name → values; a bare word (`TEL;WORK;VOICE`) is a type, an encoding or a kind of value."""
    if not raw:
        return {}
    found: dict[str, list[str]] = {}
    for part in _parameter_parts(decoded(raw)[0]):
        key, equals, value = part.partition("=")
        key = key.strip().upper()
        if not equals:
            key, value = ("ENCODING" if key in _ENCODINGS else "VALUE" if key in _VALUES else "TYPE"), part.strip()
        values = [each.strip(' "\\') for each in value.split(",")] if key in _LISTS else [value.strip().strip('"')]
        found.setdefault(key, []).extend(each.upper() if key == "ENCODING" else each for each in values if each)
    return {key: tuple(values) for key, values in found.items()}


def _parameter_parts(text: str) -> Iterator[str]:
    """Split at semicolons, and at a comma that no equals sign precedes (`LABEL,TYPE=HOME`), outside quotation marks."""
    start, quoted, named = 0, False, False
    for match in re.finditer(r'[";,=]', text):
        mark = match[0]
        if mark == '"':
            quoted = not quoted
        elif quoted:
            continue
        elif mark == "=":
            named = True
        elif mark == ";" or not named:
            if text[start : match.start()].strip():
                yield text[start : match.start()]
            start, named = match.end(), False
    if text[start:].strip():
        yield text[start:]
