"""Is a mailbox connected by signing in at an OpenID provider nobody here wrote, in the browser and in the terminal?"""

from __future__ import annotations

import html
import io
import json
import logging
import re
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

import carnet.bootstrap.network
from carnet.bootstrap import App, build
from carnet.cli.app import run
from carnet.model.account import CrmUser
from carnet.settings import Settings, read_settings
from carnet.testing.emulators.dataverse import DataverseEmulator
from carnet.testing.emulators.dataverse_organisation import DataverseOrganisation
from carnet.testing.emulators.graph import GraphEmulator
from carnet.testing.emulators.server import Emulator
from carnet.testing.memory_vault import MemoryVault
from certificates import key_file, rsa_key, signer
from cli.terminal import Terminal
from foreign.openid import Browser, OpenId, provider
from gates.fixtures import one_mailbox, watched_dataverse, watched_graph
from web.server import free_port
from web.visitor import Visitor

pytestmark = pytest.mark.foreign
WHO = "camille@contoso.com"
APPLICATIONS = {"organisation", "certified"}
PORT = free_port()
DYNAMICS = f"http://127.0.0.1:{PORT}"


@pytest.fixture(scope="module")
def openid(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenId]:
    scopes = (f"{DYNAMICS}/user_impersonation", f"{DYNAMICS}/.default")
    with provider(tmp_path_factory.mktemp("openid"), *scopes, signers=[signer()]) as found:
        yield found


class Tokens(Mapping[str, str]):
    """Asks the provider whose a token is, as a service does."""

    def __init__(self, openid: OpenId) -> None:
        self._openid = openid
        self._known: dict[str, str] = {}

    def __getitem__(self, token: str) -> str:
        if token not in self._known:
            said = self._openid.whose(token)
            is_mine = WHO in said.get("sub", "") or said.get("client_id") in APPLICATIONS
            self._known[token] = "me" if is_mine else ""
        return self._known[token]

    def __iter__(self) -> Iterator[str]:
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)


class Vault(MemoryVault):
    """Remembers the names it was given."""

    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []

    def put(self, name: str, secret: str) -> None:
        self.names.append(name)
        super().put(name, secret)


@pytest.fixture
def graph(openid: OpenId, monkeypatch: pytest.MonkeyPatch) -> Iterator[GraphEmulator]:
    with watched_graph(GraphEmulator(one_mailbox())) as emulator:
        emulator.tokens = Tokens(openid)
        monkeypatch.setattr(carnet.bootstrap.network, "GRAPH", emulator.url)
        monkeypatch.setenv("SSL_CERT_FILE", str(openid.certificates))
        yield emulator


@pytest.fixture
def app(graph: GraphEmulator, tmp_path: Path) -> Iterator[App]:
    assert graph.url
    settings = Settings(home=tmp_path / "home", keys=tmp_path / "keys", vault_key="a passphrase", keyring=False)
    settings.prepare()
    app = build(settings, user=CrmUser(id="camille", name="Camille Roche", address=WHO, administrator=True))
    yield app
    app.close()


def sign_in_through_the_page(visitor: Visitor, openid: OpenId, *, shared: str = "") -> str:
    """From Carnet's page to the provider, and back to the page that waits; returns the rights that were asked for."""
    visitor.enter().go("/connections/new/graph")
    visitor.press("Se connecter", change={"client_id": "carnet", "tenant": openid.issuer, "shared": shared})
    waiting = visitor.at
    (address,) = re.findall(rf'href="({openid.issuer}/auth[^"]+)"', visitor.page.text)
    with Browser(openid) as browser:
        browser.go(html.unescape(address))
        browser.sign_in(WHO)
        answer = visitor.client.post("/connections/callback", data=browser.came_back, headers={"origin": "https://localhost"})
    assert WHO not in answer.text
    visitor.go(waiting)
    return parse_qs(urlsplit(html.unescape(address)).query)["scope"][0]


def test_a_mailbox_is_connected_through_the_page_and_read_with_its_token(app: App, openid: OpenId, graph: GraphEmulator) -> None:
    with Visitor(app) as visitor:
        sign_in_through_the_page(visitor, openid)
        assert "Connecté." in visitor.text
        (connection,) = app.world.store.connections.all("camille")
        assert (connection.address, connection.account) == (WHO, WHO)
        assert app.network.vault.get(connection.id)
        assert app.network._fresh.get(connection.id) is None
        visitor.press("Contacts " + WHO)
        assert "Zoé Durand" in visitor.text
        assert graph.requests > 0
        visitor.go(f"/connections/{connection.id}/disconnect").press("Déconnecter")
        assert app.network.vault.get(connection.id) is None
        assert app.world.store.connections.all("camille") == ()


