"""What is a folder of contacts?"""

from __future__ import annotations

from dataclasses import dataclass

DELEGATE = "delegate"
"""Why a folder cannot be selected: it is somebody else's."""
UNSHARED, UNKNOWN, UNSEEN = "unshared", "unknown", "unseen"
"""Somebody else's mailbox whose folders are not seen: they may not be, there is no such mailbox, or not just now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """A folder that holds contacts, or that says so.

    `path` runs from the mailbox's top; `count` is the number of contacts it declares or holds, private ones included.
    `reason` names why it cannot be selected, "" where it can. A file that knows no folders has one, the default.
    """

    id: str
    name: str
    path: tuple[str, ...]
    count: int
    parent: str | None = None
    is_default: bool = False
    reason: str = ""

    @property
    def selectable(self) -> bool:
        """Whether a person may tick it."""
        return not self.reason
