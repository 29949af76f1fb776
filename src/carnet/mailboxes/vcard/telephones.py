"""Which field does each telephone number of a card belong to?"""

from __future__ import annotations

from collections.abc import Sequence

_FAX = "fax"
_KINDS: tuple[tuple[frozenset[str], str], ...] = (
    (frozenset({"homefax"}), "home_fax"),
    (frozenset({"workfax"}), "business_fax"),
    (frozenset({"pager", "beeper"}), "pager"),
    (frozenset({"assistant"}), "assistant_phone"),
    (frozenset({"callback"}), "callback"),
    (frozenset({"company", "main"}), "company_phone"),
    (frozenset({"car"}), "car_phone"),
    (frozenset({"radio"}), "radio_phone"),
    (frozenset({"isdn"}), "isdn"),
    (frozenset({"telex", "tlx"}), "telex"),
    (frozenset({"tty", "tty/tdd", "textphone"}), "tty_tdd"),
    (frozenset({"cell", "mobile", "iphone", "applewatch"}), "mobile_phone"),
    (frozenset({"work", "work2", "business"}), "business_phone"),
    (frozenset({"home", "home2"}), "home_phone"),
)
_SLOTS: dict[str, tuple[str, ...]] = {
    "business_phone": ("business_phone", "business_phone2"),
    "home_phone": ("home_phone", "home_phone2"),
    "mobile_phone": ("mobile_phone",),
    "other_phone": ("other_phone",),
    "company_phone": ("company_phone",),
    "callback": ("callback",),
    "pager": ("pager",),
    "business_fax": ("business_fax",),
    "assistant_phone": ("assistant_phone",),
}
_MAY_BE_OTHER = frozenset({"business_phone", "mobile_phone"})
"""A number past its own slots may stand as the other phone; one from home may not, or it would pass for a professional one."""


def kind_of(types: frozenset[str]) -> str:
    """The field, or the extra, that a number of those types belongs to (small letters)."""
    if _FAX in types:
        return "home_fax" if "home" in types else "other_fax" if "other" in types else "business_fax"
    return next((kind for words, kind in _KINDS if words & types), "other_phone")


def placed(numbers: Sequence[tuple[str, str]]) -> tuple[dict[str, str], list[tuple[str, str]]]:
    """The values of these (kind, number), the preferred ones first, and what found no place; a repeated one stands once."""
    values: dict[str, str] = {}
    past: list[tuple[str, str]] = []
    for kind, number in dict.fromkeys(numbers):
        slot = next((each for each in _SLOTS.get(kind, ()) if each not in values), None)
        if slot:
            values[slot] = number
        else:
            past.append((kind, number))
    other = next((each for each in past if each[0] in _MAY_BE_OTHER), None)
    if other and "other_phone" not in values:
        values["other_phone"] = other[1]
        past.remove(other)
    return values, past
