"""What stands in the mailbox of the demonstration? Every case that Carnet tells apart, at least once."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from carnet.testing.demo_people import CLIENTS, CONTACTS, FAIR, SUPPLIERS, TO_SORT, Person, people
from carnet.testing.pst.values import Type
from carnet.testing.pst_writer import SUBTREE, Card, PstWriter

NAME = "Carnet.pst"
_LEGACY = "/o=Contoso/ou=Exchange Administrative Group/cn=Recipients/cn="
_PASTED = bytes.fromhex("c0ffee00" * 4)
_PHOTO_EVERY = 40
_LONG_TITLE = (
    "Directrice adjointe chargée de la coordination des achats responsables, de la logistique internationale "
    "et des relations avec les fournisseurs"
)
_LONG_NOTE = "Compte rendu de la visite du salon.\n" + "Nous avons parlé des délais, des prix et du prochain catalogue.\n" * 40


def _card(name: str, categories: tuple[str, ...] = (), /, **values: str) -> Card:
    """A card for "Given Surname"; the surname is the last word."""
    given, _, surname = name.rpartition(" ")
    names = {"full_name": name, "given_name": given, "surname": surname}
    return Card(values={key: value for key, value in {**names, **values}.items() if value}, categories=categories)


def _nameless(**values: str) -> Card:
    return Card(values=values)


def _private(sensitivity: int, name: str, **values: str) -> Card:
    return replace(_card(name, (), **values), sensitivity=sensitivity)


# What the CRM already knows something about.
_MEETINGS: tuple[tuple[str, Card], ...] = (
    (CLIENTS, _card("Pauline Marchal", company="Litware", email1="p.marchal@litware.com")),
    (
        CLIENTS,
        _card("Nadia Benali", company="Woodgrove Bank", email1="nadia@woodgrovebank.com", business_phone="+44 20 7946 0900"),
    ),
    (CLIENTS, _card("Gaspard Toussaint", company="Contoso", email1="gaspard.toussaint@contoso.com")),
    (
        CLIENTS,
        replace(
            _card("Claire Vasseur-Fontenay", company="Contoso", email1="claire.fontenay@contoso.com"),
            extras={"prefix": "Mme", "file_as": "Vasseur-Fontenay, Claire (née Fontenay)"},
        ),
    ),
    (CONTACTS, _card("Hélène  d'Halluin", company="Northwind  Traders", email1="helene.dhalluin@northwindtraders.com")),
    (FAIR, _card("Inès Roche", company="Proseware", email1="info@proseware.com")),
    (FAIR, _card("Sam Rivers", company="Trey Research", email1="sam@treyresearch.net")),
    (CLIENTS, _card("Jean Martin", company="Contoso", email1="jean.martin1@contoso.com", department="Achats")),
    (CLIENTS, _card("Jean Martin", company="Contoso", email1="jean.martin2@contoso.com", department="Ventes")),
)
# What a card may lack, or have too much of.
_ODDITIES: tuple[tuple[str, Card], ...] = (
    (SUPPLIERS, _nameless(full_name="School of Fine Art", company="School of Fine Art", business_phone="+44 20 7946 0901")),
    (SUPPLIERS, _nameless(company="Lucerne Publishing", web_page="https://www.lucernepublishing.com")),
    (CONTACTS, _nameless(email1="anonyme@cohowinery.com")),
    (CONTACTS, _nameless(mobile_phone="+33 6 39 98 80 01", notes="Rencontré dans le train.")),
    (CONTACTS, _card("Maurice Perret", mobile_phone="+33 6 39 98 80 02")),
    (CONTACTS, _card("Odile Bastien", home_phone="+33 1 99 00 12 34+33 1 99 00 12 34")),
    (CLIENTS, _card("Solange Berthier", company="Litware", email1="solange@litware.com", job_title=_LONG_TITLE)),
    (FAIR, _card("Thibault Lenoir", company="Relecloud", email1="thibault@relecloud.com", notes=_LONG_NOTE)),
    (
        CLIENTS,
        _card(
            "Isabelle Grandjean",
            ("Client", "VIP", "Presse", "Newsletter"),
            company="Wide World Importers",
            email1="isabelle@wideworldimporters.com",
            email2="isabelle.grandjean@orange.fr",
            email3="direction@wideworldimporters.com",
            birthday="1972-05-14",
            anniversary="2001-06-30",
            spouse="Luc Grandjean",
            children="Nina, Paul",
            nickname="Isa",
            web_page="https://www.wideworldimporters.com",
            manager_name="Alice Archer",
            assistant_name="Ben Baker",
            assistant_phone="+44 20 7946 0902",
            home_street="3 quai du Rhône\nBâtiment B",
            home_city="Lyon",
            home_postcode="69002",
            home_country="France",
        ),
    ),
    (FAIR, _card("Émile Chastain", company="Tailspin Toys", email1="emile@tailspintoys.com", birthday="--02-29")),
    (TO_SORT, replace(_card("Rosa Winter", company="Fourth Coffee"), extras={"business_address": "1 Market Sq, Leeds"})),
    (
        FAIR,
        replace(
            _card(
                "花子 田中",
                company="Trey Research",
                email1="hanako@treyresearch.net",
                yomi_given_name="ハナコ",
                yomi_surname="タナカ",
            ),
            extras={"yomi_company": "トレイリサーチ"},
        ),
    ),
    (SUPPLIERS, _card("Jürgen Großmann", company="Müller & Söhne GmbH", email1="j.grossmann@mueller-soehne.example")),
    (SUPPLIERS, replace(_card("Zoë Ångström", company="VanArsdel", email1="zoe@vanarsdelltd.com"), eight_bit=True)),
    (
        CLIENTS,
        replace(
            _card("Rachid Amrani", company="Contoso"),
            exchange={1: (f"{_LEGACY}ramrani", "rachid.amrani@contoso.com", "Rachid Amrani", "")},
        ),
    ),
    (
        CLIENTS,
        replace(
            _card("Lena Hoffmann", company="Contoso"),
            exchange={1: (f"{_LEGACY}lhoffmann", "Lena", "Lena Hoffmann (lena.hoffmann@contoso.com)", "")},
        ),
    ),
    (
        CLIENTS,
        replace(
            _card("Victor Blanc", company="Contoso"),
            exchange={1: (f"{_LEGACY}vblanc", "Victor Blanc", "Victor Blanc", "")},
        ),
    ),
)
_PRIVATE: tuple[tuple[str, Card], ...] = (
    (CONTACTS, _private(2, "Docteur Secret", mobile_phone="+33 6 39 98 90 01")),
    (CONTACTS, _private(1, "Tante Personnelle", home_phone="+33 1 99 00 55 55", birthday="1950-12-24")),
    (CLIENTS, _private(3, "Source Confidentielle", company="Contoso", notes="Ne rien dire.")),
    (FAIR, replace(_card("Ami Discret", email1="ami.discret@gmail.com"), private=True)),
)
_PASTED_CARD = replace(
    _card("Marius Duclos", company="Coho Winery", email1="marius@cohowinery.com"), raw={0x300B: (Type.BINARY, _PASTED)}
)


def write_demo(path: Path) -> None:
    """Write the demonstration's mailbox: about 400 contacts in five folders; the same bytes every time."""
    with PstWriter(path, name="Carnet", seed="demo") as writer:
        folders = _folders(writer)
        written: dict[str, int] = {}
        for folder, card in demo_cards():
            written[card.values.get("full_name", "")] = writer.contact(folders[folder], card)
        _lists(writer, folders, written)


