"""The whole way of a person from Outlook to Dynamics 365 and back, in a process that may be killed anywhere and begun again."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from carnet.bootstrap import SystemClock, SystemIds
from carnet.crms import dataverse
from carnet.flows.apply import apply, resume
from carnet.flows.connect import connect_crm, connect_mailbox
from carnet.flows.mailbox import take
from carnet.flows.plan import plan
from carnet.flows.refresh import fork, refresh
from carnet.flows.undo import plan_undo
from carnet.mailboxes import graph
from carnet.model.choices import Choices, MissingAccounts
from carnet.model.connection import Connection, Service, SignInKind
from carnet.model.run import Run, RunKind, RunState
from carnet.ports.world import World
from carnet.store import open_store
from carnet.transport.client import Client
from carnet.transport.gate import Gate

CHOICES = Choices(missing_accounts=MissingAccounts.CREATE)


def there(folder: str, outlook: str, dynamics: str) -> None:
    """Connect, read, plan and add, going on where an earlier try was broken off."""
    with _Walk(folder, outlook, dynamics) as walk:
        walk.add()


def back(folder: str, outlook: str, dynamics: str) -> None:
    """Take back what was added, going on where an earlier try was broken off."""
    with _Walk(folder, outlook, dynamics) as walk:
        walk.undo()


class _Walk:
    def __init__(self, folder: str, outlook: str, dynamics: str) -> None:
        self.outlook, self.dynamics = outlook, dynamics
        crm = dataverse.open_crm(client(dynamics), clock=SystemClock(), bulk=3)
        self.store = open_store(Path(folder) / "carnet.db", clock=SystemClock())
        self.world = World(store=self.store, crm=crm, clock=SystemClock(), ids=SystemIds())

    @property
    def user(self) -> str:
        return self.world.crm.whoami().id

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.world.crm.close()
        self.store.close()

    def add(self) -> None:
        run = self._last(RunKind.ADD)
        if run is not None and run.approved:
            resume(self.world, user=self.user, number=run.number)
            return
        mailbox = self._outlook()
        try:
            connection = refresh(self.world, self._connection(mailbox), mailbox)
        finally:
            mailbox.close()
        reading = take(self.world, fork(self.world, connection))
        number = run.number if run else None
        planned = plan(self.world, user=self.user, reading=reading.id, choices=CHOICES, number=number).run
        apply(self.world, user=self.user, number=planned.number, fingerprint=planned.fingerprint, reopen=self._outlook)

    def undo(self) -> None:
        run = self._last(RunKind.ADD)
        assert run is not None
        if run.state is RunState.UNDONE:
            return
        inverse = self._last(RunKind.UNDO)
        if inverse is None or not inverse.approved:
            inverse = plan_undo(self.world, user=self.user, number=run.number).run
            assert inverse is not None
            apply(self.world, user=self.user, number=inverse.number, fingerprint=inverse.fingerprint)
        else:
            resume(self.world, user=self.user, number=inverse.number)

    def _last(self, kind: RunKind) -> Run | None:
        return next((run for run in self.store.runs.all(self.user, offset=0, limit=50) if run.kind is kind), None)

    def _connection(self, mailbox: graph.GraphMailbox) -> Connection:
        known = {each.service: each for each in self.store.connections.all(self.user)}
        if Service.DATAVERSE not in known:
            connect_crm(self.world, self._described(Service.DATAVERSE, self.dynamics), self.world.crm)
        return known.get(Service.GRAPH) or connect_mailbox(self.world, self._described(Service.GRAPH, self.outlook), mailbox)

    def _described(self, service: Service, url: str) -> Connection:
        return Connection(id=service.value, user=self.user, service=service, label="", url=url, sign_in=SignInKind.NONE)

    def _outlook(self) -> graph.GraphMailbox:
        return graph.open_mailbox(client(self.outlook))


def client(url: str) -> Client:
    """Asks that service."""
    return Client(url, token=lambda: "me", gate=Gate())
