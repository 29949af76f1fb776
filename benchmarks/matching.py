"""How fast, frugal and right is it to find 10,000 contacts among 1,000,000, against Splink on DuckDB?"""

from __future__ import annotations

import csv
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from benchmarks._people_data import CONTACTS, KNOWN, people
from benchmarks.answer import Answer
from benchmarks.machine import alone, seconds


def measure(known: int = KNOWN, contacts: int = CONTACTS) -> Iterator[Answer]:
    """Time and memory of matching with the index built against Splink's training and prediction, each in its own process."""
    folder = alone(people, known, contacts)  # or what is started here would begin with the peak of making them
    with tempfile.TemporaryDirectory() as place:
        file = Path(place) / "index.sqlite"
        built, _ = seconds(lambda: _run("_matched_by_carnet", "build", folder, file))
        size = file.stat().st_size >> 20
        ours = json.loads(_run("_matched_by_carnet", "match", folder, file))
    theirs = json.loads(_run("_matched_by_splink", folder))
    recall, precision = _judged(folder, ours["found"])
    note = "Splink: recall {:.3f}, precision {:.3f}".format(*_judged(folder, theirs["found"]))
    index = f"{contacts} against {known}; index built in {built:.0f} s, {size} MB"
    cost: dict[str, Any] = {"ours": ours["seconds"], "reference": theirs["seconds"], "target": 1, "unit": "s"}
    yield Answer(question="match_vs_splink", note=index, **cost)
    space: dict[str, Any] = {"ours": ours["bytes"] / 2**20, "reference": theirs["bytes"] / 2**20, "target": 0.25, "unit": "MB"}
    yield Answer(question="match_memory_vs_splink", **space)
    yield Answer(question="match_recall", ours=recall, target=0.95, most=False, note=note)
    yield Answer(question="match_precision", ours=precision, target=0.98, most=False)


def _run(module: str, *arguments: str | Path) -> str:
    command = [sys.executable, "-m", f"benchmarks.{module}", *map(str, arguments)]
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout


def _judged(folder: Path, found: Mapping[str, str]) -> tuple[float, float]:
    """Recall over the contacts that the CRM has, and precision over all that were found."""
    with (folder / "cards.csv").open(encoding="utf-8") as lines:
        truth = {row["id"]: row["truth"] for row in csv.DictReader(lines)}
    right = sum(found.get(card) == known for card, known in truth.items())
    return right / sum(known != "-1" for known in truth.values()), right / max(1, len(found))