def demo_cards() -> Iterator[tuple[str, Card]]:
    """Every card of the demonstration with the name of its folder, in the order in which it is written."""
    for number, person in enumerate(people()):
        yield person.folder, _ordinary(person, number)
    yield from (*_MEETINGS, *_ODDITIES, *_PRIVATE)
    for folder in (CONTACTS, FAIR):
        yield folder, _PASTED_CARD


LISTS = ((CONTACTS, "Comité de direction"), (CONTACTS, "Partenaires"), (FAIR, "Exhibitors 2025"))
"""Its contact groups, with their folders."""


def _folders(writer: PstWriter) -> Mapping[str, int]:
    """The five folders on offer, and others that are not."""
    contacts = writer.folder(CONTACTS)
    writer.name_default(contacts)
    clients = writer.folder(CLIENTS, parent=contacts)
    folders = {
        CONTACTS: contacts,
        CLIENTS: clients,
        SUPPLIERS: writer.folder(SUPPLIERS, parent=contacts),
        FAIR: writer.folder(FAIR, parent=clients),
        TO_SORT: writer.folder(TO_SORT, folder_class="IPF.Note"),
    }
    recent = writer.folder("Recipient Cache", parent=contacts, folder_class="IPF.Contact.RecipientCache")
    writer.contact(recent, _card("Adresse Récente", email1="recente@contoso.com"))
    writer.contact(writer.deleted_items, _card("Personne Supprimée", email1="supprimee@contoso.com"))
    inbox = writer.folder("Boîte de réception", parent=SUBTREE, folder_class="IPF.Note")
    writer.item(inbox, {0x001A: (Type.UNICODE, "IPM.Note"), 0x0037: (Type.UNICODE, "Bienvenue au salon")})
    return folders


def _ordinary(person: Person, number: int) -> Card:
    photo = _square(number) if number % _PHOTO_EVERY == 0 else b""
    return Card(values=person.values, categories=person.categories, photo=photo)


def _lists(writer: PstWriter, folders: Mapping[str, int], written: Mapping[str, int]) -> None:
    board = [written[name] for name in ("Isabelle Grandjean", "Nadia Benali", "Solange Berthier")]
    writer.contact_list(folders[CONTACTS], "Comité de direction", board)
    partners: list[int | tuple[str, str]] = [written["Jürgen Großmann"], ("Service presse", "presse@lucernepublishing.com")]
    writer.contact_list(folders[CONTACTS], "Partenaires", partners)
    writer.contact_list(folders[FAIR], "Exhibitors 2025", [written["Sam Rivers"]])


def _square(number: int) -> bytes:
    """A PNG of one colour, 8 × 8; stored without compression, so that it is the same everywhere."""
    colour = bytes((number * 37 % 256, number * 91 % 256, 160))
    rows = (b"\0" + colour * 8) * 8
    head = struct.pack(">IIBBBBB", 8, 8, 8, 2, 0, 0, 0)
    stored = b"\x78\x01\x01" + struct.pack("<HH", len(rows), len(rows) ^ 0xFFFF) + rows + struct.pack(">I", zlib.adler32(rows))
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", stored) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
