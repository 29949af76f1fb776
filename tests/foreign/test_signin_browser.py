"""Does a person in a real Chromium connect mailbox and CRM by signing in at an OpenID provider nobody here wrote?"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from carnet.bootstrap import App, build
from carnet.model.account import CrmUser
from carnet.model.connection import Connection
from carnet.settings import Settings
from carnet.testing.emulators.dataverse import DataverseEmulator
from carnet.testing.emulators.graph import GraphEmulator
from foreign.openid import OpenId
from foreign.test_signin_pages import WHO, dynamics, graph, openid
from web.server import Server
from web.test_browser_pages import Inspector

pytestmark = [pytest.mark.foreign, pytest.mark.browser]
__all__ = ["dynamics", "graph", "openid"]
ME = CrmUser(id="camille", name="Camille Roche", address=WHO)
SHOTS = os.environ.get("CARNET_SHOTS", "")
"""A folder for pictures of the pages, for people to look at."""
PROGRAM = """
import sys
from pathlib import Path
import carnet.bootstrap.network
from carnet.bootstrap import build
from carnet.settings import Settings
from carnet.web.app import serve

home = Path(sys.argv[1])
carnet.bootstrap.network.GRAPH = sys.argv[3]
app = build(Settings(home=home, keys=home.with_name("keys"), vault_key="a passphrase", keyring=False))
serve(app, port=int(sys.argv[2]), open_browser=False)
app.close()
"""
WORDS = {
    "fr": {
        "connections": "Connexions",
        "sign in": "Se connecter",
        "open": "Ouvrir la page de connexion",
        "in": "Vous êtes connecté",
        "out": "Carnet n’a pas pu se connecter",
        "connected": "Connecté.",
        "disconnect": "Déconnecter",
    },
    "en": {
        "connections": "Connections",
        "sign in": "Sign in",
        "open": "Open the sign-in page",
        "in": "You are signed in",
        "out": "Carnet could not connect",
        "connected": "Connected.",
        "disconnect": "Disconnect",
    },
}


@dataclass(kw_only=True)
class Person:
    """Somebody before Chromium, who speaks that language."""

    page: Page
    home: Path
    openid: OpenId
    language: str
    inspector: Inspector = field(init=False)

    def __post_init__(self) -> None:
        self.inspector = Inspector(self.page, self.language)
        expect.set_options(timeout=30_000)

    def __getitem__(self, words: str) -> str:
        return WORDS[self.language][words]

    def look(self, name: str) -> None:
        """Nothing of the page is out of anybody's reach, wide or narrow, dark or light."""
        self.inspector.look(name)
        if SHOTS:
            for dark, width in product((False, True), (340, 1200)):
                self.page.emulate_media(color_scheme="dark" if dark else "light")
                self.page.set_viewport_size({"width": width, "height": 800})
                file = f"{name.replace(' ', '-')}-{self.language}-{'dark' if dark else 'light'}-{width}.png"
                self.page.screenshot(path=Path(SHOTS) / file, full_page=True)

    def ask_for(self, service: str, **typed: str) -> None:
        """From the start to the page that waits for the sign-in."""
        self.page.get_by_role("link", name=self["connections"], exact=True).first.click()
        self.look(f"connections before {service}")
        self.page.locator(f'a[href="/connections/new/{service}"]').click()
        self.look(f"connect {service}")
        for name, value in {"client_id": "carnet", "tenant": self.openid.issuer, **typed}.items():
            self.page.locator(f'input[name="{name}"]').fill(value)
        self.begin()
        self.look(f"waiting for {service}")

    def begin(self) -> None:
        """Send what the form holds."""
        self.page.get_by_role("button", name=self["sign in"], exact=True).click()
        self.page.get_by_role("link", name=self["open"]).wait_for()

    def open(self) -> Page:
        """The provider's own page, in a tab of its own."""
        with self.page.expect_popup() as opened:
            self.page.get_by_role("link", name=self["open"]).click()
        return opened.value

    def sign_in(self) -> None:
        """Sign in there, and close the tab, as it says."""
        tab = self.open()
        sign_in_at(tab)
        self.close(tab, "in")

    def close(self, tab: Page, told: str) -> None:
        """The provider has sent the browser back to Carnet, which says how it went; the other page goes on by itself."""
        expect(tab.get_by_role("heading", level=1)).to_have_text(self[told])
        assert tab.locator("main").evaluate("main => getComputedStyle(main).borderRadius") == "8px", "it is not dressed"
        if SHOTS:
            tab.screenshot(path=Path(SHOTS) / f"tab-{told}-{self.language}.png")
        tab.close()

    @contextmanager
    def carnet(self) -> Iterator[App]:
        """What is kept."""
        app = build(settings_of(self.home))
        try:
            yield app
        finally:
            app.close()

    def connections(self) -> tuple[Connection, ...]:
        with self.carnet() as app:
            return app.world.store.connections.all(ME.id)

    def secret_of(self, connection: Connection) -> str | None:
        with self.carnet() as app:
            return app.network.vault.get(connection.id)


