"""Until when is kept what a run wrote and replaced?"""

from __future__ import annotations

from calendar import monthrange
from datetime import date

from carnet.model.policy import Policy
from carnet.model.run import Run, RunState

_YEAR = 12


def kept_until(run: Run, policy: Policy) -> date | None:
    """The last day on which the run can be undone; None while it has not ended, or once it was forgotten."""
    at = run.finished_at or run.planned_at
    if at is None or run.erased_at is not None or run.state is RunState.APPLYING:
        return None
    return later(at.date(), policy.undo_months)


def later(day: date, months: int) -> date:
    """The same day so many months on; the last of its month where that is shorter."""
    years, month = divmod(day.month - 1 + months, _YEAR)
    year = min(day.year + years, date.max.year)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
