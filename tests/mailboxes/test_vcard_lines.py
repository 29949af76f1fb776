"""Do the lines of a vCard come out whole, whatever wrote them?"""

from __future__ import annotations

import time
from collections.abc import Iterable

import pytest

from carnet.mailboxes.vcard.cards import RawCard, Stray, raw_cards
from carnet.mailboxes.vcard.lines import physical_lines, plain_bytes
from carnet.mailboxes.vcard.properties import Card, card_of
from carnet.mailboxes.vcard.text import unescaped
from carnet.mailboxes.vcard.translate import contact_of
from carnet.model.contact import Contact


def cards(content: bytes | str) -> list[Card]:
    raw = content.encode() if isinstance(content, str) else content
    return [card_of(each) for each in raw_cards(physical_lines(plain_bytes([raw]))) if isinstance(each, RawCard)]


def contact(content: bytes | str) -> Contact:
    (card,) = cards(content)
    return contact_of(card)[0]


def whole(*lines: str, version: str = "3.0", end: str = "\r\n") -> str:
    return end.join(["BEGIN:VCARD", f"VERSION:{version}", *lines, "END:VCARD", ""])


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r", "\r\r\n", "\r\r\r\n"])
def test_every_line_end_is_a_line_end(end: str) -> None:
    found = contact(whole("FN:Anna", "NOTE:one", " two", "EMAIL:anna@example.org", end=end))
    assert found.values == {"full_name": "Anna", "notes": "onetwo", "email1": "anna@example.org"}


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_lines_do_not_depend_on_how_the_bytes_arrive(size: int) -> None:
    content = b"one\r\r\n\r\ntwo\rthree\n\n\r\rfour\r"
    chunks = [content[at : at + size] for at in range(0, len(content), size)]
    assert (
        list(physical_lines(chunks))
        == list(physical_lines([content]))
        == [
            *(b"one", b"", b"two", b"three", b"", b"", b"", b"four"),
        ]
    )


def test_quoted_printable_joins_soft_breaks_without_trimming() -> None:
    note = "NOTE;ENCODING=QUOTED-PRINTABLE:one =\r\n  two=0D=0A=\r\nthree=20=\r\n"
    assert contact(whole(note + "FN:Anna", version="2.1")).get("notes") == "one   two\nthree FN:Anna"
    assert contact(whole(note, "FN:Anna", version="2.1")).values == {"notes": "one   two\nthree", "full_name": "Anna"}


def test_outlooks_base64_ends_at_a_blank_line() -> None:
    found = contact(whole("PHOTO;TYPE=JPEG;ENCODING=BASE64:", " /9j/", " 4AAQ", "", "FN", "TITLE:Boss", version="2.1"))
    assert found.values == {"job_title": "Boss"}
    assert len(found.extras["photo"]) == 64


def test_a_charset_is_believed_and_else_utf_8_and_else_the_western_page() -> None:
    lines = [
        b"BEGIN:VCARD\nVERSION:2.1",
        "N;CHARSET=windows-1251:Ельцина;Анна".encode("cp1251"),
        "TITLE;CHARSET=windows-1251:Häuptling".encode(),
        "ORG:Société Générale".encode(),
        "NOTE:Adèle".encode("cp1252"),
        "NICKNAME;CHARSET=punycode:Zoë".encode(),
        b"ROLE;CHARSET=US-ASCII;ENCODING=QUOTED-PRINTABLE:Ma=EEtre",
        b"END:VCARD",
    ]
    found = contact(b"\n".join(lines))
    assert found.get("given_name") == "Анна"
    assert found.get("company") == "Société Générale"
    assert found.get("notes") == "Adèle"
    assert found.get("nickname") == "Zoë"
    assert found.extras["profession"] == "Maître"


def test_in_utf_16_a_charset_is_not_believed() -> None:
    (raw,) = raw_cards(physical_lines(plain_bytes([whole("FN;CHARSET=windows-1252:Ægir").encode("utf-16")])))
    assert isinstance(raw, RawCard)
    assert contact_of(card_of(raw, one_charset=True))[0].get("full_name") == "Ægir"


def test_letters_that_no_charset_knows_are_told() -> None:
    (card,) = cards(b"BEGIN:VCARD\nFN:\x81\xff\nEND:VCARD")
    assert [repair.code for repair in card.repairs] == ["unknown-letters"]


@pytest.mark.parametrize(
    ("written", "old", "read"),
    [
        (r"C:\new", True, r"C:\new"),
        (r"a\;b\:c\,d\\e", True, r"a;b:c,d\e"),
        (r"one\ntwo\Nthree", False, "one\ntwo\nthree"),
        (r"a\;b\:c\,d\\n", False, r"a;b:c,d\n"),
        (r"1 \Hamburg", False, r"1 \Hamburg"),
        ("a\r\nb\rc\x00\x07d", False, "a\nb\ncd"),
    ],
)
def test_escapes_go_by_the_version(written: str, old: bool, read: str) -> None:
    assert unescaped(written, old=old) == read


