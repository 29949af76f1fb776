"""What holds for every test?"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings as hypothesis_settings
from playwright.sync_api import Browser, sync_playwright

LOOPBACK = ("127.", "::1", "localhost", "::ffff:127.")
OF_THE_TERMINAL = ("LANG", "LANGUAGE", "LC_ALL", "LC_MESSAGES", "COLUMNS", "LINES")
CHROMIUM = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

hypothesis_settings.register_profile("carnet", deadline=None, derandomize=True)
hypothesis_settings.load_profile("carnet")


class NetworkBlocked(OSError):
    """A test wanted to leave this machine."""


def _refuse_the_network(event: str, arguments: tuple[object, ...]) -> None:
    """Let nothing but loopback and sockets in the file system through, whichever library asks."""
    if event in {"socket.connect", "socket.sendto", "socket.sendmsg"}:
        address = arguments[1]
        host = address[0] if isinstance(address, tuple) else ""
    elif event == "socket.getaddrinfo":
        host = arguments[0]
    else:
        return
    name = host.decode() if isinstance(host, bytes) else str(host or "")
    if name and not name.startswith(LOOPBACK):
        raise NetworkBlocked(f"tests reach this machine alone, not {name}")


sys.addaudithook(_refuse_the_network)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes long: two workers end together, whoever of them has it."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


@pytest.fixture(autouse=True, scope="session")
def _own_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test ever sees the home, the language or the terminal of whoever runs it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CARNET_HOME", str(tmp_path_factory.mktemp("home")))
        for name in OF_THE_TERMINAL:
            patch.delenv(name, raising=False)
        patch.setenv("LANG", "C.UTF-8")
        yield


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of this test's own, which Carnet finds in CARNET_HOME."""
    path = tmp_path / "carnet"
    monkeypatch.setenv("CARNET_HOME", str(path))
    return path


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, headless, one for all tests of this process; it asks nobody but this machine."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=list(CHROMIUM))
        yield browser
        browser.close()
