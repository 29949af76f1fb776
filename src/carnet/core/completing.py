"""What is this card about, a person or a company, and which last name has it where none was typed?"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from carnet.core.normalise import company_key, email_key, fold
from carnet.core.organisations import company_core, is_organisation
from carnet.model.contact import Contact

NAME_KEYS = ("given_name", "middle_name", "surname", "suffix")

_HONORIFICS = frozenset(
    {"m", "mr", "mrs", "ms", "miss", "mx", "mme", "mmes", "mlle", "mm", "monsieur", "madame", "mademoiselle", "me", "maitre"}
    | {"dr", "pr", "prof", "professeur", "docteur", "doctor", "professor", "sir", "rev", "hon", "ing", "mag", "dipl-ing"}
    | {"herr", "frau", "hr", "fr", "sr", "sra", "srta", "don", "dona", "sig", "sigra", "dott", "dottssa", "avv", "dhr", "mevr"}
)
_NAMES_TOO = frozenset({"m", "fr", "sr", "don", "hon", "mag", "ing"})
"""Honorifics that without a full stop may be a name or an initial."""
_SUFFIXES = frozenset(
    {
        "jr",
        "sr",
        "ii",
        "iii",
        "iv",
        "phd",
        "md",
        "mba",
        "msc",
        "bsc",
        "esq",
        "cpa",
        "dds",
        "llm",
        "rn",
        "pe",
        "dipl-ing",
        "fils",
        "pere",
    }
)
_PARTICLES = frozenset(
    {"de", "du", "des", "d", "la", "le", "les", "von", "vom", "van", "der", "den", "zu", "zur", "zum", "ter", "ten", "te", "del"}
    | {"della", "di", "da", "dos", "das", "do", "el", "al", "bin", "ben", "ibn", "af", "av", "st", "saint", "mac", "lo"}
)
_ALSO_GIVEN = frozenset({"van", "ben", "al", "della", "di", "el", "mac", "lo", "saint"})
_BRACKETED = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|<[^<>]*>")
_EAST_ASIAN = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+")
_LETTER = re.compile(r"[^\W\d_]")


class Nature(StrEnum):
    """What a card is about."""

    PERSON = "person"
    COMPANY = "company"
    NOTHING = "nothing"
    """Neither a name nor a company."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Completed:
    """A card with the missing parts of its name: `values` are the contact's own and those, `invented` names those.

    A person has a `surname`. A company has a `company`, and keeps whatever name parts the card had.
    """

    values: Mapping[str, str]
    invented: frozenset[str]
    nature: Nature


@dataclass(frozen=True, slots=True, kw_only=True)
class _Split:
    given: str = ""
    surname: str = ""
    suffix: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Named:
    """What a card calls itself: the parts typed, and texts that may hold a whole name, best first."""

    parts: Mapping[str, str]
    texts: tuple[str, ...]


def complete(contact: Contact) -> Completed:
    """Find the last name (surname, else in the full name, else in file-as, else the nickname) and the nature of the card.

    A card whose only name is its company's is a company's card, and so is one whose name ends in an organisation type.
    """
    named = _named(contact)
    company = contact.get("company")
    texts = [text for text in named.texts if not _is_company(text, company)]
    joined = " ".join(part for key in NAME_KEYS if (part := named.parts.get(key, "")))
    if joined and _is_company(joined, company):
        return _company(contact, company or joined)
    if "surname" in named.parts:
        return Completed(values={**contact.values, **named.parts}, invented=frozenset(), nature=Nature.PERSON)
    if joined or texts:
        return _person(contact, named.parts, texts)
    if company or named.texts:
        return _company(contact, company or named.texts[0])
    return Completed(values=dict(contact.values), invented=frozenset(), nature=Nature.NOTHING)


def label(contact: Contact) -> str:
    """What a person calls the card: its name, else its company, else its first address or number; "" if it says nothing."""
    parts = (contact.get(key) for key in NAME_KEYS)
    named = contact.get("full_name") or " ".join(part for part in parts if part) or _person_in_file_as(contact)
    reachable = next(iter((*contact.emails, *contact.phones)), "")
    return named or contact.get("company") or contact.get("nickname") or reachable


@lru_cache(maxsize=1 << 17)
def split_name(text: str) -> tuple[str, str, str]:
    """Given names, last name and suffix of a full name as people write it; a single word is the last name.

    A capital word at either end is the last name, particles stay with it, honorifics are dropped.
    """
    bare = _BRACKETED.sub(" ", text)
    head, *rest = [part.strip() for part in (bare if bare.strip() else text).split(",") if part.strip()] or [text]
    suffixes = [part for part in rest if all(_bare(word) in _SUFFIXES for word in part.split())]
    given = [part for part in rest if part not in suffixes]
    if given:
        name = _Split(given=" ".join(_without_honorifics(given[0].split())), surname=head)
        suffixes.extend(given[1:])
    else:
        name = _split_words(_without_honorifics(head.split()))
    return name.given, name.surname, ", ".join([*filter(None, [name.suffix]), *suffixes])


