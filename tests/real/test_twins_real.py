"""Does a real file in which every person is there twelve times end at one CRM contact a person?"""

from __future__ import annotations

from pathlib import Path

import pytest

from carnet.flows.apply import apply
from carnet.flows.plan import plan
from carnet.flows.read import read
from carnet.flows.summary import counts
from carnet.mailboxes.pst import open_mailbox
from carnet.model.choices import Choices
from carnet.ports.mailbox import OpenOptions
from flows.rehearsal import ME, rehearse
from shared_data import shared

pytestmark = pytest.mark.real


def test_seventy_two_cards_end_at_six_people_with_every_card_linked(tmp_path: Path) -> None:
    path = shared("data", "pst", "aspose_PersonalStorageFile1.pst")
    carnet = rehearse(tmp_path)
    mailbox = open_mailbox(path, OpenOptions())
    reading = read(carnet.world, mailbox, user=ME.id, source=str(path), digest="")
    mailbox.close()
    run = plan(carnet.world, user=ME.id, reading=reading.id, choices=Choices()).run
    done = apply(carnet.world, user=ME.id, number=run.number, fingerprint=run.fingerprint)
    summary = counts(carnet.world, done)
    assert (summary.added, summary.linked, len(carnet.contacts())) == (6, 66, 6)
    carnet.world.store.close()
