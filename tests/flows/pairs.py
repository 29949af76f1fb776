"""The same address book behind every kind of mailbox, and every kind of CRM to bring it into."""

from __future__ import annotations

import csv
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from carnet.bootstrap import open_file
from carnet.crms import dataverse, embedded
from carnet.flows.apply import apply
from carnet.flows.connect import connect_mailbox
from carnet.flows.plan import Planned, plan
from carnet.flows.read import read
from carnet.flows.refresh import fork, refresh
from carnet.flows.undo import plan_undo
from carnet.mailboxes.ews.translate import values_of
from carnet.mailboxes.graph import open_mailbox
from carnet.model.account import CrmUser, Parent, RecordKind
from carnet.model.change import Operation, Outcome, Write
from carnet.model.choices import Choices, MissingAccounts
from carnet.model.connection import Connection, Service, SignInKind
from carnet.model.reading import Reading
from carnet.model.run import Run
from carnet.ports.crm import Crm
from carnet.ports.live import LiveMailbox
from carnet.ports.mailbox import Mailbox, OpenOptions
from carnet.ports.world import World
from carnet.store import open_store
from carnet.testing.emulators.dataverse import DataverseEmulator
from carnet.testing.emulators.dataverse_organisation import DataverseOrganisation
from carnet.testing.emulators.ews import EwsEmulator
from carnet.testing.emulators.ews_mailbox import EwsMailbox
from carnet.testing.emulators.graph import GraphEmulator
from carnet.testing.emulators.graph_mailbox import GraphMailbox
from carnet.testing.pst_writer import Card, PstWriter
from flows.rehearsal import CountingIds, TickingClock
from gates.fixtures import client_of, watched_dataverse, watched_ews, watched_graph
from mailboxes.exchange import exchange_of

ADDRESS = "camille@contoso.com"
NAMES = ["Zoé Durand", "Hugo Martin", "Inès Lefèvre", "Alix Renard", "Noé Petit", "Léa Aubert"]
KNOWN = "Paul Garnier"
"""Who the CRM has already, under the account Contoso."""
PRIVATE = "Secret Intime"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in the address book."""

    name: str
    company: str

    @property
    def values(self) -> dict[str, str]:
        """What their card says."""
        given, _, surname = self.name.partition(" ")
        email = f"{given}.{surname}@{self.company.lower()}.example".lower().replace("é", "e").replace("è", "e")
        return {"given_name": given, "surname": surname, "company": self.company, "email1": email, "job_title": "Acheteuse"}


PEOPLE = [Person(name, "Contoso" if place % 2 else "Fabrikam") for place, name in enumerate(NAMES)] + [Person(KNOWN, "Contoso")]


class Source:
    """A mailbox as a person has it: read now, and opened again while a run begins."""

    kind = ""

    def read(self, world: World, user: str) -> Reading:
        raise NotImplementedError

    def reopen(self) -> Mailbox | None:
        """The source again, where it is one that changes."""
        return None


class FileSource(Source):
    """A file of contacts."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self, world: World, user: str) -> Reading:
        opened = open_file(self._path, OpenOptions(region="FR"), self._path.name)
        try:
            return read(world, opened, user=user, source=str(self._path), digest="")
        finally:
            opened.close()


@contextmanager
def pst(folder: Path) -> Iterator[Source]:
    path = folder / "Camille.pst"
    with PstWriter(path) as writer:
        place = writer.folder("Contacts")
        for person in PEOPLE:
            writer.contact(place, Card(values={**person.values, "full_name": person.name}))
        writer.contact(place, Card(values={"full_name": PRIVATE, "surname": "Intime"}, sensitivity=2))
    yield FileSource(path)