def _named(contact: Contact) -> _Named:
    parts = {key: text for key in NAME_KEYS if (text := contact.get(key)) and not _is_no_name(text)}
    whole = (contact.get("full_name"), _person_in_file_as(contact), "" if parts else contact.get("nickname"))
    return _Named(parts=parts, texts=tuple(text for text in whole if text and not _is_no_name(text)))


def _person_in_file_as(contact: Contact) -> str:
    """File-as without the company that Outlook puts beside the name: "Dupont, Jean (Acme)", "Acme (Dupont, Jean)"."""
    text = " ".join(contact.extras.get("file_as", "").split())
    company = company_key(contact.get("company"))
    if company and fold(text).startswith(f"{company} (") and text.endswith(")"):
        return text.partition(" (")[2][:-1] if "(" not in company else text
    return text


def _person(contact: Contact, parts: Mapping[str, str], texts: list[str]) -> Completed:
    """The card with a last name: from the best text, else from the only part that was typed."""
    if texts:
        found = dict(zip(("given_name", "surname", "suffix"), _split_beside(texts[0], parts), strict=True))
        named = {**{key: value for key, value in found.items() if value}, **parts}
    else:
        only = next(key for key in NAME_KEYS if key in parts)
        named = {**{key: value for key, value in parts.items() if key != only}, "surname": parts[only]}
    if fold(named.get("given_name", "")) == fold(named["surname"]):
        del named["given_name"]
    kept = {key: value for key, value in contact.values.items() if key not in NAME_KEYS}
    invented = frozenset(key for key, value in named.items() if contact.get(key) != value)
    return Completed(values={**kept, **named}, invented=invented, nature=Nature.PERSON)


def _split_beside(text: str, parts: Mapping[str, str]) -> tuple[str, str, str]:
    """Split a full name of which the given names may be known."""
    known = [word for key in ("given_name", "middle_name") for word in parts.get(key, "").split()]
    words = text.split()
    if known and len(words) > len(known):
        if fold(" ".join(words[: len(known)])) == fold(" ".join(known)):
            return "", " ".join(words[len(known) :]), ""
        if fold(" ".join(words[-len(known) :])) == fold(" ".join(known)):
            return "", " ".join(words[: -len(known)]).rstrip(","), ""
    return split_name(text)


def _company(contact: Contact, company: str) -> Completed:
    invented = frozenset() if contact.get("company") else frozenset({"company"})
    return Completed(values={**contact.values, "company": company}, invented=invented, nature=Nature.COMPANY)


def _is_no_name(text: str) -> bool:
    """Whether the text is an address, a number or marks only, and so nobody's name."""
    return (
        "@" in text or bool(email_key(text)) or not _LETTER.search(text) or text.lower().startswith(("http:", "https:", "www."))
    )


def _is_company(text: str, company: str) -> bool:
    """Whether a name is the card's company, or some organisation's."""
    return is_organisation(text) or (bool(company) and company_core(text) == company_core(company))


def _bare(word: str) -> str:
    return fold(word).replace(".", "").strip(",;")


def _without_honorifics(words: list[str]) -> list[str]:
    while len(words) > 1 and _is_honorific(words[0]):
        words = words[1:]
    return words


def _is_honorific(word: str) -> bool:
    return _bare(word) in _HONORIFICS and (word.endswith(".") or _bare(word) not in _NAMES_TOO)


def _is_capital(word: str) -> bool:
    letters = [letter for letter in word if letter.isalpha()]
    return len(letters) > 1 and word.isupper() and "." not in word


def _split_words(words: list[str]) -> _Split:
    suffix = ""
    if words[2:] and _bare(words[-1]) in _SUFFIXES:
        *words, suffix = words
    start, end = _surname_span(words)
    given = words[:start] + words[end:]
    return _Split(given=" ".join(given), surname=" ".join(words[start:end]), suffix=suffix)


def _surname_span(words: list[str]) -> tuple[int, int]:
    """Where the last name starts and ends among the words."""
    capital = [_is_capital(word) for word in words]
    if not all(capital) and capital[0] and not capital[-1]:
        return 0, capital.index(False)
    if not all(capital) and capital[-1]:
        return len(words) - capital[::-1].index(False), len(words)
    if len(words) > 1 and all(_EAST_ASIAN.fullmatch(word) for word in words):
        return 0, 1
    start = len(words) - 1
    while start > 0 and _is_particle(words, start - 1):
        start -= 1
    return max(start, 0), len(words)


def _is_particle(words: list[str], place: int) -> bool:
    word = words[place]
    if fold(word).rstrip("'’") not in _PARTICLES:
        return False
    return place > 0 or not (fold(word) in _ALSO_GIVEN and word[0].isupper())