@pytest.mark.parametrize(
    ("line", "types"),
    [
        ("TEL;WORK;VOICE:1", {"work", "voice"}),
        ("LABEL,TYPE=HOME:1", {"home"}),
        ("TEL;TYPE=a,b;type=c:1", {"a", "b", "c"}),
        ('TEL;TYPE="a,b":1', {"a", "b"}),
        (r"TEL;TYPE=a\,b:1", {"a", "b"}),
        ("item1.TEL;type=X-a:1", {"a"}),
        ('TEL;X="no end;TYPE=a:1', set()),
    ],
)
def test_parameters_are_read_in_every_spelling(line: str, types: set[str]) -> None:
    (card,) = cards(whole(line))
    assert card.properties[-1].types == types
    assert card.properties[-1].value == "1"


def test_a_colon_in_quotation_marks_does_not_end_the_parameters() -> None:
    found = contact(whole('ADR;LABEL="Home: sweet, home; yes":;;Lane 4;;;;'))
    assert found.values == {"other_street": "Lane 4"}


def test_a_label_without_quotation_marks_does_not_spoil_the_address() -> None:
    found = contact(whole("ADR;TYPE=work;LABEL=Hall^': B 01:^nBonn:PO 7;;Lane 4;;;;"))
    assert found.values == {"business_po_box": "PO 7", "business_street": "Lane 4"}


def test_a_stray_line_goes_on_with_the_text_before_it_and_is_told() -> None:
    (card,) = cards(whole("NOTE:one", "two", "", "three", "FN:Anna"))
    assert contact_of(card)[0].values == {"notes": "one\ntwo\nthree", "full_name": "Anna"}
    assert [(repair.place, repair.code) for repair in card.repairs] == [("line 4", "stray-line")]


def test_a_stray_line_after_an_address_does_not_spoil_it() -> None:
    (card,) = cards(whole("EMAIL:anna@example.org", "--+TEL", "FN:Anna"))
    assert contact_of(card)[0].values == {"email1": "anna@example.org", "full_name": "Anna"}
    assert [(repair.code, repair.detail) for repair in card.repairs] == [("unreadable-line", "--+TEL")]


def test_what_stands_outside_is_told_once_for_each_place() -> None:
    found = list(raw_cards(physical_lines([b"a\nb\n\nBEGIN:VCARD\nEND:VCARD\nc\nEND:VCARD\n"])))
    assert [each for each in found if isinstance(each, Stray)] == [
        Stray(line=1, ended=False),
        Stray(line=6, ended=False),
        Stray(line=7, ended=True),
    ]


def test_cards_nested_without_end_cost_no_depth() -> None:
    found = list(raw_cards(physical_lines([b"BEGIN:VCARD\nFN:A\n" + b"AGENT:\nBEGIN:VCARD\n" * 5000])))
    assert len(found) == 1
    assert isinstance(found[0], RawCard)
    closed = b"BEGIN:VCARD\nFN:A\n" + b"AGENT:\nBEGIN:VCARD\n" * 500 + b"END:VCARD\n" * 500 + b"TITLE:Boss\nEND:VCARD\n"
    assert contact(closed).get("job_title") == "Boss"


MANY = 300_000


@pytest.mark.parametrize(
    "hostile",
    [
        b"\r" * MANY,
        b"\n" * MANY,
        b"BEGIN:VCARD\nNOTE:a\n" + b" b\n" * (MANY // 3),
        b"BEGIN:VCARD\nNOTE:a\n" + b"b\n" * (MANY // 2),
        b"BEGIN:VCARD\nNOTE;ENCODING=QUOTED-PRINTABLE:a=\n" + b"b=\n" * (MANY // 3),
        b"BEGIN:VCARD\nPHOTO;BASE64:\n" + b" ab\n" * (MANY // 4),
        b"BEGIN:VCARD\nTEL" + b";" * MANY,
        b"BEGIN:VCARD\nTEL" + b';"' * (MANY // 2),
        b"BEGIN:VCARD\nN:" + b"\\" * MANY + b";",
        b"BEGIN:VCARD\nADR;LABEL=x:" + b"^n" * (MANY // 2),
        b"BEGIN:VCARD\n" + b"".join(b"IMPP:%d\n" % number for number in range(MANY // 10)),
        b"BEGIN:VCARD\n" + b"".join(b"TEL:%d\n" % number for number in range(MANY // 10)),
        b"BEGIN:VCARD\n" + b"".join(b"N:%d\n" % number for number in range(MANY // 10)),
        b"BEGIN:VCARD\n" + b"".join(b"EMAIL:/o=%d\n" % number for number in range(MANY // 20)),
        b"BEGIN:VCARD\nAGENT:" + b"BEGIN:VCARD\\n" * (MANY // 13),
        b"BEGIN:VCARD\nFN;CHARSET=" + b"x" * MANY + b":a",
    ],
)
def test_a_hostile_file_costs_time_in_proportion(hostile: bytes) -> None:
    content = hostile + b"\nEND:VCARD\n"
    chunks: Iterable[bytes] = (content[at : at + 4096] for at in range(0, len(content), 4096))
    began = time.process_time()
    for raw in raw_cards(physical_lines(plain_bytes(chunks))):
        if isinstance(raw, RawCard):
            contact_of(card_of(raw))
    assert time.process_time() - began < 5
