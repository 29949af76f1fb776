"""Has so much moved that a plan must not run?"""

from __future__ import annotations

from carnet.errors import UnsafePlan


def check(moved: int, total: int, *, share: float = 0.5, floor: int = 10) -> None:
    """Raise UnsafePlan where at least `floor` entries, and more than that share of all, have moved since the plan."""
    if moved >= floor and moved > share * total:
        raise UnsafePlan(
            "{moved} of {total} rows have changed since the plan; the limit is {limit} %.",
            "Plan again.",
            moved=moved,
            total=total,
            limit=round(100 * share),
        )
