"""A mailbox on an Exchange server, open, and somebody who changes it; a module about another mailbox has fixtures of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from carnet.mailboxes.ews import EwsMailbox as Adapter
from carnet.testing.emulators.ews import EwsEmulator
from gates.fixtures import one_exchange, watched_ews
from mailboxes.exchange import Outlook, exchange_of


@pytest.fixture
def ews() -> Iterator[EwsEmulator]:
    with watched_ews(EwsEmulator(one_exchange())) as emulator:
        yield emulator


@pytest.fixture
def opened(ews: EwsEmulator) -> Iterator[Adapter]:
    adapter = exchange_of(ews)
    yield adapter
    adapter.close()


@pytest.fixture
def hands(ews: EwsEmulator) -> Outlook:
    return Outlook(ews.mine)
