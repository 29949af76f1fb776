"""How are records of Dataverse changed and deleted, each only as it was when that was decided?

Every write carries the version that was just read, so that none is done twice or over somebody else's; what became of one
whose answer was lost is read off the record.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from carnet.crms import rules
from carnet.crms.dataverse import outcomes, reading
from carnet.crms.dataverse.client import headers_of
from carnet.crms.dataverse.desk import TRIES, Desk, in_pieces
from carnet.crms.dataverse.multipart import Reply
from carnet.crms.dataverse.translate import KEYS, SETS, body_of, version_of
from carnet.crms.writing import before_of, is_present
from carnet.errors import Unanswered
from carnet.model.account import CrmRecord
from carnet.model.change import Outcome, Receipt, Write
from carnet.transport.calls import Part

Rows = Mapping[int, Write]
Receipts = dict[int, Receipt]
Look = Callable[[Rows, frozenset[int]], tuple[Receipts, dict[int, Part]]]
"""The receipts that are known before anything is sent, and what is sent for other rows; some may wait. What was sent before is
told."""
Judge = Callable[[Write, Reply], Receipt | None]
"""What a reply says for good; None where one has to look and perhaps try again."""


def update(desk: Desk, rows: Rows) -> Receipts:
    """Change records of one kind, each named once; a receipt for each row."""
    kind = next(write.kind for write in rows.values())
    first: dict[str, CrmRecord] = {}
    present: dict[str, CrmRecord] = {}

    def look(open_: Rows, sent: frozenset[int]) -> tuple[Receipts, dict[int, Part]]:
        present.clear()
        present.update(reading.by_ids(desk.client, kind, [write.id for write in open_.values()]))
        for id_, record in present.items():
            first.setdefault(id_, record)
        known: Receipts = {}
        parts: dict[int, Part] = {}
        for number, write in open_.items():
            found = present.get(write.id)
            before = first.get(write.id) if number in sent else None
            if settled := _settled(desk, write, found, before=before):
                known[number] = settled
            elif found is not None:
                parts[number] = _patch(desk, write, found)
        return known, parts

    return _until_known(desk, rows, look=look, judge=lambda write, reply: _updated(write, reply, present[write.id]))


def delete(desk: Desk, rows: Rows) -> Receipts:
    """Delete records of one kind, each named once; what others hang on stays. A receipt for each row.

    Dataverse would delete the contacts of an account with it: nothing is deleted that has any.
    """
    kind = next(write.kind for write in rows.values())

    def look(open_: Rows, sent: frozenset[int]) -> tuple[Receipts, dict[int, Part]]:
        found = reading.rows_of(desk.client, kind, [write.id for write in open_.values()], select=(KEYS[kind],))
        versions = {id_: version_of(row) for id_, row in found.items()}
        known: Receipts = {}
        for number, write in open_.items():
            if settled := _gone_or_moved(write, versions.get(write.id), was_sent=number in sent):
                known[number] = settled
        left = {number: write for number, write in open_.items() if number not in known}
        kept = reading.dependents(desk.client, kind, [write.id for write in left.values()]) if left else {}
        ready = {number: write for number, write in left.items() if write.id not in kept}
        if not ready:
            for number, write in left.items():
                reason = rules.HAS_CHILDREN if kept[write.id].children else rules.HAS_ACTIVITIES
                known[number] = outcomes.failed(write, reason)
        return known, {number: _removal(write, versions[write.id]) for number, write in ready.items()}

    return _until_known(desk, rows, look=look, judge=_deleted)


def _until_known(desk: Desk, rows: Rows, *, look: Look, judge: Judge) -> Receipts:
    """Look, send, and look again, until every row's outcome is known or nothing moves any more."""
    receipts: Receipts = {}
    open_, sent = dict(rows), set[int]()
    lost: Unanswered | None = None
    idle = 0
    while open_ and idle < TRIES:
        known, parts = look(open_, frozenset(sent))
        sent |= set(parts)
        replies, lost = _sent(desk, parts)
        judged = ((number, judge(open_[number], reply)) for number, reply in replies.items())
        known |= {number: receipt for number, receipt in judged if receipt is not None}
        receipts |= known
        open_ = {number: write for number, write in open_.items() if number not in known}
        idle = 0 if known else idle + 1
    if open_ and lost is not None:
        raise lost
    return receipts | {number: outcomes.failed(write, outcomes.BUSY_NOW) for number, write in open_.items()}


