"""How does a table come into a spreadsheet without doing anything there?"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from carnet.words.catalogue import Words

ENCODING = "utf-8-sig"
"""With the mark by which a spreadsheet knows the letters."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def safe_cell(value: str) -> str:
    """The value, with an apostrophe before it where a spreadsheet would run it as a formula."""
    return f"'{value}" if value.lstrip(" ").startswith(_FORMULA) or value.startswith(_FORMULA) else value


def as_csv(words: Words, titles: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """The rows under titles (msgids), separated by semicolons where the comma is a decimal sign; no cell is a formula."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";" if words.language == "fr" else ",")
    writer.writerow([words.t(title) for title in titles])
    writer.writerows([safe_cell(cell) for cell in row] for row in rows)
    return out.getvalue()
