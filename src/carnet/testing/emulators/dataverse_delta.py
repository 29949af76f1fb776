"""What changed in a table since a token, as Dataverse tells it?

A token names a version and when it was given out; it is good for seven days. The first answer holds everything.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from carnet.testing.emulators.dataverse_organisation import ORGANISATION_WIDE
from carnet.testing.emulators.dataverse_query import (
    DELTA,
    applied,
    context,
    cookie,
    link,
    opened,
    page_size,
    require_options,
    shown,
)
from carnet.testing.emulators.dataverse_row import Row
from carnet.testing.emulators.dataverse_tables import Table
from carnet.testing.emulators.dataverse_turn import BAD_QUERY, Refusal, Turn
from carnet.testing.emulators.faults import Said
from carnet.testing.emulators.server import said_json

REFUSED = ("$filter", "$orderby", "$expand", "$top")
_WRITTEN = "%m/%d/%Y %H:%M:%S"


def is_tracking(turn: Turn) -> bool:
    """Whether the request is one about changes."""
    query = turn.asked.query
    return "odata.track-changes" in turn.prefers or DELTA in query or 'istracking="True"' in query.get("$skiptoken", "")


def tracked(turn: Turn) -> Said:
    """One page: everything at the first time, later what changed and then what is gone."""
    table = turn.table()
    _require(turn, table)
    if token := turn.asked.query.get(DELTA):
        state = (_since(turn, token), turn.organisation.version, 0)
    elif token := turn.asked.query.get("$skiptoken"):
        state = _continued(token)
    else:
        state = (0, turn.organisation.version, 0)
    since, until, start = state
    rows = _changes(turn, table, since=since, until=until)
    page = rows[start : start + page_size(turn)]
    told: dict[str, Any] = {"@odata.context": context(turn, table, "/$delta" if since else "")}
    after = start + len(page)
    if after < len(rows):
        text = cookie(2 + start // page_size(turn), f"{since},{until},{after}", tracking=True)
        told["@odata.nextLink"] = link(turn, "$skiptoken", text)
    else:
        told["@odata.deltaLink"] = link(turn, DELTA, _token(turn, until))
    told["value"] = turn.service.faults.rows(turn.asked, [_shown(turn, table, row) for row in page])
    return said_json(200, told, applied(turn))


def changed_count(turn: Turn) -> Said:
    """How many changes there are since a token."""
    table = turn.table()
    _require(turn, table)
    number = len(_changes(turn, table, since=_since(turn, turn.asked.query[DELTA]), until=turn.organisation.version))
    return Said(status=200, headers={"content-type": "text/plain", "OData-Version": "4.0"}, body=str(number).encode())


def _require(turn: Turn, table: Table) -> None:
    require_options(turn)
    for name in REFUSED:
        if name in turn.asked.query:
            text = f'The "{name}" query parameter isn\'t supported when Change Tracking is enabled.'
            raise Refusal(400, BAD_QUERY, text)
    if turn.require("Read", table) != ORGANISATION_WIDE:
        raise turn.denied(f"prvRead{table.right}", table)
    if table.name in turn.organisation.untracked:
        raise Refusal(400, "0x80044363", f"Change tracking is not enabled for entity '{table.name}'.")


def _changes(turn: Turn, table: Table, *, since: int, until: int) -> list[Row | str]:
    """Rows by the number of their change, then the ids of what is gone."""
    rows = turn.organisation.rows[table.name].values()
    if not since:
        return [*sorted(rows, key=lambda row: row.id)]
    removed = turn.organisation.removed[table.name]
    changed = sorted((row for row in rows if since < row.version <= until), key=lambda row: row.version)
    gone = sorted((at, identity) for identity, at in removed.items() if since < at <= until)
    return [*changed, *(identity for _, identity in gone)]


def _shown(turn: Turn, table: Table, row: Row | str) -> dict[str, Any]:
    if isinstance(row, str):
        where = f"{turn.service.base()}/$metadata#{table.set}/$deletedEntity"
        return {"@odata.context": where, "id": row, "reason": "deleted"}
    return shown(turn, row)


def _token(turn: Turn, version: int) -> str:
    """As the service writes it: everything but letters and digits escaped, in small letters."""
    text = quote(f"{version}!{turn.organisation.clock().strftime(_WRITTEN)}", safe="")
    return re.sub(r"%[0-9A-F]{2}", lambda found: found[0].lower(), text)


def _since(turn: Turn, token: str) -> int:
    """The version that a token stands for; too old a token says no more."""
    version, _, given = token.partition("!")
    try:
        when = datetime.strptime(given, _WRITTEN).replace(tzinfo=UTC)
        since = int(version)
    except ValueError:
        raise Refusal(400, BAD_QUERY, "The delta token is not valid.") from None
    if turn.organisation.clock() - when > timedelta(days=turn.organisation.tracking_days):
        text = "Version stamp associated with the client has expired. Please perform a full sync."
        raise Refusal(400, "0x80044352", text)
    return since


def _continued(token: str) -> tuple[int, int, int]:
    try:
        since, until, start = (int(part) for part in opened(token)[1].split(","))
    except ValueError:
        raise Refusal(400, BAD_QUERY, "The paging cookie is not valid.") from None
    return since, until, start
