"""What does the review say of a plan, and when need it not be planned again?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from carnet.core.deciding import ALREADY
from carnet.core.permitting import WRITES
from carnet.flows.events import Watcher, nobody
from carnet.flows.replan import plan_once, standing_plan
from carnet.model.account import RecordKind
from carnet.model.draft import Draft
from carnet.model.plan import Action, Entry, Plan
from carnet.model.run import Run
from carnet.web.door import Visit
from carnet.web.drafts import change


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How many contacts a plan creates, links, updates, asks about and leaves.

    `linked` are those linked before the run, `accounts` the accounts to create, `to_check` the doubtful creations,
    `communications` the contacts whose communications will be tracked.
    """

    create: int
    link: int
    update: int
    ask: int
    already: int
    not_selected: int
    accounts: int
    linked: int
    to_check: int
    communications: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TooLong:
    """Values of one entry that do not fit in the CRM, by field."""

    label: str
    too_long: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """What the review shows of a plan beside its questions and its companies without account.

    `leaving` and `leaving_accounts` are the fields that leave Outlook, each with the number of records; `writes` how many rows
    write, `already` whether a contact is left because it is linked.
    """

    tally: Tally
    leaving: tuple[tuple[str, int], ...]
    leaving_accounts: tuple[tuple[str, int], ...]
    too_long: tuple[TooLong, ...]
    writes: int
    already: bool


def plan_draft(visit: Visit, draft: Draft, *, watch: Watcher = nobody) -> tuple[Draft, Run, Overview]:
    """Plan the draft's run, unless its plan still holds."""
    run, seen = plan_once(
        visit.world,
        user=visit.user,
        reading=draft.reading,
        choices=draft.choices,
        answers=draft.answers,
        number=draft.run,
        summary=(Overview, overview),
        watch=watch,
    )
    return (draft if draft.run == run.number else change(visit, draft, run=run.number)), run, seen


def is_planned(visit: Visit, draft: Draft) -> bool:
    """Whether the draft's plan still holds."""
    return draft.run is not None and standing_plan(
        visit.world,
        user=visit.user,
        reading=draft.reading,
        choices=draft.choices,
        answers=draft.answers,
        number=draft.run,
    )


def overview(plan: Plan) -> Overview:
    """What the review shows of that plan."""
    return Overview(
        tally=tally(plan),
        leaving=tuple(leaving(plan.entries, RecordKind.CONTACT)),
        leaving_accounts=tuple(leaving(plan.entries, RecordKind.ACCOUNT)),
        too_long=tuple(TooLong(label=entry.label, too_long=dict(entry.too_long)) for entry in plan.entries if entry.too_long),
        writes=sum(map(plan.count, WRITES)),
        already=any(entry.reason == ALREADY for entry in plan.entries),
    )


def tally(plan: Plan) -> Tally:
    """The numbers on top of the review."""
    cards = [entry for entry in plan.entries if not (entry.record or "").startswith("account:")]
    by_action = Counter(entry.action for entry in cards)
    already = sum(1 for entry in cards if entry.action is Action.SKIP and entry.reason == ALREADY)
    return Tally(
        create=by_action[Action.CREATE],
        link=by_action[Action.LINK],
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