@contextmanager
def vcard(folder: Path) -> Iterator[Source]:
    lines = []
    for person in PEOPLE:
        told = person.values
        lines += ["BEGIN:VCARD", "VERSION:3.0", f"FN:{person.name}", f"N:{told['surname']};{told['given_name']};;;"]
        lines += [f"ORG:{person.company}", f"EMAIL:{told['email1']}", f"TITLE:{told['job_title']}", "END:VCARD"]
    lines += ["BEGIN:VCARD", "VERSION:3.0", f"FN:{PRIVATE}", "N:Intime;Secret;;;", "CLASS:PRIVATE", "END:VCARD", ""]
    path = folder / "Camille.vcf"
    path.write_bytes("\r\n".join(lines).encode())
    yield FileSource(path)


@contextmanager
def outlook_csv(folder: Path) -> Iterator[Source]:
    titles = {"given_name": "First Name", "surname": "Last Name", "company": "Company", "email1": "E-mail Address"}
    titles |= {"job_title": "Job Title"}
    path = folder / "Camille.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*titles.values(), "Sensitivity"])
        for person in PEOPLE:
            writer.writerow([*(person.values[key] for key in titles), "Normal"])
        writer.writerow(["Secret", "Intime", "", "", "", "Private"])
    yield FileSource(path)


class LiveSource(Source):
    """A mailbox on a server: `opens` gives one more view of it."""

    def __init__(self, service: Service, url: str, opens: Callable[[], LiveMailbox]) -> None:
        self._service = service
        self._url = url
        self._opens = opens
        self._connection: Connection | None = None

    def read(self, world: World, user: str) -> Reading:
        mailbox = self.reopen()
        try:
            if self._connection is None:
                described = Connection(
                    id="c1", user=user, service=self._service, label="", url=self._url, sign_in=SignInKind.NONE
                )
                known = world.store.connections.all(user)
                self._connection = known[0] if known else connect_mailbox(world, described, mailbox)
            self._connection = refresh(world, self._connection, mailbox)
        finally:
            mailbox.close()
        return fork(world, self._connection)

    def reopen(self) -> LiveMailbox:
        return self._opens()


def outlook() -> GraphMailbox:
    """The address book as a mailbox of Microsoft 365, in two folders."""
    mailbox = GraphMailbox("me", address=ADDRESS, name="Camille Roche")
    second = mailbox.add_folder("Clients")
    for place, person in enumerate(PEOPLE):
        told = person.values
        mailbox.add_contact(
            second if place % 3 == 0 else "",
            givenName=told["given_name"],
            surname=told["surname"],
            displayName=person.name,
            companyName=person.company,
            jobTitle=told["job_title"],
            emailAddresses=[{"name": person.name, "address": told["email1"]}],
        )
    mailbox.add_contact(surname="Intime", extended={"Integer 0x36": "2"})
    return mailbox


@contextmanager
def graph(folder: Path) -> Iterator[Source]:
    del folder
    with watched_graph(GraphEmulator(outlook())) as emulator:
        yield LiveSource(Service.GRAPH, emulator.url, lambda: open_mailbox(client_of(emulator)))


def exchange() -> EwsMailbox:
    """The address book on an Exchange server, in two folders."""
    mailbox = EwsMailbox("camille", address=ADDRESS, name="Camille Roche")
    second = mailbox.add_folder("Clients")
    for place, person in enumerate(PEOPLE):
        values = {path: value for path, value in values_of({**person.values, "full_name": person.name}).items() if value}
        mailbox.add(values, folder=second if place % 3 == 0 else "")
    mailbox.add({"contacts:Surname": "Intime", "item:Sensitivity": "Private"})
    return mailbox


@contextmanager
def ews(folder: Path) -> Iterator[Source]:
    del folder
    with watched_ews(EwsEmulator(exchange())) as emulator:
        yield LiveSource(Service.EWS, emulator.url, lambda: exchange_of(emulator))


MAILBOXES: dict[str, Callable[[Path], AbstractContextManager[Source]]] = {
    "pst": pst,
    "vcard": vcard,
    "csv": outlook_csv,
    "graph": graph,
    "ews": ews,
}


