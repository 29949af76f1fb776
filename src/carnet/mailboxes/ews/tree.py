"""Which folders of contacts does a mailbox have, one's own or somebody else's, and how do they stand below each other?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from carnet.errors import CarnetError
from carnet.mailboxes.ews import asking
from carnet.mailboxes.ews.client import EwsClient, Message
from carnet.mailboxes.ews.node import Node
from carnet.model.folder import DELEGATE, UNKNOWN, UNSEEN, UNSHARED, Folder

_CLASS = "ipf.contact"
_REASONS = {
    "ErrorNonExistentMailbox": UNKNOWN,
    "ErrorAccessDenied": UNSHARED,
    "ErrorFolderNotFound": UNSHARED,
    "ErrorItemNotFound": UNSHARED,
}


def own(client: EwsClient) -> list[Folder]:
    """The default folder first; hidden ones and what lies in the deleted items are not offered."""
    told = client.ask(asking.known_folders(asking.TOP, asking.CONTACTS, asking.DELETED))
    top, default, deleted = (folder_id(each.node) for each in told)
    return _in_order(_below(client, asking.TOP), top=top, default=default, deleted=deleted)


def of_others(client: EwsClient, addresses: Sequence[str]) -> list[Folder]:
    """The folders of other people's mailboxes, none of which may be selected; nothing that lies in them is asked for.

    Each mailbox is a row of its own, by its address, with the reason where its folders are not seen.
    """
    if not addresses:
        return []
    try:
        told: Sequence[Message | None] = client.ask(asking.contacts_of(addresses))
    except CarnetError:  # one's own folders do not wait for it
        told = [None] * len(addresses)
    found: list[Folder] = []
    for address, message in zip(addresses, told, strict=True):
        reason, seen = _of_other(client, message)
        top = Folder(id=f"shared:{address}", name=address, path=(address,), count=0, reason=reason)
        found += [top, *(_beside(top, each) for each in seen)]
    return found


def _of_other(client: EwsClient, message: Message | None) -> tuple[str, list[Folder]]:
    """Whether a mailbox is seen, and its folders: the default one, and those below it, for that is what people share."""
    if message is None or not message.is_success:
        return (_REASONS.get(message.code, UNSEEN) if message else UNSEEN), []
    default = folder_id(message.node)
    found = {_id(each): each for each in message.node.each("m:Folders")}
    try:
        found |= _below(client, folder=default)
    except CarnetError:
        return UNSEEN, []
    return DELEGATE, _in_order(found, top="", default=default, deleted="")


def _below(client: EwsClient, name: str = "", *, folder: str = "") -> dict[str, Node]:
    """Folder id → what the server says of it, for all below that one."""
    found: dict[str, Node] = {}
    start, is_last = 0, False
    while not is_last:
        (message,) = client.ask(asking.folders_below(name, folder=folder, start=start))
        root = message.node.find("m:RootFolder")
        found |= {_id(each): each for each in message.node.each("m:RootFolder", "t:Folders")}
        is_last = root is None or root.get("IncludesLastItemInRange") != "false"
        start = int(root.get("IndexedPagingOffset") or 0) if root else 0
    return found


def _beside(top: Folder, each: Folder) -> Folder:
    """A folder of somebody else's, below the row of their mailbox."""
    parent = f"{top.id}:{each.parent}" if each.parent else top.id
    moved = replace(each, id=f"{top.id}:{each.id}", path=(*top.path, *each.path), parent=parent, count=0)
    return replace(moved, is_default=False, reason=DELEGATE)


def folder_id(message: Node) -> str:
    """The id of the folder that a message tells of, "" where it tells of none."""
    return next((_id(each) for each in message.each("m:Folders")), "")


def _id(folder: Node) -> str:
    found = folder.find("t:FolderId")
    return found.get("Id") if found else ""


def _in_order(found: Mapping[str, Node], *, top: str, default: str, deleted: str) -> list[Folder]:
    """The folders to offer, the default one first, then by path, parents before children."""

    def above(identity: str) -> list[str]:
        """The folder itself and those it stands in, the outermost first."""
        line: list[str] = []
        while identity in found and identity not in line:
            line.insert(0, identity)
            parent = found[identity].find("t:ParentFolderId")
            identity = parent.get("Id") if parent else top
        return line

    offered = {each for each in found if _is_offered(found[each]) and deleted not in above(each)} | ({default} & found.keys())
    placed = []
    for each in offered:
        line = above(each)
        placed.append(
            Folder(
                id=each,
                name=found[each].said("t:DisplayName"),
                path=tuple(found[one].said("t:DisplayName") for one in line),
                count=int(found[each].said("t:TotalCount") or 0),
                parent=next((one for one in reversed(line[:-1]) if one in offered), None),
                is_default=each == default,
            )
        )
    return sorted(placed, key=lambda each: (not each.is_default, each.path, each.id))


def _is_offered(folder: Node) -> bool:
    """Whether it holds contacts of the person: what Outlook keeps for itself is hidden, or of a class of its own."""
    hidden = folder.said("t:ExtendedProperty", "t:Value").lower() in {"true", "1"}
    return folder.said("t:FolderClass").lower() == _CLASS and not hidden
