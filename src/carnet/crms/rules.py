"""What does a CRM accept in a field, and what does it make of it?

Pure, for the CRMs that Carnet keeps itself. Fields are named by their keys (`carnet.model.field`); an account has `name`,
`website`, `email1`, `business_phone` and the business address. `active` ("1" or "0") is a field here as well.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from carnet.model.account import RecordKind
from carnet.model.field import BY_KEY, FIELDS, Merge, Shape

ACTIVE = "active"
FULL_NAME_LENGTH = 160
STREET_KEYS = frozenset(field.key for field in FIELDS if field.key.endswith("_street"))
LINE_LENGTH = 250
"""The size of each of a street's three lines, in UTF-16 units."""

_BUSINESS = tuple(field.key for field in FIELDS if field.key.startswith("business_") and field.crm.startswith("address1_"))
LENGTHS: Mapping[RecordKind, Mapping[str, int | None]] = {
    RecordKind.ACCOUNT: {
        "name": 160,
        "website": 200,
        **{key: BY_KEY[key].length for key in ("email1", "business_phone", *_BUSINESS)},
    },
    RecordKind.CONTACT: {field.key: field.length for field in FIELDS if field.merge is not Merge.NEVER},
}
"""What may be written, by kind: field key → size in UTF-16 units (None: a date)."""
REQUIRED = {RecordKind.ACCOUNT: "name", RecordKind.CONTACT: "surname"}

_DATES = frozenset(field.key for field in FIELDS if field.shape is Shape.DATE)
_DATE = re.compile(r"(?:\d{4}|-)-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why a write failed: a stable code, and a msgid of one sentence."""

    code: str
    message: str


UNKNOWN_FIELD = Failure(code="unknown_field", message="The CRM has no such field")
TOO_LONG = Failure(code="too_long", message="A value is longer than its field in the CRM")
BAD_VALUE = Failure(code="bad_value", message="A value is not of the kind that its field holds")
LAST_NAME_REQUIRED = Failure(code="last_name_required", message="A contact needs a last name")
NAME_REQUIRED = Failure(code="name_required", message="An account needs a name")
UNKNOWN_PARENT = Failure(code="unknown_parent", message="The account or contact it belongs to is not in the CRM")
UNKNOWN_OWNER = Failure(code="unknown_owner", message="Its owner is no user of the CRM")
NOT_FOUND = Failure(code="not_found", message="The record is no longer in the CRM")
DELETED = Failure(code="deleted", message="The record was there and has been deleted")
HAS_CHILDREN = Failure(code="has_children", message="Other records belong to it")
HAS_ACTIVITIES = Failure(code="has_activities", message="Activities are recorded with it")


def size(text: str) -> int:
    """The length of a text in UTF-16 units, as a CRM counts."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def refusal(
    kind: RecordKind, values: Mapping[str, str | None], lengths: Mapping[str, int | None] | None = None
) -> Failure | None:
    """Why the CRM would not take one of these values; None where it takes all. `lengths` are its own, where it has some."""
    lengths = LENGTHS[kind] if lengths is None else lengths
    for key, value in values.items():
        if key == ACTIVE:
            if value not in {"0", "1"}:
                return BAD_VALUE
        elif key not in lengths:
            return UNKNOWN_FIELD
        elif value and (found := _misfit(key, value, lengths[key])):
            return found
    return None


def _misfit(key: str, value: str, length: int | None) -> Failure | None:
    if length is None or key in _DATES:
        return None if _DATE.fullmatch(value) else BAD_VALUE
    # no character takes more than two units: most values fit without being counted
    return TOO_LONG if 2 * len(value) > length and size(value) > length else None


def settled_values(values: Mapping[str, str | None]) -> dict[str, str]:
    """The values as the CRM will give them back: "" for what is cleared, a street in at most three lines."""
    return {key: settled_street(value) if value and key in STREET_KEYS else value or "" for key, value in values.items()}


def full_name(values: Mapping[str, str]) -> str:
    """The name that the CRM makes of the parts, cut to its field."""
    name = " ".join(part for key in ("given_name", "middle_name", "surname", "suffix") if (part := values.get(key, "")))
    return cut(name, FULL_NAME_LENGTH)


def cut(text: str, length: int) -> str:
    """The beginning of a text, at most so many UTF-16 units of it, no character halved."""
    if size(text) <= length:
        return text
    return text.encode("utf-16-le", "surrogatepass")[: 2 * length].decode("utf-16-le", "ignore")


def street_lines(street: str) -> tuple[str, str, str]:
    """A street in the CRM's three lines: the first, the second, and the rest joined by ", ".

    Where one of them would be too long, the text is broken wherever a line is full, so that whatever fits the field as a
    whole (750) fits its lines.
    """
    if "\n" not in street and 2 * len(street) <= LINE_LENGTH:
        return street, "", ""
    first, second, *rest = [*street.split("\n"), "", ""][: max(2, street.count("\n") + 1)]
    lines = (first, second, ", ".join(rest))
    if max(map(size, lines)) <= LINE_LENGTH:
        return lines
    text = street.replace("\n", " ")
    one = cut(text, LINE_LENGTH)
    two = cut(text[len(one) :], LINE_LENGTH)
    return one, two, text[len(one) + len(two) :]


def joined_street(lines: tuple[str, str, str]) -> str:
    """The street of three lines, without the empty ones at its end."""
    return "\n".join(lines).rstrip("\n")


def settled_street(street: str) -> str:
    """The street as it comes back from its three lines."""
    return joined_street(street_lines(street))
