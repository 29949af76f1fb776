"""How is a mailbox on a server kept as it is now, without reading all of it again?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from carnet.errors import Expired, NotFound
from carnet.flows.events import Progress, Watcher, nobody
from carnet.flows.pair import pair
from carnet.flows.read import marked_changes, read
from carnet.model.connection import Connection
from carnet.model.folder import Folder
from carnet.model.reading import Reading
from carnet.ports.live import LiveMailbox
from carnet.ports.world import World

LIVE = "live:"
"""How the source of a reading, a draft or a run names a connection."""


def source_of(connection: Connection) -> str:
    """What stands in the place of a file's path."""
    return f"{LIVE}{connection.id}"


def refresh(
    world: World, connection: Connection, mailbox: LiveMailbox, *, folders: bool = True, watch: Watcher = nobody
) -> Connection:
    """Bring the connection's reading to where the mailbox is now; the first time, read all of it.

    Nothing is read before the addresses are compared. Later only what changed is asked for; where the server no longer knows a
    cursor, or folders came or went (looked for unless `folders` is False), all is read again: records keep their ids, so that
    nothing is taken for new.
    """
    pair(world, mailbox.identity())
    before = _reading(world, connection)
    laters = world.store.readings.laters(before.id) if before else {}
    if before is None or not before.complete or not laters:
        return _read_all(world, connection, mailbox, begun=before, watch=watch)
    offered = mailbox.folders() if folders else before.folders
    if _places(offered) != _places(before.folders):
        return _read_again(world, connection, mailbox, watch=watch)
    if _others(offered) != _others(before.folders):
        world.store.readings.offer(before.id, offered)
    changes = mailbox.changes(laters)
    if changes.expired:
        return _read_again(world, connection, mailbox, watch=watch)
    if changes or dict(changes.cursors) != dict(laters):
        world.store.readings.change(before.id, marked_changes(changes))
    watch(Progress(phase="read", done=before.records, total=before.records))
    return connection


def fork(world: World, connection: Connection, *, folders: frozenset[str] | None = None, into: str = "") -> Reading:
    """A copy of the mailbox as it is now, or of those folders: a run hangs on it while the mailbox goes on changing."""
    now = world.store.readings.get(connection.user, connection.reading)
    identity = into or world.ids.token()
    copied = replace(now, id=identity, read_at=world.clock.now(), settled=False, lists=(), skipped=(), repairs=())
    world.store.readings.copy(now.id, copied, folders=folders)
    return world.store.readings.get(connection.user, copied.id)


def disconnect(world: World, connection: Connection) -> None:
    """Forget the connection and what was read through it, of a CRM what the index has of it; links and runs stay."""
    if connection.reading:
        world.store.readings.drop(connection.user, connection.reading)
    if not connection.service.is_mailbox:
        world.store.candidates.forget(connection.key)
    world.store.connections.delete(connection.user, connection.id)


def _reading(world: World, connection: Connection) -> Reading | None:
    if not connection.reading:
        return None
    try:
        return world.store.readings.get(connection.user, connection.reading)
    except NotFound:
        return None


def _read_all(world: World, connection: Connection, mailbox: LiveMailbox, *, begun: Reading | None, watch: Watcher) -> Connection:
    """Read every folder into a reading that the connection knows from its start: what was broken off goes on.

    It begins again where the server no longer knows how far it had got.
    """
    goes_on = begun is not None and not begun.complete
    if begun is None or begun.complete:
        begun = Reading(
            id=world.ids.token(),
            user=connection.user,
            identity=mailbox.identity(),
            source=source_of(connection),
            digest="",
            read_at=world.clock.now(),
            complete=False,
            folders=mailbox.folders(),
            settled=True,
        )
        world.store.readings.start(begun)
        connection = replace(connection, reading=begun.id)
        world.store.connections.save(connection)
    try:
        read(world, mailbox, user=connection.user, source=begun.source, digest="", reading=begun.id, watch=watch)
    except Expired:
        if not goes_on:
            raise
        return _read_again(world, connection, mailbox, watch=watch)
    return connection


def _read_again(world: World, connection: Connection, mailbox: LiveMailbox, *, watch: Watcher) -> Connection:
    """Read the whole mailbox anew; what was read before is forgotten first, so that nothing of it is left behind."""
    world.store.readings.drop(connection.user, connection.reading)
    return _read_all(world, replace(connection, reading=""), mailbox, begun=None, watch=watch)


def _places(folders: Sequence[Folder]) -> list[tuple[str, tuple[str, ...]]]:
    """Where the folders of one's own stand."""
    return [(each.id, each.path) for each in folders if each.selectable]


def _others(folders: Sequence[Folder]) -> list[Folder]:
    """Those that are only shown: they come and go, and nothing is read for it."""
    return [each for each in folders if not each.selectable]
