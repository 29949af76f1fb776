"""What time is it?"""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the time, so that a test can say what it is."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        ...
