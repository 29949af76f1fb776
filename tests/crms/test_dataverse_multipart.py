"""Is a batch written as OData wants it, and its answer read whatever it holds?"""

from __future__ import annotations

import json
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carnet.crms.dataverse.multipart import ChangeSet, Reply, replies, written
from carnet.transport.calls import Part

BASE = "https://contoso.example/api/data/v9.2/"
VALUES = st.dictionaries(st.text(max_size=6), st.text(max_size=30), max_size=3)
HEADERS = st.dictionaries(
    st.sampled_from(["ETag", "OData-EntityId", "Retry-After"]), st.text("abc/()W\"'1 ", max_size=9), max_size=2
)
REPLIES = st.tuples(st.integers(200, 599), HEADERS, VALUES)


def said(status: int, headers: dict[str, str], body: dict[str, str], *, end: str) -> bytes:
    lines = ["Content-Type: application/http", "Content-Transfer-Encoding: binary", "", f"HTTP/1.1 {status} Some Words"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return end.join([*lines, "", json.dumps(body, ensure_ascii=False) if body else "", ""]).encode()


def answer(parts: list[bytes], boundary: str, *, end: str) -> bytes:
    return b"".join(f"--{boundary}{end}".encode() + part for part in parts) + f"--{boundary}--{end}".encode()


@given(st.lists(st.one_of(REPLIES, st.lists(REPLIES, min_size=1, max_size=3)), max_size=6), st.sampled_from(["\r\n", "\n"]))
def test_every_reply_of_an_answer_is_read_in_its_place(told: list[object], end: str) -> None:
    parts = []
    for number, each in enumerate(told):
        if isinstance(each, list):
            inner = answer([said(*one, end=end) for one in each], f"changes_{number}", end=end)
            parts.append(f"Content-Type: multipart/mixed; boundary=changes_{number}{end}{end}".encode() + inner)
        else:
            assert isinstance(each, tuple)
            parts.append(said(*each, end=end))
    found = replies('multipart/mixed; boundary="batch_1"', answer(parts, "batch_1", end=end))

    def plain(each: object) -> object:
        if isinstance(each, list):
            return [plain(one) for one in each]
        if isinstance(each, Reply):
            return each.status, dict(each.body), dict(each.headers)
        assert isinstance(each, tuple)
        status, headers, body = each
        return status, body, {name.lower(): value.strip() for name, value in headers.items()}

    assert [plain(each) for each in found] == [plain(each) for each in told]


@settings(max_examples=300)
@given(
    st.binary(max_size=300),
    st.sampled_from(
        [b"--b\r\n", b"--b--", b"\r\n\r\n", b"HTTP/1.1 200 OK\r\n", b"Content-Type: multipart/mixed; boundary=b\r\n"]
    ),
    st.data(),
)
def test_whatever_comes_is_read_or_refused(noise: bytes, marker: bytes, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(noise)))
    with suppress(ValueError):
        replies("multipart/mixed; boundary=b", b"--b\r\n" + noise[:place] + marker + noise[place:] + b"\r\n--b--")


def test_an_answer_that_was_cut_off_is_no_answer() -> None:
    whole = answer([said(204, {}, {}, end="\r\n")] * 2, "b", end="\r\n")
    assert len(replies("multipart/mixed; boundary=b", whole)) == 2
    for length in range(len(whole) - 4):
        with pytest.raises(ValueError, match="cut off"):
            replies("multipart/mixed; boundary=b", whole[:length])
    with pytest.raises(ValueError, match="no"):
        replies("text/html", whole)


def test_a_batch_names_whole_addresses_and_ends_its_lines_with_cr_lf() -> None:
    parts: list[Part | ChangeSet] = [
        Part(method="GET", url="contacts?$select=contactid"),
        ChangeSet(parts=(Part(method="POST", url="accounts", body={"name": "É"}), Part(method="DELETE", url="contacts(1)"))),
    ]
    body = written(parts, base=BASE, boundary="b").decode()
    assert body.replace("\r\n", "").count("\n") == 0
    assert f"GET {BASE}contacts?$select=contactid HTTP/1.1\r\nAccept: application/json\r\n\r\n" in body
    assert "Content-Type: multipart/mixed; boundary=b_1\r\n\r\n--b_1\r\n" in body
    assert "Content-ID: 1\r\n" in body
    assert "Content-ID: 2\r\n" in body
    assert json.dumps({"name": "É"}) in body
    assert body.endswith("--b--\r\n")


def test_an_error_is_told_by_its_code() -> None:
    reply = Reply(status=412, body={"error": {"code": "0x80060882", "message": "The version …"}})
    assert (reply.is_success, reply.code, reply.message) == (False, "0x80060882", "The version …")
    assert Reply(status=500, body={"error": "nothing"}).code == ""
