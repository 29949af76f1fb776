"""How is a person's name spelt, and may two spellings be one person's?"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import islice

from rapidfuzz.distance import OSA, JaroWinkler

from carnet.core.completing import NAME_KEYS, split_name
from carnet.core.nicknames import formal_names, is_given_name, one_given_name
from carnet.core.normalise import fold, name_tokens

_ALIKE = 0.9
"""Jaro-Winkler similarity of two words from which one may be the other misspelt: Jon and John 0.93, Tim and Tom 0.8."""
_LONG = 5
"""Letters of a word in which one letter more, less, other or swapped is a misspelling whatever the similarity."""
_FEMININE = frozenset({"a", "e", "ne", "le", "te", "ine", "ette", "elle"})
"""Endings that make another given name of one: Paul and Paula, Jean and Jeanne, Daniel and Danielle."""
_PARTICLES = frozenset({"de", "du", "des", "d", "la", "le", "les", "von", "vom", "van", "der", "den", "zu", "y", "da", "dos"})
_CONNECTORS = frozenset({"et", "and", "und"})
"""Words between the names of two people: Jean et Marie Roy."""
_UMLAUTS = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "å": "aa", "Å": "Aa", "ø": "oe", "Ø": "Oe"}
)
_BORN = re.compile(
    r"[(\[,]?\s*\b(?:née?|nee|geb\.?|geborener?|born|ép\.?|epouse|épouse|veuve|vve)\s+([^()\[\],]+)[)\]]?", re.IGNORECASE
)
_MOST_FORMS = 8

_Words = tuple[str, ...]


class Likeness(StrEnum):
    """How near two names are."""

    SAME = "same"
    NICKNAME = "nickname"
    """The same but for a short form of the given name."""
    SIMILAR = "similar"
    """One is a part of the other, has initials or a former surname, is run together or misspelt."""
    OTHER_SURNAME = "other_surname"
    """The same given name with another surname, as after a marriage."""
    OTHER_GIVEN = "other_given"
    """One surname with given names that overlap without being one: Claire and Marie-Claire, Jean et Marie."""
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Spelt:
    """A name in folded words: the first given name, the surname's words without particles, and the forms it may be written in.

    A form holds its words in order of the alphabet; `longer` are the forms with a short given name written out.
    `generation` is Jr., Sr., III …, folded.
    """

    given: str
    surnames: _Words
    forms: tuple[_Words, ...]
    longer: tuple[_Words, ...]
    generation: str


def spelling(values: Mapping[str, str]) -> Spelt:
    """The name in a card's or a CRM record's values; without any form where they hold none."""
    given, middle, surname, suffix = (values.get(key, "") for key in NAME_KEYS)
    whole = values.get("full_name", "")
    told = surname and whole == f"{given} {surname}" and not _BORN.search(whole)
    return _spelling(given, middle, surname, suffix, "" if told else whole)


@lru_cache(maxsize=1 << 12)
def _spelling(*parts: str) -> Spelt:
    given, middle, surname, suffix, whole = parts
    whole, former = _without_former(whole)
    if former:
        given, middle, surname = "", "", ""
    surname, also = _without_former(surname)
    split = split_name(whole) if whole else ("", "", "")
    written = [(given, middle, surname), (given, surname)] if surname else []
    written += [split[:2]] if whole else []
    first, last = (given, surname) if surname else split[:2]
    formers = [name for name in (former, also) if name]
    written += [(first, name) for name in formers]
    forms = tuple(dict.fromkeys(words for name in written for form in _umlauts(name) if (words := _sorted(form))))
    surnames = [word for word in name_tokens(" ".join([last, *formers])) if word not in _PARTICLES]
    surnames += _first_surname(first)
    return Spelt(
        given=next(iter(name_tokens(first)), ""),
        surnames=tuple(dict.fromkeys(surnames)),
        forms=forms,
        longer=_longer(first, last),
        generation=fold(suffix or split[2]).rstrip("."),
    )


def likeness(ours: Spelt, theirs: Spelt) -> Likeness:
    """How near the names are; it does not matter which is which. Both need a form."""
    if ours.generation and theirs.generation and ours.generation != theirs.generation:
        return Likeness.OTHER
    if not set(ours.forms).isdisjoint(theirs.forms):
        return Likeness.SAME
    if not {*ours.forms, *ours.longer}.isdisjoint((*theirs.forms, *theirs.longer)):
        return Likeness.NICKNAME
    if any(_similar(left, right) for left in ours.forms for right in theirs.forms):
        return Likeness.SIMILAR if _one_given(ours, theirs) else Likeness.OTHER_GIVEN
    first = len(ours.given) > 1 and len(theirs.given) > 1 and one_given_name(ours.given, theirs.given)
    return Likeness.OTHER_SURNAME if first and ours.surnames and theirs.surnames else Likeness.OTHER


def _umlauts(parts: _Words) -> Collection[_Words]:
    """The parts of a name, and with umlauts as two letters (Müller, Mueller)."""
    return (parts,) if all(map(str.isascii, parts)) else (parts, tuple(part.translate(_UMLAUTS) for part in parts))


def _sorted(parts: _Words) -> _Words:
    """The words of the parts, each part understood by itself: parts recur where whole names do not."""
    return tuple(sorted(word for part in parts for word in name_tokens(part)))


def _without_former(name: str) -> tuple[str, str]:
    """A surname such as "Martin (née Durand)" as both names."""
    found = _BORN.search(name) if " " in name else None
    return (f"{name[: found.start()]} {name[found.end() :]}".strip(), found[1].strip()) if found else (name, "")


def _first_surname(given: str) -> list[str]:
    """The last of several given names, where it may be the first of two surnames: María García, of María García López."""
    words = given.split()
    return [word for word in name_tokens(words[-1]) if len(word) > 1 and not is_given_name(word)] if len(words) > 1 else []


def _longer(first: str, last: str) -> tuple[_Words, ...]:
    """The forms with the given name written out: Bill Gates as William Gates, J.-P. Roy as Jean-Paul Roy."""
    words = name_tokens(first)
    given = " ".join(words)
    known = {name for name in (*formal_names(given), *formal_names(given.replace(" ", ""))) if name != given}
    if len(words) > 1:
        known |= {" ".join([name, *words[1:]]) for name in formal_names(words[0]) if name != words[0]}
    known.discard(given.replace(" ", ""))
    return tuple(_sorted((name, last)) for name in islice(sorted(known), _MOST_FORMS)) if last else ()


def _one_given(ours: Spelt, theirs: Spelt) -> bool:
    """Whether the first given names may be one's: unknown, equal, an initial, a short form or misspelt."""
    left, right = ours.given, theirs.given
    if any(word in _CONNECTORS for one in (ours, theirs) for word in one.forms[0]):
        return False
    if not left or not right or _alike(left, right) or one_given_name(left, right):
        return True
    crossed = left in theirs.surnames and right in ours.surnames
    joined = "".join(ours.forms[0]) == "".join(theirs.forms[0]) or left.startswith(right) or right.startswith(left)
    return crossed or (joined and not _is_feminine(*sorted((left, right), key=len)))


