"""How is this table written: in which encoding, with which delimiter, in which language, with or without titles?

The answer is the reading under which most titles of the first row are known ones; charset guessing does worse.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from carnet.errors import BadSettings, DamagedFile, UnsupportedFile
from carnet.mailboxes.outlook_csv.rows import Row, Rows
from carnet.mailboxes.outlook_csv.titles import LOST, Header, Layout, closest, understand

HEAD = 256 * 1024
"""Bytes looked at."""
MOST_COLUMNS = 1000
"""Columns; a table with more is refused."""

_DELIMITERS = ",;\t|"
_PAGES = ("cp1252", "cp1250", "cp932", "cp1251", "cp1254", "cp1253", "gbk", "cp850", "mac_roman")
_PAGE_OF_REGION = {
    **dict.fromkeys(("PL", "CZ", "SK", "HU", "SI", "HR", "RO", "RS", "BA", "AL"), "cp1250"),
    **dict.fromkeys(("RU", "UA", "BY", "BG", "MK", "KZ"), "cp1251"),
    "GR": "cp1253",
    "CY": "cp1253",
    "TR": "cp1254",
    "JP": "cp932",
    "CN": "gbk",
}
_NAMES = (".csv", ".txt", ".tsv", ".tab")
_FOREIGN = (b"!BDN", b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF", b"\x89PNG", b"\xff\xd8\xff")
_CARD = re.compile(r"\s*BEGIN\s*:\s*V", re.IGNORECASE)
_CONTROL = re.compile(r"[\x01-\x08\x0b\x0c\x0e-\x19\x1b-\x1f\x7f]")
_SEPARATOR_LINE = re.compile(r"\s*\"?sep=(.)\"?\s*", re.IGNORECASE)
_DIGITS = re.compile(r"\d.*\d.*\d")
_SAMPLE = 30
_NO_FILE_ENCODINGS = frozenset(
    {"idna", "punycode", "utf-7", "utf-32", "unicode-escape", "raw-unicode-escape", "undefined", "mbcs", "oem"}
)
_ENOUGH = 0.2
_FAR_MORE = 4
_RARE = 20
_BLOCK = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How a table is written; `titles` are () where it has none, and `first` is the line of its first data row."""

    encoding: str
    delimiter: str
    header: Header
    titles: tuple[str, ...]
    first: int

    @property
    def language(self) -> str:
        """The language of its titles, "en" for British too."""
        return self.header.layout.language if self.header.layout.language != "en_GB" else "en"


def recognises(head: bytes, name: str) -> bool:
    """Whether a file that begins so looks like a table of text, or is called one."""
    if head.startswith(_FOREIGN):
        return False
    text = _decoded(head[:HEAD])
    if _CARD.match(text.lstrip("\ufeff")):
        return False
    if name.casefold().endswith(_NAMES):
        return True
    if _is_binary(text):
        return False
    return any(_consistent(text, delimiter)[0] > 1 for delimiter in _DELIMITERS)


def detect(path: Path, *, encoding: str, region: str) -> Dialect:
    """How that file is written; `encoding` "" finds it out.

    DamagedFile where it is empty, UnsupportedFile where it is no text, BadSettings where there is no such encoding.
    """
    head = _head(path)
    candidates = [_known_encoding(encoding, head)] if encoding else _encodings(path, head, region)
    found = [reading for each in candidates for reading in _readings(_text(head, each), each)]
    if not found:
        raise DamagedFile("The file holds no rows.", "Export the contacts again and choose the new file.")
    return max(found, key=lambda each: each[0])[1]


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        head = file.read(HEAD)
    if not head.strip(b"\0 \t\r\n\xef\xbb\xbf\xff\xfe\x1a"):
        raise DamagedFile("The file is empty.", "Export the contacts again and choose the new file.")
    if head.startswith(_FOREIGN) or _is_binary(_decoded(head)):
        raise UnsupportedFile(
            "This is not a table of text.",
            "In Outlook choose File > Open & Export > Import/Export > Export to a file > Comma Separated Values.",
        )
    return head


def _known_encoding(name: str, head: bytes) -> str:
    try:
        known = codecs.lookup(name).name
        if known == "utf-16" and not head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            known = "utf-16-le"
        "".encode(known)
        _text(head, known)
    except (LookupError, ValueError) as error:
        raise _no_encoding(name) from error
    if known in _NO_FILE_ENCODINGS:
        raise _no_encoding(name)
    return "utf-8-sig" if known == "utf-8" else known


def _no_encoding(name: str) -> BadSettings:
    return BadSettings("There is no encoding {encoding}.", "Choose another one, for example utf-8.", encoding=name)


def _encodings(path: Path, head: bytes, region: str) -> list[str]:
    """The encodings that the bytes allow, the likeliest first."""
    if marked := _marked(head):
        return [marked]
    if _decodes(path, "utf-8"):
        return ["utf-8-sig"]
    preferred = _PAGE_OF_REGION.get(region, "cp1252")
    pages = [preferred, *(page for page in _PAGES if page != preferred)]
    possible = [page for page in pages if _decodes(path, page)]
    if preferred not in possible and _mostly(head, preferred):
        possible.insert(0, preferred)
    possible = possible or ["cp1252"]
    return ["utf-8-sig", *possible] if _mostly_utf8(head) else [*possible, "utf-8-sig"]


