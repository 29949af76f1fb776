"""A CRM behind an emulated Dataverse, for the tests of its adapter."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count

from carnet.crms import dataverse
from carnet.crms.dataverse import DataverseCrm
from carnet.testing.emulators.dataverse import DataverseEmulator
from carnet.testing.emulators.dataverse_organisation import DataverseOrganisation
from carnet.testing.emulators.faults import Asked
from carnet.transport.gate import Gate
from gates.fixtures import client_of, watched_dataverse


class Clock:
    """The present, and some hours more."""

    def __init__(self) -> None:
        self.ahead = timedelta(0)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@dataclass(slots=True)
class Dynamics:
    """The organisation, the service before it, and our side of it."""

    organisation: DataverseOrganisation
    service: DataverseEmulator
    crm: DataverseCrm
    clock: Clock

    def asked(self, act: Callable[[], object]) -> int:
        """How many requests it takes."""
        before = self.service.requests
        act()
        return self.service.requests - before

    def names(self) -> list[str]:
        """The last names of all contacts."""
        return sorted(str(row.values["lastname"]) for row in self.organisation.rows["contact"].values())


def opened(
    service: DataverseEmulator, clock: Clock, *, user: str = "me", bulk: int = 20, gate: Gate | None = None
) -> DataverseCrm:
    """Our side of that service."""
    return dataverse.open_crm(client_of(service, user=user, gate=gate), clock=clock, bulk=bulk)


@contextmanager
def dynamics(*, bulk: int = 20, largest_page: int = 5000) -> Iterator[Dynamics]:
    """An organisation with two users and nothing else, opened by the first."""
    organisation = DataverseOrganisation()
    organisation.add_user("camille@contoso.com", name="Camille Roche", administrator=True)
    organisation.add_user("hugo@contoso.com", name="Hugo Martin")
    clock = Clock()
    with watched_dataverse(DataverseEmulator(organisation, largest_page=largest_page)) as service:
        crm = opened(service, clock, bulk=bulk)
        yield Dynamics(organisation, service, crm, clock)
        crm.close()
    assert not service.violations, "\n".join(service.violations)


def nth(number: int, when: Callable[[Asked], bool] = lambda asked: not asked.part) -> Callable[[Asked], bool]:
    """Picks the n-th of the requests that `when` picks, from now on."""
    seen = count(1)
    return lambda asked: when(asked) and next(seen) == number
