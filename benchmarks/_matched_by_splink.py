"""Whom does Splink match on DuckDB, trained and asked in one go?"""

from __future__ import annotations

import json
import re
import sys
import unicodedata
from importlib import import_module
from pathlib import Path
from typing import Any, TypeAlias

import duckdb
import splink.comparison_library as cl
from splink import Linker, SettingsCreator, block_on
from splink.backends.duckdb import DuckDBAPI

from benchmarks.machine import peak_memory, seconds

_RULES = (
    block_on("email"),
    block_on("ln", "substr(fn,1,1)"),
    block_on("fn", "substr(cn,1,4)"),
    block_on("substr(ln,1,3)", "substr(fn,1,1)", "substr(cn,1,3)"),
    block_on("substr(ln,-3)", "substr(fn,1,1)", "substr(cn,1,3)"),
)
pd: Any = import_module("pandas")
"""It has no types of its own."""
_Frame: TypeAlias = Any

_TYPE = re.compile(r"\b(sa|sarl|sas|inc|ltd|llc|gmbh|et|and|corp|co)\b")


def main(folder: Path) -> None:
    """Read and clean the tables, then train and predict; print the best of each card, the time and the memory."""
    cards, crm = _table(folder / "cards.csv", "o"), _table(folder / "crm.csv", "c")
    taken, found = seconds(lambda: _linked(cards, crm))
    print(json.dumps({"seconds": taken, "bytes": peak_memory(), "found": found}))


def _table(path: Path, side: str) -> _Frame:
    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    email = frame["email"].str.strip().str.lower()
    columns = {"fn": frame["first"].map(_norm), "ln": frame["last"].map(_norm), "cn": frame["company"].map(_core)}
    return pd.DataFrame({"unique_id": side + frame["id"], **columns, "email": email.where(email != "", None)})


def _linked(cards: _Frame, crm: _Frame) -> dict[str, str]:
    api = DuckDBAPI(duckdb.connect())
    tables = [api.register(cards, dataset_display_name="cards"), api.register(crm, dataset_display_name="crm")]
    settings = SettingsCreator(
        link_type="link_only",
        comparisons=[
            cl.ExactMatch("email"),
            cl.JaroWinklerAtThresholds("fn", [0.92, 0.8]),
            cl.JaroWinklerAtThresholds("ln", [0.92, 0.85]).configure(term_frequency_adjustments=True),
            cl.JaroWinklerAtThresholds("cn", [0.95, 0.85]).configure(term_frequency_adjustments=True),
        ],
        blocking_rules_to_generate_predictions=list(_RULES),
        retain_intermediate_calculation_columns=False,
    )
    linker = Linker(tables, settings, log_level=40)
    training = linker.training
    training.estimate_probability_two_random_records_match([block_on("fn", "ln", "cn")], recall=0.5)
    training.estimate_u_using_random_sampling(max_pairs=2e6)
    for rule in _RULES[1:3]:
        training.estimate_parameters_using_expectation_maximisation(rule)
    return _best(linker.inference.predict(threshold_match_probability=0.9).as_duckdbpyrelation().df())


def _best(pairs: _Frame) -> dict[str, str]:
    best: dict[str, tuple[float, str]] = {}
    for row in pairs.itertuples():
        ours, theirs = sorted((row.unique_id_l, row.unique_id_r), reverse=True)
        best[ours[1:]] = max(best.get(ours[1:], (0.0, "")), (row.match_weight, theirs[1:]))
    return {card: known for card, (_weight, known) in best.items()}


def _norm(text: str) -> str:
    plain = "".join(letter for letter in unicodedata.normalize("NFKD", text.lower()) if not unicodedata.combining(letter))
    return re.sub(r"[^a-z0-9]+", " ", plain).strip()


def _core(text: str) -> str:
    return re.sub(" +", " ", _TYPE.sub(" ", _norm(text))).strip()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
