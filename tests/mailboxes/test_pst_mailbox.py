"""Is everything Outlook writes into a contact read, and is a bad file refused clearly? The files are synthetic."""

from __future__ import annotations

import hashlib
import random
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from carnet.errors import DamagedFile, NeedsConsent, NotFound, UnsupportedFile
from carnet.mailboxes.pst import open_mailbox, recognises
from carnet.model.contact import Contact, KeyStrength, Record
from carnet.model.field import FIELDS, PSETID_ADDRESS, Shape
from carnet.model.folder import Folder
from carnet.model.reading import HeldBackReason, Page
from carnet.ports.mailbox import Mailbox, OpenOptions
from carnet.testing.pst.cards import PS_PUBLIC_STRINGS, card_properties
from carnet.testing.pst.values import Type
from carnet.testing.pst_writer import ROOT, Card, PstWriter

# "{\rtf1\ansi\ansicpg1252\pard hello world}", the example of MS-OXRTFCP 4.1.1.
RTF = bytes.fromhex("2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c090020627705b06c647d0a800fa0")
LEGACY = "/o=Contoso/ou=Paris/cn=Recipients/cn=cfontaine"


@contextmanager
def opened(path: Path, *consents: str) -> Iterator[Mailbox]:
    mailbox = open_mailbox(path, OpenOptions(consents=frozenset(consents)))
    try:
        yield mailbox
    finally:
        mailbox.close()


def pages(path: Path) -> list[Page]:
    with opened(path) as mailbox:
        return [page for folder in mailbox.folders() for page in mailbox.read(folder.id)]


def records(path: Path) -> list[Record]:
    return [record for page in pages(path) for record in page.records]


def written(path: Path, *cards: Card) -> Path:
    with PstWriter(path) as writer:
        folder = writer.folder("Contacts")
        for card in cards:
            writer.contact(folder, card)
    return path


def read_back(tmp_path: Path, card: Card) -> Contact:
    (record,) = records(written(tmp_path / "one.pst", card))
    return record.contact


def repairs(tmp_path: Path, card: Card) -> list[tuple[str, str]]:
    return [(each.code, each.detail) for page in pages(written(tmp_path / "one.pst", card)) for each in page.repairs]


def sample() -> dict[str, str]:
    """A value for every field of the table; none of them equals another."""
    shapes = {
        Shape.TEXT: "Zoë {key}",
        Shape.PHONE: "+33 1 23 45 {number:02}",
        Shape.EMAIL: "{key}@contoso.com",
        Shape.LINES: "{key} ligne 1\nligne 2",
        Shape.URL: "https://contoso.com/{key}",
        Shape.DATE: "19{number:02}-02-28",
    }
    return {field.key: shapes[field.shape].format(key=field.key, number=number) for number, field in enumerate(FIELDS)}


def test_an_outlook_data_file_is_known_by_its_first_bytes() -> None:
    assert recognises(b"!BDN\x00")
    assert not recognises(b"BEGIN:VCARD")


def test_every_mapped_field_is_read(tmp_path: Path) -> None:
    assert read_back(tmp_path, Card(values=sample())).values == sample()


def test_every_mapped_field_is_read_from_eight_bit_text(tmp_path: Path) -> None:
    assert read_back(tmp_path, Card(values=sample(), eight_bit=True)).values == sample()


def test_a_code_page_of_the_item_is_obeyed(tmp_path: Path) -> None:
    card = Card(values={}, raw={0x3FFD: (Type.LONG, 1251), 0x3A11: (Type.STRING8, bytes([0xC8, 0xE2]).decode("cp1252"))})
    assert read_back(tmp_path, card).get("surname") == "Ив"


def test_categories_extras_and_photo_are_read(tmp_path: Path) -> None:
    photo = b"\xff\xd8\xff\xe0" + bytes(range(256)) * 300
    extras = {"prefix": "Mme", "file_as": "Fontaine, Claire", "yomi_company": "コントソ", "im_address": "claire@im.example"}
    contact = read_back(tmp_path, Card(values=sample(), categories=("Équipe; A", "VIP"), extras=extras, photo=photo))
    assert contact.categories == ("Équipe; A", "VIP")
    assert contact.extras == {**extras, "photo": hashlib.sha256(photo).hexdigest()}


