"""Does a CRM adapter keep the promises of `carnet.ports.crm` about snapshots?

For authors of adapters: subclass `SnapshotSuite` as `CrmSuite` is subclassed, with the same fixture `crm`. A promise is skipped
only by a declared capability.
"""

from __future__ import annotations

from unittest import SkipTest

from carnet.model.account import Parent
from carnet.ports.crm import Crm
from carnet.testing.crm_suite import ACCOUNT, CONTACT, account, contact, delete, id_of, one, seen, update


class SnapshotSuite:
    """The promises of the port, one test each."""

    def test_a_first_snapshot_holds_everything_once(self, crm: Crm) -> None:
        """In its present form, whatever has happened to it; more than a page of it too."""
        parent = Parent(kind=ACCOUNT, id=id_of("Contoso"))
        crm.apply([account("Contoso")])
        names = [f"Durand{number:04}" for number in range(crm.capabilities.chunk * 2 + 1)]
        for start in range(0, len(names), crm.capabilities.chunk):
            crm.apply([contact(name, parent) for name in names[start : start + crm.capabilities.chunk]])
        one(crm, update(names[0], job_title="CEO"))
        records, gone, _cursor = seen(crm)
        assert set(records) == {id_of("Contoso"), *map(id_of, names)}
        assert records[id_of(names[0])].values["job_title"] == "CEO"
        assert gone == set()

    def test_a_snapshot_of_nothing_is_one_empty_page(self, crm: Crm) -> None:
        """It has a cursor to go on from."""
        (page,) = crm.snapshot()
        assert (page.records, page.gone) == ((), ())
        (again,) = crm.snapshot(page.cursor)
        assert (again.records, again.present) == ((), None)
        one(crm, contact("Durand"))
        assert set(seen(crm, page.cursor)[0]) == {id_of("Durand")}

    def test_a_snapshot_from_a_cursor_holds_what_changed_since(self, crm: Crm) -> None:
        """New, changed and gone; nothing else, and nothing again afterwards."""
        _require_deltas(crm)
        crm.apply([account("Contoso"), contact("Aubert"), contact("Bernard"), contact("Colin")])
        cursor = seen(crm)[2]
        assert seen(crm, cursor) == ({}, set(), cursor)
        crm.apply([update("Aubert", job_title="CEO"), delete(CONTACT, "Bernard"), contact("Durand"), contact("")])
        records, gone, later = seen(crm, cursor)
        assert set(records) == {id_of("Aubert"), id_of("Durand")}
        assert gone == {(CONTACT, id_of("Bernard"))}
        assert seen(crm, later) == ({}, set(), later)
        assert set(seen(crm)[0]) == {id_of("Contoso"), id_of("Aubert"), id_of("Colin"), id_of("Durand")}

    def test_what_changes_while_a_snapshot_is_read_comes_in_the_next(self, crm: Crm) -> None:
        """Neither lost nor told twice in one."""
        _require_deltas(crm)
        names = [f"Durand{number:04}" for number in range(crm.capabilities.chunk + 10)]
        for start in range(0, len(names), crm.capabilities.chunk):
            crm.apply([contact(name) for name in names[start : start + crm.capabilities.chunk]])
        pages = crm.snapshot()
        first = next(pages)
        one(crm, update(names[-1], job_title="CEO"))
        last = [first, *pages][-1]
        assert set(seen(crm, last.cursor)[0]) == {id_of(names[-1])}

    def test_a_cursor_that_it_does_not_know_yields_everything_and_what_there_is(self, crm: Crm) -> None:
        """So that what is gone can be told."""
        crm.apply([account("Contoso"), contact("Durand")])
        pages = list(crm.snapshot("a cursor of nobody's"))
        there = frozenset({(ACCOUNT, id_of("Contoso")), (CONTACT, id_of("Durand"))})
        assert {(record.kind, record.id) for page in pages for record in page.records} == there
        assert pages[-1].present == there


def _require_deltas(crm: Crm) -> None:
    if not crm.capabilities.deltas:
        raise SkipTest("this CRM declares no deltas")
