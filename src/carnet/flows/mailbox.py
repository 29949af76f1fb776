"""Which mailbox is a file from, and what has become of it since it was last worked off?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from carnet.core.grouping import under_new_names
from carnet.core.relinking import renames
from carnet.core.returning import content_mark, recognise, trace, trace_of, trace_of_seen
from carnet.flows.group import group
from carnet.flows.returning import folder_digests, read_folders, what_is_new
from carnet.model.account import RecordKind
from carnet.model.choices import Choices, Preset
from carnet.model.contact import Record
from carnet.model.folder import Folder
from carnet.model.known import KnownMailbox, SeenRecord
from carnet.model.plan import Action, State
from carnet.model.reading import Reading
from carnet.model.run import Run, RunKind
from carnet.ports.store import Scope
from carnet.ports.world import World

NEW = "new"
"""The answer that a file is from a mailbox not known yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A known mailbox that a file may be from: how many of its `total` contacts are known there."""

    mailbox: KnownMailbox
    known: int
    total: int

    @property
    def strong(self) -> bool:
        """Whether half of the contacts or more are known there."""
        return 0 < self.total <= 2 * self.known


def source_of(reading: Reading) -> str:
    """What names the file, wherever it lies: the store it says it is, else its content."""
    identity = reading.identity
    return reading.source_key or (identity.key if identity.key != identity.kind else f"{identity.key}:{reading.digest}")


def is_settled(world: World, reading: Reading) -> bool:
    """Settle which mailbox the reading is of where nobody need be asked.

    It says itself whose it is, its file is known, or there is no other mailbox.
    """
    if reading.settled:
        return True
    mailboxes = world.store.mailboxes
    known = {each.key for each in mailboxes.all(reading.user)}
    own = reading.identity.key
    is_live = reading.identity.address is not None
    mailbox = own if is_live else mailboxes.of_source(reading.user, source_of(reading))
    if mailbox is None and (not known or (own in known and own != reading.identity.kind)):
        mailbox = own
    if mailbox is not None:
        mailboxes.belong(reading.user, reading.id, mailbox)
    return mailbox is not None


def proposals(world: World, reading: Reading) -> tuple[Proposal, ...]:
    """The known mailboxes, those that know most of the contacts first."""
    cards = [trace_of(record) for record in world.store.readings.records(reading.id)]
    found = []
    for each in world.store.mailboxes.all(reading.user):
        seen = [trace_of_seen(one) for one in world.store.mailboxes.seen(reading.user, each.key)]
        if not seen:
            links = world.store.links.all(Scope(user=reading.user, mailbox=each.key, crm=world.crm.key))
            seen = [trace(link.record, link.keys) for link in links]
        found.append(Proposal(mailbox=each, known=len(recognise(cards, seen)), total=len(cards)))
    return tuple(sorted(found, key=lambda proposal: -proposal.known))


def belong(world: World, reading: Reading, mailbox: str) -> Reading:
    """Settle that the reading is of that known mailbox, or of a `NEW` one."""
    if mailbox == NEW:
        taken = {each.key for each in world.store.mailboxes.all(reading.user)}
        own = reading.identity.key
        mailbox = own if own not in taken else f"{own}:{world.ids.token()[:12]}"
    world.store.mailboxes.belong(reading.user, reading.id, mailbox)
    return world.store.readings.get(reading.user, reading.id)


def take(world: World, reading: Reading) -> Reading:
    """Settle the mailbox without asking: the one that knows half of the contacts or more, else a new one."""
    if is_settled(world, reading):
        return world.store.readings.get(reading.user, reading.id)
    best = next((each for each in proposals(world, reading) if each.strong), None)
    return belong(world, reading, best.mailbox.key if best else NEW)


def gone_names(world: World, reading: Reading, gone: Sequence[str]) -> list[str]:
    """What the CRM calls those that are gone from the file, as far as they are linked."""
    scope = Scope(user=reading.user, mailbox=reading.identity.key, crm=world.crm.key)
    wanted = set(gone)
    targets = [link.target for link in world.store.links.all(scope) if link.record in wanted]
    found = world.store.candidates.get(scope.crm, RecordKind.CONTACT, targets) if targets else {}
    return sorted(each.name for each in found.values())


def last_choices(world: World, reading: Reading, choices: Choices) -> Choices:
    """The choices as the page opens: those of the last run over this mailbox, without what was typed and answered in it.

    Folders, groups and contacts that were not there then are ticked.
    """
    found = what_is_new(world, user=reading.user, reading=reading.id)
    if found is None:
        return choices
    mailbox, changes = found
    last = mailbox.choices
    now = {then: record for record, then in changes.formerly.items()}
    opened = replace(
        last,
        folders=_ticked(reading.folders, mailbox.left_out),
        excluded_records=frozenset(now.get(each, each) for each in last.excluded_records),
        account_by_record={now.get(key, key): choice for key, choice in last.account_by_record.items()},
        include_linked=choices.include_linked,
        edits={},
        only_new=False,
        withheld=choices.withheld,
        mailing=choices.mailing,
        fields=last.fields if last.fields is Preset.PROFESSIONAL else choices.fields,
    )
    return under_new_names(opened, group(world, user=reading.user, reading=reading.id, choices=opened).groups)


def _ticked(folders: Sequence[Folder], left_out: Sequence[tuple[str, ...]]) -> frozenset[str] | None:
    out = [each for each in folders if each.path in left_out]
    ticked = frozenset(each.id for each in folders if each.selectable and each not in out)
    return ticked if out and ticked else None


def follow(world: World, run: Run) -> None:
    """Let the links of the run's mailbox go over to the ids that their records have now; the CRM is not touched."""
    if run.kind is not RunKind.ADD or not run.reading:
        return
    links = world.store.links.all(Scope(user=run.user, mailbox=run.mailbox, crm=run.crm))
    records = _all_records(world, run) if links else ()
    moved = renames(records, links) if records else {}
    if moved:
        world.store.mailboxes.follow(run, moved)


