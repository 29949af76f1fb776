"""The commands killed with SIGKILL in the middle of every phase, on Microsoft 365 and Dynamics 365: taken again, they end right."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from carnet.bootstrap import build
from carnet.flows.connect import connect_crm, connect_mailbox
from carnet.model.connection import Service, SignInKind
from carnet.settings import Settings
from carnet.testing.emulators.dataverse import DataverseEmulator
from carnet.testing.emulators.dataverse_organisation import DataverseOrganisation
from carnet.testing.emulators.faults import Asked, Fault, Trouble
from carnet.testing.emulators.graph import GraphEmulator
from carnet.testing.emulators.graph_mailbox import GraphMailbox
from carnet.testing.emulators.server import Emulator, Exchange
from cli.terminal import MAIN, PATIENCE, Terminal, adds_up, environment
from gates.fixtures import watched_dataverse, watched_graph

ADDRESS = "camille@contoso.com"
PEOPLE = 30


@dataclass
class Two:
    """Outlook and the CRM, each on a server here, and the command that is running."""

    terminal: Terminal
    graph: GraphEmulator
    dataverse: DataverseEmulator | None
    running: subprocess.Popen[str] | None = None
    deadly: dict[str, int] = field(default_factory=dict)
    kills: int = 0
    counting: threading.Lock = field(default_factory=threading.Lock)

    def watch(self, name: str, emulator: Emulator, counts: Callable[[Asked], bool]) -> None:
        """Kill what is running when the server `name` has done what its n-th request asks, before it is answered."""

        def seen(exchange: Exchange) -> None:
            if self.running is None or not counts(exchange.asked):
                return
            with self.counting:
                left = self.deadly[name] = self.deadly.get(name, 0) - 1
            if left == 0:
                self.kills += 1
                os.kill(self.running.pid, signal.SIGKILL)
                self.running.wait(timeout=PATIENCE)

        emulator.watch(seen)

    def killed(self, *arguments: object, **deadly: int) -> None:
        """Run a command that dies at the n-th request to one of the servers."""
        before, self.deadly = self.kills, deadly
        self.running = subprocess.Popen(
            [sys.executable, "-c", MAIN, *map(str, arguments), "--json"],
            env=environment(self.terminal.home),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        said, _ = self.running.communicate(timeout=PATIENCE)
        code, self.running, self.deadly = self.running.returncode, None, {}
        assert (code, self.kills - before) == (-signal.SIGKILL, 1), said

    def emails(self) -> list[str]:
        """Of every contact in the CRM."""
        if self.dataverse is not None:
            rows = self.dataverse.organisation.rows["contact"].values()
            return sorted(str(row.values.get("emailaddress1") or "") for row in rows)
        return sorted(each["values"]["email1"] for each in self.terminal.json("crm", "contacts"))


def writes(asked: Asked) -> bool:
    """Whether a whole request to Dataverse changes something; a batch may only look."""
    batched = any(word in asked.body for word in (b"POST http", b"PATCH http", b"DELETE http", b"PUT http"))
    return asked.method != "GET" and not asked.part and (batched or not asked.path.endswith("/$batch"))


def outlook() -> GraphMailbox:
    mailbox = GraphMailbox("me", address=ADDRESS)
    places = [mailbox.default, mailbox.add_folder("Clients")]
    for number in range(PEOPLE):
        mailbox.add_contact(
            places[number % 2],
            givenName="Person",
            surname=f"N{number:02}",
            companyName="Contoso",
            emailAddresses=[{"name": "", "address": f"p{number:02}@contoso.example"}],
        )
    mailbox.add_contact(surname="Whisper", extended={"Integer 0x36": "2"})
    return mailbox


@pytest.fixture(params=["embedded", "dataverse"])
def two(terminal: Terminal, request: pytest.FixtureRequest) -> Iterator[Two]:
    terminal.json("init", "--name", "Camille Roche", "--address", ADDRESS)
    organisation = DataverseOrganisation()
    organisation.add_user(ADDRESS, name="Camille Roche", administrator=True)
    with (
        watched_graph(GraphEmulator(outlook(), largest_page=10)) as graph,
        watched_dataverse(DataverseEmulator(organisation)) as dataverse,
    ):
        app = build(Settings(home=terminal.home))
        me = app.world.crm.whoami().id
        mailbox = app.network.describe(Service.GRAPH, user=me, sign_in=SignInKind.NONE, server=graph.url)
        opened = app.open_connection(mailbox)
        connect_mailbox(app.world, mailbox, opened)
        opened.close()
        found = Two(terminal, graph, dataverse if request.param == "dataverse" else None)
        if found.dataverse is not None:
            described = app.network.describe(Service.DATAVERSE, user=me, sign_in=SignInKind.NONE, server=dataverse.root)
            crm = app.network.crm(described)
            connect_crm(app.world, described, crm)
            crm.close()
            found.watch("write", dataverse, writes)
            found.watch("crm", dataverse, lambda asked: not asked.part)
        app.close()
        found.watch("outlook", graph, lambda asked: not asked.part)
        yield found


def trouble(two: Two) -> None:
    """What is asked next meets with a wait, a broken line and a row too many."""
    wait = Fault(trouble=Trouble.STATUS, status=429, headers={"Retry-After": "1"})
    two.graph.faults.add(wait, Fault(trouble=Trouble.HANG_UP_AFTER), Fault(trouble=Trouble.DUPLICATE_ROWS))
    if two.dataverse is not None:
        two.dataverse.faults.add(Fault(trouble=Trouble.STATUS, status=429, headers={"Retry-After": "1"}))


def fingerprint(plan: dict[str, Any]) -> tuple[object, ...]:
    return plan["run"], "--fingerprint", plan["fingerprint"]


def applied(two: Two, plan: dict[str, Any]) -> dict[str, Any]:
    """A plan worked off to its end; its summary must be true."""
    before = len(two.emails())
    done = two.terminal.json("apply", *fingerprint(plan))
    if "read" in done["counts"]:
        assert adds_up(done["counts"]), done
    assert done["counts"].get("waiting", 0) == done["counts"]["failed"] == done["counts"]["held"] == 0
    assert done["state"] == "done"
    assert len(two.emails()) >= before
    return dict(done["counts"])


def test_the_wizard_killed_in_every_phase_and_its_undo_killed_too(two: Two) -> None:
    terminal = two.terminal
    for number in (1, 4, 7):
        two.killed("plan", ADDRESS, outlook=number)
    trouble(two)
    if two.dataverse is not None:
        two.killed("plan", ADDRESS, crm=3)
    plan = terminal.json("plan", ADDRESS)
    assert plan["counts"]["create"] == PEOPLE
    two.killed("apply", *fingerprint(plan), outlook=1)
    assert two.emails() == []
    if two.dataverse is not None:
        two.killed("apply", *fingerprint(plan), write=1)
        assert len(two.emails()) > 0
    counts = applied(two, plan)
    assert counts["added"] == PEOPLE
    assert two.emails() == [f"p{number:02}@contoso.example" for number in range(PEOPLE)]
    again = terminal.json("plan", ADDRESS)
    assert (again["counts"]["create"], again["counts"]["skip"]) == (0, PEOPLE)

    if two.dataverse is not None:
        two.killed("undo", plan["run"], write=1)
        assert len(two.emails()) < PEOPLE
    trouble(two)
    last = next(each for each in terminal.json("runs") if each["kind"] == "undo") if two.dataverse is not None else None
    if last is not None:
        terminal.json("apply", last["run"], "--fingerprint", last["fingerprint"])
    else:
        terminal.json("undo", plan["run"])
    assert two.emails() == []


def test_track_set_parent_and_untrack_killed_in_every_phase(two: Two) -> None:
    terminal = two.terminal
    listed = {each["name"]: each["contact"] for each in terminal.json("contacts", ADDRESS)}
    few = list(itertools.chain.from_iterable(("--contact", contact) for contact in list(listed.values())[:3]))

    trouble(two)
    two.killed("track", ADDRESS, *few, outlook=1)
    track = terminal.json("track", ADDRESS, *few)
    two.killed("apply", *fingerprint(track), **({"outlook": 1} if two.dataverse is None else {"write": 1}))
    assert applied(two, track)["added"] == 3

    two.killed("set-parent", ADDRESS, *few, "--new-account", "Northwind", outlook=1)
    parent = terminal.json("set-parent", ADDRESS, *few, "--new-account", "Northwind")
    two.killed("apply", *fingerprint(parent), **({"outlook": 1} if two.dataverse is None else {"write": 1}))
    terminal.json("apply", *fingerprint(parent))
    tracked = terminal.json("contacts", ADDRESS, "--tracked")
    assert {each["parent"]["name"] for each in tracked} == {"Northwind"}
    assert terminal.accounts() == ["Northwind"]

    two.killed("untrack", ADDRESS, *few, "--delete", outlook=1)
    untrack = terminal.json("untrack", ADDRESS, *few, "--delete")
    if two.dataverse is not None:
        two.killed("apply", *fingerprint(untrack), write=1)
    terminal.json("apply", *fingerprint(untrack))
    assert two.emails() == []
    assert terminal.json("contacts", ADDRESS, "--tracked") == []
    assert Counter(each["state"] for each in terminal.json("contacts", ADDRESS)) == {"not_tracked": PEOPLE}
