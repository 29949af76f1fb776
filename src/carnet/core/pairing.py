"""May this mailbox be brought into the CRM in this user's name?

The address rule: the mailbox's own address must equal the CRM user's primary address, letter case aside. An alias of the same
mailbox does not count, and a CRM user without an address matches none.
"""

from __future__ import annotations

from collections.abc import Sequence

from carnet.errors import AddressMismatch, NeedsConsent
from carnet.model.account import CrmUser
from carnet.model.connection import Pairing
from carnet.model.reading import MailboxIdentity

TAKE_OVER = "take_over"
"""The consent that breaks an existing pairing."""


def require_same_address(mailbox: MailboxIdentity, user: CrmUser) -> None:
    """Raise AddressMismatch, naming both addresses, unless they are the same. A file has no address, and passes."""
    if mailbox.address is None:
        return
    ours, theirs = mailbox.address.strip(), user.address.strip()
    if ours and ours.casefold() == theirs.casefold():
        return
    if not theirs:
        raise AddressMismatch(
            "The CRM user {user} has no primary address, and the mailbox is {mailbox}.",
            "Have the administrator enter the mailbox's address as the CRM user's primary address, then try again.",
            user=user.name,
            mailbox=ours,
        )
    if not ours:
        raise AddressMismatch(
            "The mailbox has no address, and the CRM user has {user}.",
            "Have the administrator give the mailbox that address, then try again.",
            user=theirs,
        )
    if theirs.casefold() in {alias.casefold() for alias in mailbox.aliases}:
        raise AddressMismatch(
            "The mailbox is {mailbox}, the CRM user {user}: that is only an alias of the mailbox.",
            "Both must have the same primary address. Have the administrator change one of them, then try again.",
            mailbox=ours,
            user=theirs,
        )
    raise AddressMismatch(
        "The mailbox is {mailbox}, the CRM user {user}: both must have the same address.",
        "Sign in with the other account, or have the administrator change one of the addresses.",
        mailbox=ours,
        user=theirs,
    )


def broken_by(wanted: Pairing, existing: Sequence[Pairing]) -> tuple[Pairing, ...]:
    """The pairings that cannot stand beside the wanted one: of the same mailbox or the same CRM user."""
    return tuple(
        each
        for each in existing
        if each.crm == wanted.crm and each != wanted and (each.mailbox == wanted.mailbox or each.crm_user == wanted.crm_user)
    )


def require_unpaired(wanted: Pairing, existing: Sequence[Pairing], *, take_over: bool) -> tuple[Pairing, ...]:
    """The pairings to break. Raises NeedsConsent where there are any and the person has not said to take them over."""
    broken = broken_by(wanted, existing)
    if broken and not take_over:
        raise NeedsConsent(
            "The mailbox or the CRM user already belongs to another: {address}.",
            "Taking over breaks that connection: contacts already linked stay linked, and are no longer kept by the other.",
            address=broken[0].address,
            consent=TAKE_OVER,
        )
    return broken
