"""Does reading go on when the child process dies, hangs or asks for too much? The faults are real ones."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from carnet.errors import DamagedFile, Unavailable
from carnet.mailboxes.pst import child
from carnet.mailboxes.pst.client import PROGRAM, Limits
from carnet.mailboxes.pst.mailbox import PstMailbox
from carnet.model.reading import Page
from carnet.ports.mailbox import OpenOptions
from carnet.testing.pst_writer import Card, PstWriter

FAULTS = {
    "killed": "os.kill(os.getpid(), signal.SIGKILL)",
    "hung": "time.sleep(3600)",
    "burning": "limit_cpu(0)\n        while True: pass",
    "broken line": "sys.stdout.write('no JSON\\n')",
}
SCRIPT = """
import os, signal, sys, time
from carnet.mailboxes.pst import child
from carnet.mailboxes.pst.child import limit_cpu
from carnet.mailboxes.pst.items import Store

whole = Store.item

def item(self, folder, index, *, read):
    if index in {places} and read:
        {fault}
    return whole(self, folder, index, read=read)

Store.item = item
sys.exit(child.main())
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    with PstWriter(tmp_path / "people.pst") as writer:
        folder = writer.folder("Contacts")
        for number in range(20):
            writer.contact(folder, Card(values={"full_name": f"Person {number}"}))
    return tmp_path / "people.pst"


def faulty(tmp_path: Path, fault: str, places: str) -> tuple[str, ...]:
    script = tmp_path / "faulty.py"
    script.write_text(SCRIPT.format(fault=fault, places=places), encoding="utf-8")
    return (sys.executable, str(script))


def read(path: Path, program: tuple[str, ...], limits: Limits) -> list[Page]:
    mailbox = PstMailbox(path, OpenOptions(), limits=limits, program=program)
    try:
        return [page for folder in mailbox.folders() for page in mailbox.read(folder.id)]
    finally:
        mailbox.close()


@pytest.mark.parametrize("fault", FAULTS)
def test_a_child_that_fails_on_an_item_loses_that_item_alone(path: Path, tmp_path: Path, fault: str) -> None:
    if fault == "burning":
        pytest.importorskip("resource", reason="only the clock limits a child here")
    (page,) = read(path, faulty(tmp_path, FAULTS[fault], "{7, 12}"), Limits(step=3, opening=6))
    names = [record.contact.get("full_name") for record in page.records]
    assert names == [f"Person {number}" for number in range(20) if number not in {7, 12}]
    assert [(skip.place, skip.code) for skip in page.skipped] == [("position 8", "CA301"), ("position 13", "CA301")]


def test_a_file_over_which_every_child_dies_is_given_up(path: Path, tmp_path: Path) -> None:
    with pytest.raises(DamagedFile) as refusal:
        read(path, faulty(tmp_path, FAULTS["killed"], "range(100)"), Limits(losses=3))
    assert "scanpst" in refusal.value.hint


def test_a_child_that_never_starts_is_not_the_file_s_fault(path: Path) -> None:
    with pytest.raises(Unavailable):
        PstMailbox(path, OpenOptions(), program=(sys.executable, "-c", "raise SystemExit(1)"))


def test_memory_is_limited_in_the_child() -> None:
    resource = pytest.importorskip("resource", reason="this system limits no memory")
    answer = subprocess.run(
        [sys.executable, "-c", "from carnet.mailboxes.pst.child import *; limit_memory(); bytearray(MEMORY)"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "MemoryError" in answer.stderr
    assert resource.getrlimit(resource.RLIMIT_AS)[0] != child.MEMORY


def test_the_child_runs_where_the_system_has_no_limits(path: Path) -> None:
    script = "import sys; sys.modules['resource'] = None; from carnet.mailboxes.pst import child; sys.exit(child.main())"
    (page,) = read(path, (sys.executable, "-c", script), Limits())
    assert len(page.records) == 20


def test_the_child_loads_its_parser_and_nothing_else_of_carnet() -> None:
    script = "import sys, json, carnet.mailboxes.pst.child; print(json.dumps([m for m in sys.modules if m.startswith('carnet')]))"
    answer = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    parser = {f"carnet.mailboxes.pst.{name}" for name in ("child", "items", "libpff", "properties", "bodies")}
    assert set(json.loads(answer.stdout)) == parser | {"carnet", "carnet.mailboxes", "carnet.mailboxes.pst"}


def test_a_child_whose_parent_is_gone_ends(path: Path) -> None:
    process = subprocess.run([*PROGRAM, str(path)], stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False)
    assert (process.returncode, process.stdout) == (0, b'[{"ready":true}]\n')


def test_nothing_of_a_private_contact_leaves_the_child(tmp_path: Path) -> None:
    with PstWriter(tmp_path / "private.pst") as writer:
        folder = writer.folder("Contacts")
        writer.contact(folder, Card(values={"full_name": "Secret Santa", "notes": "a surprise"}, sensitivity=2))
    requests = [
        {"do": "open", "wanted": ["3001", "1000", "0037"]},
        {"do": "items", "folder": folder, "start": 0, "count": 1, "read": True},
    ]
    answer = subprocess.run(
        [*PROGRAM, str(tmp_path / "private.pst")],
        input="".join(json.dumps(request) + "\n" for request in requests),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    item, _ = json.loads(answer.stdout.splitlines()[-1])
    assert item.keys() == {"i", "node", "kind", "reason", "search"}
    assert (item["kind"], item["reason"]) == ("private", "private")
    assert "Santa" not in answer.stdout


def test_two_folders_can_be_read_in_turns(tmp_path: Path) -> None:
    with PstWriter(tmp_path / "two.pst") as writer:
        for name in ("A", "B"):
            folder = writer.folder(name)
            for number in range(250):
                writer.contact(folder, Card(values={"full_name": f"{name}{number}"}))
    mailbox = PstMailbox(tmp_path / "two.pst", OpenOptions())
    first, second = (mailbox.read(folder.id) for folder in mailbox.folders())
    turns = [next(first), next(second), next(first), next(second)]
    mailbox.close()
    assert [len(page.records) for page in turns] == [200, 200, 50, 50]
    assert [page.records[0].contact.get("full_name") for page in turns] == ["A0", "B0", "A200", "B200"]
