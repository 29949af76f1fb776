"""Does the whole way from an address book to the CRM and back hold for every mailbox and every CRM?"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from carnet.crms import dataverse
from carnet.flows.summary import counts
from carnet.mailboxes.graph import open_mailbox
from carnet.mailboxes.graph.translate import MICROSOFT
from carnet.model.connection import Service
from carnet.model.plan import State
from carnet.testing.emulators.dataverse import DataverseEmulator
from carnet.testing.emulators.ews import EwsEmulator
from carnet.testing.emulators.faults import Asked, Fault, Trouble
from carnet.testing.emulators.graph import GraphEmulator
from flows.pairs import CRMS, KNOWN, MAILBOXES, NAMES, PEOPLE, LiveSource, Pair, Source, exchange, opened, organisation, outlook
from flows.rehearsal import TickingClock
from gates.fixtures import client_of, watched_dataverse, watched_ews, watched_graph
from mailboxes.exchange import exchange_of


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


Marks = Mapping[str, tuple[str, str]]
"""Name → the CRM record and the organisation that Microsoft's own app has left on the card."""


def left_by_the_app(identity: str, org: str) -> dict[str, str]:
    return {MICROSOFT["crm_state"]: "2", MICROSOFT["crm_id"]: identity, MICROSOFT["crm_org"]: org}


@contextmanager
def marked_graph(marks: Marks) -> Iterator[Source]:
    mailbox = outlook()
    for item in mailbox.items.values():
        if item.values["displayName"] in marks:
            mailbox.edit(item.id, extended=left_by_the_app(*marks[item.values["displayName"]]))
    with watched_graph(GraphEmulator(mailbox)) as emulator:
        yield LiveSource(Service.GRAPH, emulator.url, lambda: open_mailbox(client_of(emulator)))


@contextmanager
def marked_ews(marks: Marks) -> Iterator[Source]:
    mailbox = exchange()
    for identity, item in mailbox.items.items():
        name = f"{item.values.get('contacts:GivenName')} {item.values.get('contacts:Surname')}"
        if name in marks:
            mailbox.edit(identity, extended=left_by_the_app(*marks[name]))
    with watched_ews(EwsEmulator(mailbox)) as emulator:
        yield LiveSource(Service.EWS, emulator.url, lambda: exchange_of(emulator))


MARKED = {"graph": marked_graph, "ews": marked_ews}


@pytest.mark.parametrize("mailbox", sorted(MARKED))
def test_what_dynamics_tracks_in_outlook_already_is_linked_and_what_another_organisation_tracks_waits(
    mailbox: str, tmp_path: Path
) -> None:
    """By the id and the organisation that Microsoft's own app leaves on a contact, whatever it is called in the CRM."""
    told = organisation()
    tracked = told.add_contact(firstname="Somebody", lastname="Tracked")
    marks = {NAMES[0]: (tracked.upper(), told.id.upper()), NAMES[1]: (tracked, str(uuid.uuid4()))}
    with watched_dataverse(DataverseEmulator(told)) as emulator, MARKED[mailbox](marks) as source:
        crm = dataverse.open_crm(client_of(emulator), clock=TickingClock())
        pair = opened(tmp_path, crm, source)
        run = pair.add()
        assert (counts(pair.world, run).added, counts(pair.world, run).linked) == (len(NAMES) - 2, 2)
        assert pair.people() == sorted([*NAMES[2:], KNOWN, "Somebody Tracked"])
        (held,) = pair.world.store.journal.entries(run.number, states=[State.HELD])
        assert (held.label, held.reason, [each.code for each in held.evidence]) == (NAMES[1], "tracked", ["tracked_elsewhere"])
        pair.world.store.close()
        crm.close()


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
