"""Which rows of a long list are shown, for a search and a page?"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from carnet.core.normalise import fold

T = TypeVar("T")
PAGE = 50
FEW = 20
"""Rows of a list that is only a part of its page; the others are behind a link."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf(Generic[T]):
    """One page, from 1, of the `found` rows among `total` that the search `query` wants."""

    rows: tuple[T, ...]
    query: str
    found: int
    total: int
    page: int
    pages: int


def turn(every: Sequence[T], said: Callable[[T], str], *, query: str = "", page: int = 1, size: int = PAGE) -> Leaf[T]:
    """The page of the rows whose words (`said`) hold the search, case and accents aside; a page out of bounds is the nearest."""
    query = query.strip()
    wanted = [each for each in every if fold(query) in fold(said(each))] if query else every
    pages = max(1, math.ceil(len(wanted) / size))
    page = min(max(1, page), pages)
    shown = tuple(wanted[(page - 1) * size : page * size])
    return Leaf(rows=shown, query=query, found=len(wanted), total=len(every), page=page, pages=pages)
