"""Does every real vCard come out with all that its own text says?

The text is read here by other means: regular expressions of this file, and vobject where it can read the card.
"""

from __future__ import annotations

import codecs
import hashlib
import quopri
import re
import unicodedata
from base64 import b64decode
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import vobject

from carnet.errors import DamagedFile
from carnet.mailboxes.vcard import open_mailbox, recognises
from carnet.mailboxes.vcard.words import TECHNICAL
from carnet.model.contact import Contact
from carnet.model.reading import HeldBackReason, Page, SkippedRecord
from carnet.ports.mailbox import OpenOptions
from shared_data import shared

pytestmark = pytest.mark.real

CUT_SHORT = {"ccs_4__3a7bb8.vcf", "khard_unparsable.vcf"}
"""One card whose BEGIN is spoilt, one that has no END."""

NOBODY = {"sabre_issue64.vcf"}
"""A photo and nothing else."""

PRIVATE = {"icaljs_vcard3.vcf": HeldBackReason.PRIVATE, "kde_vcard5.vcf": HeldBackReason.CONFIDENTIAL}

CUT_BY_VOBJECT = {
    "tb_v4-uri-png.vcf",
    "tb_v4-uri-jpeg.vcf",
    "ez_John_Doe_GMAIL.vcf",
    "tb_v3-uri-binary-png.vcf",
    "tb_v3-uri-uri-jpeg.vcf",
}
"""vobject ends a name at a comma that is not escaped."""

LOST_BY_VOBJECT = {"tine_contacts.vcf"}
"""Files of which vobject leaves cards out."""

WHOLE = ("N", "FN", "TITLE", "ROLE", "NICKNAME", "EMAIL", "TEL", "CATEGORIES", "NOTE", "IMPP", "URL")
"""Properties whose text must come back as one text, not only somewhere."""

VALUES_IN_BYTES = re.compile(r"(?i)ENCODING=B\b|BASE64|data:|^[A-Za-z0-9+/]{60,}")


def files() -> list[Path]:
    return sorted(shared("data", "vcard").iterdir())


def whole_files() -> list[Path]:
    return [file for file in files() if file.name not in CUT_SHORT]


@cache
def page(path: Path) -> Page:
    (only,) = open_mailbox(path, OpenOptions()).read("all")
    return only


def text_of(path: Path) -> str:
    raw = path.read_bytes()
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        text = raw.decode("utf-16")
    elif raw[:20].count(0):
        text = raw.decode("utf-16-be" if not raw[0] else "utf-16-le")
    else:
        text = raw.decode("latin-1")
    return re.sub(r"\r*\n|\r", "\n", text)


def properties(path: Path, *names: str) -> Iterator[tuple[str, str, str]]:
    """(name, parameters, value) of every unfolded line, the value decoded."""
    text = text_of(path)
    utf16 = path.read_bytes()[:20].count(0) > 0
    unfolded = re.sub(r"\n[ \t]", "", re.sub(r"=[ \t]*\n(?!END:VCARD)", "", text))
    for line in unfolded.split("\n"):
        match = re.fullmatch(r"(?i)\s*(?:item\d+\.)?([a-z0-9/-]+)((?:[;,](?:[^\":]|\"[^\"]*\")*)?):(.*)", line)
        if match and (not names or match[1].upper() in names):
            value = match[3] if utf16 else decoded(match[3], match[2])
            yield match[1].upper(), match[2], value


def decoded(value: str, params: str) -> str:
    raw = value.encode("latin-1")
    if "QUOTED-PRINTABLE" in params.upper():
        raw = quopri.decodestring(raw)
    charset = re.search(r"(?i)CHARSET=\"?([\w-]+)", params)
    for codec in (charset[1] if charset else "utf-8", "utf-8", "cp1252"):
        try:
            return raw.decode(codec)
        except UnicodeDecodeError:
            continue
    raise AssertionError(value)


def letters(text: str) -> str:
    """The text without what folding, escaping and joining may change."""
    unescaped = re.sub(r"\\[nN]", " ", text)
    return "".join(each for each in unicodedata.normalize("NFC", unescaped) if each.isalnum())


def said(contact: Contact) -> str:
    return "\0".join(
        (*contact.values.values(), *contact.extras.values(), *contact.categories, *contact.emails, *contact.unresolved)
    )


