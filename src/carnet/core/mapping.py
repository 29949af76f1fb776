"""Which values of a card go to the CRM, in which form, and which do not fit?"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import date

from carnet.core.completing import NAME_KEYS, Nature, complete
from carnet.core.normalise import email_key, fold
from carnet.core.withholding import allowed
from carnet.model.contact import Contact
from carnet.model.field import BY_KEY, EMAIL_KEYS, FIELDS, PHONE_KEYS, Field, Merge, Shape

_LINE_LENGTH = 250
_LINES = 3
_LINE_BREAK = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ufffe\uffff\ud800-\udfff]")
_NOT_DIGIT = re.compile(r"\D")
_SUBSCRIBER = 9
"""Digits at the end of a number that tell it apart, with or without its country code."""
_ADDRESSES = tuple(
    tuple(field.key for field in FIELDS if field.key.startswith(prefix) and field.row.endswith("Address"))
    for prefix in ("business_", "home_", "other_")
)
_ACCOUNT_KEYS = ("business_phone", "email1", *_ADDRESSES[0])
_ACCOUNT_NAMES = {"company": "name", "web_page": "website"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapped:
    """What a card becomes in the CRM.

    `values` maps field keys to text that fits; `too_long` holds in full what did not fit or is no whole date, to be completed
    by hand; `invented` names the values that the card does not hold.
    """

    values: Mapping[str, str]
    too_long: Mapping[str, str]
    invented: frozenset[str]


Lengths = Mapping[str, int | None]
"""Field key → how long a value may be in one CRM, in UTF-16 units; a field that is not named has its usual size."""


def to_crm(
    contact: Contact,
    edits: Mapping[str, str] | None = None,
    *,
    without: AbstractSet[str] = frozenset(),
    lengths: Lengths | None = None,
) -> Mapped:
    """The card as a CRM contact, but for the fields that are kept back; `edits` are values typed by a person, "" to clear one.

    A company's card gets the company as its last name, which the CRM asks for. A last name that is too long is cut, so that
    it does not hold the person, and listed all the same. So are the e-mails past the third, for which the CRM has no field.
    """
    completed = complete(_edited(contact, edits or {}))
    wanted, invented = dict(completed.values), completed.invented
    if completed.nature is Nature.COMPANY and not wanted.get("surname"):
        wanted["surname"] = wanted["company"]
        invented |= {"surname"}
    fields = _sized((field for field in FIELDS if field.merge is not Merge.NEVER), lengths or {})
    values, too_long = _sorted(allowed(wanted, without), fields)
    if "surname" in too_long:
        values["surname"] = _cut(too_long["surname"], _size_of("surname", "surname", lengths))
    too_long |= {f"email{place}": address for place, address in enumerate(contact.more_emails, start=len(EMAIL_KEYS) + 1)}
    return Mapped(values=values, too_long=too_long, invented=frozenset(invented & values.keys()))


def to_account(contact: Contact, *, without: AbstractSet[str] = frozenset(), lengths: Lengths | None = None) -> Mapped:
    """A company's card as a CRM account: `name`, `website`, `email1`, `business_phone` and its business address."""
    company = complete(contact).values.get("company", "")
    wanted = {key: contact.get(key) for key in _ACCOUNT_KEYS} | {"company": company, "web_page": contact.get("web_page")}
    keys = ("company", "web_page", *_ACCOUNT_KEYS)
    sizes = {key: lengths[name] for key in keys if lengths and (name := _ACCOUNT_NAMES.get(key, key)) in lengths}
    values, too_long = _sorted(allowed(wanted, without), _sized((BY_KEY[key] for key in keys), sizes))
    if "company" in too_long:
        values["company"] = account_name(too_long["company"], lengths)
    return Mapped(values=_as_account(values), too_long=_as_account(too_long), invented=frozenset())


def account_name(company: str, lengths: Lengths | None = None) -> str:
    """A company's name as an account takes it, cut where it is too long: it holds nobody. `lengths` are an account's."""
    length = _size_of("company", "name", lengths)
    return company if _size(company) <= length else _cut(company, length)


