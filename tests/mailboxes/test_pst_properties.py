"""Do MAPI's bytes decode to what they say, and do broken ones say nothing?"""

from __future__ import annotations

import struct
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carnet.mailboxes.pst.entry_ids import node_of, one_off
from carnet.mailboxes.pst.folders import plain_class
from carnet.mailboxes.pst.properties import decode, encoding, fixed, name_map, named
from carnet.testing.pst import cards, values


@pytest.mark.parametrize(
    ("value_type", "data", "value"),
    [
        (0x001F, "Zoë\0".encode("utf-16-le"), "Zoë"),
        (0x001E, b"Zo\xeb\0", "Zoë"),
        (0x0003, struct.pack("<i", -2), -2),
        (0x0002, struct.pack("<h", 7), 7),
        (0x0014, struct.pack("<q", 1 << 40), 1 << 40),
        (0x0005, struct.pack("<d", 0.5), 0.5),
        (0x000B, b"\x01", True),
        (0x000B, b"\x00", False),
        (0x0102, b"\x00\xff", {"bytes": "00ff"}),
        (0x101F, values.encode(values.Type.UNICODES, ("a", "", "é")), ["a", "", "é"]),
        (0x0040, values.encode(values.Type.TIME, datetime(2024, 2, 29, tzinfo=UTC)), {"time": "2024-02-29T00:00:00+00:00"}),
        (0x0040, bytes(8), None),
        (0x0040, struct.pack("<Q", 0x0CB34557A3DD4000), None),
        (0x0003, b"\x01", None),
        (0x000B, b"", None),
        (0x101F, struct.pack("<I", 0xFFFFFFFF), None),
        (0x101F, b"", None),
        (0x001F, None, None),
    ],
)
def test_a_value_is_what_its_bytes_say(value_type: int, data: bytes | None, value: object) -> None:
    assert decode(value_type, data) == value


@given(st.integers(0, 0x1FFF), st.binary(max_size=64))
def test_no_bytes_break_the_decoder(value_type: int, data: bytes) -> None:
    decode(value_type, data)


@given(st.binary(max_size=64), st.binary(max_size=64), st.binary(max_size=64))
def test_no_bytes_break_the_table_of_names(guids: bytes, entries: bytes, strings: bytes) -> None:
    assert all(local >= 0x8000 for local in name_map(guids, entries, strings))


def test_names_come_from_three_streams() -> None:
    text = "Keywords".encode("utf-16-le")
    entries = struct.pack("<IHH", 0x8005, 3 << 1, 0) + struct.pack("<IHH", 0, 2 << 1 | 1, 1) + struct.pack("<IHH", 1, 9 << 1, 2)
    names = name_map(bytes.fromhex("0420060000000000c000000000000046"), entries, struct.pack("<I", len(text)) + text)
    assert names == {
        0x8000: "00062004-0000-0000-c000-000000000046:8005",
        0x8001: "00020329-0000-0000-c000-000000000046:keywords",
    }


def test_a_property_is_named_by_its_tag_or_by_set_and_name() -> None:
    assert fixed(0x0036) == "0036"
    assert named("set", 0x8083) == "set:8083"
    assert named("set", "Keywords") == "set:keywords"


@pytest.mark.parametrize(
    ("pages", "codec"),
    [
        ((50220, 1252), "cp932"),
        ((28591,), "cp1252"),
        ((None, 1251), "cp1251"),
        ((65001,), "utf-8"),
        ((4711,), "cp1252"),
        ((), "cp1252"),
    ],
)
def test_eight_bit_text_is_in_the_windows_page_of_its_script(pages: tuple[int | None, ...], codec: str) -> None:
    assert encoding(*pages) == codec


def test_a_one_off_entry_names_a_person_and_others_do_not() -> None:
    entry = cards.one_off("Claire", "claire@contoso.com")
    assert one_off(entry) == ("Claire", "SMTP", "claire@contoso.com")
    eight_bit = entry[:22] + b"\x01\x10" + b"Zo\xeb\0SMTP\0zoe@contoso.com\0"
    assert one_off(eight_bit) == ("Zoë", "SMTP", "zoe@contoso.com")
    assert one_off(entry[:30]) is None
    assert one_off(bytes(24)) is None


def test_only_a_short_entry_id_names_a_node() -> None:
    assert node_of(bytes(20) + struct.pack("<I", 0x8082)) == 0x8082
    assert node_of(bytes(46)) is None


def test_a_garbled_folder_class_is_compared_leniently() -> None:
    assert plain_class(b"IPF.Contact ".decode("utf-16-le")) == "IPF.CONTACT"
    assert plain_class("ipf.contact.Company") == "IPF.CONTACT.COMPANY"
