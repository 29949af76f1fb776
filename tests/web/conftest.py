"""A Carnet with the sample mailbox and CRM behind its front door."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from carnet.bootstrap import App, build
from carnet.flows.seed import seed
from carnet.model.account import CrmUser
from carnet.settings import Settings
from carnet.testing.demo_crm import demo_rows
from carnet.testing.demo_mailbox import NAME, write_demo
from web.server import Server
from web.visitor import Visitor

ME = CrmUser(id="alix", name="Alix Renard", address="alix.renard@contoso.example")


@pytest.fixture(scope="session")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the sample mailbox, its CRM seeded: copied for each test that changes it."""
    home = tmp_path_factory.mktemp("furnished")
    settings = Settings(home=home)
    settings.prepare()
    write_demo(home / NAME)
    app = build(settings, user=ME)
    seed(app.world, user=ME.id, source="demo", rows=demo_rows())
    app.close()
    return home


@pytest.fixture
def app(furnished: Path, tmp_path: Path) -> Iterator[App]:
    """A Carnet of its own, furnished."""
    home = tmp_path / "home"
    shutil.copytree(furnished, home)
    app = build(Settings(home=home))
    yield app
    app.close()


@pytest.fixture
def visitor(app: App) -> Iterator[Visitor]:
    """Somebody who has come in by the printed address, speaking French."""
    with Visitor(app) as visitor:
        visitor.enter()
        yield visitor


@pytest.fixture
def server(furnished: Path, tmp_path: Path) -> Iterator[Server]:
    """A furnished Carnet in a process of its own."""
    home = tmp_path / "served"
    shutil.copytree(furnished, home)
    server = Server(home).start()
    yield server
    server.stop()
