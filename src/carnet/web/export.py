"""What does a run look like in a spreadsheet?"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from carnet.model.account import RecordKind
from carnet.model.plan import Entry
from carnet.words import Words, msgid
from carnet.words.reasons import reason
from carnet.words.runs import ACTIONS, STATES

_TITLES = (
    msgid("Contact"),
    msgid("Kind"),
    msgid("What was to be done"),
    msgid("What became of it"),
    msgid("Account"),
    msgid("Communications"),
    msgid("Reason"),
    msgid("Error"),
    msgid("CRM id"),
)
_KINDS = {RecordKind.ACCOUNT: msgid("Account"), RecordKind.CONTACT: msgid("Contact")}
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def safe_cell(value: str) -> str:
    """The value, with an apostrophe before it where a spreadsheet would run it as a formula."""
    return f"'{value}" if value.lstrip(" ").startswith(_FORMULA) or value.startswith(_FORMULA) else value


def as_csv(words: Words, entries: Iterable[Entry]) -> str:
    """One line an entry, in the reader's language, separated by semicolons where the comma is a decimal sign."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";" if words.language == "fr" else ",")
    writer.writerow([words.t(title) for title in _TITLES])
    for entry in entries:
        row = (
            entry.label,
            words.t(_KINDS[entry.kind]),
            words.t(ACTIONS[entry.action]),
            words.t(STATES[entry.state]),
            entry.parent.name if entry.parent else "",
            words.t("Yes") if entry.communications else words.t("No"),
            reason(words, entry.reason),
            words.t(entry.message) or entry.code,
            entry.target or "",
        )
        writer.writerow([safe_cell(cell) for cell in row])
    return out.getvalue()
