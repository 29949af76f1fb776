"""A run takes answers as often as a person has some, and forgets nothing on the way."""

from __future__ import annotations

from carnet.flows.apply import apply
from carnet.flows.events import Progress
from carnet.flows.plan import answer
from carnet.flows.summary import counts
from carnet.flows.undo import plan_undo
from carnet.model.choices import AccountChoice, AccountSetting, Choices, MissingAccounts
from carnet.model.plan import State
from carnet.model.run import Run, RunState
from carnet.ports.store import Scope
from flows.rehearsal import ME, Rehearsal, card

ADA = card("Ada Lovelace", company="Contoso", email1="ada@contoso.com", job_title="Analyst")
BOB = card("Bob Martin", company="Contoso", email1="bob@contoso.com")
CREATE = Choices(missing_accounts=MissingAccounts.CREATE)


def approve(carnet: Rehearsal, run: Run) -> Run:
    return apply(carnet.world, user=ME.id, number=run.number, fingerprint=run.fingerprint)


def settle(carnet: Rehearsal, run: Run, **answers: str) -> Run:
    return approve(carnet, answer(carnet.world, user=ME.id, number=run.number, answers=answers).run)


def undo(carnet: Rehearsal, run: Run) -> Run:
    planned = plan_undo(carnet.world, user=ME.id, number=run.number).run
    assert planned is not None
    return approve(carnet, planned)


def links(carnet: Rehearsal) -> dict[str, str]:
    every = carnet.world.store.links.all(Scope(user=ME.id, mailbox="memory", crm=carnet.world.crm.key))
    return {link.record: link.target for link in every}


def test_questions_can_be_answered_one_after_another(carnet: Rehearsal) -> None:
    cards = [card("", email1=f"someone{place}@example.org") for place in range(3)]
    run = carnet.add([cards[0], ADA, *cards[1:]])
    for done, each in enumerate(cards, start=1):
        planned = answer(carnet.world, user=ME.id, number=run.number, answers={}, edits={each.id: {"surname": f"One {done}"}})
        run = approve(carnet, planned.run)
        summary = counts(carnet.world, run)
        assert (summary.added, summary.held) == (1 + done, 3 - done)
        assert summary.adds_up


def test_the_companies_without_an_account_stay_listed_after_an_answer(carnet: Rehearsal) -> None:
    run = carnet.add([ADA, card("", email1="someone@example.org")])
    assert [row.title for row in carnet.world.store.journal.missing_accounts(run.number)] == ["Contoso"]
    (question,) = carnet.world.store.journal.questions(run.number)
    run = settle(carnet, run, **{question.key: "skip"})
    assert [row.records for row in carnet.world.store.journal.missing_accounts(run.number)] == [(ADA.id,)]


def test_an_account_that_the_run_made_serves_those_who_come_later(carnet: Rehearsal) -> None:
    firm = card("", company="Contoso", business_phone="+33 1 02 03 04 05")
    run = carnet.add([ADA, firm], CREATE)
    (account,) = carnet.accounts()
    (question,) = carnet.world.store.journal.questions(run.number)
    run = settle(carnet, run, **{question.key: "create"})
    assert [each.id for each in carnet.accounts()] == [account.id]
    assert counts(carnet.world, run).added == 2
    undo(carnet, run)
    assert carnet.state() == set()


def test_an_answer_after_an_undo_makes_the_account_again(carnet: Rehearsal) -> None:
    held = card("", company="Contoso", business_phone="+33 1 02 03 04 05")
    run = carnet.add([ADA, held], CREATE)
    undo(carnet, run)
    assert carnet.accounts() == []

    run = settle(carnet, run, **{f"company_card:{held.id}": "account"})

    assert run.state is RunState.DONE
    assert counts(carnet.world, run).failed == 0
    assert [each.name for each in carnet.accounts()] == ["Contoso"]


def stopped(carnet: Rehearsal, run: Run) -> Run:
    """The run, stopped after its first batch."""

    def stop(progress: Progress) -> None:
        if progress.phase == "write":
            carnet.world.store.runs.request_stop(ME.id, run.number)

    run = apply(carnet.world, user=ME.id, number=run.number, fingerprint=run.fingerprint, watch=stop)
    assert run.state is RunState.STOPPED
    return run


