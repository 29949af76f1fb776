"""How are records created in Dataverse many at once, each once, so that one bad row costs one row?

Their ids are ours: what a lost answer has made is found again by them. A piece is all or nothing; where it is refused, what can
be told is taken out (records that are there, parents that are not), and what is left goes row by row in one batch.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import groupby

from carnet.crms import rules
from carnet.crms.dataverse import outcomes, reading
from carnet.crms.dataverse.desk import TRIES, Desk, in_pieces, state_of
from carnet.crms.dataverse.doubles import look_after
from carnet.crms.dataverse.multipart import Reply
from carnet.crms.dataverse.translate import KEYS, SETS, body_of, inactive, targets_of
from carnet.errors import Unanswered
from carnet.model.change import Outcome, Receipt, Write
from carnet.transport.calls import Part

DETECT = {"MSCRM.SuppressDuplicateDetection": "false"}
Rows = Mapping[int, Write]
Receipts = dict[int, Receipt]
_WRITTEN = frozenset({Outcome.DONE, Outcome.ALREADY})


def create(desk: Desk, rows: Rows) -> Receipts:
    """Create records of one kind; a receipt for each row."""
    receipts: Receipts = {}
    first: dict[str, int] = {}
    again: dict[int, int] = {}
    waiting: dict[int, Write] = {}
    for number, write in rows.items():
        if failure := desk.refusal(write, {}):
            receipts[number] = outcomes.failed(write, failure)
        elif write.id in first:
            again[number] = first[write.id]
        else:
            first[write.id] = number
            waiting[number] = write
    while waiting:
        ids = {write.id for write in waiting.values()}
        ready = {number: write for number, write in waiting.items() if not _waits(write, ids)} or dict(waiting)
        receipts |= _side_by_side(desk, ready)
        waiting = {number: write for number, write in waiting.items() if number not in ready}
    made = {number: rows[number] for number, receipt in receipts.items() if receipt.outcome in _WRITTEN}
    _deactivate(desk, {number: write for number, write in made.items() if receipts[number].outcome is Outcome.DONE})
    receipts |= look_after(desk, made, receipts)
    return receipts | {number: _repeated(receipts[earlier]) for number, earlier in again.items()}


def _waits(write: Write, ids: set[str]) -> bool:
    """Whether it belongs to a record that is created beside it."""
    return write.parent is not None and write.parent.kind is write.kind and write.parent.id in ids


def _repeated(receipt: Receipt) -> Receipt:
    return replace(receipt, outcome=Outcome.ALREADY, duplicates=()) if receipt.outcome in _WRITTEN else receipt


def _side_by_side(desk: Desk, rows: Rows) -> Receipts:
    pieces = []
    for _, some in groupby(sorted(rows.items(), key=lambda item: item[1].detect), key=lambda item: item[1].detect):
        pieces += [dict(piece) for piece in in_pieces(some, desk.bulk)]
    receipts: Receipts = {}
    for found in desk.side_by_side(lambda piece: _piece(desk, piece), pieces):
        receipts |= found
    return receipts


def _piece(desk: Desk, rows: Rows) -> Receipts:
    """Create one piece in one message, as often as it takes to know what became of it."""
    receipts: Receipts = {}
    open_ = dict(rows)
    lost: Unanswered | None = None
    for _ in range(TRIES):
        if not open_:
            return receipts
        try:
            reply = desk.client.ask(_message(desk, open_))
        except Unanswered as unanswered:
            lost = unanswered
            known = _already(desk, open_)
        else:
            if reply.is_success:
                return receipts | {number: outcomes.receipt(write, Outcome.DONE) for number, write in open_.items()}
            if outcomes.is_busy(reply) and len(open_) > 1:
                return receipts | _halved(desk, open_)
            lost, known = None, {} if outcomes.is_busy(reply) else _told(desk, open_, reply)
            if not known and not outcomes.is_busy(reply):
                return receipts | _singly(desk, open_)
        receipts |= known
        open_ = {number: write for number, write in open_.items() if number not in receipts}
    if open_ and lost is not None:
        raise lost
    return receipts | {number: outcomes.failed(write, outcomes.BUSY_NOW) for number, write in open_.items()}


def _message(desk: Desk, rows: Rows) -> Part:
    kind, detect = next((write.kind, write.detect) for write in rows.values())
    body = targets_of((body_of(write, me=desk.me) for write in rows.values()), kind)
    url = f"{SETS[kind]}/Microsoft.Dynamics.CRM.CreateMultiple"
    return Part(method="POST", url=url, body=body, headers=DETECT if detect else {})


def _halved(desk: Desk, rows: Rows) -> Receipts:
    receipts: Receipts = {}
    for piece in in_pieces(rows.items(), (len(rows) + 1) // 2):
        receipts |= _piece(desk, dict(piece))
    return receipts


def _told(desk: Desk, rows: Rows, reply: Reply) -> Receipts:
    """The rows of which a refusal tells, once one has looked: those that are there, those whose parent or owner is not."""
    if outcomes.exists(reply):
        return _already(desk, rows)
    return _orphans(desk, rows) if outcomes.is_gone(reply) else {}


def _already(desk: Desk, rows: Rows) -> Receipts:
    kind = next(write.kind for write in rows.values())
    there = reading.rows_of(desk.client, kind, [write.id for write in rows.values()], select=(KEYS[kind],))
    return {number: outcomes.receipt(write, Outcome.ALREADY) for number, write in rows.items() if write.id in there}


def _orphans(desk: Desk, rows: Rows) -> Receipts:
    parents = {(write.parent.kind, write.parent.id) for write in rows.values() if write.parent is not None}
    gone = reading.missing(desk.client, parents)
    lost = {number: write for number, write in rows.items() if write.parent and (write.parent.kind, write.parent.id) in gone}
    return {number: outcomes.failed(write, rules.UNKNOWN_PARENT) for number, write in lost.items()}


def _singly(desk: Desk, rows: Rows) -> Receipts:
    """Create each by itself, in one batch; what the CRM takes for records of this very run is created all the same."""
    receipts: Receipts = {}
    open_ = dict(rows)
    lost: Unanswered | None = None
    busy: dict[int, Write] = {}
    for _ in range(TRIES):
        if not open_:
            return receipts
        try:
            replies = desk.client.batch([_single(desk, write) for write in open_.values()])
        except Unanswered as unanswered:
            lost = unanswered
            receipts |= _already(desk, open_)
        else:
            lost = None
            answers = dict(zip(open_, replies, strict=True))
            held = {number: open_[number] for number, reply in answers.items() if outcomes.is_duplicate(reply)}
            busy = {number: open_[number] for number, reply in answers.items() if outcomes.is_busy(reply)}
            receipts |= {number: _of(open_[number], reply) for number, reply in answers.items() if number not in {*held, *busy}}
            receipts |= _held(desk, held)
            receipts |= _already(desk, busy) if busy else {}
            open_ |= {number: replace(write, detect=False) for number, write in held.items()}
        open_ = {number: write for number, write in open_.items() if number not in receipts}
    if open_ and lost is not None:
        raise lost
    return receipts | {number: outcomes.failed(write, outcomes.BUSY_NOW) for number, write in open_.items()}


def _single(desk: Desk, write: Write) -> Part:
    headers = DETECT if write.detect else {}
    return Part(method="POST", url=SETS[write.kind], body=body_of(write, me=desk.me), headers=headers)


def _of(write: Write, reply: Reply) -> Receipt:
    if reply.is_success:
        return outcomes.receipt(write, Outcome.DONE)
    if outcomes.exists(reply):
        return outcomes.receipt(write, Outcome.ALREADY)
    owner = outcomes.is_gone(reply) and "systemuser" in reply.message.lower()
    return outcomes.failed(write, rules.UNKNOWN_OWNER if owner else outcomes.failure_of(reply))


def _held(desk: Desk, rows: Rows) -> Receipts:
    """Those that were taken for a record of somebody else's, with it; or for themselves, an earlier try having got through."""
    if not rows:
        return {}
    found = desk.rules.taken_for(list(rows.values()))
    receipts: Receipts = {}
    for number, write in rows.items():
        told = found[write.id]
        if any(each.id == write.id for each in told.duplicates):
            receipts[number] = outcomes.receipt(write, Outcome.ALREADY)
        elif told.duplicates or not told.own:
            by_itself = desk.rules.asked_of_the_crm(write, body_of(write, me=desk.me)) if not told.duplicates else ()
            receipts[number] = outcomes.held(write, told.duplicates or by_itself)
    return receipts


def _deactivate(desk: Desk, rows: Rows) -> None:
    """A record is created active; what was inactive becomes so again."""
    parts = [
        Part(method="PATCH", url=f"{SETS[write.kind]}({write.id})", body=inactive(), headers={"If-Match": "*"})
        for write in rows.values()
        if state_of(write) == "0"
    ]
    if parts:
        desk.client.batch(parts)
