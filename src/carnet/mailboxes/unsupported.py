"""What is this file that Carnet does not read, and how does a person get their contacts out of it?"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable
from dataclasses import dataclass

from carnet.errors import UnsupportedFile

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_OUTLOOK_STORE = b"!BDN"
_ADDRESS_BOOK_STORE = b"AB"
_WINDOWS_ADDRESS_BOOK = bytes.fromhex("9ccbcb8d1375d211915800c04f7956a4")
_NICKNAME_CACHE = b"\x0d\xf0\xad\xba"
_WINMAIL = b"\x78\x9f\x3e\x22"
_ARCHIVES = (b"\x1f\x8b", b"7z\xbc\xaf\x27\x1c", b"Rar!", b"BZh", b"\xfd7zXZ", b"MSCF", b"\x28\xb5\x2f\xfd")
_IMAGES = (b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"II*\0", b"MM\0*", b"\0\0\1\0", b"<svg")
_IMAGE_NAMES = (".jpg", ".jpeg", ".png", ".gif", ".bmp", ".tif", ".tiff", ".webp", ".heic", ".svg")
_HEADER = re.compile(
    r"(?i)(?:from|to|subject|date|received|recieved|return-path|delivered-to|message-id|mime-version|"
    r"content-type|x-[a-z0-9-]+|sender|reply-to|cc|bcc)[ \t]*:"
)
_CALENDAR = re.compile(r"(?i)BEGIN:V(?!CARD)")
_MAILBOX = re.compile(r"From \S+")


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    """The first bytes of a file, the same as text, and its name in small letters."""

    head: bytes
    text: str
    name: str

    def starts(self, *marks: bytes) -> bool:
        return self.head.startswith(marks)

    def holds(self, *marks: bytes) -> bool:
        return any(mark in self.head for mark in marks)

    def named(self, *endings: str) -> bool:
        return self.name.endswith(endings)


_Test = Callable[[_File], bool]
_Refusal = Callable[[], UnsupportedFile]


def refusal(head: bytes, name: str) -> UnsupportedFile:
    """The error to raise for a file that no reader recognises.

    `head` are its first bytes (a few thousand), `name` what the person calls it. The message names the kind of file, the
    hint says how to export contacts from there to something that Carnet reads.
    """
    file = _File(head=head, text=_text(head), name=name.casefold())
    return next((make for test, make in _KINDS if test(file)), _unknown)()


def is_known(head: bytes, name: str) -> bool:
    """Whether the file is of a kind that is named here, so that nobody need try to read it as a table."""
    file = _File(head=head, text=_text(head), name=name.casefold())
    return any(test(file) for test, _ in _KINDS)


def _text(head: bytes) -> str:
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return head.decode("utf-16", errors="replace").lstrip()
    return head.removeprefix(codecs.BOM_UTF8).decode("latin-1").lstrip()


def _is_zip(file: _File) -> bool:
    return file.starts(*_ZIP)


def _is_outlook_for_mac(file: _File) -> bool:
    return file.named(".olm") or (_is_zip(file) and file.holds(b"Local/", b"Accounts/", b"com.microsoft.__Messages"))


def _is_workbook(file: _File) -> bool:
    modern = _is_zip(file) and (
        file.named(".xlsx", ".xlsm", ".xlsb", ".ods", ".numbers") or file.holds(b"xl/", b"opendocument.spreadsheet")
    )
    old = file.starts(_OLE) and (file.named(".xls", ".xlt") or file.holds("Workbook".encode("utf-16-le")))
    return modern or old


def _is_document(file: _File) -> bool:
    names = file.named(".doc", ".docx", ".ppt", ".pptx", ".odt", ".rtf")
    return (names and file.starts(_OLE, *_ZIP)) or file.starts(b"{\\rtf")


def _is_outlook_store(file: _File) -> bool:
    return file.starts(_OUTLOOK_STORE) and file.head[8:10] != _ADDRESS_BOOK_STORE


def _is_old_address_book(file: _File) -> bool:
    personal = file.starts(_OUTLOOK_STORE) and file.head[8:10] == _ADDRESS_BOOK_STORE
    return personal or file.starts(_WINDOWS_ADDRESS_BOOK) or file.named(".pab", ".wab")


def _is_message(file: _File) -> bool:
    lines = file.text.splitlines()[:2]
    return file.named(".eml", ".mbox", ".emlx") or bool(
        lines and (_MAILBOX.match(lines[0]) or (_HEADER.match(lines[0]) and len(lines) > 1))
    )


def _is_image(file: _File) -> bool:
    bitmap = file.starts(b"BM") and file.head[6:10] == bytes(4)
    return bitmap or file.starts(*_IMAGES) or file.named(*_IMAGE_NAMES) or file.head[4:12] == b"ftypheic"


def _is_page(file: _File) -> bool:
    return file.text[:15].lower().startswith(("<!doctype html", "<html"))


_KINDS: tuple[tuple[_Test, _Refusal], ...] = (
    (
        lambda file: not file.head.strip(b"\0 \t\r\n"),
        lambda: UnsupportedFile("The file is empty.", "Export the contacts again, and copy the file anew."),
    ),
    (
        _is_outlook_for_mac,
        lambda: UnsupportedFile(
            "This is an archive of Outlook for Mac (.olm); Carnet does not read it.",
            "In Outlook for Mac, open People, select the contacts and drag them to a folder of the Finder: each becomes a "
            "vCard (.vcf). If the archive itself is damaged, export from Outlook again. With Outlook for Windows: File › "
            "Open & Export › Import/Export › Export to a file › Outlook Data File (.pst).",
        ),
    ),
    (
        _is_workbook,
        lambda: UnsupportedFile(
            "This is a spreadsheet (Excel or alike); Carnet does not read it.",
            "In Excel: File › Save As › CSV UTF-8 (Comma delimited), and open the .csv file here. The first row must hold the "
            "titles of the columns.",
        ),
    ),
    (
        _is_document,
        lambda: UnsupportedFile(
            "This is a text document or a presentation, not a file of contacts.",
            "In Outlook: File › Open & Export › Import/Export › Export to a file › Outlook Data File (.pst).",
        ),
    ),
    (
        lambda file: file.starts(_OLE) or file.named(".msg", ".oft"),
        lambda: UnsupportedFile(
            "This is a single item saved from Outlook (.msg); Carnet reads whole contact folders.",
            "In Outlook: File › Open & Export › Import/Export › Export to a file › Outlook Data File (.pst), then choose your "
            "contacts folder. For one contact alone: open it, File › Save As › vCard File (.vcf).",
        ),
    ),
    (
        _is_zip,
        lambda: UnsupportedFile(
            "This is a compressed folder (.zip).",
            "Extract it first, then open the .pst, .vcf or .csv file that lies inside it.",
        ),
    ),
    (
        lambda file: file.starts(*_ARCHIVES),
        lambda: UnsupportedFile(
            "This is a compressed archive.", "Unpack it first, then open the .pst, .vcf or .csv file that lies inside it."
        ),
    ),
    (
        _is_old_address_book,
        lambda: UnsupportedFile(
            "This is an address book of an older Windows program (.pab or .wab); Carnet does not read it.",
            "Import it into Outlook first (File › Open & Export › Import/Export), then export from there: Export to a file › "
            "Outlook Data File (.pst) or Comma Separated Values (.csv).",
        ),
    ),
    (
        _is_outlook_store,
        lambda: UnsupportedFile(
            "This looks like an Outlook data file, of a kind that Carnet does not know.",
            "Open it in Outlook, then: File › Open & Export › Import/Export › Export to a file › Outlook Data File (.pst).",
        ),
    ),
    (
        lambda file: file.starts(_NICKNAME_CACHE) or file.named(".nk2"),
        lambda: UnsupportedFile(
            "This is Outlook's list of recently used addresses (.nk2), not a file of contacts.",
            "In Outlook: File › Open & Export › Import/Export › Export to a file › Outlook Data File (.pst), then choose your "
            "contacts folder.",
        ),
    ),
    (
        lambda file: bool(_CALENDAR.match(file.text)) or file.named(".ics", ".vcs"),
        lambda: UnsupportedFile(
            "This is a calendar (.ics), not a file of contacts.",
            "Export your contacts instead. In Outlook: File › Open & Export › Import/Export › Export to a file › Outlook Data "
            "File (.pst).",
        ),
    ),
    (
        lambda file: file.starts(_WINMAIL) or _is_message(file),
        lambda: UnsupportedFile(
            "This is an e-mail message or a folder of messages, not a file of contacts.",
            "If contacts are attached to it, save the attachment (.vcf) and open that. To bring your own contacts, in Outlook: "
            "File › Open & Export › Import/Export › Export to a file › Outlook Data File (.pst).",
        ),
    ),
    (
        lambda file: file.starts(b"%PDF"),
        lambda: UnsupportedFile(
            "This is a PDF document, not a file of contacts.",
            "Export the contacts from the program that made it, as vCard (.vcf) or CSV (.csv).",
        ),
    ),
    (
        _is_image,
        lambda: UnsupportedFile(
            "This is a picture, not a file of contacts.",
            "Export the contacts from the program that holds them, as vCard (.vcf) or CSV (.csv).",
        ),
    ),
    (
        lambda file: file.starts(b"SQLite format 3"),
        lambda: UnsupportedFile(
            "This is a program's own database; Carnet does not read it.",
            "Export from that program instead. In Thunderbird: Address Book › Tools › Export, as vCard (.vcf). In Contacts on "
            "a Mac: File › Export › Export vCard.",
        ),
    ),
    (
        lambda file: file.named(".ldif", ".ldi", ".mab") or file.text.startswith(("dn:", "version: 1")),
        lambda: UnsupportedFile(
            "This is an address book in LDIF or Mork; Carnet does not read it.",
            "In Thunderbird: Address Book › Tools › Export, and choose vCard (.vcf).",
        ),
    ),
    (
        _is_page,
        lambda: UnsupportedFile(
            "This is a web page, not a file of contacts.",
            "Download the export itself: from Google Contacts or outlook.com, choose Export, as CSV or vCard.",
        ),
    ),
)


def _unknown() -> UnsupportedFile:
    return UnsupportedFile(
        "This is not a contact file that Carnet reads.",
        "Carnet reads Outlook data files (.pst, .ost), vCards (.vcf) and CSV files (.csv). In Outlook: File › Open & Export › "
        "Import/Export › Export to a file › Outlook Data File (.pst) or Comma Separated Values (.csv).",
    )
