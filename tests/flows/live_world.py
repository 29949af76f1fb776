"""Two sides that a live Carnet stands between: Outlook on Microsoft 365, and a CRM; what people do there, and what goes wrong."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from uuid import NAMESPACE_OID, uuid5

from carnet.crms import dataverse
from carnet.crms.embedded.crm import EmbeddedCrm
from carnet.database import Database
from carnet.model.account import Parent, RecordKind
from carnet.model.change import Operation, Write
from carnet.ports.crm import CrmCapabilities
from carnet.testing.emulators.dataverse import DataverseEmulator
from carnet.testing.emulators.dataverse_organisation import DataverseOrganisation
from carnet.testing.emulators.faults import Asked, Fault, Faults, Trouble
from carnet.testing.emulators.graph_mailbox import GraphMailbox
from flows.rehearsal import COLLEAGUE, ME, Rehearsal, TickingClock, rehearse
from gates.fixtures import client_of, watched_dataverse

PEOPLE = (("Ada", "Lovelace"), ("Bob", "Martin"), ("Clara", "Nowak"), ("Zoé", "Petit"), ("Jürgen", "Weiß"))


def is_part(asked: Asked) -> bool:
    return asked.part


def is_change(asked: Asked) -> bool:
    return "$deltatoken" in asked.query


def is_whole(asked: Asked) -> bool:
    return not asked.part


def is_write(asked: Asked) -> bool:
    return asked.method != "GET" and not asked.part


def refusal(status: int, when: Callable[[Asked], bool], code: str = "OnDemand") -> Fault:
    headers = {"Retry-After": "3"} if status in {429, 503} else {}
    body = json.dumps({"error": {"code": code, "message": "…"}}).encode()
    return Fault(trouble=Trouble.STATUS, when=when, status=status, headers=headers, body=body)


IN_THE_CRM: tuple[Callable[[], Fault], ...] = (
    lambda: refusal(429, is_whole),
    lambda: refusal(503, is_whole),
    lambda: refusal(503, is_write),
    lambda: Fault(trouble=Trouble.HANG_UP),
    lambda: Fault(trouble=Trouble.HANG_UP, when=is_write),
    lambda: Fault(trouble=Trouble.HANG_UP_AFTER, when=is_write),
    lambda: Fault(trouble=Trouble.HANG_UP_AFTER, when=is_write, times=3),
)
"""What goes wrong on the way to Dataverse."""
TROUBLES: tuple[Callable[[], Fault], ...] = (
    lambda: refusal(429, is_whole),
    lambda: refusal(429, is_part),
    lambda: refusal(503, is_whole),
    lambda: refusal(504, is_part),
    lambda: refusal(410, is_change, "SyncStateNotFound"),
    lambda: Fault(trouble=Trouble.HANG_UP),
    lambda: Fault(trouble=Trouble.HANG_UP_AFTER),
    lambda: Fault(trouble=Trouble.DUPLICATE_ROWS),
    lambda: Fault(trouble=Trouble.REORDERED_ROWS, times=2),
    lambda: Fault(trouble=Trouble.HANG_UP, times=5),
)


def email_of(person: tuple[str, str]) -> str:
    return f"{person[0]}@contoso.example".lower()


def new_card(mailbox: GraphMailbox, folder: str, person: tuple[str, str]) -> None:
    """Somebody writes a card in Outlook."""
    given, surname = person
    email = {"name": surname, "address": email_of(person)}
    mailbox.add_contact(folder, givenName=given, surname=surname, companyName="Fabrikam", emailAddresses=[email])


def id_of(name: str) -> str:
    return str(uuid5(NAMESPACE_OID, name))


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A contact of the CRM."""

    id: str
    email: str
    title: str
    says: tuple[object, ...]


class Side(Protocol):
    """A CRM: how Carnet opens it, and what colleagues do in it meanwhile."""

    def open(self) -> Rehearsal:
        """Carnet, opened once more over the same files."""
        ...

    def contacts(self) -> list[Known]:
        """What it holds."""
        ...

    def add(self, number: int, person: tuple[str, str]) -> None:
        """Somebody is added."""
        ...

    def account(self, name: str) -> Parent:
        """An account is made."""
        ...

    def edit(self, identity: str, title: str) -> None:
        """A contact gets a title."""
        ...

    def delete(self, identity: str) -> None:
        """A contact goes."""
        ...

    def trouble(self, fault: Fault) -> None:
        """Something will go wrong."""
        ...

    def calm(self) -> None:
        """Nothing goes wrong any more."""
        ...