def _mostly_utf8(head: bytes) -> bool:
    """Whether a text that breaks the rules of UTF-8 somewhere keeps them elsewhere: cut short, or pasted together."""
    text = head.decode("utf-8", errors="replace")
    lost = text.count(LOST)
    return sum(not each.isascii() for each in text) - lost > _FAR_MORE * lost


def _mostly(head: bytes, page: str) -> bool:
    """Whether so few bytes mean nothing in that page that they are more likely damage than another page."""
    text = _text(head, page)
    return sum(not each.isascii() for each in text) > _RARE * text.count(LOST)


def _marked(head: bytes) -> str:
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    even, odd = head[0:4096:2], head[1:4096:2]
    for zeros, others, name in ((odd, even, "utf-16-le"), (even, odd, "utf-16-be")):
        if zeros and zeros.count(0) > len(zeros) * 0.4 and others.count(0) < len(others) * 0.1:
            return name
    return ""


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                decoder.decode(block)
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _text(head: bytes, encoding: str) -> str:
    return codecs.getincrementaldecoder(encoding)("replace").decode(head)


def _decoded(head: bytes) -> str:
    marked = _marked(head)
    if marked:
        return _text(head, marked)
    return head.decode("utf-8", errors="ignore") or head.decode("latin-1")


def _is_binary(text: str) -> bool:
    odd = len(_CONTROL.findall(text)) + max(0, text.count("\0") - len(text) // 20)
    return odd > max(2, len(text) // 50)


def _readings(text: str, encoding: str) -> Iterator[tuple[tuple[float, ...], Dialect]]:
    """Every way to read the text so encoded, with how good it is: titles known (share, number), then evenness of the rows."""
    separator = _SEPARATOR_LINE.fullmatch(text.lstrip("\ufeff").split("\n", 1)[0])
    for delimiter in separator[1] if separator else _DELIMITERS:
        try:
            rows = [row for row in _some(text, delimiter) if not row.blank]
        except csv.Error:  # the separator line asks for what can be none
            continue
        rows = rows[1:] if separator else rows
        if not rows:
            continue
        if len(rows[0].cells) > MOST_COLUMNS:
            raise UnsupportedFile(
                "The table has more than {most} columns.",
                "Remove the columns that hold no contact data and try again.",
                most=MOST_COLUMNS,
            )
        layout, known = closest(rows[0].cells)
        titled = _has_titles(rows, known)
        width, even = _width(rows)
        share = known / max(1, len(rows[0].cells)) if titled else 0.0
        yield (
            (share, known, even * (width > 1), width),
            _dialect(rows, layout, encoding=encoding, delimiter=delimiter, titled=titled),
        )


def _dialect(rows: list[Row], layout: Layout, *, encoding: str, delimiter: str, titled: bool) -> Dialect:
    width, _ = _width(rows)
    titles = tuple(title.strip().lstrip("\ufeff") for title in rows[0].cells) if titled else ()
    header = understand(titles, layout) if titled else Header(layout=layout, keys=("",) * width, hits=0)
    first = (rows[1].line if len(rows) > 1 else rows[0].line + 1) if titled else rows[0].line
    return Dialect(encoding=encoding, delimiter=delimiter, header=header, titles=titles, first=first)


def _some(text: str, delimiter: str) -> Iterable[Row]:
    rows = Rows(io.StringIO(text.lstrip("\ufeff"), newline=""), delimiter=delimiter)
    return (row for _, row in zip(range(_SAMPLE), rows, strict=False))


def _has_titles(rows: list[Row], known: int) -> bool:
    """Whether the first row holds titles: known ones, or none known but unlike the rows that follow."""
    first = [cell.strip() for cell in rows[0].cells]
    while first and not first[-1]:
        first.pop()
    if not first or any("@" in cell for cell in first):
        return False
    if known and (known >= len(first) * _ENOUGH or known > 2):  # noqa: PLR2004 - three known titles are no chance
        return True
    plain = len(first) > 1 and len(set(first)) == len(first) and all(cell and not _DIGITS.search(cell) for cell in first)
    return plain and any("@" in cell or _DIGITS.search(cell) for row in rows[1:] for cell in row.cells)


def _width(rows: list[Row]) -> tuple[int, float]:
    widths = Counter(len(row.cells) for row in rows if not row.problem)
    width, count = max(widths.items(), key=lambda each: (each[1], each[0]), default=(1, 0))
    return width, count / len(rows)


def _consistent(text: str, delimiter: str) -> tuple[int, float]:
    rows = [row for row in _some(text, delimiter) if not row.blank]
    width, even = _width(rows) if rows else (1, 0.0)
    return (width, even) if even > 1 / 2 else (1, even)