def test_what_others_share_is_asked_for_only_where_somebody_is_named(app: App, openid: OpenId, graph: GraphEmulator) -> None:
    with Visitor(app) as visitor:
        assert "Contacts.Read.Shared" not in sign_in_through_the_page(visitor, openid)
        assert "Contacts.Read.Shared" in sign_in_through_the_page(visitor, openid, shared="lou@contoso.com").split()
        (connection,) = app.world.store.connections.all("camille")
        assert connection.shared == ("lou@contoso.com",)
        assert "Contacts.Read.Shared" in app.network.granted(connection)
        mailbox = app.open_connection(connection)
        assert [each.id for each in mailbox.folders()][-1] == "shared:lou@contoso.com"
        mailbox.close()
        visitor.go(f"/connections/new/graph?again={connection.id}")
        assert all(f'value="{each}"' in visitor.page.text for each in ("carnet", openid.issuer, "lou@contoso.com"))
        assert "Contacts.Read.Shared" not in sign_in_through_the_page(visitor, openid)
        (again,) = app.world.store.connections.all("camille")
        assert (again.id, again.shared) == (connection.id, ())
        assert "Contacts.Read.Shared" not in app.network.granted(again)
    assert graph.requests > 0


def test_what_signed_in_to_another_address_is_forgotten(app: App, openid: OpenId, graph: GraphEmulator) -> None:
    graph.mine.address = "somebody@contoso.com"
    app.network._vault = vault = Vault()
    with Visitor(app) as visitor:
        sign_in_through_the_page(visitor, openid)
        assert "somebody@contoso.com" in visitor.text
    assert app.world.store.connections.all("camille") == ()
    assert vault.names == []


class Typing:
    """A person at the terminal, and in a browser beside it."""

    def __init__(self, openid: OpenId) -> None:
        self._openid = openid
        self._out, self._err = io.StringIO(), io.StringIO()
        self.code = -1

    def connect(self, *what: str) -> Any:
        """Connect that in the terminal, typing the code that it shows; returns what it printed."""
        command = ["connect", *what, "--client-id", "carnet", "--tenant", self._openid.issuer, "--json"]
        with redirect_stdout(self._out), redirect_stderr(self._err):
            connecting = threading.Thread(target=lambda: setattr(self, "code", run(command)))
            connecting.start()
            self._type()
            connecting.join(timeout=60)
        return json.loads(self._out.getvalue())

    def _type(self) -> None:
        end = time.monotonic() + 60
        while not (found := re.search(r"Open (\S+) in a browser and type the code (\S+)\.", self._err.getvalue())):
            assert time.monotonic() < end, self._err.getvalue()
            time.sleep(0.05)
        with Browser(self._openid) as browser:
            browser.type_code(found[1], found[2])
            browser.send()
            browser.sign_in(WHO)


