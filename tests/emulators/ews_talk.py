"""How does a test talk to the emulator of Exchange?"""

from __future__ import annotations

import base64
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

from lxml import etree

from carnet.testing.emulators.ews import EwsEmulator
from carnet.testing.emulators.ews_mailbox import OPENS
from carnet.testing.emulators.ews_words import MESSAGES, SPACES, TYPES

CONTACTS = '<t:DistinguishedFolderId Id="contacts"/>'
ID_ONLY = "<m:ItemShape><t:BaseShape>IdOnly</t:BaseShape></m:ItemShape>"


@dataclass(frozen=True, kw_only=True)
class Told:
    """An answer: its status, and what it says."""

    status: int
    body: bytes

    @property
    def xml(self) -> Any:
        return etree.fromstring(self.body)

    def all(self, name: str) -> list[Any]:
        prefix, _, local = name.partition(":")
        return list(self.xml.iter(f"{{{SPACES[prefix]}}}{local}"))

    def text(self, name: str) -> str:
        return str(self.all(name)[0].text or "")

    @property
    def codes(self) -> list[str]:
        """The response codes of its messages, or that of its fault."""
        return [str(each.text) for each in (*self.all("m:ResponseCode"), *self.all("e:ResponseCode"))]

    @property
    def ids(self) -> list[str]:
        return [str(each.get("Id")) for each in self.all("t:ItemId")]


def ask(
    emulator: EwsEmulator, operation: str, *, user: str = "camille", password: str = OPENS, version: str = "Exchange2016"
) -> Told:
    """What the emulator says to an operation."""
    envelope = (
        f'<?xml version="1.0" encoding="utf-8"?><s:Envelope xmlns:s="{SPACES["s"]}" xmlns:t="{TYPES}" xmlns:m="{MESSAGES}">'
        f'<s:Header><t:RequestServerVersion Version="{version}"/></s:Header><s:Body>{operation}</s:Body></s:Envelope>'
    )
    sealed = base64.b64encode(f"{user}:{password}".encode()).decode()
    headers = {"Content-Type": "text/xml; charset=utf-8", **({"Authorization": f"Basic {sealed}"} if user else {})}
    return send(emulator.url, envelope.encode(), headers)


def send(url: str, body: bytes, headers: dict[str, str]) -> Told:
    parts = urlsplit(url)
    with closing(HTTPConnection(parts.netloc, timeout=10)) as connection:
        connection.request("POST", parts.path, body=body, headers=headers)
        answer = connection.getresponse()
        return Told(status=answer.status, body=answer.read())


def sync(folder: str = CONTACTS, state: str = "", *, most: int = 512, more: str = "") -> str:
    """Everything that changed in a folder since."""
    said = f"<m:SyncState>{state}</m:SyncState>" if state else ""
    shape = f"<m:ItemShape><t:BaseShape>IdOnly</t:BaseShape>{more}</m:ItemShape>"
    target = f"<m:SyncFolderId>{folder}</m:SyncFolderId>"
    return f"<m:SyncFolderItems>{shape}{target}{said}<m:MaxChangesReturned>{most}</m:MaxChangesReturned></m:SyncFolderItems>"


def get_items(*ids: str, more: str = "") -> str:
    """Items, with further properties."""
    shape = f"<m:ItemShape><t:BaseShape>IdOnly</t:BaseShape>{more}</m:ItemShape>"
    named = "".join(f'<t:ItemId Id="{each}"/>' for each in ids)
    return f"<m:GetItem>{shape}<m:ItemIds>{named}</m:ItemIds></m:GetItem>"


def more(*uris: str) -> str:
    """Further properties by field URI; an extended one as an element."""
    said = "".join(each if each.startswith("<") else f'<t:FieldURI FieldURI="{each}"/>' for each in uris)
    return f"<t:AdditionalProperties>{said}</t:AdditionalProperties>"


def create(contact: str, folder: str = CONTACTS) -> str:
    """A new contact."""
    return (
        f'<m:CreateItem MessageDisposition="SaveOnly"><m:SavedItemFolderId>{folder}</m:SavedItemFolderId>'
        f"<m:Items><t:Contact>{contact}</t:Contact></m:Items></m:CreateItem>"
    )


def update(identity: str, key: str, *changes: str, resolution: str = "NeverOverwrite") -> str:
    """Changes of one item."""
    named = f'<t:ItemId Id="{identity}" ChangeKey="{key}"/>'
    said = f"<t:ItemChange>{named}<t:Updates>{''.join(changes)}</t:Updates></t:ItemChange>"
    return f'<m:UpdateItem ConflictResolution="{resolution}"><m:ItemChanges>{said}</m:ItemChanges></m:UpdateItem>'


def put(name: str, text: str, uri: str = "") -> str:
    """One property of a contact set to a text."""
    uri = uri or f"contacts:{name}"
    return f'<t:SetItemField><t:FieldURI FieldURI="{uri}"/><t:Contact><t:{name}>{text}</t:{name}></t:Contact></t:SetItemField>'


def delete(*ids: str, kind: str = "HardDelete") -> str:
    """Away with them."""
    named = "".join(f'<t:ItemId Id="{each}"/>' for each in ids)
    return f'<m:DeleteItem DeleteType="{kind}"><m:ItemIds>{named}</m:ItemIds></m:DeleteItem>'


def folders(name: str, *named: str, more: str = "", traversal: str = "") -> str:
    """Folders by id, or those below."""
    shape = f"<m:FolderShape><t:BaseShape>Default</t:BaseShape>{more}</m:FolderShape>"
    kind = f' Traversal="{traversal}"' if traversal else ""
    where = "ParentFolderIds" if traversal else "FolderIds"
    return f"<m:{name}{kind}>{shape}<m:{where}>{''.join(named)}</m:{where}></m:{name}>"


def resolve(name: str) -> str:
    """Who that may be."""
    return f'<m:ResolveNames ReturnFullContactData="true"><m:UnresolvedEntry>{name}</m:UnresolvedEntry></m:ResolveNames>'
