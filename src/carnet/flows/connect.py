"""How does a service that somebody signed in to become theirs in Carnet?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import urlsplit

from carnet.core.pairing import require_same_address
from carnet.errors import NotAllowed, NotFound
from carnet.flows.pair import pair
from carnet.model.connection import Connection
from carnet.model.reading import MailboxIdentity
from carnet.model.run import Run
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
    own = {(identity.address or "").lower(), *identity.aliases}
    kept = replace(
        connection,
        id=before.id if before else connection.id,
        shared=tuple(each for each in connection.shared if each not in own),
        reading=before.reading if before and not moved else "",
        label=identity.label,
        key=identity.key,
        address=identity.address or "",
    )
    world.store.connections.save(kept)
    return world.store.connections.get(kept.user, kept.id)


def connect_crm(world: World, connection: Connection, crm: Crm, *, take_over: bool = False) -> Connection:
    """Keep a CRM whose user has the address of every connected mailbox; from then on it is the one that is written to.

    A CRM that is connected already is kept once. Raises AddressMismatch, NotAllowed naming the rights that are missing, or
    NeedsConsent where a mailbox or the CRM user belongs to somebody else.
    """
    user = crm.whoami()
    crm.require(accounts=False)
    there = replace(world, crm=crm)
    identities = [
        MailboxIdentity(key=each.key, label=each.label, kind=each.service, address=each.address)
        for each in _mailboxes(world, connection.user)
    ]
    for identity in identities:
        require_same_address(identity, user)
    for identity in identities:
        pair(there, identity, take_over=take_over)
    before = next((each for each in _crms(world, connection.user) if each.key == crm.key), None)
    kept = replace(
        connection,
        id=before.id if before else connection.id,
        label=urlsplit(connection.url).netloc,
        key=crm.key,
        address=user.address,
        owner=user.id,
    )
    world.store.connections.save(kept)
    choose_crm(world, user=kept.user, connection=kept)
    return world.store.connections.get(kept.user, kept.id)


EMBEDDED = "embedded"
"""What the CRM that Carnet keeps itself is called where one is chosen, and its key."""


def choose_crm(world: World, *, user: str, connection: Connection | None) -> None:
    """Let contacts go to that CRM from now on; None stands for the one that Carnet keeps itself."""
    for each in _crms(world, user):
        chosen = connection is not None and each.id == connection.id
        if each.chosen is not chosen:
            world.store.connections.save(replace(each, chosen=chosen))


def crm_of(connections: Sequence[Connection], name: str = "") -> Connection | None:
    """The connected CRM that contacts go to, None where that is the embedded one.

    `name` asks for another than the chosen one: "embedded", or the id, label, key or host of a connected one. Raises NotFound.
    """
    crms = [each for each in connections if not each.service.is_mailbox]
    wanted = name.strip().casefold()
    if wanted == EMBEDDED:
        return None
    if not wanted:
        return next((each for each in crms if each.chosen), None)
    host = urlsplit(wanted if "://" in wanted else f"//{wanted}").netloc
    for each in crms:
        if {wanted, host} & {each.id.casefold(), each.label.casefold(), each.key.casefold()}:
            return each
    raise NotFound("There is no connection {connection}.", "List the connections first.", connection=name)


def require_crm(world: World, run: Run) -> None:
    """Raise NotAllowed where a run is of another CRM than the one that would be written to."""
    if run.crm != world.crm.key:
        raise NotAllowed(
            "Run {number} belongs to another CRM than the one that contacts go to now.",
            "Connect that CRM again, or plan a new run.",
            number=str(run.number),
        )


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


def _crms(world: World, user: str) -> list[Connection]:
    return [each for each in world.store.connections.all(user) if not each.service.is_mailbox]


def _mailboxes(world: World, user: str) -> list[Connection]:
    return [each for each in world.store.connections.all(user) if each.service.is_mailbox]
