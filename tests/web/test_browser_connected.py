"""A connected mailbox in a real Chromium: other people's folders stand below one's own, greyed, with the reason."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from carnet.bootstrap import build
from carnet.bootstrap.connecting import connect
from carnet.model.connection import Service, SignInKind
from carnet.settings import Settings
from carnet.testing.emulators.graph import GraphEmulator
from carnet.testing.emulators.graph_mailbox import GraphMailbox
from gates.fixtures import watched_graph
from web.conftest import ME
from web.server import Server
from web.test_browser_pages import Inspector, inspector

pytestmark = pytest.mark.browser
__all__ = ["inspector"]

LOU, HUGO = "lou@contoso.example", "hugo@contoso.example"
SAID = {
    "fr": ("les contacts d’une autre personne ne peuvent pas être ajoutés", "ne partage aucun dossier de contacts avec vous"),
    "en": ("contacts of another person cannot be added", "shares no contacts folder with you"),
}


@pytest.fixture
def outlook() -> Iterator[GraphEmulator]:
    """My mailbox, Lou's, which she shares with me, and Hugo's, which he does not."""
    mine = GraphMailbox("me", address=ME.address, name=ME.name)
    mine.add_contact(givenName="Zoé", surname="Durand")
    lou = GraphMailbox("lou", address=LOU, shared_with=("me",))
    lou.add_folder("Presse")
    with watched_graph(GraphEmulator(mine, lou, GraphMailbox("hugo", address=HUGO))) as emulator:
        yield emulator


@pytest.fixture
def server(furnished: Path, tmp_path: Path, outlook: GraphEmulator) -> Iterator[Server]:
    """Carnet with that mailbox connected."""
    home = tmp_path / "served"
    shutil.copytree(furnished, home)
    app = build(Settings(home=home))
    shared = (LOU, HUGO)
    described = app.network.describe(Service.GRAPH, user=ME.id, sign_in=SignInKind.NONE, server=outlook.url, shared=shared)
    connect(app, described)
    app.close()
    server = Server(home).start()
    yield server
    server.stop()


def test_w06_p07_other_peoples_folders_are_greyed_with_the_reason(inspector: Inspector, server: Server) -> None:
    page, look, press = inspector.page, inspector.look, inspector.press
    page.goto(f"{server.base}/connections")
    expect(page.get_by_text(LOU)).to_be_visible()
    look("connections, with somebody else's")
    page.goto(server.base)
    press("add")
    page.locator('input[value^="live:"]').check()
    press("next")
    page.wait_for_url("**/folders")
    boxes = page.locator('input[name="folder"]')
    expect(boxes).to_have_count(5)
    assert [boxes.nth(place).is_enabled() for place in range(5)] == [True, False, False, False, False]
    for place, said in ((1, SAID[inspector.language][0]), (3, SAID[inspector.language][0]), (4, SAID[inspector.language][1])):
        why = page.locator(f"#{boxes.nth(place).get_attribute('aria-describedby')}")
        expect(why).to_contain_text(said)
    look("folders, with somebody else's")
    assert inspector.wrong == []
