"""Which address book do benchmarks read?"""

from __future__ import annotations

import random

from carnet.core.identity import Naming, fingerprint
from carnet.model.contact import Contact, KeyStrength, Record, SourceKey

GIVEN = ("Camille", "Alix", "Jean", "Marie", "Paul", "Lou", "Sacha", "Anne", "Hugo", "Louise", "Jules", "Emma", "Adam", "Nora")
SYLLABLES = [consonant + vowel for consonant in "bdlmrstnv" for vowel in "aeiou"]
PLACES = (("Lyon", "69002"), ("Paris", "75011"), ("Nantes", "44000"), ("Lille", "59000"), ("Toulouse", "31000"))


def cards(count: int, *, companies: int | None = None, seed: int = 1) -> list[Record]:
    """That many people, each with about fifteen fields, in a tenth as many companies; the same for the same seed."""
    draw = random.Random(seed)
    firms = companies or max(1, count // 10)
    naming = Naming()
    return [_record(number, draw, firms=firms, naming=naming) for number in range(count)]


def word(draw: random.Random, syllables: int) -> str:
    """A made-up name."""
    return "".join(draw.choices(SYLLABLES, k=syllables)).capitalize()


def _record(number: int, draw: random.Random, *, firms: int, naming: Naming) -> Record:
    given, surname = draw.choice(GIVEN), word(draw, 4)
    firm = draw.randrange(firms)
    city, code = draw.choice(PLACES)
    contact = Contact(
        values={
            "given_name": given,
            "surname": surname,
            "full_name": f"{given} {surname}",
            "company": f"Société {firm} Conseil",
            "job_title": draw.choice(("Directrice", "Acheteur", "Ingénieure", "Comptable")),
            "department": draw.choice(("Ventes", "Achats", "Études")),
            "email1": f"{given}.{surname}{number}@societe{firm}.example".lower(),
            "business_phone": f"+33 4 72 {number // 10000 % 100:02} {number // 100 % 100:02} {number % 100:02}",
            "mobile_phone": f"+33 6 12 {number // 10000 % 100:02} {number // 100 % 100:02} {number % 100:02}",
            "business_street": f"{draw.randrange(1, 200)} rue de la {word(draw, 3)}",
            "business_city": city,
            "business_postcode": code,
            "business_country": "France",
            "notes": f"Rencontré au salon de {city}.\nÀ rappeler.",
        },
        categories=(draw.choice(("Clients", "Prospects", "Partenaires")),),
    )
    print_ = fingerprint(contact)
    keys = (
        SourceKey(strength=KeyStrength.SEARCH, key=f"{number:032x}"),
        SourceKey(strength=KeyStrength.FINGERPRINT, key=print_),
    )
    return Record(id=naming.name(keys), folder="contacts", place=str(number), keys=keys, version=print_, contact=contact)
