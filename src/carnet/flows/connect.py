"""How does a service that somebody signed in to become theirs in Carnet?"""

from __future__ import annotations

from dataclasses import replace

from carnet.core.pairing import require_same_address
from carnet.errors import NotAllowed, NotFound
from carnet.flows.pair import pair
from carnet.model.connection import Connection, Service
from carnet.model.reading import MailboxIdentity
from carnet.ports.crm import Crm
from carnet.ports.live import LiveMailbox
from carnet.ports.world import World


def connect_mailbox(world: World, connection: Connection, mailbox: LiveMailbox, *, take_over: bool = False) -> Connection:
    """Keep a mailbox whose address is the CRM user's; nothing of its contacts is read here.

    A mailbox that is connected already is kept once. Raises AddressMismatch, or NeedsConsent where it belongs to somebody else.
    """
    identity = mailbox.identity()
    pair(world, identity, take_over=take_over)
    before = next((each for each in _mailboxes(world, connection.user) if each.key == identity.key), None)
    moved = before is not None and before.url != connection.url
    if before is not None and moved and before.reading:
        # what another address of the service gave out it does not take back
        world.store.readings.drop(before.user, before.reading)
    kept = replace(
        connection,
        id=before.id if before else connection.id,
        reading=before.reading if before and not moved else "",
        label=identity.label,
        key=identity.key,
        address=identity.address or "",
    )
    world.store.connections.save(kept)
    return world.store.connections.get(kept.user, kept.id)


def connect_crm(world: World, connection: Connection, crm: Crm) -> Connection:
    """Keep a CRM whose user has the address of every connected mailbox; from then on it is the one that is written to.

    Raises AddressMismatch, or NotAllowed naming the rights that are missing.
    """
    user = crm.whoami()
    crm.require(accounts=False)
    for each in _mailboxes(world, connection.user):
        identity = MailboxIdentity(key=each.key, label=each.label, kind=each.service, address=each.address)
        require_same_address(identity, user)
    for each in world.store.connections.all(connection.user):
        if each.service is Service.DATAVERSE and each.id != connection.id:
            world.store.connections.delete(each.user, each.id)
    kept = replace(connection, key=crm.key, address=user.address, owner=user.id)
    world.store.connections.save(kept)
    return world.store.connections.get(kept.user, kept.id)


def crm_of(world_connections: tuple[Connection, ...]) -> Connection | None:
    """The connected CRM, None where the embedded one is used."""
    return next((each for each in world_connections if each.service is Service.DATAVERSE), None)


def connected(world: World, *, user: str, name: str) -> Connection | None:
    """The connected mailbox of that id, address or label, in any case; None where there is none.

    Raises NotAllowed where several have that label.
    """
    wanted = name.strip().casefold()
    found = [
        each
        for each in _mailboxes(world, user)
        if wanted and wanted in {each.id.casefold(), each.address.casefold(), each.label.casefold()}
    ]
    if len(found) > 1:
        raise NotAllowed("Several mailboxes are called {name}.", "Name one by its address.", name=name)
    return found[0] if found else None


def connection_of(world: World, *, user: str, source: str) -> Connection:
    """The connection that the source of a draft or run names. Raises NotFound where it was disconnected."""
    found = source.partition(":")[2]
    for each in _mailboxes(world, user):
        if each.id == found:
            return each
    raise NotFound("The mailbox is no longer connected.", "Connect it again.")


def _mailboxes(world: World, user: str) -> list[Connection]:
    return [each for each in world.store.connections.all(user) if each.service.is_mailbox]