def result(found: Page) -> str:
    return "\0".join([*(said(record.contact) for record in found.records), *(each.name for each in found.lists)])


def test_there_are_as_many_files_as_the_readme_counts() -> None:
    assert len(files()) == 235


def test_every_file_is_recognised() -> None:
    assert [file.name for file in files() if not recognises(file.read_bytes()[:8192])] == []


def test_every_card_of_every_file_is_accounted_for() -> None:
    for file in whole_files():
        found = page(file)
        begun = len(re.findall(r"(?im)^[ \t]*BEGIN:VCARD", text_of(file)))
        assert begun == len(found.records) + len(found.held_back) + len(found.lists) + len(found.skipped), file.name


@pytest.mark.parametrize("name", sorted(CUT_SHORT))
def test_a_file_without_a_whole_card_is_refused(name: str) -> None:
    with pytest.raises(DamagedFile, match="cut short"):
        open_mailbox(shared("data", "vcard", name), OpenOptions())


def test_the_only_card_that_is_skipped_is_about_nobody() -> None:
    skipped: list[tuple[str, SkippedRecord]] = [(file.name, each) for file in whole_files() for each in page(file).skipped]
    assert {(name, each.code) for name, each in skipped} == {(name, "CA302") for name in NOBODY}


@pytest.mark.parametrize(("name", "reason"), sorted(PRIVATE.items()))
def test_a_private_card_never_crosses(name: str, reason: HeldBackReason) -> None:
    path = shared("data", "vcard", name)
    found = page(path)
    assert [held.reason for held in found.held_back] == [reason]
    crossed = letters(repr(found))
    texts = [letters(value) for _, _, value in properties(path, "FN", "N", "EMAIL", "TEL", "NOTE", "ORG", "ADR")]
    assert len(texts) > 5
    assert [text for text in texts if len(text) > 4 and text in crossed] == []


def test_no_card_but_those_says_that_it_is_private() -> None:
    claims = {
        file.name
        for file in whole_files()
        for _, _, value in properties(file, "CLASS")
        if value.strip().upper() not in ("", "PUBLIC")
    }
    assert claims == set(PRIVATE)
    assert {file.name for file in whole_files() if page(file).held_back} == claims


def test_every_name_number_and_address_of_every_file_is_found() -> None:
    checked = 0
    for file in whole_files():
        if file.name in PRIVATE:
            continue
        haystack = letters(result(page(file)))
        for name, _, value in properties(file, "FN", "EMAIL", "TEL"):
            needle = letters(re.sub(r"(?i)^(tel|mailto):", "", value.strip()))
            assert needle in haystack, (file.name, name, value)
            checked += bool(needle)
    assert checked > 700


def version_4() -> list[Path]:
    return [file for file in whole_files() if re.search(r"(?im)^VERSION:4", text_of(file)) and file.name not in PRIVATE]


def test_no_text_of_a_version_4_card_comes_back_shorter() -> None:
    checked = 0
    for file in version_4():
        contacts = [record.contact for record in page(file).records]
        texts = {letters(part) for each in contacts for part in said(each).split("\0")}
        haystack = letters(result(page(file)))
        for name, params, value in properties(file):
            if name in TECHNICAL or VALUES_IN_BYTES.search(params + value):
                continue
            separator = r"(?<!\\);" if name in ("N", "ADR", "ORG") else r"(?<!\\)," if name == "CATEGORIES" else r"(?!)"
            for part in re.split(separator, value):
                needle = letters(re.sub(r"(?i)^(tel|mailto):|^.*\^n[^:]*:", "", part))
                if name in ("BDAY", "ANNIVERSARY"):
                    needle = re.sub(r"T\d{4,6}.*", "", needle)
                found = texts if name in WHOLE and needle else haystack
                assert needle in found, (file.name, name, part)
                checked += bool(needle)
    assert len(version_4()) > 20
    assert checked > 250


def test_the_uid_of_every_version_4_card_is_its_strongest_key() -> None:
    for file in version_4():
        uids = [value.strip() for _, _, value in properties(file, "UID")]
        assert [record.keys[0].key for record in page(file).records if len(record.keys) > 1] == uids, file.name


