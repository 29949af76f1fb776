"""What is a source record called, now and the next time it is read?"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

from carnet.core.normalise import company_key, email_key, fold
from carnet.model.contact import Contact, KeyStrength, SourceKey

_LETTER = {
    KeyStrength.CONTENT: "c",
    KeyStrength.FINGERPRINT: "f",
    KeyStrength.NODE: "n",
    KeyStrength.SEARCH: "s",
    KeyStrength.IMMUTABLE: "i",
}


def fingerprint(contact: Contact) -> str:
    """32 hex digits of the content: two cards that say the same share it, whatever the order of their categories."""
    content = [sorted(contact.values.items()), sorted(contact.categories), sorted(contact.extras.items()), contact.more_emails]
    return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()[:32]


def content_key(contact: Contact) -> str:
    """32 hex digits of who the card is about (its name and first e-mail, or company and phones where neither is).

    It survives edits to everything else and another order of the name; two namesakes without an e-mail share it.
    """
    who = [_name(contact), _email(contact)]
    if not any(who):
        who = [fold(contact.get("company")), *sorted(contact.phones)]
    return hashlib.sha256(json.dumps(who, ensure_ascii=False).encode()).hexdigest()[:32]


def content_marks(contact: Contact) -> SourceKey:
    """What tells this card from others, as one weak key of digests: "name:… mail:… given:… last:… firm:… call:…".

    A mark that the card does not have is absent; there is a "call" for each phone number. `core.returning` weighs them.
    """
    marks = {
        "who": content_key(contact),
        "name": _name(contact),
        "mail": _email(contact),
        "given": fold(contact.get("given_name")),
        "last": fold(contact.get("surname")),
        "firm": company_key(contact.get("company")),
    }
    calls = {"".join(filter(str.isdigit, each))[-_DIGITS:] for each in contact.phones}
    said = [f"{mark}:{_mark(text)}" for mark, text in marks.items() if text]
    return SourceKey(strength=KeyStrength.CONTENT, key=" ".join([*said, *(f"call:{_mark(each)}" for each in sorted(calls))]))


_DIGITS = 9
"""So many last digits name a telephone, with or without its country."""


def _name(contact: Contact) -> str:
    """The words of the name, in one order however the card has them."""
    parts = " ".join(filter(None, (contact.get("given_name"), contact.get("middle_name"), contact.get("surname"))))
    return " ".join(sorted(fold(parts or contact.get("full_name")).split()))


def _email(contact: Contact) -> str:
    return next((key for each in contact.emails if (key := email_key(each))), "")


def _mark(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


class Naming:
    """Gives each record of one reading an id that is unique in it and as lasting as its strongest key.

    Keys are not unique by themselves: copy and paste in Outlook duplicates a search key, two equal cards share a fingerprint.
    The second record of a key is named "…~2", so the records must come in the source's own order.
    """

    def __init__(self) -> None:
        """Start with no names given."""
        self._taken: dict[str, int] = {}

    def name(self, keys: Sequence[SourceKey]) -> str:
        """The id of a record with those keys, strongest first; at least one is needed."""
        base = f"{_LETTER[keys[0].strength]}:{keys[0].key}"
        count = self._taken[base] = self._taken.get(base, 0) + 1
        return base if count == 1 else f"{base}~{count}"


def is_record_id(text: str) -> bool:
    """Whether the text has the form of a source record's id."""
    return text[:2] in {f"{letter}:" for letter in _LETTER.values()}
