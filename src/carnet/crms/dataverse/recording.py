"""How are activities recorded in Dataverse, many at once, each once?

In two batches: all are created open, under ids of ours, then the completed ones are closed. A batch that nobody answered is sent
again: what it had made is there under its id.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from carnet.crms.dataverse import outcomes
from carnet.crms.dataverse.activities import COLLECTIONS, closed, created
from carnet.crms.dataverse.client import DataverseClient
from carnet.crms.dataverse.desk import TRIES
from carnet.crms.dataverse.multipart import Reply
from carnet.crms.rules import Failure
from carnet.errors import Unanswered
from carnet.model.activity import Activity, ActivityReceipt
from carnet.model.change import Outcome
from carnet.transport.calls import Part

_ONLY_THERE = {"If-Match": "*"}
"""A PATCH makes what is not there, unless it says this."""


def record(client: DataverseClient, activities: Sequence[Activity]) -> tuple[ActivityReceipt, ...]:
    """Record them; one receipt each, in order."""
    by_id = {each.id: each for each in activities}
    made = _asked(client, by_id, _creating)
    receipts = {id_: _receipt(id_, reply) for id_, reply in made.items()}
    to_close = {id_: each for id_, each in by_id.items() if each.completed and receipts[id_].outcome is not Outcome.FAILED}
    for id_, reply in _asked(client, to_close, _closing).items():
        if not reply.is_success:
            receipts[id_] = _receipt(id_, reply)
    return tuple(receipts[each.id] for each in activities)


def _asked(client: DataverseClient, waiting: Mapping[str, Activity], part: Callable[[Activity], Part]) -> dict[str, Reply]:
    """The reply to each, asked again where nobody answered or the CRM was too busy. Raises Unanswered in the end."""
    found: dict[str, Reply] = {}
    lost: Unanswered | None = None
    for _ in range(TRIES):
        open_ = [each for id_, each in waiting.items() if id_ not in found or outcomes.is_busy(found[id_])]
        if not open_:
            break
        try:
            replies = client.batch([part(each) for each in open_])
        except Unanswered as unanswered:
            lost = unanswered
        else:
            lost = None
            found |= {each.id: reply for each, reply in zip(open_, replies, strict=True)}
    if lost is not None:
        raise lost
    return found


def _creating(activity: Activity) -> Part:
    return Part(method="POST", url=COLLECTIONS[activity.kind], body=created(activity))


def _closing(activity: Activity) -> Part:
    url = f"{COLLECTIONS[activity.kind]}({activity.id})"
    return Part(method="PATCH", url=url, body=closed(activity), headers=_ONLY_THERE)


def _receipt(id_: str, reply: Reply) -> ActivityReceipt:
    if reply.is_success:
        return ActivityReceipt(id=id_, outcome=Outcome.DONE)
    if outcomes.exists(reply):
        return ActivityReceipt(id=id_, outcome=Outcome.ALREADY)
    failure: Failure = outcomes.failure_of(reply)
    return ActivityReceipt(id=id_, outcome=Outcome.FAILED, code=failure.code, message=failure.message)
