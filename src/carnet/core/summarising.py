"""What has come of a run, in numbers that add up?"""

from __future__ import annotations

from collections.abc import Mapping

from carnet.core.deciding import ALREADY
from carnet.core.persons import TWIN
from carnet.model.account import RecordKind
from carnet.model.plan import Action, State
from carnet.model.run import Counts, Run

_NEW_ACCOUNT = (Action.CREATE, RecordKind.ACCOUNT, State.DONE)
Tally = Mapping[tuple[Action, RecordKind, State, str], int]


def counts(run: Run, tally: Tally, *, updated: int) -> Counts:
    """The summary of a run from its journal: `tally` counts entries by action, kind, state and reason."""

    def count(*actions: Action, state: State = State.DONE, reasons: frozenset[str] = frozenset()) -> int:
        return sum(
            number
            for (action, kind, at, reason), number in tally.items()
            if _is_card(kind, action)
            and at is state
            and (not actions or action in actions)
            and (not reasons or reason in reasons)
        )

    skipped = count(Action.SKIP)
    already = count(Action.SKIP, reasons=frozenset({ALREADY}))
    return Counts(
        read=run.read,
        added=count(Action.CREATE),
        linked=count(Action.LINK),
        twins=count(Action.LINK, reasons=frozenset({TWIN})),
        updated=updated,
        already=already + count(Action.UPDATE),
        held=count(state=State.HELD),
        failed=count(state=State.FAILED),
        not_selected=skipped - already,
        left_out=run.held_back + run.lists + run.skipped,
        accounts_created=sum(number for (action, kind, at, _), number in tally.items() if (action, kind, at) == _NEW_ACCOUNT),
        waiting=count(state=State.PLANNED) + count(state=State.SENT),
    )


def undo_counts(tally: Tally) -> dict[str, int]:
    """What an undo did: contacts and accounts deleted, links and blanks taken back, put back, kept, held and failed."""

    def count(*actions: Action, state: State = State.DONE, kind: RecordKind | None = None) -> int:
        return sum(
            number
            for (action, of, at, _), number in tally.items()
            if at is state and (not actions or action in actions) and kind in {None, of}
        )

    return {
        "contacts_deleted": count(Action.DELETE, kind=RecordKind.CONTACT),
        "accounts_deleted": count(Action.DELETE, kind=RecordKind.ACCOUNT),
        "unlinked": count(Action.UNLINK),
        "restored": count(Action.UPDATE),
        "put_back": count(Action.CREATE, Action.LINK),
        "kept": count(Action.KEEP),
        "held": count(state=State.HELD),
        "failed": count(state=State.FAILED),
        "waiting": count(state=State.PLANNED) + count(state=State.SENT),
    }


def _is_card(kind: RecordKind, action: Action) -> bool:
    """Whether a card of the source stands behind the entry: company cards are linked, never created."""
    return kind is RecordKind.CONTACT or action not in {Action.CREATE, Action.DELETE}
