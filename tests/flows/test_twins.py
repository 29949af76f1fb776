"""Several cards of one person become one CRM contact, with every card linked to it."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from carnet.flows.apply import apply
from carnet.flows.plan import answer
from carnet.flows.undo import plan_undo
from carnet.model.account import RecordKind
from carnet.model.change import Operation, Write
from carnet.model.contact import Record
from carnet.model.decision import QuestionKind
from carnet.model.plan import Action, State
from carnet.ports.store import Scope
from flows.rehearsal import ME, Rehearsal, card, rehearse

SAME = {"email1": "ada@contoso.com"}


def two() -> list[Record]:
    return [
        card("Ada Lovelace", uid="a", **SAME),
        card("Ada Lovelace", uid="b", email2="ada@home.example", job_title="Analyst", **SAME),
    ]


def targets(carnet: Rehearsal) -> dict[str, tuple[str, bool]]:
    scope = Scope(user=ME.id, mailbox="memory", crm=carnet.world.crm.key)
    return {link.record: (link.target, link.primary) for link in carnet.world.store.links.all(scope)}


def test_two_cards_of_one_person_make_one_contact_and_the_most_complete_card_is_the_primary_one(carnet: Rehearsal) -> None:
    carnet.add(two())
    (made,) = carnet.contacts()
    assert made.values["job_title"] == "Analyst"
    assert targets(carnet) == {"s:a": (made.id, False), "s:b": (made.id, True)}


def test_blanks_are_filled_from_the_other_card_and_its_addresses_go_into_free_slots(carnet: Rehearsal) -> None:
    cards = [
        card("Ada Lovelace", uid="a", job_title="Analyst", department="Engines", **SAME),
        card("Ada Lovelace", uid="b", email2="ada@home.example", home_phone="01 99 00 12 34", **SAME),
    ]
    carnet.add(cards)
    (made,) = carnet.contacts()
    assert {made.values["email1"], made.values["email2"]} == {"ada@contoso.com", "ada@home.example"}
    assert made.values["home_phone"] == "01 99 00 12 34"


def test_a_second_run_adds_nothing(carnet: Rehearsal) -> None:
    carnet.add(two())
    again = carnet.plan(two())
    assert {entry.action for entry in again.plan.entries} == {Action.SKIP}


def test_a_new_card_of_somebody_linked_is_linked_to_the_same_contact(carnet: Rehearsal) -> None:
    carnet.add(two()[:1])
    carnet.add(two())
    (made,) = carnet.contacts()
    assert {target for target, _ in targets(carnet).values()} == {made.id}
    assert len(targets(carnet)) == 2


def test_undo_takes_all_links_and_the_contact_and_its_undo_puts_them_back(carnet: Rehearsal) -> None:
    run = carnet.add(two())
    before = carnet.state()
    undone = plan_undo(carnet.world, user=ME.id, number=run.number).run
    assert undone is not None
    apply(carnet.world, user=ME.id, number=undone.number, fingerprint=undone.fingerprint)
    assert carnet.state() == set()
    assert targets(carnet) == {}
    again = plan_undo(carnet.world, user=ME.id, number=undone.number).run
    assert again is not None
    apply(carnet.world, user=ME.id, number=again.number, fingerprint=again.fingerprint)
    assert carnet.state() == before
    assert len(targets(carnet)) == 2


def test_namesakes_of_one_company_are_asked_about_and_both_wait(carnet: Rehearsal) -> None:
    cards = [
        card("Jean Martin", uid="a", company="Contoso", email1="jean.martin@contoso.com"),
        card("Jean Martin", uid="b", company="Contoso", email1="jean.martin2@contoso.com"),
    ]
    planned = carnet.plan(cards)
    (question,) = planned.plan.questions
    assert question.kind is QuestionKind.TWINS
    assert set(question.records) == {"s:a", "s:b"}
    assert {entry.state for entry in planned.plan.entries} == {State.HELD}
    one = answer(carnet.world, user=ME.id, number=planned.run.number, answers={question.key: "one"})
    assert [entry.action for entry in one.plan.entries] == [Action.CREATE, Action.LINK]
    different = answer(carnet.world, user=ME.id, number=planned.run.number, answers={question.key: "different"})
    assert [entry.action for entry in different.plan.entries] == [Action.CREATE, Action.CREATE]


def test_two_companies_on_the_cards_ask_which_account_it_is(carnet: Rehearsal) -> None:
    carnet.account("Contoso")
    fabrikam = carnet.account("Fabrikam")
    cards = [card("Ada Lovelace", uid=name, company=name, **SAME) for name in ("Contoso", "Fabrikam")]
    planned = carnet.plan(cards)
    (question,) = planned.plan.questions
    assert [option.value for option in question.options] == ["company:contoso", "company:fabrikam", "none"]
    answer(carnet.world, user=ME.id, number=planned.run.number, answers={question.key: "company:fabrikam"})
    run = carnet.world.store.runs.get(ME.id, planned.run.number)
    apply(carnet.world, user=ME.id, number=run.number, fingerprint=run.fingerprint)
    (made,) = carnet.contacts()
    assert made.parent is not None
    assert made.parent.id == fabrikam


def test_cards_that_are_two_contacts_of_the_crm_for_certain_are_asked_about(carnet: Rehearsal) -> None:
    ids = {carnet.contact("Ada Lovelace", email1="ada@contoso.com"), carnet.contact("Ada Lovelace", email1="ada@home.example")}
    cards = [
        card("Ada Lovelace", uid="a", mobile_phone="06 99 00 11 22", email1="ada@contoso.com"),
        card("Ada Lovelace", uid="b", mobile_phone="06 99 00 11 22", email1="ada@home.example"),
    ]
    (question,) = carnet.plan(cards).plan.questions
    assert {suggestion.candidate.id for suggestion in question.suggestions} == ids
    assert set(question.records) == {"s:a", "s:b"}


def test_cards_told_apart_are_never_asked_about_again(carnet: Rehearsal) -> None:
    cards = [
        card("Jean Martin", uid="a", company="Contoso", email1="jean.martin@contoso.com"),
        card("Jean Martin", uid="b", company="Contoso", email1="jean.martin2@contoso.com"),
    ]
    planned = carnet.plan(cards)
    key = planned.plan.questions[0].key
    number = planned.run.number
    one = answer(carnet.world, user=ME.id, number=number, answers={key: "different"}).run
    assert carnet.world.store.rules.all(ME.id) == ()
    apply(carnet.world, user=ME.id, number=number, fingerprint=one.fingerprint)
    assert len(carnet.world.store.rules.all(ME.id)) == 1
    undone = plan_undo(carnet.world, user=ME.id, number=number).run
    assert undone is not None
    apply(carnet.world, user=ME.id, number=undone.number, fingerprint=undone.fingerprint)
    again = carnet.plan(cards)
    assert again.plan.questions == ()
    assert again.plan.count(Action.CREATE) == len(cards)


def test_the_cards_of_somebody_who_could_not_be_made_wait_with_the_question_and_are_linked_to_nothing(carnet: Rehearsal) -> None:
    planned = carnet.plan(two())
    made = next(entry for entry in planned.plan.entries if entry.action is Action.CREATE)
    carnet.write(Write(operation=Operation.CREATE, kind=RecordKind.CONTACT, id=made.target or "", values={"surname": "X"}))
    carnet.write(Write(operation=Operation.DELETE, kind=RecordKind.CONTACT, id=made.target or ""))
    apply(carnet.world, user=ME.id, number=planned.run.number, fingerprint=planned.run.fingerprint)
    assert targets(carnet) == {}
    entries = carnet.world.store.journal.entries(planned.run.number, states=[State.HELD])
    assert {entry.record for entry in entries} == {"s:a", "s:b"}
    (question,) = carnet.world.store.journal.questions(planned.run.number)
    assert {entry.question for entry in entries} == {question.key}


def test_who_lost_the_contact_that_was_to_be_made_is_made_under_another_id_when_decided_again(carnet: Rehearsal) -> None:
    planned = carnet.plan(two())
    made = next(entry for entry in planned.plan.entries if entry.action is Action.CREATE)
    carnet.write(Write(operation=Operation.CREATE, kind=RecordKind.CONTACT, id=made.target or "", values={"surname": "X"}))
    carnet.write(Write(operation=Operation.DELETE, kind=RecordKind.CONTACT, id=made.target or ""))
    apply(carnet.world, user=ME.id, number=planned.run.number, fingerprint=planned.run.fingerprint)
    (question,) = carnet.world.store.journal.questions(planned.run.number)
    answer(carnet.world, user=ME.id, number=planned.run.number, answers={question.key: "again"})
    again = answer(carnet.world, user=ME.id, number=planned.run.number, answers={question.key: "again"}).run
    apply(carnet.world, user=ME.id, number=again.number, fingerprint=again.fingerprint)
    (contact,) = carnet.contacts()
    assert contact.id != made.target
    assert targets(carnet) == {"s:a": (contact.id, False), "s:b": (contact.id, True)}


def test_a_card_decided_after_the_run_is_found_again_as_the_person_of_a_card_that_is_done(carnet: Rehearsal) -> None:
    same = {"mobile_phone": "06 99 00 11 22"}
    carnet.add([card("Ada Lovelace", uid="a", email1="ada@contoso.com", **same)])
    (made,) = carnet.contacts()
    carnet.edit(made.id, given_name="A.", surname="King", mobile_phone=None, email1=None)
    carnet.account("Fabrikam Ltd")
    cards = [
        card("Ada Lovelace", uid="a", email1="ada@contoso.com", **same),
        card("Ada Lovelace", uid="b", company="Fabrikam", **same),
    ]
    planned = carnet.plan(cards)
    run = apply(carnet.world, user=ME.id, number=planned.run.number, fingerprint=planned.run.fingerprint)
    questions = carnet.world.store.journal.questions(run.number)
    assert questions
    again = answer(carnet.world, user=ME.id, number=run.number, answers={questions[0].key: "none"})
    apply(carnet.world, user=ME.id, number=again.run.number, fingerprint=again.run.fingerprint)
    assert [each.id for each in carnet.contacts()] == [made.id]
    assert {target for target, _ in targets(carnet).values()} == {made.id}


ada = st.builds(
    lambda name, **values: (name, values),
    st.sampled_from(["Ada Lovelace", "Lovelace Ada", "Ada King", "Bob Martin", ""]),
    email1=st.sampled_from(["", "ada@contoso.com", "ada@home.example", "info@contoso.com"]),
    mobile_phone=st.sampled_from(["", "06 99 00 11 22", "+33 6 99 00 11 22"]),
    company=st.sampled_from(["", "Contoso", "Fabrikam"]),
    birthday=st.sampled_from(["", "1815-12-10", "1970-01-02"]),
)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(drawn=st.lists(ada, min_size=2, max_size=6), answered=st.sampled_from(["one", "different"]))
def test_a_second_run_adds_nobody_and_an_undo_leaves_what_was_before(
    drawn: list[tuple[str, dict[str, str]]], answered: str
) -> None:
    cards = [card(name, uid=str(at), **values) for at, (name, values) in enumerate(drawn)]
    with TemporaryDirectory() as folder:
        carnet = rehearse(Path(folder))
        carnet.contact("Ada Lovelace", email1="ada@home.example")
        before = carnet.state()
        planned = carnet.plan(cards)
        twins = {each.key: answered for each in planned.plan.questions if each.kind is QuestionKind.TWINS}
        run = answer(carnet.world, user=ME.id, number=planned.run.number, answers=twins).run
        apply(carnet.world, user=ME.id, number=run.number, fingerprint=run.fingerprint)
        assert carnet.plan(cards).plan.count(Action.CREATE) == 0
        undone = plan_undo(carnet.world, user=ME.id, number=run.number).run
        assert undone is not None
        apply(carnet.world, user=ME.id, number=undone.number, fingerprint=undone.fingerprint)
        assert (carnet.state(), targets(carnet)) == (before, {})
        carnet.world.store.close()
        carnet.world.crm.close()
