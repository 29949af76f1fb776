"""A person before Chromium, Outlook and Dynamics 365 on a bad day, and a Carnet that dies in the middle of what it is asked."""

from __future__ import annotations

import itertools
import json
import re
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, Error, Page

from carnet.bootstrap import App, build
from carnet.flows.connect import connect_crm, connect_mailbox
from carnet.model.account import CrmUser
from carnet.model.connection import Service, SignInKind
from carnet.model.run import Run
from carnet.ports.store import Scope
from carnet.settings import Settings
from carnet.testing.emulators.dataverse import DataverseEmulator
from carnet.testing.emulators.dataverse_organisation import DataverseOrganisation
from carnet.testing.emulators.faults import Asked, Fault, Faults, Trouble
from carnet.testing.emulators.graph import GraphEmulator
from carnet.testing.emulators.graph_mailbox import GraphMailbox
from gates.fixtures import watched_dataverse, watched_graph
from web.server import Server

ME = CrmUser(id="camille", name="Camille Roche", address="camille@contoso.com")
AGAIN = "Revoir le plan"
PATIENCE = 60
"""Seconds that one phase may take."""
Found = Callable[[Asked], bool]


def is_part(asked: Asked) -> bool:
    return asked.part


def is_whole(asked: Asked) -> bool:
    return not asked.part


def of_outlook(asked: Asked) -> bool:
    return not asked.part and not asked.path.startswith("/api/data")


def writes(asked: Asked) -> bool:
    """Whether a whole request to Dataverse changes something; a batch may only look."""
    batched = any(word in asked.body for word in (b"POST http", b"PATCH http", b"DELETE http", b"PUT http"))
    return asked.method != "GET" and not asked.part and (batched or not asked.path.endswith("/$batch"))


def _name(fault: Fault) -> str:
    kind = str(fault.status) if fault.trouble is Trouble.STATUS else str(fault.trouble)
    return kind + (" in a part" if fault.when is is_part else "")


def refusal(status: int, when: Found = is_whole) -> Fault:
    body = json.dumps({"error": {"code": "OnDemand", "message": "It is a bad day."}}).encode()
    return Fault(
        trouble=Trouble.STATUS, status=status, when=when, headers={"Retry-After": "1"} if status == 429 else {}, body=body
    )


OF_OUTLOOK: tuple[Callable[[], Fault], ...] = (
    lambda: Fault(trouble=Trouble.DUPLICATE_ROWS, times=2),
    lambda: refusal(429),
    lambda: Fault(trouble=Trouble.HANG_UP_AFTER),
    lambda: Fault(trouble=Trouble.REORDERED_ROWS, times=3),
    lambda: refusal(503),
    lambda: Fault(trouble=Trouble.HANG_UP),
)
OF_DYNAMICS: tuple[Callable[[], Fault], ...] = (
    lambda: Fault(trouble=Trouble.HANG_UP_AFTER, when=writes),
    lambda: refusal(429, is_part),
    lambda: Fault(trouble=Trouble.REORDERED_ROWS, times=2),
    lambda: refusal(504),
    lambda: refusal(429, writes),
    lambda: Fault(trouble=Trouble.DUPLICATE_ROWS, times=2),
    lambda: Fault(trouble=Trouble.HANG_UP, when=writes),
)
"""What goes wrong on the way to each; two of them strike in every phase, one after the other."""


