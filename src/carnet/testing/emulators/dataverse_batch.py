"""How does Dataverse take many requests in one? As multipart/mixed, in which a change set is done whole or not at all."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus

from carnet.testing.emulators.dataverse_organisation import DataverseOrganisation
from carnet.testing.emulators.dataverse_turn import VERSION, Refusal
from carnet.testing.emulators.faults import Asked, Said
from carnet.testing.emulators.server import asked_of

MOST_PARTS = 1000
_ANSWER, _CHANGES = "batchresponse_0b1c", "changesetresponse_0b1c"
_END = "\r\n"
_FAILED = 400
_BAD = "0x80060888"
Serve = Callable[[Asked], Said]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One request of a batch; `content_id` is how the later ones of its change set name what it made."""

    asked: Asked
    content_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeSet:
    """Requests that are done together or not at all."""

    parts: tuple[Part, ...]


class _Broken(Exception):
    """A part of a change set that failed."""

    def __init__(self, said: Said) -> None:
        super().__init__("the change set is undone")
        self.said = said


def read(asked: Asked) -> list[Part | ChangeSet]:
    """The parts of a batch; a refusal of the whole where it is not well formed."""
    found = [_operation(asked, headers, content) for headers, content in _multipart(asked.headers, asked.body.decode())]
    if sum(1 if isinstance(each, Part) else len(each.parts) for each in found) > MOST_PARTS:
        raise Refusal(400, _BAD, f"Maximum number of operations in a batch is {MOST_PARTS}.")
    return found


def count(operations: Sequence[Part | ChangeSet]) -> int:
    """How many requests there are in it."""
    return sum(1 if isinstance(each, Part) else len(each.parts) for each in operations)


def run(asked: Asked, operations: Sequence[Part | ChangeSet], *, organisation: DataverseOrganisation, serve: Serve) -> Said:
    """The answer: unless the client prefers to go on, the first failure ends it, and its status is the status of all."""
    goes_on = "odata.continue-on-error" in asked.headers.get("prefer", "")
    answers: list[str] = []
    status = 200
    for each in operations:
        failed, text = _one(each, serve) if isinstance(each, Part) else _set(each, organisation, serve)
        answers.append(text)
        if failed and not goes_on:
            status = failed
            break
    body = "".join(f"--{_ANSWER}{_END}{answer}{_END}" for answer in answers) + f"--{_ANSWER}--{_END}"
    headers = {"content-type": f"multipart/mixed; boundary={_ANSWER}", "OData-Version": "4.0"}
    return Said(status=status, headers=headers, body=body.encode())


def _one(part: Part, serve: Serve) -> tuple[int, str]:
    said = serve(part.asked)
    return (said.status if said.status >= _FAILED else 0), _written(said)


def _set(changes: ChangeSet, organisation: DataverseOrganisation, serve: Serve) -> tuple[int, str]:
    made: dict[str, str] = {}
    answers = []
    try:
        with organisation.lock, organisation.transaction():
            for part in changes.parts:
                said = _kept(serve(_referring(part.asked, made)))
                if part.content_id and "OData-EntityId" in said.headers:
                    made[part.content_id] = said.headers["OData-EntityId"]
                answers.append(_written(said, part.content_id))
    except _Broken as broken:
        return broken.said.status, _written(broken.said)
    text = "".join(f"--{_CHANGES}{_END}{answer}{_END}" for answer in answers)
    return 0, f"Content-Type: multipart/mixed; boundary={_CHANGES}{_END}{_END}{text}--{_CHANGES}--{_END}"


def _kept(said: Said) -> Said:
    """The answer of a part that did not fail."""
    if said.status >= _FAILED:
        raise _Broken(said)
    return said


