"""What does Dataverse's answer to one write come to?

Pure. Its documents disagree on statuses: the code decides.
"""

from __future__ import annotations

from collections.abc import Mapping

from carnet.crms import rules
from carnet.crms.dataverse.multipart import Reply
from carnet.crms.rules import Failure
from carnet.model.change import Duplicate, Outcome, Receipt, Write

EXISTS = frozenset({"0x80040237", "0x80060892"})
STALE = "0x80060882"
DUPLICATE = "0x80040333"
GONE = "0x80040217"
TOO_LONG = "0x80044331"
DENIED = frozenset({"0x80040220", "0x80048306"})
BUSY = frozenset({"0x80044150", "0x80044151", "0x80040216", "-2147204783"})
"""Deadlocks and time-outs of its database: a smaller piece may get through."""
_FORBIDDEN, _MISSING, _STALE, _BROKEN = 403, 404, 412, 500

REFUSED = Failure(code="refused", message="The CRM refuses this record")
NOT_ALLOWED = Failure(code="not_allowed", message="The CRM does not let you write this record")
BUSY_NOW = Failure(code="busy", message="The CRM was too busy to write this record")


def exists(reply: Reply) -> bool:
    """Whether there is such a record already."""
    return reply.code in EXISTS


def is_duplicate(reply: Reply) -> bool:
    """Whether a duplicate rule holds it."""
    return reply.code == DUPLICATE


def is_stale(reply: Reply) -> bool:
    """Whether somebody else was quicker."""
    return reply.code == STALE or (reply.status == _STALE and not exists(reply) and not is_duplicate(reply))


def is_gone(reply: Reply) -> bool:
    """Whether the record, or one that it names, is not there."""
    return reply.code == GONE or reply.status == _MISSING


def is_denied(reply: Reply) -> bool:
    """Whether the user may not do this."""
    return reply.code in DENIED or reply.status == _FORBIDDEN


def is_busy(reply: Reply) -> bool:
    """Whether the CRM could not do it now, rather than would not."""
    return reply.code in BUSY or (reply.status >= _BROKEN and not exists(reply) and not is_duplicate(reply))


def failure_of(reply: Reply) -> Failure:
    """Why a write failed for good."""
    if reply.code == TOO_LONG:
        return rules.TOO_LONG
    if is_gone(reply):
        return rules.UNKNOWN_PARENT
    if is_denied(reply):
        return NOT_ALLOWED
    return BUSY_NOW if is_busy(reply) else REFUSED


def receipt(write: Write, outcome: Outcome, *, version: str = "", before: Mapping[str, str] | None = None) -> Receipt:
    """The receipt of a write that did not fail."""
    return Receipt(kind=write.kind, id=write.id, outcome=outcome, version=version, before=before or {})


def failed(write: Write, failure: Failure) -> Receipt:
    """The receipt of one that did."""
    return Receipt(kind=write.kind, id=write.id, outcome=Outcome.FAILED, code=failure.code, message=failure.message)


def held(write: Write, duplicates: tuple[Duplicate, ...]) -> Receipt:
    """The receipt of a create that was taken for other records."""
    return Receipt(kind=write.kind, id=write.id, outcome=Outcome.DUPLICATE, duplicates=duplicates)