class SmallSteps(EmbeddedCrm):
    """The embedded CRM, two writes at a time."""

    @property
    def capabilities(self) -> CrmCapabilities:
        return CrmCapabilities(chunk=2)


class Embedded:
    """The CRM that Carnet keeps itself, in the file of the store."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._colleague = rehearse(folder)

    def open(self) -> Rehearsal:
        crm = SmallSteps(Database(self._folder / "carnet.db"), ME, clock=TickingClock(), key="embedded")
        return rehearse(self._folder, crm)

    def contacts(self) -> list[Known]:
        return [
            Known(
                id=each.id,
                email=each.values.get("email1", ""),
                title=each.values.get("job_title", ""),
                says=(each.parent and each.parent.id, *sorted(each.values.items())),
            )
            for each in self._colleague.contacts()
        ]

    def add(self, number: int, person: tuple[str, str]) -> None:
        values = {"given_name": person[0], "surname": person[1], "email1": email_of(person)}
        self._write(Operation.CREATE, id_of(f"colleague {number}"), values)

    def account(self, name: str) -> Parent:
        self._colleague.write(
            Write(operation=Operation.CREATE, kind=RecordKind.ACCOUNT, id=id_of(name), values={"name": name}, owner=COLLEAGUE.id)
        )
        return Parent(kind=RecordKind.ACCOUNT, id=id_of(name), name=name)

    def edit(self, identity: str, title: str) -> None:
        self._write(Operation.UPDATE, identity, {"job_title": title})

    def delete(self, identity: str) -> None:
        self._write(Operation.DELETE, identity, {})

    def trouble(self, fault: Fault) -> None:
        """Nothing goes wrong in a file."""

    def calm(self) -> None:
        """Nothing went wrong."""

    def close(self) -> None:
        self._colleague.world.store.close()
        self._colleague.world.crm.close()

    def _write(self, operation: Operation, identity: str, values: dict[str, str]) -> None:
        owner = COLLEAGUE.id if operation is Operation.CREATE else ""
        self._colleague.write(Write(operation=operation, kind=RecordKind.CONTACT, id=identity, values=values, owner=owner))


class Dynamics:
    """Dynamics 365: an emulated Dataverse, two rows in a message."""

    def __init__(self, folder: Path, service: DataverseEmulator) -> None:
        self._folder = folder
        self._service = service
        self._organisation = service.organisation

    def open(self) -> Rehearsal:
        crm = dataverse.open_crm(client_of(self._service, user=ME.address), clock=TickingClock(), bulk=2)
        return rehearse(self._folder, crm)

    def contacts(self) -> list[Known]:
        return [
            Known(
                id=row.id,
                email=str(row.values.get("emailaddress1") or ""),
                title=str(row.values.get("jobtitle") or ""),
                says=(
                    row.lookups.get("parentcustomerid"),
                    *sorted((name, value) for name, value in row.values.items() if name not in _OF_THE_SERVICE and value),
                ),
            )
            for row in self._organisation.rows["contact"].values()
        ]

    def add(self, number: int, person: tuple[str, str]) -> None:
        given, surname = person
        self._organisation.add_contact(
            contactid=id_of(f"colleague {number}"), firstname=given, lastname=surname, emailaddress1=email_of(person)
        )

    def account(self, name: str) -> Parent:
        return Parent(kind=RecordKind.ACCOUNT, id=self._organisation.add_account(name=name), name=name)

    def edit(self, identity: str, title: str) -> None:
        self._organisation.edit("contact", identity, jobtitle=title)

    def delete(self, identity: str) -> None:
        self._organisation.delete("contact", identity)

    def trouble(self, fault: Fault) -> None:
        self._service.faults.add(fault)

    def calm(self) -> None:
        self._service.faults = Faults()


_OF_THE_SERVICE = {"createdon", "modifiedon", "overriddencreatedon"}


@contextmanager
def embedded_side(folder: Path) -> Iterator[Side]:
    side = Embedded(folder)
    yield side
    side.close()


@contextmanager
def dynamics_side(folder: Path) -> Iterator[Side]:
    organisation = DataverseOrganisation()
    organisation.add_user(ME.address, name=ME.name, administrator=True)
    organisation.add_user(COLLEAGUE.address, name=COLLEAGUE.name)
    with watched_dataverse(DataverseEmulator(organisation)) as service:
        yield Dynamics(folder, service)
