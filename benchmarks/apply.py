"""What does writing a plan cost, against inserting the same rows bare?"""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from benchmarks.answer import Answer
from benchmarks.cards import cards
from benchmarks.machine import seconds
from benchmarks.world import ME, open_world
from carnet.flows.apply import resume
from carnet.flows.plan import plan
from carnet.flows.read import read
from carnet.mailboxes.memory import MemoryMailbox
from carnet.model.choices import Choices, MissingAccounts
from carnet.model.run import RunState
from carnet.ports.world import World

CONTACTS = 10_000
TURNS = 3
TABLES = ("journal", "journal_value", "link", "link_key", "account", "contact", "matchcode", "seen_record")
"""What a run writes: journal and undo data, links and their keys, the CRM's rows with their search columns, match codes, and
what is remembered of the mailbox for the next run."""


def measure() -> Iterator[Answer]:
    """10,000 new contacts into the embedded CRM, the second look left out, against the same rows by `executemany`."""
    with tempfile.TemporaryDirectory() as folder:
        files = [(Path(folder) / f"ours{turn}.sqlite", Path(folder) / f"bare{turn}.sqlite") for turn in range(TURNS)]
        times = [(_apply(ours), _insert(ours, bare)) for ours, bare in files]
    ours, reference = (min(each) for each in zip(*times, strict=True))
    note = f"{CONTACTS} contacts, the best of {TURNS} turns each"
    yield Answer(question="apply_vs_executemany", ours=ours, reference=reference, target=4, unit="s", note=note)


def _apply(file: Path) -> float:
    """Seconds that working off the approved plan took."""
    with open_world(file) as world:
        number = _approve(world)
        taken, ended = seconds(lambda: resume(world, user=ME.id, number=number))
        assert ended.state is RunState.DONE
    return taken


def _approve(world: World) -> int:
    """Plan a run as if it had been stopped right after the look: its number."""
    reading = read(world, MemoryMailbox(cards(CONTACTS)), user=ME.id, source="memory", digest="")
    planned = plan(world, user=ME.id, reading=reading.id, choices=Choices(missing_accounts=MissingAccounts.CREATE))
    world.store.runs.save(replace(planned.run, approved=planned.run.fingerprint, state=RunState.STOPPED))
    return planned.run.number


def _insert(source: Path, target: Path) -> float:
    """Seconds that the bare rows take, one `executemany` a table, in one transaction of an empty database of the same schema."""
    with open_world(target):
        pass
    with closing(sqlite3.connect(source)) as done:
        rows = {table: done.execute(f"SELECT * FROM {table}").fetchall() for table in TABLES}  # noqa: S608
        runs = done.execute("SELECT * FROM run").fetchall()
    with closing(sqlite3.connect(target, isolation_level=None)) as bare:
        bare.execute("PRAGMA foreign_keys = ON")
        _fill(bare, {"run": runs})
        taken, _ = seconds(lambda: _fill(bare, rows))
    return taken


def _fill(bare: sqlite3.Connection, rows: dict[str, list[tuple[object, ...]]]) -> None:
    bare.execute("BEGIN IMMEDIATE")
    for table, some in rows.items():
        marks = ",".join("?" * len(some[0]))
        bare.executemany(f"INSERT INTO {table} VALUES ({marks})", some)  # noqa: S608
    bare.execute("COMMIT")
