"""How many values may one statement name?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TypeVar

from carnet.database.engine import CHUNK

T = TypeVar("T")


def chunks(values: Iterable[T]) -> Iterator[Sequence[T]]:
    """The values in lists of at most `CHUNK`; none for no value."""
    rest = iter(values)
    while some := list(islice(rest, CHUNK)):
        yield some
