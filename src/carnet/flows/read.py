"""How do contacts get from a mailbox into a reading?"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

from carnet.core.identity import content_marks
from carnet.flows.events import Progress, Watcher, nobody
from carnet.model.reading import Changes, Page, Reading
from carnet.ports.live import LiveMailbox
from carnet.ports.mailbox import Mailbox
from carnet.ports.world import World


def digest(path: Path) -> str:
    """The SHA-256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def marked(page: Page) -> Page:
    """The page, each record with the digests by which it is known again when its other keys have changed."""
    records = tuple(replace(record, keys=(*record.keys, content_marks(record.contact))) for record in page.records)
    return replace(page, records=records)


def marked_changes(changes: Changes) -> Changes:
    """The changes, their records marked in the same way."""
    return replace(changes, records=marked(Page(records=changes.records)).records)


def read(
    world: World,
    mailbox: Mailbox,
    *,
    user: str,
    source: str,
    digest: str,
    reading: str | None = None,
    folders: Collection[str] | None = None,
    watch: Watcher = nobody,
) -> Reading:
    """Read every selectable folder (or those named) into a reading, page by page.

    A reading that was broken off goes on behind its last page when its id is given again.
    """
    offered = mailbox.folders()
    ticked = [folder for folder in offered if folder.selectable and (folders is None or folder.id in folders)]
    identity = reading or world.ids.token()
    readings = world.store.readings
    if reading is None:
        readings.start(
            Reading(
                id=identity,
                user=user,
                identity=mailbox.identity(),
                source=source,
                digest=digest,
                read_at=world.clock.now(),
                complete=False,
                folders=offered,
            )
        )
    done, total = 0, sum(folder.count for folder in ticked)
    if isinstance(mailbox, LiveMailbox):
        mailbox.prepare([folder.id for folder in ticked if readings.cursor(identity, folder.id) == (None, False)])
    for folder in ticked:
        cursor, ended = readings.cursor(identity, folder.id)
        for page in () if ended else mailbox.read(folder.id, cursor):
            readings.add(identity, folder.id, marked(page))
            done += len(page.records) + len(page.held_back)
            watch(Progress(phase="read", done=done, total=max(done, total)))
    readings.finish(identity)
    return readings.get(user, identity)