@pytest.mark.parametrize(("number", "kind"), [(0, None), (1, "home"), (2, "business"), (3, "other"), (9, None)])
def test_the_address_that_outlook_marks_as_the_mailing_one_is_known(tmp_path: Path, number: int, kind: str | None) -> None:
    contact = read_back(tmp_path, Card(values=sample(), raw={(PSETID_ADDRESS, 0x8022): (Type.LONG, number)}))
    assert contact.extras.get("mailing_address") == kind


def test_a_photo_is_found_where_the_card_has_no_flags_at_all(tmp_path: Path) -> None:
    photo, card = b"\xff\xd8\xff\xe0" + bytes(300), dict(card_properties(Card(values=sample()), search_key=b""))
    del card[0x0E07]
    with PstWriter(tmp_path / "one.pst") as writer:
        writer.item(writer.folder("Contacts"), card, pictures=[("ContactPicture.jpg", photo)])
    (record,) = records(tmp_path / "one.pst")
    assert record.contact.extras["photo"] == hashlib.sha256(photo).hexdigest()


def test_a_long_note_is_read_whole(tmp_path: Path) -> None:
    note = "Une très longue note. " * 3000
    assert read_back(tmp_path, Card(values={"notes": note.strip()})).get("notes") == note.strip()


def test_a_note_in_rtf_only_is_read_as_text(tmp_path: Path) -> None:
    assert read_back(tmp_path, Card(values={"full_name": "Claire"}, rtf=RTF)).get("notes") == "hello world"


def test_f08_a_note_in_html_only_is_read_as_text_without_images_and_links(tmp_path: Path) -> None:
    link = b'<a href="https://contoso.example/x">noir</a><img src="cid:1" alt="">'
    html = b"<html><head><style>p{}</style></head><body><p>Vue &agrave; Lyon</p><p>Caf\xc3\xa9<br>" + link + b"</p></body></html>"
    card = Card(values={"full_name": "Claire"}, html=html.replace(b"<head>", b'<head><meta charset="utf-8">'))
    assert read_back(tmp_path, card).get("notes") == "Vue à Lyon\nCafé\nnoir"


def test_a_note_that_cannot_be_read_is_reported(tmp_path: Path) -> None:
    content = b"no RTF at all"
    sizes = struct.pack("<II", len(content) + 12, len(content))
    card = Card(values={"full_name": "Claire"}, rtf=sizes + b"MELA" + bytes(4) + content)
    assert ("unreadable_note", "") in repairs(tmp_path, card)


def test_a_date_without_its_local_twin_is_the_nearest_day(tmp_path: Path) -> None:
    values = {"birthday": "1999-12-31"}
    tokyo = Card(values=values, raw={(PSETID_ADDRESS, 0x80DE): (Type.LONG, 0)})
    assert read_back(tmp_path, tokyo).get("birthday") == "1999-12-31"
    assert ("mistyped", f"{PSETID_ADDRESS}:80de") in repairs(tmp_path, tokyo)


def test_a_birthday_without_a_year_keeps_its_day(tmp_path: Path) -> None:
    assert read_back(tmp_path, Card(values={"birthday": "--02-29"})).get("birthday") == "--02-29"


@pytest.mark.parametrize(
    "exchange",
    [
        (LEGACY, "claire@contoso.com", "Claire", ""),
        (LEGACY, "Claire", "Claire Fontaine (claire@contoso.com)", ""),
        (LEGACY, "Claire", "Claire", "claire@contoso.com"),
    ],
    ids=["original display name", "address in brackets", "one-off entry id"],
)
def test_an_exchange_address_is_resolved(tmp_path: Path, exchange: tuple[str, str, str, str]) -> None:
    contact = read_back(tmp_path, Card(values={"full_name": "Claire"}, exchange={2: exchange}))
    assert contact.get("email2") == "claire@contoso.com"
    assert contact.unresolved == ()


