"""Which cards of a selection share an address, a number or a name with another, so that preparing them is worth while?

Most cards share nothing. They are told by what costs little: a number is not understood before another card has one that ends
alike.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from carnet.core.blocking import OWN_PHONES, name_keys, own_phones
from carnet.core.completing import Nature, complete
from carnet.core.identity import fingerprint
from carnet.core.normalise import email_key, main_number, phone_numbers
from carnet.core.spelling import spelling
from carnet.model.contact import Contact, Record

_COMPARED = frozenset("ns")
"""The kinds of key, of those made of a name, by which cards of one source meet: name, and misspelt surname in one company."""
_PLAIN = re.compile(r"(?:\+|00)?[\d ().-]+", re.ASCII)
_END = 6
"""The shortest number has so many digits, and a number that is written plainly ends in them."""
_LONGEST_AT_HOME, _LONGEST_ABROAD = 11, 13
"""Digits beyond which there may be two numbers in one text."""

Keys = tuple[str, ...]


def acquainted(records: Sequence[Record], *, region: str, links: Mapping[str, str]) -> Iterator[tuple[Record, Keys]]:
    """The cards that share a key, or the CRM record that they are linked to, with another; and the keys of each.

    Keys are those of `core.blocking` of the kinds e, p, n and s, but for numbers that no other card can have.
    """
    ends = [frozenset(_ends(record.contact, region)) for record in records]
    alike = {end for end, cards in Counter(end for each in ends for end in each).items() if cards > 1}
    keys = [
        (*_keys(record.contact), *(_numbers(record.contact, region) if not alike.isdisjoint(own) else ()))
        for record, own in zip(records, ends, strict=True)
    ]
    shared = Counter(key for each in keys for key in each)
    linked = Counter(links[record.id] for record in records if record.id in links)
    for record, own in zip(records, keys, strict=True):
        if any(shared[key] > 1 for key in own) or linked[links.get(record.id, "")] > 1:
            yield record, own


def _keys(contact: Contact) -> Keys:
    emails = (f"e:{key}" for address in contact.emails if (key := email_key(address)))
    named = complete(contact)
    person = named.nature is Nature.PERSON
    names = name_keys(spelling(named.values), contact.get("company")) if person else ()
    keys = tuple(dict.fromkeys([*emails, *(key for key in names if key[0] in _COMPARED)]))
    return keys or ((f"c:{fingerprint(contact)}",) if person else ())


def _numbers(contact: Contact, region: str) -> Keys:
    return tuple(dict.fromkeys(f"p:{main_number(number)}" for number in own_phones(contact.values, region)))


def _ends(contact: Contact, region: str) -> Iterator[str]:
    """The last digits of the card's own numbers: equal for equal numbers, however they are written."""
    for text in (contact.values[key] for key in OWN_PHONES if key in contact.values):
        digits = re.sub(r"\D", "", text)
        longest = _LONGEST_ABROAD if text.startswith(("+", "00")) else _LONGEST_AT_HOME
        if _PLAIN.fullmatch(text) and _END <= len(digits) <= longest:
            yield digits[-_END:]
        else:
            yield from (main_number(number)[-_END:] for number in phone_numbers(text, region))
