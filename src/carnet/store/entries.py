"""How does an entry lie in the journal's two tables?"""

from __future__ import annotations

from dataclasses import fields
from operator import attrgetter
from typing import Any

import sqlalchemy as sa

from carnet.core.normalise import fold
from carnet.model.account import RecordKind
from carnet.model.match import Confidence
from carnet.model.plan import Action, Entry, State
from carnet.store.codec import ENTRY, FORMAT, EntryValues, Row
from carnet.store.tables import journal, journal_value

_TEXTS = ("record", "label", "folder", "target", "expects", "version", "reason", "question", "code", "message")
_NUMBERS = ("seq", "sets_parent", "communications", "to_check", "reverts")
_AS_THEY_ARE = (*_TEXTS, *_NUMBERS)
SETTLED = ("state", "version", "reason", "question", "code", "message", "folded_message", "settled_at")
"""The columns that settling an entry changes."""
_VALUES = tuple(field.name for field in fields(EntryValues))
_ACTIONS = {each.value: each for each in Action}
_KINDS = {each.value: each for each in RecordKind}
_STATES = {each.value: each for each in State}
_CONFIDENCES = {each.value: each for each in Confidence}
_columns, _values = attrgetter(*_AS_THEY_ARE), attrgetter(*_VALUES)

_CODED = ("run", "action", "kind", "state", "confidence")
_of_entry = sa.and_(journal_value.c.run == journal.c.run, journal_value.c.seq == journal.c.seq)
_COLUMNS = tuple(journal.c[name] for name in (*_AS_THEY_ARE, *_CODED))
SELECT: sa.Select[Any] = sa.select(*_COLUMNS, journal_value.c.payload, journal_value.c.format).join(journal_value, _of_entry)
"""Entries with their values."""


def entry_row(run: int, entry: Entry, settled_at: str | None = None) -> Row:
    """The row of the journal."""
    return dict(zip(_AS_THEY_ARE, _columns(entry), strict=True)) | {
        "run": run,
        "action": entry.action.value,
        "kind": entry.kind.value,
        "state": entry.state.value,
        "confidence": entry.confidence.value,
        "folded_label": fold(entry.label),
        "folded_message": fold(entry.message),
        "writes": bool(entry.values) or entry.sets_parent,
        "settled_at": settled_at,
    }


def settled_row(run: int, entry: Entry, settled_at: str) -> Row:
    """The columns that settling an entry changes, and where (`of_run`, `of_seq`)."""
    return {
        "of_run": run,
        "of_seq": entry.seq,
        "state": entry.state.value,
        "version": entry.version,
        "reason": entry.reason,
        "question": entry.question,
        "code": entry.code,
        "message": entry.message,
        "folded_message": fold(entry.message),
        "settled_at": settled_at,
    }


def value_row(run: int, entry: Entry) -> Row:
    """The row of the values."""
    values = EntryValues(**dict(zip(_VALUES, _values(entry), strict=True)))
    return {"run": run, "seq": entry.seq, "format": FORMAT, "payload": ENTRY.encode(values)}


def entry_of(row: sa.Row[Any]) -> Entry:
    """The entry of a row of `SELECT`."""
    columns = tuple(row)
    values = ENTRY.decode(row.payload, row.format)
    _, action, kind, state, confidence, *_ = columns[len(_AS_THEY_ARE) :]
    return Entry(
        **dict(zip(_AS_THEY_ARE, columns, strict=False)),
        **dict(zip(_VALUES, _values(values), strict=True)),
        action=_ACTIONS[action],
        kind=_KINDS[kind],
        state=_STATES[state],
        confidence=_CONFIDENCES[confidence],
    )
