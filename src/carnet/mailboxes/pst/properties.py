"""What do the bytes of a MAPI property say, and which property is it?

A property's name is text: four hex digits for a fixed tag ("3a16"), or the property set and the long id or name of a named
one ("00062004-0000-0000-c000-000000000046:8083", "00020329-…:keywords"). Decoded values are what JSON can carry: str, int,
float, bool, list[str], {"time": ISO text} and {"bytes": hex text} (in a list too), or None for a value that says nothing.
"""

from __future__ import annotations

import codecs
import struct
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise

Value = str | int | float | bool | list["Value"] | dict[str, str] | None

PS_MAPI = "00020328-0000-0000-c000-000000000046"
PS_PUBLIC_STRINGS = "00020329-0000-0000-c000-000000000046"
PSETID_COMMON = "00062008-0000-0000-c000-000000000046"

FIRST_NAMED = 0x8000
MULTIPLE = 0x1000
STRING8, UNICODE, SYSTIME, BINARY = 0x001E, 0x001F, 0x0040, 0x0102

# Internet code pages whose bytes Outlook nevertheless writes in the Windows page of the same script.
_WINDOWS_PAGE = {
    **dict.fromkeys((50220, 50221, 50222), 932),
    51949: 949,
    **dict.fromkeys((51936, 52936), 936),
    **dict.fromkeys((28591, 20127), 1252),
    28592: 1250,
    **dict.fromkeys((28595, 20866, 21866), 1251),
    28597: 1253,
    28599: 1254,
}
_UTF8 = 65001
_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
_NO_DATE = 0x0CB34557A3DD4000  # the year 4501, which Outlook writes for "none" (MS-OXOCAL 2.2.1.15 uses the same)
_MOST_VALUES = 100_000
_utf16 = codecs.utf_16_le_decode
_GUID = 16


def fixed(tag: int) -> str:
    """The name of a fixed property."""
    return f"{tag:04x}"


def named(property_set: str, name: int | str) -> str:
    """The name of a named property: property sets and names are compared without regard to case."""
    return f"{property_set}:{name:04x}" if isinstance(name, int) else f"{property_set}:{name.casefold()}"


def name_map(guids: bytes, entries: bytes, strings: bytes) -> dict[int, str]:
    """Store-local id → name, from the three streams of the name-to-id map (MS-PST 2.4.7).

    An entry is a long id or an offset into `strings` (u32), the index of a property set doubled with the string flag (u16),
    and the index of the property (u16). What points outside its stream is left out.
    """
    names: dict[int, str] = {}
    for ident, which, index in struct.iter_unpack("<IHH", entries[: len(entries) // 8 * 8]):
        property_set = _property_set(guids, which >> 1)
        name = _string_at(strings, ident) if which & 1 else ident
        if property_set and name is not None:
            names[FIRST_NAMED + index] = named(property_set, name)
    return names


def _property_set(guids: bytes, index: int) -> str:
    if index in {1, 2}:
        return (PS_MAPI, PS_PUBLIC_STRINGS)[index - 1]
    place = (index - 3) * 16
    return str(uuid.UUID(bytes_le=guids[place : place + 16])) if 0 <= place <= len(guids) - 16 else ""


def _string_at(strings: bytes, offset: int) -> str | None:
    if offset + 4 > len(strings):
        return None
    (length,) = struct.unpack_from("<I", strings, offset)
    return strings[offset + 4 : offset + 4 + length].decode("utf-16-le", "replace")


def encoding(*code_pages: Value, default: str = "cp1252") -> str:
    """The codec of 8-bit text: that of the first code page that Python knows, else the default."""
    for page in code_pages:
        if not isinstance(page, int) or page <= 0:
            continue
        codec = "utf-8" if page == _UTF8 else f"cp{_WINDOWS_PAGE.get(page, page)}"
        try:
            codecs.lookup(codec)
        except LookupError:
            continue
        return codec
    return default


def decode(value_type: int, data: bytes | None, codec: str = "cp1252") -> Value:
    """The value in those bytes (MS-OXCDATA 2.11.1); None where they are too short for their type."""
    if data is None:
        return None
    if value_type == UNICODE:
        return unicode(data, len(data))
    try:
        if value_type & MULTIPLE:
            return _several(value_type & ~MULTIPLE, data, codec)
        return _one(value_type, data, codec)
    except (struct.error, OverflowError):
        return None


def _one(value_type: int, data: bytes, codec: str) -> Value:
    if value_type == UNICODE:
        return unicode(data, len(data))
    if value_type == STRING8:
        return data.decode(codec, "replace").rstrip("\0")
    reader = _SIMPLE.get(value_type)
    return reader(data) if reader else {"bytes": data.hex()}


def unicode(data: bytes, longest: int) -> str:
    """The text in UTF-16, of which no more than that many units are read."""
    # the codec itself: bytes.decode goes through Python for each of a file's millions of texts
    return _utf16(data[: 2 * longest], "replace", True)[0].rstrip("\0")


def _several(value_type: int, data: bytes, codec: str) -> Value:
    """A multiple value of variable size: a count, as many offsets, the values (MS-PST 2.3.3.4.2)."""
    if value_type not in {STRING8, UNICODE, BINARY}:
        return {"bytes": data.hex()}
    (count,) = struct.unpack_from("<I", data)
    if count > _MOST_VALUES:
        return None
    places = [*struct.unpack_from(f"<{count}I", data, 4), len(data)]
    return [_one(value_type, data[start:end], codec) for start, end in pairwise(places)]


def _time(data: bytes) -> Value:
    """A FILETIME, in 100 ns since 1601; none, zero and beyond the year 4500 say nothing."""
    (ticks,) = struct.unpack_from("<Q", data)
    if not 0 < ticks < _NO_DATE:
        return None
    return {"time": (_EPOCH + timedelta(microseconds=ticks // 10)).isoformat()}


def _number(layout: str) -> Callable[[bytes], Value]:
    def read(data: bytes) -> Value:
        value: int | float = struct.unpack_from(layout, data)[0]
        return value

    return read


_SIMPLE: dict[int, Callable[[bytes], Value]] = {
    0x0002: _number("<h"),
    0x0003: _number("<i"),
    0x0005: _number("<d"),
    0x000A: _number("<i"),
    0x000B: lambda data: bool(data[0]) if data else None,
    0x0014: _number("<q"),
    SYSTIME: _time,
    0x0048: lambda data: str(uuid.UUID(bytes_le=data[:16])) if len(data) >= _GUID else None,
}
