"""Is what was seen what Carnet counts on, and may it be sent to somebody?"""

from __future__ import annotations

import re

from carnet.model.examination import Measure, Observation

YES, NO, NONE = "yes", "no", "none"
_MOST = 400
_UNSAFE = re.compile(r"[^A-Za-z0-9_ .,:/%()*+≤-]|://")
_CODE = re.compile(r"[A-Za-z0-9_.]{1,60}")


def observe(question: Measure, seen: object, *, expected: object = "", holds: bool | None = None) -> Observation:
    """What was seen, as text that may be sent: without any sign that an address or a name in another script needs.

    Where something is expected and `holds` is not given, it holds if both are the same.
    """
    told, wanted = _text(seen), _text(expected)
    if holds is None and wanted:
        holds = told == wanted
    return Observation(question=question, seen=told, expected=wanted, holds=holds)


def unsure(question: Measure, seen: object, *, expected: object = "") -> Observation:
    """What was seen where too little was there to tell whether it is as expected."""
    return Observation(question=question, seen=_text(seen), expected=_text(expected))


def at_most(question: Measure, seen: int, most: int) -> Observation:
    """A number that must not be larger than another one."""
    return observe(question, seen, expected=f"≤ {most}", holds=seen <= most)


def answer(status: int, code: str = "") -> str:
    """A status with the service's word for it; what does not look like a code is left out."""
    return f"{status} {code}" if _CODE.fullmatch(code) else str(status)


def _text(value: object) -> str:
    if isinstance(value, bool):
        return YES if value else NO
    return _UNSAFE.sub("", str(value))[:_MOST].strip()
