"""How is Microsoft Graph asked?

Immutable ids are asked for with every request and every part of a batch, and links are followed as they came.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from carnet.errors import CarnetError, Expired, NotAllowed, NotFound, Refused, Unavailable
from carnet.transport.backoff import pause, retry_after
from carnet.transport.calls import Call, Part
from carnet.transport.client import Client
from carnet.transport.gate import throttled
from carnet.transport.replies import Reply as AnyReply

PARTS, SLOTS, PAGE, TRIES = 20, 4, 512, 6
IMMUTABLE = 'IdType="ImmutableId"'
CONTACTS = "Contacts.Read"
_FORBIDDEN, _MISSING, _GONE, _CONFLICT, _STALE, _TOO_MANY, _BROKEN = 403, 404, 410, 409, 412, 429, 500
_RESYNC = frozenset({"syncstatenotfound", "syncstateinvalid", "resyncrequired"})
Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply(AnyReply):
    """What came of a part, or of one request; `content` is what a part says that is no JSON, in base64."""

    content: str = ""

    @property
    def is_conflict(self) -> bool:
        """Whether somebody else has changed the record: both statuses have been seen."""
        return self.status in {_CONFLICT, _STALE}

    @property
    def is_expired(self) -> bool:
        """Whether the service no longer knows the token."""
        return self.status == _GONE or self.code.lower() in _RESYNC

    @property
    def waits(self) -> bool:
        """Whether it was not done, and may be asked again."""
        return self.status == _TOO_MANY or self.status >= _BROKEN


class GraphClient:
    """Asks for one mailbox: `path` is "/me" or "/users/…"."""

    def __init__(self, client: Client, *, path: str) -> None:
        """Ask through that client."""
        self._client = client
        self.path = path

    def get(self, url: str, *, prefer: str = "", right: str = CONTACTS) -> Json:
        """The body of an answer. Raises what `trouble` makes of any other; `right` is what the question takes."""
        reply = self.ask(url, prefer=", ".join(filter(None, (IMMUTABLE, prefer))))
        if not reply.is_success:
            raise trouble(reply, right=right)
        return reply.body

    def ask(self, url: str, *, prefer: str) -> Reply:
        """What is answered, a refusal as well; `prefer` goes along as it is."""
        return Reply.of(self._client.send(Call(method="GET", url=url, headers={"Prefer": prefer} if prefer else {})))

    def pages(self, url: str, *, prefer: str = "", right: str = CONTACTS) -> Iterator[Json]:
        """Page after page, each link followed as it came; the last one has no next link."""
        link: str | None = url
        while link:
            page = self.get(link, prefer=prefer, right=right)
            yield page
            link = page.get("@odata.nextLink")

    def batch(self, parts: Sequence[Part]) -> list[Reply]:
        """One reply for each part, in their order, however many they are; a part that may be asked again is.

        Raises Unanswered where a batch that writes was not answered.
        """
        replies: list[Reply] = []
        for start in range(0, len(parts), PARTS):
            replies += self._batch(parts[start : start + PARTS])
        return replies

    def once(self, parts: Sequence[Part]) -> list[Reply]:
        """One reply for each of at most `PARTS` parts, none of which is asked again."""
        found = self._once(dict(enumerate(parts)))
        return [found[number] for number in range(len(parts))]

    def relative(self, link: str) -> str:
        """A link as a part of a batch wants it."""
        return "/" + link.removeprefix(self._client.base).lstrip("/")

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()

    def _batch(self, parts: Sequence[Part]) -> list[Reply]:
        replies: dict[int, Reply] = {}
        for attempt in range(1, TRIES + 1):
            open_ = [
                number for number in range(len(parts)) if number not in replies or _asks_again(parts[number], replies[number])
            ]
            if not open_:
                break
            said = self._once({number: parts[number] for number in open_})
            replies |= said
            if waits := [_seconds(said[number], attempt) for number in open_ if _asks_again(parts[number], said[number])]:
                self._client.gate.close_for(max(waits))  # whoever shares it waits as well, and from now on
        return [replies[number] for number in range(len(parts))]

    def _once(self, parts: Mapping[int, Part]) -> dict[int, Reply]:
        requests = [_request(number, part) for number, part in parts.items()]
        body = json.dumps({"requests": requests}).encode()
        reads = all(part.method == "GET" for part in parts.values())
        call = Call(
            method="POST",
            url="$batch",
            headers={"Content-Type": "application/json"},
            body=body,
            repeatable=reads,
            slots=SLOTS,
            units=len(requests),
        )
        reply = Reply.of(self._client.send(call))
        if not reply.is_success:
            raise trouble(reply)
        said = {str(each.get("id")): each for each in reply.body.get("responses", ())}
        return {number: _part(said.get(str(number))) for number in parts}


_DIRECTORY = "Authorization_RequestDenied"
"""How the directory, which knows people, refuses; the mailbox says ErrorAccessDenied."""


def trouble(reply: Reply, *, right: str = CONTACTS) -> CarnetError:
    """What a person, or the flow, can do about an answer; `right` is what the question takes."""
    if reply.is_expired:
        return Expired("The mailbox no longer knows where we had got to.", "It is read again.")
    if reply.status == _FORBIDDEN:
        return NotAllowed(
            "The mailbox does not let Carnet do this ({right}).",
            "Sign in again and accept this right, or ask the administrator for it.",
            right="User.Read" if reply.code == _DIRECTORY else right,
        )
    if reply.status == _MISSING:
        return NotFound("The mailbox no longer has what was asked for.", "Read it again.")
    if reply.status == _TOO_MANY:
        return throttled(_seconds(reply, TRIES))
    if reply.status >= _BROKEN:
        return Unavailable("The server does not answer.", "Check the connection, then try again.")
    return Refused("The mailbox refuses this ({code}).", "Report this: it is a fault of Carnet.", code=reply.code or reply.status)


def _request(number: int, part: Part) -> dict[str, Any]:
    headers = {"Prefer": IMMUTABLE, **part.headers}
    asked: dict[str, Any] = {"id": str(number), "method": part.method, "url": part.url, "headers": headers}
    if part.body is not None:
        asked |= {"headers": {**headers, "Content-Type": "application/json"}, "body": part.body}
    return asked


def _part(said: Json | None) -> Reply:
    """The reply to a part; one that was left out is asked for again."""
    if said is None:
        return Reply(status=_BROKEN)
    headers = {str(name).lower(): str(value) for name, value in (said.get("headers") or {}).items()}
    body = said.get("body")
    return Reply(
        status=int(said.get("status", _BROKEN)),
        headers=headers,
        body=body if isinstance(body, dict) else {},
        content=body if isinstance(body, str) else "",
    )


def _asks_again(part: Part, reply: Reply) -> bool:
    """A part that was throttled was not done; one that broke is asked again unless it makes something new."""
    return reply.status == _TOO_MANY or (reply.waits and part.method != "POST")


def _seconds(reply: Reply, attempt: int) -> float:
    asked = retry_after(reply.headers)
    return pause(attempt) if asked is None else asked
