"""When is a draft's run planned, and what do the pages count in a plan?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from carnet.core.deciding import ALREADY
from carnet.core.permitting import WRITES
from carnet.core.persons import TWIN
from carnet.flows.events import Watcher, nobody
from carnet.flows.plan import Planned
from carnet.flows.replan import holds, plan_once
from carnet.model.account import RecordKind
from carnet.model.draft import Draft
from carnet.model.plan import Action, Entry, Plan
from carnet.web.door import Visit
from carnet.web.drafts import change


def plan_draft(visit: Visit, draft: Draft, *, watch: Watcher = nobody) -> tuple[Draft, Planned]:
    """Plan the draft's run, unless its plan still holds."""
    planned = plan_once(
        visit.world,
        user=visit.user,
        reading=draft.reading,
        choices=draft.choices,
        answers=draft.answers,
        number=draft.run,
        watch=watch,
    )
    if draft.run is None:  # by now the draft may say something else
        draft = change(visit, visit.world.store.drafts.get(visit.user, draft.id), run=planned.run.number)
    return draft, planned


def is_planned(visit: Visit, draft: Draft) -> bool:
    """Whether the draft's run needs no planning."""
    return draft.run is not None and holds(
        visit.world,
        user=visit.user,
        reading=draft.reading,
        choices=draft.choices,
        answers=draft.answers,
        number=draft.run,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How many contacts a plan creates, links, updates, asks about and leaves.

    `link` and `twins` are told apart: cards linked to what was in the CRM, and further cards of a person.
    `linked` are those linked before the run, `accounts` the accounts to create, `to_check` the doubtful creations,
    `communications` the contacts whose communications will be tracked.
    """

    create: int
    link: int
    twins: int
    update: int
    ask: int
    already: int
    not_selected: int
    accounts: int
    linked: int
    to_check: int
    communications: int


def tally(plan: Plan) -> Tally:
    """The numbers on top of the review."""
    cards = [entry for entry in plan.entries if not (entry.record or "").startswith("account:")]
    by_action = Counter(entry.action for entry in cards)
    already = sum(1 for entry in cards if entry.action is Action.SKIP and entry.reason == ALREADY)
    twins = sum(1 for entry in cards if entry.action is Action.LINK and entry.reason == TWIN)
    return Tally(
        create=by_action[Action.CREATE],
        link=by_action[Action.LINK] - twins,
        twins=twins,
        update=by_action[Action.UPDATE],
        ask=by_action[Action.ASK],
        already=already,
        not_selected=by_action[Action.SKIP] - already,
        accounts=plan.count(Action.CREATE, RecordKind.ACCOUNT),
        linked=already + by_action[Action.UPDATE],
        to_check=sum(1 for entry in cards if entry.to_check),
        communications=sum(1 for entry in cards if entry.communications and entry.action in WRITES),
    )


def leaving(entries: Sequence[Entry], kind: RecordKind) -> list[tuple[str, int]]:
    """Which fields leave Outlook for CRM records of that kind, and for how many each, the most frequent first."""
    counted = Counter(
        key for entry in entries if entry.action in WRITES and entry.kind is kind for key, value in entry.values.items() if value
    )
    return counted.most_common()
