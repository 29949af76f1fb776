"""What does reading an Outlook data file cost, against libpff handing over the same entries?"""

from __future__ import annotations

import resource
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from benchmarks.answer import Answer
from benchmarks.cards import cards
from benchmarks.machine import alone, peak_memory, seconds
from carnet.mailboxes.pst import open_mailbox
from carnet.mailboxes.pst.libpff import open_file
from carnet.model.field import FIELDS, Shape
from carnet.ports.mailbox import OpenOptions
from carnet.testing.pst_writer import Card, PstWriter

CONTACTS, LARGE, LONG_FOLDER = 10_000, 50_000, 100_000
TURNS = 7
"""Each is a pair, one right after the other: two processes at work feel whatever else the machine does more than one does, so the
best of all would be that of a quiet moment for one and of a busy one for the other."""
_MEBIBYTE = 1 << 20


def measure() -> Iterator[Answer]:
    """10,000 contacts with every field; the most memory for 50,000; the time `open` takes for 100,000 items in one folder."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "full.pst"
        alone(_write, path, CONTACTS, 2000)
        times = [(alone(_read, path)[0], alone(_hand_over, path)[0]) for _ in range(TURNS)]
        ours, reference = sorted(times, key=lambda pair: pair[0] / pair[1])[TURNS // 2]
        yield Answer(
            question="read_pst",
            ours=ours,
            reference=reference,
            target=3,
            unit="s",
            note=f"{CONTACTS} contacts, the middle one of {TURNS} pairs",
        )

        path = Path(folder) / "large.pst"
        alone(_write, path, LARGE, 5000)
        taken, peak = alone(_read, path)
        note = f"{LARGE} contacts in {taken:.0f} s, parent and child together"
        yield Answer(question="read_pst_peak", ours=peak / _MEBIBYTE, target=200, unit="MB", note=note)

        path = Path(folder) / "long.pst"
        alone(_write, path, LONG_FOLDER, LONG_FOLDER)
        taken, _ = alone(_open, path)
        yield Answer(question="open_pst_100k", ours=taken, unit="s", note=f"{LONG_FOLDER} items in one folder")


def _write(path: Path, count: int, per_folder: int) -> None:
    """People in folders of that many, with every field of the table; a single long folder has the usual fields only."""
    with PstWriter(path) as writer:
        folder = 0
        for number, record in enumerate(cards(count)):
            if number % per_folder == 0:
                folder = writer.folder(f"Contacts {number // per_folder}")
            values = record.contact.values
            full = values if per_folder == count else _filled(values, number)
            writer.contact(folder, Card(values=full, categories=record.contact.categories))


def _filled(values: Mapping[str, str], number: int) -> dict[str, str]:
    """The values with every other field of the table beside them."""
    filler = {
        Shape.DATE: "1980-02-29",
        Shape.EMAIL: f"autre{number}@carnet.example",
    }
    rest = {field.key: filler.get(field.shape, f"{field.key} {number}") for field in FIELDS if field.key not in values}
    return {**rest, **values}


def _read(path: Path) -> tuple[float, int]:
    taken, _ = seconds(lambda: _every_page(path))
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
    return taken, peak_memory() + children


def _every_page(path: Path) -> int:
    mailbox = open_mailbox(path, OpenOptions())
    try:
        return sum(len(page.records) for folder in mailbox.folders() for page in mailbox.read(folder.id))
    finally:
        mailbox.close()


def _open(path: Path) -> tuple[float, int]:
    def work() -> None:
        mailbox = open_mailbox(path, OpenOptions())
        mailbox.folders()
        mailbox.close()

    taken, _ = seconds(work)
    return taken, peak_memory()


def _hand_over(path: Path) -> tuple[float, int]:
    """Every entry of every item of every folder: its type and its bytes."""
    taken, _ = seconds(lambda: _every_entry(path))
    return taken, peak_memory()


def _every_entry(path: Path) -> int:
    waiting, seen = [open_file(str(path)).root_folder], 0
    while waiting:
        folder = waiting.pop()
        assert folder is not None
        waiting += [folder.get_sub_folder(place) for place in range(folder.get_number_of_sub_folders())]
        for place in range(folder.get_number_of_sub_messages()):
            entries = folder.get_sub_message(place).get_record_set(0)
            for index in range(entries.number_of_entries):
                entry = entries.get_entry(index)
                seen += len(entry.data or b"") + (entry.entry_type or 0) + entry.value_type
    return seen