@pytest.fixture
def terminal(openid: OpenId, home: Path, tmp_path: Path, *, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    monkeypatch.setenv("SSL_CERT_FILE", str(openid.certificates))
    monkeypatch.setenv("CARNET_KEYRING", "off")
    monkeypatch.setenv("CARNET_KEYS", str(tmp_path / "keys"))
    terminal = Terminal(home)
    assert terminal("init", "--name", "Camille Roche", "--address", WHO).code == 0
    return terminal


def secrets_of(*connections: str) -> list[str | None]:
    app = build(read_settings())
    try:
        return [app.network.vault.get(each) for each in connections]
    finally:
        app.close()


@pytest.mark.usefixtures("graph")
def test_a_mailbox_is_connected_in_the_terminal_with_a_code(terminal: Terminal, openid: OpenId) -> None:
    typing = Typing(openid)
    (told,) = typing.connect("microsoft365")["connections"]
    assert (typing.code, told["address"]) == (0, WHO)
    assert terminal.json("groups", WHO)["contacts"] == 5
    assert terminal.json("disconnect", WHO) == {"connections": []}
    assert secrets_of(told["id"]) == [None]


@pytest.mark.usefixtures("graph")
def test_signing_in_again_renews_the_connection_that_is_there(terminal: Terminal, openid: OpenId) -> None:
    (first,) = Typing(openid).connect("microsoft365")["connections"]
    (before,) = secrets_of(first["id"])
    (again,) = Typing(openid).connect("microsoft365")["connections"]
    assert again["id"] == first["id"]
    (after,) = secrets_of(first["id"])
    assert after
    assert after != before
    assert terminal.json("groups", WHO)["contacts"] == 5


@pytest.fixture
def dynamics(openid: OpenId) -> Iterator[DataverseEmulator]:
    organisation = DataverseOrganisation()
    organisation.add_user(WHO, name="Camille Roche")
    with watched_dataverse(DataverseEmulator(organisation, tokens=Tokens(openid), port=PORT)) as emulator:
        yield emulator
    assert not emulator.violations


def test_dynamics_365_is_connected_in_the_terminal_with_a_code(
    terminal: Terminal, openid: OpenId, dynamics: DataverseEmulator, *, graph: GraphEmulator, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    Typing(openid).connect("microsoft365")
    (told,) = Typing(openid).connect("dynamics365", dynamics.root)["connections"]
    assert (told["service"], told["address"], told["chosen"]) == ("dataverse", WHO, True)
    plan = terminal.json("plan", WHO)
    assert plan["crm"].startswith("dataverse:")
    assert terminal.apply(plan)["counts"]["added"] == 5
    assert len(dynamics.organisation.rows["contact"]) == 5
    assert terminal.json("undo", plan["run"])["counts"]["contacts_deleted"] == 5
    given = [*_tokens(graph), *_tokens(dynamics)]
    assert len(given) >= 2
    assert [secret for secret in (*given, WHO, "Durand") if secret in caplog.text] == []
    terminal.json("disconnect", told["label"])
    assert secrets_of(told["id"]) == [None]


def _tokens(emulator: Emulator) -> list[str]:
    """The tokens that were shown to it."""
    assert isinstance(emulator.tokens, Tokens)
    return list(emulator.tokens)


def test_an_organisation_connects_dynamics_365_with_its_secret(
    terminal: Terminal, openid: OpenId, dynamics: DataverseEmulator, *, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = ("connect", "dynamics365", dynamics.root, "--application", "--client-id", "organisation")
    assert "directory (tenant) is missing" in terminal(*command).err
    monkeypatch.setattr("sys.stdin", io.StringIO("another secret\n"))
    refused = terminal(*command, "--tenant", openid.issuer)
    assert (refused.code, "does not know this application" in refused.err) == (2, True)
    monkeypatch.setattr("sys.stdin", io.StringIO("the secret of the organisation\n"))
    (told,) = terminal.json(*command, "--tenant", openid.issuer)["connections"]
    assert told["address"] == WHO
    assert secrets_of(told["id"]) == ["the secret of the organisation"]
    terminal.json("disconnect", told["label"])
    assert secrets_of(told["id"]) == [None]


def test_an_organisation_connects_dynamics_365_with_its_certificate(
    terminal: Terminal, openid: OpenId, dynamics: DataverseEmulator, *, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = ("connect", "dynamics365", dynamics.root, "--client-id", "certified", "--tenant", openid.issuer)
    another = key_file(tmp_path / "another.pem", signer(rsa_key(1)).pem())
    refused = terminal(*name, "--certificate", another)
    assert (refused.code, "does not know this application" in refused.err) == (2, True)
    sealed = key_file(tmp_path / "app.pfx", signer().pfx(b"opens it"))
    monkeypatch.setattr("sys.stdin", io.StringIO("opens it\n"))
    (told,) = terminal.json(*name, "--certificate", sealed)["connections"]
    assert told["address"] == WHO
    sealed.unlink()  # it is kept, and no longer needed
    (kept,) = secrets_of(told["id"])
    assert kept
    line = kept.splitlines()[5]
    files = [path for path in tmp_path.rglob("*") if path.is_file() and path != another and line.encode() in path.read_bytes()]
    assert files == []
    found = tmp_path / "people.vcf"
    found.write_text("BEGIN:VCARD\nVERSION:3.0\nN:Durand;Zoé;;;\nFN:Zoé Durand\nEND:VCARD\n", encoding="utf-8")
    assert terminal.apply(terminal.json("plan", found))["counts"]["added"] == 1
    assert len(dynamics.organisation.rows["contact"]) == 1
    terminal.json("disconnect", told["label"])
    assert secrets_of(told["id"]) == [None]


def looked_at(terminal: Terminal, part: str, *emulators: Emulator) -> dict[str, dict[str, Any]]:
    """What the examination says of that part, question by question; it only reads, and names nobody."""
    before = [len(each.log) for each in emulators]
    told = terminal("doctor", "--json")
    assert told.code == 0, told
    asked = [exchange.asked for each, start in zip(emulators, before, strict=True) for exchange in each.log[start:]]
    assert {each.method for each in asked if not each.path.endswith("$batch")} == {"GET"}
    assert [each.path for each in asked if each.path.endswith("$batch")]
    tokens = [token for each in emulators for token in _tokens(each)]
    assert tokens
    hidden = (*tokens, WHO, "camille", "Camille", "Durand", "contoso.com", "127.0.0.1", "localhost", "organisation", "certified")
    said = terminal("doctor").out
    assert [each for each in hidden if each in told.out or each in said] == []
    found = [each for each in told.json["parts"] if each["part"] == part]
    assert len(found) == 1
    return {each["question"]: each for each in found[0]["observations"]}


def test_the_doctor_looks_at_a_mailbox_and_a_crm_that_somebody_signed_in_to(
    terminal: Terminal, openid: OpenId, dynamics: DataverseEmulator, *, graph: GraphEmulator
) -> None:
    Typing(openid).connect("microsoft365", "--also-show", "lou@contoso.com")
    Typing(openid).connect("dynamics365", dynamics.root)
    mailbox = looked_at(terminal, "graph", graph, dynamics)
    assert mailbox["service.answered"]["holds"] is True
    assert mailbox["graph.identity"]["holds"] is True
    assert mailbox["graph.other_mailboxes"]["seen"] == "1 * 404 ErrorInvalidUser"
    granted = mailbox["sign_in.granted"]
    assert granted["expected"] == "Contacts.Read, Contacts.Read.Shared, User.Read"
    assert granted["holds"] is True, granted
    crm = looked_at(terminal, "dataverse", graph, dynamics)
    assert crm["service.answered"]["holds"] is True
    assert (crm["dataverse.who_am_i"]["holds"], crm["dataverse.missing_rights"]["seen"]) == (True, "none")
    assert (crm["sign_in.granted"]["expected"], crm["sign_in.granted"]["holds"]) == ("user_impersonation", True)
    assert [each["holds"] for each in (*mailbox.values(), *crm.values()) if each["question"].startswith("sign_in")] == [
        True,
        True,
    ]


@pytest.mark.usefixtures("graph")
def test_the_doctor_looks_at_a_crm_that_an_application_signed_in_to(
    terminal: Terminal, openid: OpenId, dynamics: DataverseEmulator, *, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = ("connect", "dynamics365", dynamics.root, "--tenant", openid.issuer)
    path = key_file(tmp_path / "app.pem", signer().pem())
    terminal.json(*name, "--client-id", "certified", "--certificate", path)
    crm = looked_at(terminal, "dataverse", dynamics)
    assert crm["service.answered"]["holds"] is True
    assert "sign_in.granted" not in crm
    assert crm["sign_in.certificate_days"]["holds"] is True
    assert crm["sign_in.certificate_days"]["seen"] in {"29", "30"}
    monkeypatch.setattr("sys.stdin", io.StringIO("the secret of the organisation\n"))
    terminal.json(*name, "--client-id", "organisation", "--application")
    crm = looked_at(terminal, "dataverse", dynamics)
    assert crm["service.answered"]["holds"] is True
    assert "sign_in.certificate_days" not in crm


def test_the_doctor_says_by_a_code_that_a_sign_in_no_longer_holds(
    terminal: Terminal, openid: OpenId, graph: GraphEmulator
) -> None:
    (told,) = Typing(openid).connect("microsoft365")["connections"]
    app = build(read_settings())
    app.network.vault.forget(told["id"])
    app.close()
    before = graph.requests
    report = terminal.json("doctor")
    (mailbox,) = [each for each in report["parts"] if each["part"] == "graph"]
    assert [(each["question"], each["seen"], each["holds"]) for each in mailbox["observations"]] == [
        ("service.answered", "CA105", False)
    ]
    assert graph.requests == before