@contextmanager
def embedded_crm(folder: Path) -> Iterator[Crm]:
    me = CrmUser(id="user-1", name="Camille Roche", address=ADDRESS)
    crm = embedded.open_crm(folder / "crm.db", user=me, clock=TickingClock())
    told = PEOPLE[-1].values
    account = Parent(kind=RecordKind.ACCOUNT, id=str(uuid.uuid5(uuid.NAMESPACE_OID, "Contoso")))
    contact = str(uuid.uuid5(uuid.NAMESPACE_OID, KNOWN))
    values = {"given_name": told["given_name"], "surname": told["surname"], "email1": told["email1"]}
    receipts = crm.apply(
        [
            Write(operation=Operation.CREATE, kind=RecordKind.ACCOUNT, id=account.id, values={"name": "Contoso"}),
            Write(operation=Operation.CREATE, kind=RecordKind.CONTACT, id=contact, values=values, parent=account),
        ]
    )
    assert {receipt.outcome for receipt in receipts} == {Outcome.DONE}
    yield crm
    crm.close()


def organisation() -> DataverseOrganisation:
    """An organisation with the account Contoso, and the one contact that is known."""
    found = DataverseOrganisation()
    found.add_user(ADDRESS, name="Camille Roche", administrator=True)
    told = PEOPLE[-1].values
    account = found.add_account(name="Contoso")
    found.add_contact(
        parent=("account", account), firstname=told["given_name"], lastname=told["surname"], emailaddress1=told["email1"]
    )
    return found


@contextmanager
def dataverse_crm(folder: Path) -> Iterator[Crm]:
    del folder
    with watched_dataverse(DataverseEmulator(organisation())) as emulator:
        crm = dataverse.open_crm(client_of(emulator), clock=TickingClock(), bulk=4)
        yield crm
        crm.close()
    assert not emulator.violations, "\n".join(emulator.violations)


CRMS: dict[str, Callable[[Path], AbstractContextManager[Crm]]] = {"embedded": embedded_crm, "dataverse": dataverse_crm}
CHOICES = Choices(missing_accounts=MissingAccounts.CREATE)


@dataclass(slots=True)
class Pair:
    """A mailbox, a CRM, and the world between them."""

    world: World
    source: Source

    @property
    def user(self) -> str:
        return self.world.crm.whoami().id

    def plan(self) -> Planned:
        reading = self.source.read(self.world, self.user)
        return plan(self.world, user=self.user, reading=reading.id, choices=CHOICES)

    def apply(self, planned: Planned) -> Run:
        reopen = self.source.reopen if isinstance(self.source, LiveSource) else None
        run = planned.run
        return apply(self.world, user=self.user, number=run.number, fingerprint=run.fingerprint, reopen=reopen)

    def add(self) -> Run:
        return self.apply(self.plan())

    def undo(self, run: Run) -> Run:
        inverse = plan_undo(self.world, user=self.user, number=run.number).run
        assert inverse is not None
        return apply(self.world, user=self.user, number=inverse.number, fingerprint=inverse.fingerprint)

    def state(self) -> set[tuple[object, ...]]:
        """Everything the CRM says, but for ids, versions and times."""
        found = [each for kind in RecordKind for each in self.world.crm.search(kind, "", limit=1000)[0]]
        return {(each.kind, each.parent.name if each.parent else "", *sorted(each.values.items())) for each in found}

    def people(self) -> list[str]:
        return sorted(each.name for each in self.world.crm.search(RecordKind.CONTACT, "", limit=1000)[0])


def opened(folder: Path, crm: Crm, source: Source) -> Pair:
    """The Carnet in that folder, with that CRM and that mailbox."""
    store = open_store(folder / "carnet.db", clock=TickingClock())
    return Pair(World(store=store, crm=crm, clock=TickingClock(), ids=CountingIds()), source)
