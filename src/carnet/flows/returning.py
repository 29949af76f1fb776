"""What has become of a mailbox since it was last worked off?"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace

from carnet.core.returning import since
from carnet.flows.seen import look
from carnet.model.choices import Choices
from carnet.model.known import KnownMailbox, Since
from carnet.model.reading import Reading
from carnet.ports.world import World


def _known_mailbox(world: World, reading: Reading) -> KnownMailbox | None:
    """The mailbox that a reading is of, once a run has worked it off."""
    known = {each.key: each for each in world.store.mailboxes.all(reading.user)}
    found = known.get(reading.identity.key)
    return found if found and found.seen_at else None


def what_is_new(world: World, *, user: str, reading: str) -> tuple[KnownMailbox, Since] | None:
    """What has become of the mailbox since it was last worked off; None where it never was. Worked out once."""
    header = world.store.readings.get(user, reading)
    mailbox = _known_mailbox(world, header)
    if mailbox is None:
        return None

    def compute() -> Since:
        records = world.store.readings.records(reading)
        return since(records, world.store.mailboxes.seen(user, mailbox.key), read=read_folders(world, header))

    sight = look(world, user=user, reading=reading)
    return mailbox, sight.kept("since", Since, compute, hangs_on=str(mailbox.seen_at))


def not_new(world: World, *, user: str, reading: str) -> frozenset[str]:
    """The records that were there when the mailbox was last worked off; none where it never was."""
    found = what_is_new(world, user=user, reading=reading)
    if found is None:
        return frozenset()
    new = set(found[1].new)
    return frozenset(record.id for record in world.store.readings.records(reading) if record.id not in new)


def only_new(world: World, choices: Choices, *, user: str, reading: str) -> Choices:
    """The choices, by which what is not new is left out where a person asked for that."""
    if not choices.only_new:
        return choices
    old = not_new(world, user=user, reading=reading)
    return replace(choices, excluded_records=choices.excluded_records | old)


def read_folders(world: World, reading: Reading) -> frozenset[str] | None:
    """The digests of the folders that were read, None where every folder was."""
    read = world.store.readings.totals(reading.id).keys()
    if all(folder.id in read for folder in reading.folders if folder.selectable):
        return None
    digests = folder_digests(reading)
    return frozenset(digests[folder] for folder in read if folder in digests)


def folder_digests(reading: Reading) -> Mapping[str, str]:
    """Folder id → a digest of its path, which another export has, too."""
    return {each.id: hashlib.sha256("/".join(each.path).encode()).hexdigest()[:16] for each in reading.folders}
