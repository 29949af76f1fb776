"""How long does something take, and how much memory has this process used at most?"""

from __future__ import annotations

import math
import multiprocessing
import resource
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")
_PER_UNIT = 1 if sys.platform == "darwin" else 1024


@contextmanager
def stopwatch() -> Iterator[Callable[[], float]]:
    """Seconds since the block began, as a function."""
    start = time.perf_counter()
    yield lambda: time.perf_counter() - start


def seconds(work: Callable[[], T]) -> tuple[float, T]:
    """How long it took, and what it returned."""
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result


def alone(work: Callable[..., T], *arguments: object) -> T:
    """What `work` answers in a process of its own, which has nothing in memory yet.

    Such a process begins with the peak of the one that started it, so where memory counts that one must stay small.
    """
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(work, arguments)


def peak_memory() -> int:
    """The most memory this process has had at once, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _PER_UNIT


def exponent(sizes: list[int], times: list[float]) -> float:
    """The growth of time with size: the slope of a straight line through both logarithms (least squares)."""
    xs, ys = [math.log(size) for size in sizes], [math.log(each) for each in times]
    mx, my = sum(xs) / len(xs), sum(ys) / len(ys)
    return sum((x - mx) * (y - my) for x, y in zip(xs, ys, strict=True)) / sum((x - mx) ** 2 for x in xs)
