"""Who are the ordinary people of the demonstration, and whom of them does its CRM know?

Companies and their domains are those Microsoft made up for its own examples, the others end in .example; the phone numbers
are reserved for fiction; nobody here exists.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

CONTACTS, CLIENTS, SUPPLIERS, FAIR, TO_SORT = "Contacts", "Clients", "Fournisseurs", "Salon 2025", "À trier"

_FRENCH_GIVEN = (
    "Camille Élodie Hélène Chloé Zoé Léa Inès Agnès Noémie Maëlle Anaïs Solène Juliette Margaux Aurélie Béatrice Céline "
    "Delphine Éric François Benoît Jérôme Rémi Loïc Gaël Cédric Mathéo Théo Hugo Étienne Gérard André Joël Raphaël Sébastien "
    "Jean-Baptiste Marie-Claire Anne-Sophie Yann Malo"
)
_FRENCH_SURNAMES = (
    "Lefèvre Bérenger Fontaine Girard Moreau Chevalier Rousseau Blanchet Garnier Delacroix Perrin Marchand Noël Gauthier "
    "Besson Carpentier Aubert Lacombe Vasseur Guérin Boisvert Charpentier Duhamel Ferrand Hébert Jacquet Lambert Mercier "
    "Pelletier Renaud Salmon Tessier Vidal Weber Lévêque Bouchard Caron Didier Estève Faure Gilbert Humbert Imbert"
)
_ENGLISH_GIVEN = (
    "Alice Amelia Ava Beth Carol Chloe Daisy Eleanor Emily Fiona Grace Hannah Isla Jane Kate Lucy Mary Nora Olivia Paula "
    "Adam Ben Charles David Edward Frank George Harry Ian Jack Kevin Liam Mark Nathan Oliver Peter Robert Samuel Thomas William"
)
_ENGLISH_SURNAMES = (
    "Archer Baker Carter Dawson Ellis Fisher Gibson Harper Irving Jennings Keller Lawson Mason Norton Osborne Parker Quincy "
    "Ramsey Sawyer Turner Underwood Vaughan Walker Yates Abbott Barlow Chapman Drake Everett Foster Graham Holmes Ingram Jarvis "
    "Kendall Lambert Mercer Nash Olsen Porter Reeves Spencer Tucker"
)
_GERMAN_GIVEN = "Jürgen Käthe Björn Günther Sören Änne Jörg Ute Lars Heike Ralf Birgit Dörte Uwe"
_GERMAN_SURNAMES = "Müller Schröder Krüger Weiß Böhm Köhler Vogel Jäger Schäfer Groß Möller König Lang Roth Brandt"
_POOLS = {
    "fr": (_FRENCH_GIVEN.split(), _FRENCH_SURNAMES.split()),
    "en": (_ENGLISH_GIVEN.split(), _ENGLISH_SURNAMES.split()),
    "de": (_GERMAN_GIVEN.split(), _GERMAN_SURNAMES.split()),
}
_TITLES = {
    "fr": ("Directrice des achats", "Chef de projet", "Responsable commercial", "Assistante de direction", "Comptable"),
    "en": ("Purchasing Manager", "Project Lead", "Sales Director", "Executive Assistant", "Accountant"),
    "de": ("Einkaufsleiter", "Projektleiterin", "Vertrieb", "Assistenz", "Buchhaltung"),
}
_PLACES = {
    "fr": ("12 rue des Lilas", "Lyon", "69003", "France"),
    "en": ("4 Mill Lane", "Leeds", "LS1 4AB", "United Kingdom"),
    "de": ("Lindenallee 7", "Köln", "50667", "Deutschland"),
}
_CATEGORIES = {
    CONTACTS: ((), ("Prospect",), ("VIP",), (), ("Prospect", "Newsletter")),
    CLIENTS: (("Client",), ("Client", "VIP"), ("Client",), ("Client", "Newsletter", "Salon 2025"), ()),
    SUPPLIERS: (("Fournisseur",), ("Fournisseur", "Newsletter"), ()),
    FAIR: (("Salon 2025",), ("Salon 2025", "Prospect"), ("Salon 2025", "Presse")),
    TO_SORT: ((),),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Roster:
    """The people of one company as one folder spells it; the CRM knows the first `known` of them by their address."""

    company: str
    domain: str
    language: str
    people: int
    folder: str
    known: int = 0
    account: str = ""


ROSTERS: tuple[Roster, ...] = (
    Roster(company="Contoso", domain="contoso.com", language="fr", people=16, folder=CLIENTS, known=14, account="Contoso"),
    Roster(company="CONTOSO", domain="mail.contoso.com", language="fr", people=4, folder=CLIENTS, known=2, account="Contoso"),
    Roster(company="contoso", domain="paris.contoso.com", language="fr", people=4, folder=CONTACTS),
    Roster(company="Contoso Ltd", domain="contoso.com", language="en", people=6, folder=CONTACTS),
    Roster(company="CONTOSO, Ltd.", domain="mail.contoso.com", language="en", people=4, folder=FAIR),
    Roster(company="Fabrikam", domain="fabrikam.com", language="en", people=22, folder=CLIENTS, known=22, account="Fabrikam"),
    Roster(
        company="Northwind Traders",
        domain="northwindtraders.com",
        language="en",
        people=30,
        folder=CONTACTS,
        known=9,
        account="Northwind Traders",
    ),
    Roster(company="Litware", domain="litware.com", language="fr", people=24, folder=CLIENTS, known=12, account="Litware"),
    Roster(company="Wide World Importers", domain="wideworldimporters.com", language="en", people=26, folder=SUPPLIERS),
    Roster(company="Adventure Works", domain="adventure-works.com", language="en", people=18, folder=CLIENTS, known=3),
    Roster(company="Alpine Ski House", domain="alpineskihouse.com", language="fr", people=15, folder=CLIENTS),
    Roster(company="Tailspin Toys", domain="tailspintoys.com", language="en", people=20, folder=FAIR),
    Roster(company="Épicerie fine Lefèvre", domain="epicerie-lefevre.example", language="fr", people=4, folder=CLIENTS, known=1),
    Roster(company="EPICERIE FINE  LEFEVRE", domain="epicerie-lefevre.example", language="fr", people=3, folder=CONTACTS),
    Roster(company="Müller & Söhne GmbH", domain="mueller-soehne.example", language="de", people=14, folder=SUPPLIERS),
    Roster(company="Boulangerie Martin SARL", domain="boulangerie-martin.example", language="fr", people=8, folder=SUPPLIERS),
    Roster(company="Trey Research", domain="treyresearch.net", language="en", people=20, folder=FAIR),
    Roster(company="Proseware", domain="proseware.com", language="fr", people=18, folder=FAIR, known=5, account="Proseware"),
    Roster(company="Relecloud", domain="relecloud.com", language="en", people=14, folder=FAIR),
    Roster(company="VanArsdel", domain="vanarsdelltd.com", language="en", people=14, folder=SUPPLIERS),
    Roster(
        company="Woodgrove Bank",
        domain="woodgrovebank.com",
        language="en",
        people=16,
        folder=SUPPLIERS,
        known=1,
        account="Woodgrove Bank",
    ),
    Roster(company="Lucerne Publishing", domain="lucernepublishing.com", language="fr", people=12, folder=SUPPLIERS),
    Roster(company="Coho Winery", domain="cohowinery.com", language="fr", people=12, folder=CONTACTS),
    Roster(company="Fourth Coffee", domain="fourthcoffee.com", language="en", people=8, folder=TO_SORT),
    Roster(company="", domain="gmail.com", language="fr", people=14, folder=CONTACTS),
    Roster(company="", domain="orange.fr", language="fr", people=12, folder=CONTACTS),
    Roster(company="", domain="outlook.com", language="en", people=4, folder=FAIR),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One of them: the field values of the card, its folder and categories, and whether the CRM knows them."""

    values: Mapping[str, str]
    folder: str
    categories: tuple[str, ...]
    known: bool
    account: str


