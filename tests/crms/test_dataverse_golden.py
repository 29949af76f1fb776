"""Are batches, byte for byte, those of the OData batch format as Dataverse documents it, and RFC 2046's multipart?"""

from __future__ import annotations

import pytest

from carnet.crms.dataverse.multipart import ChangeSet, Reply, replies, written
from carnet.transport.calls import Part

BASE = "https://contoso.example/api/data/v9.2/"
ASKED = [
    "--b",
    "Content-Type: application/http",
    "Content-Transfer-Encoding: binary",
    "",
    "GET https://contoso.example/api/data/v9.2/contacts(11)?$select=lastname HTTP/1.1",
    "Accept: application/json",
    "Prefer: odata.maxpagesize=5",
    "",
    "",
    "--b",
    "Content-Type: multipart/mixed; boundary=b_1",
    "",
    "--b_1",
    "Content-Type: application/http",
    "Content-Transfer-Encoding: binary",
    "Content-ID: 1",
    "",
    "POST https://contoso.example/api/data/v9.2/contacts HTTP/1.1",
    "Accept: application/json",
    "Content-Type: application/json; type=entry",
    "",
    '{"lastname": "\\u00c9crit"}',
    "--b_1",
    "Content-Type: application/http",
    "Content-Transfer-Encoding: binary",
    "Content-ID: 2",
    "",
    "PATCH https://contoso.example/api/data/v9.2/contacts(22) HTTP/1.1",
    "Accept: application/json",
    'If-Match: W/"1072"',
    "Content-Type: application/json; type=entry",
    "",
    '{"jobtitle": null}',
    "--b_1",
    "Content-Type: application/http",
    "Content-Transfer-Encoding: binary",
    "Content-ID: 3",
    "",
    "DELETE https://contoso.example/api/data/v9.2/contacts(33) HTTP/1.1",
    "Accept: application/json",
    "If-Match: *",
    "",
    "",
    "--b_1--",
    "--b",
    "Content-Type: application/http",
    "Content-Transfer-Encoding: binary",
    "",
    "GET https://contoso.example/api/data/v9.2/WhoAmI HTTP/1.1",
    "Accept: application/json",
    "",
    "",
    "--b--",
    "",
]


def test_a_batch_with_a_change_set_is_written_byte_for_byte() -> None:
    """Each change has a number of its own and its condition beside it; a body is JSON of one entry, and ends the part."""
    changes = ChangeSet(
        parts=(
            Part(method="POST", url="contacts", body={"lastname": "Écrit"}),
            Part(method="PATCH", url="contacts(22)", headers={"If-Match": 'W/"1072"'}, body={"jobtitle": None}),
            Part(method="DELETE", url="contacts(33)", headers={"If-Match": "*"}),
        )
    )
    read = Part(method="GET", url="contacts(11)?$select=lastname", headers={"Prefer": "odata.maxpagesize=5"})
    whole: list[Part | ChangeSet] = [read, changes, Part(method="GET", url=f"{BASE}WhoAmI")]
    assert written(whole, base=BASE, boundary="b") == "\r\n".join(ASKED).encode()


def test_the_boundary_of_a_change_set_begins_none_of_the_batch() -> None:
    """RFC 2046, 5.1.2: an outer boundary within an inner one is told apart by what follows it on the line."""
    sets = [ChangeSet(parts=(Part(method="DELETE", url=f"contacts({number})"),)) for number in range(12)]
    lines = written(sets, base=BASE, boundary="b").decode().split("\r\n")
    assert lines.count("--b") == len(sets)
    assert [line for line in lines if line.startswith("--b_") and line.endswith("--")] == [f"--b_{n}--" for n in range(12)]
    assert lines[-2:] == ["--b--", ""]


MADE = "OData-EntityId: https://contoso.example/api/data/v9.2/contacts({})"
STALE = '{"error":{"code":"0x80060882","message":"The version of the existing record doesn\'t match the property provided."}}'
BUSY = (
    '{"error":{"code":"0x80072322","message":"Number of requests exceeded the limit of 6000 over time window of 300 seconds."}}'
)


def part(status: str, *headers: str, body: str = "", number: int = 0) -> list[str]:
    """A part as Dataverse answers it; one of a change set has the number of its request."""
    named = [f"Content-ID: {number}"] if number else []
    head = ["Content-Type: application/http", "Content-Transfer-Encoding: binary", *named, ""]
    return [*head, f"HTTP/1.1 {status}", *headers, "", body]


def told(*parts: list[str], boundary: str = "batchresponse_1", end: str = "\r\n") -> bytes:
    lines = [line for each in parts for line in (f"--{boundary}", *each)]
    return end.join([*lines, f"--{boundary}--", ""]).encode()


def nested(*parts: list[str], boundary: str = "changesetresponse_1") -> list[str]:
    inner = [line for each in parts for line in (f"--{boundary}", *each)]
    return [f"Content-Type: multipart/mixed; boundary={boundary}", "", *inner, f"--{boundary}--"]


