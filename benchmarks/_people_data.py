"""Which people does the matching benchmark look for among whom?

People of Faker's French and American names in made-up companies; six in ten contacts are one of the CRM's, with or without
their e-mail, misspelt, without accents, with an initial or without their company's type.
"""

from __future__ import annotations

import csv
import random
import re
import unicodedata
from collections.abc import Iterable, Sequence
from pathlib import Path

from faker.providers.person.en_US import Provider as American
from faker.providers.person.fr_FR import Provider as French

FOLDER = Path(__file__).with_name(".data")
CONTACTS = 10_000
KNOWN = 1_000_000
_GIVEN = [name for who in (French, American) for names in (who.first_names_male, who.first_names_female) for name in names]
_SURNAMES = [name for who in (French, American) for name in who.last_names]
_TYPES = ("SA", "SARL", "SAS", "Inc.", "Ltd", "LLC", "GmbH", "")
_WORDS = (
    "Contoso Fabrikam Northwind Adventure Litware Proseware Alpine Tailspin Wingtip Relecloud Lucerne Datum Humongous Trey "
    "Woodgrove Margie Coho Fourth Graphic Southridge"
)
_KINDS = "Pharma Conseil Services Logistique Énergie Traders Research Consulting Industries Santé Media Systems"
_TYPE_AT_END = re.compile(r" (SA|SARL|SAS|Inc\.|Ltd|LLC|GmbH)$")

_Row = tuple[object, ...]
_Person = tuple[int, str, str, str, str]


def people(known: int = KNOWN, contacts: int = CONTACTS, *, seed: int = 7) -> Path:
    """The folder with `crm.csv` (id, first, last, company, email) and `cards.csv` (and `truth`, -1 for none); made once."""
    folder = FOLDER / f"people-{known}-{contacts}-{seed}"
    if not (folder / "cards.csv").is_file():
        folder.mkdir(parents=True, exist_ok=True)
        draw = random.Random(seed)
        firms = sorted({_company(draw) for _ in range(max(1000, known * 12 // 100))})
        crm = [_person(number, draw, firms) for number in range(known)]
        _write(folder / "crm.csv", "id first last company email", crm)
        _write(
            folder / "cards.csv",
            "id first last company email truth",
            (_card(n, draw, crm=crm, firms=firms) for n in range(contacts)),
        )
    return folder


def _company(draw: random.Random) -> tuple[str, str]:
    chance = draw.random()
    if chance < 0.5:
        name = f"{draw.choice(_SURNAMES)} {draw.choice(_KINDS.split())}"
    elif chance < 0.8:
        name = f"{draw.choice(_SURNAMES)} et {draw.choice(_SURNAMES)}"
    else:
        name = f"{draw.choice(_WORDS.split())} {draw.choice(_KINDS.split())}"
    return name, draw.choice(_TYPES)


def _person(number: int, draw: random.Random, firms: Sequence[tuple[str, str]]) -> _Person:
    first, last, (name, kind) = draw.choice(_GIVEN), draw.choice(_SURNAMES), draw.choice(firms)
    address = f"{_slug(first)}.{_slug(last)}{number % 97 if draw.random() < 0.3 else ''}@{_slug(name)}.example"
    return number, first, last, f"{name} {kind}".strip(), address if draw.random() < 0.8 else ""


def _card(number: int, draw: random.Random, *, crm: Sequence[_Person], firms: Sequence[tuple[str, str]]) -> _Row:
    chance = draw.random()
    if chance >= 0.6:
        _, first, last, company, _address = _person(number, draw, firms)
        place = f"{_slug(_TYPE_AT_END.sub('', company))}{draw.randrange(9)}.example"
        return number, first, last, company, f"{_slug(first)}.{_slug(last)}@{place}" if draw.random() < 0.7 else "", -1
    truth, first, last, company, address = draw.choice(crm)
    if chance < 0.3 and address:
        return number, first, last, company, address.upper() if draw.random() < 0.3 else f" {address}", truth
    company = _TYPE_AT_END.sub("", company) if draw.random() < 0.5 else company
    if draw.random() < 0.5:
        first, last = _plain(first), _plain(last)
    if draw.random() < 0.4:
        last = _misspelt(last, draw)
    elif draw.random() < 0.2:
        first = _misspelt(first, draw)
    company = _misspelt(company, draw) if draw.random() < 0.2 else company
    return number, f"{first[0]}." if draw.random() < 0.15 else first, last, company, "", truth


def _misspelt(text: str, draw: random.Random) -> str:
    """A letter less, two swapped, or one more."""
    if len(text) < 4:
        return text
    place, chance = draw.randrange(1, len(text) - 1), draw.random()
    if chance < 0.35:
        return text[:place] + text[place + 1 :]
    if chance < 0.7:
        return text[:place] + text[place + 1] + text[place] + text[place + 2 :]
    return text[:place] + draw.choice("aeioulrst") + text[place:]


def _plain(text: str) -> str:
    return "".join(letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter))


def _slug(text: str) -> str:
    return re.sub("[^a-z0-9]", "", _plain(text).lower())


def _write(path: Path, head: str, rows: Iterable[_Row]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(head.split())
        writer.writerows(rows)