def people() -> Iterator[Person]:
    """Everybody, always in the same order; no name comes twice."""
    numbers = dict.fromkeys(_POOLS, 0)
    for roster in ROSTERS:
        for place in range(roster.people):
            number = numbers[roster.language]
            numbers[roster.language] += 1
            categories = _CATEGORIES[roster.folder]
            yield Person(
                values=_values(roster, number),
                folder=roster.folder,
                categories=categories[place % len(categories)],
                known=place < roster.known,
                account=roster.account,
            )


def _values(roster: Roster, number: int) -> Mapping[str, str]:
    given, surname = _name(roster.language, number)
    values = {
        "full_name": f"{given} {surname}",
        "given_name": given,
        "surname": surname,
        "company": roster.company,
        "email1": f"{local_part(given)}.{local_part(surname)}@{roster.domain}",
        "mobile_phone" if number % 3 else "business_phone": _phone(roster.language, number),
    }
    if roster.company:
        values["job_title"] = _TITLES[roster.language][number % 5]
    if number % 4 == 0 and roster.company:
        street, city, postcode, country = _PLACES[roster.language]
        values |= {"business_street": street, "business_city": city, "business_postcode": postcode, "business_country": country}
    return {key: value for key, value in values.items() if value}


def _name(language: str, number: int) -> tuple[str, str]:
    """The pools' sizes have no common factor with the step, so that no pair comes twice."""
    given, surnames = _POOLS[language]
    return given[number % len(given)], surnames[(number // len(given) + number) % len(surnames)]


def local_part(name: str) -> str:
    """A name as it stands in an address: lower-case ASCII letters and hyphens."""
    spelled = name.replace("ß", "ss")
    return "".join(letter for letter in unicodedata.normalize("NFKD", spelled).lower() if letter.isascii())


def _phone(language: str, number: int) -> str:
    """A number reserved for films and books: Arcep's, Ofcom's or the Bundesnetzagentur's."""
    if language == "fr":
        return f"+33 6 39 98 {number // 100:02} {number % 100:02}"
    return f"+44 20 7946 {number:04}" if language == "en" else f"+49 30 23125 {number:03}"
