"""What goes wrong on a bad day, in the same way every time?

Nothing here is beyond what a patient client gets over: waits that the service asks for, answers that never come, pages in
another order, a token that is no longer good.
"""

from __future__ import annotations

import itertools
import json
import threading
from collections.abc import Callable, Mapping

from carnet.testing.emulators.faults import Asked, Fault, Trouble

_WAIT = {"Retry-After": "1"}


def bad_day() -> tuple[Fault, ...]:
    """The faults of one run, whatever is asked; each strikes now and then, and a few times only."""
    return (
        _fault(Trouble.HANG_UP, every=4, times=2),
        _fault(Trouble.STATUS, every=5, times=2, status=429, headers=_WAIT, code="TooManyRequests"),
        _fault(Trouble.DUPLICATE_ROWS, every=2, times=3),
        _fault(Trouble.STATUS, every=7, times=2, status=503, headers=_WAIT, code="ServiceUnavailable"),
        _fault(Trouble.REORDERED_ROWS, every=3, times=4),
        _fault(Trouble.HANG_UP_AFTER, every=6, times=2),
        _fault(Trouble.STATUS, every=9, times=2, status=504, code="GatewayTimeout"),
        _fault(Trouble.DELAY, every=5, times=3, seconds=0.2),
        _fault(Trouble.STATUS, every=2, times=3, status=429, headers=_WAIT, code="TooManyRequests", among=_is_part),
        _fault(Trouble.STATUS, every=1, times=1, status=410, code="SyncStateNotFound", among=_asks_for_changes),
    )


def _is_part(asked: Asked) -> bool:
    return asked.part


def _is_whole(asked: Asked) -> bool:
    return not asked.part


def _asks_for_changes(asked: Asked) -> bool:
    return "$deltatoken" in asked.query


def _fault(
    trouble: Trouble,
    *,
    every: int,
    times: int,
    status: int = 500,
    headers: Mapping[str, str] | None = None,
    code: str = "",
    seconds: float = 0.0,
    among: Callable[[Asked], bool] = _is_whole,
) -> Fault:
    body = json.dumps({"error": {"code": code, "message": "It is a bad day."}}).encode()
    return Fault(
        trouble=trouble,
        when=_each(every, among),
        times=times,
        status=status,
        headers=headers or {},
        body=body,
        seconds=seconds,
    )


def _each(number: int, among: Callable[[Asked], bool]) -> Callable[[Asked], bool]:
    """Every so many of those requests."""
    counted, lock = itertools.count(1), threading.Lock()

    def strikes(asked: Asked) -> bool:
        if not among(asked):
            return False
        with lock:
            return next(counted) % number == 0

    return strikes
