"""A page that is long in coming says that it is on its way, in a real Chromium."""

from __future__ import annotations

import pytest
from playwright.sync_api import Route, expect

from web.test_browser_pages import Inspector, inspector

pytestmark = pytest.mark.browser
__all__ = ["inspector"]
SAID = {"fr": "Carnet travaille", "en": "Carnet is working"}


SAYS = """new MutationObserver(() => console.info(document.getElementById("waiting").textContent))
    .observe(document.getElementById("waiting"), {childList: true})"""
"""Tells what is said: while a page is on its way, nothing of the present one can be looked at from outside."""


def test_who_waits_for_a_slow_page_is_told_so(inspector: Inspector) -> None:
    page = inspector.page
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/history", hold)
    page.evaluate(SAYS)
    with page.expect_console_message(timeout=20_000) as told:
        page.locator('nav a[href="/history"]').click(no_wait_after=True)
    assert SAID[inspector.language] in told.value.text
    held[0].continue_()
    page.wait_for_url("**/history")
    expect(page.locator("#waiting")).to_be_hidden()
    assert inspector.wrong == []


def test_what_is_said_meanwhile_can_be_read_by_everybody(inspector: Inspector) -> None:
    show = "const it = document.getElementById('waiting'); it.hidden = false; it.textContent = it.dataset.words"
    inspector.page.evaluate(f"() => {{ {show} }}")
    inspector.look("home, waiting")
    assert inspector.wrong == []


def test_a_page_that_comes_at_once_says_nothing(inspector: Inspector) -> None:
    page = inspector.page
    for path in ("/history", "/rules", "/"):
        page.locator(f'nav a[href="{path}"]').click()
        page.wait_for_url(f"**{path}")
        expect(page.locator("#waiting")).to_be_hidden()
