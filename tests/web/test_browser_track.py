"""The pages of Track, Set Parent and Untrack in a real Chromium: accessible, narrow enough, and by the keyboard."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from web.server import Server
from web.test_browser_pages import WIDE, Inspector, inspector

pytestmark = pytest.mark.browser
__all__ = ["inspector"]

WORDS = {
    "fr": {"track": "Suivi", "parent": "Définir le parent…", "untrack": "Annuler le suivi…", "link": "Suivre un par un"},
    "en": {"track": "Track", "parent": "Set Parent…", "untrack": "Untrack…", "link": "Track one by one"},
}


def _to_contacts(inspector: Inspector) -> str:
    page = inspector.page
    inspector.press("add")
    page.locator('input[value="demo"]').check()
    inspector.press("next")
    page.wait_for_url("**/folders")
    inspector.press("next")
    page.wait_for_url("**/groups*")
    page.get_by_role("link", name=WORDS[inspector.language]["link"]).click()
    page.wait_for_url("**/contacts")
    return page.url


def _tick(page: Page, number: int) -> None:
    for place in range(number):
        page.locator('input[name="record"]').nth(place).check()


def test_the_pages_of_a_selection_are_accessible_and_narrow_enough(inspector: Inspector, server: Server) -> None:
    page, look, words = inspector.page, inspector.look, WORDS[inspector.language]
    contacts = _to_contacts(inspector)
    look("contacts")
    _tick(page, 21)
    page.get_by_role("button", name=words["track"], exact=True).click()
    page.get_by_role("alert").wait_for()
    inspector.wrong = [each for each in inspector.wrong if "409" not in each]
    look("contacts, too many")
    page.goto(contacts)
    _tick(page, 3)
    page.get_by_role("button", name=words["track"], exact=True).click()
    page.wait_for_url("**/review")
    look("review of a selection")
    page.locator('button[value="add"]').click()
    page.wait_for_url(lambda url: "/runs/" in url and "progress" not in url)
    look("summary of a selection")
    page.goto(contacts)
    look("contacts, some tracked")
    _tick(page, 3)
    page.get_by_role("button", name=words["parent"], exact=True).click()
    page.wait_for_url("**/parent*")
    look("set parent")
    page.goto(contacts)
    _tick(page, 3)
    page.get_by_role("button", name=words["untrack"], exact=True).click()
    page.wait_for_url("**/untrack*")
    look("untrack")
    page.locator('input[value="keep"]').check()
    page.locator('button[value="untrack"]').click()
    page.wait_for_url(lambda url: "/runs/" in url and "progress" not in url)
    look("summary of an untracking")
    assert inspector.wrong == []
    assert server.process is not None


def test_a_parent_is_looked_up_as_one_types_and_chosen_by_the_keyboard(inspector: Inspector, server: Server) -> None:
    page, words = inspector.page, WORDS[inspector.language]
    page.set_viewport_size(WIDE)
    _to_contacts(inspector)
    page.locator('input[name="record"]').first.press("Space")
    page.get_by_role("button", name=words["parent"], exact=True).press("Enter")
    page.wait_for_url("**/parent*")
    page.locator("#q").press_sequentially("contoso")
    radios = page.locator('#found input[name="parent"]')
    expect(page.locator("#found label").first).to_contain_text("Contoso")
    radios.first.press("Space")
    expect(radios.first).to_be_checked()
    page.locator('button[value="set"]').press("Enter")
    page.wait_for_url("**/review")
    expect(page.locator("#by-hand")).to_be_visible()
    expect(page.locator("main")).to_contain_text("Contoso")
    assert inspector.wrong == []
    assert server.process is not None
