"""Does the index know what the CRM holds, whatever became of the look before?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from carnet.crms.memory import MemoryCrm
from carnet.errors import Unavailable
from carnet.flows.index import refresh
from carnet.model.account import CrmRecord, RecordKind
from carnet.ports.crm import SnapshotPage
from flows.rehearsal import ME, Rehearsal

CONTACT = RecordKind.CONTACT


class Hurried(MemoryCrm):
    """A CRM of small pages, of which some may not come."""

    pages = 99
    forgets = False

    def snapshot(self, cursor: str = "") -> Iterator[SnapshotPage]:
        *others, last = super().snapshot("nobody's" if self.forgets else cursor)
        assert others == []
        sliced = [replace(last, records=(record,), cursor=cursor, present=None) for record in last.records[:-1]]
        for number, page in enumerate([*sliced, replace(last, records=last.records[-1:])]):
            if number == self.pages:
                raise Unavailable("The CRM did not answer")
            yield page


def people(*names: str) -> list[CrmRecord]:
    return [CrmRecord(kind=CONTACT, id=name, values={"surname": name}, owner=ME.id) for name in names]


def known(carnet: Rehearsal) -> set[str]:
    return {identity for _, identity in carnet.world.store.candidates.ids(carnet.world.crm.key)}


@pytest.mark.parametrize("pages", [0, 1, 2])
def test_a_look_that_broke_off_is_made_again_and_misses_nobody(carnet: Rehearsal, pages: int) -> None:
    crm = Hurried(ME, people("Aubert", "Bernard", "Colin"))
    carnet.world = replace(carnet.world, crm=crm)
    crm.pages = pages
    with pytest.raises(Unavailable):
        refresh(carnet.world)
    crm.pages = 99
    refresh(carnet.world)
    assert known(carnet) == {"Aubert", "Bernard", "Colin"}


def test_where_the_crm_no_longer_knows_the_cursor_what_is_gone_is_forgotten(carnet: Rehearsal) -> None:
    carnet.world = replace(carnet.world, crm=Hurried(ME, people("Aubert", "Bernard", "Colin")))
    refresh(carnet.world)
    crm = Hurried(ME, people("Bernard", "Durand"))
    crm.forgets = True
    carnet.world = replace(carnet.world, crm=crm)
    refresh(carnet.world)
    assert known(carnet) == {"Bernard", "Durand"}
