"""How is a property's value written (MS-OXCDATA 2.11.1, MS-PST 2.3.3)?"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from typing import Any


class Type(IntEnum):
    """The property types that contacts need."""

    LONG = 0x0003
    BOOLEAN = 0x000B
    LONG_LONG = 0x0014
    STRING8 = 0x001E
    UNICODE = 0x001F
    TIME = 0x0040
    BINARY = 0x0102
    UNICODES = 0x101F
    BINARIES = 0x1102


Key = int | tuple[str, int | str]
"""A fixed tag, or (property set, long id or name)."""
Value = str | int | bytes | datetime | Sequence[str] | Sequence[bytes]
Property = tuple[Type, Value]
Properties = Mapping[Key, Property]

_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
_STRING8_CODEC = "cp1252"


def file_time(moment: datetime) -> int:
    """100 ns since 1601."""
    return (moment - _EPOCH) // timedelta(microseconds=1) * 10


def inline(kind: Type, value: Value) -> bytes | None:
    """The four bytes of a value that fits into a property's row, or None for one that lives elsewhere."""
    if kind is Type.LONG:
        return struct.pack("<i", value)
    return struct.pack("<I", bool(value)) if kind is Type.BOOLEAN else None


def encode(kind: Type, value: Value) -> bytes:
    """The bytes of a value that lives in the heap or in a sub-node."""
    return _ENCODERS[kind](value)


def _several(kind: Type) -> Callable[[Sequence[Any]], bytes]:
    """A count, the offset of each value, the values (MS-PST 2.3.3.4.2)."""

    def write(values: Sequence[Any]) -> bytes:
        parts = [encode(kind, value) for value in values]
        offsets, at = [], 4 + 4 * len(parts)
        for part in parts:
            offsets.append(at)
            at += len(part)
        return struct.pack(f"<I{len(parts)}I", len(parts), *offsets) + b"".join(parts)

    return write


_ENCODERS: dict[Type, Callable[[Any], bytes]] = {
    Type.UNICODE: lambda text: text.encode("utf-16-le", "surrogatepass"),
    Type.STRING8: lambda text: text.encode(_STRING8_CODEC, "replace"),
    Type.BINARY: bytes,
    Type.TIME: lambda moment: struct.pack("<Q", file_time(moment)),
    Type.LONG_LONG: lambda number: struct.pack("<q", number),
    Type.UNICODES: _several(Type.UNICODE),
    Type.BINARIES: _several(Type.BINARY),
}
