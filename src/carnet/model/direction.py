"""Which way does each row of the field table go, and which fields does that keep from the CRM?"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from carnet.model.field import FIELDS, Field


class Direction(StrEnum):
    """Which way the values of a row go, as an administrator lays it down."""

    BOTH = "both"
    TO_CRM = "to_crm"
    TO_OUTLOOK = "to_outlook"
    NONE = "none"

    @property
    def reaches_crm(self) -> bool:
        """Whether a run may write such values to the CRM."""
        return self in {Direction.BOTH, Direction.TO_CRM}


class Addresses(StrEnum):
    """How many postal addresses of a contact have a counterpart in the CRM."""

    ONE = "one"
    """The business address is Address 1; home and other address stay where they are."""
    MAILING = "mailing"
    """The one that Outlook marks as the mailing address is Address 1, a home or other one too; unmarked, the business one."""
    THREE = "three"
    """Business, home and other address are Address 1, 2 and 3."""


def _row_key(field: Field) -> str:
    """The word for the row of a field, as in `policy.toml`: the field's own, or for several fields that of the row."""
    alone = sum(each.row == field.row for each in FIELDS) == 1
    return field.key if alone else field.row.lower().replace(" ", "_")


FIELDS_OF_ROW: Mapping[str, tuple[Field, ...]] = MappingProxyType(
    {key: tuple(field for field in FIELDS if _row_key(field) == key) for key in dict.fromkeys(map(_row_key, FIELDS))}
)
"""Key of a row → its fields, in the order of the field table."""
SETTABLE: tuple[str, ...] = tuple(key for key, fields in FIELDS_OF_ROW.items() if fields[0].settable)
"""The rows whose direction can be chosen; the others go both ways (F02)."""
ONLY_WITH_THREE = ("home_address", "other_address")
"""The rows that have a counterpart only where three addresses are copied."""


def kept_from_crm(directions: Mapping[str, Direction], addresses: Addresses) -> frozenset[str]:
    """The keys of the fields that no run writes to the CRM; a row that is not named goes both ways."""
    rows = {row for row, direction in directions.items() if not direction.reaches_crm}
    if addresses is not Addresses.THREE:
        rows |= set(ONLY_WITH_THREE)
    return frozenset(field.key for row in rows for field in FIELDS_OF_ROW[row])


def standing_in(directions: Mapping[str, Direction], addresses: Addresses) -> frozenset[str]:
    """The rows whose address may be Address 1 where Outlook marks it as the mailing one; a direction holds there as well."""
    rows = ONLY_WITH_THREE if addresses is Addresses.MAILING else ()
    return frozenset(row for row in rows if directions.get(row, Direction.BOTH).reaches_crm)
