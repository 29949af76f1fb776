"""What do tests of the emulators of Microsoft Graph and of Dataverse begin with?"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from carnet.testing.emulators.dataverse import DataverseEmulator
from carnet.testing.emulators.graph import GraphEmulator
from carnet.transport.client import Client
from gates.fixtures import client_of, one_mailbox, one_organisation, watched_dataverse, watched_graph


@pytest.fixture
def graph() -> Iterator[GraphEmulator]:
    with watched_graph(GraphEmulator(one_mailbox())) as emulator:
        yield emulator


@pytest.fixture
def client(graph: GraphEmulator) -> Iterator[Client]:
    client = client_of(graph)
    yield client
    client.close()


@pytest.fixture
def dataverse() -> Iterator[DataverseEmulator]:
    with watched_dataverse(DataverseEmulator(one_organisation())) as emulator:
        yield emulator


@pytest.fixture
def crm(dataverse: DataverseEmulator) -> Iterator[Client]:
    client = client_of(dataverse)
    yield client
    client.close()
