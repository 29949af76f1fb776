"""May a mailbox be read in this CRM user's name, and to whom does it belong?"""

from __future__ import annotations

from carnet.core.pairing import require_same_address, require_unpaired
from carnet.model.connection import Pairing
from carnet.model.reading import MailboxIdentity
from carnet.ports.world import World


def pair(world: World, identity: MailboxIdentity, *, take_over: bool = False) -> Pairing | None:
    """Keep that the mailbox belongs to the CRM user; None for a file, which has no address.

    Raises AddressMismatch, naming both addresses, or NeedsConsent where mailbox or user are paired otherwise.
    """
    user = world.crm.whoami()
    require_same_address(identity, user)
    if identity.address is None:
        return None
    wanted = Pairing(mailbox=identity.key, crm=world.crm.key, crm_user=user.id, address=identity.address)
    existing = world.store.connections.pairings()
    breaks = require_unpaired(wanted, existing, take_over=take_over)
    if wanted not in existing:
        world.store.connections.pair(wanted, breaks=breaks)
    return wanted
