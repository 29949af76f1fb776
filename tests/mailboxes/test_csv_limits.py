from __future__ import annotations

import time
from pathlib import Path

import pytest

from carnet.errors import UnsupportedFile
from carnet.mailboxes.outlook_csv import CsvMailbox, open_mailbox
from carnet.ports.mailbox import OpenOptions

_SOON = 15
"""Seconds of computing; read the long way round, these files take minutes."""


def opened(folder: Path, text: str) -> CsvMailbox:
    path = folder / "contacts.csv"
    path.write_text(text, encoding="utf-8", newline="")
    return open_mailbox(path, OpenOptions())


def test_a_table_of_too_many_columns_is_refused_before_it_costs_time(tmp_path: Path) -> None:
    with pytest.raises(UnsupportedFile) as raised:
        opened(tmp_path, "Titre;Prénom;Nom;Société;" * 8000 + "\r\nA;B\r\n")
    assert "1000" in str(raised.value)


@pytest.mark.parametrize(
    "cell",
    [", ".join(f"a{n}@b.fr" for n in range(30_000)), "<" + "a@" * 200_000, f"a@b.fr{' ' * 300_000}c", "a@b.fr ::: " * 50_000],
    ids=["addresses", "signs", "blanks", "separators"],
)
def test_a_cell_of_any_length_is_read_in_no_time(tmp_path: Path, cell: str) -> None:
    started = time.process_time()
    assert sum(len(page.records) for page in opened(tmp_path, f'Name,Email\nA,"{cell}"\n').read("all")) == 1
    assert time.process_time() - started < _SOON


def test_a_file_of_quotation_marks_that_never_close_is_not_read_over_and_over(tmp_path: Path) -> None:
    started = time.process_time()
    found = list(opened(tmp_path, "Name,Private\n" + 'x","y\n' * 10_000).read("all"))
    assert sum(len(each.skipped) for each in found) == 10_000
    assert time.process_time() - started < _SOON