def test_an_exchange_address_that_stays_unresolved_is_kept_apart_and_reported(tmp_path: Path) -> None:
    card = Card(values={"full_name": "Claire"}, exchange={1: (LEGACY, "Claire", "Claire", "")})
    contact = read_back(tmp_path, card)
    assert contact.unresolved == (LEGACY,)
    assert contact.emails == ()
    assert repairs(tmp_path, card) == [("ex_unresolved", "email1")]


def test_an_address_that_is_none_is_kept_apart_and_reported(tmp_path: Path) -> None:
    card = Card(values={"full_name": "Claire", "email1": "claire at contoso"})
    assert read_back(tmp_path, card).unresolved == ("claire at contoso",)
    assert repairs(tmp_path, card) == [("not_an_email", "email1")]


def test_a_wrong_table_of_names_is_not_believed(tmp_path: Path) -> None:
    keywords, email = (PS_PUBLIC_STRINGS, "Keywords"), (PSETID_ADDRESS, 0x8083)
    card = Card(values={"full_name": "Claire"}, raw={keywords: (Type.LONG, 1), email: (Type.BOOLEAN, True)})
    contact = read_back(tmp_path, card)
    assert contact == Contact(values={"full_name": "Claire"})
    assert [code for code, _ in repairs(tmp_path, card)] == ["mistyped", "mistyped"]


def test_an_address_in_one_piece_is_not_lost(tmp_path: Path) -> None:
    card = Card(values={"full_name": "Claire"}, extras={"business_address": "1 rue de la Paix 75002 Paris"})
    assert read_back(tmp_path, card).get("business_street") == "1 rue de la Paix 75002 Paris"
    assert repairs(tmp_path, card) == [("address_unsplit", "business_street")]


@pytest.mark.parametrize(
    ("card", "reason"),
    [
        (Card(values={"full_name": "Hidden"}, sensitivity=1), HeldBackReason.PERSONAL),
        (Card(values={"full_name": "Hidden"}, sensitivity=2), HeldBackReason.PRIVATE),
        (Card(values={"full_name": "Hidden"}, sensitivity=3), HeldBackReason.CONFIDENTIAL),
        (Card(values={"full_name": "Hidden"}, private=True), HeldBackReason.PRIVATE),
    ],
)
def test_a_private_contact_is_counted_and_stays(tmp_path: Path, card: Card, reason: HeldBackReason) -> None:
    path = written(tmp_path / "one.pst", card, Card(values={"full_name": "Shown"}))
    (page,) = pages(path)
    assert [held.reason for held in page.held_back] == [reason]
    assert [record.contact.get("full_name") for record in page.records] == ["Shown"]
    assert "Hidden" not in repr(page)
    with opened(path) as mailbox:
        assert mailbox.folders()[0].count == 2


def test_a_contact_group_is_named_with_its_members_and_a_private_one_is_not_named(tmp_path: Path) -> None:
    with PstWriter(tmp_path / "lists.pst") as writer:
        folder = writer.folder("Contacts")
        claire = writer.contact(folder, Card(values={"full_name": "Claire"}))
        writer.contact_list(folder, "Équipe", [claire, ("Hans", "hans@fabrikam.com")])
        writer.contact_list(folder, "Surprise", [claire], sensitivity=2)
    (page,) = pages(tmp_path / "lists.pst")
    assert [(each.name, each.members) for each in page.lists] == [("Équipe", 2), ("", 1)]
    assert len(page.records) == 1


def test_what_is_no_contact_is_left(tmp_path: Path) -> None:
    with PstWriter(tmp_path / "mixed.pst") as writer:
        folder = writer.folder("Contacts")
        writer.item(folder, {0x001A: (Type.UNICODE, "IPM.Note"), 0x0037: (Type.UNICODE, "A letter")})
        writer.item(folder, {0x0037: (Type.UNICODE, "Nothing says what this is")})
        writer.contact(folder, Card(values={"full_name": "Claire"}, raw={0x001A: (Type.UNICODE, "IPM.Contact.Custom")}))
    (page,) = pages(tmp_path / "mixed.pst")
    assert [record.contact.get("full_name") for record in page.records] == ["Claire"]
    assert page.skipped == ()


