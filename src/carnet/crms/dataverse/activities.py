"""How does an activity of ours lie in Dataverse's tables?

Pure. What is completed is read-only there: an activity is created open, with its parties, and its state is set last.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from carnet.crms.dataverse.translate import RUN, SETS, Json
from carnet.crms.rules import cut
from carnet.model.account import Parent
from carnet.model.activity import Activity, ActivityKind, Party, Role

COLLECTIONS: Mapping[ActivityKind, str] = {kind: f"{kind}s" for kind in ActivityKind}
SUBJECT, ADDRESS = 200, 200
"""The least size of a subject, and the size of a party's address, in UTF-16 units."""
_MASKS = {
    Role.SENDER: 1,
    Role.TO: 2,
    Role.CC: 3,
    Role.BCC: 4,
    Role.REQUIRED: 5,
    Role.OPTIONAL: 6,
    Role.ORGANISER: 7,
}
_COMPLETED = 1
_STATUSES = {
    ActivityKind.EMAIL: (4, 3),
    ActivityKind.APPOINTMENT: (3, 3),
    ActivityKind.TASK: (5, 5),
    ActivityKind.PHONE_CALL: (4, 2),
}
"""The status of a completed one: that came in, and that went out."""
_DIRECTED = frozenset({ActivityKind.EMAIL, ActivityKind.PHONE_CALL})
"""What was written or said has happened; the others are planned."""


def created(activity: Activity) -> Json:
    """The row of an open activity with its parties."""
    kind = activity.kind
    when = "actual" if kind in _DIRECTED else "scheduled"
    row: dict[str, Any] = {"activityid": activity.id, "subject": cut(activity.subject, SUBJECT), RUN: activity.run or None}
    row |= {"description": activity.description, f"{when}start": _moment(activity.begins), f"{when}end": _moment(activity.ends)}
    if kind in _DIRECTED:
        row["directioncode"] = activity.outgoing
    if activity.regarding is not None:
        row |= _bound(f"regardingobjectid_{activity.regarding.kind}_{kind}", activity.regarding)
    row[f"{kind}_activity_parties"] = [_party(each) for each in activity.parties]
    return {name: value for name, value in row.items() if value not in (None, "", [])}


def closed(activity: Activity) -> Json:
    """The columns that close an activity."""
    return {"statecode": _COMPLETED, "statuscode": _STATUSES[activity.kind][activity.outgoing]}


def _party(party: Party) -> Json:
    row: dict[str, Any] = {"participationtypemask": _MASKS[party.role]}
    if party.address:
        row["addressused"] = cut(party.address, ADDRESS)
    return row | (_bound(f"partyid_{party.record.kind}", party.record) if party.record else {})


def _bound(name: str, target: Parent) -> dict[str, str]:
    return {f"{name}@odata.bind": f"/{SETS[target.kind]}({target.id})"}


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
