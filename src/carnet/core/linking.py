"""What does linking to an existing CRM record write?"""

from __future__ import annotations

from dataclasses import replace

from carnet.core.mapping import Mapped, fill_blanks
from carnet.model.account import CrmRecord, Parent
from carnet.model.link import Link
from carnet.model.plan import Action, Entry


def link_entry(entry: Entry, mapped: Mapped, *, found: CrmRecord, parent: Parent | None, fill: bool, over: bool = False) -> Entry:
    """Link to `found` and fill its blanks; the parent too is written only where it has none, or `over` another.

    `fill` is False for the second card of one person in a run: the first one has the blanks.
    """
    values: dict[str, str | None] = dict(fill_blanks(mapped.values, found.values)) if fill else {}
    sets_parent = fill and _moves(found, parent) and (over or found.parent is None)
    agreed = {key: value for key, value in mapped.values.items() if found.values.get(key) == value}
    return replace(
        entry,
        action=Action.LINK,
        target=found.id,
        values=values,
        before={**found.values, **(_parent_text(found.parent) if sets_parent else {})},
        agreed=agreed,
        parent=parent,
        sets_parent=sets_parent,
        expects=found.version if values or sets_parent else None,
    )


def update_entry(entry: Entry, *, found: CrmRecord, parent: Parent | None, link: Link) -> Entry:
    """Set the account and the communications of a contact that is linked already; a skip where nothing differs."""
    moves = _moves(found, parent)
    if not moves and entry.communications == link.communications:
        return entry
    before = {"communications": "1" if link.communications else "0", **_parent_text(found.parent)}
    return replace(
        entry,
        action=Action.UPDATE,
        before=before,
        agreed=dict(link.base),
        invented=link.invented,
        too_long=dict.fromkeys(link.left_out, ""),
        parent=parent if moves else found.parent,
        sets_parent=moves,
        expects=found.version if moves else None,
    )


def _parent_text(parent: Parent | None) -> dict[str, str]:
    return {"parent": f"{parent.kind}:{parent.id}"} if parent else {}


def _moves(found: CrmRecord, parent: Parent | None) -> bool:
    """Whether the record goes under another parent; never under itself."""
    return parent is not None and parent.id not in {found.id, found.parent.id if found.parent else ""}
