"""A run that is killed between any two steps goes on where it was: no twin, no gap."""

from __future__ import annotations

import multiprocessing
import signal
import uuid
from pathlib import Path

import pytest

from carnet.errors import Refused
from carnet.flows.apply import apply, resume, retry
from carnet.flows.events import Progress
from carnet.flows.plan import plan
from carnet.flows.summary import counts
from carnet.flows.undo import plan_undo
from carnet.model.account import Parent, RecordKind
from carnet.model.change import Operation, Write
from carnet.model.choices import AccountChoice, AccountSetting, Choices, MissingAccounts
from carnet.model.link import Link
from carnet.model.plan import State
from carnet.model.run import RunState
from carnet.ports.store import Scope
from flows import dying
from flows.rehearsal import ME, Rehearsal, card, rehearse

PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["flows.dying"])

PEOPLE = [
    *(
        card(f"Person N{place}", company=f"Firm {place % 2}", email1=f"p{place}@example.com", job_title="Buyer")
        for place in range(6)
    ),
    card("Ada Lovelace", email1="ada@contoso.com", job_title="Analyst"),
]

THREE_CARDS = [
    card("Grace Hopper", email1="grace@navy.example", job_title="Admiral", department="Ships"),
    card("Grace Hopper", email1="grace@navy.example", email2="grace@home.example"),
    card("Hopper Grace", email1="grace@navy.example"),
]


def prepared(folder: Path) -> tuple[Rehearsal, int, str]:
    carnet = rehearse(folder)
    carnet.contact("Ada Lovelace", email1="ada@contoso.com")
    reading = carnet.read([*PEOPLE[:3], *THREE_CARDS, *PEOPLE[3:]])
    run = plan(carnet.world, user=ME.id, reading=reading.id, choices=Choices(missing_accounts=MissingAccounts.CREATE)).run
    return carnet, run.number, run.fingerprint


def links(carnet: Rehearsal) -> tuple[Link, ...]:
    return carnet.world.store.links.all(Scope(user=ME.id, mailbox="memory", crm=carnet.world.crm.key))


def assert_one_person(carnet: Rehearsal) -> None:
    """The three cards are linked to one contact, of which one is the primary link."""
    (made,) = [each for each in carnet.contacts() if each.name == "Grace Hopper"]
    hers = [link for link in links(carnet) if link.target == made.id]
    assert {link.record for link in hers} == {each.id for each in THREE_CARDS}
    assert sum(link.primary for link in hers) == 1


def run_killer(folder: Path, number: int, fingerprint: str, *, deadly: int = 0) -> int | None:
    """Apply that run in a process of its own, which kills itself at a step; how it ended."""
    process = PROCESSES.Process(target=dying.run, args=(str(folder), number, fingerprint), kwargs={"deadly": deadly})
    process.start()
    process.join()
    return process.exitcode


@pytest.mark.long
def test_killed_between_any_two_journal_steps_a_run_ends_right(tmp_path: Path) -> None:
    whole = tmp_path / "whole"
    whole.mkdir()
    carnet, number, fingerprint = prepared(whole)
    carnet.world.crm.close()
    carnet.world.store.close()
    approved = (whole / "carnet.db").read_bytes()
    assert run_killer(whole, number, fingerprint) == 0
    steps = int((whole / "steps").read_text(encoding="ascii"))
    expected = rehearse(whole)
    wanted = expected.state()
    expected.world.store.close()
    assert steps >= 8

    for deadly in [*range(1, steps + 1), *range(-steps, 0)]:
        folder = tmp_path / str(deadly)
        folder.mkdir()
        (folder / "carnet.db").write_bytes(approved)
        assert run_killer(folder, number, fingerprint, deadly=deadly) == -signal.SIGKILL

        carnet = rehearse(folder)
        apply(carnet.world, user=ME.id, number=number, fingerprint=fingerprint)

        run = carnet.world.store.runs.get(ME.id, number)
        summary = counts(carnet.world, run)
        assert carnet.state() == wanted, f"killed at step {deadly}"
        assert (summary.added, summary.linked, summary.held, summary.failed, summary.waiting) == (7, 3, 0, 0, 0), deadly
        assert summary.adds_up
        assert_one_person(carnet)
        undone = plan_undo(carnet.world, user=ME.id, number=number)
        assert undone.run is not None
        apply(carnet.world, user=ME.id, number=undone.run.number, fingerprint=undone.run.fingerprint)
        assert [each.name for each in carnet.contacts()] == ["Ada Lovelace"], f"killed at step {deadly}, then undone"
        assert carnet.accounts() == []
        assert [link.record for link in links(carnet)] == [], f"killed at step {deadly}, then undone"
        carnet.world.crm.close()
        carnet.world.store.close()


def test_stop_ends_after_the_current_batch_and_resume_goes_on(carnet: Rehearsal) -> None:
    people = [card(f"Person N{place:04}", email1=f"p{place}@example.com") for place in range(1200)]
    planned = carnet.plan(people)

    def stop(progress: Progress) -> None:
        if progress.phase == "write":
            carnet.world.store.runs.request_stop(ME.id, planned.run.number)

    run = apply(carnet.world, user=ME.id, number=planned.run.number, fingerprint=planned.run.fingerprint, watch=stop)
    assert run.state is RunState.STOPPED
    assert 0 < len(carnet.contacts()) < 1200

    run = resume(carnet.world, user=ME.id, number=run.number)
    assert run.state is RunState.DONE
    assert counts(carnet.world, run).added == 1200


def test_a_stop_asked_for_while_the_run_looks_again_is_not_lost(carnet: Rehearsal) -> None:
    planned = carnet.plan(PEOPLE)

    def stop(progress: Progress) -> None:
        if progress.phase == "look":
            carnet.world.store.runs.request_stop(ME.id, planned.run.number)

    run = apply(carnet.world, user=ME.id, number=planned.run.number, fingerprint=planned.run.fingerprint, watch=stop)
    assert run.state is RunState.STOPPED
    assert carnet.contacts() == []

    assert resume(carnet.world, user=ME.id, number=run.number).state is RunState.DONE
    assert len(carnet.contacts()) == len(PEOPLE)


def test_w42_one_failing_contact_does_not_stop_the_others_and_can_be_tried_again(carnet: Rehearsal) -> None:
    account = str(uuid.uuid4())
    people = [card("Ada Lovelace", company="Contoso"), card("Bob Martin", company="Fabrikam")]
    picked = AccountChoice(setting=AccountSetting.PICKED, parent=Parent(kind=RecordKind.ACCOUNT, id=account))
    planned = carnet.plan(people, Choices(account_by_group={"company:contoso": picked}))
    run = apply(carnet.world, user=ME.id, number=planned.run.number, fingerprint=planned.run.fingerprint)
    summary = counts(carnet.world, run)
    assert (summary.added, summary.failed) == (1, 1)
    assert summary.adds_up
    (failed,) = carnet.world.store.journal.entries(run.number, states=[State.FAILED])
    assert failed.code == "unknown_parent"

    carnet.write(Write(operation=Operation.CREATE, kind=RecordKind.ACCOUNT, id=account, values={"name": "Contoso"}))
    assert retry(carnet.world, user=ME.id, number=run.number) == 1
    run = resume(carnet.world, user=ME.id, number=run.number)
    assert counts(carnet.world, run).failed == 0


def test_a_run_that_was_never_approved_cannot_be_resumed(carnet: Rehearsal) -> None:
    planned = carnet.plan(PEOPLE)
    with pytest.raises(Refused):
        resume(carnet.world, user=ME.id, number=planned.run.number)
