"""Are other people's folders shown with the reason why they cannot be selected, and never read?"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from carnet.errors import NotAllowed
from carnet.mailboxes.graph import open_mailbox
from carnet.model.folder import DELEGATE, UNKNOWN, UNSEEN, UNSHARED, Folder
from carnet.ports.mailbox import Mailbox
from carnet.testing.emulators.ews import EwsEmulator
from carnet.testing.emulators.ews_mailbox import EwsMailbox
from carnet.testing.emulators.faults import Asked, Fault, Trouble
from carnet.testing.emulators.graph import GraphEmulator
from carnet.testing.emulators.graph_mailbox import GraphMailbox
from carnet.words import Words
from carnet.words.reasons import folder_reason
from gates.fixtures import client_of, one_exchange, one_mailbox, watched_ews, watched_graph
from mailboxes.exchange import exchange_of

LOU, HUGO, NOBODY = "lou@contoso.com", "hugo@contoso.com", "nobody@contoso.com"
ALL = (LOU, HUGO, NOBODY)


@pytest.fixture
def graph() -> Iterator[GraphEmulator]:
    """Lou shares her contacts, folders and all; Hugo does not."""
    lou = GraphMailbox("lou", shared_with=("me",))
    inner = lou.add_folder("Presse")
    lou.add_folder("Radio", parent=inner)
    lou.add_contact(surname="Ailleurs")
    with watched_graph(GraphEmulator(one_mailbox(), lou, GraphMailbox("hugo"))) as emulator:
        yield emulator


@pytest.fixture
def ews() -> Iterator[EwsEmulator]:
    """The same, on a server."""
    lou = EwsMailbox("lou", shared_with=("camille",))
    inner = lou.add_folder("Presse")
    lou.add_folder("Radio", parent=inner)
    lou.add({"contacts:Surname": "Ailleurs"})
    with watched_ews(EwsEmulator(one_exchange(), lou, EwsMailbox("hugo"))) as emulator:
        yield emulator


def theirs(mailbox: Mailbox) -> list[Folder]:
    return [each for each in mailbox.folders() if not each.selectable]


def told(mailbox: Mailbox) -> list[tuple[tuple[str, ...], str]]:
    return [(each.path, each.reason) for each in theirs(mailbox)]


SEEN = [
    ((LOU,), DELEGATE),
    ((LOU, "Contacts"), DELEGATE),
    ((LOU, "Contacts", "Presse"), DELEGATE),
    ((LOU, "Contacts", "Presse", "Radio"), DELEGATE),
    ((HUGO,), UNSHARED),
    ((NOBODY,), UNKNOWN),
]


def test_w06_on_microsoft_365_each_mailbox_that_is_named_is_shown_with_its_folders_or_the_reason(graph: GraphEmulator) -> None:
    mailbox = open_mailbox(client_of(graph), shared=ALL)
    assert told(mailbox) == SEEN
    _stands_below(theirs(mailbox))
    asked = [each.asked.path for each in graph.log if "/users/" in each.asked.path]
    assert asked
    assert {each.asked.method for each in graph.log if "/users/" in each.asked.path} == {"GET"}
    assert [path for path in asked if path.endswith("/contacts") and not path.endswith("/contactFolders/contacts")] == []
    for each in theirs(mailbox):
        with pytest.raises(NotAllowed, match="somebody else"):
            list(mailbox.read(each.id))
    assert "Ailleurs" not in "".join(str(each.said.body) for each in graph.log)
    mailbox.close()


def test_w06_on_an_exchange_server_it_is_the_same(ews: EwsEmulator) -> None:
    mailbox = exchange_of(ews, shared=ALL)
    assert told(mailbox) == SEEN
    _stands_below(theirs(mailbox))
    for each in theirs(mailbox):
        with pytest.raises(NotAllowed, match="somebody else"):
            list(mailbox.read(each.id))
    assert b"Ailleurs" not in b"".join(each.said.body for each in ews.log)
    assert not any(name in each.asked.body for each in ews.log for name in (b"GetItem", b"SyncFolderItems", b"FindItem"))
    mailbox.close()


def _stands_below(found: list[Folder]) -> None:
    """Whatever is not the row of a mailbox stands below one that was shown before; none is the default, none has a count."""
    for number, each in enumerate(found):
        assert each.parent is None or each.parent in {before.id for before in found[:number]}
        assert (each.parent is None) == (len(each.path) == 1)
        assert (each.is_default, each.count) == (False, 0)


def test_without_the_right_for_shared_folders_ones_own_are_there_and_the_reason_names_it(graph: GraphEmulator) -> None:
    graph.scopes = {"me": frozenset({"User.Read", "Contacts.Read"})}
    mailbox = open_mailbox(client_of(graph), shared=[LOU])
    assert told(mailbox) == [((LOU,), UNSHARED)]
    assert [each.name for each in mailbox.folders() if each.selectable] == ["Contacts", "Clients"]
    assert "Contacts.Read.Shared" in folder_reason(Words("en"), UNSHARED)
    assert "Contacts.Read.Shared" in folder_reason(Words("fr"), UNSHARED)
    mailbox.close()


def test_ones_own_folders_do_not_wait_for_somebody_elses(graph: GraphEmulator, ews: EwsEmulator) -> None:
    def of_lou(asked: Asked) -> bool:
        return "/users/lou" in asked.path or (b"lou@contoso.com" in asked.body and b"GetFolder" in asked.body)

    for emulator, mailbox in (
        (graph, open_mailbox(client_of(graph), shared=[LOU])),
        (ews, exchange_of(ews, shared=[LOU])),
    ):
        emulator.faults.add(Fault(trouble=Trouble.STATUS, status=503, times=99, when=of_lou))
        assert told(mailbox) == [((LOU,), UNSEEN)]
        assert [each.name for each in mailbox.folders() if each.selectable] == ["Contacts", "Clients"]
        mailbox.close()


def test_nothing_is_asked_of_anybody_who_was_not_named(graph: GraphEmulator, ews: EwsEmulator) -> None:
    for mailbox in (open_mailbox(client_of(graph)), exchange_of(ews)):
        assert theirs(mailbox) == []
        mailbox.close()
    assert not any("/users/" in each.asked.path for each in graph.log)
    assert not any(b"lou@contoso.com" in each.asked.body for each in ews.log)
