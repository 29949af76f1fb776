r"""Which lines does a stream of bytes hold, whatever ends them and however they are encoded?

Lines end in `\r*\n` or `\r` (an iPhone writes `\r\r\n`). Work and memory grow with the bytes alone: nothing here looks at a
byte twice, however hostile the file.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator
from itertools import chain

LONGEST_LINE = 32 * 1024 * 1024
"""Bytes of one line; what follows them in that line is left out, and the line is one byte longer than this."""

_LONGEST_CARRY = 1024
_LOOKED_AT = 200


def plain_bytes(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The same text without a byte order mark, and in UTF-8 where it was in UTF-16 (with a mark or without)."""
    source = iter(chunks)
    first = next(source, b"")
    encoding = _utf16(first)
    if encoding:
        yield from _recoded(chain([first], source), encoding)
    else:
        yield first.removeprefix(codecs.BOM_UTF8)
        yield from source


def is_utf16(first: bytes) -> bool:
    """Whether these first bytes are UTF-16: their text has one encoding, whatever a CHARSET says."""
    return bool(_utf16(first))


def _utf16(first: bytes) -> str:
    if first.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    zeros = [position for position, byte in enumerate(first[:_LOOKED_AT]) if not byte]
    if not zeros or len(zeros) * 3 < min(len(first), _LOOKED_AT):
        return ""
    odd = sum(position % 2 for position in zeros)
    return "utf-16-le" if odd * 2 > len(zeros) else "utf-16-be"


def _recoded(chunks: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
    for chunk in chunks:
        yield decoder.decode(chunk).encode()
    yield decoder.decode(b"", final=True).encode()


def physical_lines(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The lines of a stream of chunks, without their ends."""
    line = _Line()
    carry = b""
    for chunk in chunks:
        data = carry + chunk
        body = data.rstrip(b"\r")
        carry = data[len(body) :]
        if len(carry) > _LONGEST_CARRY:
            body, carry = data, b""
        *ended, rest = _split(body)
        for part in ended:
            yield line.ended_by(part)
        line.add(rest)
    last = line.ended_by(b"")
    if last:
        yield last


def _split(body: bytes) -> Iterator[bytes]:
    *ended, rest = body.split(b"\n")
    for piece in ended:
        yield from piece.rstrip(b"\r").split(b"\r")
    yield from rest.split(b"\r")


class _Line:
    """One line that grows over several chunks, up to its limit."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._size = 0

    def add(self, part: bytes) -> None:
        room = LONGEST_LINE + 1 - self._size
        if part and room > 0:
            self._parts.append(part[:room])
            self._size += len(self._parts[-1])

    def ended_by(self, part: bytes) -> bytes:
        self.add(part)
        whole = b"".join(self._parts)
        self._parts, self._size = [], 0
        return whole
