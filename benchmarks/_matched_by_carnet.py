"""Whom does Carnet match among many, how fast and with how much memory? `build` fills the index, `match` asks it."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from benchmarks.machine import peak_memory, seconds
from carnet.bootstrap import SystemClock
from carnet.core.blocking import candidate_of, contact_keys
from carnet.core.matching import match
from carnet.flows.observe import MATCHED_AT_ONCE
from carnet.model.account import CrmRecord, Parent, RecordKind
from carnet.model.contact import Contact, KeyStrength, Record, SourceKey
from carnet.model.match import Confidence
from carnet.store import SqlStore, open_store

REGION = "FR"
CRM = "bench"
PAGE = 50_000


def build(folder: Path, file: Path) -> None:
    """Fill the candidate index of a new store with the CRM's people."""
    store = open_store(file, clock=SystemClock())
    with (folder / "crm.csv").open(encoding="utf-8") as lines:
        rows = csv.DictReader(lines)
        while page := list(islice(rows, PAGE)):
            store.candidates.update(CRM, [candidate_of(_known(row), REGION) for row in page], gone=[], cursor=page[-1]["id"])
    store.close()


def find(folder: Path, file: Path) -> None:
    """Match every card as a reading is matched, and print what was found certain or likely, the time and the memory."""
    store = open_store(file, clock=SystemClock())
    with (folder / "cards.csv").open(encoding="utf-8") as lines:
        cards = [_card(row) for row in csv.DictReader(lines)]
    taken, found = seconds(lambda: dict(_found(store, cards)))
    store.close()
    print(json.dumps({"seconds": taken, "bytes": peak_memory(), "found": found}))


def _found(store: SqlStore, cards: list[Record]) -> Iterator[tuple[str, str]]:
    for start in range(0, len(cards), MATCHED_AT_ONCE):
        batch = cards[start : start + MATCHED_AT_ONCE]
        keys = {card.id: contact_keys(card.contact, REGION) for card in batch}
        by_key = store.candidates.by_keys(CRM, sorted({key for each in keys.values() for key in each}))
        for card in batch:
            candidates = {each.id: each for key in keys[card.id] for each in by_key.get(key, ())}
            verdict = match(card, tuple(candidates.values()), link=None, region=REGION)
            if verdict.confidence in {Confidence.CERTAIN, Confidence.LIKELY}:
                yield card.id, verdict.suggestions[0].candidate.id


def _known(row: dict[str, str]) -> CrmRecord:
    values = {"given_name": row["first"], "surname": row["last"], "email1": row["email"]}
    parent = Parent(kind=RecordKind.ACCOUNT, id=row["company"], name=row["company"])
    full = f"{row['first']} {row['last']}"
    filled = {key: value for key, value in {**values, "full_name": full}.items() if value}
    return CrmRecord(kind=RecordKind.CONTACT, id=row["id"], values=filled, parent=parent, version="1")


def _card(row: dict[str, str]) -> Record:
    values = {"given_name": row["first"], "surname": row["last"], "company": row["company"], "email1": row["email"]}
    key = SourceKey(strength=KeyStrength.IMMUTABLE, key=row["id"])
    contact = Contact(values={key: value for key, value in values.items() if value})
    return Record(id=row["id"], folder="contacts", place=row["id"], keys=(key,), version="1", contact=contact)


if __name__ == "__main__":
    {"build": build, "match": find}[sys.argv[1]](Path(sys.argv[2]), Path(sys.argv[3]))
