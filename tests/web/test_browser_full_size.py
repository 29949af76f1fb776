"""An address book of 50,000 in a real Chromium, with a server that is killed while it reads and while it writes."""

from __future__ import annotations

import os
import random
import re
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from carnet.bootstrap import build
from carnet.model.account import RecordKind
from carnet.settings import Settings
from web.server import Server

pytestmark = [pytest.mark.browser, pytest.mark.long]
SIZE = int(os.environ.get("CARNET_FULL_SIZE", "50000"))
FIRMS = SIZE // 10
ALONE = SIZE * 2 // 5
"""Contacts without a company."""
COUNT = {"reading_record": "SELECT count(*) FROM reading_record", "contact": "SELECT count(*) FROM contact"}
LONG = 600_000
"""Milliseconds that any one phase may take."""
SYLLABLES = [consonant + vowel for consonant in "bdfgklmnprstvz" for vowel in "aeiou"]
GIVEN = ("Camille", "Alix", "Jean", "Marie", "Paul", "Lou", "Sacha", "Anne", "Hugo", "Louise", "Jules", "Emma", "Adam", "Nora")


@pytest.fixture
def page(chromium: Browser, server: Server) -> Iterator[Page]:
    context = chromium.new_context(locale="fr-FR", viewport={"width": 1200, "height": 900})
    page = context.new_page()
    page.goto(server.address)
    yield page
    context.close()


@pytest.fixture(scope="module")
def address_book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Everybody is somebody else: no two share a surname, an address or a telephone."""
    file = tmp_path_factory.mktemp("full-size") / "carnet.vcf"
    draw = random.Random(5)
    surnames, firms = distinct_words(draw, SIZE, syllables=4), distinct_words(draw, FIRMS, syllables=3)
    with file.open("w", encoding="utf-8", newline="") as out:
        for number, surname in enumerate(surnames):
            firm = "" if number < ALONE else firms[number % FIRMS]
            out.write(card(number, surname, firm=firm, given=draw.choice(GIVEN)))
    return file


def distinct_words(draw: random.Random, count: int, *, syllables: int) -> list[str]:
    words: dict[str, None] = {}
    while len(words) < count:
        words["".join(draw.choices(SYLLABLES, k=syllables)).capitalize()] = None
    return list(words)


def address_of(number: int, surname: str, firm: str) -> str:
    return f"{surname}{number}@{firm or 'maison'}.example".lower()


def card(number: int, surname: str, *, firm: str, given: str) -> str:
    lines = (
        "BEGIN:VCARD",
        "VERSION:3.0",
        f"UID:{number:08}",
        f"N:{surname};{given};;;",
        f"FN:{given} {surname}",
        *((f"ORG:{firm}",) if firm else ()),
        "TITLE:Acheteuse",
        f"EMAIL;TYPE=WORK:{address_of(number, surname, firm)}",
        f"TEL;TYPE=CELL:+33 6 {number // 10000:02} {number // 100 % 100:02} {number % 100:02} 17",
        "END:VCARD",
        "",
    )
    return "\r\n".join(lines)


def press(page: Page, words: str) -> None:
    page.get_by_role("button", name=words, exact=True).click()


def kill_once_some_are_in(page: Page, server: Server, table: str, *, at: str) -> None:
    """Kill the server once it has put more rows into the table, and start it again; the page is left to itself."""
    before, until = rows_of(server, table), time.monotonic() + LONG / 1000
    while rows_of(server, table) <= before:
        assert time.monotonic() < until, f"nothing came into {table}"
        page.wait_for_timeout(100)
    assert at in page.url, f"it was over before the server could be killed: {page.url}"
    server.kill()
    time.sleep(1)
    server.start()


def rows_of(server: Server, table: str) -> int:
    """How many rows a table of the running server's database has."""
    with closing(sqlite3.connect(f"file:{server.home / 'carnet.sqlite'}?mode=ro", uri=True)) as database:
        (count,) = database.execute(COUNT[table]).fetchone()
    return int(count)


def in_crm(server: Server) -> list[str]:
    """The first address of every contact in the CRM."""
    app = build(Settings(home=server.home))
    try:
        pages = list(app.world.crm.snapshot())
    finally:
        app.close()
    records = [record for page in pages for record in page.records if record.kind is RecordKind.CONTACT]
    return sorted(record.values.get("email1", "") for record in records)


def in_file(file: Path) -> list[str]:
    return sorted(re.findall(r"^EMAIL[^:]*:(\S+)", file.read_text(encoding="utf-8"), re.MULTILINE))


def tell_phases(times: list[tuple[str, float]], show: Callable[[str], None]) -> None:
    show(", ".join(f"{name} {then - before:.0f} s" for (_, before), (name, then) in pairwise(times)))


def test_fifty_thousand_contacts_end_right_though_the_server_is_killed(page: Page, server: Server, address_book: Path) -> None:
    before = in_crm(server)
    times = [("", time.monotonic())]

    def over(phase: str) -> None:
        times.append((phase, time.monotonic()))

    press(page, "Ajouter des contacts")
    page.locator("#file").set_input_files(address_book)
    press(page, "Suivant")
    kill_once_some_are_in(page, server, "reading_record", at="/reading")
    page.wait_for_url("**/folders", timeout=LONG)
    over("read")
    press(page, "Suivant")
    page.wait_for_url("**/groups*", timeout=LONG)
    over("groups")
    expect(page.locator(".hint").first).to_contain_text(f"{SIZE // 1000}\u202f000 contacts")
    press(page, "Suivant")
    page.wait_for_url("**/review*", timeout=LONG)
    over("review")
    expect(page.locator(".counts li").first).to_contain_text(re.compile(rf"^{SIZE // 1000}\s000"))
    expect(page.locator(".counts li").nth(3)).to_contain_text(re.compile(r"^0"))
    press(page, "Ajouter des contacts")
    page.wait_for_url("**/runs/*/progress", timeout=LONG)
    over("start")
    kill_once_some_are_in(page, server, "contact", at="/progress")
    page.wait_for_url(re.compile(r"/runs/\d+$"), timeout=LONG)
    over("write")
    tell_phases(times, print)
    rows = {row.locator("th").inner_text(): row.locator("td").inner_text() for row in page.locator(".sum tr").all()}
    assert int(re.sub(r"\s", "", rows["ajoutés"])) == SIZE
    server.stop()
    assert in_crm(server) == sorted([*before, *in_file(address_book)]), "a twin or a gap"
