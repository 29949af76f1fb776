"""Which postal address of a card is Address 1 in the CRM?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from carnet.core.withholding import personal
from carnet.model.choices import Choices
from carnet.model.contact import Contact
from carnet.model.direction import FIELDS_OF_ROW
from carnet.model.field import MAILING

BUSINESS = tuple(field.key for field in FIELDS_OF_ROW["business_address"])
"""The parts of the business address, which is Address 1 unless another one is marked."""


def mailed(contact: Contact, choices: Choices, *, edits: Mapping[str, str]) -> Contact:
    """The card with the address that goes to Address 1 as its business address.

    That is another one where the rules let it stand in, the card marks it as the mailing address, and nobody has typed a business
    address in the review. A home address stays where the preset of fields leaves personal fields in Outlook.
    """
    row = f"{contact.extras.get(MAILING, '')}_address"
    if row not in choices.mailing or edits.keys() & set(BUSINESS):
        return contact
    marked = [field.key for field in FIELDS_OF_ROW[row]]
    values = {to: contact.get(key) for to, key in zip(BUSINESS, marked, strict=True) if contact.get(key)}
    if not values or set(marked) & personal(choices.fields):
        return contact
    kept = {key: value for key, value in contact.values.items() if key not in BUSINESS}
    return replace(contact, values={**kept, **values})
