"""Which field does each column of a table hold, going by the titles?

The titles themselves stand in titles.json: Outlook's in nine locales, Thunderbird's, Google's, groupware names and plain words.
A title is matched on its letters and digits alone, so labels that drift in case, accents or punctuation still meet.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import Any

LOST = "\N{REPLACEMENT CHARACTER}"
PRIVACY = ("private", "sensitivity")

_UNDECOMPOSED = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ð": "d", "æ": "ae", "œ": "oe", "ı": "i"})
_NUMBER = re.compile(r"\d+")
_LOST_RUN = re.compile(f"{LOST}+")
_LONGEST_TITLE = 200
_MOST_LOST = 8
"""Lost characters in one title; with more the search for what it was would never end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """The titles of one program in one language, in its own order: pairs of folded title and key."""

    family: str
    language: str
    entries: tuple[tuple[str, str], ...]
    positions: Mapping[str, tuple[int, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What the titles say: a key for each column ("" unknown), and how many titles the layout itself knows."""

    layout: Layout
    keys: tuple[str, ...]
    hits: int


def fold(text: str) -> str:
    """The letters and digits of a text, without case and accents; a lost character stays, as a wildcard."""
    letters = unicodedata.normalize("NFKD", text.casefold()).translate(_UNDECOMPOSED)
    return "".join(each for each in letters if each.isalnum() or each == LOST)


def understand(titles: Sequence[str], layout: Layout) -> Header:
    """Give each column of a header its key, within that layout first, then by what any other calls it."""
    choices = [_positions(fold(title), layout) for title in titles]
    chosen = _resolved(choices)
    keys = [
        _numbered(layout.entries[place][1], title) if place is not None else _elsewhere(title)
        for place, title in zip(chosen, titles, strict=True)
    ]
    return Header(layout=layout, keys=_named(keys), hits=sum(place is not None for place in chosen))


def closest(titles: Sequence[str]) -> tuple[Layout, int]:
    """The layout that knows most of these titles, and how many it knows."""
    folded = [fold(title) for title in titles if len(title) <= _LONGEST_TITLE]
    scored = [(sum(bool(_positions(title, layout)) for title in folded), layout) for layout in layouts()]
    known, layout = max(scored, key=lambda each: each[0])
    return layout, known


def _positions(folded: str, layout: Layout) -> tuple[int, ...]:
    if not folded or len(folded) > _LONGEST_TITLE or folded.count(LOST) > _MOST_LOST:
        return ()
    if LOST in folded:
        return _by_pattern(folded, layout.family, layout.language)
    return layout.positions.get(folded) or layout.positions.get(_NUMBER.sub("#", folded, count=1), ())


@lru_cache(maxsize=1024)
def _by_pattern(folded: str, family: str, language: str) -> tuple[int, ...]:
    layout = next(each for each in layouts() if (each.family, each.language) == (family, language))
    # one letter may have been lost as two characters, and one lost character may have stood for two letters (ß)
    pattern = re.compile(_LOST_RUN.sub(lambda run: rf"\w{{1,{2 * len(run[0])}}}", folded))
    return tuple(place for place, (title, _) in enumerate(layout.entries) if pattern.fullmatch(title))


def _resolved(choices: Sequence[tuple[int, ...]]) -> list[int | None]:
    """One place in the layout for each column: titles that stand there twice are told apart by their neighbours."""
    repeats = Counter(places for places in choices if len(places) > 1)
    anchors = {column: places[0] for column, places in enumerate(choices) if len(places) == 1}
    taken: set[int] = set()
    chosen: list[int | None] = []
    for column, places in enumerate(choices):
        free = [place for place in places if place not in taken] or list(places)
        if not free:
            chosen.append(None)
            continue
        in_order = repeats[places] == len(places)
        place = free[0] if len(free) == 1 or in_order else min(free, key=lambda each: _distance(each, column, anchors))
        taken.add(place)
        chosen.append(place)
    return chosen


def _distance(place: int, column: int, anchors: Mapping[int, int]) -> int:
    """How far a place is from where the nearest sure columns on both sides would have it."""
    before = max((each for each in anchors if each < column), default=None)
    after = min((each for each in anchors if each > column), default=None)
    near = [abs(place - (anchors[each] + column - each)) for each in (before, after) if each is not None]
    return min(near, default=0)


def _numbered(key: str, title: str) -> str:
    number = _NUMBER.search(title)
    return key.replace("#", f"{number.group()}.") if number else key


def _elsewhere(title: str) -> str:
    """What another layout calls a column that this one does not know; a word for "private" anywhere is taken for one."""
    folded = fold(title)
    meanings = [_numbered(layout.entries[places[0]][1], title) for layout in layouts() if (places := _positions(folded, layout))]
    private = next((key for key in meanings if key in PRIVACY), "") or _privacy_words().get(folded, "")
    return private or next(iter(meanings), "")


def _named(keys: list[str]) -> tuple[str, ...]:
    """A "name" that stands beside a first name and no last name is the last name."""
    if "given_name" in keys and "surname" not in keys and "full_name" in keys:
        keys[keys.index("full_name")] = "surname"
    return tuple(keys)


@cache
def layouts() -> tuple[Layout, ...]:
    """Every layout; of two that know as many titles of a header, the first is meant."""
    facts = _facts()
    found = []
    for family in ("outlook", "thunderbird"):
        keys, *tables = facts[family].items()
        for language, titles in tables:
            drift = facts["outlook_also"].get(language, {}) if family == "outlook" else {}
            found.append(_layout(family, language, [*zip(titles, keys[1], strict=True), *drift.items()]))
    found.append(_layout("google", "en", [*facts["google"].items()]))
    found.append(_layout("groupware", "en", [*facts["groupware"].items()]))
    found.extend(_layout("plain", language, list(titles.items())) for language, titles in facts["plain"].items())
    return tuple(found)


def _layout(family: str, language: str, titles: Sequence[tuple[str, str]]) -> Layout:
    entries = tuple((_folded_pattern(title), key) for title, key in titles)
    positions: dict[str, tuple[int, ...]] = {}
    for place, (title, key) in enumerate(entries):
        known = positions.get(title, ())
        if key not in {entries[each][1] for each in known}:
            positions[title] = (*known, place)
    return Layout(family=family, language=language, entries=entries, positions=positions)


def _folded_pattern(title: str) -> str:
    return "#".join(fold(part) for part in title.split("#"))


@cache
def _privacy_words() -> Mapping[str, str]:
    return dict(_elsewhere_entries())


def _elsewhere_entries() -> Iterator[tuple[str, str]]:
    for key, words in _facts()["elsewhere"].items():
        yield from ((fold(word), key) for word in words)


@cache
def _facts() -> dict[str, Any]:
    text = resources.files(__package__).joinpath("titles.json").read_text(encoding="utf-8")
    facts: dict[str, Any] = json.loads(text)
    return facts