def remember(world: World, run: Run) -> None:
    """Keep what the run's mailbox holds now, and what was chosen; nothing where the reading is no longer whole."""
    if run.kind is not RunKind.ADD or not run.reading:
        return
    if not _is_whole(world, run):
        return
    reading = world.store.readings.get(run.user, run.reading)
    chosen = run.choices.folders
    left_out = [each.path for each in reading.folders if each.selectable and chosen is not None and each.id not in chosen]
    label = next((each.label for each in world.store.mailboxes.all(run.user) if each.key == run.mailbox), run.label)
    mailbox = KnownMailbox(
        key=run.mailbox,
        label=label,
        kind=reading.identity.kind,
        seen_at=world.clock.now(),
        choices=replace(run.choices, edits={}, only_new=False),
        left_out=tuple(left_out),
    )
    digests = folder_digests(reading)
    seen = [
        SeenRecord(record=each.id, folder=digests.get(each.folder, ""), version=each.version, key=content_mark(each.keys))
        for each in world.store.readings.marks(run.reading)
    ]
    world.store.mailboxes.remember(run.user, mailbox, source=source_of(reading), seen=seen, read=read_folders(world, reading))


def remember_if_nothing_to_do(world: World, run: Run) -> None:
    """Keep what the mailbox holds where a plan finds everything done: nobody will approve it."""
    counted = world.store.journal.counts(run.number)
    if counted and all(action is Action.SKIP and state is State.PLANNED for action, _, state, _ in counted):
        follow(world, run)
        remember(world, run)


def _all_records(world: World, run: Run) -> tuple[Record, ...]:
    """The records of the run's reading, unless some were forgotten since it was planned."""
    return world.store.readings.records(run.reading) if _is_whole(world, run) else ()


def _is_whole(world: World, run: Run) -> bool:
    """Whether the run's reading still holds every record that it was planned with, and there are any."""
    totals = world.store.readings.totals(run.reading)
    folders = run.choices.folders
    ticked = sum(counts[0] for folder, counts in totals.items() if folders is None or folder in folders)
    return bool(ticked) and ticked == run.read - run.held_back - run.lists - run.skipped
