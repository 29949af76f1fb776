"""A creation that the CRM takes for a record it has is held, shown with its candidates, and decided by a person."""

from __future__ import annotations

from dataclasses import replace

import pytest

from carnet.flows.apply import apply
from carnet.flows.duplicates import hold
from carnet.flows.plan import Planned, answer
from carnet.flows.summary import counts
from carnet.flows.undo import plan_undo
from carnet.model.account import RecordKind
from carnet.model.change import Operation, Write
from carnet.model.choices import Choices, MissingAccounts
from carnet.model.decision import Question, QuestionKind
from carnet.model.duplicate_rule import ANY_EMAIL, Condition, DuplicateRule, Sameness
from carnet.model.plan import Action, Entry, State
from carnet.model.run import Run, RunState
from flows.rehearsal import COLLEAGUE, ME, Rehearsal, card

DESK = "info@contoso.com"
ADA = card("Ada Lovelace", email1=DESK, company="Contoso")
CREATE_ACCOUNTS = Choices(missing_accounts=MissingAccounts.CREATE)
RULE = DuplicateRule(id="test", name="Same job", conditions=(Condition(field="job_title"),), published=True)
ACCOUNT_RULE = DuplicateRule(
    id="accounts",
    name="Same telephone",
    conditions=(Condition(field="business_phone"),),
    base=RecordKind.ACCOUNT,
    matching=RecordKind.ACCOUNT,
    published=True,
)


def publish(carnet: Rehearsal, *rules: DuplicateRule) -> None:
    for rule in rules:
        carnet.world.crm.save_rule(rule)


def approve(carnet: Rehearsal, planned: Planned) -> Run:
    return apply(carnet.world, user=ME.id, number=planned.run.number, fingerprint=planned.run.fingerprint)


def only_question(carnet: Rehearsal, run: Run) -> Question:
    (question,) = carnet.world.store.journal.questions(run.number)
    return question


def decide(carnet: Rehearsal, run: Run, value: str) -> Run:
    """Answer the only question and approve what follows from it."""
    key = only_question(carnet, run).key
    return approve(carnet, answer(carnet.world, user=ME.id, number=run.number, answers={key: value}))


def names(carnet: Rehearsal) -> list[str]:
    return sorted(each.name for each in carnet.contacts())


def held_late(carnet: Rehearsal) -> tuple[Run, str]:
    """A run whose only creation met a rule that was published after the plan, and what it was taken for."""
    known = carnet.contact("Bob Martin", job_title="Analyst")
    planned = carnet.plan([card("Ada Lovelace", email1="ada@contoso.com", job_title="analyst", company="Contoso")])
    assert planned.plan.questions == ()
    publish(carnet, RULE)
    return approve(carnet, planned), known


def test_d01_a_contact_that_meets_a_published_rule_is_held_and_its_candidates_are_shown(carnet: Rehearsal) -> None:
    known = carnet.contact("Bob Martin", email2=DESK.upper())

    planned = carnet.plan([ADA])

    (question,) = planned.plan.questions
    assert (question.kind, question.about, question.records) == (QuestionKind.DUPLICATE, "Ada Lovelace", (ADA.id,))
    assert [option.value for option in question.options] == [f"link:{known}", "create", "skip"]
    (suggestion,) = question.suggestions
    assert suggestion.candidate.name == "Bob Martin"
    assert suggestion.evidence[0].code == "duplicate_rule"
    assert suggestion.evidence[0].values["rule"] == "Contacts with the same e-mail address"
    run = approve(carnet, planned)
    assert counts(carnet.world, run).held == 1
    assert names(carnet) == ["Bob Martin"]


def test_d01_a_rule_published_after_the_plan_holds_it_when_it_is_written(carnet: Rehearsal) -> None:
    run, known = held_late(carnet)
    summary = counts(carnet.world, run)
    assert (run.state, summary.held, summary.added, summary.failed) == (RunState.DONE, 1, 0, 0)
    assert summary.adds_up
    question = only_question(carnet, run)
    assert (question.kind, question.options[0].value) == (QuestionKind.DUPLICATE, f"link:{known}")
    assert question.suggestions[0].evidence[0].code == "duplicate_rule"


@pytest.mark.parametrize("late", [False, True])
def test_d02_save_record_creates_it_anyway(carnet: Rehearsal, *, late: bool) -> None:
    if late:
        run, _ = held_late(carnet)
    else:
        carnet.contact("Bob Martin", email1=DESK)
        run = carnet.plan([ADA]).run
    run = decide(carnet, run, "create")
    assert (counts(carnet.world, run).added, counts(carnet.world, run).held) == (1, 0)
    assert names(carnet) == ["Ada Lovelace", "Bob Martin"]
    assert carnet.world.store.journal.questions(run.number) == ()


