"""Every page in a real Chromium: no accessibility violation, no sideways scrolling, no error, in both languages and schemes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, ViewportSize

from web.server import Server
from web.test_sources import TABLE
from web.test_wizard import SECRET, ZOE, vcards

pytestmark = pytest.mark.browser

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], "resultTypes": ["violations"]}
WIDE, NARROW = ViewportSize(width=1200, height=900), ViewportSize(width=320, height=700)
LABELS = {
    "fr": {"next": "Suivant", "add": "Ajouter des contacts", "advanced": "Avancé", "close": "Fermer"},
    "en": {"next": "Next", "add": "Add Contacts", "advanced": "Advanced", "close": "Close"},
}


SETTLED = """async width => {
    const frame = () => new Promise(requestAnimationFrame);
    await document.fonts.ready;
    while (window.innerWidth !== width) await frame();
    await frame();
    await frame();
    return document.documentElement.scrollWidth;
}"""
"""The width of the page once it is drawn at the new size."""


@dataclass
class Inspector:
    """Looks at the page it is on, in each scheme and width, and remembers what is wrong."""

    page: Page
    language: str
    wrong: list[str] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))
        self.page.on("console", lambda said: self.wrong.append(said.text) if said.type in {"error", "warning"} else None)

    def look(self, name: str) -> None:
        self.seen.append(name)
        self.page.wait_for_load_state()
        assert self.page.locator("html").get_attribute("lang") == self.language
        assert self.page.locator("h1").count() == 1
        self._try(name, scheme="light", size=NARROW)
        self._try(name, scheme="dark", size=WIDE)
        self._try(name, scheme="light", size=WIDE)

    def _try(self, name: str, *, scheme: Literal["light", "dark"], size: ViewportSize) -> None:
        self.page.emulate_media(color_scheme=scheme)
        self.page.set_viewport_size(size)
        wide = self.page.evaluate(SETTLED, size["width"])
        if wide > size["width"]:
            self.wrong.append(f"{name} {scheme} {size['width']}: scrolls sideways to {wide}")
        found = Axe().run(self.page, options=RULES).response["violations"]
        self.wrong += [f"{name} {scheme} {size['width']}: {each['id']} {each['nodes'][0]['html']}" for each in found]

    def press(self, words: str) -> None:
        self.page.get_by_role("button", name=LABELS[self.language].get(words, words), exact=True).click()


@pytest.fixture(params=["fr", "en"])
def inspector(chromium: Browser, server: Server, request: pytest.FixtureRequest) -> Iterator[Inspector]:
    language: str = request.param
    context = chromium.new_context(locale={"fr": "fr-FR", "en": "en-GB"}[language], viewport=WIDE)
    page = context.new_page()
    page.goto(server.address)
    yield Inspector(page, language)
    context.close()


def _file(inspector: Inspector, name: str, content: bytes) -> None:
    inspector.page.locator("#file").set_input_files({"name": name, "mimeType": "text/plain", "buffer": content})
    inspector.press("next")


def test_every_page_of_the_wizard_is_accessible_and_narrow_enough(inspector: Inspector, server: Server) -> None:
    page, look, press = inspector.page, inspector.look, inspector.press
    look("home")
    press("add")
    look("welcome")
    page.locator('input[value="demo"]').check()
    press("next")
    page.wait_for_url("**/folders")
    look("folders")
    press("next")
    look("groups")
    press("advanced")
    page.locator("#communications").check()
    page.locator("details > summary").first.click()
    look("groups, advanced")
    groups = page.url
    for path in ("/preparation", "/preparation?kind=unreachable", "/preparation?kind=no_account"):
        page.goto(groups.partition("/groups")[0] + path)
        look(path)
    page.goto(groups)
    page.locator(".pill.yellow").click()
    page.wait_for_url("**/names*")
    look("names")
    page.get_by_role("button", name="OK").click()
    page.wait_for_url("**/groups*")
    page.locator("select").first.select_option("picked")
    page.wait_for_url("**/pick*")
    look("pick")
    page.locator('input[name="parent"]').first.check()
    page.get_by_role("button", name="OK").click()
    page.wait_for_url("**/groups*")
    press("next")
    look("review")
    page.locator('a[href$="/entries"]').click()
    look("entries")
    page.go_back()
    press("add")
    page.wait_for_url(lambda url: "/runs/" in url and "progress" not in url)
    look("summary")
    run = page.url
    for path in ("/decide", "/undo", "/forget", "/entries"):
        page.goto(run + path)
        look(path)
    page.goto(run)
    press("close")
    look("home, with something to decide")
    assert inspector.wrong == []
    assert server.process is not None


def test_every_other_page_is_accessible_and_narrow_enough(inspector: Inspector, server: Server) -> None:
    page, look, press = inspector.page, inspector.look, inspector.press
    somebody = "/person?address=nadia.benali%40woodgrovebank.com"
    for path in (
        "/history",
        "/rules",
        "/fields",
        "/crm/accounts",
        "/crm/contacts",
        "/crm/duplicates",
        "/start",
        "/person",
        somebody,
        "/connections",
        "/connections/new/graph",
        "/connections/new/ews",
        "/connections/new/dataverse",
        "/connections/application",
    ):
        page.goto(server.base + path)
        look(path)
    for path in ("/crm/accounts", "/crm/contacts"):
        page.goto(server.base + path)
        page.locator("tbody a").first.click()
        look(f"one of {path}")
    page.goto(server.base)
    press("add")
    press("next")
    look("welcome, without a file")
    _file(inspector, "contacts.csv", TABLE.encode())
    page.wait_for_url("**/columns")
    look("columns")
    page.goto(page.url.replace("/columns", "/consent"))
    look("consent")
    page.goto(page.url.replace("/consent", "/welcome"))
    _file(inspector, "prive.vcf", vcards(SECRET)[1])
    page.wait_for_url("**/folders")
    look("folders, all private")
    page.goto(page.url.replace("/folders", "/welcome"))
    page.locator('input[value="file"]').check()
    _file(inspector, "archive.zip", b"PK\x03\x04" + b"\0" * 100)
    page.get_by_role("alert").wait_for()
    look("a file that is refused")
    assert [each for each in inspector.wrong if "422" not in each] == []
    page.goto(f"{server.base}/nowhere")
    look("an address that is none")
    assert [each for each in inspector.wrong if "422" not in each and "404" not in each] == []


def test_a_page_that_shows_progress_is_accessible(inspector: Inspector, server: Server) -> None:
    """Cards enough for the page to be looked at; what it waits for is over when it has been."""
    cards = [ZOE.replace("Zoé", f"Zoé{number}").replace("zoe@", f"zoe{number}@") for number in range(3000)]
    inspector.press("add")
    _file(inspector, "beaucoup.vcf", "".join(cards).encode())
    inspector.page.wait_for_url("**/folders", timeout=60_000)
    inspector.press("next")
    inspector.press("next")
    inspector.press("add")
    inspector.page.wait_for_url("**/progress", wait_until="commit")
    # Held still: what the server sends meanwhile would change the page under axe's eyes.
    inspector.page.route("**/events", lambda route: route.abort())
    inspector.page.wait_for_load_state()
    found = Axe().run(inspector.page, options=RULES).response["violations"]
    assert found == []
    assert server.process is not None
