"""Wizard, Track and undo in the browser, the server killed with SIGKILL in the middle of each: people go on, and it ends right."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

import httpx2
import pytest

from carnet.bootstrap import build
from carnet.flows.connect import connect_crm, connect_mailbox
from carnet.model.account import CrmUser
from carnet.model.connection import Service, SignInKind
from carnet.model.run import Run, RunState
from carnet.settings import Settings
from carnet.testing.emulators.dataverse import DataverseEmulator
from carnet.testing.emulators.dataverse_organisation import DataverseOrganisation
from carnet.testing.emulators.graph import GraphEmulator
from carnet.testing.emulators.server import Emulator, Exchange
from cli.terminal import Terminal
from cli.test_killed import ADDRESS, PEOPLE, outlook, writes
from gates.fixtures import watched_dataverse, watched_graph
from web.server import Server
from web.visitor import Visitor

ME = CrmUser(id="camille", name="Camille Roche", address=ADDRESS)


class Distant(Visitor):
    """Somebody before a server in a process of its own, which may die."""

    def __init__(self, server: Server, dataverse: DataverseEmulator | None) -> None:
        self.server = server
        self.dataverse = dataverse
        self.deadly: dict[str, int] = {}
        self.dead = threading.Event()
        self.counting = threading.Lock()
        self.client = httpx2.Client(base_url=server.base, headers={"accept-language": "fr"}, follow_redirects=True, timeout=120)

    def enter(self) -> Self:
        address = urlsplit(self.server.address)
        self.go(f"{address.path}?{address.query}")
        return self

    def watch(self, name: str, emulator: Emulator, counts: Callable[[Exchange], bool]) -> None:
        """Kill the server when the other side has done what its n-th request asks, before it is answered."""

        def seen(exchange: Exchange) -> None:
            with self.counting:
                left = self.deadly.get(name, 0) - counts(exchange)
                dies = self.deadly.get(name, 0) > 0 and left == 0
                self.deadly[name] = left
            if dies:
                self.server.kill()
                self.dead.set()

        emulator.watch(seen)

    def send(self, button: str, **change: str | list[str]) -> None:
        self.press(button, change=change, origin=self.server.base)

    def killed(self, step: Callable[[], object], **deadly: int) -> None:
        """Do something in the middle of which the server dies; somebody starts it again and comes in."""
        self.deadly = deadly
        self.dead.clear()
        with pytest.raises(httpx2.TransportError):
            step()
        assert self.dead.wait(timeout=60)
        self.server.start()
        self.enter()

    def runs(self) -> tuple[Run, ...]:
        """The newest first."""
        app = build(Settings(home=self.server.home))
        try:
            return app.world.store.runs.all(ME.id)
        finally:
            app.close()

    def emails(self) -> list[str]:
        if self.dataverse is not None:
            rows = self.dataverse.organisation.rows["contact"].values()
            return sorted(str(row.values.get("emailaddress1") or "") for row in rows)
        found = Terminal(self.server.home).json("crm", "contacts")
        return sorted(each["values"]["email1"] for each in found)


@pytest.fixture(params=["embedded", "dataverse"])
def distant(home: Path, request: pytest.FixtureRequest) -> Iterator[Distant]:
    organisation = DataverseOrganisation()
    organisation.add_user(ADDRESS, name=ME.name, administrator=True)
    with (
        watched_graph(GraphEmulator(outlook(), largest_page=10)) as graph,
        watched_dataverse(DataverseEmulator(organisation)) as dataverse,
    ):
        settings = Settings(home=home)
        settings.prepare()
        app = build(settings, user=ME)
        mailbox = app.network.describe(Service.GRAPH, user=ME.id, sign_in=SignInKind.NONE, server=graph.url)
        opened = app.open_connection(mailbox)
        connect_mailbox(app.world, mailbox, opened)
        opened.close()
        if request.param == "dataverse":
            described = app.network.describe(Service.DATAVERSE, user=ME.id, sign_in=SignInKind.NONE, server=dataverse.root)
            crm = app.network.crm(described)
            connect_crm(app.world, described, crm)
            crm.close()
        app.close()
        found = Distant(Server(settings.home).start(), dataverse if request.param == "dataverse" else None)
        found.watch("outlook", graph, lambda exchange: not exchange.asked.part)
        found.watch("write", dataverse, lambda exchange: writes(exchange.asked))
        yield found.enter()
        found.client.close()
        found.server.stop()


EARLY = """
import os, socket, sys
from pathlib import Path
from urllib.parse import urlsplit
from carnet.bootstrap import build
from carnet.settings import Settings
from carnet.web.app import serve

