"""What went wrong, and what can the person do about it?"""

from __future__ import annotations

from carnet.errors import CarnetError
from carnet.words.catalogue import Words


def message(words: Words, error: CarnetError) -> str:
    """What happened."""
    return words.t(error.message, **_values(error))


def hint(words: Words, error: CarnetError) -> str:
    """What to do next, "" where there is nothing to say."""
    return words.t(error.hint, **_values(error)) if error.hint else ""


def _values(error: CarnetError) -> dict[str, object]:
    """The number of a run names it, it counts nothing: it is written without separators."""
    return {key: str(value) if key in {"number", "run"} else value for key, value in error.values.items()}
