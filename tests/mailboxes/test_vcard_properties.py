"""Does the vCard reader keep its word for any file at all?"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carnet.errors import CarnetError
from carnet.mailboxes.vcard import open_mailbox, recognises
from carnet.model.reading import Page
from carnet.ports.mailbox import OpenOptions

WORDS = (
    *(b"BEGIN:VCARD", b"END:VCARD", b"VERSION:2.1", b"VERSION:3.0", b"VERSION:4.0", b"FN:", b"N:", b"ORG:", b"TEL", b"EMAIL"),
    *(b"ADR", b"NOTE", b"PHOTO", b"AGENT:", b"CLASS:", b"BDAY:", b"UID:", b"LABEL", b"CATEGORIES:", b"KIND:group", b"item1."),
    *(b";TYPE=", b";ENCODING=QUOTED-PRINTABLE", b";ENCODING=b", b";CHARSET=utf-16", b";PREF=1", b"PRIVATE", b"PUBLIC", b"data:"),
    *(b":", b";", b",", b"\\", b"\\n", b'"', b"=", b"=\r\n", b"=C3", b"\r\n", b"\n", b"\r", b"\r\n ", b" ", b"\0", b"\xff\xfe"),
    *(b"\xc3\xa9", b"\xe9", b"A", b"anna@example.org", b"0123", b"19960415", b"^n", b"/9j/4AAQ"),
)

ANY_FILE = st.one_of(
    st.binary(max_size=400),
    st.lists(st.sampled_from(WORDS), max_size=80).map(b"".join),
    st.lists(st.sampled_from(WORDS), max_size=60).map(lambda words: b"BEGIN:VCARD\r\n" + b"".join(words) + b"\r\nEND:VCARD\r\n"),
    st.lists(st.sampled_from(WORDS), max_size=60).map(lambda words: b"\r\n".join((b"BEGIN:VCARD", *words, b"END:VCARD"))),
)

TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cf", "Cs", "Zl", "Zp", "Co", "Cn"), exclude_characters="\x85\ufeff"),
    min_size=1,
    max_size=40,
).filter(lambda text: text == text.strip() and bool(text))
LINES = st.lists(TEXT, min_size=1, max_size=4).map("\n".join)


def pages(content: bytes) -> list[Page]:
    with TemporaryDirectory() as folder:
        path = Path(folder, "any.vcf")
        path.write_bytes(content)
        return list(open_mailbox(path, OpenOptions()).read("all"))


def pages_or_refusal(content: bytes) -> list[Page] | CarnetError:
    try:
        return pages(content)
    except CarnetError as refusal:
        return refusal


@settings(max_examples=400, deadline=None)
@given(ANY_FILE)
def test_any_file_is_read_or_refused_clearly(content: bytes) -> None:
    recognises(content)
    found = pages_or_refusal(content)
    if isinstance(found, CarnetError):
        assert str(found)
        assert found.hint
        return
    assert found
    assert sum(len(page.records) + len(page.held_back) + len(page.lists) + len(page.skipped) for page in found) >= 1
    for record in (record for page in found for record in page.records):
        said = (*record.contact.values.values(), *record.contact.extras.values(), *record.contact.emails)
        assert all(text.strip() for text in said)
        assert "\0" not in "".join(said)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(WORDS), max_size=30))
def test_a_card_that_says_it_is_private_never_crosses(words: list[bytes]) -> None:
    noise = b"".join(word for word in words if b"VCARD" not in word)
    found = pages(b"BEGIN:VCARD\r\nNICKNAME:Zebedee\r\nCLASS:PRIVATE\r\n" + noise + b"\r\nEND:VCARD\r\n")
    assert len(found[0].held_back) == 1
    assert found[0].records == ()
    assert "Zebedee" not in repr(found)


def escaped(text: str) -> str:
    for plain, written in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\n", "\\n")):
        text = text.replace(plain, written)
    return text


def folded(line: str, width: int) -> bytes:
    raw = line.encode()
    pieces = [raw[at : at + width] for at in range(0, len(raw), width)]
    return b"\r\n ".join(pieces)


@settings(max_examples=200, deadline=None)
@given(
    st.fixed_dictionaries({"surname": TEXT, "given_name": TEXT, "company": TEXT, "job_title": TEXT, "notes": LINES}),
    st.lists(TEXT, min_size=1, max_size=3, unique=True),
    st.tuples(st.sampled_from(["3.0", "4.0"]), st.integers(min_value=20, max_value=75)),
)
def test_a_card_written_then_read_says_the_same(values: dict[str, str], categories: list[str], form: tuple[str, int]) -> None:
    version, width = form
    said = {key: escaped(value) for key, value in values.items()}
    lines = [
        "BEGIN:VCARD",
        f"VERSION:{version}",
        f"N:{said['surname']};{said['given_name']};;;",
        f"FN:{said['given_name']} {said['surname']}",
        f"ORG:{said['company']}",
        f"TITLE:{said['job_title']}",
        f"NOTE:{said['notes']}",
        f"CATEGORIES:{','.join(escaped(each) for each in categories)}",
        "EMAIL:anna@example.org",
        "END:VCARD",
    ]
    (page,) = pages(b"\r\n".join(folded(line, width) for line in lines) + b"\r\n")
    (record,) = page.records
    assert record.contact.values == {
        **values,
        "full_name": f"{values['given_name']} {values['surname']}",
        "email1": "anna@example.org",
    }
    assert record.contact.categories == tuple(categories)
    assert page.repairs == ()


def quoted(raw: bytes, width: int) -> bytes:
    letters = [bytes([byte]) if chr(byte).isalnum() and byte < 128 else f"={byte:02X}".encode() for byte in raw]
    return b"=\r\n".join(b"".join(letters[at : at + width]) for at in range(0, len(letters), width))


@settings(max_examples=200, deadline=None)
@given(LINES, st.sampled_from(["utf-8", "utf-16", "cp1252"]), st.integers(min_value=1, max_value=30))
def test_a_card_of_version_2_1_says_the_same(notes: str, charset: str, width: int) -> None:
    raw = notes.encode(charset, errors="ignore")
    said = raw.decode(charset).strip()
    written = quoted(said.replace("\\", "\\\\").replace("\n", "\r\n").encode(charset), width)
    head = f"BEGIN:VCARD\r\nVERSION:2.1\r\nFN:A\r\nNOTE;CHARSET={charset};ENCODING=QUOTED-PRINTABLE:".encode()
    (page,) = pages(head + written + b"\r\nEND:VCARD\r\n")
    (record,) = page.records
    assert record.contact.get("notes") == said


@pytest.mark.parametrize("cut", range(1, 49, 4))
def test_a_file_cut_anywhere_is_read_up_to_there_or_refused(cut: int) -> None:
    card = b"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Anna\r\nCLASS:PUBLIC\r\nEND:VCARD\r\n"
    (page,) = pages(card + card[:-cut])
    whole = card[:-cut].rstrip().endswith(b"END:VCARD")
    assert len(page.records) == 1 + whole
    assert len(page.skipped) == 1 - whole
