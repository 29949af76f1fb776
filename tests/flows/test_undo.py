"""Everything a run did can be taken back, but for what somebody changed since; and an undo can be undone."""

from __future__ import annotations

from carnet.flows.apply import apply
from carnet.flows.summary import counts, undo_counts
from carnet.flows.undo import Undo, plan_undo
from carnet.model.account import RecordKind
from carnet.model.choices import Choices, MissingAccounts
from carnet.model.run import Run, RunState
from carnet.ports.store import Scope
from flows.rehearsal import ME, Rehearsal, card

ADA = card("Ada Lovelace", company="Contoso", email1="ada@contoso.com", job_title="Analyst")
BOB = card("Bob Martin", company="Contoso", email1="bob@contoso.com")
CREATE = Choices(missing_accounts=MissingAccounts.CREATE)


def undo(carnet: Rehearsal, run: Run) -> tuple[Undo, Run]:
    planned = plan_undo(carnet.world, user=ME.id, number=run.number)
    assert planned.run is not None
    done = apply(carnet.world, user=ME.id, number=planned.run.number, fingerprint=planned.run.fingerprint)
    return planned, done


def undo_of(carnet: Rehearsal, run: Run) -> Undo:
    return plan_undo(carnet.world, user=ME.id, number=run.number, dry_run=True)


def links(carnet: Rehearsal) -> int:
    return len(carnet.world.store.links.all(Scope(user=ME.id, mailbox="memory", crm=carnet.world.crm.key)))


def test_m03_an_undone_run_leaves_the_crm_as_it_was(carnet: Rehearsal) -> None:
    carnet.contact("Bob Martin", email1="bob@contoso.com")
    before = carnet.state()
    run = carnet.add([ADA, BOB], CREATE)
    assert carnet.state() != before

    _, done = undo(carnet, run)

    assert carnet.state() == before
    assert links(carnet) == 0
    assert carnet.world.store.runs.get(ME.id, run.number).state is RunState.UNDONE
    assert undo_counts(carnet.world, done) == {
        "contacts_deleted": 1,
        "accounts_deleted": 1,
        "unlinked": 1,
        "restored": 0,
        "put_back": 0,
        "kept": 0,
        "held": 0,
        "failed": 0,
        "waiting": 0,
    }


def test_what_bears_a_runs_number_and_is_not_in_its_journal_is_told_and_left(carnet: Rehearsal) -> None:
    run = carnet.add([ADA, BOB], CREATE)
    assert undo_of(carnet, run).unknown == ()
    stray = carnet.contact("Zora Stray", run=run.number)

    planned, _ = undo(carnet, run)

    assert [record.id for record in planned.unknown] == [stray]
    assert [record.id for record in carnet.contacts()] == [stray]


def test_an_undo_can_be_undone(carnet: Rehearsal) -> None:
    carnet.contact("Bob Martin", email1="bob@contoso.com", job_title="Chief")
    run = carnet.add([ADA, BOB], CREATE)
    after = carnet.state()

    _, back = undo(carnet, run)
    undo(carnet, back)

    assert carnet.state() == after
    assert links(carnet) == 2
    assert carnet.world.store.runs.get(ME.id, run.number).state is RunState.DONE


def test_a_preview_changes_nothing(carnet: Rehearsal) -> None:
    run = carnet.add([ADA])
    preview = plan_undo(carnet.world, user=ME.id, number=run.number, dry_run=True)
    assert (preview.run, len(preview.reverts), preview.keeps) == (None, 1, ())
    assert len(carnet.contacts()) == 1
    assert len(carnet.world.store.runs.all(ME.id)) == 1


def test_a_contact_edited_since_is_kept_with_the_reason(carnet: Rehearsal) -> None:
    run = carnet.add([ADA, BOB])
    ada = next(each for each in carnet.contacts() if each.name == "Ada Lovelace")
    carnet.edit(ada.id, department="Sales")

    planned, _ = undo(carnet, run)

    assert [(entry.label, entry.reason) for entry in planned.keeps] == [("Ada Lovelace", "edited")]
    assert [each.name for each in carnet.contacts()] == ["Ada Lovelace"]


def test_a_filled_blank_edited_since_stays_and_the_others_are_taken_back(carnet: Rehearsal) -> None:
    known = carnet.contact("Ada Lovelace", email1="ada@contoso.com")
    run = carnet.add([card("Ada Lovelace", email1="ada@contoso.com", job_title="Analyst", department="Engines")])
    carnet.edit(known, department="Sales")

    undo(carnet, run)

    (found,) = carnet.contacts()
    assert "job_title" not in found.values
    assert found.values["department"] == "Sales"


def test_an_account_with_children_from_elsewhere_is_kept(carnet: Rehearsal) -> None:
    run = carnet.add([ADA], CREATE)
    (account,) = carnet.accounts()
    carnet.contact("Zoe Other", account=account.id)

    planned, _ = undo(carnet, run)

    assert [(entry.kind, entry.reason) for entry in planned.keeps] == [(RecordKind.ACCOUNT, "has_dependents")]
    assert {each.name for each in carnet.contacts()} == {"Zoe Other"}
    assert len(carnet.accounts()) == 1


def test_after_an_undo_the_same_people_can_be_added_again(carnet: Rehearsal) -> None:
    run = carnet.add([ADA, BOB], CREATE)
    undo(carnet, run)
    again = carnet.add([ADA, BOB], CREATE)
    assert counts(carnet.world, again).added == 2
    assert len(carnet.contacts()) == 2
    assert len(carnet.accounts()) == 1


def test_what_was_undone_is_not_undone_twice(carnet: Rehearsal) -> None:
    run = carnet.add([ADA])
    undo(carnet, run)
    again = plan_undo(carnet.world, user=ME.id, number=run.number, dry_run=True)
    assert (again.reverts, again.keeps) == ((), ())


def test_an_update_of_a_linked_contact_is_taken_back(carnet: Rehearsal) -> None:
    carnet.add([ADA])
    carnet.account("Contoso")
    before = carnet.state()
    run = carnet.add([ADA], Choices(include_linked=True, communications=True))
    assert carnet.state() != before
    undo(carnet, run)
    assert carnet.state() == before
    assert links(carnet) == 1
