"""Do two thousand damaged files give only clear errors, within limits? `make soak` damages thirty thousand."""

from __future__ import annotations

import pytest

from corrupting import BATCH, outcomes, summary
from shared_data import shared

pytestmark = pytest.mark.real
COUNT = 500


@pytest.mark.parametrize("seed", range(4))
def test_a_damaged_file_is_read_or_refused_in_words(seed: int) -> None:
    for kind in ("pst", "vcard", "csv"):
        shared("data", kind)
    found = list(outcomes(shared("data"), COUNT, seed=seed))
    assert len(found) == COUNT
    assert COUNT % BATCH == 0
    assert [f"{one.name}: {one.wrong}" for one in found if one.wrong] == [], summary(found)
    assert {"read"} < {one.ending for one in found}, "nothing was damaged enough to be refused"