def test_every_photo_in_a_card_comes_out_to_the_byte() -> None:
    checked = 0
    for file in whole_files():
        text = text_of(file)
        inside = re.findall(r"(?im)^PHOTO[^:]*:((?:data:[^,]*,)?[A-Za-z0-9+/=\n\t ]*?)\n(?=\S|\n|$)", text)
        digests = [value for each in page(file).records for key, value in each.contact.extras.items() if key.startswith("photo")]
        for value in inside:
            raw = b64decode(re.sub(r"\s", "", value.rpartition(",")[2]))
            if raw and file.name not in PRIVATE | dict.fromkeys(NOBODY):
                assert hashlib.sha256(raw).hexdigest() in digests, file.name
                checked += 1
    assert checked > 15


def vobject_cards(path: Path) -> list[tuple[str, list[str]]] | None:
    """(full name, addresses) of each card as vobject reads them, None where it cannot read the file."""
    try:
        read = list(vobject.readComponents(path.read_text("utf-8"), ignoreUnreadable=True, allowQP=True))
    except (vobject.base.ParseError, UnicodeDecodeError, UnicodeEncodeError, AttributeError):
        return None
    return [
        (str(card.fn.value) if "fn" in card.contents else "", sorted(each.value for each in card.contents.get("email", [])))
        for card in read
    ]


def test_vobject_reads_the_same_names_and_addresses_where_it_reads_at_all() -> None:
    agreed = 0
    shorter: set[str] = set()
    fewer: set[str] = set()
    for file in whole_files():
        theirs, found = vobject_cards(file), page(file)
        if theirs is None or found.held_back or found.lists or found.skipped:
            continue
        if len(theirs) < len(found.records):
            fewer.add(file.name)
            continue
        for record, (name, emails) in zip(found.records, theirs, strict=True):
            ours = letters(record.contact.get("full_name") or record.contact.get("company"))
            assert not name.strip() or ours.startswith(letters(name)), file.name
            assert {each.strip() for each in emails if each.strip()} <= set(record.contact.emails), file.name
            if name.strip() and ours != letters(name):
                shorter.add(file.name)
        agreed += 1
    assert agreed > 150
    assert shorter == CUT_BY_VOBJECT
    assert fewer == LOST_BY_VOBJECT


def test_outlooks_own_card_is_read_field_by_field() -> None:
    (record,) = page(shared("data", "vcard", "ez_outlook-2007.vcf")).records
    contact = record.contact
    assert contact.values == {
        "full_name": "Mr. Michael Angstadt Jr.",
        "given_name": "Michael",
        "surname": "Angstadt",
        "suffix": "Jr.",
        "nickname": "Mike",
        "company": "TheCompany",
        "department": "TheDepartment",
        "job_title": "TheJobTitle",
        "notes": "This is the NOTE field\t\nI assume it encodes this text inside a NOTE vCard type.\n"
        "But I'm not sure because there's text formatting going on here.\nIt does not preserve the formatting",
        "business_phone": "(111) 555-1111",
        "home_phone": "(111) 555-2222",
        "mobile_phone": "(111) 555-4444",
        "business_fax": "(111) 555-3333",
        "callback": "(111) 555-4444",
        "business_street": "222 Broadway",
        "business_city": "New York",
        "business_state": "NY",
        "business_postcode": "99999",
        "business_country": "USA",
        "web_page": "http://mikeangstadt.name",
        "birthday": "1922-03-10",
        "anniversary": "2012-08-01",
        "email1": "mike.angstadt@gmail.com",
        "manager_name": "TheManagerName",
        "assistant_name": "TheAssistantName",
        "spouse": "TheSpouse",
    }
    assert contact.extras["office_location"] == "TheOffice"
    assert contact.extras["profession"] == "TheProfession"
    assert contact.extras["im_address"] == "im@aim.com"


@pytest.mark.parametrize(
    ("name", "full_name"),
    [
        ("rc_utf-16_sample.vcf", "Ǽgean ĽdaMonté"),
        ("rc_johndoe.vcf", "John Doë"),
        ("oc_test3.vcf", "Adèle Fermée"),
        ("oc_test5.vcf", "Adèle Saute"),
        ("tine_HerrFalkMuenchen.vcf", "München, Falk"),
    ],
)
def test_accented_letters_survive_each_encoding(name: str, full_name: str) -> None:
    (record,) = page(shared("data", "vcard", name)).records
    assert record.contact.get("full_name") == full_name
