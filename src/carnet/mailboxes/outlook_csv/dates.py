"""Which day does a cell mean?"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

MONTH_FIRST_REGIONS = frozenset({"US", "PH", "FM", "MH", "PW", "GU", "PR", "AS", "VI"})

_CLOCK = r"(?:[T ]+\d{1,2}:\d{2}.*)?"
_YEAR_FIRST = re.compile(r"(\d{4})[-/. ]+(\d{1,2})[-/. ]+(\d{1,2})\.?" + _CLOCK)
_PACKED = re.compile(r"(\d{4})(\d{2})(\d{2})")
_WITHOUT_YEAR = re.compile(r"--(\d{1,2})-?(\d{1,2})")
_YEAR_LAST = re.compile(r"(\d{1,2})[-/. ]+(\d{1,2})[-/. ]+(\d{2}|\d{4})\.?" + _CLOCK)
_CENTURY_TURNS = 30
_NO_YEAR = 4501
"""Outlook's year for "no date"."""
_LEAP_YEAR = 2000


def iso_date(text: str, *, day_first: bool) -> str | None:
    """YYYY-MM-DD, or --MM-DD without a year; "" for Outlook's ways to say "none"; None where it is no date."""
    text = text.strip()
    if text and not set(text) - set("0-/. :"):
        return ""
    if match := _WITHOUT_YEAR.fullmatch(text):
        day = _checked(_LEAP_YEAR, int(match[1]), int(match[2]))
        return f"--{day:%m-%d}" if day else None
    if match := _YEAR_FIRST.fullmatch(text) or _PACKED.fullmatch(text):
        year, month, number = (int(part) for part in match.groups()[:3])
    elif match := _YEAR_LAST.fullmatch(text):
        first, second = int(match[1]), int(match[2])
        number, month = (first, second) if day_first else (second, first)
        year = _full_year(match[3])
    else:
        return None
    if year == _NO_YEAR:
        return ""
    found = _checked(year, month, number)
    return found.isoformat() if found else None


def order(samples: Iterable[str]) -> bool | None:
    """Whether the day comes first in these dates; None where nothing tells, or they contradict each other."""
    seen = set()
    for text in samples:
        if match := _YEAR_LAST.fullmatch(text.strip()):
            first, second = int(match[1]), int(match[2])
            if (first > 12) != (second > 12):  # noqa: PLR2004 - months of a year
                seen.add(first > second)
    return seen.pop() if len(seen) == 1 else None


def _full_year(text: str) -> int:
    year = int(text)
    if len(text) > 2:  # noqa: PLR2004 - digits of a short year
        return year
    return year + (2000 if year < _CENTURY_TURNS else 1900)


def _checked(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
