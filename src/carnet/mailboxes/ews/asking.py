"""What is asked of Exchange, as elements that its schema knows?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from carnet.mailboxes.ews.node import Node, node
from carnet.mailboxes.ews.paths import Value, asked_for, changes, contact, uri

CONTACTS, TOP, DELETED = "contacts", "msgfolderroot", "deleteditems"
HIDDEN = "Boolean 0x10f4"
ATTACHMENTS, CALENDAR, CATEGORY_LIST = "item:Attachments", "calendar", "CategoryList"
PAGE = 512
"""As many changes of a folder are told at once, at most."""
_FOLDER = ("folder:FolderClass", "folder:DisplayName", "folder:TotalCount", "folder:ParentFolderId", HIDDEN)
_FOLDERS = 1000


def who(name: str) -> Node:
    """Everybody whom a name may mean, with what the directory says of them."""
    entry = node("m:UnresolvedEntry", name)
    everything = {"ReturnFullContactData": "true", "SearchScope": "ActiveDirectory", "ContactDataShape": "AllProperties"}
    return node("m:ResolveNames", entry, **everything)


def known_folders(*names: str, of: Iterable[str] = ()) -> Node:
    """Folders of one's own by their well-known names, then the contacts of those addresses."""
    mine = [node("t:DistinguishedFolderId", Id=name) for name in names]
    theirs = [node("t:DistinguishedFolderId", node("t:Mailbox", node("t:EmailAddress", address)), Id=CONTACTS) for address in of]
    return node("m:GetFolder", _shape("m:FolderShape", ()), node("m:FolderIds", *mine, *theirs))


def contacts_of(addresses: Iterable[str]) -> Node:
    """The default folder of contacts of those addresses, with its name."""
    theirs = (node("t:DistinguishedFolderId", node("t:Mailbox", node("t:EmailAddress", each)), Id=CONTACTS) for each in addresses)
    return node("m:GetFolder", _shape("m:FolderShape", _FOLDER), node("m:FolderIds", *theirs))


def folders_below(name: str = "", *, folder: str = "", start: int) -> Node:
    """All that is below a folder of one's own by its well-known name, or a folder by its id, from that one on."""
    view = node("m:IndexedPageFolderView", MaxEntriesReturned=str(_FOLDERS), Offset=str(start), BasePoint="Beginning")
    above = node("t:FolderId", Id=folder) if folder else node("t:DistinguishedFolderId", Id=name)
    parents = node("m:ParentFolderIds", above)
    return node("m:FindFolder", _shape("m:FolderShape", _FOLDER), view, parents, Traversal="Deep")


def changed(folder: str, state: str) -> Node:
    """What changed in a folder since that state, by ids alone; without a state, all that is there."""
    return node(
        "m:SyncFolderItems",
        _shape("m:ItemShape", ()),
        node("m:SyncFolderId", node("t:FolderId", Id=folder)),
        node("m:SyncState", state) if state else None,
        node("m:MaxChangesReturned", str(PAGE)),
    )


def items(ids: Iterable[str], paths: Iterable[str]) -> Node:
    """Items with those properties."""
    named = node("m:ItemIds", *(node("t:ItemId", Id=each) for each in ids))
    return node("m:GetItem", _shape("m:ItemShape", paths), named)


def holding(path: str, values: Sequence[str], *, folders: Sequence[str], paths: Iterable[str]) -> Node:
    """The items of those folders whose property has one of those values."""
    tests = [node("t:IsEqualTo", uri(path), node("t:FieldURIOrConstant", node("t:Constant", Value=value))) for value in values]
    condition = tests[0] if len(tests) == 1 else node("t:Or", *tests)
    return node(
        "m:FindItem",
        _shape("m:ItemShape", paths),
        node("m:Restriction", condition),
        node("m:ParentFolderIds", *(_folder(each) for each in folders)),
        Traversal="Shallow",
    )


def new(folder: str, contacts: Iterable[Mapping[str, Value]]) -> Node:
    """New contacts in a folder; "" is the default one."""
    where = node("m:SavedItemFolderId", _folder(folder))
    return node("m:CreateItem", where, node("m:Items", *map(contact, contacts)), MessageDisposition="SaveOnly")


def updates(wanted: Iterable[tuple[str, str, Mapping[str, Value | None]]]) -> Node:
    """Changes of items, (id, change key, properties): refused where a change key is not the present one."""
    said = [
        node("t:ItemChange", node("t:ItemId", Id=identity, ChangeKey=key), node("t:Updates", *changes(values)))
        for identity, key, values in wanted
    ]
    how = {"ConflictResolution": "NeverOverwrite", "MessageDisposition": "SaveOnly"}
    return node("m:UpdateItem", node("m:ItemChanges", *said), **how)


def deletions(ids: Iterable[tuple[str, str]]) -> Node:
    """Away with items, (id, change key), into the deleted items, where a person finds them again."""
    named = [node("t:ItemId", Id=identity, ChangeKey=key) for identity, key in ids]
    return node("m:DeleteItem", node("m:ItemIds", *named), DeleteType="MoveToDeletedItems")


def attachments(ids: Iterable[str]) -> Node:
    """Attachments with what they hold."""
    return node("m:GetAttachment", node("m:AttachmentIds", *(node("t:AttachmentId", Id=each) for each in ids)))


def configuration(name: str) -> Node:
    """What Outlook keeps of its settings under that name; it lies with the calendar, whatever it is about."""
    named = node("m:UserConfigurationName", node("t:DistinguishedFolderId", Id=CALENDAR), Name=name)
    return node("m:GetUserConfiguration", named, node("m:UserConfigurationProperties", "XmlData"))


def _shape(name: str, paths: Iterable[str]) -> Node:
    wanted = tuple(paths)
    return node(name, node("t:BaseShape", "IdOnly"), asked_for(wanted) if wanted else None)


def _folder(identity: str) -> Node:
    return node("t:FolderId", Id=identity) if identity else node("t:DistinguishedFolderId", Id=CONTACTS)