@pytest.mark.parametrize("late", [False, True])
def test_d02_cancel_drops_it(carnet: Rehearsal, *, late: bool) -> None:
    if late:
        run, _ = held_late(carnet)
    else:
        carnet.contact("Bob Martin", email1=DESK)
        run = carnet.plan([ADA]).run
    run = decide(carnet, run, "skip")
    summary = counts(carnet.world, run)
    assert (summary.added, summary.held, summary.not_selected) == (0, 0, 1)
    assert summary.adds_up
    assert names(carnet) == ["Bob Martin"]


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("active", [False, True])
def test_the_candidate_can_be_linked_and_its_blanks_are_filled(carnet: Rehearsal, *, late: bool, active: bool) -> None:
    if late:
        run, known = held_late(carnet)
    else:
        known = carnet.contact("Bob Martin", email1=DESK)
        run = carnet.plan([replace(ADA, contact=replace(ADA.contact, values={**ADA.contact.values, "job_title": "x"}))]).run
    if not active:
        carnet.edit(known, active="0")

    run = decide(carnet, run, f"link:{known}")

    (found,) = carnet.contacts()
    assert (found.id, found.owner) == (known, COLLEAGUE.id)
    assert found.values["email1"] == (DESK if not late else "ada@contoso.com")
    assert (counts(carnet.world, run).linked, counts(carnet.world, run).held) == (1, 0)


def test_d03_candidates_may_be_of_several_kinds_and_a_contact_links_to_contacts_only(carnet: Rehearsal) -> None:
    account = carnet.account("Contoso", email1=DESK)
    known = carnet.contact("Bob Martin", email1=DESK)
    publish(
        carnet,
        DuplicateRule(
            id="both",
            name="Same address as an account",
            conditions=(Condition(field=ANY_EMAIL),),
            matching=RecordKind.ACCOUNT,
            published=True,
        ),
    )
    (question,) = carnet.plan([ADA]).plan.questions
    assert {(each.candidate.kind, each.candidate.id) for each in question.suggestions} == {
        (RecordKind.ACCOUNT, account),
        (RecordKind.CONTACT, known),
    }
    assert [option.value for option in question.options] == [f"link:{known}", "create", "skip"]


def test_d04_nothing_is_held_while_detection_is_off_or_no_rule_is_published(carnet: Rehearsal) -> None:
    carnet.contact("Bob Martin", email1=DESK)
    carnet.world.crm.set_detection(on=False)
    assert carnet.plan([ADA]).plan.questions == ()
    carnet.world.crm.set_detection(on=True)
    for rule in carnet.world.crm.detection().rules:
        carnet.world.crm.save_rule(replace(rule, published=False))
    assert counts(carnet.world, carnet.add([ADA])).added == 1


def test_d06_d07_blanks_case_and_inactive_records_count_as_the_rule_says(carnet: Rehearsal) -> None:
    carnet.contact("Bob Martin", job_title="Analyst", active="0")
    ada = card("Ada Lovelace", job_title="ANALYST")
    found = []
    inactive_too = replace(RULE, exclude_inactive=False)
    for rule in (RULE, inactive_too, replace(inactive_too, case_sensitive=True)):
        publish(carnet, rule)
        found.append(len(carnet.plan([ada, card("Eve Moss")]).plan.questions))
    assert found == [0, 1, 0]


def test_d08_a_change_of_state_is_not_checked(carnet: Rehearsal) -> None:
    carnet.contact("Ada Lovelace", email1=DESK)
    twin = carnet.contact("Bob Martin", email1=DESK, active="0")
    reactivate = Write(operation=Operation.UPDATE, kind=RecordKind.CONTACT, id=twin, values={"active": "1"}, detect=True)
    (receipt,) = carnet.world.crm.apply([reactivate])
    assert receipt.outcome == "done"


def test_what_a_person_said_to_create_is_not_asked_again(carnet: Rehearsal) -> None:
    carnet.contact("Bob Martin", email1="ada@contoso.com")
    planned = carnet.plan([card("Ada Lovelace", email1="ada@contoso.com")])
    (question,) = planned.plan.questions
    assert question.kind is QuestionKind.PERSON
    run = decide(carnet, planned.run, "create")
    assert counts(carnet.world, run).added == 1


def test_cards_of_one_run_are_not_held_against_one_another(carnet: Rehearsal) -> None:
    desk = [card(f"Person N{place}", email1=DESK) for place in range(3)]
    assert counts(carnet.world, carnet.add(desk)).held == counts(carnet.world, carnet.add([*desk, ADA])).held - 1 == 0


