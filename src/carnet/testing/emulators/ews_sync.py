"""What changed in a folder, or among the folders, since a sync state, as Exchange tells it?"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from carnet.testing.emulators.ews_fields import ATTACHMENTS, TEXT_BODY, shown
from carnet.testing.emulators.ews_folders import folder_paths, folder_shown
from carnet.testing.emulators.ews_mailbox import EwsMailbox
from carnet.testing.emulators.ews_turn import Turn
from carnet.testing.emulators.ews_words import Element, Refusal, inside, made, message, required, text_of

MOST = 512


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """One change: its number, and the element that tells it."""

    at: int
    element: Element


def sync_items(turn: Turn) -> Iterator[Element]:
    """One page of the changes in a folder; a state says up to which change somebody has seen (`s`).

    Only first-class properties are told, and neither body nor extended properties. A deletion is told by its id alone.
    """
    most = int(text_of(turn.operation, "m:MaxChangesReturned"))
    if not 1 <= most <= MOST:
        raise Refusal("ErrorSchemaValidation", "The request failed schema validation.", soap=True)
    try:
        owner, place = turn.folder(required(turn.operation, "m:SyncFolderId")[0])
        since = _since(turn, owner, place.id)
    except Refusal as refusal:
        yield _refused(turn, refusal, "m:IncludesLastItemInRange")
        return
    base, paths = turn.shape("m:ItemShape")
    first_class = {path for path in paths if " " not in path and path not in {TEXT_BODY, "item:Body", ATTACHMENTS}}
    ignored = inside(turn.operation, "m:Ignore")
    without = {str(each.get("Id")) for each in (() if ignored is None else ignored)}
    rows = sorted(
        _item_rows(owner, place.id, since, paths=first_class, everything=base == "AllProperties"), key=lambda row: row.at
    )
    rows = [row for row in rows if not without & {str(each.get("Id")) for each in row.element.iter()}]
    page = rows[: min(most, turn.largest)]
    last = len(page) == len(rows)
    state = _sealed(owner, place.id, owner.tick if last else page[-1].at)
    changes = turn.faults.rows(turn.asked, [row.element for row in page])
    yield message(
        turn.name,
        made("m:SyncState", state),
        made("m:IncludesLastItemInRange", str(last).lower()),
        made("m:Changes", *changes),
    )


def sync_hierarchy(turn: Turn) -> Iterator[Element]:
    """The folders below one that came, changed or went since."""
    target = inside(turn.operation, "m:SyncFolderId")
    try:
        owner, place = turn.folder(target[0]) if target is not None else (turn.me, turn.me.folders[turn.me.top])
        since = _since(turn, owner, place.id)
    except Refusal as refusal:
        yield _refused(turn, refusal, "m:IncludesLastFolderInRange")
        return
    paths = folder_paths(turn)
    rows = [
        made("t:Create", folder_shown(turn, owner, each, paths=paths))
        for each in owner.below(place.id, deep=True)
        if each.made > since
    ]
    rows += [made("t:Delete", made("t:FolderId", Id=gone)) for at, gone in owner.removed_folders if 0 < since < at]
    yield message(
        turn.name,
        made("m:SyncState", _sealed(owner, place.id, owner.tick)),
        made("m:IncludesLastFolderInRange", "true"),
        made("m:Changes", *rows),
    )


def _item_rows(owner: EwsMailbox, folder: str, since: int, *, paths: set[str], everything: bool) -> Iterator[_Row]:
    for item in owner.within(folder):
        if item.changed > since:
            kind = "Create" if item.arrived > since else "Update"
            yield _Row(at=item.changed, element=made(f"t:{kind}", shown(item, paths, everything=everything)))
        elif item.read_changed > since:
            named = made("t:ItemId", Id=item.id, ChangeKey=item.change_key)
            flag = made("t:IsRead", str(item.is_read).lower())
            yield _Row(at=item.read_changed, element=made("t:ReadFlagChange", named, flag))
    for at, place, gone, arrived in owner.removed:
        if place == folder and arrived <= since < at:
            yield _Row(at=at, element=made("t:Delete", made("t:ItemId", Id=gone, ChangeKey="EQAAAA==")))


def _refused(turn: Turn, refusal: Refusal, last: str) -> Element:
    """The error of a sync, which carries an empty state."""
    return message(turn.name, made("m:SyncState"), made(last, "true"), code=refusal.code, text=refusal.text)


def _since(turn: Turn, owner: EwsMailbox, folder: str) -> int:
    sealed = text_of(turn.operation, "m:SyncState")
    if not sealed:
        return 0
    try:
        state: Mapping[str, Any] = json.loads(base64.b64decode(sealed, validate=True))
        if (state["g"], state["f"]) == (owner.generation, folder):
            return int(state["s"])
    except (ValueError, KeyError, TypeError):
        pass
    raise Refusal("ErrorInvalidSyncStateData", "Synchronization state data is corrupt or otherwise invalid.")


def _sealed(owner: EwsMailbox, folder: str, seen: int) -> str:
    return base64.b64encode(json.dumps({"s": seen, "g": owner.generation, "f": folder}).encode()).decode()
