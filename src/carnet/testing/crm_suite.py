"""Does a CRM adapter keep the promises of `carnet.ports.crm`?

For authors of adapters: subclass `CrmSuite` in a test module, and give it a pytest fixture `crm`, an empty CRM whose
`whoami` may write. A promise is skipped only by a declared capability.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from unittest import SkipTest
from uuid import NAMESPACE_URL, uuid5

from carnet.model.account import CrmRecord, Dependents, Parent, RecordKind
from carnet.model.change import Operation, Outcome, Receipt, Write
from carnet.model.field import FIELDS, Merge, Shape
from carnet.ports.crm import Crm

ACCOUNT, CONTACT = RecordKind.ACCOUNT, RecordKind.CONTACT
CREATE, UPDATE, DELETE = Operation.CREATE, Operation.UPDATE, Operation.DELETE
DONE, ALREADY, STALE, FAILED = Outcome.DONE, Outcome.ALREADY, Outcome.STALE, Outcome.FAILED


def id_of(name: str) -> str:
    """The same id for the same name."""
    return str(uuid5(NAMESPACE_URL, name))


def account(name: str, **more: str) -> Write:
    """The creation of an account of that name."""
    return Write(operation=CREATE, kind=ACCOUNT, id=id_of(name), values={"name": name, **more})


def contact(surname: str, parent: Parent | None = None, **more: str) -> Write:
    """The creation of a contact of that last name."""
    values = {"surname": surname, **more}
    return Write(operation=CREATE, kind=CONTACT, id=id_of(surname), values=values, parent=parent, sets_parent=parent is not None)


def update(surname: str, expects: str | None = None, /, **values: str | None) -> Write:
    """An update of the contact made with that last name."""
    return Write(operation=UPDATE, kind=CONTACT, id=id_of(surname), values=values, expects=expects)


def delete(kind: RecordKind, name: str, expects: str | None = None) -> Write:
    """The deletion of what was made with that name."""
    return Write(operation=DELETE, kind=kind, id=id_of(name), expects=expects)


def one(crm: Crm, write: Write) -> Receipt:
    """The receipt of a single write."""
    (receipt,) = crm.apply([write])
    assert (receipt.kind, receipt.id) == (write.kind, write.id)
    return receipt


def held(crm: Crm, surname: str) -> CrmRecord:
    """The contact made with that last name."""
    return crm.get(CONTACT, [id_of(surname)])[id_of(surname)]


def seen(crm: Crm, cursor: str = "") -> tuple[dict[str, CrmRecord], set[tuple[RecordKind, str]], str]:
    """A whole snapshot: its records by id, what is gone, and the cursor; no record may come twice.

    Every page but the last has the cursor that the snapshot began with.
    """
    records: dict[str, CrmRecord] = {}
    gone: set[tuple[RecordKind, str]] = set()
    cursors: list[str] = []
    for page in crm.snapshot(cursor):
        for record in page.records:
            assert record.id not in records, "a record came twice"
            records[record.id] = record
        gone.update(page.gone)
        cursors.append(page.cursor)
    assert set(cursors[:-1]) <= {cursor}, "a page but the last moves the cursor"
    return records, gone, cursors[-1]


class CrmSuite:
    """The promises of the port, one test each."""

    def test_the_user_is_known(self, crm: Crm) -> None:
        """Whoami names the user in whose name Carnet writes, and the CRM has a key."""
        assert crm.whoami().id
        assert crm.key

    def test_a_new_record_is_read_back_as_it_was_written(self, crm: Crm) -> None:
        """What was written is there, owned by the user and active."""
        assert one(crm, account("Contoso", website="https://contoso.com", business_city="Lyon")).outcome is DONE
        parent = Parent(kind=ACCOUNT, id=id_of("Contoso"))
        receipt = one(crm, contact("Durand", parent, given_name="Zoé", email1="zoe@contoso.com"))
        record = held(crm, "Durand")
        assert receipt.outcome is DONE
        assert (receipt.version, receipt.before, receipt.code) == (record.version, {}, "")
        assert record.values == {"surname": "Durand", "given_name": "Zoé", "email1": "zoe@contoso.com", "full_name": "Zoé Durand"}
        assert record.parent == Parent(kind=ACCOUNT, id=id_of("Contoso"), name="Contoso")
        assert record.owner == crm.whoami().id
        assert record.active
        made = crm.get(ACCOUNT, [id_of("Contoso")])[id_of("Contoso")]
        assert made.values == {"name": "Contoso", "website": "https://contoso.com", "business_city": "Lyon"}
        assert made.name == "Contoso"

    def test_every_field_of_a_contact_can_be_written_in_full_length(self, crm: Crm) -> None:
        """No column is missing, none is shorter than the field table says."""
        values = {field.key: _longest(field.shape, field.length) for field in FIELDS if field.merge is not Merge.NEVER}
        assert one(crm, Write(operation=CREATE, kind=CONTACT, id=id_of("all"), values=values)).outcome is DONE
        written = {key: value for key, value in held(crm, "all").values.items() if key != "full_name"}
        assert written == values

    def test_creating_twice_with_one_id_makes_one_record(self, crm: Crm) -> None:
        """The second receipt says so, and changes nothing."""
        first = one(crm, contact("Durand"))
        again = one(crm, contact("Durand", given_name="Other"))
        assert (first.outcome, again.outcome) == (DONE, ALREADY)
        assert again.version == first.version
        assert "given_name" not in held(crm, "Durand").values
        assert crm.search(CONTACT, "")[1] == 1

    def test_creating_twice_in_one_series_makes_one_record(self, crm: Crm) -> None:
        """The same within one call."""
        receipts = crm.apply([contact("Durand"), contact("Durand")])
        assert [receipt.outcome for receipt in receipts] == [DONE, ALREADY]

    def test_an_update_changes_what_it_names_and_tells_what_was_there(self, crm: Crm) -> None:
        """None clears; other fields stay; `before` holds the written fields only."""
        first = one(crm, contact("Durand", given_name="Zoé", job_title="CEO", department="Board"))
        receipt = one(crm, update("Durand", first.version, job_title="CTO", department=None, nickname="Zo"))
        assert receipt.outcome is DONE
        assert receipt.before == {"job_title": "CEO", "department": "Board", "nickname": ""}
        record = held(crm, "Durand")
        assert record.version == receipt.version != first.version
        assert "department" not in record.values
        assert (record.name, record.values["job_title"], record.values["nickname"]) == ("Zoé Durand", "CTO", "Zo")

    def full_name(self, *, given: str, middle: str, surname: str, suffix: str) -> str:
        """The name that the CRM makes of the parts; an adapter's tests say how theirs does."""
        return " ".join(filter(None, (given, middle, surname, suffix)))

    def test_the_full_name_is_made_of_the_parts(self, crm: Crm) -> None:
        """It follows when a part changes."""
        one(crm, contact("Durand", given_name="Zoé", middle_name="A.", suffix="Jr"))
        assert held(crm, "Durand").name == self.full_name(given="Zoé", middle="A.", surname="Durand", suffix="Jr")
        one(crm, update("Durand", given_name="Chloé", middle_name=None))
        assert held(crm, "Durand").name == self.full_name(given="Chloé", middle="", surname="Durand", suffix="Jr")

    def test_a_stale_update_is_refused_and_changes_nothing(self, crm: Crm) -> None:
        """Somebody else was quicker."""
        first = one(crm, contact("Durand"))
        second = one(crm, update("Durand", job_title="CEO"))
        late = one(crm, update("Durand", first.version, job_title="CTO"))
        assert late.outcome is STALE
        assert held(crm, "Durand").values["job_title"] == "CEO"
        assert held(crm, "Durand").version == second.version

    def test_of_two_updates_on_one_version_in_one_series_the_second_is_stale(self, crm: Crm) -> None:
        """Writes take effect in order."""
        first = one(crm, contact("Durand"))
        writes = [update("Durand", first.version, job_title="CEO"), update("Durand", first.version, job_title="CTO")]
        assert [receipt.outcome for receipt in crm.apply(writes)] == [DONE, STALE]

    def test_a_stale_deletion_is_refused(self, crm: Crm) -> None:
        """What was edited since is not deleted unseen."""
        first = one(crm, contact("Durand"))
        one(crm, update("Durand", job_title="CEO"))
        assert one(crm, delete(CONTACT, "Durand", first.version)).outcome is STALE
        assert id_of("Durand") in crm.get(CONTACT, [id_of("Durand")])

    def test_an_update_that_changes_nothing_says_so(self, crm: Crm) -> None:
        """The version stays, so nobody sees a change that is none."""
        first = one(crm, contact("Durand", job_title="CEO"))
        again = one(crm, update("Durand", first.version, job_title="CEO", nickname=None))
        assert (again.outcome, again.version) == (ALREADY, first.version)

    def test_every_write_changes_the_version(self, crm: Crm) -> None:
        """A version never comes back."""
        versions = [one(crm, contact("Durand")).version]
        versions += [one(crm, update("Durand", job_title=title)).version for title in ("CEO", "CTO", "CEO")]
        assert len(set(versions)) == len(versions)

    def test_one_failing_write_does_not_stop_the_others(self, crm: Crm) -> None:
        """Each write answers for itself, in order."""
        writes = [contact("Aubert"), contact("Bernard", job_title="x" * 101), contact(""), contact("Colin")]
        receipts = crm.apply(writes)
        assert [receipt.outcome for receipt in receipts] == [DONE, FAILED, FAILED, DONE]
        assert [receipt.id for receipt in receipts] == [write.id for write in writes]
        assert [receipt.code for receipt in receipts] == ["", "too_long", "last_name_required", ""]
        assert all(receipt.message for receipt in receipts if receipt.outcome is FAILED)
        assert set(crm.get(CONTACT, [write.id for write in writes])) == {id_of("Aubert"), id_of("Colin")}

    def test_a_length_counts_utf_16_units(self, crm: Crm) -> None:
        """As the column counts: one emoji takes two."""
        assert one(crm, contact("Aubert", nickname="🙂" * 50)).outcome is DONE
        assert one(crm, contact("Bernard", nickname="🙂" * 50 + "x")).code == "too_long"

    def test_as_much_is_taken_as_it_says_and_no_more(self, crm: Crm) -> None:
        """The plan leaves out what does not fit, rather than lose somebody for it."""
        title, website = (crm.lengths()[kind][key] or 0 for kind, key in ((CONTACT, "job_title"), (ACCOUNT, "website")))
        assert one(crm, contact("Aubert", job_title="x" * title)).outcome is DONE
        assert one(crm, contact("Bernard", job_title="x" * (title + 1))).code == "too_long"
        assert one(crm, account("Contoso", website="x" * website)).outcome is DONE
        assert one(crm, account("Fabrikam", website="x" * (website + 1))).code == "too_long"
        assert crm.lengths()[CONTACT]["birthday"] is None

    def test_a_failed_update_changes_nothing(self, crm: Crm) -> None:
        """Not even the fields that would have fitted."""
        first = one(crm, contact("Durand", given_name="Zoé"))
        receipt = one(crm, update("Durand", first.version, given_name="Chloé", job_title="x" * 101))
        assert receipt.code == "too_long"
        assert held(crm, "Durand").values["given_name"] == "Zoé"
        assert held(crm, "Durand").version == first.version

    def test_a_last_name_cannot_be_cleared(self, crm: Crm) -> None:
        """The CRM requires it."""
        one(crm, contact("Durand"))
        assert one(crm, update("Durand", surname=None)).code == "last_name_required"
        assert one(crm, update("Durand", surname=" ")).code == "last_name_required"

    def test_a_field_that_the_crm_has_not_is_refused(self, crm: Crm) -> None:
        """Nothing is dropped silently."""
        assert one(crm, contact("Durand", shoe_size="42")).outcome is FAILED

    def test_an_unknown_parent_is_refused(self, crm: Crm) -> None:
        """A lookup is by id, and the id must be there."""
        nobody = Parent(kind=ACCOUNT, id=id_of("nobody"), name="Contoso")
        one(crm, account("Contoso"))
        assert one(crm, contact("Durand", nobody)).code == "unknown_parent"
        one(crm, contact("Aubert"))
        move = Write(operation=UPDATE, kind=CONTACT, id=id_of("Aubert"), parent=nobody, sets_parent=True)
        assert one(crm, move).code == "unknown_parent"

    def test_a_parent_is_told_by_kind_and_id(self, crm: Crm) -> None:
        """An account's id names no contact."""
        one(crm, account("Contoso"))
        assert one(crm, contact("Durand", Parent(kind=CONTACT, id=id_of("Contoso")))).code == "unknown_parent"

    def test_an_account_and_its_contacts_can_be_made_in_one_series(self, crm: Crm) -> None:
        """Accounts come first, and are there for what follows."""
        parent = Parent(kind=ACCOUNT, id=id_of("Contoso"))
        receipts = crm.apply([account("Contoso"), contact("Durand", parent)])
        assert [receipt.outcome for receipt in receipts] == [DONE, DONE]
        assert held(crm, "Durand").parent == Parent(kind=ACCOUNT, id=id_of("Contoso"), name="Contoso")

    def test_the_children_of_a_failed_account_fail(self, crm: Crm) -> None:
        """They are not created without it unseen."""
        parent = Parent(kind=ACCOUNT, id=id_of("Contoso"))
        bad = Write(operation=CREATE, kind=ACCOUNT, id=id_of("Contoso"), values={"name": "x" * 161})
        assert [receipt.code for receipt in crm.apply([bad, contact("Durand", parent)])] == ["too_long", "unknown_parent"]

    def test_a_contact_can_belong_to_a_contact(self, crm: Crm) -> None:
        """A parent is an account or a contact."""
        one(crm, contact("Aubert", given_name="Léa"))
        one(crm, contact("Durand", Parent(kind=CONTACT, id=id_of("Aubert"))))
        assert held(crm, "Durand").parent == Parent(kind=CONTACT, id=id_of("Aubert"), name="Léa Aubert")

    def test_a_parent_is_written_only_where_the_write_says_so(self, crm: Crm) -> None:
        """An update without `sets_parent` leaves it; with it, none clears, and `before` tells the old one."""
        parent = Parent(kind=ACCOUNT, id=id_of("Contoso"))
        crm.apply([account("Contoso"), contact("Durand", parent)])
        one(crm, update("Durand", job_title="CEO"))
        assert held(crm, "Durand").parent is not None
        receipt = one(crm, Write(operation=UPDATE, kind=CONTACT, id=id_of("Durand"), sets_parent=True))
        assert receipt.before == {"parent": f"account:{id_of('Contoso')}"}
        assert held(crm, "Durand").parent is None
        back = one(crm, Write(operation=UPDATE, kind=CONTACT, id=id_of("Durand"), parent=parent, sets_parent=True))
        assert (back.outcome, back.before) == (DONE, {"parent": ""})

    def test_an_update_of_nothing_is_refused(self, crm: Crm) -> None:
        """There is no record to change."""
        assert one(crm, update("nobody", job_title="CEO")).code == "not_found"

    def test_what_is_deleted_is_gone(self, crm: Crm) -> None:
        """A second deletion says `already`, any other write fails: nothing comes back by a late retry."""
        _require_deletes(crm)
        one(crm, contact("Durand"))
        assert one(crm, delete(CONTACT, "Durand")).outcome is DONE
        assert crm.get(CONTACT, [id_of("Durand")]) == {}
        assert crm.search(CONTACT, "Durand") == ((), 0)
        assert one(crm, delete(CONTACT, "Durand")).outcome is ALREADY
        assert one(crm, update("Durand", job_title="CEO")).code == "not_found"
        if crm.capabilities.remembers_deleted:
            assert one(crm, contact("Durand")).code == "deleted"
        assert one(crm, delete(CONTACT, "nobody")).outcome is ALREADY

    def test_a_record_with_children_is_not_deleted(self, crm: Crm) -> None:
        """Once they are gone, in the same series too, it can be."""
        _require_deletes(crm)
        crm.apply([account("Contoso"), contact("Durand", Parent(kind=ACCOUNT, id=id_of("Contoso")))])
        assert one(crm, delete(ACCOUNT, "Contoso")).code == "has_children"
        receipts = crm.apply([delete(CONTACT, "Durand"), delete(ACCOUNT, "Contoso")])
        assert [receipt.outcome for receipt in receipts] == [DONE, DONE]
        assert crm.get(ACCOUNT, [id_of("Contoso")]) == {}

    def test_a_contact_that_others_belong_to_is_not_deleted(self, crm: Crm) -> None:
        """The same for a contact."""
        _require_deletes(crm)
        crm.apply([contact("Aubert"), contact("Durand", Parent(kind=CONTACT, id=id_of("Aubert")))])
        assert one(crm, delete(CONTACT, "Aubert")).code == "has_children"

    def test_dependents_are_counted_where_there_are_any(self, crm: Crm) -> None:
        """Records without any are left out."""
        parent = Parent(kind=ACCOUNT, id=id_of("Contoso"))
        crm.apply([account("Contoso"), account("Fabrikam"), contact("Aubert", parent), contact("Durand", parent)])
        found = crm.dependents(ACCOUNT, [id_of("Contoso"), id_of("Fabrikam"), id_of("nobody")])
        assert found == {id_of("Contoso"): Dependents(children=2)}
        assert crm.dependents(CONTACT, [id_of("Aubert")]) == {}

    def test_what_a_run_created_bears_its_number(self, crm: Crm) -> None:
        """Neither what another run created nor what it changed itself."""
        crm.apply([contact("Aubert")])
        created = [replace(write, run=7) for write in (account("Contoso"), contact("Durand"))]
        crm.apply([*created, replace(contact("Zola"), run=8), replace(update("Aubert"), run=7)])
        assert crm.stamped(7) == {(ACCOUNT, id_of("Contoso")), (CONTACT, id_of("Durand"))}
        assert crm.stamped(9) == frozenset()

    def test_ids_that_are_not_there_are_left_out(self, crm: Crm) -> None:
        """A look-up answers for what exists, by id alone."""
        crm.apply([account("Contoso"), contact("Durand")])
        assert set(crm.get(CONTACT, [id_of("Durand"), id_of("nobody"), "Durand"])) == {id_of("Durand")}
        assert crm.get(ACCOUNT, [id_of("Durand")]) == {}
        assert crm.get(CONTACT, []) == {}

    def test_a_search_looks_past_case_and_accents(self, crm: Crm) -> None:
        """In names and e-mail addresses; signs mean themselves."""
        crm.apply([contact("Durand", given_name="Zoé"), contact("Aubert", email1="ZOE_X@contoso.com"), contact("Colin")])
        assert [record.values["surname"] for record in crm.search(CONTACT, "ZOË")[0]] == ["Aubert", "Durand"]
        assert crm.search(CONTACT, "zoe_x")[1] == 1
        assert crm.search(CONTACT, "_")[1] == 1
        assert crm.search(CONTACT, "%")[1] == 0
        assert crm.search(ACCOUNT, "zoe")[1] == 0

    def test_a_search_is_by_name_and_by_page(self, crm: Crm) -> None:
        """Pages tell the whole number and repeat nobody."""
        names = ["Éluard", "aubert", "Zola", "eliot", "Colin"]
        crm.apply([contact(name) for name in names])
        pages = [crm.search(CONTACT, "", offset=offset, limit=2) for offset in (0, 2, 4)]
        assert [[record.name for record in page] for page, _total in pages] == [
            ["aubert", "Colin"],
            ["eliot", "Éluard"],
            ["Zola"],
        ]
        assert {total for _page, total in pages} == {5}

    def test_two_doors_may_write_at_once(self, crm: Crm) -> None:
        """Every write is there once, and no version is given twice."""
        series = [[contact(f"{door} {number} {part}") for part in range(20)] for door in "ab" for number in range(5)]
        with ThreadPoolExecutor(max_workers=4) as doors:
            receipts = [receipt for some in doors.map(crm.apply, series) for receipt in some]
        assert {receipt.outcome for receipt in receipts} == {DONE}
        assert len({receipt.version for receipt in receipts}) == len(receipts)
        assert len(seen(crm)[0]) == len(receipts)

    def test_two_doors_creating_one_record_make_one(self, crm: Crm) -> None:
        """One is told `done`, the others `already`."""
        with ThreadPoolExecutor(max_workers=4) as doors:
            outcomes = [receipt.outcome for receipt in doors.map(lambda write: one(crm, write), [contact("Durand")] * 8)]
        assert sorted(outcomes) == [ALREADY] * 7 + [DONE]
        assert crm.search(CONTACT, "")[1] == 1


def _longest(shape: Shape, length: int | None) -> str:
    if shape is Shape.DATE or length is None:
        return "1970-12-31"
    if shape is Shape.LINES and length == _STREET:
        return "\n".join("x" * ((length - 2) // 3) for _line in range(3))
    return "x" * length


_STREET = 750


def _require_deletes(crm: Crm) -> None:
    if not crm.capabilities.deletes:
        raise SkipTest("this CRM declares no deletions")
