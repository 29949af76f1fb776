"""How well are two names of one organisation told from two names of two?

Labelled pairs of `../shared/data` (`names/name-pairs.csv`, `company/eason_test_data.csv`). The threshold is chosen on one half
and scored on the other; the labels are for screening, so they set the bar for "likely" only.
"""

from __future__ import annotations

import csv
import hashlib
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from benchmarks.answer import Answer
from carnet.core.joining import Joining
from carnet.core.likeness import likeness
from carnet.core.normalise import company_key
from carnet.model.match import Confidence

SHARED = Path(os.environ.get("CARNET_SHARED") or Path(__file__).parents[2] / "shared")
ORGANISATIONS = frozenset({"Company", "Organization", "LegalEntity"})
AUTHORS = 0.869
"""F1 of the matcher that the pairs come with, on these rows."""

Pair = tuple[str, str, bool]


def measure() -> Iterator[Answer]:
    """F1 on the half not used to choose the threshold, and on the other set as it is."""
    chosen, scored = halves(organisations())
    threshold = best_threshold(chosen)
    found = f1(scored, threshold)
    note = f"threshold {threshold:.2f}, {len(scored)} pairs; their authors' matcher: {AUTHORS}"
    yield Answer(question="names_f1_organisations", ours=found, target=0.9, most=False, note=note)
    pairs = eason()
    yield Answer(question="companies_eason", ours=f1(pairs, threshold), note=f"F1 on {len(pairs)} pairs at the same threshold")


def organisations() -> list[Pair]:
    """The labelled pairs of companies and other organisations."""
    with (SHARED / "data" / "names" / "name-pairs.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["schema"] in ORGANISATIONS]
    return [(row["name1"], row["name2"], row["is_match"] == "true") for row in rows]


def eason() -> list[Pair]:
    """Pairs of company names with typing errors and abbreviations."""
    with (SHARED / "data" / "company" / "eason_test_data.csv").open(encoding="utf-8-sig", newline="") as file:
        return [(row["Name_x"], row["Name_y"], row["Targets"].strip() == "1") for row in csv.DictReader(file)]


def halves(pairs: Iterable[Pair]) -> tuple[list[Pair], list[Pair]]:
    """The pairs in two halves, by a digest of what they say: the same every time, and by nobody's choice."""
    sides: tuple[list[Pair], list[Pair]] = ([], [])
    for pair in pairs:
        digest = hashlib.sha256("\x1f".join(sorted(pair[:2])).encode()).digest()
        sides[digest[0] % 2].append(pair)
    return sides


def best_threshold(pairs: Sequence[Pair]) -> float:
    """The likeness that gives the best F1 on these pairs; in the middle where several do."""
    steps = [step / 100 for step in range(50, 101)]
    scores = [f1(pairs, step) for step in steps]
    best = [step for step, score in zip(steps, scores, strict=True) if score == max(scores)]
    return best[len(best) // 2]


def f1(pairs: Sequence[Pair], threshold: float) -> float:
    """The harmonic mean of precision and recall."""
    verdicts = [(likeness(one, other) >= threshold, same) for one, other, same in pairs]
    right = sum(1 for said, same in verdicts if said and same)
    return 2 * right / max(1, sum(1 for said, _ in verdicts if said) + sum(1 for _, same in verdicts if same))


def certain_companies() -> list[tuple[bool, bool]]:
    """For each labelled pair: whether the product proposes the two as certainly one, and whether they are."""
    return [(_certain(one, other), same) for one, other, same in (*organisations(), *eason())]


def _certain(one: str, other: str) -> bool:
    titles = {company_key(name): name for name in (one, other)}
    if len(titles) == 1:
        return True
    companies = Joining(titles, accounts=(), domains={}, colleagues={}, rules=(), sites={}).companies()
    return any(company.confidence is Confidence.CERTAIN for company in companies)
