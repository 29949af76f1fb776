"""What does one request to Exchange know of the mailbox it is about, and who may see what?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from carnet.testing.emulators.ews_fields import path_of
from carnet.testing.emulators.ews_mailbox import EwsItem, EwsMailbox, EwsPlace
from carnet.testing.emulators.ews_words import Element, Refusal, inside, local, text_of
from carnet.testing.emulators.faults import Asked, Faults

BUSY = {"BackOffMilliseconds": "3000"}
"""For how long a server asks to be left alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One request: `asked` is the HTTP of it, `operation` its element, `me` the mailbox of who signed in."""

    asked: Asked
    operation: Element
    me: EwsMailbox
    mailboxes: Mapping[str, EwsMailbox]
    faults: Faults
    largest: int
    directory: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """What is asked for, as in "GetItem"."""
        return local(self.operation)

    def shape(self, name: str) -> tuple[str, frozenset[str]]:
        """The base shape, and the paths of the additional properties."""
        shape = inside(self.operation, name)
        more = inside(shape, "t:AdditionalProperties")
        return text_of(shape, "t:BaseShape"), frozenset(path_of(each) for each in (() if more is None else more))

    def folder(self, named: Element) -> tuple[EwsMailbox, EwsPlace]:
        """The folder that an id or a well-known name means. Raises Refusal."""
        if local(named) == "DistinguishedFolderId":
            owner = self._owner(text_of(named, "t:Mailbox", "t:EmailAddress"))
            found = owner.known(str(named.get("Id")))
        else:
            wanted = str(named.get("Id"))
            owner = next((each for each in self.mailboxes.values() if wanted in each.folders), self.me)
            found = self._allowed(owner).folders.get(wanted)
        if found is None:
            raise Refusal("ErrorFolderNotFound", "The specified folder could not be found in the store.")
        return owner, found

    def item(self, named: Element) -> tuple[EwsMailbox, EwsItem]:
        """The item of an id. Raises Refusal."""
        wanted = str(named.get("Id"))
        if not wanted.startswith("AAAB"):
            raise Refusal("ErrorInvalidIdMalformed", "Id is malformed.")
        owner = next((each for each in self.mailboxes.values() if wanted in each.items), self.me)
        if (found := self._allowed(owner).items.get(wanted)) is None:
            raise Refusal("ErrorItemNotFound", "The specified object was not found in the store.")
        if found.busy:
            found.busy -= 1
            raise Refusal("ErrorServerBusy", "The server cannot service this request right now.", values=BUSY)
        return owner, found

    def owned(self, owner: EwsMailbox) -> None:
        """Raise Refusal where somebody else's mailbox would be written to."""
        if owner is not self.me:
            raise Refusal("ErrorAccessDenied", "Access is denied. Check credentials and try again.")

    def _owner(self, address: str) -> EwsMailbox:
        if not address:
            return self.me
        for each in self.mailboxes.values():
            if address.lower() in {each.address.lower(), *(alias.lower() for alias in each.aliases)}:
                return self._allowed(each)
        raise Refusal("ErrorNonExistentMailbox", "The SMTP address has no mailbox associated with it.")

    def _allowed(self, owner: EwsMailbox) -> EwsMailbox:
        if owner is not self.me and self.me.user not in owner.shared_with:
            raise Refusal("ErrorAccessDenied", "Access is denied. Check credentials and try again.")
        return owner
