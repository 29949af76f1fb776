"""An application of the organisation, connected in the browser: by the administrator, its secret told to nobody."""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from authority import Authority
from authority import authority as trusted
from carnet.bootstrap import App, build
from carnet.bootstrap.connecting import connect
from carnet.errors import NotAllowed
from carnet.model.connection import Connection, Service, SignInKind
from carnet.settings import Settings
from carnet.testing.emulators.dataverse import DataverseEmulator
from carnet.testing.emulators.dataverse_organisation import DataverseOrganisation
from certificates import rsa_key, signer
from gates.fixtures import watched_dataverse
from web.conftest import ME
from web.visitor import ORIGIN, Visitor

SECRET = "a very secret secret of the organisation"
PAGE = "/connections/application"


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Authority]:
    with trusted(tmp_path, monkeypatch) as server:
        yield server


@pytest.fixture
def dynamics() -> Iterator[DataverseEmulator]:
    organisation = DataverseOrganisation()
    organisation.add_user(ME.address, name=ME.name)
    with watched_dataverse(DataverseEmulator(organisation)) as emulator:
        yield emulator


@pytest.fixture
def app(furnished: Path, tmp_path: Path) -> Iterator[App]:
    """A Carnet with a vault of its own."""
    home = tmp_path / "home"
    shutil.copytree(furnished, home)
    app = build(Settings(home=home, vault_key="a passphrase", keyring=False))
    yield app
    app.close()


class Page:
    """The page, filled in and sent as a browser sends it."""

    def __init__(self, visitor: Visitor, dynamics: DataverseEmulator, authority: Authority) -> None:
        self.visitor = visitor
        self._known = {"server": dynamics.root, "client_id": "app-1", "tenant": authority.issuer}

    def send(self, *, file: tuple[str, bytes] | None = None, **typed: str) -> Visitor:
        visitor = self.visitor.go(PAGE)
        csrf = next(value for each in visitor.forms() for name, value in each.values if name == "csrf")
        data = {"csrf": csrf, "secret": "", "password": "", **self._known, **typed}
        files = {"certificate": file or ("", b"")}
        visitor.page = visitor.client.post(PAGE, data=data, files=files, headers={"origin": ORIGIN})
        return visitor

    @property
    def connections(self) -> tuple[Connection, ...]:
        return self._app.world.store.connections.all(ME.id)

    def secret_of(self, connection: Connection) -> str | None:
        return self._app.network.vault.get(connection.id)

    @property
    def _app(self) -> App:
        app: App = self.visitor.web.state.door.app
        return app


@pytest.fixture
def page(visitor: Visitor, dynamics: DataverseEmulator, authority: Authority) -> Page:
    return Page(visitor, dynamics, authority)


def secrets_of(settings: Settings) -> list[Path]:
    vault = settings.home / "vault"
    return [path for path in vault.iterdir() if path.name != "salt"] if vault.exists() else []


def test_an_application_is_connected_with_its_secret_which_stands_nowhere(
    page: Page, authority: Authority, app: App, *, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        shown = page.send(secret=SECRET)
    assert "Connecté." in shown.text
    (connection,) = page.connections
    assert (connection.sign_in, connection.service, connection.chosen) == (SignInKind.APPLICATION, Service.DATAVERSE, True)
    assert authority.forms[0]["client_secret"] == SECRET
    assert page.secret_of(connection) == SECRET
    assert SECRET not in caplog.text + shown.page.text + str(shown.page.url)
    files = [path for path in app.settings.home.rglob("*") if path.is_file() and SECRET.encode() in path.read_bytes()]
    assert files == []


def test_an_application_is_connected_with_its_certificate(page: Page, authority: Authority) -> None:
    assert "a un mot de passe" in page.send(file=("app.pfx", signer().pfx(b"opens it"))).text
    shown = page.send(file=("app.pfx", signer().pfx(b"opens it")), password="opens it")
    assert "Connecté." in shown.text
    assert {"client_assertion"} <= authority.forms[0].keys()
    (connection,) = page.connections
    assert "-----BEGIN PRIVATE KEY-----" in (page.secret_of(connection) or "")
    assert page.send(secret=SECRET).text
    assert [each.id for each in page.connections] == [connection.id]
    assert page.secret_of(connection) == SECRET


REFUSED: Mapping[str, tuple[dict[str, str], tuple[str, bytes] | None]] = {
    "Donnez un secret ou un certificat": ({}, None),
    "l’un des deux": ({"secret": SECRET}, ("app.pem", signer().pem())),
    "L’annuaire (locataire) manque": ({"secret": SECRET, "tenant": ""}, None),
    "L’ID d’application (client) manque": ({"secret": SECRET, "client_id": ""}, None),
    "n’est pas l’adresse d’un serveur": ({"secret": SECRET, "server": "http://contoso.example"}, None),
    "appartient à un autre certificat": ({}, ("app.pem", signer().key_pem() + signer(rsa_key(1)).certificate_pem)),
    "ne contient pas de clé privée": ({}, ("app.pem", signer().certificate_pem)),
    "n’ouvre pas app.pfx": ({"password": SECRET}, ("app.pfx", signer().pfx(b"opens it"))),
}


@pytest.mark.parametrize("said", REFUSED)
def test_what_is_missing_or_wrong_is_said_and_nothing_secret_is_echoed(page: Page, app: App, said: str) -> None:
    typed, file = REFUSED[said]
    shown = page.send(file=file, **typed)
    assert shown.page.status_code == 422
    assert said in shown.text
    assert SECRET not in shown.page.text
    if "client_id" not in typed:
        assert 'value="app-1"' in shown.page.text
    assert page.connections == ()
    assert secrets_of(app.settings) == []


def test_what_the_authority_refuses_leaves_no_secret_behind(page: Page, authority: Authority, app: App) -> None:
    authority.refuses = "invalid_client"
    shown = page.send(secret=SECRET)
    assert (shown.page.status_code, "ne connaît pas cette application" in shown.text) == (422, True)
    assert SECRET not in shown.page.text
    assert (page.connections, secrets_of(app.settings)) == ((), [])


def test_only_the_administrator_may_and_anybody_else_is_told_why(
    page: Page, authority: Authority, app: App, *, dynamics: DataverseEmulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor = page.visitor.go("/connections/new/dataverse")
    assert f'href="{PAGE}"' in visitor.page.text
    csrf = next(value for each in visitor.go(PAGE).forms() for name, value in each.values if name == "csrf")
    monkeypatch.setattr(os, "getuid", lambda: 987_654, raising=False)
    assert visitor.go(PAGE).page.status_code == 403
    assert "Seul un administrateur connecte une application de l’organisation." in visitor.text
    assert not [each for each in visitor.forms() if each.action == PAGE]
    known = {"server": dynamics.root, "client_id": "app-1", "tenant": authority.issuer, "secret": SECRET, "csrf": csrf}
    assert visitor.client.post(PAGE, data=known, headers={"origin": ORIGIN}).status_code == 403
    described = app.network.describe(
        Service.DATAVERSE, user=ME.id, sign_in=SignInKind.APPLICATION, server=dynamics.root, tenant="contoso", client_id="app-1"
    )
    with pytest.raises(NotAllowed, match="Only an administrator"):
        connect(app, described)
    assert (page.connections, authority.forms, dynamics.requests, secrets_of(app.settings)) == ((), [], 0, [])
