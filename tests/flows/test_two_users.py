"""Two people, or two processes, who add the same persons leave each of them once."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from carnet.crms import embedded
from carnet.errors import NotFound
from carnet.flows.apply import apply, resume
from carnet.flows.plan import answer, plan
from carnet.flows.read import read
from carnet.flows.summary import counts
from carnet.flows.trackers import trackers
from carnet.flows.undo import plan_undo
from carnet.mailboxes.memory import MemoryMailbox
from carnet.model.account import CrmUser
from carnet.model.choices import Choices, MissingAccounts
from carnet.model.contact import Record
from carnet.model.decision import QuestionKind
from carnet.model.plan import Action, State
from carnet.model.run import Run
from carnet.ports.store import Scope
from carnet.ports.world import World
from flows.rehearsal import COLLEAGUE, ME, Rehearsal, card

CREATE_ACCOUNTS = Choices(missing_accounts=MissingAccounts.CREATE)

RACER = """
import json, sys, time
from dataclasses import replace
from pathlib import Path
from carnet.crms import embedded
from carnet.flows.apply import apply
from carnet.flows.summary import counts
from flows.rehearsal import COLLEAGUE, ME, rehearse

folder, number, fingerprint, user, gate = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4], Path(sys.argv[5])
carnet = rehearse(folder)
me = {each.id: each for each in (ME, COLLEAGUE)}[user]
crm = embedded.open_crm(folder / 'carnet.db', user=me, clock=carnet.world.clock)

class AtOnce:
    '''Writes only once both have looked again.'''
    def __getattr__(self, name): return getattr(crm, name)
    def apply(self, writes):
        (gate / user).touch()
        while len(list(gate.iterdir())) < 2: time.sleep(0.005)
        return crm.apply(writes)

world = replace(carnet.world, crm=AtOnce())
run = apply(world, user=user, number=number, fingerprint=fingerprint)
summary = counts(world, run)
print(json.dumps({'state': run.state, 'added': summary.added, 'held': summary.held, 'failed': summary.failed,
                  'accounts': summary.accounts_created, 'adds_up': summary.adds_up}))
"""


def as_user(carnet: Rehearsal, user: CrmUser) -> World:
    """The same store and CRM, in that user's name."""
    return replace(carnet.world, crm=embedded.open_crm(carnet.path / "carnet.db", user=user, clock=carnet.world.clock))


def planned_by(carnet: Rehearsal, user: CrmUser, records: list[Record], *, choices: Choices | None = None) -> tuple[World, Run]:
    """A plan of that user over a file of theirs."""
    world = as_user(carnet, user)
    reading = read(world, MemoryMailbox(records), user=user.id, source=f"{user.id}.csv", digest="")
    return world, plan(world, user=user.id, reading=reading.id, choices=choices or Choices()).run


def add_as(carnet: Rehearsal, user: CrmUser, records: list[Record]) -> tuple[World, Run]:
    world, run = planned_by(carnet, user, records)
    return world, apply(world, user=user.id, number=run.number, fingerprint=run.fingerprint)


def race(carnet: Rehearsal, *runs: Run) -> list[dict[str, object]]:
    """Work the runs off in a process each, all writing at the same moment; what each came to."""
    gate = carnet.path / "gate"
    gate.mkdir()
    tests = str(Path(__file__).parents[1])
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", RACER, str(carnet.path), str(run.number), run.fingerprint, run.user, str(gate)],
            env={"PYTHONPATH": tests, "PATH": ""},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for run in runs
    ]
    told = [racer.communicate(timeout=120) for racer in racers]
    assert [racer.returncode for racer in racers] == [0] * len(runs), [error for _, error in told]
    return [json.loads(out) for out, _ in told]


