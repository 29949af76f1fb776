"""How right is matching on people that others have labelled, and is what is joined without asking the same person?"""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations
from pathlib import Path

from benchmarks.answer import Answer
from benchmarks.names import certain_companies
from carnet.core.blocking import candidate_of, contact_keys
from carnet.core.matching import match
from carnet.core.spelling import Likeness, likeness, spelling
from carnet.model.account import CrmRecord, RecordKind
from carnet.model.contact import Contact, KeyStrength, Record, SourceKey
from carnet.model.match import Confidence

SHARED = Path(os.environ.get("CARNET_SHARED", Path(__file__).parents[2] / "shared")) / "data"
SURE = {Confidence.CERTAIN, Confidence.LIKELY}
_LIKE = {Likeness.SAME, Likeness.NICKNAME, Likeness.SIMILAR}
_Pair = tuple[int, int]
_People = tuple[list[dict[str, str]], list[str]]
_Found = tuple[set[_Pair], set[_Pair], set[_Pair]]


def measure() -> Iterator[Answer]:
    """F1 of what is certain or likely on each set; and the precision of what would be joined silently, over all people."""
    yield Answer(question="names_f1_persons", ours=_names(), note="the matcher of the pairs' authors: 0.746")
    sets = {"people_splink_fake": _splink_fake(), "people_febrl1": _febrl()}
    silent: set[tuple[str, _Pair]] = set()
    right = 0
    for question, (values, clusters) in sets.items():
        sure, certain, truth = _matched(values, clusters)
        silent |= {(question, pair) for pair in certain}
        right += len(certain & truth)
        yield Answer(question=question, ours=_f1(sure, truth), note=f"{len(truth)} pairs, {len(certain)} joined without asking")
    companies = [same for joined, same in certain_companies() if joined]
    yield Answer(
        question="precision_without_asking",
        ours=(right + sum(companies)) / max(1, len(silent) + len(companies)),
        target=0.99,
        most=False,
        note=f"{len(silent)} pairs of people, {len(companies)} of companies",
    )


def _names() -> float:
    found, truth = set(), set()
    for place, row in enumerate(_rows("names/name-pairs.csv")):
        if row["schema"] == "Person":
            left, right = (spelling({"full_name": row[key]}) for key in ("name1", "name2"))
            if left.forms and right.forms and likeness(left, right) in _LIKE:
                found.add((place, place))
            if row["is_match"].lower() == "true":
                truth.add((place, place))
    return _f1(found, truth)


def _splink_fake() -> _People:
    rows = _rows("people_er/splink_fake_1000_from_splink_demos.csv")
    names = {"first_name": "given_name", "surname": "surname", "dob": "birthday", "email": "email1", "city": "home_city"}
    return [{ours: row[theirs] for theirs, ours in names.items()} for row in rows], [row["cluster"] for row in rows]


def _febrl() -> _People:
    values: list[dict[str, str]] = []
    clusters: list[str] = []
    for row in _rows("people_er/febrl_dataset1.csv"):
        born = row["date_of_birth"]
        birthday = f"{born[:4]}-{born[4:6]}-{born[6:]}" if born else ""
        values.append({"given_name": row["given_name"], "surname": row["surname"], "birthday": birthday})
        clusters.append(row["rec_id"].split("-")[1])
    return values, clusters


def _matched(values: list[dict[str, str]], clusters: list[str]) -> _Found:
    """The pairs found certain or likely, those certain by themselves, and those that are true: each row against all others."""
    filled = [{key: text for key, text in row.items() if text} for row in values]
    index: dict[str, list[int]] = {}
    candidates = []
    for place, row in enumerate(filled):
        candidate, keys = candidate_of(CrmRecord(kind=RecordKind.CONTACT, id=str(place), values=row, version="1"), "GB")
        candidates.append(candidate)
        for key in keys:
            index.setdefault(key, []).append(place)
    sure, certain = set(), set()
    for place, row in enumerate(filled):
        card = _record(place, row)
        near = {other for key in contact_keys(card.contact, "GB") for other in index.get(key, ()) if other != place}
        for other in near:
            verdict = match(card, [candidates[other]], link=None, region="GB").confidence
            pair = min(place, other), max(place, other)
            sure |= {pair} if verdict in SURE else set()
            certain |= {pair} if verdict is Confidence.CERTAIN else set()
    return sure, certain, {pair for pair in combinations(range(len(values)), 2) if clusters[pair[0]] == clusters[pair[1]]}


def _record(place: int, values: Mapping[str, str]) -> Record:
    key = SourceKey(strength=KeyStrength.IMMUTABLE, key=str(place))
    return Record(id=str(place), folder="contacts", place=str(place), keys=(key,), version="1", contact=Contact(values=values))


def _f1(found: set[_Pair], truth: set[_Pair]) -> float:
    return 2 * len(found & truth) / max(1, len(found) + len(truth))


def _rows(name: str) -> Iterable[dict[str, str]]:
    with (SHARED / name).open(encoding="utf-8-sig", newline="") as lines:
        return [{key.strip(): (text or "").strip() for key, text in row.items()} for row in csv.DictReader(lines)]
