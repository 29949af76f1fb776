"""Before it writes, a run looks again at what it was decided on."""

from __future__ import annotations

import pytest

from carnet.errors import PlanMoved, UnsafePlan
from carnet.flows.apply import apply
from carnet.flows.plan import answer
from carnet.flows.summary import counts
from carnet.mailboxes.memory import MemoryMailbox
from carnet.model.choices import Choices, MissingAccounts
from carnet.model.plan import State
from flows.rehearsal import ME, Rehearsal, card

ADA = card("Ada Lovelace", company="Contoso", email1="ada@contoso.com", job_title="Analyst")


def test_one_row_of_ten_thousand_that_changed_is_held_and_the_others_go_on(carnet: Rehearsal) -> None:
    known = carnet.contact("Person N00000", email1="p0@example.com")
    people = [card(f"Person N{place:05}", email1=f"p{place}@example.com", job_title="Buyer") for place in range(10_000)]
    planned = carnet.plan(people)
    carnet.edit(known, department="Sales")

    run = apply(carnet.world, user=ME.id, number=planned.run.number, fingerprint=planned.run.fingerprint)

    summary = counts(carnet.world, run)
    assert (summary.added + summary.linked, summary.held) == (9_999, 1)
    assert summary.adds_up
    (held,) = carnet.world.store.journal.entries(run.number, states=[State.HELD])
    assert [dict(each.values) for each in held.evidence] == [{"field": "department", "before": "", "after": "Sales"}]


def test_a_held_row_goes_on_when_the_person_says_again(carnet: Rehearsal) -> None:
    known = carnet.contact("Ada Lovelace", email1="ada@contoso.com")
    planned = carnet.plan([ADA])
    carnet.edit(known, department="Sales")
    run = apply(carnet.world, user=ME.id, number=planned.run.number, fingerprint=planned.run.fingerprint)
    (question,) = carnet.world.store.journal.questions(run.number)

    planned = answer(carnet.world, user=ME.id, number=run.number, answers={question.key: "again"})
    run = apply(carnet.world, user=ME.id, number=run.number, fingerprint=planned.run.fingerprint)

    assert counts(carnet.world, run).linked == 1
    (found,) = carnet.contacts()
    assert (found.values["department"], found.values["job_title"]) == ("Sales", "Analyst")


def test_a_person_whom_a_colleague_added_meanwhile_is_not_added_twice(carnet: Rehearsal) -> None:
    planned = carnet.plan([ADA])
    carnet.contact("Ada Lovelace", email1="ada@contoso.com")
    run = apply(carnet.world, user=ME.id, number=planned.run.number, fingerprint=planned.run.fingerprint)
    assert counts(carnet.world, run).held == 1
    assert len(carnet.contacts()) == 1


def test_an_account_that_appeared_meanwhile_holds_the_account_and_those_under_it(carnet: Rehearsal) -> None:
    planned = carnet.plan([ADA], Choices(missing_accounts=MissingAccounts.CREATE))
    carnet.account("CONTOSO")
    run = apply(carnet.world, user=ME.id, number=planned.run.number, fingerprint=planned.run.fingerprint)
    assert counts(carnet.world, run).held == 1
    assert len(carnet.accounts()) == 1


def test_strict_refuses_the_whole_run_when_anything_moved(carnet: Rehearsal) -> None:
    known = carnet.contact("Ada Lovelace", email1="ada@contoso.com")
    planned = carnet.plan([ADA])
    carnet.edit(known, department="Sales")
    with pytest.raises(PlanMoved):
        apply(carnet.world, user=ME.id, number=planned.run.number, fingerprint=planned.run.fingerprint, strict=True)


def test_past_the_safety_limit_the_run_is_refused(carnet: Rehearsal) -> None:
    people = [card(f"Person N{place:02}", email1=f"p{place}@example.com", job_title="Buyer") for place in range(20)]
    known = [carnet.contact(f"Person N{place:02}", email1=f"p{place}@example.com") for place in range(20)]
    planned = carnet.plan(people)
    for identity in known[:15]:
        carnet.edit(identity, department="Sales")
    with pytest.raises(UnsafePlan):
        apply(carnet.world, user=ME.id, number=planned.run.number, fingerprint=planned.run.fingerprint)


def test_a_card_that_changed_in_its_source_is_held(carnet: Rehearsal) -> None:
    first = card("Ada Lovelace", uid="uid-1", email1="ada@contoso.com")
    other = card("Bob Martin", uid="uid-2", email1="bob@contoso.com")
    planned = carnet.plan([first, other])
    now = card("Ada King", uid="uid-1", email1="ada@contoso.com")

    run = apply(
        carnet.world,
        user=ME.id,
        number=planned.run.number,
        fingerprint=planned.run.fingerprint,
        reopen=lambda: MemoryMailbox([now, other]),
    )

    summary = counts(carnet.world, run)
    assert (summary.added, summary.held) == (1, 1)