def test_keys_are_source_key_search_key_node_and_fingerprint(tmp_path: Path) -> None:
    exchange = Card(values={"full_name": "Claire"}, raw={0x65E0: (Type.BINARY, b"exchange")})
    bare = Card(values={"full_name": "Hans"}, search_key=False)
    first, second = records(written(tmp_path / "keys.pst", exchange, bare))
    assert [key.strength for key in first.keys] == sorted(set(KeyStrength) - {KeyStrength.CONTENT}, reverse=True)
    assert first.id == f"i:{b'exchange'.hex()}"
    assert [key.strength for key in second.keys] == [KeyStrength.NODE, KeyStrength.FINGERPRINT]
    assert first.version != second.version


def test_a_pasted_contact_has_an_id_of_its_own_wherever_reading_begins(tmp_path: Path) -> None:
    twin = Card(values={"full_name": "Twin"}, raw={0x300B: (Type.BINARY, b"twin")})
    with PstWriter(tmp_path / "twins.pst") as writer:
        folders = [writer.folder("Contacts"), writer.folder("Autres")]
        for folder in folders:
            writer.contact(folder, twin)
    with opened(tmp_path / "twins.pst") as mailbox:
        first, second = (mailbox.read(folder.id) for folder in reversed(mailbox.folders()))
        assert [next(first).records[0].id, next(second).records[0].id] == [f"s:{b'twin'.hex()}~2", f"s:{b'twin'.hex()}"]


def named_folders(path: Path) -> list[Folder]:
    with opened(path) as mailbox:
        return list(mailbox.folders())


def test_folders_that_hold_contacts_are_offered_and_system_folders_are_not(tmp_path: Path) -> None:
    claire = Card(values={"full_name": "Claire"})
    with PstWriter(tmp_path / "folders.pst") as writer:
        contacts = writer.folder("Kontakte")
        for name in ("RecipientCache", "GalContacts", "MOC.QuickContacts", "PeopleCentricConversationBuddies", "Company"):
            system = writer.folder(name, parent=contacts, folder_class=f"IPF.Contact.{name}")
            writer.contact(writer.folder("Below", parent=system), claire)
        organisation = writer.folder("Org", parent=contacts, folder_class="ipf.contact.OrganizationalContacts")
        writer.contact(organisation, claire)
        writer.contact(writer.folder("In the bin", parent=writer.deleted_items), claire)
        writer.folder("Inbox", folder_class="IPF.Note")
        letters = writer.folder("Letters", folder_class="IPF.Note")
        writer.contact(letters, claire)
        writer.folder("Garbled", folder_class=b"IPF.Contact\0".decode("utf-16-le"))
    offered = named_folders(tmp_path / "folders.pst")
    assert [(folder.name, folder.count, folder.is_default) for folder in offered] == [
        ("Kontakte", 0, True),
        ("Letters", 1, False),
        ("Garbled", 0, False),
    ]


def test_the_folder_that_the_file_names_is_the_default(tmp_path: Path) -> None:
    with PstWriter(tmp_path / "named.pst") as writer:
        writer.folder("Contacts")
        mine = writer.folder("Mon carnet")
        writer.folder("Amis", parent=mine)
        writer.name_default(mine)
    offered = named_folders(tmp_path / "named.pst")
    assert [folder.path for folder in offered] == [("Mon carnet",), ("Mon carnet", "Amis"), ("Contacts",)]
    assert offered[0].is_default


def test_without_a_name_the_fullest_folder_is_the_default(tmp_path: Path) -> None:
    with PstWriter(tmp_path / "fullest.pst") as writer:
        writer.contact(writer.folder("A"), Card(values={"full_name": "Claire"}))
        full = writer.folder("B")
        for name in ("Hans", "Anna"):
            writer.contact(full, Card(values={"full_name": name}))
    assert [folder.name for folder in named_folders(tmp_path / "fullest.pst")] == ["B", "A"]