@dataclass
class Reaper:
    """Kills the server at the n-th of those requests, before the other side has acted on it or before it has answered."""

    server: Server
    deadly: int = 0
    among: Found = is_whole
    seen: int = 0
    written: int = 0
    done: threading.Event = field(default_factory=threading.Event)
    """The person has done what it is that the server dies of."""
    dead: threading.Event = field(default_factory=threading.Event)
    _counting: threading.Lock = field(default_factory=threading.Lock)

    def aim(self, deadly: int, among: Found) -> None:
        """0 only counts."""
        self.deadly, self.among, self.seen, self.written = deadly, among, 0, 0
        self.dead.clear()
        self.done.clear()

    def __call__(self, asked: Asked) -> bool:
        with self._counting:
            self.written += writes(asked)
            if not self.among(asked):
                return False
            self.seen += 1
            if self.seen != self.deadly:
                return False
        self.done.wait(PATIENCE)
        self.server.kill()
        self.dead.set()
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the server dies: how far into a phase, from 0 to 1, of all its requests or of those that write, if it has any.

    `trouble` says whether that is before the other side has done what it is asked, or after.
    """

    share: float
    trouble: Trouble = Trouble.HANG_UP
    writing: bool = False

    def __str__(self) -> str:
        return f"{self.share:.0%}-{'of-the-writes' if self.writing else 'of-all'}-{self.trouble}"

    def aim(self, requests: int, written: int) -> tuple[int, Found]:
        """Which request of which."""
        of_writes = self.writing and written > 0
        return 1 + round(self.share * ((written if of_writes else requests) - 1)), writes if of_writes else is_whole


@dataclass(kw_only=True)
class Desk:
    """Until there is a `place`, nothing goes wrong and nobody is killed: what each phase asks for then is `counted`.

    `calm` is what was counted so: phase → requests, and those of them that write.
    """

    page: Page
    server: Server
    graph: GraphEmulator
    dynamics: DataverseEmulator
    place: Place | None = None
    calm: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    counted: dict[str, tuple[int, int]] = field(default_factory=dict)
    kills: int = 0
    armed: list[Fault] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.reaper = Reaper(self.server)
        self._weather = ((self.graph, itertools.cycle(OF_OUTLOOK)), (self.dynamics, itertools.cycle(OF_DYNAMICS)))
        self.page.set_default_timeout(PATIENCE * 1000)

    # What the person does

    def press(self, value: str) -> None:
        """The button of that value, wherever it leads: the server may die of it."""
        self.page.locator(f'button.btn[name="go"][value="{value}"]').first.click(no_wait_after=True)

    def send(self, words: str) -> None:
        """The button of those words."""
        self.page.get_by_role("button", name=words).click(no_wait_after=True)

    def tick(self, contacts: str, numbers: Iterable[int]) -> None:
        """Those people on the page of contacts."""
        self.page.goto(contacts)
        for number in numbers:
            self.page.get_by_role("checkbox", name=f"N{number:03}").check()

    def go_on(self) -> None:
        """Next, on the first page of the wizard."""
        self.page.locator("#next").click(no_wait_after=True)

    def follow(self, words: str) -> None:
        """The link of those words."""
        self.page.get_by_role("link", name=words, exact=True).click(no_wait_after=True)

    def do(
        self,
        phase: str,
        act: Callable[[], None],
        until: str,
        *,
        at: tuple[int, Found] | None = None,
        again: Callable[[], None] = lambda: None,
    ) -> None:
        """Do that, until the page of that address is there; once more where the page says that it was not done.

        The server dies at the place, or at that request. `again` leads from where a plan is shown once more to where it is
        approved.
        """
        begun, over = self.page.url, re.compile(until)
        deadly, among = at or (self.place.aim(*self.calm[phase]) if self.place else (0, is_whole))
        self.reaper.aim(deadly, among)
        self._change_weather()
        act()
        self.reaper.done.set()
        if deadly:
            assert self.reaper.dead.wait(timeout=PATIENCE), f"nothing was asked in {phase}"
            self.kills += 1
            self.server.start()
            with suppress(Error):  # the page may have gone on by itself at that very moment
                self.page.reload()
            self.page.wait_for_url(lambda url: bool(over.search(url)) or url == begun)
            if not over.search(self.page.url):
                act()
        self.page.wait_for_url(over)
        if at is None and self.page.get_by_role("link", name=AGAIN, exact=True).count():
            self.follow(AGAIN)
            self.page.wait_for_url(lambda url: not over.search(url))
            again()
            act()
            self.page.wait_for_url(over)
        self.counted[phase] = self.reaper.seen, self.reaper.written

    def _change_weather(self) -> None:
        for emulator, weather in self._weather:
            emulator.faults = Faults()
            if self.place is not None:
                self.armed += (faults := [next(weather)() for _ in range(2)])
                emulator.faults.add(Fault(trouble=self.place.trouble, when=self.reaper), *faults)
            else:
                emulator.faults.add(Fault(trouble=Trouble.HANG_UP, when=self.reaper))

    @property
    def struck(self) -> set[str]:
        """What has gone wrong so far, that the server was killed aside."""
        return {_name(each) for each in self.armed if each.times == 0}

    # What there is to be seen

    @property
    def text(self) -> str:
        return " ".join(self.page.locator("main").inner_text().split())

    def told(self) -> dict[str, int]:
        """The numbers of the summary, by their words."""
        page = self.page
        rows = {row.locator("th").inner_text(): row.locator("td").inner_text() for row in page.locator(".sum tr").all()}
        tiles = {each.inner_text().split("\n", 1)[1]: each.locator("b").inner_text() for each in page.locator(".counts li").all()}
        return {words.strip(): int(re.sub(r"\s", "", number)) for words, number in (rows | tiles).items()}

    def contacts(self) -> list[str]:
        """The address of every contact in Dynamics 365."""
        rows = self.dynamics.organisation.rows["contact"].values()
        return sorted(str(row.values.get("emailaddress1") or "") for row in rows)

    def accounts(self) -> list[str]:
        return sorted(str(row.values["name"]) for row in self.dynamics.organisation.rows["account"].values())

    def runs(self) -> tuple[Run, ...]:
        """The newest first."""
        with self._opened() as app:
            return app.world.store.runs.all(ME.id)

    def tracked(self) -> list[str]:
        """The address of every contact that is tracked: its link and it belong to no other."""
        with self._opened() as app:
            (mailbox,) = (each for each in app.world.store.connections.all(ME.id) if each.service is Service.GRAPH)
            links = app.world.store.links.all(Scope(user=ME.id, mailbox=mailbox.key, crm=app.world.crm.key))
        rows = self.dynamics.organisation.rows["contact"]
        assert len({link.target for link in links}) == len({link.record for link in links}) == len(links)
        assert all(link.primary for link in links)
        return sorted(str(rows[link.target].values["emailaddress1"]) for link in links)

    def under(self, account: str) -> list[str]:
        """The addresses of the contacts that belong to the account of that name."""
        (parent,) = (key for key, row in self.dynamics.organisation.rows["account"].items() if row.values["name"] == account)
        rows = self.dynamics.organisation.rows["contact"].values()
        return sorted(
            str(row.values["emailaddress1"]) for row in rows if row.lookups.get("parentcustomerid") == ("account", parent)
        )

    @contextmanager
    def _opened(self) -> Iterator[App]:
        app = build(Settings(home=self.server.home))
        try:
            yield app
        finally:
            app.close()


@contextmanager
def desk(
    chromium: Browser,
    home: Path,
    *,
    mailbox: GraphMailbox,
    organisation: DataverseOrganisation,
) -> Iterator[Desk]:
    """The person has come in; mailbox and CRM are connected."""
    with (
        watched_graph(GraphEmulator(mailbox, largest_page=20)) as graph,
        watched_dataverse(DataverseEmulator(organisation)) as dynamics,
    ):
        _connect(home, graph, dynamics)
        server = Server(home).start()
        context = chromium.new_context(locale="fr-FR")
        try:
            page = context.new_page()
            page.goto(server.address)
            yield Desk(page=page, server=server, graph=graph, dynamics=dynamics)
        finally:
            context.close()
            server.stop()


def _connect(home: Path, graph: GraphEmulator, dynamics: DataverseEmulator) -> None:
    settings = Settings(home=home)
    settings.prepare()
    app = build(settings, user=ME)
    mailbox = app.network.describe(Service.GRAPH, user=ME.id, sign_in=SignInKind.NONE, server=graph.url)
    opened = app.open_connection(mailbox)
    connect_mailbox(app.world, mailbox, opened)
    opened.close()
    described = app.network.describe(Service.DATAVERSE, user=ME.id, sign_in=SignInKind.NONE, server=dynamics.root)
    crm = app.network.crm(described)
    connect_crm(app.world, described, crm)
    crm.close()
    app.close()
