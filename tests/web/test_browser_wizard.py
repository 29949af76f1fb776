"""The wizard in a real Chromium: by keyboard, without scripts, through a reload and a killed server."""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest
from playwright.sync_api import Browser, Page, expect

from web.server import Server
from web.test_wizard import YAN, ZOE, vcards

pytestmark = pytest.mark.browser
MANY = 6000
CONTACTS = "SELECT count(*) FROM contact"
CHUNK = 500
"""How many contacts the embedded CRM is given at once."""
PATIENCE = 120
"""Seconds."""


@pytest.fixture
def page(chromium: Browser, server: Server) -> Iterator[Page]:
    context = chromium.new_context(locale="fr-FR", viewport={"width": 1200, "height": 900})
    page = context.new_page()
    page.goto(server.address)
    yield page
    context.close()


def press(page: Page, words: str) -> None:
    page.get_by_role("button", name=words, exact=True).click()


def choose_file(page: Page, *cards: str) -> None:
    press(page, "Ajouter des contacts")
    name, content = vcards(*cards)
    page.locator("#file").set_input_files({"name": name, "mimeType": "text/vcard", "buffer": content})
    press(page, "Suivant")
    page.wait_for_url("**/folders", timeout=90_000)


def wait_until_it_moves(page: Page) -> None:
    """Until the progress says that something is done, also while the page loads itself anew."""
    expect(page.locator("progress")).to_have_attribute("value", re.compile("^[1-9]"), timeout=60_000)


@contextmanager
def held_once_some_are_in(server: Server) -> Iterator[None]:
    """Keep the run from writing on, as another program that uses the database does, once it has written some contacts."""
    database = sqlite3.connect(server.home / "carnet.sqlite", isolation_level=None, timeout=PATIENCE)
    with closing(database):
        (before,), until = database.execute(CONTACTS).fetchone(), time.monotonic() + PATIENCE
        while database.execute(CONTACTS).fetchone()[0] <= before + CHUNK:  # one chunk is in, and its journal too
            assert time.monotonic() < until, "nothing was written"
            time.sleep(0.005)
        database.execute("BEGIN IMMEDIATE")
        yield
        database.execute("ROLLBACK")


def test_the_whole_wizard_runs_without_scripts(chromium: Browser, server: Server) -> None:
    context = chromium.new_context(locale="fr-FR", java_script_enabled=False, viewport={"width": 1200, "height": 900})
    page = context.new_page()
    page.goto(server.address)
    choose_file(page, ZOE, YAN)
    press(page, "Suivant")
    page.get_by_label("Catégories").check()
    press(page, "Regrouper")
    expect(page.get_by_role("row", name="(Aucune catégorie)")).to_be_visible()
    page.get_by_label("Nom de la société", exact=True).check()
    press(page, "Regrouper")
    page.get_by_label("Ajouter Autre Société").uncheck()
    page.get_by_role("link", name="noms dans Nouvelle Société").click()
    expect(page.get_by_role("heading", name="Nouvelle Société")).to_be_visible()
    press(page, "OK")
    expect(page.get_by_label("Ajouter Autre Société")).not_to_be_checked()
    press(page, "Avancé")
    page.get_by_label("Définir un compte pour Nouvelle Société").select_option("picked")
    press(page, "Suivant")
    page.get_by_label("Chercher par nom").fill("fabrikam")
    press(page, "Chercher")
    page.get_by_role("radio").first.check()
    press(page, "OK")
    press(page, "Suivant")
    press(page, "Ajouter des contacts")
    page.wait_for_url(re.compile(r"/runs/\d+$"), timeout=60_000)
    expect(page.get_by_role("row", name="ajoutés")).to_contain_text("1")
    expect(page.get_by_role("button", name="Imprimer")).to_be_hidden()
    press(page, "Fermer")
    page.goto(f"{server.base}/crm/contacts?q=zoe")
    expect(page.get_by_role("row", name="Zoé Nouvelle")).to_contain_text("Fabrikam")
    context.close()


def _tab_to(page: Page, words: str) -> None:
    """Tab until the focus is on what bears these words; it must show."""
    for _ in range(120):
        page.keyboard.press("Tab")
        named = page.evaluate(
            "() => { const at = document.activeElement;"
            "const label = at.labels && at.labels[0] ? at.labels[0].innerText : '';"
            "return (at.getAttribute('aria-label') || label || at.innerText || at.value || '').trim() }"
        )
        if named.startswith(words):
            outline = page.evaluate("() => getComputedStyle(document.activeElement).outlineStyle")
            assert outline != "none", f"the focus on {words} does not show"
            return
    raise AssertionError(f"the keyboard does not reach {words}")