def test_others_go_on_and_an_unanswered_question_stays_while_another_is_answered(carnet: Rehearsal) -> None:
    carnet.contact("Bob Martin", job_title="Analyst")
    people = [card(f"Person N{place}", job_title="Analyst") for place in range(2)]
    planned = carnet.plan([*people, card("Eve Moss")])
    publish(carnet, RULE)
    run = approve(carnet, planned)
    assert (counts(carnet.world, run).added, counts(carnet.world, run).held) == (1, 2)

    first, second = carnet.world.store.journal.questions(run.number)
    run = approve(carnet, answer(carnet.world, user=ME.id, number=run.number, answers={first.key: "create"}))

    assert only_question(carnet, run) == second
    assert (counts(carnet.world, run).added, counts(carnet.world, run).held) == (2, 1)
    assert counts(carnet.world, run).adds_up


def test_an_account_that_a_rule_holds_is_asked_once_for_all_who_go_under_it(carnet: Rehearsal) -> None:
    known = carnet.account("Contoso Holding", business_phone="+33 1 23")
    people = [card(name, company="Contoso", business_phone="+33 1 23") for name in ("Ada Lovelace", "Bob Martin")]
    firm = card("", company="Contoso", business_phone="+33 1 23")
    planned = carnet.plan([firm, *people], CREATE_ACCOUNTS)
    (about_card,) = planned.plan.questions
    planned = answer(carnet.world, user=ME.id, number=planned.run.number, answers={about_card.key: "account"})
    assert planned.plan.questions == ()
    publish(carnet, ACCOUNT_RULE)
    run = approve(carnet, planned)

    summary = counts(carnet.world, run)
    assert (summary.held, summary.failed, summary.added) == (3, 0, 0)
    question = only_question(carnet, run)
    assert (question.kind, len(question.records)) == (QuestionKind.ACCOUNT, 3)
    assert [option.value for option in question.options] == [f"account:{known}", "new", "none"]
    planned = answer(carnet.world, user=ME.id, number=run.number, answers={question.key: f"account:{known}"})
    (again,) = planned.plan.questions
    assert (again.kind, again.options[0].value) == (QuestionKind.COMPANY_CARD, f"link:{known}")
    run = approve(carnet, planned)

    assert [each.id for each in carnet.accounts()] == [known]
    assert {each.parent.id for each in carnet.contacts() if each.parent} == {known}
    assert (counts(carnet.world, run).added, counts(carnet.world, run).held) == (2, 1)


@pytest.mark.parametrize(("value", "made"), [("new", 2), ("none", 1)])
def test_an_account_can_be_made_all_the_same_or_done_without(carnet: Rehearsal, value: str, made: int) -> None:
    carnet.account("Contoso", website="contoso.com")
    publish(carnet, replace(ACCOUNT_RULE, conditions=(Condition(field="name", sameness=Sameness.FIRST, length=7),)))
    planned = carnet.plan([card("Ada Lovelace", company="Contoso Lyon")], CREATE_ACCOUNTS)
    assert only_question(carnet, planned.run).kind is QuestionKind.ACCOUNT
    run = decide(carnet, planned.run, value)
    assert counts(carnet.world, run).added == 1
    assert len(carnet.accounts()) == made
    (contact,) = carnet.contacts()
    assert bool(contact.parent) == (value == "new")


def test_a_run_with_answered_duplicates_can_be_undone(carnet: Rehearsal) -> None:
    known = carnet.contact("Bob Martin", job_title="Analyst")
    before = carnet.state()
    planned = carnet.plan([card(f"Person N{place}", job_title="Analyst", email1=f"p{place}@x.example") for place in range(2)])
    publish(carnet, RULE)
    run = approve(carnet, planned)
    first, second = carnet.world.store.journal.questions(run.number)
    answers = {first.key: "create", second.key: f"link:{known}"}
    run = approve(carnet, answer(carnet.world, user=ME.id, number=run.number, answers=answers))
    assert carnet.state() != before

    undo = plan_undo(carnet.world, user=ME.id, number=run.number).run
    assert undo is not None
    apply(carnet.world, user=ME.id, number=undo.number, fingerprint=undo.fingerprint)
    assert carnet.state() == before
    again = plan_undo(carnet.world, user=ME.id, number=undo.number).run
    assert again is not None
    done = apply(carnet.world, user=ME.id, number=again.number, fingerprint=again.fingerprint)
    assert carnet.world.store.journal.entries(done.number, states=[State.HELD, State.FAILED]) == ()
    assert len(carnet.contacts()) == 2


def test_nothing_is_held_where_nothing_is_found() -> None:
    entry = Entry(seq=1, action=Action.CREATE, record="r", target="t")
    assert hold([entry], {}) == [entry]
