"""Which contact folders does a mailbox have, one's own or somebody else's, and how do they stand below each other?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from urllib.parse import quote

from carnet.errors import CarnetError, NotFound
from carnet.mailboxes.graph.client import IMMUTABLE, GraphClient, Json, Reply, trouble
from carnet.model.folder import DELEGATE, UNKNOWN, UNSEEN, UNSHARED, Folder
from carnet.transport.calls import Part

_FORBIDDEN, _MISSING = 403, 404
_NOBODY = frozenset({"errorinvaliduser", "request_resourcenotfound", "resourcenotfound", "mailboxnotenabledforrestapi"})
"""Microsoft's words for an address without a mailbox; another 404 is a folder that one may not see."""


def own(client: GraphClient) -> list[Folder]:
    """The default folder by its well-known name, and every other by its id, whether or not the list names it."""
    default = _default(client)
    found = _walk(client, client.path, default)
    url = f"{client.path}/contactFolders/{{}}/contacts?$count=true&$top=1&$select=id"
    replies = client.batch([Part(method="GET", url=url.format(each)) for each in found])
    counts = {each: int(reply.body.get("@odata.count") or 0) for each, reply in zip(found, replies, strict=True)}
    return _in_order(found, default=str(default["id"]), counts=counts)


def _default(client: GraphClient) -> Json:
    """The default folder by its well-known name; where the service does not know that, the folder that the contacts are in."""
    try:
        return client.get(default_of(client.path))
    except NotFound:
        found = client.get(f"{client.path}/contacts?$top=1&$select=parentFolderId").get("value") or ()
        if not found:
            raise
        return client.get(f"{client.path}/contactFolders/{found[0]['parentFolderId']}")


def of_others(client: GraphClient, addresses: Sequence[str]) -> list[Folder]:
    """The folders of other people's mailboxes, none of which may be selected; nothing that lies in them is asked for.

    Each mailbox is a row of its own, by its address, with the reason where its folders are not seen.
    """
    found: list[Folder] = []
    for address in addresses:
        reason, seen = _of_other(client, path_of(address))
        top = Folder(id=f"shared:{address}", name=address, path=(address,), count=0, reason=reason)
        found += [top, *(_below(top, each) for each in seen)]
    return found


def path_of(address: str) -> str:
    """Where the mailbox of that address is."""
    return f"/users/{quote(address, safe='@')}"


def default_of(path: str) -> str:
    """Its default folder, by its well-known name."""
    return f"{path}/contactFolders/contacts"


def _of_other(client: GraphClient, path: str) -> tuple[str, list[Folder]]:
    try:
        default = client.ask(default_of(path), prefer=IMMUTABLE)
        if not default.is_success:
            return _reason(default), []
        return DELEGATE, _in_order(_walk(client, path, default.body), default=str(default.body["id"]), counts={})
    except CarnetError:  # one's own folders do not wait for it
        return UNSEEN, []


def _reason(reply: Reply) -> str:
    if reply.status == _MISSING and reply.code.lower() in _NOBODY:
        return UNKNOWN
    return UNSHARED if reply.status in {_FORBIDDEN, _MISSING} else UNSEEN


def _below(top: Folder, each: Folder) -> Folder:
    """A folder of somebody else's, below the row of their mailbox."""
    parent = f"{top.id}:{each.parent}" if each.parent else top.id
    moved = replace(each, id=f"{top.id}:{each.id}", path=(*top.path, *each.path), parent=parent)
    return replace(moved, is_default=False, reason=DELEGATE)


def _walk(client: GraphClient, path: str, default: Json) -> dict[str, Json]:
    """Folder id → what the service says of it: the default one, those listed, and all below."""
    found: dict[str, Json] = {str(default["id"]): default}
    level = [str(default["id"])]
    for page in client.pages(f"{path}/contactFolders?$top=100"):
        level += _new(page, found)
    while level:
        level = _children(client, path, level, found=found)
    return found


def _children(client: GraphClient, path: str, parents: Sequence[str], *, found: dict[str, Json]) -> list[str]:
    """The folders one level further down, asked for together."""
    parts = [Part(method="GET", url=f"{path}/contactFolders/{each}/childFolders?$top=100") for each in parents]
    below: list[str] = []
    for reply in client.batch(parts):
        if not reply.is_success:
            raise trouble(reply)
        pages = [reply.body]
        if more := reply.body.get("@odata.nextLink"):
            pages += client.pages(more)
        for page in pages:
            below += _new(page, found)
    return below


def _new(page: Json, found: dict[str, Json]) -> list[str]:
    """Take in the folders of a page; returns the ids that were not known."""
    fresh = {str(each["id"]): each for each in page.get("value", ()) if str(each["id"]) not in found}
    found |= fresh
    return list(fresh)


def _in_order(found: Mapping[str, Json], *, default: str, counts: Mapping[str, int]) -> list[Folder]:
    """The default folder first, then by path, parents before children."""
    placed: dict[str, Folder] = {}

    def path(identity: str) -> tuple[str, ...]:
        each = found[identity]
        parent = str(each.get("parentFolderId") or "")
        return (*(path(parent) if parent in found and parent != identity else ()), str(each.get("displayName") or ""))

    for identity in found:
        parent = str(found[identity].get("parentFolderId") or "")
        placed[identity] = Folder(
            id=identity,
            name=path(identity)[-1],
            path=path(identity),
            count=counts.get(identity, 0),
            parent=parent if parent in found else None,
            is_default=identity == default,
        )
    return sorted(placed.values(), key=lambda each: (not each.is_default, each.path, each.id))
