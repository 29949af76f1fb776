"""Does the whole way from an address book to the CRM and back hold for every mailbox and every CRM?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from carnet.crms import dataverse
from carnet.flows.summary import counts
from carnet.model.plan import State
from carnet.testing.emulators.dataverse import DataverseEmulator
from carnet.testing.emulators.faults import Asked, Fault, Trouble
from flows.pairs import CRMS, KNOWN, MAILBOXES, NAMES, PEOPLE, Pair, opened, organisation
from flows.rehearsal import TickingClock
from gates.fixtures import client_of, watched_dataverse


@pytest.fixture(params=sorted(CRMS))
def crm_name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=sorted(MAILBOXES))
def pair(request: pytest.FixtureRequest, crm_name: str, tmp_path: Path) -> Iterator[Pair]:
    with CRMS[crm_name](tmp_path) as crm, MAILBOXES[request.param](tmp_path) as source:
        found = opened(tmp_path, crm, source)
        yield found
        found.world.store.close()


def test_an_address_book_goes_into_the_crm_once_and_comes_out_again(pair: Pair) -> None:
    before = pair.state()

    run = pair.add()
    told = counts(pair.world, run)
    assert (told.added, told.linked, told.accounts_created, told.left_out) == (len(NAMES), 1, 1, 1)
    assert (told.failed, told.held, told.waiting, told.adds_up) == (0, 0, 0, True)
    assert pair.people() == sorted([*NAMES, KNOWN])
    after = pair.state()
    assert {row[1] for row in after if row[0] == "contact"} == {"Contoso", "Fabrikam"}

    again = counts(pair.world, pair.add())
    assert (again.added, again.already) == (0, len(NAMES) + 1)
    assert pair.state() == after

    pair.undo(run)
    assert pair.state() == before


def test_what_a_colleague_makes_at_the_same_moment_is_there_and_to_be_checked(tmp_path: Path) -> None:
    """Dataverse guards no creation: the run says so afterwards."""
    with watched_dataverse(DataverseEmulator(organisation())) as emulator, MAILBOXES["vcard"](tmp_path) as source:
        crm = dataverse.open_crm(client_of(emulator), clock=TickingClock())
        pair = opened(tmp_path, crm, source)
        planned = pair.plan()
        told = PEOPLE[0].values

        def meanwhile(asked: Asked) -> bool:
            known = emulator.organisation.rows["contact"].values()
            twice = sum(row.values.get("emailaddress1") == told["email1"] for row in known) > 1
            if "contacts/Microsoft.Dynamics.CRM.CreateMultiple" in asked.path and not twice:
                emulator.organisation.add_contact(lastname="Durand", emailaddress1=told["email1"])
            return False

        emulator.faults.add(Fault(trouble=Trouble.DELAY, when=meanwhile))
        run = pair.apply(planned)
        entries = pair.world.store.journal.entries(run.number, states=[State.DONE])
        assert [entry.label for entry in entries if entry.to_check] == ["Zoé Durand"]
        assert counts(pair.world, run).added == len(NAMES)
        pair.world.store.close()
        crm.close()
