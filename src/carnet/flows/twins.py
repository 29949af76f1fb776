"""What becomes of a card whose person another card has made, was to make, or could not make?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from carnet.core.deciding import NOT_SELECTED
from carnet.core.persons import TWIN, told_apart
from carnet.core.rechecking import CHANGED
from carnet.core.twinning import find
from carnet.flows.observe import fetch
from carnet.model.account import RecordKind
from carnet.model.plan import Action, Entry, State
from carnet.model.rule import RuleKind
from carnet.model.run import Run
from carnet.ports.store import Scope
from carnet.ports.world import World


def linked_twins(world: World, run: Run, waiting: Sequence[str], *, entries: Sequence[Entry]) -> frozenset[str]:
    """The cards of the run that are linked and surely the same person as one of those that wait."""
    scope = Scope(user=run.user, mailbox=run.mailbox, crm=run.crm)
    links = {link.record: link.target for link in world.store.links.all(scope) if link.kind is RecordKind.CONTACT}
    ticked = [entry.record for entry in entries if entry.record in links and entry.reason != NOT_SELECTED]
    if not ticked or not waiting:
        return frozenset()
    cards = world.store.readings.records(run.reading, ids=[*waiting, *(record for record in ticked if record)])
    told = {frozenset(rule.members) for rule in world.store.rules.all(run.user) if rule.kind is RuleKind.NOT_SAME}
    apart = told_apart(run.answers, [card.id for card in cards]) | told
    waits = frozenset(waiting)
    found = find(cards, region=world.region, links=links, apart=apart).clusters
    together = {card for cluster in found if not waits.isdisjoint(cluster.records) for card in cluster.records}
    return frozenset(together & links.keys()) - waits


def other_ids(world: World, waiting: Iterable[Entry]) -> dict[str, str]:
    """Another CRM id for each creation that was held as changed: the one it had may be used up. Any other keeps its id."""
    made = [entry for entry in waiting if entry.action is Action.CREATE and entry.kind is RecordKind.CONTACT]
    return {
        entry.record or "": world.ids.record_key(entry.target or "", "again") if _is_used_up(entry) else entry.target or ""
        for entry in made
    }


def _is_used_up(entry: Entry) -> bool:
    return entry.state is State.HELD and entry.reason == CHANGED


def hold_twins(world: World, run: Run, settled: Sequence[Entry]) -> list[Entry]:
    """The entries as they were settled, but for cards that would be linked to nothing.

    Such a card is held where the chosen card of its person is held, and failed where that failed or its contact is gone.
    """
    twins = [entry for entry in settled if _rests_on_another(entry)]
    if not twins:
        return list(settled)
    earlier = world.store.journal.entries(run.number, states=[State.HELD, State.FAILED])
    unmade = {entry.target: entry for entry in (*earlier, *settled) if _is_unmade(entry)}
    made = {entry.target for entry in settled if entry.action is Action.CREATE and entry.state is State.DONE}
    doubtful = {entry.target or "" for entry in twins if entry.reason == TWIN} - made - unmade.keys()
    present = fetch(world, RecordKind.CONTACT, doubtful)
    gone = doubtful - present.keys()
    return [
        _with(entry, unmade.get(entry.target), gone=entry.target in gone) if _rests_on_another(entry) else entry
        for entry in settled
    ]


def _rests_on_another(entry: Entry) -> bool:
    """Whether the entry only links, to what may be made in this run."""
    return entry.action is Action.LINK and entry.kind is RecordKind.CONTACT and not entry.values and entry.state is State.DONE


def _is_unmade(entry: Entry) -> bool:
    chosen = entry.action is Action.CREATE or (entry.action is Action.LINK and entry.reason != TWIN and entry.question)
    return bool(chosen) and entry.kind is RecordKind.CONTACT and entry.state in {State.HELD, State.FAILED}


def _with(entry: Entry, chosen: Entry | None, *, gone: bool) -> Entry:
    if chosen is not None and chosen.state is State.HELD:
        return replace(entry, state=State.HELD, reason=TWIN, question=chosen.question)
    if chosen is not None or gone:
        return replace(entry, state=State.FAILED, code="twin_missing", message="The CRM contact of this person was not created.")
    return entry
