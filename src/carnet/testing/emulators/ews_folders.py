"""How does Exchange answer about folders?"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from carnet.testing.emulators.ews_fields import extended_uri
from carnet.testing.emulators.ews_mailbox import EwsMailbox, EwsPlace
from carnet.testing.emulators.ews_turn import Turn
from carnet.testing.emulators.ews_words import Element, Refusal, inside, made, message, required

HIDDEN = "Boolean 0x10f4"
_RIGHTS = ("CreateAssociated", "CreateContents", "CreateHierarchy", "Delete", "Modify", "Read", "ViewPrivateItems")
_DEFAULT = frozenset({"folder:DisplayName", "folder:TotalCount", "folder:ChildFolderCount"})
_ALL = _DEFAULT | {"folder:ParentFolderId", "folder:FolderClass", "folder:EffectiveRights", "folder:DistinguishedFolderId"}


def get_folder(turn: Turn) -> Iterator[Element]:
    """Each of the folders, by id or by well-known name."""
    paths = folder_paths(turn)
    for named in required(turn.operation, "m:FolderIds"):
        try:
            owner, found = turn.folder(named)
        except Refusal as refusal:
            yield message(turn.name, made("m:Folders"), code=refusal.code, text=refusal.text)
            continue
        yield message(turn.name, made("m:Folders", folder_shown(turn, owner, found, paths=paths)))


def find_folder(turn: Turn) -> Iterator[Element]:
    """The folders below each of those named, hidden ones too; `Deep` goes all the way down."""
    paths = folder_paths(turn)
    view = inside(turn.operation, "m:IndexedPageFolderView")
    start, most = (int(view.get("Offset")), int(view.get("MaxEntriesReturned"))) if view is not None else (0, 1000)
    for named in required(turn.operation, "m:ParentFolderIds"):
        try:
            owner, found = turn.folder(named)
        except Refusal as refusal:
            yield message(turn.name, code=refusal.code, text=refusal.text)
            continue
        below = owner.below(found.id, deep=turn.operation.get("Traversal") == "Deep")
        page = below[start : start + most]
        folders = made("t:Folders", *(folder_shown(turn, owner, each, paths=paths) for each in page))
        last = start + most >= len(below)
        more = {} if last else {"IndexedPagingOffset": str(start + len(page))}
        paging = {"TotalItemsInView": str(len(below)), "IncludesLastItemInRange": str(last).lower(), **more}
        yield message(turn.name, made("m:RootFolder", folders, **paging))


def folder_paths(turn: Turn) -> frozenset[str]:
    """What is to be shown of a folder."""
    base, paths = turn.shape("m:FolderShape")
    return paths | {"IdOnly": frozenset[str](), "Default": _DEFAULT, "AllProperties": _ALL}[base]


def folder_shown(turn: Turn, owner: EwsMailbox, place: EwsPlace, *, paths: Collection[str]) -> Element:
    """The folder as it is shown."""

    def one(path: str, text: str) -> Element | None:
        return made(f"t:{path.partition(':')[2]}", text) if path in paths and text else None

    kind = "ContactsFolder" if place.kind.startswith("IPF.Contact") else "Folder"
    count = sum(item.folder == place.id for item in owner.items.values())
    children = len(owner.below(place.id, deep=False))
    parent = place.parent if place.parent != "-" else place.id
    hidden = made("t:ExtendedProperty", extended_uri(HIDDEN), made("t:Value", str(place.hidden).lower()))
    return made(
        f"t:{kind}",
        made("t:FolderId", Id=place.id, ChangeKey="AQAAAA=="),
        made("t:ParentFolderId", Id=parent, ChangeKey="AQAAAA==") if "folder:ParentFolderId" in paths else None,
        one("folder:FolderClass", place.kind),
        one("folder:DisplayName", place.name),
        one("folder:TotalCount", str(count)),
        one("folder:ChildFolderCount", str(children)),
        hidden if HIDDEN in paths else None,
        _rights(is_mine=owner is turn.me) if "folder:EffectiveRights" in paths else None,
        one("folder:DistinguishedFolderId", place.known_as),
    )


def _rights(*, is_mine: bool) -> Element:
    given = {"Read"} if not is_mine else set(_RIGHTS)
    return made("t:EffectiveRights", *(made(f"t:{each}", str(each in given).lower()) for each in _RIGHTS))
