"""A mailbox on an Exchange server, in the browser: connected with a password, then worked through in the wizard."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from carnet.bootstrap import App
from carnet.testing.emulators.ews import EwsEmulator
from carnet.testing.emulators.ews_mailbox import OPENS
from carnet.testing.memory_vault import MemoryVault
from gates.fixtures import watched_ews
from mailboxes.exchange import demo_exchange
from web.conftest import ME
from web.visitor import Visitor


@pytest.fixture
def exchange() -> Iterator[EwsEmulator]:
    with watched_ews(EwsEmulator(demo_exchange(ME.address))) as emulator:
        yield emulator


@pytest.fixture
def vault(app: App, monkeypatch: pytest.MonkeyPatch) -> MemoryVault:
    vault = MemoryVault()
    monkeypatch.setattr(app.network, "_vault", vault)
    return vault


def connect(visitor: Visitor, exchange: EwsEmulator, **typed: str) -> Visitor:
    form = {"server": exchange.root, "account": "CONTOSO\\camille", "password": OPENS, **typed}
    return visitor.go("/connections/new/ews").press("Connecter", change=form)


def test_the_whole_wizard_runs_on_a_mailbox_of_an_exchange_server(
    app: App, visitor: Visitor, *, exchange: EwsEmulator, vault: MemoryVault
) -> None:
    connect(visitor, exchange)
    assert visitor.at.startswith("/connections")
    assert ME.address in visitor.text
    assert "Serveur Exchange" in visitor.text
    (connection,) = app.world.store.connections.all(ME.id)
    assert vault.get(connection.id) == OPENS
    visitor.start().press("Suivant", change={"source": f"live:{connection.id}"})
    assert all(name in visitor.text for name in ("Contacts", "Clients", "Fournisseurs", "Salon 2025", "À trier"))
    visitor.press("Suivant").press("Suivant").press("Ajouter des contacts")
    assert "Résumé" in visitor.text
    exchange.mine.add({"contacts:GivenName": "Toute", "contacts:Surname": "Nouvelle"})
    visitor.start().press("Suivant", change={"source": f"live:{connection.id}"}).press("Suivant")
    assert "1 nouveau" in visitor.text


def test_its_contacts_can_be_seen(visitor: Visitor, exchange: EwsEmulator, vault: MemoryVault) -> None:
    exchange.mine.add({"contacts:GivenName": "Toute", "contacts:Surname": "Nouvelle", "contacts:DisplayName": "Toute Nouvelle"})
    connect(visitor, exchange).press("Contacts " + ME.address)
    assert "Toute Nouvelle" in visitor.go(f"{visitor.at}?q=Nouvelle").text
    assert vault.get("nothing") is None


def test_a_wrong_password_is_told_and_neither_shown_again_nor_kept(
    app: App, visitor: Visitor, *, exchange: EwsEmulator, vault: MemoryVault
) -> None:
    connect(visitor, exchange, password="Faux 9")
    assert "n’accepte pas ce nom d’utilisateur" in visitor.text
    assert "CONTOSO\\camille" in visitor.page.text
    assert "Faux 9" not in visitor.page.text
    assert app.world.store.connections.all(ME.id) == ()
    assert vault._secrets == {}


def test_exchange_online_is_pointed_to_microsoft_365(visitor: Visitor, exchange: EwsEmulator, vault: MemoryVault) -> None:
    connect(visitor, exchange, server="outlook.office365.com")
    assert "Connectez-la plutôt comme Microsoft 365" in visitor.text
    assert exchange.requests == 0
    assert vault._secrets == {}


def test_disconnecting_forgets_the_password(app: App, visitor: Visitor, *, exchange: EwsEmulator, vault: MemoryVault) -> None:
    connect(visitor, exchange)
    (connection,) = app.world.store.connections.all(ME.id)
    visitor.go(f"/connections/{connection.id}/disconnect").press("Déconnecter")
    assert vault.get(connection.id) is None
    assert app.world.store.connections.all(ME.id) == ()