def test_a_file_without_contacts_offers_no_folder(tmp_path: Path) -> None:
    with PstWriter(tmp_path / "none.pst") as writer:
        writer.folder("Inbox", folder_class="IPF.Note")
    assert named_folders(tmp_path / "none.pst") == []


def test_a_protected_file_is_read_only_after_consent(tmp_path: Path) -> None:
    path = tmp_path / "locked.pst"
    with PstWriter(path, password=True) as writer:
        writer.contact(writer.folder("Contacts"), Card(values={"full_name": "Claire"}))
    with pytest.raises(NeedsConsent) as refusal:
        open_mailbox(path, OpenOptions())
    assert refusal.value.values["consent"] == "password"
    with opened(path, "password") as mailbox:
        assert mailbox.folders()[0].count == 1


def test_the_mailbox_is_named_by_its_record_key(tmp_path: Path) -> None:
    with PstWriter(tmp_path / "Été 2024.pst") as writer:
        writer.contact(writer.folder("Contacts"), Card(values={"full_name": "Claire"}))
    with opened(tmp_path / "Été 2024.pst") as mailbox:
        identity = mailbox.identity()
    assert (identity.key, identity.label, identity.address) == (f"pst:{writer.record_key.hex()}", "Été 2024.pst", None)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        open_mailbox(tmp_path / "absent.pst", OpenOptions())


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"", DamagedFile),
        (b"PK\x03\x04 something else", UnsupportedFile),
        (b"!BDN", DamagedFile),
        (b"!BDN" + bytes(9000), DamagedFile),
    ],
    ids=["empty", "another kind", "nothing but its name", "zeros"],
)
def test_a_bad_file_is_refused_with_what_to_do(tmp_path: Path, content: bytes, error: type[DamagedFile]) -> None:
    path = tmp_path / "bad.pst"
    path.write_bytes(content)
    with pytest.raises(error) as refusal:
        open_mailbox(path, OpenOptions())
    assert "Export" in refusal.value.hint


def test_a_truncated_file_is_refused_or_read_in_part_but_never_crashes(tmp_path: Path) -> None:
    whole = written(tmp_path / "whole.pst", *(Card(values={"full_name": f"Person {number}"}) for number in range(300)))
    content, cut = whole.read_bytes(), tmp_path / "cut.pst"
    hints = []
    for share in (0.1, 0.5, 0.9, 0.99):
        cut.write_bytes(content[: int(len(content) * share)])
        try:
            assert len(records(cut)) <= 300
        except DamagedFile as error:
            hints.append(error.hint)
    assert hints
    assert all("scanpst" in hint for hint in hints)


def test_a_corrupted_file_is_refused_or_read_in_part_and_nothing_else(tmp_path: Path) -> None:
    whole = written(tmp_path / "whole.pst", *(Card(values=sample(), categories=("VIP",)) for _ in range(40)))
    content, corrupted, chance = whole.read_bytes(), tmp_path / "corrupted.pst", random.Random(1)
    used = [at for at in range(1024, len(content) - 64, 64) if any(content[at : at + 64])]
    outcomes: set[bool | str] = set()
    for _ in range(25):
        broken = bytearray(content)
        for at in chance.choices(used, k=chance.choice((1, 5, 50))):
            struct.pack_into("<I", broken, at + chance.randrange(0, 60, 4), chance.choice((0, 1, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF)))
        corrupted.write_bytes(broken)
        try:
            outcomes.add(len(records(corrupted)) <= 40)
        except DamagedFile:
            outcomes.add("refused")
    assert outcomes == {True, "refused"}


def test_the_writer_writes_the_same_bytes_for_the_same_calls(tmp_path: Path) -> None:
    card = Card(values=sample(), categories=("VIP",), photo=b"\xff\xd8")
    first, second = written(tmp_path / "a.pst", card), written(tmp_path / "b.pst", card)
    assert first.read_bytes() == second.read_bytes()
    assert ROOT == 0x122