def fill_blanks(wanted: Mapping[str, str], found: Mapping[str, str]) -> dict[str, str]:
    """What to write where the CRM has nothing.

    An e-mail or a phone that the CRM holds in another slot is not written again. A name is never pieced together from two
    sides, nor an address from two places.
    """
    held = {key: value for key, value in found.items() if value.strip()}
    blocked = {*held}
    if "surname" in held:
        blocked.update(NAME_KEYS)
    for address in _ADDRESSES:
        if any(key in held and key in wanted and fold(held[key]) != fold(wanted[key]) for key in address):
            blocked.update(address)
    taken = {_slot(key, value) for key, value in held.items()} - {""}
    filled: dict[str, str] = {}
    for key, value in wanted.items():
        slot = _slot(key, value)
        if value and key not in blocked and slot not in taken:
            filled[key] = value
            taken |= {slot} - {""}
    return filled


def _slot(key: str, value: str) -> str:
    """What makes two e-mails or two phones the same, "" for any other field."""
    if key in EMAIL_KEYS:
        return email_key(value) or fold(value)
    if key in PHONE_KEYS:
        return _NOT_DIGIT.sub("", value)[-_SUBSCRIBER:] or fold(value)
    return ""


def _edited(contact: Contact, edits: Mapping[str, str]) -> Contact:
    values = {key: value for key, value in {**contact.values, **edits}.items() if value.strip()}
    return replace(contact, values=values)


def _size_of(key: str, name: str, lengths: Lengths | None) -> int:
    return (lengths or {}).get(name, BY_KEY[key].length) or 0


def _sized(fields: Iterable[Field], lengths: Lengths) -> Iterator[Field]:
    """The fields, as long as they are in that CRM."""
    for each in fields:
        length = lengths.get(each.key, each.length)
        yield each if length == each.length else replace(each, length=length)


def _sorted(wanted: Mapping[str, str], fields: Iterable[Field]) -> tuple[dict[str, str], dict[str, str]]:
    """The values that fit and, in full, those that do not."""
    values: dict[str, str] = {}
    too_long: dict[str, str] = {}
    for field in fields:
        if (raw := wanted.get(field.key)) and (text := _clean(raw, field)):
            (values if _fits(text, field) else too_long)[field.key] = text
    return values, too_long


def _clean(text: str, field: Field) -> str:
    """Without control characters; one line, but in notes and streets."""
    text = _CONTROL.sub("", _LINE_BREAK.sub("\n", text))
    if field.key.endswith("_street"):
        return "\n".join(filter(None, _street_lines("\n".join(line.strip() for line in text.split("\n")).strip())))
    if field.shape is Shape.LINES:
        return "\n".join(line.rstrip() for line in text.split("\n")).strip()
    return " ".join(text.split())


def _fits(text: str, field: Field) -> bool:
    if field.shape is Shape.DATE:
        return _is_date(text)
    if field.key.endswith("_street"):
        line_length = min(_LINE_LENGTH, (field.length or _LINES * _LINE_LENGTH) // _LINES)
        return all(_size(line) <= line_length for line in _street_lines(text))
    return field.length is None or _size(text) <= field.length


def _street_lines(text: str) -> list[str]:
    """A street as the CRM's three lines: the third takes the rest."""
    lines = text.split("\n")
    return [*lines[: _LINES - 1], ", ".join(lines[_LINES - 1 :])]


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _size(text: str) -> int:
    """The length in UTF-16 units, as a CRM counts."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def _cut(text: str, length: int) -> str:
    """The beginning that fits, ending with a whole word where there is one."""
    start = text.encode("utf-16-le", "surrogatepass")[: 2 * length].decode("utf-16-le", "ignore")
    whole, space, _ = start.rpartition(" ")
    return whole if space and whole.strip() else start


def _as_account(values: Mapping[str, str]) -> dict[str, str]:
    return {_ACCOUNT_NAMES.get(key, key): value for key, value in values.items()}
