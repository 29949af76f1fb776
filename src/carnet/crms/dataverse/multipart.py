"""How does a batch of requests look on the wire, and how is its answer read?

Pure. OData's multipart format with CRLF; a change set is a multipart within the multipart, done whole or not at all, and where
it fails its answer is one reply in the place of its replies.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from carnet.transport.calls import Part
from carnet.transport.replies import Reply as AnyReply
from carnet.transport.replies import object_in

Json = Mapping[str, Any]
_END = b"\r\n"
_STATUS = re.compile(rb"HTTP/\d\.\d (\d{3})")
_NESTED = "multipart/mixed"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeSet:
    """Requests that are done together or not at all."""

    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply(AnyReply):
    """What came of one request."""

    @property
    def code(self) -> str:
        """The service's code for what went wrong ("0x80040217"), in lower case."""
        return self.error("code").lower()


def written(parts: Sequence[Part | ChangeSet], *, base: str, boundary: str) -> bytes:
    """The body of a batch; `base` is the service's address, which every part names whole."""
    body = b""
    for number, part in enumerate(parts):
        body += b"--" + boundary.encode() + _END
        if isinstance(part, ChangeSet):
            inner = f"{boundary}_{number}"
            body += f"Content-Type: {_NESTED}; boundary={inner}".encode() + _END + _END
            for place, each in enumerate(part.parts, start=1):
                body += b"--" + inner.encode() + _END + _http(each, base, place)
            body += b"--" + inner.encode() + b"--" + _END
        else:
            body += _http(part, base)
    return body + b"--" + boundary.encode() + b"--" + _END


def _http(part: Part, base: str, place: int | None = None) -> bytes:
    lines = ["Content-Type: application/http", "Content-Transfer-Encoding: binary"]
    lines += [f"Content-ID: {place}"] if place is not None else []
    url = part.url if part.url.startswith(("http://", "https://")) else base + part.url
    headers = {"Accept": "application/json", **part.headers}
    if part.body is not None:
        headers["Content-Type"] = "application/json; type=entry"
    lines += ["", f"{part.method} {url} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items()), ""]
    content = json.dumps(part.body).encode() if part.body is not None else b""
    return "\r\n".join(lines).encode() + _END + content + _END


def replies(content_type: str, body: bytes) -> list[Reply | list[Reply]]:
    """The replies in an answer, in their order: a list where a change set was done. ValueError where it is no multipart."""
    boundary = _boundary(content_type)
    return [_reply(each) for each in _split(body, boundary)]


def _boundary(content_type: str) -> bytes:
    found = re.search(r'boundary=(?:"([^"]+)"|([^";,\s]+))', content_type, re.IGNORECASE)
    if found is None:
        raise ValueError("not a multipart")
    return (found[1] or found[2]).encode()


def _split(body: bytes, boundary: bytes) -> list[bytes]:
    """What stands between the boundaries; after the closing one nothing counts. ValueError where it is not closed."""
    line = re.compile(rb"(?:^|\r?\n)--" + re.escape(boundary) + rb"(--)?[ \t]*(?=\r?\n|$)")
    parts: list[bytes] = []
    start: int | None = None
    for found in line.finditer(body):
        if start is not None:
            parts.append(body[start : found.start()])
        if found[1]:
            return parts
        start = found.end()
    raise ValueError("the multipart is cut off")


def _head(block: bytes) -> tuple[dict[str, str], bytes, bytes]:
    """Headers, what stands before them on the first line where that is none, and the rest after the empty line."""
    lines, _, rest = _until_empty(block)
    first = lines.pop(0) if lines and b":" not in lines[0].partition(b" ")[0] else b""
    pairs = (each.decode("utf-8", "replace").partition(":") for each in lines)
    return {name.strip().lower(): value.strip() for name, _, value in pairs}, first, rest


def _until_empty(block: bytes) -> tuple[list[bytes], bytes, bytes]:
    found = re.search(rb"\r?\n\r?\n", block)
    head = block if found is None else block[: found.start()]
    rest = b"" if found is None else block[found.end() :]
    return re.split(rb"\r?\n", head), b"", rest


def _in_order(blocks: Sequence[bytes]) -> Sequence[bytes]:
    """The replies of a change set in the order of its requests, which number them; as they came where they have no numbers."""
    numbers = [_head(_begun(block))[0].get("content-id", "") for block in blocks]
    placed = dict(zip(numbers, blocks, strict=True))
    wanted = [str(place) for place in range(1, len(blocks) + 1)]
    return [placed[each] for each in wanted] if placed.keys() == set(wanted) else blocks


def _begun(block: bytes) -> bytes:
    """A part without the end of its boundary's line."""
    return re.sub(rb"\A\r?\n", b"", block)


def _reply(block: bytes) -> Reply | list[Reply]:
    headers, _, rest = _head(_begun(block))
    kind = headers.get("content-type", "")
    if kind.lower().startswith(_NESTED):
        inner = [_reply(each) for each in _in_order(_split(rest, _boundary(kind)))]
        return [each for one in inner for each in (one if isinstance(one, list) else [one])]
    said, first, body = _head(rest)
    status = _STATUS.match(first)
    if status is None:
        raise ValueError("a part without a status")
    return Reply(status=int(status[1]), headers=said, body=object_in(body))
