"""A mailbox on an Exchange server, in the browser: connected with a password, then worked through in the wizard."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from carnet.bootstrap import App
from carnet.testing.emulators.ews import EwsEmulator
from carnet.testing.emulators.ews_mailbox import OPENS, EwsMailbox
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


def test_w06_folders_of_somebody_else_are_greyed_with_the_reason(
    app: App, visitor: Visitor, *, exchange: EwsEmulator, vault: MemoryVault
) -> None:
    lou = EwsMailbox("lou", address="lou@contoso.com", shared_with=("camille",))
    lou.add_folder("Presse")
    exchange.mailboxes |= {"lou": lou, "hugo": EwsMailbox("hugo", address="hugo@contoso.com")}
    connect(visitor, exchange, shared="lou@contoso.com, hugo@contoso.com")
    assert "Montrés aussi, et non ajoutés : lou@contoso.com et hugo@contoso.com" in visitor.text.replace("\u00a0", " ")
    (connection,) = app.world.store.connections.all(ME.id)
    visitor.start().press("Suivant", change={"source": f"live:{connection.id}"})
    rows = re.findall(r'name="folder" value="(shared:[^"]+)" id="folder\d+" disabled aria-describedby="why', visitor.page.text)
    assert [each.split(":")[1] for each in rows] == ["lou@contoso.com"] * 3 + ["hugo@contoso.com"]
    assert "Presse" in visitor.text
    assert "les contacts d’une autre personne ne peuvent pas être ajoutés" in visitor.text
    assert "Son propriétaire ne partage aucun dossier de contacts avec vous" in visitor.text
    visitor.press("next", change={"folder": rows})
    assert "Cochez au moins un dossier." in visitor.text
    assert vault.get(connection.id) == OPENS


def test_what_was_typed_stands_in_the_form_to_show_somebody_else_too(
    app: App, visitor: Visitor, *, exchange: EwsEmulator, vault: MemoryVault
) -> None:
    connect(visitor, exchange, shared="lou@contoso.com")
    (before,) = app.world.store.connections.all(ME.id)
    (again,) = re.findall(r'href="(/connections/new/ews\?again=[^"]+)"', visitor.page.text)
    visitor.go(again)
    assert all(each in visitor.page.text for each in ('value="CONTOSO\\camille"', 'value="lou@contoso.com"'))
    assert OPENS not in visitor.page.text
    visitor.press("Connecter", change={"password": OPENS, "shared": ""})
    (after,) = app.world.store.connections.all(ME.id)
    assert (after.id, after.shared) == (before.id, ())
    refused = connect(visitor, exchange, shared="lou")
    assert "n’est pas une adresse e-mail" in refused.text
    assert 'value="lou"' in refused.page.text
    assert OPENS not in refused.page.text
    assert vault.get(after.id) == OPENS
