"""What does the CRM hold: accounts, contacts, users?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class RecordKind(StrEnum):
    """The two kinds of CRM record that a run touches."""

    ACCOUNT = "account"
    CONTACT = "contact"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parent:
    """The account or contact that a contact belongs to."""

    kind: RecordKind
    id: str
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CrmUser:
    """A user of the CRM; `address` is the primary e-mail address.

    `administrator`: they may change what holds for everybody. In the embedded CRM that is the owner of `policy.toml` (of the
    home, where there is none); in Dataverse, whoever has the role System Administrator.
    `synchronised`: the CRM's own server keeps this user's Outlook contacts in step already.
    """

    id: str
    name: str
    address: str
    administrator: bool = False
    synchronised: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CrmRecord:
    """An account or a contact of the CRM.

    `values` maps field keys to text, as in `Contact.values`; an account has `name`, `website`, `email1`, `business_phone`
    and the parts of its business address. `version` changes with every write.
    """

    kind: RecordKind
    id: str
    values: Mapping[str, str] = field(default_factory=dict)
    parent: Parent | None = None
    owner: str = ""
    active: bool = True
    version: str = ""

    @property
    def name(self) -> str:
        """The account's name, or the contact's full name."""
        return self.values.get("name" if self.kind is RecordKind.ACCOUNT else "full_name", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependents:
    """What else hangs on a CRM record: it is kept when a run is undone."""

    activities: int = 0
    children: int = 0

    def __bool__(self) -> bool:
        """Whether anything hangs on it."""
        return bool(self.activities or self.children)
