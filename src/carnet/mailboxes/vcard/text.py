"""What do the bytes of a vCard value say?"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from datetime import date
from functools import lru_cache

_CHARSETS = ("ascii", "utf-8", "utf-16", "iso8859", "cp", "koi8", "gb", "big5", "shift_jis", "euc", "iso2022", "mac", "hz", "tis")
_ESCAPE_OLD = re.compile(r"\\([;:,\\])")
_ESCAPE = re.compile(r"\\([nN;:,\\\"])")
_PAIR_OLD = r"\\[;:,\\]"
_PAIR = r"\\."
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029]")
_BREAKS = re.compile("\r\n|\r|\x85")
_DATE = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})(?:[T ].*)?", re.ASCII)
_NO_YEAR = re.compile(r"--(\d{2})-?(\d{2})(?:T.*)?", re.ASCII)
_DAY_FIRST = re.compile(r"(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})", re.ASCII)
_LONGEST_NAME = 40
_YEAR_UNKNOWN = 1604
_LEAP_YEAR = 2000
_NO_DATE = "4501-01-01"


def decoded(raw: bytes, *charsets: str) -> tuple[str, bool]:
    """The text of these bytes by the first charset that fits, then UTF-8, then Windows' western page; whether it is whole."""
    for charset in (*charsets, "utf-8", "cp1252"):
        name = _known(charset) if charset and len(charset) <= _LONGEST_NAME else ""
        try:
            if name:
                return raw.decode(name), True
        except UnicodeDecodeError:
            continue
    return raw.decode("cp1252", errors="replace"), False


@lru_cache(maxsize=64)
def _known(charset: str) -> str:
    """The codec of a charset's name; codecs that are no charsets (punycode, zip …) are none."""
    try:
        name = codecs.lookup(charset.strip().strip("\"'")).name if charset.isascii() else ""
    except (LookupError, ValueError):
        return ""
    return name if name.startswith(_CHARSETS) else ""


def unescaped(text: str, *, old: bool) -> str:
    r"""The text without its escapes: version 2.1 (`old`) has `\;` `\:` `\,` `\\` alone, so that `C:\new` survives."""
    if "\\" not in text:
        return clean(text)
    if old:
        return clean(_ESCAPE_OLD.sub(r"\1", text))
    return clean(_ESCAPE.sub(lambda match: "\n" if match[1] in "nN" else match[1], text))


def clean(text: str) -> str:
    r"""The text with `\n` for every line end and without control characters and blanks around it."""
    if text.isprintable():
        return text.strip()
    return _CONTROL.sub("", _BREAKS.sub("\n", text)).strip()


def split(text: str, separator: str, *, old: bool) -> tuple[str, ...]:
    """The parts of a structured value, unescaped."""
    return tuple(unescaped(part, old=old) for part in _parts(text, separator, old=old))


def _parts(text: str, separator: str, *, old: bool) -> Iterator[str]:
    if "\\" not in text:
        yield from text.split(separator)
        return
    start = 0
    for match in re.finditer(f"{_PAIR_OLD if old else _PAIR}|{separator}", text, re.DOTALL):
        if match[0] == separator:
            yield text[start : match.start()]
            start = match.end()
    yield text[start:]


def iso_date(text: str) -> str | None:
    """YYYY-MM-DD, or --MM-DD without a year; "" for Outlook's "no date", None for what is no full date.

    Apple writes the year 1604 where none is known.
    """
    if match := _DATE.fullmatch(text):
        year, month, day = (int(part) for part in match.groups())
    elif match := _NO_YEAR.fullmatch(text):
        year, (month, day) = _YEAR_UNKNOWN, (int(part) for part in match.groups())
    elif match := _DAY_FIRST.fullmatch(text):
        day, month, year = (int(part) for part in match.groups())
    else:
        return None
    try:
        found = date(_LEAP_YEAR if year == _YEAR_UNKNOWN else year, month, day)
    except ValueError:
        return None
    if found.isoformat() == _NO_DATE:
        return ""
    return f"--{found:%m-%d}" if year == _YEAR_UNKNOWN else found.isoformat()