def come(address):
    socket.create_connection(("127.0.0.1", urlsplit(address).port)).close()
    os._exit(0)

settings = Settings(home=Path(sys.argv[1]))
settings.prepare()
serve(build(settings), port=0, open_browser=False, announce=come)
"""


def test_who_comes_as_soon_as_the_address_is_told_is_let_in(home: Path) -> None:
    ended = subprocess.run([sys.executable, "-c", EARLY, str(home)], capture_output=True, text=True, timeout=120, check=False)
    assert ended.returncode == 0, ended.stderr[-500:]


def choose(distant: Distant) -> None:
    """The connected mailbox, read again."""
    app = build(Settings(home=distant.server.home))
    (mailbox,) = (each for each in app.world.store.connections.all(ME.id) if each.service is Service.GRAPH)
    app.close()
    distant.go("/")
    distant.send("Ajouter des contacts")
    distant.send("Suivant", source=f"live:{mailbox.id}")


def end(distant: Distant, run: Run) -> None:
    """Wait until a run has ended, which goes on by itself."""
    distant.go(f"/runs/{run.number}").settle()
    assert "Résumé" in distant.text
    (now,) = (each for each in distant.runs() if each.number == run.number)
    assert now.state is RunState.DONE


def test_the_wizard_and_its_undo_go_on_where_the_server_was_killed(distant: Distant) -> None:
    distant.killed(lambda: choose(distant), outlook=4)
    choose(distant)
    distant.send("Suivant")
    distant.send("Suivant")
    review = distant.at
    distant.killed(lambda: distant.send("Ajouter des contacts"), outlook=1)
    assert distant.emails() == []
    distant.go(review)
    if distant.dataverse is not None:
        distant.killed(lambda: distant.send("Ajouter des contacts"), write=1)
        assert len(distant.emails()) == PEOPLE
    else:
        distant.send("Ajouter des contacts")
    (run,) = distant.runs()
    end(distant, run)
    assert distant.emails() == [f"p{number:02}@contoso.example" for number in range(PEOPLE)]

    distant.go(f"/runs/{run.number}/undo")
    if distant.dataverse is not None:
        distant.killed(lambda: distant.send("undo"), write=1)
    else:
        distant.send("undo")
    end(distant, distant.runs()[0])
    assert distant.emails() == []


def test_track_and_untrack_go_on_where_the_server_was_killed(distant: Distant) -> None:
    distant.go("/connections")
    distant.send("Contacts " + ADDRESS)
    page = distant.at
    few = [box.partition('"')[0] for box in distant.page.text.split('name="record" value="')[1:4]]
    for verb, button, choice in (("track", "add", {}), ("untrack", "untrack", {"choice": "delete"})):
        distant.go(page)
        distant.send(verb, record=few)
        at = str(distant.page.url)
        if distant.dataverse is not None:
            distant.killed(partial(distant.send, button, **choice), write=1)
        elif verb == "track":
            distant.killed(partial(distant.send, button), outlook=1)
            distant.go(at)
            distant.send(button)
        else:
            distant.send(button, **choice)
        end(distant, distant.runs()[0])
        assert len(distant.emails()) == (3 if verb == "track" else 0)
