"""What had better be mended in the mailbox before its contacts are added?"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from carnet.core.completing import NAME_KEYS, Nature, complete, label
from carnet.core.normalise import company_key, email_key, fold, phone_numbers
from carnet.core.resolving import Resolution, ResolutionKind
from carnet.model.contact import Contact, Record
from carnet.model.field import PHONE_KEYS
from carnet.model.finding import Finding, FindingKind

_NAMES = ("full_name", *NAME_KEYS, "nickname", "company")
_FAX = "business_fax"
_NOT_DIGIT = re.compile(r"\D")
_BESIDE_ADDRESS = "()[]<>,;'\" "
_SHORTEST = 6
_SUBSCRIBER = 8
"""Digits at the end of a number that are the same with and without its country code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """What several cards have in common: a person or a company, the records, and of each the values that show it."""

    about: str
    records: Sequence[str]
    fields: Sequence[str] = ()


def find(
    records: Sequence[Record],
    *,
    resolutions: Mapping[str, Resolution],
    region: str,
    twins: Iterable[Shared] = (),
    variants: Iterable[Shared] = (),
) -> tuple[Finding, ...]:
    """The findings by kind, in the order of the records; `resolutions` says of each company (normalised) what the CRM has."""
    found = [finding for record in records for finding in _of_card(record, region)]
    shared = {
        FindingKind.TWINS: twins,
        FindingKind.NO_ACCOUNT: _without_account(records, resolutions),
        FindingKind.VARIANTS: variants,
    }
    by_id = {record.id: record for record in records}
    found += [each for kind, several in shared.items() for one in several for each in _each(kind, one, by_id)]
    order = {kind: place for place, kind in enumerate(FindingKind)}
    return tuple(sorted(found, key=lambda each: order[each.kind]))


def count(findings: Iterable[Finding]) -> dict[str, int]:
    """How many there are of each kind: cards, or what several cards share."""
    return dict(Counter(kind for kind, _ in {(str(each.kind), each.first or each.record) for each in findings}))


def matching(findings: Iterable[Finding], kind: FindingKind, query: str = "") -> list[Finding]:
    """The findings of a kind that speak of the query, case and accents aside."""
    wanted = fold(query)
    return [
        each
        for each in findings
        if each.kind is kind and wanted in fold(" ".join((each.title, each.about, *each.fields.values())))
    ]


def _of_card(record: Record, region: str) -> Iterator[Finding]:
    contact = record.contact
    if complete(contact).nature is Nature.NOTHING:
        yield _finding(FindingKind.NO_NAME, record, {})
    if not contact.emails and not any(key in contact.values for key in PHONE_KEYS if key != _FAX):
        yield _finding(FindingKind.UNREACHABLE, record, {"company": contact.get("company")})
    if named := {key: contact.values[key] for key in _NAMES if _holds_address(contact.get(key))}:
        yield _finding(FindingKind.EMAIL_AS_NAME, record, named)
    if doubled := _doubled(contact, region):
        yield _finding(FindingKind.DOUBLED_PHONE, record, doubled)


def _finding(kind: FindingKind, record: Record, fields: Mapping[str, str]) -> Finding:
    values = {key: value for key, value in fields.items() if value}
    return Finding(kind=kind, record=record.id, title=label(record.contact), place=record.place, fields=values)


def _each(kind: FindingKind, shared: Shared, records: Mapping[str, Record]) -> Iterator[Finding]:
    for record in (records[identity] for identity in shared.records if identity in records):
        fields = {key: record.contact.get(key) for key in shared.fields}
        yield replace(_finding(kind, record, fields), about=shared.about, first=shared.records[0])


def _holds_address(text: str) -> bool:
    return "@" in text and any(email_key(word.strip(_BESIDE_ADDRESS)) for word in text.split())


def _doubled(contact: Contact, region: str) -> dict[str, str]:
    """The phone fields that hold a number twice, or two numbers, or one that another field holds as well.

    To parse numbers takes longest, so only what their digits make suspect is parsed.
    """
    texts = {key: contact.values[key] for key in PHONE_KEYS if key in contact.values}
    digits = {key: _NOT_DIGIT.sub("", text) for key, text in texts.items()}
    wrong = {key for key, each in digits.items() if _holds_two(each, texts[key], region)}
    alike: dict[str, list[str]] = {}
    for key, each in digits.items():
        if key != _FAX and len(each) >= _SHORTEST:
            alike.setdefault(each[-_SUBSCRIBER:], []).append(key)
    for keys in alike.values():
        numbers = [phone_numbers(texts[key], region) for key in keys] if len(keys) > 1 else []
        wrong |= {key for key, mine in zip(keys, numbers, strict=False) if mine and numbers.count(mine) > 1}
    return {key: text for key, text in texts.items() if key in wrong}


def _holds_two(digits: str, text: str, region: str) -> bool:
    """Whether the text holds two numbers, or one twice over: real files hold such values."""
    half = len(digits) // 2
    return half >= _SHORTEST and (digits[:half] == digits[half:] or len(phone_numbers(text, region)) > 1)


def _without_account(records: Iterable[Record], resolutions: Mapping[str, Resolution]) -> list[Shared]:
    """The companies that the CRM has no account for, by name, each with its cards."""
    members: dict[str, list[str]] = {}
    titles: dict[str, str] = {}
    for record in records:
        name = record.contact.get("company").strip()
        key = company_key(name)
        if key and key in resolutions and resolutions[key].kind is ResolutionKind.MISSING:
            members.setdefault(key, []).append(record.id)
            titles.setdefault(key, name)
    return [Shared(about=titles[key], records=members[key]) for key in sorted(members)]
