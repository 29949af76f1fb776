"""Are the rights that Carnet asks for enough, and is each of them needed?"""

from __future__ import annotations

import pytest

from carnet.core.consenting import FEATURES, scopes_for
from carnet.errors import NotAllowed
from carnet.mailboxes.graph import open_mailbox
from carnet.model.connection import Service
from carnet.testing.emulators.graph import GraphEmulator
from carnet.testing.live_suite import read_all
from gates.fixtures import client_of, one_mailbox, watched_graph

ASKED = frozenset(scopes_for(Service.GRAPH, "", FEATURES[Service.GRAPH]))


def read_with(rights: frozenset[str]) -> int:
    """How many contacts are read by somebody who consented to that."""
    with watched_graph(GraphEmulator(one_mailbox(), scopes={"me": rights})) as emulator:
        mailbox = open_mailbox(client_of(emulator))
        try:
            assert mailbox.identity().address == "camille@contoso.com"
            mailbox.folders()
            records, later = read_all(mailbox)
            assert mailbox.changes(later).records == ()
            return len(records)
        finally:
            mailbox.close()


def test_what_is_asked_for_is_enough_to_read() -> None:
    assert read_with(ASKED) == 5


@pytest.mark.parametrize("right", sorted(ASKED))
def test_no_right_can_be_left_out(right: str) -> None:
    with pytest.raises(NotAllowed) as refused:
        read_with(ASKED - {right})
    assert refused.value.values == {"right": right}
