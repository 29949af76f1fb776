"""What is a plan decided from?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from carnet.core.kinship import Twins
from carnet.core.mapping import Lengths
from carnet.core.resolving import Resolution
from carnet.model.account import CrmRecord, RecordKind
from carnet.model.choices import Choices
from carnet.model.contact import Contact, Record
from carnet.model.group import Group
from carnet.model.link import Link
from carnet.model.match import Match


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """Everything a plan is decided from.

    `groups` are those of the chosen mode over the ticked folders; `found` holds the CRM contacts behind links, certain
    matches and answers; `new_ids` the CRM id that each record would get, `account_ids` that of each missing company
    (normalised name); `twins` are found among the records that are ticked; `lengths` says how long a value may be in this CRM.
    """

    records: Sequence[Record]
    groups: Sequence[Group]
    matches: Mapping[str, Match]
    links: Mapping[str, Link]
    found: Mapping[str, CrmRecord]
    resolutions: Mapping[str, Resolution]
    new_ids: Mapping[str, str]
    account_ids: Mapping[str, str]
    choices: Choices = field(default_factory=Choices)
    answers: Mapping[str, str] = field(default_factory=dict)
    twins: Twins = field(default_factory=Twins)
    lengths: Mapping[RecordKind, Lengths] = field(default_factory=dict)


def edited(contact: Contact, edits: Mapping[str, str]) -> Contact:
    """The contact with the values that a person typed; "" clears one."""
    if not edits:
        return contact
    values = {key: value for key, value in {**contact.values, **edits}.items() if value.strip()}
    return replace(contact, values=values)
