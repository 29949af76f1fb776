"""Does O365, a client of the community, find in our emulator what it expects of Microsoft Graph?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from carnet.testing.emulators.graph import GraphEmulator
from gates.fixtures import one_mailbox, watched_graph

pytestmark = pytest.mark.foreign

O365 = pytest.importorskip("O365")
connection = pytest.importorskip("O365.connection")
token = pytest.importorskip("O365.utils.token")


@pytest.fixture
def graph() -> Iterator[GraphEmulator]:
    with watched_graph(GraphEmulator(one_mailbox())) as emulator:
        yield emulator


@pytest.fixture
def book(graph: GraphEmulator, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The address book of an account that is signed in; O365 takes any host as its service."""
    monkeypatch.setattr(connection.MSGraphProtocol, "_protocol_url", f"{graph.root}/")
    protocol = connection.MSGraphProtocol(timezone="UTC")
    account = O365.Account(("id", "secret"), protocol=protocol, token_backend=token.MemoryTokenBackend())
    account.con.session = account.con.get_session()
    account.con.session.headers["Authorization"] = "Bearer me"
    yield account.address_book()
    account.con.session.close()


def test_it_reads_every_contact_page_by_page(book: Any, graph: GraphEmulator) -> None:
    found = list(book.get_contacts(limit=10, batch=2))
    assert [each.surname for each in found] == ["Durand", "Martin", "Lefèvre", "Confidence"]
    assert found[0].main_email == "durand1@contoso.com"
    assert graph.requests == 2


def test_it_finds_folders_and_their_contacts(book: Any) -> None:
    (clients,) = book.get_folders()
    assert clients.name == "Clients"
    clients.root = False  # it takes every folder of an address book for the address book
    assert [each.full_name for each in clients.get_contacts()] == ["Alix Renard", "Noé Petit"]


def test_it_creates_changes_and_deletes_a_contact(book: Any, graph: GraphEmulator) -> None:
    contact = book.new_contact()
    contact.name, contact.surname = "Nina", "Roux"
    contact.emails.add("nina@contoso.com")
    assert contact.save()
    contact.job_title = "Directrice"
    assert contact.save()
    (item,) = [each for each in graph.mine.items.values() if each.values.get("surname") == "Roux"]
    assert item.values["jobTitle"] == "Directrice"
    assert contact.delete()
    assert item.id not in graph.mine.items
