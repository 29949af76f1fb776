"""What does a run look like in a spreadsheet?"""

from __future__ import annotations

from collections.abc import Iterable

from fastapi.responses import Response

from carnet.model.account import RecordKind
from carnet.model.plan import Entry
from carnet.words import Words, msgid
from carnet.words.reasons import reason
from carnet.words.runs import ACTIONS, STATES
from carnet.words.spreadsheet import ENCODING, as_csv

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


def entries_csv(words: Words, entries: Iterable[Entry]) -> str:
    """One line an entry, in the reader's language."""
    rows = (
        (
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
        for entry in entries
    )
    return as_csv(words, _TITLES, rows)


def download(text: str, name: str) -> Response:
    """A table to be saved under that name."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(text.encode(ENCODING), media_type="text/csv; charset=utf-8", headers=headers)
