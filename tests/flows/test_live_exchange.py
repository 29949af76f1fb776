"""Does a mailbox on an Exchange server go through reading, run and next time, while people work in it?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import pytest

from carnet.errors import AddressMismatch, Unavailable
from carnet.flows.apply import apply
from carnet.flows.connect import connect_mailbox
from carnet.flows.mailbox import take
from carnet.flows.plan import plan
from carnet.flows.refresh import fork, refresh
from carnet.flows.summary import counts
from carnet.mailboxes.ews.translate import MICROSOFT
from carnet.model.choices import Choices
from carnet.model.connection import Connection, Service, SignInKind
from carnet.model.link import Link
from carnet.model.plan import State
from carnet.model.run import Run
from carnet.ports.store import Scope
from carnet.ports.world import World
from carnet.testing.emulators.ews import EwsEmulator, busy
from carnet.testing.emulators.faults import Asked, Fault, Trouble
from flows.rehearsal import Rehearsal
from gates.fixtures import one_exchange, watched_ews
from mailboxes.exchange import clients, exchange_of


@dataclass(slots=True)
class Live:
    """A world, and a mailbox on a server."""

    world: World
    ews: EwsEmulator
    connection: Connection

    def refresh(self) -> None:
        mailbox = exchange_of(self.ews)
        try:
            self.connection = refresh(self.world, self.connection, mailbox)
        finally:
            mailbox.close()

    def add(self, *, before_applying: str = "") -> Run:
        self.refresh()
        reading = take(self.world, fork(self.world, self.connection))
        planned = plan(self.world, user=self.connection.user, reading=reading.id, choices=Choices())
        if before_applying:
            self.ews.mine.edit(before_applying, {"contacts:JobTitle": "Changed meanwhile"})
        number, fingerprint = planned.run.number, planned.run.fingerprint
        reopen = partial(exchange_of, self.ews)
        return apply(self.world, user=self.connection.user, number=number, fingerprint=fingerprint, reopen=reopen)

    def links(self) -> dict[str, Link]:
        scope = Scope(user=self.connection.user, mailbox=self.connection.key, crm=self.world.crm.key)
        return {link.record: link for link in self.world.store.links.all(scope)}


def connected(world: World, ews: EwsEmulator) -> Connection:
    user = world.crm.whoami().id
    described = Connection(id="c1", user=user, service=Service.EWS, label="", url=ews.url, sign_in=SignInKind.NONE)
    mailbox = exchange_of(ews)
    try:
        return connect_mailbox(world, described, mailbox)
    finally:
        mailbox.close()


@pytest.fixture
def ews(carnet: Rehearsal) -> Iterator[EwsEmulator]:
    mailbox = one_exchange()
    mailbox.address = carnet.world.crm.whoami().address
    with watched_ews(EwsEmulator(mailbox)) as emulator:
        yield emulator


@pytest.fixture
def live(carnet: Rehearsal, ews: EwsEmulator) -> Live:
    return Live(carnet.world, ews, connected(carnet.world, ews))


def test_what_was_added_is_known_next_time_though_it_was_moved_and_the_state_forgotten(live: Live) -> None:
    assert counts(live.world, live.add()).added == 5
    before = live.links()
    for item in live.ews.mine.within(live.ews.mine.default)[:2]:
        live.ews.mine.move(item.id, clients(live.ews.mine))
    told = counts(live.world, live.add())
    assert (told.added, told.already) == (0, 5)
    live.ews.mine.expire()
    told = counts(live.world, live.add())
    assert (told.added, told.already) == (0, 5)
    assert live.links().keys() == before.keys()
    assert all(record.startswith("s:") for record in before)


def test_a_first_reading_that_was_broken_off_begins_again_where_the_server_forgot_its_place(live: Live) -> None:
    live.ews.largest_page = 2
    asked = [0]

    def is_late(each: Asked) -> bool:
        asked[0] += b"SyncFolderItems" in each.body
        return asked[0] > 1

    broken = Fault(trouble=Trouble.HANG_UP, when=is_late, times=99)
    live.ews.faults.add(broken)
    with pytest.raises(Unavailable):
        live.refresh()
    live.ews.faults.drop(broken)
    live.ews.mine.expire()
    live.connection = live.world.store.connections.get(live.connection.user, live.connection.id)
    assert live.connection.reading, "what was begun is known"
    assert counts(live.world, live.add()).added == 5


def test_a_run_goes_on_though_the_server_stumbles(live: Live) -> None:
    live.ews.faults.add(
        busy("SyncFolderItems", seconds=1),
        busy("GetItem", times=2),
        Fault(trouble=Trouble.HANG_UP),
        Fault(trouble=Trouble.HANG_UP_AFTER),
    )
    told = counts(live.world, live.add())
    assert (told.added, told.left_out, told.adds_up) == (5, 2, True)
    assert live.ews.faults.left == 0


def test_what_microsofts_own_app_tracks_is_not_added_a_second_time(carnet: Rehearsal, live: Live) -> None:
    theirs = carnet.contact("Bo Suivi")
    live.ews.mine.add({"contacts:Surname": "Suivie"}, extended={MICROSOFT["crm_state"]: "2", MICROSOFT["crm_id"]: theirs})
    live.add()
    names = {each.name for each in carnet.contacts()}
    assert ("Bo Suivi" in names, "Suivie" in names) == (True, False)


def test_a_card_that_changed_between_plan_and_run_is_held_and_the_others_go_on(live: Live) -> None:
    changed = next(item.id for item in live.ews.mine.items.values() if item.values.get("contacts:Surname") == "Martin")
    run = live.add(before_applying=changed)
    held = live.world.store.journal.entries(run.number, states=[State.HELD])
    assert [entry.label for entry in held] == ["Hugo Martin"]
    assert counts(live.world, run).added == 4


def test_p01_p03_nothing_is_read_where_the_addresses_differ(carnet: Rehearsal, ews: EwsEmulator) -> None:
    ews.mine.address = "somebody.else@contoso.com"
    with pytest.raises(AddressMismatch) as raised:
        connected(carnet.world, ews)
    assert "somebody.else@contoso.com" in str(raised.value)
    assert not any(b"SyncFolderItems" in exchange.asked.body or b"GetItem" in exchange.asked.body for exchange in ews.log)
    assert carnet.world.store.connections.all(carnet.world.crm.whoami().id) == ()