def _referring(asked: Asked, made: Mapping[str, str]) -> Asked:
    """The request with the addresses that `$1` stands for."""

    def address(number: str) -> str:
        if number not in made:
            raise Refusal(400, _BAD, f"Content-ID Reference: '${number}' does not exist in the batch context.")
        return made[number]

    def bound(found: re.Match[str]) -> str:
        return found["name"] + address(found[2])

    target = re.sub(rf"^(?:{re.escape(VERSION)})?/?\$(\d+)(?=$|/)", lambda found: address(found[1]), asked.target)
    body = re.sub(r'(?P<name>@odata\.(?:bind|id)"\s*:\s*")/?\$(\d+)(?=")', bound, asked.body.decode())
    return _asked(asked, asked.method, target, headers=asked.headers, body=body)


def _operation(asked: Asked, headers: Mapping[str, str], content: str) -> Part | ChangeSet:
    if headers.get("content-type", "").startswith("multipart/mixed"):
        parts = tuple(_request(asked, inner, text, in_set=True) for inner, text in _multipart(headers, content))
        return ChangeSet(parts=parts)
    return _request(asked, headers, content)


def _request(asked: Asked, headers: Mapping[str, str], content: str, *, in_set: bool = False) -> Part:
    if not headers.get("content-type", "").startswith("application/http"):
        raise Refusal(400, _BAD, "A part of a batch is of the type application/http.")
    head, _, body = content.partition(_END + _END)
    line, *rest = head.split(_END)
    found = re.fullmatch(r"([A-Z]+) (\S+) HTTP/1\.1", line)
    if found is None:
        raise Refusal(400, _BAD, f"Invalid request line '{line[:60]}'.")
    if in_set and found[1] == "GET":
        raise Refusal(400, _BAD, "A change set may hold no GET.")
    if in_set and not headers.get("content-id"):
        raise Refusal(400, _BAD, "A request of a change set needs a Content-ID header.")
    own = _headers(rest)
    if body.rstrip(_END) and "content-type" not in own:
        raise Refusal(400, _BAD, "A body needs a Content-Type header.")
    if found[2].endswith("$batch"):
        raise Refusal(400, _BAD, "A batch may hold no batch.")
    made = _asked(asked, found[1], found[2], headers=own, body=body.removesuffix(_END))
    return Part(asked=made, content_id=headers.get("content-id", ""))


def _asked(whole: Asked, method: str, target: str, *, headers: Mapping[str, str], body: str) -> Asked:
    """The request whose address is whole, or begins with the service's path, or goes on from there."""
    path = re.sub(r"^https?://[^/]+", "", target)
    if not path.startswith((VERSION, "$", "/$")):
        path = f"{VERSION}/{path.lstrip('/')}"
    return asked_of(method, path, headers=headers, body=body.encode(), user=whole.user, part=True)


def _multipart(headers: Mapping[str, str], text: str) -> list[tuple[dict[str, str], str]]:
    """The parts between the boundaries: lines end by CR LF."""
    found = re.search(r'boundary="?([^";]+)"?', headers.get("content-type", ""))
    if found is None:
        raise Refusal(400, _BAD, "A batch is of the type multipart/mixed, with a boundary.")
    pieces = re.split(rf"(?:^|\r\n)--{re.escape(found[1])}(?=--|\r\n)", text)
    if not pieces[1:-1] or not pieces[-1].startswith("--"):
        raise Refusal(400, _BAD, "The batch is not well formed: lines end by CR LF.")
    parts = []
    for piece in pieces[1:-1]:
        head, _, content = piece.removeprefix(_END).partition(_END + _END)
        parts.append((_headers(head.split(_END)), content))
    return parts


def _headers(lines: Sequence[str]) -> dict[str, str]:
    pairs = (line.partition(":") for line in lines if line)
    return {name.strip().lower(): value.strip() for name, _, value in pairs}


def _written(said: Said, content_id: str = "") -> str:
    lines = ["Content-Type: application/http", "Content-Transfer-Encoding: binary"]
    lines += [f"Content-ID: {content_id}"] if content_id else []
    lines += ["", f"HTTP/1.1 {said.status} {HTTPStatus(said.status).phrase}"]
    lines += [f"{'-'.join(_spelt(word) for word in name.split('-'))}: {value}" for name, value in said.headers.items()]
    return _END.join([*lines, "", said.body.decode(), ""])


def _spelt(word: str) -> str:
    return word if word != word.lower() else word.capitalize()