def _sent(desk: Desk, parts: Mapping[int, Part]) -> tuple[dict[int, Reply], Unanswered | None]:
    """The replies, in batches that the CRM can do in time, several at once; and the error where some were not answered."""

    def send(piece: list[tuple[int, Part]]) -> dict[int, Reply] | Unanswered:
        try:
            return dict(zip((number for number, _ in piece), desk.client.batch([part for _, part in piece]), strict=True))
        except Unanswered as unanswered:
            return unanswered

    replies: dict[int, Reply] = {}
    lost: Unanswered | None = None
    for found in desk.side_by_side(send, in_pieces(parts.items(), desk.bulk)):
        if isinstance(found, Unanswered):
            lost = found
        else:
            replies |= found
    return replies, lost


def _settled(desk: Desk, write: Write, found: CrmRecord | None, *, before: CrmRecord | None) -> Receipt | None:
    """What is known of an update from its record; `before` is the record as it was before a try whose answer was lost."""
    if found is None:
        return outcomes.failed(write, rules.NOT_FOUND)
    stands = is_present(write, found, rules.settled_values(write.values))
    if stands and before is not None and found.version != before.version:
        return outcomes.receipt(write, Outcome.DONE, version=found.version, before=before_of(write, before))
    if write.expects is not None and write.expects != found.version:
        return outcomes.receipt(write, Outcome.STALE, version=found.version)
    if failure := desk.refusal(write, found.values):
        return outcomes.failed(write, failure)
    return outcomes.receipt(write, Outcome.ALREADY, version=found.version, before=before_of(write, found)) if stands else None


def _patch(desk: Desk, write: Write, found: CrmRecord) -> Part:
    url = f"{SETS[write.kind]}({write.id})?$select={KEYS[write.kind]}"
    headers = {**headers_of(found.version), "Prefer": "return=representation"}
    return Part(method="PATCH", url=url, headers=headers, body=body_of(write, me=desk.me))


def _updated(write: Write, reply: Reply, found: CrmRecord) -> Receipt | None:
    if reply.is_success:
        return outcomes.receipt(write, Outcome.DONE, version=version_of(reply.body), before=before_of(write, found))
    if outcomes.is_stale(reply) or outcomes.is_busy(reply):
        return None
    return _names_nothing(write, reply) if outcomes.is_gone(reply) else outcomes.failed(write, outcomes.failure_of(reply))


def _names_nothing(write: Write, reply: Reply) -> Receipt:
    """The record is gone, or what it was to belong to, or who was to own it."""
    said = reply.message.lower()
    if write.owner and write.owner.lower() in said:
        return outcomes.failed(write, rules.UNKNOWN_OWNER)
    if write.sets_parent and write.parent is not None and write.parent.id.lower() in said:
        return outcomes.failed(write, rules.UNKNOWN_PARENT)
    return outcomes.failed(write, rules.NOT_FOUND)


def _gone_or_moved(write: Write, version: str | None, *, was_sent: bool) -> Receipt | None:
    if version is None:
        return outcomes.receipt(write, Outcome.DONE if was_sent else Outcome.ALREADY)
    if write.expects is not None and write.expects != version:
        return outcomes.receipt(write, Outcome.STALE, version=version)
    return None


def _removal(write: Write, version: str) -> Part:
    return Part(method="DELETE", url=f"{SETS[write.kind]}({write.id})", headers=headers_of(version))


def _deleted(write: Write, reply: Reply) -> Receipt | None:
    if reply.is_success:
        return outcomes.receipt(write, Outcome.DONE)
    if outcomes.is_gone(reply):
        return outcomes.receipt(write, Outcome.ALREADY)
    if outcomes.is_stale(reply) or outcomes.is_busy(reply):
        return None
    return outcomes.failed(write, outcomes.failure_of(reply))
