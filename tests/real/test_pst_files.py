"""Are the contacts of real Outlook data files read as two other readers read them?"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from carnet.errors import DamagedFile, NeedsConsent, Refused
from carnet.mailboxes.pst import open_mailbox
from carnet.mailboxes.pst.libpff import Folder, attempt, open_file
from carnet.model.contact import Contact, Record
from carnet.model.reading import Page
from carnet.ports.mailbox import Mailbox, OpenOptions
from shared_data import ROOT, shared

pytestmark = pytest.mark.real

FILES = sorted(path.name for path in (ROOT / "data" / "pst").glob("*.?st")) or ["absent"]
DAMAGED = {"aspose_AddingBulkMessagesWithImprovedPerformance.pst"}
PROTECTED = {"aspose_passwordprotectedPST.pst", "pstsdk_test_ansi.pst", "pstsdk_test_unicode.pst"}

# What the two other readers call a field, and what Carnet does with it: a field of the contact, or one of its extras.
FIELDS = {
    "display_name": "full_name",
    "given": "given_name",
    "middle": "middle_name",
    "surname": "surname",
    "company": "company",
    "title": "job_title",
    "tel_business": "business_phone",
    "tel_home": "home_phone",
    "tel_mobile": "mobile_phone",
    "url_business": "web_page",
    "email1_address": "email1",
    "body": "notes",
    "work_address": "business_street",
}
EXTRAS = {"file_as": "file_as", "initials": "initials", "tel_primary": "primary_phone", "url_personal": "personal_web_page"}
NOT_READ = {
    *("auto_log", "codepage", "contact_charset", "file_as_id", "gender", "importance", "message_class"),
    *("html", "subject", "created", "modified"),
    *("email1_display", "email1_original_display", "email1_type", "private", "sensitivity", "_path", "nid"),
}

# Where readpst reads otherwise: file → (its contacts, ours, why).
READPST_DIFFERS = {
    "aspose_Test_part1.pst": (
        19,
        9,
        "readpst takes items with a property that has no type; libpff refuses them, and each is a reported skip",
    ),
}


@contextmanager
def opened(path: Path) -> Iterator[Mailbox]:
    mailbox = open_mailbox(path, OpenOptions(consents=frozenset({"password"})))
    try:
        yield mailbox
    finally:
        mailbox.close()


def read(path: Path) -> list[tuple[str, Page]]:
    with opened(path) as mailbox:
        return [("/".join(folder.path), page) for folder in mailbox.folders() for page in mailbox.read(folder.id)]


def records(path: Path) -> list[Record]:
    return [record for _, page in read(path) for record in page.records]


def expected() -> dict[str, Any]:
    known: dict[str, Any] = json.loads(shared("data", "pst", "expected-contacts.json").read_text(encoding="utf-8"))
    return known


def said(contact: Contact) -> dict[str, str]:
    """The contact in the words of the two other readers."""
    values = {theirs: contact.get(ours) for theirs, ours in FIELDS.items()}
    return {**values, **{theirs: contact.extras.get(ours, "") for theirs, ours in EXTRAS.items()}}


def meant(item: dict[str, Any]) -> dict[str, str]:
    """The same of an expected item; blank lines at the ends are no note."""
    return {key: str(item.get(key, "")).replace("\r\n", "\n").strip() for key in (*FIELDS, *EXTRAS)}


@pytest.mark.parametrize("name", [name for name in FILES if name not in DAMAGED])
def test_every_contact_is_read_field_by_field(name: str) -> None:
    pages = read(shared("data", "pst", name))
    known = expected().get(name, {"contacts": [], "only_in_pst_extractor": 0})
    people = [item for item in known["contacts"] if item["message_class"] == "IPM.Contact"]
    lists = [item for item in known["contacts"] if item["message_class"] == "IPM.DistList"]
    found = [(folder, record) for folder, page in pages for record in page.records]
    assert [record.place for _, record in found] == [f"item {item['nid']}" for item in people]
    assert [folder for folder, _ in found] == [item["_path"].removeprefix("Top of Personal Folders/") for item in people]
    assert [said(record.contact) for _, record in found] == [meant(item) for item in people]
    assert [each.name for _, page in pages for each in page.lists] == [item["dl_name"] for item in lists]
    assert sum(len(page.skipped) for _, page in pages) == known["only_in_pst_extractor"]
    assert not any(page.held_back for _, page in pages)


def test_no_expected_field_is_passed_over_unnamed() -> None:
    keys = {key for known in expected().values() for item in known["contacts"] for key in item}
    assert keys - set(FIELDS) - set(EXTRAS) - NOT_READ == {"categories", "dl_name", "dl_checksum"}


def test_a_category_that_is_a_number_is_no_category_and_reported() -> None:
    (page,) = (page for _, page in read(shared("data", "pst", "aspose_Test_part1.pst")))
    assert (len(page.records), len(page.skipped)) == (9, 12)
    assert all(record.contact.categories == () for record in page.records)
    assert {repair.code for repair in page.repairs} == {"mistyped"}
    assert [skip.place for skip in page.skipped] == [f"position {number}" for number in range(10, 22)]


def test_a_real_contact_group_has_three_members() -> None:
    (page,) = (page for _, page in read(shared("data", "pst", "libpst_dist-list.pst")))
    assert [(each.name, each.members) for each in page.lists] == [("test dist list", 3)]


@pytest.mark.parametrize("name", sorted(DAMAGED))
def test_a_file_with_a_wrong_checksum_is_refused_with_what_to_do(name: str) -> None:
    with pytest.raises(DamagedFile) as refusal:
        open_mailbox(shared("data", "pst", name), OpenOptions())
    assert "scanpst" in refusal.value.hint


@pytest.mark.parametrize("name", sorted(PROTECTED))
def test_a_file_with_a_password_asks_first(name: str) -> None:
    with pytest.raises(NeedsConsent):
        open_mailbox(shared("data", "pst", name), OpenOptions())


@pytest.mark.parametrize("name", ["aspose_SampleOstFile.ost", "npm_pstextractortest@outlook.com.ost"])
def test_system_folders_of_a_real_exchange_mailbox_are_not_offered(name: str) -> None:
    with opened(shared("data", "pst", name)) as mailbox:
        folders = mailbox.folders()
    assert folders[0].path == ("Contacts",)
    assert {folder.name for folder in folders} <= {"Contacts", "Suggested Contacts", "ExternalContacts"}


@pytest.mark.parametrize("name", [name for name in FILES if name not in DAMAGED])
@pytest.mark.parametrize("damage", ["cut to a tenth", "cut in half", "cut at the end", "zeros in the middle"])
def test_damage_gives_a_clear_error_or_fewer_contacts(tmp_path: Path, name: str, damage: str) -> None:
    content = bytearray(shared("data", "pst", name).read_bytes())
    size = len(content)
    if damage == "zeros in the middle":
        content[size // 2 : size // 2 + 65536] = bytes(65536)
    else:
        del content[{"cut to a tenth": size // 10, "cut in half": size // 2, "cut at the end": size - 4096}[damage] :]
    broken = tmp_path / name
    broken.write_bytes(content)
    most = len(expected().get(name, {"contacts": ()})["contacts"])
    try:
        found = len(records(broken))
    except Refused as refusal:
        found = 0
        hint = refusal.hint
    else:
        hint = "read"
    assert found <= most
    assert hint


Card = tuple[str, str, tuple[str, ...], tuple[str, ...]]


def cards(text: str) -> list[Card]:
    """What readpst wrote: N, FN, e-mails and phones of each card."""
    found = []
    for card in text.split("BEGIN:VCARD")[1:]:
        lines = [line.partition(":") for line in card.splitlines()]
        name = next(value for key, _, value in lines if key == "N")
        title = next(value for key, _, value in lines if key == "FN")
        emails = tuple(sorted(value for key, _, value in lines if key == "EMAIL"))
        phones = tuple(sorted(value for key, _, value in lines if key.startswith("TEL")))
        found.append((name, re.sub(r"\\(.)", r"\1", title), emails, phones))
    return found


def as_readpst(record: Record) -> Card:
    """A contact as readpst writes it; without a file-as name its FN is "(null)"."""
    contact = record.contact
    name = ";".join((contact.get("surname"), contact.get("given_name"), contact.get("middle_name"), "", contact.get("suffix")))
    primary = contact.extras.get("primary_phone")
    phones = (*contact.phones, primary) if primary else contact.phones
    return name, contact.extras.get("file_as", "(null)"), tuple(sorted(contact.emails)), tuple(sorted(phones))


def flagged(folder: Folder) -> Iterator[tuple[bool, bool]]:
    """Of every item there and below: whether it has attachments, and whether its flags say so."""
    for place in range(attempt(folder.get_number_of_sub_messages) or 0):
        if message := attempt(folder.get_sub_message, place):
            flags = message.get_record_set(0).get_entry_by_type(0x0E07)
            assert flags is not None
            yield getattr(message, "number_of_attachments", 0) > 0, bool(int.from_bytes(flags.data or b"", "little") & 0x10)
    for place in range(attempt(folder.get_number_of_sub_folders) or 0):
        # libpff hands over a plain item where a folder is a search
        if (below := attempt(folder.get_sub_folder, place)) and hasattr(below, "get_number_of_sub_messages"):
            yield from flagged(below)


def test_an_item_is_flagged_where_it_has_attachments_and_nowhere_else() -> None:
    roots = [open_file(str(shared("data", "pst", name))).root_folder for name in FILES if name not in DAMAGED]
    seen = [each for root in roots if root for each in flagged(root)]
    assert all(has is said for has, said in seen)
    assert sum(has for has, _ in seen) > 50


@pytest.mark.parametrize("name", [name for name in FILES if name not in DAMAGED])
def test_names_addresses_and_phones_are_those_of_readpst(tmp_path: Path, name: str) -> None:
    path = shared("data", "pst", name)
    assert shutil.which("readpst"), "install readpst (Debian: pst-utils)"
    subprocess.run(
        ["readpst", "-cv", "-t", "c", "-q", "-o", str(tmp_path), str(path)], check=True, timeout=120, capture_output=True
    )
    theirs = [card for file in sorted(tmp_path.glob("*.contacts")) for card in cards(file.read_text(encoding="utf-8"))]
    ours = [as_readpst(record) for record in records(path)]
    if name in READPST_DIFFERS:
        assert (len(theirs), len(ours)) == READPST_DIFFERS[name][:2]
        theirs = theirs[: len(ours)]
    assert ours == theirs
