"""A table seeds the CRM, once."""

from __future__ import annotations

from dataclasses import replace

from carnet.flows.apply import apply
from carnet.flows.seed import SeedRow, seed
from carnet.flows.summary import counts
from carnet.flows.undo import plan_undo
from carnet.model.contact import Contact
from carnet.model.run import RunKind, RunState
from flows.rehearsal import ME, Rehearsal

ROWS = (
    SeedRow(contact=Contact(values={"company": "Contoso", "email1": "hello@contoso.com"}), website="https://www.contoso.com"),
    SeedRow(contact=Contact(values={"given_name": "Ada", "surname": "Lovelace", "company": "Contoso"})),
    SeedRow(contact=Contact(values={"full_name": "Bob Martin", "company": "Fabrikam"}), active=False),
)


def test_accounts_are_made_once_and_contacts_go_under_them(carnet: Rehearsal) -> None:
    run = seed(carnet.world, user=ME.id, source="crm.csv", rows=ROWS)

    assert (run.kind, run.state) == (RunKind.IMPORT, RunState.DONE)
    assert {each.name: each.values.get("website", "") for each in carnet.accounts()} == {
        "Contoso": "https://www.contoso.com",
        "Fabrikam": "",
    }
    found = {each.name: (each.parent.name if each.parent else "", each.active) for each in carnet.contacts()}
    assert found == {"Ada Lovelace": ("Contoso", True), "Bob Martin": ("Fabrikam", False)}
    summary = counts(carnet.world, run)
    assert (summary.read, summary.added, summary.accounts_created) == (2, 2, 2)
    assert summary.adds_up


def test_the_same_table_again_adds_nothing_and_says_so(carnet: Rehearsal) -> None:
    seed(carnet.world, user=ME.id, source="crm.csv", rows=ROWS)
    again = seed(carnet.world, user=ME.id, source="crm.csv", rows=ROWS)
    summary = counts(carnet.world, again)
    assert (summary.added, summary.already, summary.accounts_created) == (0, 2, 0)
    assert summary.adds_up
    assert (len(carnet.contacts()), len(carnet.accounts())) == (2, 2)


def test_an_import_can_be_undone(carnet: Rehearsal) -> None:
    run = seed(carnet.world, user=ME.id, source="crm.csv", rows=ROWS)
    preview = plan_undo(carnet.world, user=ME.id, number=run.number, dry_run=True)
    assert (len(preview.reverts), preview.keeps) == (4, ())


def test_after_its_undo_the_same_table_can_be_imported_again(carnet: Rehearsal) -> None:
    run = seed(carnet.world, user=ME.id, source="crm.csv", rows=ROWS)
    before = carnet.state()
    undone = plan_undo(carnet.world, user=ME.id, number=run.number).run
    assert undone is not None
    apply(carnet.world, user=ME.id, number=undone.number, fingerprint=undone.fingerprint)
    assert carnet.state() == set()

    again = seed(carnet.world, user=ME.id, source="crm.csv", rows=ROWS)
    assert counts(carnet.world, again).failed == 0
    assert carnet.state() == before


def test_fields_that_stay_where_they_are_reach_neither_contacts_nor_accounts(carnet: Rehearsal) -> None:
    rows = (
        replace(ROWS[0], contact=replace(ROWS[0].contact, values={**ROWS[0].contact.values, "business_city": "Lyon"})),
        SeedRow(contact=Contact(values={"surname": "Roy", "notes": "secret " * 600, "home_city": "Nantes", "email1": "r@x.fr"})),
    )
    run = seed(
        carnet.world, user=ME.id, source="x.pst", rows=rows, withheld=frozenset({"notes", "home_city", "web_page", "email1"})
    )
    (contact,), (account,) = carnet.contacts(), carnet.accounts()
    assert contact.values.keys() & {"notes", "home_city", "email1"} == set()
    assert (account.values.get("business_city"), account.values.keys() & {"website", "email1"}) == ("Lyon", set())
    assert "secret" not in repr(carnet.world.store.journal.entries(run.number))


def test_two_equal_rows_make_one_contact(carnet: Rehearsal) -> None:
    summary = counts(carnet.world, seed(carnet.world, user=ME.id, source="crm.csv", rows=(ROWS[1], ROWS[1])))
    assert (summary.added, summary.already) == (1, 1)
    assert summary.adds_up
