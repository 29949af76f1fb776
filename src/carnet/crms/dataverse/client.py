"""How is Dataverse asked?

Reads go together in batches where that saves requests; links are followed as they came; nothing that writes is sent twice
unseen.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from email.utils import parsedate_to_datetime

from carnet.crms.dataverse import query
from carnet.crms.dataverse.multipart import ChangeSet, Json, Reply, replies, written
from carnet.errors import CarnetError, Expired, NotAllowed, NotFound, Refused, Unavailable
from carnet.transport.backoff import pause, retry_after
from carnet.transport.calls import Answer, Call, Part
from carnet.transport.client import Client
from carnet.transport.gate import throttled

HEADERS = {"Accept": "application/json", "OData-Version": "4.0", "OData-MaxVersion": "4.0", "If-None-Match": "null"}
JSON = {"Content-Type": "application/json; charset=utf-8"}
MOST_PARTS, TRIES = 1000, 4
GO_ON = "odata.continue-on-error"
_FORBIDDEN, _MISSING, _GONE, _TOO_MANY, _BROKEN = 403, 404, 410, 429, 500
_RIGHT = "prv"
_EXPIRED = frozenset({"0x80044352"})


class DataverseClient:
    """Asks one organisation in one person's name."""

    def __init__(self, client: Client) -> None:
        """Ask through that client."""
        self._client = client
        self.base = client.base
        """What the addresses of the parts of a batch begin with."""
        self.said_at: datetime | None = None
        """When the CRM gave its last answer, by its own clock."""

    def get(self, url: str, *, prefer: str = "") -> Json:
        """The body of an answer. Raises what `trouble` makes of any other."""
        reply = self.ask(Part(method="GET", url=url, headers={"Prefer": prefer} if prefer else {}))
        if not reply.is_success:
            raise trouble(reply)
        return reply.body

    def pages(self, url: str, *, prefer: str = "") -> Iterator[Json]:
        """Page after page, each link followed as it came."""
        link: str | None = url
        while link:
            page = self.get(link, prefer=prefer)
            yield page
            link = page.get("@odata.nextLink")

    def ask(self, part: Part) -> Reply:
        """The reply to one request, whatever it says. Raises Unanswered for a write that nobody answered."""
        body = json.dumps(part.body).encode() if part.body is not None else b""
        headers = {**HEADERS, **(JSON if part.body is not None else {}), **part.headers}
        call = Call(method=part.method, url=part.url, headers=headers, body=body, repeatable=part.method == "GET")
        return Reply.of(self._sent(call))

    def gather(self, urls: Sequence[str], *, prefer: str = "") -> list[list[Json]]:
        """The rows of each collection, all pages of it, in few requests. Raises what `trouble` makes of a refusal."""
        if len(urls) == 1 and not query.is_long(urls[0]):
            return [[row for page in self.pages(urls[0], prefer=prefer) for row in page.get("value", ())]]
        headers = {"Prefer": prefer} if prefer else {}
        found = self.batch([Part(method="GET", url=url, headers=headers) for url in urls])
        return [self._rows(reply, prefer) for reply in found]

    def batch(self, parts: Sequence[Part]) -> list[Reply]:
        """One reply for each part, in their order, however many they are; one that fails does not stop the others.

        Parts that were throttled go again. Raises Unanswered where a batch that writes was not answered.
        """
        found: list[Reply] = []
        for start in range(0, len(parts), MOST_PARTS):
            found += self._patient(parts[start : start + MOST_PARTS])
        return found

    def together(self, parts: Sequence[Part]) -> list[Reply]:
        """The replies to a change set; one reply where it was not done."""
        (found,) = self._once([ChangeSet(parts=tuple(parts))], reads=False)
        return found if isinstance(found, list) else [found]

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()

    def _sent(self, call: Call) -> Answer:
        answer = self._client.send(call)
        with suppress(ValueError):
            self.said_at = parsedate_to_datetime(answer.headers.get("date", ""))
        return answer

    def _rows(self, reply: Reply, prefer: str) -> list[Json]:
        if not reply.is_success:
            raise trouble(reply)
        rows = list(reply.body.get("value", ()))
        if link := reply.body.get("@odata.nextLink"):
            rows += [row for page in self.pages(link, prefer=prefer) for row in page.get("value", ())]
        return rows

    def _patient(self, parts: Sequence[Part]) -> list[Reply]:
        found: dict[int, Reply] = {}
        for attempt in range(1, TRIES + 1):
            waiting = [number for number in range(len(parts)) if number not in found or found[number].status == _TOO_MANY]
            if not waiting:
                break
            some = [parts[number] for number in waiting]
            said = self._once(some, reads=all(part.method == "GET" for part in some))
            flat = [each if isinstance(each, Reply) else each[0] for each in said]
            flat += [Reply(status=_BROKEN)] * (len(some) - len(flat))
            found |= dict(zip(waiting, flat, strict=False))
            if waits := [_seconds(found[number], attempt) for number in waiting if found[number].status == _TOO_MANY]:
                self._client.gate.close_for(max(waits))  # whoever shares it waits as well, and from now on
        return [found[number] for number in range(len(parts))]

    def _once(self, parts: Sequence[Part | ChangeSet], *, reads: bool) -> list[Reply | list[Reply]]:
        boundary = f"batch_{secrets.token_hex(16)}"
        call = Call(
            method="POST",
            url="$batch",
            headers={**HEADERS, "Content-Type": f"multipart/mixed; boundary={boundary}", "Prefer": GO_ON},
            body=written(parts, base=self.base, boundary=boundary),
            repeatable=reads,
            units=len(parts),
        )
        answer = self._sent(call)
        if not answer.is_success:
            raise trouble(Reply.of(answer))
        try:
            return replies(answer.headers.get("content-type", ""), answer.body)
        except ValueError:
            raise Unavailable("The server does not answer.", "Check the connection, then try again.") from None


def trouble(reply: Reply) -> CarnetError:
    """What a person, or the flow, can do about an answer."""
    if reply.status == _GONE or is_expired(reply):
        return Expired("The CRM no longer knows where we had got to.", "Everything is read again.")
    if reply.status == _FORBIDDEN:
        return NotAllowed(
            "The CRM does not let you do this ({right}).", "Ask its administrator for this right.", right=right_of(reply.message)
        )
    if reply.status == _MISSING:
        return NotFound("The CRM no longer has what was asked for.", "Look at it again.")
    if reply.status == _TOO_MANY:
        return throttled(_seconds(reply, TRIES))
    if reply.status >= _BROKEN:
        return Unavailable("The server does not answer.", "Check the connection, then try again.")
    return Refused("The CRM refuses this ({code}).", "Report this: it is a fault of Carnet.", code=reply.code or reply.status)


def is_expired(reply: Reply) -> bool:
    """Whether the token of a change tracking is too old."""
    return not reply.is_success and (reply.code in _EXPIRED or "full sync" in reply.message.lower())


def right_of(message: str) -> str:
    """The right that a refusal names ("prvCreateContact"), "" where it names none."""
    words = message.replace(",", " ").replace(".", " ").replace("(", " ").replace("'", " ").split()
    return next((word for word in words if word.startswith(_RIGHT) and word != _RIGHT), "")


def _seconds(reply: Reply, attempt: int) -> float:
    asked = retry_after(reply.headers)
    return pause(attempt) if asked is None else asked


def headers_of(version: str) -> Mapping[str, str]:
    """What makes a write hold only where the record still has that version."""
    return {"If-Match": f'W/"{version}"'}
