"""Untrack removes links, keeps or deletes in the CRM as a person chooses, and can be undone."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from carnet.errors import Refused
from carnet.flows.summary import undo_counts
from carnet.flows.track import Untracking, plan_untrack, set_parent
from carnet.model.account import Parent, RecordKind
from carnet.model.change import Operation, Write
from carnet.model.contact import Record
from carnet.model.plan import Action
from carnet.model.run import Run
from carnet.model.tracking import Tracking
from flows.by_hand import ADA, BOB, account, approve, ids, only, states, tracked, undo
from flows.rehearsal import COLLEAGUE, ME, Rehearsal, card


def untracked(carnet: Rehearsal, records: Sequence[Record], *, delete: bool) -> tuple[Run, Untracking]:
    reading = carnet.read(records)
    planned = plan_untrack(carnet.world, user=ME.id, reading=reading.id, records=ids(records), delete=delete)
    return approve(carnet, planned), planned


def test_t13_l06_untrack_keeps_or_deletes_what_is_mine_as_i_choose(carnet: Rehearsal) -> None:
    tracked(carnet, [ADA, BOB])

    untracked(carnet, [ADA], delete=False)
    assert {each.name for each in carnet.contacts()} == {"Ada Lovelace", "Bob Martin"}
    run, _ = untracked(carnet, [BOB], delete=True)
    assert [each.name for each in carnet.contacts()] == ["Ada Lovelace"]
    assert undo_counts(carnet.world, run)["contacts_deleted"] == 1
    reading = carnet.read([ADA, BOB])
    assert set(states(carnet, reading.id).values()) == {Tracking.NOT_TRACKED}


def test_l07_what_belongs_to_somebody_else_is_kept_even_if_deletion_is_chosen(carnet: Rehearsal) -> None:
    carnet.contact("Ada Lovelace", email1="ada@contoso.com")
    tracked(carnet, [ADA])

    _, planned = untracked(carnet, [ADA], delete=True)

    (entry,) = planned.plan.entries
    assert (entry.action, entry.reason) == (Action.UNLINK, "not_yours")
    assert only(carnet).owner == COLLEAGUE.id


def test_a_crm_contact_that_something_hangs_on_is_kept_with_the_reason(carnet: Rehearsal) -> None:
    tracked(carnet, [ADA])
    child = Write(
        operation=Operation.CREATE,
        kind=RecordKind.CONTACT,
        id="8a7a4a7e-0000-4000-8000-000000000001",
        values={"surname": "Child"},
        parent=Parent(kind=RecordKind.CONTACT, id=only(carnet).id),
        sets_parent=True,
        owner=ME.id,
    )
    carnet.write(child)

    _, planned = untracked(carnet, [ADA], delete=True)
    (entry,) = planned.plan.entries
    assert (entry.action, entry.reason) == (Action.UNLINK, "has_dependents")
    assert len(carnet.contacts()) == 2


def test_a_crm_contact_of_two_cards_goes_with_the_last_of_them_and_not_before(carnet: Rehearsal) -> None:
    other = card("Ada Lovelace", email1="ada@contoso.com", company="Contoso", mobile_phone="+33 6 39 98 80 02")
    tracked(carnet, [ADA, other])
    assert len(carnet.contacts()) == 1

    reading = carnet.read([ADA, other])
    alone = plan_untrack(carnet.world, user=ME.id, reading=reading.id, records=[ADA.id], delete=True, dry_run=True)
    assert [(each.action, each.reason) for each in alone.plan.entries] == [(Action.UNLINK, "linked_elsewhere")]
    run, both = untracked(carnet, [ADA, other], delete=True)
    assert [each.action for each in both.plan.entries] == [Action.UNLINK, Action.DELETE]
    assert carnet.contacts() == []

    undo(carnet, run)
    assert only(carnet).name == "Ada Lovelace"
    assert set(states(carnet, reading.id).values()) == {Tracking.TRACKED}


@pytest.mark.parametrize("delete", [True, False])
def test_untrack_is_undone_link_and_record_and_that_can_be_undone_too(carnet: Rehearsal, *, delete: bool) -> None:
    above = account(carnet, "Contoso")
    reading = carnet.read([ADA])
    approve(carnet, set_parent(carnet.world, user=ME.id, reading=reading.id, records=[ADA.id], parent=above))
    before = carnet.state()

    run, _ = untracked(carnet, [ADA], delete=delete)
    back = undo(carnet, run)
    assert carnet.state() == before
    assert states(carnet, reading.id) == {"Ada Lovelace": Tracking.TRACKED}
    undo(carnet, back)
    assert states(carnet, reading.id) == {"Ada Lovelace": Tracking.NOT_TRACKED}
    assert len(carnet.contacts()) == (0 if delete else 1)


def test_untracking_whom_the_crm_has_lost_removes_the_link_alone(carnet: Rehearsal) -> None:
    tracked(carnet, [ADA])
    carnet.write(Write(operation=Operation.DELETE, kind=RecordKind.CONTACT, id=only(carnet).id))
    _, planned = untracked(carnet, [ADA], delete=False)
    assert [(each.action, each.reason) for each in planned.plan.entries] == [(Action.UNLINK, "gone")]


def test_untracking_nobody_who_is_tracked_is_refused(carnet: Rehearsal) -> None:
    reading = carnet.read([ADA])
    with pytest.raises(Refused, match="None of these contacts is tracked"):
        plan_untrack(carnet.world, user=ME.id, reading=reading.id, records=[ADA.id], delete=False)


def test_a_contact_edited_after_the_untracking_was_planned_is_not_deleted(carnet: Rehearsal) -> None:
    tracked(carnet, [ADA])
    reading = carnet.read([ADA])
    planned = plan_untrack(carnet.world, user=ME.id, reading=reading.id, records=[ADA.id], delete=True)
    carnet.edit(only(carnet).id, job_title="Director")
    run = approve(carnet, planned)
    assert only(carnet).values["job_title"] == "Director"
    assert undo_counts(carnet.world, run)["held"] == 1
