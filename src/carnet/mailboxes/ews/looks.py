"""How do the contacts of an Exchange mailbox look: which photo has each, and which colour each category?"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence

from carnet.errors import NotFound
from carnet.mailboxes.ews import asking
from carnet.mailboxes.ews.client import EwsClient, parsed
from carnet.mailboxes.ews.finding import Finder, chunks
from carnet.mailboxes.ews.node import Node
from carnet.model.contact import Record

_TOGETHER = 20
"""Photos that are fetched at once."""
_MISSING = "ErrorItemNotFound"
_COLOURS = 25
_FILE = "t:FileAttachment"


def photos(client: EwsClient, finder: Finder, records: Sequence[Record]) -> dict[str, str]:
    """The SHA-256 of the photo of each of those that has one now, by the record's id."""
    asked = dict(enumerate(records))
    found = finder.present({number: (each.id, each.version) for number, each in asked.items()}, (asking.ATTACHMENTS,))
    pictures = [(asked[number].id, picture) for number, (_, item) in found.items() if (picture := _picture(item))]
    digests: dict[str, str] = {}
    for chunk in chunks(pictures, _TOGETHER):
        told = client.ask(asking.attachments(identity for _, identity in chunk))
        for (record, _), message in zip(chunk, told, strict=True):
            if content := message.node.said("m:Attachments", _FILE, "t:Content"):
                digests[record] = hashlib.sha256(base64.b64decode(content)).hexdigest()
    return digests


def categories(client: EwsClient) -> dict[str, str]:
    """The categories of the mailbox by name, with their colours; none where nobody has ever made one. May raise NotFound."""
    (message,) = client.ask(asking.configuration(asking.CATEGORY_LIST))
    if message.code == _MISSING:
        return {}
    return colours_in(base64.b64decode(message.node.said("m:UserConfiguration", "t:XmlData")))


def colours_in(listed: bytes) -> dict[str, str]:
    """The categories of a list as Outlook writes it. Raises NotFound where it is none."""
    found = parsed(listed)
    if found is None:
        raise NotFound("The mailbox no longer has what was asked for.", "Read it again.")
    return {name: _colour(each.get("color")) for each in found.inside if (name := each.get("name").strip())}


def _picture(item: Node) -> str:
    """The id of the attachment that is the photo, "" where there is none."""
    for each in item.each("t:Attachments"):
        if (
            each.name == _FILE
            and each.said("t:IsContactPhoto").lower() in {"true", "1"}
            and (named := each.find("t:AttachmentId"))
        ):
            return named.get("Id")
    return ""


def _colour(said: str) -> str:
    """The colour as Microsoft Graph calls it: Outlook numbers 25 of them, and -1 is none ([MS-OXOCFG] 2.2.5.2.1)."""
    return f"preset{said}" if said.isdecimal() and int(said) < _COLOURS else "none"