def _similar(ours: _Words, theirs: _Words) -> bool:
    """Whether every word of the shorter name has its like in the other."""
    left = [word for word in ours if word not in theirs]
    right = [word for word in theirs if word not in ours]
    if not left or not right:
        return True
    common = len(ours) - len(left)
    few, many = sorted((left, right), key=len)
    if len(few) + common <= 1 or (not common and len(left) != len(right)):
        return _run_together(left, right)
    return _each_has_its_like(few, many) or _run_together(left, right)


def _each_has_its_like(few: list[str], many: list[str]) -> bool:
    rest = list(many)
    for word in few:
        like = next((other for other in rest if _alike(word, other)), None)
        if like is None:
            return False
        rest.remove(like)
    return True


def _run_together(left: list[str], right: list[str]) -> bool:
    return not {"".join(left), "".join(reversed(left))}.isdisjoint({"".join(right), "".join(reversed(right))})


@lru_cache(maxsize=1 << 14)
def _alike(ours: str, theirs: str) -> bool:
    """Whether a word may be the other's initial, short form or misspelling."""
    short, long = sorted((ours, theirs), key=len)
    if len(short) == 1 or short == long:
        return long.startswith(short)
    if one_given_name(short, long):
        return True
    if _is_feminine(short, long) or (is_given_name(short) and is_given_name(long)):
        return False
    return JaroWinkler.similarity(short, long) >= _ALIKE or (len(short) >= _LONG and OSA.distance(short, long) == 1)


def _is_feminine(short: str, long: str) -> bool:
    return long.startswith(short) and long.removeprefix(short) in _FEMININE
