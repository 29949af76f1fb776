"""How many requests does it take to add 10,000 contacts of Microsoft 365 to Dynamics 365, and how long with slow lines?

Counted by the emulators of both, whose pages are capped at 512 contacts; the same figures every time.
"""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.answer import Answer
from benchmarks.cards import cards
from benchmarks.machine import seconds
from carnet.bootstrap import SystemClock, SystemIds, calm_collector
from carnet.crms import dataverse
from carnet.flows.apply import apply
from carnet.flows.connect import connect_crm, connect_mailbox
from carnet.flows.index import refresh as learn
from carnet.flows.mailbox import take
from carnet.flows.plan import plan
from carnet.flows.refresh import fork, refresh
from carnet.flows.summary import counts
from carnet.mailboxes import graph
from carnet.model.choices import Choices, MissingAccounts
from carnet.model.connection import Connection, Service, SignInKind
from carnet.ports.world import World
from carnet.store import open_store
from carnet.testing.emulators.dataverse import DataverseEmulator
from carnet.testing.emulators.dataverse_organisation import DataverseOrganisation
from carnet.testing.emulators.graph import GraphEmulator
from carnet.testing.emulators.graph_mailbox import GraphMailbox
from carnet.testing.emulators.server import Emulator
from carnet.transport.client import Client
from carnet.transport.gate import Gate

CONTACTS, FOLDERS, KNOWN, ACCOUNTS, FIRMS = 10_000, 5, 50_000, 10_000, 500
PAGE, LATENCY = 512, 0.05
ONE_BY_ONE = 2 * CONTACTS
"""Looking for each contact, then creating it."""
ADDRESS = "camille@contoso.com"


