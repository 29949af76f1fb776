"""Whatever fails on the way — the CRM, the store, one record, a stale row —, a run can go on and the numbers add up."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path

import pytest

from carnet.crms.memory import MemoryCrm
from carnet.errors import Locked, Refused, Unavailable
from carnet.flows.apply import apply, resume, retry
from carnet.flows.plan import answer
from carnet.flows.summary import counts
from carnet.flows.undo import plan_undo
from carnet.model.account import CrmRecord, RecordKind
from carnet.model.change import Operation, Write
from carnet.model.choices import Choices, MissingAccounts
from carnet.model.plan import State
from carnet.model.run import Run, RunState
from carnet.ports.crm import CrmCapabilities, SnapshotPage
from flows.rehearsal import COLLEAGUE, ME, Rehearsal, card, rehearse

ADA = card("Ada Lovelace", company="Contoso", email1="ada@contoso.com", job_title="Analyst")
PEOPLE = [card(f"Person N{place}", company=f"Firm {place % 2}", email1=f"p{place}@example.com") for place in range(6)]
CREATE = Choices(missing_accounts=MissingAccounts.CREATE)
HOUSE = CrmRecord(kind=RecordKind.ACCOUNT, id="house", values={"name": "The house"}, owner=COLLEAGUE.id)


class FaultyCrm(MemoryCrm):
    """Takes three writes at a time, and cannot be read while `silent`."""

    silent = False

    @property
    def capabilities(self) -> CrmCapabilities:
        return CrmCapabilities(chunk=3)

    def snapshot(self, cursor: str = "") -> Iterator[SnapshotPage]:
        if self.silent:
            raise Unavailable("The CRM does not answer.")
        return super().snapshot(cursor)

    def get(self, kind: RecordKind, ids: Sequence[str]) -> Mapping[str, CrmRecord]:
        if self.silent:
            raise Unavailable("The CRM does not answer.")
        return super().get(kind, ids)


@pytest.fixture
def crm() -> FaultyCrm:
    return FaultyCrm(ME, [HOUSE])


@pytest.fixture
def faulty(tmp_path: Path, crm: FaultyCrm) -> Iterator[Rehearsal]:
    rehearsal = rehearse(tmp_path, crm)
    yield rehearsal
    rehearsal.world.store.close()


def approve(carnet: Rehearsal, run: Run) -> Run:
    return apply(carnet.world, user=ME.id, number=run.number, fingerprint=run.fingerprint)


def silent_at(step: int) -> Callable[[Sequence[Write]], None]:
    """Raises at the call of that number, once."""
    seen = iter(range(1, 1000))

    def answer_or_not(writes: Sequence[Write]) -> None:
        del writes
        if next(seen) == step:
            raise Unavailable("The CRM does not answer.")

    return answer_or_not


@pytest.mark.parametrize(("when", "step"), [(when, step) for when in ("before_apply", "after_apply") for step in (1, 2, 3)])
def test_a_crm_that_does_not_answer_leaves_a_run_that_can_go_on(faulty: Rehearsal, *, when: str, step: int) -> None:
    crm = faulty.world.crm
    planned = faulty.plan(PEOPLE, CREATE)
    setattr(crm, when, silent_at(step))
    with pytest.raises(Unavailable):
        approve(faulty, planned.run)
    left = faulty.world.store.runs.get(ME.id, planned.run.number)
    assert left.state is RunState.APPLYING
    assert counts(faulty.world, left).adds_up

    run = resume(faulty.world, user=ME.id, number=left.number)

    summary = counts(faulty.world, run)
    assert (summary.added, summary.accounts_created, summary.waiting) == (6, 2, 0)
    assert summary.adds_up
    assert [each.name for each in faulty.contacts()] == [f"Person N{place}" for place in range(6)]
    assert [each.name for each in faulty.accounts()] == ["Firm 0", "Firm 1", "The house"]


@pytest.mark.parametrize("when", ["before_apply", "after_apply"])
def test_an_undo_that_was_broken_off_goes_on(faulty: Rehearsal, crm: FaultyCrm, when: str) -> None:
    before = faulty.state()
    run = faulty.add(PEOPLE, CREATE)
    undo = plan_undo(faulty.world, user=ME.id, number=run.number).run
    assert undo is not None
    setattr(crm, when, silent_at(2))
    with pytest.raises(Unavailable):
        approve(faulty, undo)

    resume(faulty.world, user=ME.id, number=undo.number)

    assert faulty.state() == before
    assert faulty.world.store.runs.get(ME.id, run.number).state is RunState.UNDONE


def test_a_second_look_that_fails_writes_nothing_and_can_be_taken_again(faulty: Rehearsal, crm: FaultyCrm) -> None:
    planned = faulty.plan(PEOPLE)
    crm.silent = True
    with pytest.raises(Unavailable):
        approve(faulty, planned.run)
    assert crm.applied == []
    assert faulty.world.store.runs.get(ME.id, planned.run.number).state is RunState.PLANNED

    crm.silent = False
    assert counts(faulty.world, approve(faulty, planned.run)).added == 6


def test_a_run_that_has_ended_has_ended_though_the_crm_cannot_be_read_behind_it(faulty: Rehearsal, crm: FaultyCrm) -> None:
    planned = faulty.plan([ADA])

    def hush(writes: Sequence[Write]) -> None:
        del writes
        crm.silent = True

    crm.after_apply = hush
    run = approve(faulty, planned.run)
    assert run.state is RunState.DONE
    assert counts(faulty.world, run).added == 1


def test_one_record_that_fails_is_told_and_does_not_stop_the_others(faulty: Rehearsal, crm: FaultyCrm) -> None:
    planned = faulty.plan(PEOPLE)
    third = planned.plan.entries[2].target or ""
    crm.fail_next("odd", [third], "It did not like it")
    run = approve(faulty, planned.run)
    summary = counts(faulty.world, run)
    assert (summary.added, summary.failed) == (5, 1)
    assert summary.adds_up
    (failed,) = faulty.world.store.journal.entries(run.number, states=[State.FAILED])
    assert (failed.code, failed.message) == ("odd", "It did not like it")

    assert retry(faulty.world, user=ME.id, number=run.number) == 1
    assert counts(faulty.world, resume(faulty.world, user=ME.id, number=run.number)).added == 6


def test_an_account_that_fails_takes_its_people_along_until_both_are_tried_again(faulty: Rehearsal, crm: FaultyCrm) -> None:
    planned = faulty.plan(PEOPLE, CREATE)
    crm.fail_next("odd", [planned.plan.entries[0].target or ""])
    run = approve(faulty, planned.run)
    assert counts(faulty.world, run).failed == 3

    retry(faulty.world, user=ME.id, number=run.number)
    summary = counts(faulty.world, resume(faulty.world, user=ME.id, number=run.number))
    assert (summary.added, summary.failed, summary.accounts_created) == (6, 0, 2)


def test_a_row_that_goes_stale_while_the_run_writes_is_held_with_a_question(faulty: Rehearsal, crm: FaultyCrm) -> None:
    known = faulty.contact("Ada Lovelace", email1="ada@contoso.com")
    planned = faulty.plan([ADA])

    def meddle(writes: Sequence[Write]) -> None:
        crm.before_apply = None
        if writes[0].id == known:
            faulty.edit(known, department="Sales")

    crm.before_apply = meddle
    run = approve(faulty, planned.run)
    summary = counts(faulty.world, run)
    assert (summary.linked, summary.held) == (0, 1)
    assert summary.adds_up
    (question,) = faulty.world.store.journal.questions(run.number)
    assert [option.value for option in question.options] == ["again", "skip"]

    again = answer(faulty.world, user=ME.id, number=run.number, answers={question.key: "again"})
    assert counts(faulty.world, approve(faulty, again.run)).linked == 1
    (found,) = faulty.contacts()
    assert (found.values["department"], found.values["job_title"]) == ("Sales", "Analyst")


def test_an_update_whose_answer_got_lost_keeps_what_was_before(faulty: Rehearsal, crm: FaultyCrm) -> None:
    faulty.add([ADA], CREATE)
    first = faulty.accounts()[0]
    faulty.write(Write(operation=Operation.UPDATE, kind=RecordKind.ACCOUNT, id=first.id, values={"name": "Contoso (old)"}))
    faulty.account("Contoso")
    before = faulty.state()
    planned = faulty.plan([ADA], Choices(include_linked=True, communications=True))
    crm.after_apply = silent_at(1)
    with pytest.raises(Unavailable):
        approve(faulty, planned.run)
    run = resume(faulty.world, user=ME.id, number=planned.run.number)
    assert faulty.state() != before
    assert counts(faulty.world, run).held == 0

    undo = plan_undo(faulty.world, user=ME.id, number=run.number).run
    assert undo is not None
    approve(faulty, undo)
    assert faulty.state() == before


def test_a_locked_store_is_deferred_and_the_run_goes_on_afterwards(
    faulty: Rehearsal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("carnet.database.engine.BUSY_SECONDS", 0)
    quick = rehearse(tmp_path, faulty.world.crm)
    planned = quick.plan(PEOPLE)
    with closing(sqlite3.connect(tmp_path / "carnet.db", isolation_level=None)) as somebody:
        somebody.execute("BEGIN IMMEDIATE")
        with pytest.raises(Locked):
            approve(quick, planned.run)
    assert counts(quick.world, approve(quick, planned.run)).added == 6
    quick.world.store.close()


def test_a_run_that_was_taken_back_does_not_go_on(faulty: Rehearsal) -> None:
    run = faulty.add([ADA])
    undo = plan_undo(faulty.world, user=ME.id, number=run.number).run
    assert undo is not None
    approve(faulty, undo)
    with pytest.raises(Refused):
        resume(faulty.world, user=ME.id, number=run.number)
    with pytest.raises(Refused):
        approve(faulty, run)
    assert faulty.world.store.runs.get(ME.id, run.number).state is RunState.UNDONE
    assert faulty.contacts() == []


def test_a_run_over_nothing_ends_with_nothing(faulty: Rehearsal) -> None:
    run = faulty.add([])
    assert run.state is RunState.DONE
    summary = counts(faulty.world, run)
    assert summary.read == 0
    assert summary.adds_up
    undo = plan_undo(faulty.world, user=ME.id, number=run.number)
    assert (undo.reverts, undo.keeps) == ((), ())
