"""Until when is kept what a run wrote and replaced?"""

from __future__ import annotations

from datetime import date, timedelta

from carnet.model.policy import Policy
from carnet.model.run import Run, RunState

_YEAR = 12


def kept_until(run: Run, policy: Policy) -> date | None:
    """The last day on which a run is kept with its values; None while it is at work, or once it was forgotten."""
    at = run.finished_at or run.planned_at
    if at is None or run.erased_at is not None or run.state is RunState.APPLYING:
        return None
    return later(at.date(), policy.undo_months)


def undoable_until(run: Run, policy: Policy) -> date | None:
    """The same for a run that has done something; None for one that was only planned."""
    return None if run.state is RunState.PLANNED else kept_until(run, policy)


def later(day: date, months: int) -> date:
    """The same day so many months on; the last of its month where that is shorter."""
    first, after = (_first_of(day.year * _YEAR + day.month - 1 + months + more) for more in (0, 1))
    return min(first + timedelta(days=day.day - 1), after - timedelta(days=1))


def _first_of(months: int) -> date:
    """The first day of the month that many months after the beginning of the calendar."""
    year, month = divmod(months, _YEAR)
    return date(year, month + 1, 1)
