"""What does Carnet need from a CRM that keeps activities?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from carnet.model.activity import Activity, ActivityReceipt


@runtime_checkable
class Activities(Protocol):
    """Promises.

    - Recording twice under one id makes one activity; the second receipt says `already`.
    - `record` answers each, in order; one that fails does not stop the others.
    - Everybody who took part is there before an activity is closed, and a closed one was open first.
    - One whose closing was never answered is closed by recording it again.
    """

    def record(self, activities: Sequence[Activity]) -> tuple[ActivityReceipt, ...]:
        """Record them, in order; one receipt each."""
        ...
