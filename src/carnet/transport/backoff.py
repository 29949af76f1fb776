"""How long to wait before trying again?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

FIRST = 1.0
LONGEST = 30.0


def retry_after(headers: Mapping[str, str], *, now: datetime | None = None) -> float | None:
    """The seconds that a Retry-After header asks for, as a number or as an HTTP date; None where it does not say."""
    said = headers.get("retry-after", "").strip()
    if not said:
        return None
    try:
        return max(0.0, float(said))
    except ValueError:
        pass
    try:
        at = parsedate_to_datetime(said)
    except ValueError:
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return max(0.0, (at - (now or datetime.now(UTC))).total_seconds())


def pause(attempt: int) -> float:
    """Seconds before the attempt after that one (from 1): doubling, at most half a minute."""
    return min(FIRST * float(1 << (attempt - 1)), LONGEST)
