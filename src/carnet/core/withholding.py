"""Which values do a preset of fields and the administrator's directions keep back, wherever they would turn up?"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import TypeVar

from carnet.core.normalise import fold
from carnet.model.account import CrmRecord
from carnet.model.choices import Choices, Preset
from carnet.model.contact import Contact
from carnet.model.field import FIELDS, Privacy
from carnet.model.match import Evidence, Match

PERSONAL = frozenset(field.key for field in FIELDS if field.privacy is not Privacy.PROFESSIONAL)
"""Family, home, birthday, anniversary, government id and notes."""
_NOT_DIGIT = re.compile(r"\D")
_SUBSCRIBER = 9

T = TypeVar("T")


def personal(preset: Preset) -> frozenset[str]:
    """The fields that the preset keeps back."""
    return frozenset() if preset is Preset.ALL else PERSONAL


def kept_back(choices: Choices) -> frozenset[str]:
    """The fields that a run of those choices does not write to the CRM."""
    return personal(choices.fields) | choices.withheld


def allowed(values: Mapping[str, T], without: AbstractSet[str]) -> dict[str, T]:
    """The values of the fields that are not kept back."""
    return {key: value for key, value in values.items() if key not in without}


def seen(record: CrmRecord, without: AbstractSet[str]) -> CrmRecord:
    """The CRM record as a run knows it: fields that the run does not write are none of its business."""
    return replace(record, values=allowed(record.values, without)) if without else record


def shown(contact: Contact, preset: Preset) -> Contact:
    """The card as far as the preset lets it through."""
    return contact if preset is Preset.ALL else replace(contact, values=allowed(contact.values, personal(preset)))


def sayable(evidence: Iterable[Evidence], contact: Contact, preset: Preset) -> tuple[Evidence, ...]:
    """The evidence that quotes no value of a field that the preset keeps back."""
    if preset is Preset.ALL:
        return tuple(evidence)
    hidden = {form for key in PERSONAL for form in _forms(contact.get(key))}
    hidden -= {form for value in allowed(contact.values, PERSONAL).values() for form in _forms(value)}
    return tuple(item for item in evidence if not any(form in hidden for text in item.values.values() for form in _forms(text)))


def told(match: Match, contact: Contact, preset: Preset) -> Match:
    """The card's match with the evidence that may be told."""
    kept = (replace(each, evidence=sayable(each.evidence, contact, preset)) for each in match.suggestions)
    return match if preset is Preset.ALL else replace(match, suggestions=tuple(kept))


def _forms(text: str) -> set[str]:
    """The text, and its digits where it may be a number: with or without a country code they end alike."""
    digits = _NOT_DIGIT.sub("", text)
    return {fold(text), digits[-_SUBSCRIBER:] if len(digits) >= _SUBSCRIBER else ""} - {""}