def sign_in_at(tab: Page) -> None:
    """Say who one is at the provider, which asks each time, and agree to what is asked for."""
    tab.locator('input[name="login"]').fill(WHO)
    tab.locator('input[name="password"]').fill("any")
    tab.locator('button[type="submit"]').click()
    tab.get_by_role("button", name="Continue").click()


def wrong_beside_refusals(person: Person) -> list[str]:
    """What is wrong, but for the status of a form that comes again."""
    return [each for each in person.inspector.wrong if "422" not in each]


def settings_of(home: Path) -> Settings:
    return Settings(home=home, keys=home.with_name("keys"), vault_key="a passphrase", keyring=False)


@pytest.fixture(params=["fr", "en"])
def person(
    chromium: Browser, graph: GraphEmulator, openid: OpenId, *, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[Person]:
    settings = settings_of(tmp_path / "home")
    settings.prepare()
    build(settings, user=ME).close()
    server = Server(settings.home, program=PROGRAM, more=(graph.url,)).start()
    locale = {"fr": "fr-FR", "en": "en-GB"}[request.param]
    context = chromium.new_context(locale=locale, ignore_https_errors=True)
    try:
        page = context.new_page()
        page.goto(server.address)
        yield Person(page=page, home=settings.home, openid=openid, language=request.param)
    finally:
        context.close()
        server.stop()


def test_a_mailbox_and_dynamics_365_are_connected_read_and_forgotten(person: Person, dynamics: DataverseEmulator) -> None:
    page = person.page
    person.ask_for("graph")
    person.sign_in()
    expect(page.get_by_role("status").first).to_have_text(person["connected"])
    page.get_by_role("button", name=f"Contacts {WHO}").click()
    expect(page.locator("main")).to_contain_text("Zoé Durand")
    person.look("contacts")

    person.ask_for("dataverse", server=dynamics.root)
    person.sign_in()
    expect(page.get_by_role("status").first).to_have_text(person["connected"])
    person.look("connections")
    mailbox, crm = person.connections()
    assert {mailbox.address, crm.address} == {WHO}
    assert all(map(person.secret_of, (mailbox, crm)))

    for each in (mailbox, crm):
        page.locator(f'a[href$="{each.id}/disconnect"]').click()
        person.look(f"disconnect {each.service}")
        page.get_by_role("button", name=person["disconnect"], exact=True).click()
        page.wait_for_url("**/connections?said=disconnected")
    assert [person.secret_of(each) for each in (mailbox, crm)] == [None, None]
    assert person.connections() == ()
    assert person.inspector.wrong == []


def test_p01_another_address_is_shown_beside_ones_own_and_nothing_is_read(person: Person, graph: GraphEmulator) -> None:
    graph.mine.address = "somebody@contoso.com"
    person.ask_for("graph")
    tab = person.open()
    sign_in_at(tab)
    person.close(tab, "out")
    expect(person.page.get_by_role("alert")).to_contain_text("somebody@contoso.com")
    expect(person.page.get_by_role("alert")).to_contain_text(WHO)
    person.look("another address")
    assert [each.asked.path for each in graph.log if "contact" in each.asked.path.lower()] == []
    assert person.connections() == ()

    graph.mine.address = WHO
    person.begin()
    person.sign_in()
    expect(person.page.get_by_role("status").first).to_have_text(person["connected"])
    assert len(person.connections()) == 1
    assert wrong_beside_refusals(person) == []


def test_who_cancels_at_the_provider_is_told_and_may_begin_again(person: Person, graph: GraphEmulator) -> None:
    person.ask_for("graph")
    tab = person.open()
    tab.get_by_role("link", name="Cancel").click()
    person.close(tab, "out")
    expect(person.page.get_by_role("alert")).to_be_visible()
    person.look("cancelled")
    expect(person.page.locator('input[name="tenant"]')).to_have_value(person.openid.issuer)
    assert graph.requests == 0
    assert person.connections() == ()
    assert wrong_beside_refusals(person) == []
