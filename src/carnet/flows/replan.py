"""Which plan still holds, so that a page need not plan again?"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict

from carnet.flows.events import Watcher, nobody
from carnet.flows.plan import Planned, plan
from carnet.flows.returning import what_is_new
from carnet.flows.seen import Sight, look
from carnet.model.choices import Choices
from carnet.model.plan import Plan
from carnet.model.run import Run, RunState
from carnet.ports.world import World

_PLAN, _CROWDED = "plan", "plan:crowded"


def holds(world: World, *, user: str, reading: str, choices: Choices, answers: Mapping[str, str], number: int) -> bool:
    """Whether there is nothing to plan: the run was started, or its plan is the one that would be made now."""
    run = world.store.runs.get(user, number)
    if run.approved or run.state is not RunState.PLANNED:
        return True
    sight = look(world, user=user, reading=reading, folders=choices.folders)
    return _standing(sight, run, _said(sight, choices, answers=answers, number=number))


def plan_once(
    world: World,
    *,
    user: str,
    reading: str,
    choices: Choices,
    answers: Mapping[str, str],
    number: int | None,
    watch: Watcher = nobody,
) -> Planned:
    """The run with its plan, as the journal has it where that still holds, else planned anew."""
    sight = look(world, user=user, reading=reading, folders=choices.folders, watch=watch)
    if number is not None:
        run = world.store.runs.get(user, number)
        said = _said(sight, choices, answers=answers, number=number)
        crowded = sight.recall(_CROWDED, int, hangs_on=said)
        if _standing(sight, run, said) and crowded is not None:
            return Planned(run=run, plan=_kept(world, run, crowded=crowded))
    planned = plan(world, user=user, reading=reading, choices=choices, answers=answers, number=number, watch=watch)
    said = _said(sight, choices, answers=answers, number=planned.run.number)
    sight.keep(_CROWDED, int, planned.plan.crowded, hangs_on=said)
    sight.keep(_PLAN, str, planned.run.fingerprint, hangs_on=said)
    return planned


def _kept(world: World, run: Run, *, crowded: int) -> Plan:
    journal = world.store.journal
    return Plan(
        entries=journal.entries(run.number),
        questions=journal.questions(run.number),
        missing_accounts=journal.missing_accounts(run.number),
        fingerprint=run.fingerprint,
        crowded=crowded,
    )


def _standing(sight: Sight, run: Run, said: str) -> bool:
    return bool(run.fingerprint) and run.fingerprint == sight.recall(_PLAN, str, hangs_on=said)


def _said(sight: Sight, choices: Choices, *, answers: Mapping[str, str], number: int) -> str:
    """Everything a plan hangs on beside the reading, the CRM, the links and the user's rules, as text."""
    world = sight.world
    since = what_is_new(world, user=sight.user, reading=sight.reading.id) if choices.only_new else None
    said = {
        "choices": asdict(choices),
        "answers": dict(answers),
        "number": number,
        "policy": repr(world.policy),
        "detection": repr(world.crm.detection()) if world.crm.capabilities.detects_duplicates else "",
        "since": repr(since[0].seen_at) if since else "",
    }
    return json.dumps(said, sort_keys=True, default=sorted)