def test_the_wizard_is_driven_by_keyboard_alone(page: Page) -> None:
    _tab_to(page, "Ajouter des contacts")
    page.keyboard.press("Enter")
    page.wait_for_url("**/welcome")
    _tab_to(page, "Dans un fichier")
    page.keyboard.press("ArrowDown")
    _tab_to(page, "Suivant")
    page.keyboard.press("Enter")
    page.wait_for_url("**/folders", timeout=60_000)
    _tab_to(page, "Salon 2025")
    page.keyboard.press("Space")
    _tab_to(page, "Suivant")
    page.keyboard.press("Enter")
    page.wait_for_url("**/groups*")
    expect(page.locator(".hint").first).to_contain_text("304 contacts")
    _tab_to(page, "Ajouter Adventure Works")
    page.keyboard.press("Space")
    _tab_to(page, "Suivant")
    page.keyboard.press("Enter")
    page.wait_for_url("**/review*")
    _tab_to(page, "Ajouter des contacts")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/runs/\d+$"), timeout=60_000)
    expect(page.get_by_role("heading", name="Résumé")).to_be_visible()


def test_the_first_tab_skips_to_the_content(page: Page) -> None:
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Aller au contenu")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()


def test_a_tick_is_kept_when_a_link_leads_away(page: Page) -> None:
    press(page, "Ajouter des contacts")
    page.get_by_label("Dans la boîte d’exemple").check()
    press(page, "Suivant")
    page.wait_for_url("**/folders", timeout=60_000)
    press(page, "Suivant")
    page.wait_for_url("**/groups*")
    page.get_by_label("Ajouter Coho Winery").uncheck()
    page.get_by_role("link", name="Fabrikam", exact=True).click()
    page.wait_for_url("**/crm/accounts/**")
    page.go_back()
    page.reload()
    expect(page.get_by_label("Ajouter Coho Winery")).not_to_be_checked()
    expect(page.get_by_label("Ajouter Contoso", exact=True)).to_be_checked()


def test_the_communications_of_each_row_follow_the_box_for_all(page: Page) -> None:
    choose_file(page, ZOE, YAN)
    press(page, "Suivant")
    press(page, "Avancé")
    row = page.get_by_label("Inclure les communications de Nouvelle Société")
    expect(row).to_be_disabled()
    page.get_by_label("Suivre toutes les communications").check()
    expect(row).to_be_enabled()
    expect(row).to_be_checked()
    row.uncheck()
    press(page, "Suivant")
    page.wait_for_url("**/review*")
    expect(page.get_by_text("Les communications de 1 contact seront suivies.")).to_be_visible()


def test_a_page_that_cannot_hear_the_server_looks_again_by_itself(page: Page) -> None:
    page.route("**/events", lambda route: route.abort())
    choose_file(page, ZOE, YAN)
    press(page, "Suivant")
    press(page, "Suivant")
    press(page, "Ajouter des contacts")
    page.wait_for_url(re.compile(r"/runs/\d+$"), timeout=60_000)
    expect(page.get_by_role("heading", name="Résumé")).to_be_visible()


def test_progress_survives_a_reload_and_a_killed_server(page: Page, server: Server) -> None:
    cards = [ZOE.replace("Zoé", f"Zoé{n}").replace("zoe@", f"zoe{n}@") for n in range(MANY)]
    choose_file(page, *cards)
    press(page, "Suivant")
    press(page, "Suivant")
    press(page, "Ajouter des contacts")
    page.wait_for_url("**/progress", timeout=60_000)
    with held_once_some_are_in(server):
        wait_until_it_moves(page)
        page.reload()
        wait_until_it_moves(page)
        assert page.url.endswith("/progress"), "the run was over before the server could be killed"
        server.kill()
    time.sleep(1)
    server.start()
    page.wait_for_url(re.compile(r"/runs/\d+$"), timeout=120_000)
    rows = {row.locator("th").inner_text(): row.locator("td").inner_text() for row in page.locator(".sum tr").all()}
    assert int(re.sub(r"\s", "", rows["ajoutés"])) == MANY
    page.goto(f"{server.base}/crm/contacts?q=nouvelle.example")
    expect(page.locator(".hint")).to_contain_text(re.compile(r"6\s?000 contacts"))
