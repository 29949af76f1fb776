"""How fast and how large is the page of the groups for a very large mailbox?"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from fastapi.testclient import TestClient

from benchmarks.answer import Answer
from benchmarks.cards import cards
from benchmarks.machine import seconds
from benchmarks.world import ME
from carnet.bootstrap import App, build
from carnet.flows.read import read
from carnet.mailboxes.memory import MemoryMailbox
from carnet.model.contact import Record
from carnet.model.draft import Draft, Step
from carnet.settings import Settings
from carnet.web.app import create_app, entry_address

CONTACTS, GROUPS, WITHOUT = 50_000, 5_000, 20_000
PORT = 8765
VIEWS = 5


def measure() -> Iterator[Answer]:
    """50,000 contacts in 5,000 groups, 20,000 of them without a company: the best of five views once the groups are known."""
    with tempfile.TemporaryDirectory() as home:
        settings = Settings(home=Path(home))
        settings.prepare()
        app = build(settings, user=ME)
        try:
            first, taken, size = _view(app)
        finally:
            app.close()
    note = f"{CONTACTS} contacts, {GROUPS} groups; first view, which matches them all: {first:.0f} s"
    yield Answer(question="groups_page_50k", ours=taken, target=0.5, unit="s", note=note)
    yield Answer(question="groups_page_50k_size", ours=size / 1000, target=200, unit="KB")


def _view(app: App) -> tuple[float, float, int]:
    """Seconds of the first view and of a later one, and the bytes of the page."""
    reading = read(app.world, MemoryMailbox(_people()), user=ME.id, source="memory", digest="")
    draft = Draft(id="draft", user=ME.id, created_at=app.world.clock.now(), reading=reading.id, step=Step.GROUPS)
    app.world.store.drafts.save(draft)
    web = create_app(app)
    with TestClient(web, base_url=f"http://127.0.0.1:{PORT}") as client:
        entrance = urlsplit(entry_address(web, PORT))
        client.get(f"{entrance.path}?{entrance.query}")
        first, _ = seconds(lambda: _wait(client, "/wizard/draft/groups"))
        taken = min(seconds(lambda: client.get("/wizard/draft/groups").raise_for_status())[0] for _ in range(VIEWS))
        page = client.get("/wizard/draft/groups")
        assert page.url.path.endswith("/groups")
    return first, taken, len(page.content)


def _wait(client: TestClient, address: str) -> None:
    """Load the page until it no longer tells how far the work is."""
    while not client.get(address).raise_for_status().url.path.endswith("/groups"):
        time.sleep(0.2)


def _people() -> list[Record]:
    """People in all the groups but one, and those without a company."""
    found = cards(CONTACTS, companies=GROUPS - 1)
    return [*map(_without_company, found[:WITHOUT]), *found[WITHOUT:]]


def _without_company(record: Record) -> Record:
    values = {key: value for key, value in record.contact.values.items() if key != "company"}
    return replace(record, contact=replace(record.contact, values=values))