def test_a_row_held_at_the_second_look_leaves_the_others_without_a_question(carnet: Rehearsal) -> None:
    known = carnet.contact("Ada Lovelace", email1="ada@contoso.com")
    planned = carnet.plan([*(card(f"Person N{n:04}", email1=f"p{n}@example.com") for n in range(600)), ADA])
    carnet.edit(known, department="Sales")
    run = stopped(carnet, planned.run)
    waiting = carnet.world.store.journal.entries(run.number, states=[State.PLANNED])
    assert {entry.question for entry in waiting} == {""}

    (question,) = carnet.world.store.journal.questions(run.number)
    run = settle(carnet, run, **{question.key: "again"})
    summary = counts(carnet.world, run)
    assert (summary.added, summary.linked, summary.held) == (600, 1, 0)
    assert summary.adds_up


def test_what_was_not_selected_stays_so_whatever_the_crm_learns(carnet: Rehearsal) -> None:
    people = [card(f"Person N{n:04}", email1=f"p{n}@example.com") for n in range(600)]
    choices = Choices(excluded_groups=frozenset({"company:contoso"}))
    run = stopped(carnet, carnet.plan([*people, ADA], choices).run)
    carnet.account("Contoso")
    run = approve(carnet, answer(carnet.world, user=ME.id, number=run.number, answers={}).run)
    summary = counts(carnet.world, run)
    assert (summary.added, summary.not_selected) == (600, 1)
    assert summary.adds_up


def test_one_person_on_three_cards_is_not_held_for_what_the_run_itself_wrote(carnet: Rehearsal) -> None:
    carnet.contact("Ada Lovelace", email1="ada@contoso.com")
    people = [card(f"Person N{n:04}", email1=f"p{n}@example.com") for n in range(497)]
    cards = [card("Ada Lovelace", uid=f"uid-{n}", email1="ada@contoso.com", job_title="Analyst") for n in range(3)]
    planned = carnet.plan([cards[0], cards[1], *people, card("Zoe Late", email1="z@example.com"), cards[2]])
    run = approve(carnet, stopped(carnet, planned.run))
    summary = counts(carnet.world, run)
    assert (summary.linked, summary.held) == (3, 0)


def test_two_cards_of_one_linked_person_set_its_account_once(carnet: Rehearsal) -> None:
    carnet.contact("Ada Lovelace", email1="ada@contoso.com")
    cards = [card("Ada Lovelace", uid=f"uid-{n}", company="Contoso", email1="ada@contoso.com") for n in range(2)]
    carnet.add(cards)
    carnet.account("Contoso")
    before = carnet.state()
    run = carnet.add(cards, Choices(include_linked=True))
    summary = counts(carnet.world, run)
    assert (summary.already, summary.updated, summary.held) == (2, 1, 0)
    undo(carnet, run)
    assert carnet.state() == before


def test_a_run_that_wrote_twice_to_one_record_is_taken_back_whole(carnet: Rehearsal) -> None:
    carnet.account("Contoso", website="contoso.com")
    carnet.account("contoso", website="contoso.org")
    before = carnet.state()
    first = card("Ada Lovelace", uid="uid-1", email1="ada@contoso.com")
    second = card("Ada Lovelace", uid="uid-2", email1="ada@contoso.com", company="Contoso", job_title="Analyst")
    run = carnet.add([first, second])
    (question,) = carnet.world.store.journal.questions(run.number)
    run = settle(carnet, run, **{question.key: question.options[0].value})
    after = carnet.state()
    assert (counts(carnet.world, run).added, counts(carnet.world, run).linked) == (1, 1)
    assert len(carnet.contacts()) == 1

    back = undo(carnet, run)
    assert carnet.state() == before
    assert links(carnet) == {}

    undo(carnet, back)
    assert carnet.state() == after
    assert len(links(carnet)) == 2
    undo(carnet, run)
    assert carnet.state() == before


def test_what_was_chosen_for_a_company_holds_on_when_it_has_got_an_account(carnet: Rehearsal) -> None:
    phone = "+33 1 99 00 12 34"
    known = carnet.contact("Ada Lovelace", business_phone=phone, active="1")
    likely = card("Ada Lovelace", company="Contoso", business_phone=phone)
    choices = Choices(
        communications=True,
        no_communications=frozenset({"company:contoso"}),
        account_by_group={"company:contoso": AccountChoice(setting=AccountSetting.NOT_SET)},
    )
    run = carnet.add([likely], choices)
    (question,) = carnet.world.store.journal.questions(run.number)
    carnet.account("Contoso")
    settle(carnet, run, **{question.key: f"link:{known}"})
    (found,) = carnet.contacts()
    assert found.parent is None
    (link,) = carnet.world.store.links.all(Scope(user=ME.id, mailbox="memory", crm=carnet.world.crm.key))
    assert not link.communications
