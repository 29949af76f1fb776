"""What do tests of the emulator of Microsoft Graph begin with?"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from carnet.testing.emulators.graph import GraphEmulator
from carnet.transport.client import Client
from gates.fixtures import client_of, one_mailbox, watched_graph


@pytest.fixture
def graph() -> Iterator[GraphEmulator]:
    with watched_graph(GraphEmulator(one_mailbox())) as emulator:
        yield emulator


@pytest.fixture
def client(graph: GraphEmulator) -> Iterator[Client]:
    client = client_of(graph)
    yield client
    client.close()
