"""What ties a source record to a CRM record?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from carnet.model.account import RecordKind
from carnet.model.contact import SourceKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """The lasting tie. Several records may link to one CRM record; exactly one of those links is `primary`.

    `base` is what both sides last agreed on, field by field; `invented` names fields the mapping made up (a last name taken
    from the full name) and `left_out` those it could not write (too long): neither is ever written back.
    """

    record: str
    keys: tuple[SourceKey, ...]
    kind: RecordKind
    target: str
    primary: bool = True
    communications: bool = False
    base: Mapping[str, str] = field(default_factory=dict)
    invented: frozenset[str] = frozenset()
    left_out: frozenset[str] = frozenset()
    run: int = 0
