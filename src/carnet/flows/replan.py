"""Which plan still holds, so that a page need not plan again?"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import TypeVar

from carnet.flows.events import Watcher, nobody
from carnet.flows.plan import plan
from carnet.flows.seen import Sight, look
from carnet.model.choices import Choices
from carnet.model.plan import Plan
from carnet.model.run import Run, RunState
from carnet.ports.world import World

T = TypeVar("T")
_PLAN, _SUMMARY = "plan", "plan:summary"


def standing_plan(world: World, *, user: str, reading: str, choices: Choices, answers: Mapping[str, str], number: int) -> bool:
    """Whether the run's plan is the one that would be made now."""
    sight = look(world, user=user, reading=reading, folders=choices.folders)
    return _standing(sight, choices=choices, answers=answers, number=number) is not None


def plan_once(
    world: World,
    *,
    user: str,
    reading: str,
    choices: Choices,
    answers: Mapping[str, str],
    number: int | None,
    summary: tuple[type[T], Callable[[Plan], T]],
    watch: Watcher = nobody,
) -> tuple[Run, T]:
    """The run with its plan in the journal, planned only where nothing is planned that still holds; and a summary of it.

    `summary` is its type and how it is made of a plan; it is kept with the plan.
    """
    kind, summarise = summary
    sight = look(world, user=user, reading=reading, folders=choices.folders, watch=watch)
    if number is not None and (run := _standing(sight, choices=choices, answers=answers, number=number)):
        found = sight.recall(_SUMMARY, kind, hangs_on=_said(world, choices, answers=answers, number=number))
        if found is not None:
            return run, found
    planned = plan(world, user=user, reading=reading, choices=choices, answers=answers, number=number, watch=watch)
    said = _said(world, choices, answers=answers, number=planned.run.number)
    made = summarise(planned.plan)
    sight.keep(_SUMMARY, kind, made, hangs_on=said)
    sight.keep(_PLAN, str, planned.run.fingerprint, hangs_on=said)
    return planned.run, made


def _standing(sight: Sight, *, choices: Choices, answers: Mapping[str, str], number: int) -> Run | None:
    """The run, where it is still planned as these choices and answers have it."""
    fingerprint = sight.recall(_PLAN, str, hangs_on=_said(sight.world, choices, answers=answers, number=number))
    run = sight.world.store.runs.get(sight.user, number)
    untouched = run.state is RunState.PLANNED and not run.approved
    return run if untouched and run.fingerprint == fingerprint else None


def _said(world: World, choices: Choices, *, answers: Mapping[str, str], number: int) -> str:
    """Everything a plan hangs on beside the state of the world, as text."""
    said = {"choices": asdict(choices), "answers": dict(answers), "number": number, "policy": repr(world.policy)}
    return json.dumps(said, sort_keys=True, default=sorted)
