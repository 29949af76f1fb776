"""How does Exchange answer about items: read, find, make, change and delete them?"""

from __future__ import annotations

from collections.abc import Iterator

from carnet.testing.emulators.ews_fields import ATTACHMENTS, TEXT_BODY, path_of, read, refuse_what_is_not_theirs, shown
from carnet.testing.emulators.ews_mailbox import EwsItem, Value
from carnet.testing.emulators.ews_turn import Turn
from carnet.testing.emulators.ews_words import Element, Refusal, inside, local, made, message, name_of, refused, required

Known = Value | None
_DEFAULT = frozenset({"contacts:DisplayName", "contacts:CompanyName", "item:Subject"})


def get_item(turn: Turn) -> Iterator[Element]:
    """Each of the items; one that is not there is an error of its own."""
    base, paths = turn.shape("m:ItemShape")
    for named in required(turn.operation, "m:ItemIds"):
        try:
            _, item = turn.item(named)
            _require_readable(item)
        except Refusal as refusal:
            yield refused(turn.name, refusal, made("m:Items"))
            continue
        yield message(turn.name, made("m:Items", _shown(item, base, paths)))


def find_item(turn: Turn) -> Iterator[Element]:
    """The items of each folder that fit the restriction, page by page."""
    base, paths = turn.shape("m:ItemShape")
    view = inside(turn.operation, "m:IndexedPageItemView")
    start, most = (int(view.get("Offset")), int(view.get("MaxEntriesReturned"))) if view is not None else (0, 1000)
    restriction = inside(turn.operation, "m:Restriction")
    for named in required(turn.operation, "m:ParentFolderIds"):
        try:
            owner, place = turn.folder(named)
        except Refusal as refusal:
            yield refused(turn.name, refusal)
            continue
        found = [item for item in owner.within(place.id) if restriction is None or _fits(restriction[0], item)]
        page = found[start : start + most]
        rows = turn.faults.rows(turn.asked, [_shown(item, base, paths - {TEXT_BODY, "item:Body", ATTACHMENTS}) for item in page])
        last = start + most >= len(found)
        more = {} if last else {"IndexedPagingOffset": str(start + len(page))}
        paging = {"TotalItemsInView": str(len(found)), "IncludesLastItemInRange": str(last).lower(), **more}
        yield message(turn.name, made("m:RootFolder", made("t:Items", *rows), **paging))


def create_item(turn: Turn) -> Iterator[Element]:
    """New items; asked twice, it makes two."""
    saved = inside(turn.operation, "m:SavedItemFolderId")
    for element in required(turn.operation, "m:Items"):
        try:
            owner, place = turn.folder(saved[0]) if saved is not None else (turn.me, turn.me.folders[turn.me.default])
            turn.owned(owner)
            values, extended = read(element)
        except Refusal as refusal:
            yield refused(turn.name, refusal, made("m:Items"))
            continue
        identity = owner.add(values, folder=place.id, kind=local(element), extended=extended)
        yield message(turn.name, made("m:Items", shown(owner.items[identity], ())))


def update_item(turn: Turn) -> Iterator[Element]:
    """Changes, each of one property; a change key that is not the present one is a conflict where nobody may overwrite."""
    strict = turn.operation.get("ConflictResolution") == "NeverOverwrite"
    for change in required(turn.operation, "m:ItemChanges"):
        try:
            named = required(change, "t:ItemId")
            owner, item = turn.item(named)
            turn.owned(owner)
            _require_change_key(named, item, strict=strict)
            values, extended = _changes(inside(change, "t:Updates"))
        except Refusal as refusal:
            yield refused(turn.name, refusal, made("m:Items"))
            continue
        owner.edit(item.id, values, extended=extended)
        conflicts = made("m:ConflictResults", made("t:Count", "0"))
        yield message(turn.name, made("m:Items", shown(item, ())), conflicts)


def delete_item(turn: Turn) -> Iterator[Element]:
    """Away with each, into the deleted items or for good; no change key keeps it."""
    for named in required(turn.operation, "m:ItemIds"):
        try:
            owner, item = turn.item(named)
            turn.owned(owner)
        except Refusal as refusal:
            yield refused(turn.name, refusal)
            continue
        if turn.operation.get("DeleteType") == "MoveToDeletedItems":
            owner.move(item.id, owner.deleted)
        else:
            owner.delete(item.id)
        yield message(turn.name)


def _require_readable(item: EwsItem) -> None:
    if item.is_damaged:
        raise Refusal("ErrorItemCorrupt", "The item is corrupt.")


def _require_change_key(named: Element, item: EwsItem, *, strict: bool) -> None:
    if strict and named.get("ChangeKey") != item.change_key:
        raise Refusal("ErrorIrresolvableConflict", "The send or update operation could not be performed.")


def _shown(item: EwsItem, base: str, paths: frozenset[str]) -> Element:
    wanted = paths | (_DEFAULT if base == "Default" else frozenset())
    return shown(item, wanted, everything=base == "AllProperties")


def _changes(updates: Element) -> tuple[dict[str, Known], dict[str, str | None]]:
    values: dict[str, Known] = {}
    extended: dict[str, str | None] = {}
    for update in updates:
        path = path_of(update[0])
        refuse_what_is_not_theirs([path])
        if local(update) == "DeleteItemField":
            if " " in path:
                extended[path] = None
            else:
                values[path] = None
            continue
        said, more = read(update[1])
        if {*said, *more} != {path}:
            raise Refusal("ErrorIncorrectUpdatePropertyCount", "An object within a change description must contain one property.")
        values |= said
        extended |= more
    return values, extended


def _fits(restriction: Element, item: EwsItem) -> bool:
    """Whether an item is one that is looked for. Raises Refusal for a condition that the emulator does not know."""
    kind = local(restriction)
    if kind in {"And", "Or"}:
        found = [_fits(each, item) for each in restriction]
        return all(found) if kind == "And" else any(found)
    if kind == "Not":
        return not _fits(restriction[0], item)
    path = path_of(restriction[0])
    value = item.extended.get(path, item.values.get(path))
    if kind == "Exists":
        return value is not None
    if kind in {"IsEqualTo", "IsNotEqualTo"}:
        wanted = restriction.find(f".//{name_of('t:Constant')}").get("Value")
        return bool(value == wanted) == (kind == "IsEqualTo")
    raise Refusal("ErrorUnsupportedPathForQuery", "The property can not be used with this type of restriction.")
