"""Has so much moved that a plan must not run?"""

from __future__ import annotations

import pytest

from carnet.core.safety import check
from carnet.errors import UnsafePlan


@pytest.mark.parametrize(("moved", "total"), [(0, 0), (9, 9), (9, 10), (10, 20), (50, 100), (1, 10_000)])
def test_a_few_rows_or_no_more_than_half_may_move(moved: int, total: int) -> None:
    check(moved, total)


@pytest.mark.parametrize(("moved", "total"), [(10, 10), (10, 19), (51, 100), (10_000, 10_000)])
def test_more_than_half_and_at_least_ten_rows_may_not(moved: int, total: int) -> None:
    with pytest.raises(UnsafePlan) as refused:
        check(moved, total)
    assert str(moved) in str(refused.value)
    assert str(total) in str(refused.value)
    assert "50" in str(refused.value)
    assert refused.value.hint


def test_the_limits_can_be_set() -> None:
    check(3, 10, floor=4, share=0.1)
    with pytest.raises(UnsafePlan):
        check(3, 10, floor=3, share=0.1)