def test_two_processes_that_add_the_same_person_at_once_leave_one(carnet: Rehearsal) -> None:
    mine = [card("Ada Lovelace", email1="ada@contoso.com"), card("Bob Martin", email1="bob@contoso.com")]
    theirs = [card("Ada King", email1="ADA@contoso.com", job_title="Countess"), card("Eve Moss", email1="eve@x.example")]
    _, first = planned_by(carnet, ME, mine)
    _, second = planned_by(carnet, COLLEAGUE, theirs)

    came = race(carnet, first, second)

    assert sorted((each["added"], each["held"], each["failed"]) for each in came) == [(1, 1, 0), (2, 0, 0)]
    assert all(each["state"] == "done" and each["adds_up"] for each in came)
    (ada,) = [each for each in carnet.contacts() if each.values.get("email1", "").casefold() == "ada@contoso.com"]
    assert len(carnet.contacts()) == 3

    late, user = (first, ME) if came[0]["held"] else (second, COLLEAGUE)
    world = as_user(carnet, user)
    (question,) = world.store.journal.questions(late.number)
    assert question.kind is QuestionKind.DUPLICATE
    assert question.suggestions[0].evidence[0].code == "created_meanwhile"
    again = answer(world, user=user.id, number=late.number, answers={question.key: f"link:{ada.id}"}).run
    done = apply(world, user=user.id, number=again.number, fingerprint=again.fingerprint)
    assert (counts(world, done).linked, counts(world, done).held) == (1, 0)
    assert len(carnet.contacts()) == 3
    assert carnet.world.store.links.of_targets("embedded", [ada.id]) == {ada.id: 2}


def test_two_processes_that_create_the_same_company_leave_one_account(carnet: Rehearsal) -> None:
    mine = [card("Ada Lovelace", company="Contoso"), card("Bob Martin", company="Contoso")]
    theirs = [card("Eve Moss", company="CONTOSO"), card("Clara Nowak", company="Fabrikam")]
    _, first = planned_by(carnet, ME, mine, choices=CREATE_ACCOUNTS)
    _, second = planned_by(carnet, COLLEAGUE, theirs, choices=CREATE_ACCOUNTS)

    came = race(carnet, first, second)

    assert {each["failed"] for each in came} == {0}
    assert sorted(each.name.casefold() for each in carnet.accounts()) == ["contoso", "fabrikam"]
    (contoso,) = [each for each in carnet.accounts() if each.name.casefold() == "contoso"]
    late, user = (first, ME) if came[0]["held"] else (second, COLLEAGUE)
    world = as_user(carnet, user)
    (question,) = world.store.journal.questions(late.number)
    assert question.kind is QuestionKind.ACCOUNT
    again = answer(world, user=user.id, number=late.number, answers={question.key: f"account:{contoso.id}"}).run
    done = apply(world, user=user.id, number=again.number, fingerprint=again.fingerprint)
    assert counts(world, done).held == 0
    assert counts(world, done).adds_up
    assert len(carnet.accounts()) == 2
    parents = {each.name: each.parent.name.casefold() for each in carnet.contacts() if each.parent}
    assert parents == {"Ada Lovelace": "contoso", "Bob Martin": "contoso", "Eve Moss": "contoso", "Clara Nowak": "fabrikam"}


def test_a_namesake_whom_a_person_chose_to_create_is_created(carnet: Rehearsal) -> None:
    carnet.contact("Bob Martin", email1="ada@contoso.com")
    planned = carnet.plan([card("Ada Lovelace", email1="ada@contoso.com")])
    (question,) = planned.plan.questions
    run = answer(carnet.world, user=ME.id, number=planned.run.number, answers={question.key: "create"}).run
    done = apply(carnet.world, user=ME.id, number=run.number, fingerprint=run.fingerprint)
    assert counts(carnet.world, done).added == 1
    assert len(carnet.contacts()) == 2


def test_what_came_while_a_run_was_stopped_is_held_when_it_goes_on(carnet: Rehearsal) -> None:
    """Resume plans nothing again: each row is guarded by itself."""
    world, run = planned_by(carnet, ME, [card("Ada Lovelace", email1="ada@contoso.com")])
    world.store.runs.save(replace(run, approved=run.fingerprint))
    carnet.contact("Ada Lovelace", email1="ada@contoso.com")
    done = resume(world, user=ME.id, number=run.number)
    assert (counts(world, done).added, counts(world, done).held) == (0, 1)


