"""A mailbox on a server, in the browser: connecting, choosing it in the wizard, disconnecting."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from carnet.bootstrap import App
from carnet.flows.connect import connect_mailbox
from carnet.mailboxes.graph.translate import MICROSOFT
from carnet.model.account import RecordKind
from carnet.model.connection import Connection, Service, SignInKind
from carnet.testing.emulators.demo import demo_outlook
from carnet.testing.emulators.graph import GraphEmulator
from carnet.testing.memory_vault import MemoryVault
from carnet.transport.signin import Begun
from gates import graph_gate
from web.conftest import ME
from web.visitor import Visitor


@pytest.fixture
def outlook() -> Iterator[GraphEmulator]:
    mailbox = demo_outlook()
    mailbox.address = ME.address
    emulator = GraphEmulator(mailbox)
    emulator.watch(graph_gate.check)
    with emulator:
        yield emulator
    assert not emulator.violations, emulator.violations[:3]


def connect(app: App, outlook: GraphEmulator) -> Connection:
    described = app.network.describe(Service.GRAPH, user=ME.id, sign_in=SignInKind.NONE, server=outlook.url)
    mailbox = app.open_connection(described)
    try:
        return connect_mailbox(app.world, described, mailbox)
    finally:
        mailbox.close()


def test_the_whole_wizard_runs_on_a_connected_mailbox(app: App, visitor: Visitor, outlook: GraphEmulator) -> None:
    connection = connect(app, outlook)
    visitor.start()
    assert f"Dans la boîte aux lettres {ME.address}" in visitor.text
    visitor.press("Suivant", change={"source": f"live:{connection.id}"})
    assert visitor.at.endswith("/folders")
    assert all(name in visitor.text for name in ("Contacts", "Clients", "Fournisseurs", "Salon 2025", "À trier"))
    visitor.press("Suivant").press("Suivant").press("Ajouter des contacts")
    assert "Résumé" in visitor.text
    outlook.mine.add_contact(givenName="Toute", surname="Nouvelle", emailAddresses=[{"address": "toute.nouvelle@contoso.com"}])
    visitor.start().press("Suivant", change={"source": f"live:{connection.id}"}).press("Suivant")
    assert "1 nouveau" in visitor.text


def test_the_connection_is_listed_and_disconnecting_asks_first(app: App, visitor: Visitor, outlook: GraphEmulator) -> None:
    connection = connect(app, outlook)
    visitor.go("/connections")
    assert ME.address in visitor.text
    visitor.go(f"/connections/{connection.id}/disconnect").press("Précédent")
    assert ME.address in visitor.text.replace(ME.address, "", 1)
    visitor.go(f"/connections/{connection.id}/disconnect").press("Déconnecter")
    assert "Déconnecté" in visitor.text
    assert app.world.store.connections.all(ME.id) == ()


def test_the_contacts_of_a_connected_mailbox_can_be_seen(app: App, visitor: Visitor, outlook: GraphEmulator) -> None:
    connect(app, outlook)
    outlook.mine.add_contact(givenName="Toute", surname="Nouvelle")
    visitor.go("/connections").press("Contacts " + ME.address)
    assert visitor.at.endswith("/contacts")
    assert "Toute Nouvelle" in visitor.go(f"{visitor.at}?q=Nouvelle").text


def test_what_microsofts_own_app_tracks_elsewhere_is_asked_about_on_the_review(
    app: App, visitor: Visitor, outlook: GraphEmulator
) -> None:
    """And the list of contacts says what it tracks in this organisation."""
    connection = connect(app, outlook)
    gone = "12345678-1234-1234-1234-123456789abc"
    for surname, org in (("Disparue", app.world.crm.key), ("Ailleurs", gone)):
        properties = {MICROSOFT["crm_state"]: "2", MICROSOFT["crm_id"]: gone, MICROSOFT["crm_org"]: org}
        outlook.mine.add_contact(givenName="Zoé", surname=surname, extended=properties)
    visitor.start().press("Suivant", change={"source": f"live:{connection.id}"}).press("Suivant").press("Suivant")
    assert "Dynamics 365 App for Outlook suit ce contact sous un enregistrement qui n’est pas ici." in visitor.text
    assert (
        "Suivi par Dynamics 365 App for Outlook sous un enregistrement supprimé, ou que vous ne pouvez pas voir" in visitor.text
    )
    assert "Suivi par Dynamics 365 App for Outlook dans une autre organisation" in visitor.text
    visitor.press("Ajouter des contacts")
    assert not {"Zoé Disparue", "Zoé Ailleurs"} & {each.name for each in app.world.crm.search(RecordKind.CONTACT, "Zoé")[0]}
    visitor.go("/connections").press("Contacts " + ME.address)
    place = visitor.at
    assert "suivi par Dynamics 365 App for Outlook" in visitor.go(f"{place}?q=Disparue").text
    assert "suivi par Dynamics 365 App for Outlook" not in visitor.go(f"{place}?q=Ailleurs").text


class Provider:
    """Signs somebody in as an identity provider does; `accounts` says who comes back."""

    def __init__(self, app: App, outlook: GraphEmulator) -> None:
        self.outlook = outlook
        self.redirect = ""
        self.finished: list[dict[str, str]] = []
        app.network._vault = MemoryVault()

    def begin(self, _connection: Connection, *, redirect: str) -> Begun:
        self.redirect = redirect
        return Begun(address="https://login.contoso.example/authorize?client_id=1", flow={"state": "unguessable"})

    def finish(self, _connection: Connection, _flow: object, answer: dict[str, str]) -> str:
        self.finished.append(answer)
        return ME.address


@pytest.fixture
def provider(app: App, outlook: GraphEmulator, monkeypatch: pytest.MonkeyPatch) -> Provider:
    provider = Provider(app, outlook)
    monkeypatch.setattr(app.network, "begin_in_browser", provider.begin)
    monkeypatch.setattr(app.network, "finish_in_browser", provider.finish)
    described = app.network.describe

    def to_the_emulator(*args: Any, **kwargs: Any) -> Connection:
        found = described(*args, **kwargs)
        return replace(found, url=outlook.url, sign_in=SignInKind.NONE)

    monkeypatch.setattr(app.network, "describe", to_the_emulator)
    return provider


def begin(visitor: Visitor) -> Visitor:
    return visitor.go("/connections/new/graph").press("Se connecter", change={"client_id": "11111111-2222"})


def come_back(visitor: Visitor, state: str) -> int:
    visitor.client.cookies.clear()
    answer = visitor.client.post(
        "/connections/callback", data={"code": "c0de", "state": state}, headers={"origin": "https://login.contoso.example"}
    )
    assert ME.address not in answer.text
    return answer.status_code


def test_signing_in_goes_on_in_the_page_that_began_it(app: App, visitor: Visitor, provider: Provider) -> None:
    begin(visitor)
    assert "En attente de votre connexion" in visitor.text
    assert 'target="_blank" rel="noopener"' in visitor.page.text
    assert urlsplit(provider.redirect).path == "/connections/callback"
    assert parse_qs(urlsplit(provider.redirect).query) == {}
    waiting, cookies = visitor.at, dict(visitor.client.cookies)
    assert come_back(visitor, "unguessable") == 200
    for name, value in cookies.items():
        visitor.client.cookies.set(name, value, domain="127.0.0.1")
    visitor.go(waiting)
    assert "Connecté." in visitor.text
    assert [each.address for each in app.world.store.connections.all(ME.id)] == [ME.address]
    assert provider.finished[0]["code"] == "c0de"


def test_an_answer_with_another_state_belongs_to_nobody(app: App, visitor: Visitor, provider: Provider) -> None:
    begin(visitor)
    assert come_back(visitor, "guessed") == 404
    assert provider.finished == []
    assert app.world.store.connections.all(ME.id) == ()


def test_p01_another_address_is_refused_and_both_are_shown(app: App, visitor: Visitor, provider: Provider) -> None:
    provider.outlook.mine.address = "somebody@contoso.com"
    begin(visitor)
    waiting, cookies = visitor.at, dict(visitor.client.cookies)
    assert come_back(visitor, "unguessable") == 409
    for name, value in cookies.items():
        visitor.client.cookies.set(name, value, domain="127.0.0.1")
    visitor.go(waiting)
    assert "somebody@contoso.com" in visitor.text
    assert ME.address in visitor.text
    assert app.world.store.connections.all(ME.id) == ()
    assert not any("contacts" in exchange.asked.path.lower() for exchange in provider.outlook.log)


def test_only_the_callback_is_open_without_a_session(visitor: Visitor) -> None:
    visitor.client.cookies.clear()
    assert visitor.client.get("/connections").status_code == 403
    assert visitor.client.get("/connections/callback?code=c0de&state=unguessable").status_code == 403
    elsewhere = {"origin": "https://login.contoso.example"}
    assert visitor.client.post("/connections/callback", headers=elsewhere).status_code == 404
    assert visitor.client.post("/connections/take-over", headers=elsewhere).status_code == 403


def test_a_long_answer_belongs_to_nobody(app: App, visitor: Visitor, provider: Provider) -> None:
    begin(visitor)
    long = {"code": "c0de" * 20_000, "state": "unguessable"}
    assert visitor.client.post("/connections/callback", data=long).status_code == 404
    assert (provider.finished, app.world.store.connections.all(ME.id)) == ([], ())
