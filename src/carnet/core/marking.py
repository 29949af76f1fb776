"""Does Microsoft's own app track this card already, and as which CRM contact?"""

from __future__ import annotations

import re
from dataclasses import dataclass

from carnet.model.contact import Contact
from carnet.model.match import Evidence

_GUID = re.compile(r"([0-9a-fA-F]{8})-?([0-9a-fA-F]{4})-?([0-9a-fA-F]{4})-?([0-9a-fA-F]{4})-?([0-9a-fA-F]{12})")
_NO_LONGER = "0"
"""The state of a card that was tracked formerly; 1 is pending, 2 tracked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """What Dynamics 365 App for Outlook, or server-side synchronisation, left on a card: a CRM id, perhaps an organisation."""

    id: str
    organisation: str = ""

    def is_of(self, crm: str) -> bool:
        """Whether it may speak of that CRM (its key ends in the organisation's id); one without an organisation may."""
        return not self.organisation or self.organisation == _same_form(crm.rpartition(":")[2])

    def astray(self, crm: str) -> Evidence:
        """Why it leads to no contact of that CRM."""
        return Evidence(code="tracked_and_gone" if self.is_of(crm) else "tracked_elsewhere", supports=False)


def mark_of(contact: Contact) -> Mark | None:
    """The mark of a card that is tracked or about to be; None for any other."""
    identity = _same_form(contact.extras.get("crm_id", ""))
    if not identity or contact.extras.get("crm_state") == _NO_LONGER:
        return None
    return Mark(id=identity, organisation=_same_form(contact.extras.get("crm_org", "")))


def _same_form(text: str) -> str:
    """A GUID in the one way that a CRM writes it, in capitals and brackets or not; other text as it is."""
    bare = text.strip().strip("{}")
    found = _GUID.fullmatch(bare)
    return "-".join(found.groups()).lower() if found else bare
