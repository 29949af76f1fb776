"""What becomes of a card whose CRM contact another card of the same person was to make?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from carnet.core.persons import TWIN
from carnet.flows.observe import fetch
from carnet.model.account import RecordKind
from carnet.model.plan import Action, Entry, State
from carnet.model.run import Run
from carnet.ports.world import World


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
        return replace(entry, state=State.FAILED, code="twin_missing", message=MISSING)
    return entry


MISSING = "The CRM contact of this person was not created."
