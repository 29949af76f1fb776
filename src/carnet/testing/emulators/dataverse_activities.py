"""What is there to know about the states of Dataverse's rows, and about the people of an activity?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

from carnet.testing.emulators.dataverse_row import Reference, Row
from carnet.testing.emulators.dataverse_tables import STATUSES, TABLES, Table
from carnet.testing.emulators.dataverse_turn import BAD_VALUE, Refusal, Turn
from carnet.testing.emulators.dataverse_values import values_of

REGARDING, OWNER = 8, 9
"""How the service itself takes part for what an activity is about, and for its owner."""
_DONE = (1, 2)
_STATE = ("statecode", "statuscode")
_BAD_STATE = "0x80048408"


def opened(table: Table, values: dict[str, Any]) -> None:
    """A row begins open, whatever state is sent; its status must be one of an open row."""
    statuses = STATUSES.get(table.name)
    if statuses is None:
        return
    values["statecode"] = 0
    status = values.get("statuscode")
    values["statuscode"] = status if status in statuses[0] else statuses[0][0]


def moved(row: Row, values: dict[str, Any], body: Mapping[str, Any]) -> None:
    """A change of state takes the status that goes with it; what is done or cancelled changes in nothing else."""
    statuses = STATUSES.get(row.table.name)
    if statuses is None:
        return
    if row.table.is_activity and row.values["statecode"] in _DONE and (set(values) - set(_STATE) or row.table.parties in body):
        raise Refusal(400, BAD_VALUE, f"The {row.table.name} is completed or cancelled, and cannot be changed.")
    if not set(values) & set(_STATE):
        return
    state = values.get("statecode", row.values["statecode"])
    status = values.get("statuscode") or statuses.get(state, (None,))[0]
    if status not in statuses.get(state, ()):
        text = f"{status} is not a valid status code for state code {state} on {row.table.name}."
        raise Refusal(400, _BAD_STATE, text)
    values |= {"statecode": state, "statuscode": status}


def take_part(turn: Turn, row: Row, body: Mapping[str, Any]) -> None:
    """The people of an activity: those that are sent take the place of all that were; the service keeps its own two."""
    if not row.table.is_activity:
        return
    reference = (row.table.name, row.id)
    sent: Sequence[Mapping[str, Any]] | None = body.get(row.table.parties)
    for party in turn.organisation.parties(reference):
        if sent is not None or party.values["participationtypemask"] in {REGARDING, OWNER}:
            turn.organisation.remove(party)
    for each in sent or ():
        values, lookups = values_of(turn, TABLES["activityparty"], each)
        if not values.get("addressused") and "partyid" not in lookups:
            raise Refusal(400, BAD_VALUE, "A party of an activity needs a record or an address.")
        _add(turn, reference, {"participationtypemask": 0, **values}, to=lookups.get("partyid"))
    for mask, name in ((REGARDING, "regardingobjectid"), (OWNER, "ownerid")):
        if target := row.lookups.get(name):
            _add(turn, reference, {"participationtypemask": mask}, to=target)


def _add(turn: Turn, activity: Reference, values: dict[str, Any], *, to: Reference | None) -> None:
    lookups = {"activityid": activity} | ({"partyid": to} if to else {})
    turn.organisation.put(Row(table=TABLES["activityparty"], id=str(uuid4()), values=values, lookups=lookups))