def found(body: bytes, boundary: str = "batchresponse_1") -> list[Reply | list[Reply]]:
    return replies(f"multipart/mixed; boundary={boundary}", body)


@pytest.mark.parametrize("end", ["\r\n", "\n"], ids=["CR LF", "LF"])
def test_the_answer_to_a_batch_with_a_change_set_is_read(end: str) -> None:
    changes = nested(
        part("204 No Content", "OData-Version: 4.0", MADE.format(1), number=1),
        part("204 No Content", "OData-Version: 4.0", 'ETag: W/"1073"', number=2),
    )
    row = part("200 OK", "Content-Type: application/json; odata.metadata=minimal", body='{"lastname":"É"}')
    first, changed = found(told(row, changes, end=end))
    assert isinstance(first, Reply)
    assert isinstance(changed, list)
    assert (first.status, dict(first.body)) == (200, {"lastname": "É"})
    assert [each.status for each in changed] == [204, 204]
    assert changed[0].headers["odata-entityid"].endswith("contacts(1)")
    assert changed[1].headers["etag"] == 'W/"1073"'


def test_the_replies_of_a_change_set_are_those_of_their_numbers_in_whatever_order_they_come() -> None:
    changes = nested(*(part("204 No Content", MADE.format(number), number=number) for number in (3, 1, 2)))
    (changed,) = found(told(changes))
    assert isinstance(changed, list)
    assert [each.headers["odata-entityid"][-3:] for each in changed] == ["(1)", "(2)", "(3)"]


@pytest.mark.parametrize("numbers", [(2, 2), (0, 1), (7, 5)], ids=["twice", "none", "others"])
def test_numbers_that_say_nothing_leave_the_replies_as_they_came(numbers: tuple[int, int]) -> None:
    changes = nested(*(part("204 No Content", MADE.format(place), number=each) for place, each in enumerate(numbers)))
    (changed,) = found(told(changes))
    assert isinstance(changed, list)
    assert [each.headers["odata-entityid"][-3:] for each in changed] == ["(0)", "(1)"]


def test_a_change_set_that_failed_is_one_reply_in_its_place() -> None:
    """With `odata.continue-on-error` the parts after it are answered all the same; the failure may stand within the set."""
    alone = part("412 Precondition Failed", "OData-Version: 4.0", body=STALE, number=2)
    for failed in (alone, nested(alone)):
        first, then = found(told(failed, part("204 No Content")))
        (reply,) = first if isinstance(first, list) else [first]
        assert (reply.status, reply.code, reply.is_success) == (412, "0x80060882", False)
        assert isinstance(then, Reply)
        assert then.status == 204


def test_a_part_that_was_throttled_says_for_how_long_beside_others_that_were_done() -> None:
    busy = part("429 Too Many Requests", "Retry-After: 17", "Content-Type: application/json", body=BUSY)
    first, second, third = found(told(part("204 No Content"), busy, part("204 No Content", MADE.format(3))))
    assert [each.status for each in (first, second, third) if isinstance(each, Reply)] == [204, 429, 204]
    assert isinstance(second, Reply)
    assert (second.headers["retry-after"], second.code) == ("17", "0x80072322")


@pytest.mark.parametrize("boundary", ["batchresponse_1", "b'()+_,-./:=?b", "x" * 70], ids=["usual", "every sign", "longest"])
def test_a_boundary_may_be_quoted_and_hold_every_sign_that_rfc_2046_allows(boundary: str) -> None:
    body = told(part("204 No Content"), boundary=boundary)
    (reply,) = replies(f'multipart/mixed; charset=utf-8; boundary="{boundary}"', body)
    assert isinstance(reply, Reply)
    assert reply.status == 204


def test_what_stands_before_and_after_the_parts_does_not_count() -> None:
    """RFC 2046, 5.1.1: preamble and epilogue are discarded, blanks after a boundary too."""
    body = b"for old readers\r\n--batchresponse_1x\r\n" + told(part("204 No Content")).replace(b"_1\r\n", b"_1 \t\r\n")
    (reply,) = found(body + b"\r\n--batchresponse_1\r\nHTTP/1.1 500\r\n")
    assert isinstance(reply, Reply)
    assert reply.status == 204


def test_a_line_that_only_begins_like_a_boundary_is_a_part_of_the_body() -> None:
    said = '{"description":"a\\n--batchresponse_12"}'
    (reply,) = found(told(part("200 OK", "Content-Type: application/json", body=f"{said}\r\n--batchresponse_12")))
    assert isinstance(reply, Reply)
    assert reply.body == {}  # what follows makes it no JSON, and no part of its own
    (reply,) = found(told(part("200 OK", "Content-Type: application/json", body=said)))
    assert isinstance(reply, Reply)
    assert reply.body == {"description": "a\n--batchresponse_12"}
