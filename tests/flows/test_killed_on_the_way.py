"""Killed at any request between Outlook and Dynamics 365, does a run end right once it goes on?"""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count, cycle
from pathlib import Path

import pytest

from carnet.core.summarising import counts as add_up
from carnet.errors import CarnetError
from carnet.model.run import RunKind
from carnet.store import open_store
from carnet.testing.emulators.dataverse import DataverseEmulator
from carnet.testing.emulators.faults import Asked, Fault, Trouble
from carnet.testing.emulators.graph import GraphEmulator
from carnet.transport.client import Client
from crms.dataverse_world import nth
from flows import walking
from flows.pairs import KNOWN, NAMES, organisation, outlook
from flows.rehearsal import TickingClock
from gates.fixtures import quick_gate

PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["flows.walking"])
Way = Callable[[str, str, str], None]
EVERY = int(os.environ.get("CARNET_KILLED_EVERY", "8"))
"""Of the requests of a way, one in so many is where the process is killed, and the last one; with 1, all of them."""


@dataclass
class Road:
    """Outlook and Dynamics 365, a folder of Carnet's, and whoever is on the way between them."""

    graph: GraphEmulator
    dynamics: DataverseEmulator
    folder: Path

    def walk(self, way: Way, *, killed_at: int = 0, trouble: Trouble = Trouble.HANG_UP) -> int:
        """Go that way; -9 where the process was killed, before the request was acted on or after."""
        walker = PROCESSES.Process(target=way, args=(str(self.folder), self.graph.url, self.dynamics.url))
        seen = count(1)

        def deadly(asked: Asked) -> bool:
            struck = not asked.part and next(seen) == killed_at
            if struck and walker.pid:
                os.kill(walker.pid, signal.SIGKILL)
            return struck

        for service in (self.graph, self.dynamics):
            service.faults.add(Fault(trouble=trouble, when=deadly))
        walker.start()
        walker.join()
        for service in (self.graph, self.dynamics):
            service.faults = type(service.faults)()
        return walker.exitcode or 0

    @property
    def asked(self) -> int:
        return self.graph.requests + self.dynamics.requests

    def people(self) -> list[str]:
        rows = self.dynamics.organisation.rows["contact"].values()
        return sorted(str(row.values["fullname"]) for row in rows)

    def accounts(self) -> list[str]:
        return sorted(str(row.values["name"]) for row in self.dynamics.organisation.rows["account"].values())

    def summary(self) -> tuple[int, int, int, bool]:
        """Added, linked, neither, and whether it adds up, as the store has it."""
        store = open_store(self.folder / "carnet.db", clock=TickingClock())
        user = self.dynamics.organisation.first.id
        (run,) = [each for each in store.runs.all(user, offset=0, limit=50) if each.kind is RunKind.ADD]
        told = add_up(run, store.journal.counts(run.number), updated=0)
        store.close()
        return told.added, told.linked, told.held + told.failed + told.waiting, told.adds_up


@contextmanager
def road(folder: Path) -> Iterator[Road]:
    folder.mkdir()
    with GraphEmulator(outlook()) as graph, DataverseEmulator(organisation()) as dynamics:
        yield Road(graph, dynamics, folder)
    assert not [*graph.violations, *dynamics.violations]


def steps_of(way: Way, folder: Path) -> int:
    """How many requests the way takes when nobody is killed."""
    with road(folder) as calm:
        if way is walking.back:
            assert calm.walk(walking.there) == 0
        before = calm.asked
        assert calm.walk(way) == 0
        return calm.asked - before


STATUSES = [429, 503, 401, 500, 404, 409, 410, 412, 403, 504, 502]
WRONG: list[int | Trouble] = [*STATUSES, Trouble.HANG_UP, Trouble.HANG_UP_AFTER]


def refused(wrong: int | Trouble, when: Callable[[Asked], bool]) -> Fault:
    if isinstance(wrong, Trouble):
        return Fault(trouble=wrong, when=when)
    body = json.dumps({"error": {"code": "OnDemand", "message": "…"}}).encode()
    headers = {"Retry-After": "3"} if wrong in {429, 503} else {}
    return Fault(trouble=Trouble.STATUS, when=when, status=wrong, headers=headers, body=body)


def stumbling(road: Road, way: Way) -> None:
    """Go that way, and once more where something stopped it."""
    walked = (str(road.folder), road.graph.url, road.dynamics.url)
    try:
        way(*walked)
    except CarnetError:
        way(*walked)


def test_whatever_goes_wrong_at_any_request_the_way_ends_right(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    total = steps_of(walking.there, tmp_path / "calm")
    monkeypatch.setattr(walking, "client", lambda url: Client(url, token=lambda: "me", gate=quick_gate(), sleep=lambda _: None))
    for number, wrong in zip(range(1, total + 1, max(1, EVERY // 4)), cycle(WRONG), strict=False):
        with road(tmp_path / str(number)) as found:
            before = (found.people(), found.accounts())
            fault = refused(wrong, nth(number))
            for service in (found.graph, found.dynamics):
                service.faults.add(fault)
            stumbling(found, walking.there)
            assert found.people() == sorted([*NAMES, KNOWN]), (number, wrong)
            assert found.summary() == (len(NAMES), 1, 0, True), (number, wrong)
            for service in (found.graph, found.dynamics):
                service.faults = type(service.faults)()
            stumbling(found, walking.back)
            assert (found.people(), found.accounts()) == before, (number, wrong)


@pytest.mark.parametrize("trouble", [Trouble.HANG_UP, Trouble.HANG_UP_AFTER], ids=["before", "after"])
@pytest.mark.parametrize("way", [walking.there, walking.back], ids=lambda way: str(way.__name__))
def test_killed_at_any_request_the_way_ends_right(way: Way, trouble: Trouble, tmp_path: Path) -> None:
    total = steps_of(way, tmp_path / "calm")
    assert total >= 10
    for number in sorted({*range(1 + (trouble is Trouble.HANG_UP) * EVERY // 2, total + 1, EVERY), total}):
        with road(tmp_path / str(number)) as found:
            before = (found.people(), found.accounts())
            if way is walking.back:
                assert found.walk(walking.there) == 0
            assert found.walk(way, killed_at=number, trouble=trouble) == -signal.SIGKILL
            assert found.walk(way) == 0, f"killed at request {number}"
            if way is walking.there:
                assert found.people() == sorted([*NAMES, KNOWN]), f"killed at request {number}"
                assert found.accounts() == ["Contoso", "Fabrikam"]
                assert found.summary() == (len(NAMES), 1, 0, True)
                assert found.walk(walking.back) == 0
            assert (found.people(), found.accounts()) == before, f"killed at request {number}, then undone"