def measure() -> Iterator[Answer]:
    """Whole runs: sign in, read, match, plan, write."""
    idle = 0
    for bulk, most in {100: 190, 1000: 95}.items():
        with _network() as services:
            told = _add(services, bulk=bulk)
        note = f"{told.units} with the parts of batches; {ONE_BY_ONE} one by one; {told.split}"
        yield Answer(question=f"requests_add_10k_chunk{bulk}", ours=told.requests, target=most, note=note)
        idle = told.idle
    yield Answer(question="requests_idle_check", ours=idle, target=3, note=f"{FOLDERS} folders and two tables")
    with _network(LATENCY) as services:
        told = _add(services, bulk=100)
    note = f"waiting, of {told.seconds:.1f} s in all; {told.chain} requests one after another, of {told.requests}"
    floor = told.chain * LATENCY
    yield Answer(question="latency_add_10k", ours=told.waiting, reference=floor, target=1.5, unit="s", note=note)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a run took.

    `units` counts the parts of batches too; `waiting` are the seconds with the latency of a request under way, `chain` how many
    requests each began after the latency of the one before, `idle` what looking for changes costs afterwards.
    """

    requests: int
    units: int
    split: str
    seconds: float
    waiting: float
    chain: int
    idle: int


class Spans:
    """When the latency of each request was under way."""

    def __init__(self) -> None:
        """None yet."""
        self._spans: list[tuple[float, float]] = []
        self._lock = threading.Lock()

    def add(self, began: float, ended: float) -> None:
        """One more."""
        with self._lock:
            self._spans.append((began, ended))

    def waiting(self) -> float:
        """Seconds in which the latency of some request was under way."""
        whole, end = 0.0, 0.0
        for began, ended in sorted(self._spans):
            whole += max(0.0, ended - max(began, end))
            end = max(end, ended)
        return whole

    def chain(self) -> int:
        """The most requests of which each began after the latency of the one before."""
        length, end = 0, 0.0
        for began, ended in sorted(self._spans, key=lambda span: span[1]):
            if began >= end:
                length, end = length + 1, ended
        return length


class _Timed(Emulator):
    """Writes down when it pauses."""

    spans: Spans

    def pause(self, seconds: float) -> None:
        """Wait."""
        began = time.perf_counter()
        super().pause(seconds)
        if seconds > 0:
            self.spans.add(began, time.perf_counter())


class _Outlook(_Timed, GraphEmulator):
    pass


class _Dynamics(_Timed, DataverseEmulator):
    pass


@dataclass(frozen=True, slots=True)
class Services:
    """Both emulators."""

    outlook: _Outlook
    dynamics: _Dynamics
    spans: Spans

    @property
    def requests(self) -> int:
        """What both were asked."""
        return self.outlook.requests + self.dynamics.requests

    @property
    def units(self) -> int:
        """The same with each part of a batch."""
        return self.outlook.units + self.dynamics.units


@contextmanager
def _network(latency: float = 0.0) -> Iterator[Services]:
    calm_collector()
    spans = Spans()
    outlook = _Outlook(_mailbox(), largest_page=PAGE, latency=latency)
    dynamics = _Dynamics(_organisation(), latency=latency)
    outlook.spans = dynamics.spans = spans
    with outlook, dynamics:
        yield Services(outlook, dynamics, spans)


def _mailbox() -> GraphMailbox:
    mailbox = GraphMailbox("me", address=ADDRESS, name="Camille Roche")
    folders = ["", *(mailbox.add_folder(f"Clients {number}") for number in range(1, FOLDERS))]
    for number, record in enumerate(cards(CONTACTS, companies=FIRMS)):
        told = record.contact.values
        mailbox.add_contact(
            folders[number % FOLDERS],
            givenName=told["given_name"],
            surname=told["surname"],
            displayName=told["full_name"],
            companyName=told["company"],
            jobTitle=told["job_title"],
            emailAddresses=[{"name": told["full_name"], "address": told["email1"]}],
            businessPhones=[told["business_phone"]],
            mobilePhone=told["mobile_phone"],
        )
    return mailbox


def _organisation() -> DataverseOrganisation:
    """Everybody else's contacts, most of the firms, and the duplicate rule that a new organisation has."""
    organisation = DataverseOrganisation()
    organisation.add_user(ADDRESS, name="Camille Roche", administrator=True)
    organisation.add_rule("Contacts with the same e-mail address", "emailaddress1")
    known = range(FIRMS // 5, FIRMS)
    accounts = [organisation.add_account(name=f"Société {number} Conseil") for number in known]
    accounts += [organisation.add_account(name=f"Autre {number}") for number in range(ACCOUNTS - len(accounts))]
    for number, record in enumerate(cards(KNOWN, companies=FIRMS, seed=2)):
        told = record.contact.values
        organisation.add_contact(
            parent=("account", accounts[number % ACCOUNTS]),
            firstname=told["given_name"],
            lastname=f"{told['surname']}{number}",
            emailaddress1=f"x{number}@autre.example",
            telephone1=f"+33 1 00 {number // 10000 % 100:02} {number // 100 % 100:02} {number % 100:02}",
        )
    return organisation


def _add(services: Services, *, bulk: int) -> Told:
    with tempfile.TemporaryDirectory() as folder, ExitStack() as open_:
        client = Client(services.dynamics.url, token=lambda: "me", gate=Gate())
        crm = dataverse.open_crm(client, clock=SystemClock(), bulk=bulk)
        open_.callback(crm.close)
        store = open_store(Path(folder) / "carnet.sqlite", clock=SystemClock())
        open_.callback(store.close)
        world = World(store=store, crm=crm, clock=SystemClock(), ids=SystemIds())
        taken, connection = seconds(lambda: _run(world, services))
        after = services.requests, services.units
        return Told(
            requests=after[0],
            units=after[1],
            split=f"{services.outlook.requests} to Outlook, {services.dynamics.requests} to Dynamics",
            seconds=taken,
            waiting=services.spans.waiting(),
            chain=services.spans.chain(),
            idle=_idle(world, services, connection),
        )


def _run(world: World, services: Services) -> Connection:
    """From signing in to the end of the run."""
    user = world.crm.whoami().id
    connect_crm(world, _described(user, Service.DATAVERSE, services.dynamics.url), world.crm)
    mailbox = _outlook(services)
    connection = connect_mailbox(world, _described(user, Service.GRAPH, services.outlook.url), mailbox)
    connection = refresh(world, connection, mailbox)
    reading = take(world, fork(world, connection))
    planned = plan(world, user=user, reading=reading.id, choices=Choices(missing_accounts=MissingAccounts.CREATE)).run
    run = apply(world, user=user, number=planned.number, fingerprint=planned.fingerprint, reopen=lambda: _outlook(services))
    mailbox.close()
    told = counts(world, run)
    assert (told.added, told.held, told.failed) == (CONTACTS, 0, 0), told
    return connection


def _idle(world: World, services: Services, connection: Connection) -> int:
    """What it costs to see that nothing has changed since."""
    mailbox = _outlook(services)
    refresh(world, connection, mailbox)
    learn(world)
    before = services.requests
    mailbox.changes(world.store.readings.laters(connection.reading))
    cursor = world.store.candidates.cursor(world.crm.key)
    assert list(world.crm.snapshot(cursor))
    mailbox.close()
    return services.requests - before


def _described(user: str, service: Service, url: str) -> Connection:
    return Connection(id=service.value, user=user, service=service, label="", url=url, sign_in=SignInKind.NONE)


def _outlook(services: Services) -> graph.GraphMailbox:
    return graph.open_mailbox(Client(services.outlook.url, token=lambda: "me", gate=Gate()))
