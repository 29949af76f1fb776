"""Does a refusal name what the file is, and say how to export from there?"""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carnet.errors import UnsupportedFile
from carnet.mailboxes.unsupported import is_known, refusal
from shared_data import shared

HEAD = 8192

ITEM = "single item saved from Outlook (.msg)"
MAC = "Outlook for Mac (.olm)"
MESSAGE = "e-mail message"
CALENDAR = "calendar (.ics)"
WITHOUT_A_MARK = {"icalpy_fuzz_testcase_0_char_in_component_name.ics"}
"""A fuzzer's calendar: eight bytes that name no component."""


def zipped(*names: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in names:
            archive.writestr(name, "content")
    return buffer.getvalue()


@pytest.mark.real
@pytest.mark.parametrize(
    ("folder", "kind"), [("msg_contact", ITEM), ("msg_other", ITEM), ("olm", MAC), ("mail", MESSAGE), ("ics", CALENDAR)]
)
def test_every_real_file_is_refused_as_what_it_is(folder: str, kind: str) -> None:
    files = sorted(shared("data", folder).iterdir())
    assert files
    for file in files:
        assert kind in str(refusal(file.read_bytes()[:HEAD], file.name)), file.name


@pytest.mark.real
@pytest.mark.parametrize(
    ("folder", "kind"), [("msg_contact", ITEM), ("msg_other", ITEM), ("olm", MAC), ("mail", MESSAGE), ("ics", CALENDAR)]
)
def test_the_content_tells_where_the_name_does_not(folder: str, kind: str) -> None:
    for file in sorted(shared("data", folder).iterdir()):
        expected = "not a contact file" if file.name in WITHOUT_A_MARK else kind
        assert expected in str(refusal(file.read_bytes()[:HEAD], "upload")), file.name


@pytest.mark.parametrize(
    ("head", "name", "kind"),
    [
        (b"", "contacts.vcf", "empty"),
        (b"\r\n\r\n", "contacts.csv", "empty"),
        (zipped("xl/workbook.xml"), "contacts", "spreadsheet"),
        (zipped("[Content_Types].xml"), "Contacts.XLSX", "spreadsheet"),
        (bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 100, "contacts.xls", "spreadsheet"),
        (zipped("word/document.xml"), "letter.docx", "text document"),
        (zipped("Local/Address Book/Contacts.xml"), "backup.zip", MAC),
        (zipped("contacts.pst"), "contacts.zip", "compressed folder"),
        (b"7z\xbc\xaf\x27\x1c", "contacts.7z", "compressed archive"),
        (b"!BDN\0\0\0\0AB", "mailbox", "older Windows program"),
        (b"!BDN\0\0\0\0SM", "mailbox.pst", "of a kind that Carnet does not know"),
        (bytes.fromhex("9ccbcb8d1375d211915800c04f7956a4"), "me", "older Windows program"),
        (b"\x0d\xf0\xad\xba\0\0", "outlook", "recently used addresses"),
        (b"%PDF-1.7", "contacts.pdf", "PDF"),
        (b"\x89PNG\r\n", "card.png", "picture"),
        (b"SQLite format 3\0", "abook.sqlite", "own database"),
        (b"dn: cn=Anna,mail=anna@example.org\n", "book", "LDIF"),
        (b"<!DOCTYPE html><html>", "contacts", "web page"),
        ("\ufeffBEGIN:VCALENDAR\r\n".encode("utf-16-le"), "file", CALENDAR),
        (b"lorem ipsum dolor", "file.txt", "not a contact file"),
        (b"\x01\x02\x03\x04\x05", "file", "not a contact file"),
    ],
)
def test_a_kind_is_named(head: bytes, name: str, kind: str) -> None:
    assert kind in str(refusal(head[:HEAD], name))


@pytest.mark.parametrize("name", ["a.msg", "a.olm", "a.xlsx", "a.ics", "a.eml", "a.zip", "a.nk2", "a.wab", "a"])
def test_every_hint_names_something_that_carnet_reads(name: str) -> None:
    head = zipped("x") if Path(name).suffix in (".zip", ".xlsx") else b"?"
    hint = refusal(head, name).hint
    assert any(kind in hint for kind in (".pst", ".vcf", ".csv"))


@pytest.mark.parametrize(
    "head", [b"BMW;Firma;Ort\r\n", b"First Name,Last Name\r\n", b"Betreff;Von\r\n", b"\xef\xbb\xbfTitre;Titre\r\n"]
)
def test_a_table_is_no_known_other_kind(head: bytes) -> None:
    assert not is_known(head, "contacts.csv")


def test_what_is_no_table_is_known_before_anybody_reads_it_as_one() -> None:
    assert is_known(b"BEGIN:VCALENDAR\r\n", "contacts.csv")
    assert is_known(b"From: anna@example.org\r\nTo: b@example.org\r\n", "contacts.csv")


@given(st.binary(max_size=300), st.text(max_size=20))
def test_any_file_at_all_gets_a_message_and_a_hint(head: bytes, name: str) -> None:
    found = refusal(head, name)
    assert isinstance(found, UnsupportedFile)
    assert str(found)
    assert found.hint
