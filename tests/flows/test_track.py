"""Track and Set Parent on a selection made by hand, each through plan, approval, journal and undo."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carnet.errors import NotAllowed, NotFound, Refused
from carnet.flows.plan import answer
from carnet.flows.summary import counts
from carnet.flows.track import contacts, plan_untrack, set_parent, track, with_parents
from carnet.model.account import Parent, RecordKind
from carnet.model.change import Operation, Write
from carnet.model.choices import Choices
from carnet.model.duplicate_rule import Condition, DuplicateRule
from carnet.model.plan import Action, State
from carnet.model.policy import Policy
from carnet.model.run import RunKind, RunState
from carnet.model.tracking import Tracking
from carnet.ports.store import Scope
from flows.by_hand import ADA, BOB, CLARA, account, approve, ids, only, parent_of, states, tracked, undo
from flows.rehearsal import ME, Rehearsal, card, rehearse

# Track


def test_t03_c01_track_copies_the_contact_without_a_parent_and_makes_no_account_of_its_company(carnet: Rehearsal) -> None:
    carnet.account("Contoso")
    reading = carnet.read([ADA, BOB, CLARA])

    run = approve(carnet, track(carnet.world, user=ME.id, reading=reading.id, records=[ADA.id]))

    (made,) = carnet.contacts()
    assert (made.name, made.parent, made.owner) == ("Ada Lovelace", None, ME.id)
    assert made.values["job_title"] == "Analyst"
    assert [each.name for each in carnet.accounts()] == ["Contoso"]
    assert run.kind is RunKind.TRACK
    summary = counts(carnet.world, run)
    assert (summary.read, summary.added) == (1, 1)
    assert summary.adds_up


def test_t01_t02_twenty_are_taken_and_twenty_one_are_sent_to_the_wizard(carnet: Rehearsal) -> None:
    people = [card(f"Person N{place:02}", email1=f"p{place}@example.com") for place in range(21)]
    reading, above = carnet.read(people), account(carnet, "Contoso")

    with pytest.raises(Refused, match="21 contacts") as refusal:
        track(carnet.world, user=ME.id, reading=reading.id, records=ids(people))
    assert "wizard" in refusal.value.hint
    with pytest.raises(Refused, match="21 contacts"):
        set_parent(carnet.world, user=ME.id, reading=reading.id, records=ids(people), parent=above)
    with pytest.raises(Refused, match="21 contacts"):
        plan_untrack(carnet.world, user=ME.id, reading=reading.id, records=ids(people), delete=False)
    assert carnet.world.store.runs.all(ME.id) == ()

    run = approve(carnet, track(carnet.world, user=ME.id, reading=reading.id, records=ids(people[:20])))
    assert counts(carnet.world, run).added == 20
    later = set_parent(carnet.world, user=ME.id, reading=reading.id, records=ids(people[1:]), parent=above)
    approve(carnet, later)
    assert sum(1 for each in carnet.contacts() if each.parent) == 20


def test_nothing_selected_and_somebody_who_is_not_there_are_refused(carnet: Rehearsal) -> None:
    reading = carnet.read([ADA])
    with pytest.raises(Refused, match="No contact"):
        track(carnet.world, user=ME.id, reading=reading.id, records=[])
    with pytest.raises(NotFound, match=BOB.id):
        track(carnet.world, user=ME.id, reading=reading.id, records=[BOB.id])


def test_tracking_whom_the_crm_knows_links_and_makes_no_twin(carnet: Rehearsal) -> None:
    above = carnet.account("Fabrikam")
    known = carnet.contact("Ada Lovelace", account=above, email1="ada@contoso.com")

    run = tracked(carnet, [ADA])

    (there,) = carnet.contacts()
    assert (there.id, there.parent.id if there.parent else "") == (known, above)
    assert counts(carnet.world, run).linked == 1


def test_d01_a_duplicate_rule_holds_who_is_tracked_until_somebody_answers(carnet: Rehearsal) -> None:
    carnet.contact("Zoe Other", job_title="Analyst")
    rule = DuplicateRule(id="r", name="title", conditions=(Condition(field="job_title"),), published=True)
    carnet.world.crm.save_rule(rule)
    carnet.world.crm.set_detection(on=True)
    reading = carnet.read([ADA])

    planned = track(carnet.world, user=ME.id, reading=reading.id, records=[ADA.id])
    (question,) = planned.plan.questions
    assert states(carnet, reading.id) == {"Ada Lovelace": Tracking.PENDING}

    again = answer(carnet.world, user=ME.id, number=planned.run.number, answers={question.key: "create"})
    run = approve(carnet, again)
    assert run.kind is RunKind.TRACK
    assert counts(carnet.world, run).added == 1


def test_a_second_track_changes_nothing(carnet: Rehearsal) -> None:
    tracked(carnet, [ADA])
    before = carnet.state()
    again = tracked(carnet, [ADA])
    assert counts(carnet.world, again).already == 1
    assert carnet.state() == before


def test_the_runs_of_a_selection_leave_what_the_wizard_remembers_alone(carnet: Rehearsal) -> None:
    tracked(carnet, [ADA])
    assert [each.seen_at for each in carnet.world.store.mailboxes.all(ME.id)] == [None]
    assert carnet.world.store.mailboxes.seen(ME.id, "memory") == ()


@settings(max_examples=15, deadline=None)
@given(st.sets(st.integers(0, 7), max_size=8), st.sets(st.integers(0, 7), max_size=8), st.booleans())
def test_t16_nobody_is_ever_sent_who_was_not_selected(first: set[int], second: set[int], under: bool) -> None:
    people = [card(f"Person N{place}", company="Contoso", email1=f"p{place}@example.com") for place in range(8)]
    with tempfile.TemporaryDirectory() as folder:
        carnet = rehearse(Path(folder))
        try:
            reading = carnet.read(people)
            above = account(carnet, "Fabrikam")
            for chosen in (first, second):
                records = [people[place].id for place in sorted(chosen)]
                if not records:
                    continue
                if under:
                    planned = set_parent(carnet.world, user=ME.id, reading=reading.id, records=records, parent=above)
                else:
                    planned = track(carnet.world, user=ME.id, reading=reading.id, records=records)
                named = {entry.record for entry in carnet.world.store.journal.entries(planned.run.number)}
                assert named == set(records)
                approve(carnet, planned)
            assert {each.name for each in carnet.contacts()} == {f"Person N{place}" for place in first | second}
            selected = {f"Person N{place}" for place in first | second}
            assert {name for name, state in states(carnet, reading.id).items() if state is Tracking.TRACKED} == selected
        finally:
            carnet.world.store.close()


# Set Parent


def test_t04_t12_set_parent_tracks_and_sets_one_parent_for_all_also_for_those_tracked_before(carnet: Rehearsal) -> None:
    above, old = account(carnet, "Contoso"), account(carnet, "Fabrikam")
    reading = carnet.read([ADA, BOB, CLARA])
    approve(carnet, set_parent(carnet.world, user=ME.id, reading=reading.id, records=[BOB.id], parent=old))
    carnet.contact("Clara Nowak", account=old.id, email1="clara@fabrikam.com")

    records = ids([ADA, BOB, CLARA])
    run = approve(carnet, set_parent(carnet.world, user=ME.id, reading=reading.id, records=records, parent=above))

    assert run.kind is RunKind.SET_PARENT
    assert {parent_of(carnet, name) for name in ("Ada Lovelace", "Bob Martin", "Clara Nowak")} == {"Contoso"}
    assert len(carnet.contacts()) == 3

    undo(carnet, run)
    assert [each.name for each in carnet.contacts()] == ["Bob Martin", "Clara Nowak"]
    assert {parent_of(carnet, name) for name in ("Bob Martin", "Clara Nowak")} == {"Fabrikam"}


def test_the_undo_of_a_set_parent_can_itself_be_undone(carnet: Rehearsal) -> None:
    above, old = account(carnet, "Contoso"), account(carnet, "Fabrikam")
    carnet.contact("Clara Nowak", account=old.id, email1="clara@fabrikam.com")
    reading = carnet.read([CLARA])
    run = approve(carnet, set_parent(carnet.world, user=ME.id, reading=reading.id, records=[CLARA.id], parent=above))

    back = undo(carnet, run)
    assert parent_of(carnet, "Clara Nowak") == "Fabrikam"
    undo(carnet, back)
    assert parent_of(carnet, "Clara Nowak") == "Contoso"


def test_the_parent_may_be_a_contact_and_nobody_goes_under_themselves(carnet: Rehearsal) -> None:
    boss = carnet.contact("Bob Martin", email1="bob@contoso.com")
    reading = carnet.read([ADA, BOB])
    above = Parent(kind=RecordKind.CONTACT, id=boss, name="Bob Martin")

    run = approve(carnet, set_parent(carnet.world, user=ME.id, reading=reading.id, records=ids([ADA, BOB]), parent=above))

    assert (parent_of(carnet, "Ada Lovelace"), parent_of(carnet, "Bob Martin")) == ("Bob Martin", "")
    assert counts(carnet.world, run).failed == 0


def test_a_new_account_is_made_once_for_all_and_one_of_that_name_is_used(carnet: Rehearsal) -> None:
    reading = carnet.read([ADA, CLARA])
    planned = set_parent(carnet.world, user=ME.id, reading=reading.id, records=ids([ADA, CLARA]), parent="Northwind")
    assert planned.plan.count(Action.CREATE, RecordKind.ACCOUNT) == 1
    approve(carnet, planned)
    assert [each.name for each in carnet.accounts()] == ["Northwind"]

    again = carnet.read([ADA, BOB])
    approve(carnet, set_parent(carnet.world, user=ME.id, reading=again.id, records=[BOB.id], parent="northwind"))
    assert [each.name for each in carnet.accounts()] == ["Northwind"]
    assert parent_of(carnet, "Bob Martin") == "Northwind"


def test_a_new_account_against_the_policy_and_a_parent_that_is_gone_are_refused(carnet: Rehearsal) -> None:
    reading = carnet.read([ADA])
    forbidden = replace(carnet.world, policy=Policy(create_accounts=False))
    with pytest.raises(NotAllowed, match="no new accounts"):
        set_parent(forbidden, user=ME.id, reading=reading.id, records=[ADA.id], parent="Northwind")
    gone = Parent(kind=RecordKind.ACCOUNT, id="gone")
    with pytest.raises(NotFound, match="no such account"):
        set_parent(carnet.world, user=ME.id, reading=reading.id, records=[ADA.id], parent=gone)


def test_set_parent_leaves_the_communications_of_a_tracked_contact_on(carnet: Rehearsal) -> None:
    carnet.add([ADA], Choices(communications=True))
    reading, above = carnet.read([ADA]), account(carnet, "Contoso")
    approve(carnet, set_parent(carnet.world, user=ME.id, reading=reading.id, records=[ADA.id], parent=above))
    scope = Scope(user=ME.id, mailbox=reading.identity.key, crm=carnet.world.crm.key)
    (link,) = carnet.world.store.links.all(scope)
    assert link.communications


# States


def test_t11_not_tracked_pending_and_tracked_follow_the_journal(carnet: Rehearsal) -> None:
    reading = carnet.read([ADA, BOB])
    planned = track(carnet.world, user=ME.id, reading=reading.id, records=[ADA.id])
    assert states(carnet, reading.id) == {"Ada Lovelace": Tracking.PENDING, "Bob Martin": Tracking.NOT_TRACKED}
    (pending, _) = contacts(carnet.world, user=ME.id, reading=reading.id)
    assert (pending.run, pending.target) == (planned.run.number, "")

    run = approve(carnet, planned)
    assert states(carnet, reading.id) == {"Ada Lovelace": Tracking.TRACKED, "Bob Martin": Tracking.NOT_TRACKED}
    assert run.state is RunState.DONE
    undo(carnet, run)
    assert set(states(carnet, reading.id).values()) == {Tracking.NOT_TRACKED}


def test_a_plan_of_the_wizard_makes_nobody_pending_until_it_is_approved(carnet: Rehearsal) -> None:
    reading = carnet.read([ADA])
    carnet.plan([ADA])
    assert states(carnet, reading.id) == {"Ada Lovelace": Tracking.NOT_TRACKED}


def test_t08_a_contact_deleted_in_the_crm_is_not_shown_as_tracked(carnet: Rehearsal) -> None:
    tracked(carnet, [ADA])
    carnet.write(Write(operation=Operation.DELETE, kind=RecordKind.CONTACT, id=only(carnet).id))
    reading = carnet.read([ADA])
    (row,) = contacts(carnet.world, user=ME.id, reading=reading.id)
    assert (row.state, row.target) == (Tracking.NOT_TRACKED, "")


def test_t09_the_parent_of_a_tracked_contact_is_told(carnet: Rehearsal) -> None:
    above = account(carnet, "Contoso")
    reading = carnet.read([ADA])
    approve(carnet, set_parent(carnet.world, user=ME.id, reading=reading.id, records=[ADA.id], parent=above))
    (row,) = with_parents(carnet.world, contacts(carnet.world, user=ME.id, reading=reading.id))
    assert row.parent == above


def test_a_held_row_of_a_run_keeps_its_contact_pending(carnet: Rehearsal) -> None:
    reading = carnet.read([ADA])
    planned = track(carnet.world, user=ME.id, reading=reading.id, records=[ADA.id])
    carnet.contact("Ada Lovelace", email1="ada@contoso.com")
    run = approve(carnet, planned)
    assert [each.state for each in carnet.world.store.journal.entries(run.number)] == [State.HELD]
    assert states(carnet, reading.id) == {"Ada Lovelace": Tracking.PENDING}
