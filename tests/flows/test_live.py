"""Does a mailbox on a server go through reading, groups, plan, run and undo, while people work in it?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest

from carnet.errors import AddressMismatch, NeedsConsent
from carnet.flows.apply import apply
from carnet.flows.connect import connect_mailbox
from carnet.flows.mailbox import take
from carnet.flows.pair import pair
from carnet.flows.plan import plan
from carnet.flows.refresh import disconnect, fork, refresh
from carnet.flows.summary import counts
from carnet.mailboxes.graph import open_mailbox
from carnet.mailboxes.graph.translate import MICROSOFT
from carnet.model.account import RecordKind
from carnet.model.choices import Choices
from carnet.model.connection import Connection, Pairing, Service, SignInKind
from carnet.model.plan import Action, State
from carnet.model.run import Run
from carnet.ports.world import World
from carnet.testing.emulators.graph import GraphEmulator
from carnet.testing.emulators.graph_mailbox import GraphMailbox
from flows.rehearsal import Rehearsal
from gates.fixtures import client_of, one_mailbox, watched_graph


@dataclass(slots=True)
class Live:
    """A world, and a mailbox on a server."""

    world: World
    graph: GraphEmulator
    connection: Connection

    def refresh(self) -> Connection:
        mailbox = open_mailbox(client_of(self.graph))
        try:
            self.connection = refresh(self.world, self.connection, mailbox)
        finally:
            mailbox.close()
        return self.connection

    def names(self) -> set[str]:
        records = self.world.store.readings.records(self.connection.reading)
        return {record.contact.get("surname") for record in records}

    def add(self, *, before_applying: str = "") -> Run:
        self.refresh()
        reading = take(self.world, fork(self.world, self.connection))
        planned = plan(self.world, user=self.connection.user, reading=reading.id, choices=Choices())
        if before_applying:
            self.graph.mine.edit(before_applying, surname="Autre", jobTitle="Changed meanwhile")
        mailbox = client_of(self.graph)
        return apply(
            self.world,
            user=self.connection.user,
            number=planned.run.number,
            fingerprint=planned.run.fingerprint,
            reopen=lambda: open_mailbox(mailbox),
        )


def connected(world: World, graph: GraphEmulator, *, take_over: bool = False) -> Connection:
    described = Connection(
        id="c1", user=world.crm.whoami().id, service=Service.GRAPH, label="", url=graph.url, sign_in=SignInKind.NONE
    )
    mailbox = open_mailbox(client_of(graph))
    try:
        return connect_mailbox(world, described, mailbox, take_over=take_over)
    finally:
        mailbox.close()


@pytest.fixture
def live(carnet: Rehearsal) -> Iterator[Live]:
    world = carnet.world
    mailbox = one_mailbox()
    mailbox.address = world.crm.whoami().address
    with watched_graph(GraphEmulator(mailbox)) as graph:
        yield Live(world, graph, connected(world, graph))


def test_a_mailbox_is_read_once_and_then_only_what_changed(live: Live) -> None:
    live.refresh()
    assert live.names() == {"Durand", "Martin", "Lefèvre", "Renard", "Petit"}
    reading, before = live.connection.reading, live.graph.units
    live.graph.mine.add_contact(surname="Nouveau")
    live.graph.mine.delete(next(iter(live.graph.mine.items)))
    live.refresh()
    assert live.names() == {"Nouveau", "Martin", "Lefèvre", "Renard", "Petit"}
    assert live.connection.reading == reading
    assert live.graph.units - before < 12


def test_what_microsofts_own_app_tracks_in_a_connected_mailbox_is_not_added_a_second_time(carnet: Rehearsal, live: Live) -> None:
    theirs = carnet.contact("Bo Suivi")
    for surname, identity in (("Suivie", theirs), ("Ailleurs", "12345678-1234-1234-1234-123456789abc")):
        properties = {MICROSOFT["crm_state"]: "2", MICROSOFT["crm_id"]: identity}
        live.graph.mine.add_contact(surname=surname, extended=properties)
    run = live.add()
    names = {each.name for each in carnet.contacts()}
    assert "Bo Suivi" in names
    assert not {"Suivie", "Ailleurs"} & names
    held = live.world.store.journal.entries(run.number, states=[State.HELD])
    assert [(entry.label, entry.reason) for entry in held] == [("Ailleurs", "tracked")]


def test_a_forgotten_token_or_another_folder_reads_all_again_under_the_same_ids(live: Live) -> None:
    live.refresh()
    ids = {record.id for record in live.world.store.readings.records(live.connection.reading)}
    live.graph.mine.expire()
    live.refresh()
    assert {record.id for record in live.world.store.readings.records(live.connection.reading)} == ids
    live.graph.mine.add_contact(live.graph.mine.add_folder("Fournisseurs"), surname="Ailleurs")
    live.refresh()
    assert "Ailleurs" in live.names()


def test_contacts_of_a_connected_mailbox_are_added_and_known_next_time(live: Live) -> None:
    run = live.add()
    told = counts(live.world, run)
    assert (told.added, told.left_out, told.adds_up) == (5, 1, True)
    again = counts(live.world, live.add())
    assert (again.added, again.already) == (0, 5)


def test_a_card_that_changed_between_plan_and_run_is_held_and_the_others_go_on(live: Live) -> None:
    changed = next(iter(live.graph.mine.items))
    run = live.add(before_applying=changed)
    held = live.world.store.journal.entries(run.number, states=[State.HELD])
    assert [(entry.record, entry.reason) for entry in held] == [(f"i:{changed}", "card_changed")]
    assert counts(live.world, run).added == 4


def test_disconnecting_forgets_what_was_read_and_keeps_links(live: Live) -> None:
    live.add()
    reading = live.refresh().reading
    disconnect(live.world, live.connection)
    assert live.world.store.readings.records(reading) == ()
    assert live.world.store.connections.all(live.connection.user) == ()
    assert live.world.store.connections.pairings() == ()
    live.connection = connected(live.world, live.graph)
    assert counts(live.world, live.add()).already == 5


@pytest.mark.parametrize("address", ["somebody@contoso.com", ""])
def test_p01_p03_nothing_is_read_where_the_addresses_differ(live: Live, address: str) -> None:
    live.graph.mine.address = address or "x@contoso.com"
    before = [exchange for exchange in live.graph.log if "contacts" in exchange.asked.path.lower()]
    with pytest.raises(AddressMismatch):
        live.refresh()
    assert [exchange for exchange in live.graph.log if "contacts" in exchange.asked.path.lower()] == before


def test_p02_an_alias_is_not_enough(live: Live) -> None:
    live.graph.mine.aliases = (live.graph.mine.address,)
    live.graph.mine.address = "other@contoso.com"
    with pytest.raises(AddressMismatch, match="alias"):
        live.refresh()


def test_p04_p05_a_second_mailbox_of_the_same_user_asks_to_take_over(live: Live) -> None:
    mine = live.connection
    user = live.world.crm.whoami()
    taken = Pairing(mailbox=mine.key, crm=live.world.crm.key, crm_user=user.id, address=user.address)
    assert live.world.store.connections.pairings() == (taken,)
    second = one_mailbox("second")
    second.address = user.address
    with watched_graph(GraphEmulator(second)) as graph:
        with pytest.raises(NeedsConsent):
            connected(live.world, graph)
        assert live.world.store.connections.pairings() == (taken,)
        connected(live.world, graph, take_over=True)
    assert live.world.store.connections.pairings() == (replace(taken, mailbox="graph:second"),)
    mailbox = open_mailbox(client_of(live.graph))
    with pytest.raises(NeedsConsent):
        pair(live.world, mailbox.identity())
    mailbox.close()


def test_the_owner_of_what_is_added_is_the_crm_user(live: Live) -> None:
    run = live.add()
    made = [entry.target or "" for entry in live.world.store.journal.entries(run.number, actions=[Action.CREATE])]
    records = live.world.crm.get(RecordKind.CONTACT, made)
    assert {record.owner for record in records.values()} == {live.world.crm.whoami().id}


def test_w06_folders_of_others_come_and_go_without_anything_being_read_again(live: Live) -> None:
    live.refresh()
    colleague = GraphMailbox("lou", shared_with=("me",))
    live.graph.mailboxes["lou"] = colleague
    live.connection = replace(live.connection, shared=(colleague.address,))

    def shown() -> list[tuple[str, str]]:
        before = len(live.graph.log)
        mailbox = open_mailbox(client_of(live.graph), shared=live.connection.shared)
        live.connection = refresh(live.world, live.connection, mailbox)
        mailbox.close()
        asked = [each.asked.path for each in live.graph.log[before:]]
        assert not [path for path in asked if path.endswith("/contacts") and "/users/" in path and path.count("contact") > 2]
        assert not [each for each in live.graph.log[before:] if "$expand" in each.asked.query], "nobody was read again"
        reading = live.world.store.readings.get(live.connection.user, live.connection.reading)
        return [(each.name, each.reason) for each in reading.folders if not each.selectable]

    first = live.connection.reading
    assert shown() == [(colleague.address, "delegate"), ("Contacts", "delegate")]
    colleague.add_folder("Presse")
    assert shown() == [(colleague.address, "delegate"), ("Contacts", "delegate"), ("Presse", "delegate")]
    forked = fork(live.world, live.connection)
    assert [each.name for each in forked.folders if not each.selectable][-1] == "Presse"
    colleague.shared_with = ()
    assert shown() == [(colleague.address, "unshared")]
    assert live.connection.reading == first


def test_ones_own_address_is_not_shown_as_somebody_elses(live: Live) -> None:
    described = replace(live.connection, shared=(live.graph.mine.address, "c.roche@contoso.com", "lou@contoso.com"))
    mailbox = open_mailbox(client_of(live.graph))
    assert connect_mailbox(live.world, described, mailbox).shared == ("lou@contoso.com",)
    mailbox.close()
