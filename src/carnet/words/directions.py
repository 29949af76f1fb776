"""Which way does a field go, in words?"""

from __future__ import annotations

from carnet.model.direction import FIELDS_OF_ROW, Addresses, Direction
from carnet.model.policy import Policy
from carnet.words.catalogue import Words, msgid

DIRECTIONS = {
    Direction.BOTH: msgid("↔ both ways"),
    Direction.TO_CRM: msgid("→ to the CRM"),
    Direction.TO_OUTLOOK: msgid("← to Outlook"),
    Direction.NONE: msgid("✕ not at all"),
}
ADDRESSES = {
    Addresses.ONE: msgid("One: the business address is Address 1"),
    Addresses.MAILING: msgid("One: the mailing address, as Outlook marks it, is Address 1"),
    Addresses.THREE: msgid("Three: business, home and other address are Address 1, 2 and 3"),
}
ROWS = {
    "full_name": msgid("Full name"),
    "business_address": msgid("Business address"),
    "home_address": msgid("Home address"),
    "other_address": msgid("Other address"),
}
RISK = msgid(
    "With three addresses, Address 2 and 3 of contacts that are tracked already belong to their home and other address from then "
    "on, and what stands there can be lost. Have the complete addresses on one side, best in the CRM, and try it with one "
    "contact first."
)
"""What an administrator reads before turning from one address to three."""


def row_label(words: Words, row: str) -> str:
    """What a row of the field table is called."""
    return words.t(ROWS.get(row) or FIELDS_OF_ROW[row][0].label)


def staying(words: Words, policy: Policy) -> str:
    """The rows that the directions keep in Outlook, as a list in words; "" for none."""
    kept = [row for row, fields in FIELDS_OF_ROW.items() if fields[0].key in policy.withheld and row not in policy.mailing]
    return words.listed([row_label(words, row) for row in kept])