def test_an_existing_contact_keeps_its_owner_and_the_second_user_gets_a_link(carnet: Rehearsal) -> None:
    _, first = add_as(carnet, COLLEAGUE, [card("Ada Lovelace", email1="ada@contoso.com")])
    world, second = add_as(carnet, ME, [card("Ada Lovelace", email1="ada@contoso.com", job_title="Analyst")])

    (ada,) = carnet.contacts()
    assert ada.owner == COLLEAGUE.id
    assert ada.values["job_title"] == "Analyst"
    assert (counts(world, first).added, counts(world, second).linked) == (1, 1)
    (link,) = world.store.links.all(Scope(user=ME.id, mailbox=second.mailbox, crm="embedded"))
    assert (link.target, link.primary) == (ada.id, False)


def test_each_is_told_by_whom_a_contact_is_tracked_and_never_more_than_a_name(carnet: Rehearsal) -> None:
    world, _ = add_as(carnet, COLLEAGUE, [card("Ada Lovelace", email1="ada@contoso.com")])
    (ada,) = carnet.contacts()
    assert trackers(as_user(carnet, ME), user=ME.id, targets=[ada.id, "nobody"]) == {ada.id: ("Lou Petit",)}
    assert trackers(world, user=COLLEAGUE.id, targets=[ada.id]) == {}
    add_as(carnet, ME, [card("Ada Lovelace", email1="ada@contoso.com")])
    assert trackers(world, user=COLLEAGUE.id, targets=[ada.id]) == {ada.id: ("Alix Renard",)}


def test_the_second_users_undo_leaves_what_the_first_made_and_linked(carnet: Rehearsal) -> None:
    first_world, first = add_as(carnet, COLLEAGUE, [card("Ada Lovelace", email1="ada@contoso.com")])
    before = carnet.state()
    world, second = add_as(carnet, ME, [card("Ada Lovelace", email1="ada@contoso.com", job_title="Analyst")])
    assert carnet.state() != before

    undo = plan_undo(world, user=ME.id, number=second.number).run
    assert undo is not None
    apply(world, user=ME.id, number=undo.number, fingerprint=undo.fingerprint)

    assert carnet.state() == before
    (link,) = first_world.store.links.all(Scope(user=COLLEAGUE.id, mailbox=first.mailbox, crm="embedded"))
    assert link.primary
    assert world.store.links.all(Scope(user=ME.id, mailbox=second.mailbox, crm="embedded")) == ()


def test_the_first_users_undo_keeps_what_the_second_has_linked(carnet: Rehearsal) -> None:
    first_world, first = add_as(carnet, COLLEAGUE, [card("Ada Lovelace", email1="ada@contoso.com")])
    add_as(carnet, ME, [card("Ada Lovelace", email1="ada@contoso.com")])
    undo = plan_undo(first_world, user=COLLEAGUE.id, number=first.number)
    assert [(entry.action, entry.reason) for entry in undo.keeps] == [(Action.KEEP, "linked_elsewhere")]
    assert undo.run is not None
    apply(first_world, user=COLLEAGUE.id, number=undo.run.number, fingerprint=undo.run.fingerprint)
    assert [each.name for each in carnet.contacts()] == ["Ada Lovelace"]
    assert first_world.store.journal.entries(undo.run.number, states=[State.FAILED]) == ()


def test_nobody_can_undo_the_run_of_somebody_else(carnet: Rehearsal) -> None:
    _, first = add_as(carnet, COLLEAGUE, [card("Ada Lovelace", email1="ada@contoso.com")])
    world = as_user(carnet, ME)
    with pytest.raises(NotFound):
        plan_undo(world, user=ME.id, number=first.number)
    assert len(carnet.contacts()) == 1
