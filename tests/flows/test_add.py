"""A run adds what the CRM lacks and links what it has."""

from __future__ import annotations

from dataclasses import replace

import pytest

from carnet.errors import PlanMoved
from carnet.flows.apply import apply
from carnet.flows.group import group
from carnet.flows.plan import answer, plan
from carnet.flows.summary import counts
from carnet.model.account import Parent, RecordKind
from carnet.model.choices import AccountChoice, AccountSetting, Choices, MissingAccounts
from carnet.model.decision import QuestionKind
from carnet.model.group import Colour, Mode
from carnet.model.plan import Action
from carnet.model.reading import ContactList, HeldBack, HeldBackReason, SkippedRecord
from carnet.model.run import RunState
from carnet.ports.store import Scope
from flows.rehearsal import COLLEAGUE, ME, Rehearsal, card

ADA = card("Ada Lovelace", company="Contoso", email1="ada@contoso.com", job_title="Analyst")
BOB = card("Bob Martin", company="Contoso", email1="bob@contoso.com")
CLARA = card("Clara Nowak", company="Fabrikam", email1="clara@fabrikam.com")


def test_w36_every_contact_of_the_ticked_groups_is_created_and_linked(carnet: Rehearsal) -> None:
    run = carnet.add([ADA, BOB, CLARA])

    assert run.state is RunState.DONE
    assert {each.name for each in carnet.contacts()} == {"Ada Lovelace", "Bob Martin", "Clara Nowak"}
    assert all(each.owner == ME.id for each in carnet.contacts())
    summary = counts(carnet.world, run)
    assert (summary.added, summary.linked, summary.accounts_created) == (3, 0, 0)
    assert summary.adds_up


def test_w37_w38_more_than_twenty_and_all_contacts_go_in_one_run(carnet: Rehearsal) -> None:
    people = [card(f"Person N{place:04}", email1=f"p{place}@example.com") for place in range(1203)]

    run = carnet.add(people)

    assert counts(carnet.world, run).added == 1203
    assert len(carnet.contacts()) == 1203


def test_w41_a_second_run_adds_nobody_twice(carnet: Rehearsal) -> None:
    carnet.add([ADA, BOB])
    again = carnet.add([ADA, BOB, CLARA])

    summary = counts(carnet.world, again)
    assert (summary.already, summary.added) == (2, 1)
    assert len(carnet.contacts()) == 3


def test_w43_an_unmatched_company_makes_no_account_unless_asked(carnet: Rehearsal) -> None:
    planned = carnet.plan([ADA, BOB])
    assert [row.title for row in planned.plan.missing_accounts] == ["Contoso"]
    assert planned.plan.count(Action.CREATE, RecordKind.ACCOUNT) == 0

    run = carnet.add([ADA, BOB])
    assert carnet.accounts() == []
    assert counts(carnet.world, run).added == 2


def test_one_new_account_a_company_where_the_person_asks_for_it(carnet: Rehearsal) -> None:
    other = card("Eve Moss", company="  CONTOSO ", email1="eve@contoso.com")
    run = carnet.add([ADA, BOB, other], Choices(missing_accounts=MissingAccounts.CREATE))

    assert [each.name for each in carnet.accounts()] == ["Contoso"]
    assert {each.parent.name for each in carnet.contacts() if each.parent} == {"Contoso"}
    assert counts(carnet.world, run).accounts_created == 1


def test_w32_use_company_name_links_to_the_account_of_that_name(carnet: Rehearsal) -> None:
    account = carnet.account("Contoso")
    carnet.add([ADA])
    (made,) = carnet.contacts()
    assert made.parent == Parent(kind=RecordKind.ACCOUNT, id=account, name="Contoso")


def test_w25_without_company_names_contacts_have_no_parent(carnet: Rehearsal) -> None:
    carnet.account("Contoso")
    carnet.add([ADA], Choices(company_account=False))
    (made,) = carnet.contacts()
    assert made.parent is None


def test_w31_not_set_on_a_row_leaves_its_parent_empty(carnet: Rehearsal) -> None:
    account = carnet.account("Contoso")
    carnet.add([ADA], Choices(account_by_group={f"account:{account}": AccountChoice(setting=AccountSetting.NOT_SET)}))
    (made,) = carnet.contacts()
    assert made.parent is None


@pytest.mark.parametrize("kind", [RecordKind.ACCOUNT, RecordKind.CONTACT])
def test_w33_w34_an_existing_account_or_contact_can_be_picked(carnet: Rehearsal, kind: RecordKind) -> None:
    picked = carnet.account("Holding") if kind is RecordKind.ACCOUNT else carnet.contact("Paul Chef")
    choice = AccountChoice(setting=AccountSetting.PICKED, parent=Parent(kind=kind, id=picked, name="x"))
    carnet.add([ADA], Choices(account_by_group={"company:contoso": choice}))
    made = next(each for each in carnet.contacts() if each.name == "Ada Lovelace")
    assert made.parent is not None
    assert (made.parent.kind, made.parent.id) == (kind, picked)


def test_a_certain_match_is_linked_and_only_its_blanks_are_filled(carnet: Rehearsal) -> None:
    known = carnet.contact("Ada Lovelace", email1="ADA@contoso.com", department="Engines")
    run = carnet.add([replace(ADA, contact=replace(ADA.contact, values={**ADA.contact.values, "department": "Other"}))])

    (found,) = carnet.contacts()
    assert found.id == known
    assert found.values["department"] == "Engines"
    assert found.values["job_title"] == "Analyst"
    assert found.owner == COLLEAGUE.id
    summary = counts(carnet.world, run)
    assert (summary.linked, summary.updated, summary.added) == (1, 1, 0)


def test_a_likely_match_is_held_until_a_person_answers(carnet: Rehearsal) -> None:
    account = carnet.account("Contoso")
    known = carnet.contact("Ada Lovelace", account=account, email1="lovelace@contoso.org")
    run = carnet.add([ADA, BOB])
    assert counts(carnet.world, run).held == 1
    (question,) = carnet.world.store.journal.questions(run.number)
    assert question.kind is QuestionKind.PERSON

    planned = answer(carnet.world, user=ME.id, number=run.number, answers={question.key: f"link:{known}"})
    done = apply(carnet.world, user=ME.id, number=run.number, fingerprint=planned.run.fingerprint)

    summary = counts(carnet.world, done)
    assert (summary.added, summary.linked, summary.held) == (1, 1, 0)
    assert summary.adds_up
    assert len(carnet.contacts()) == 2


def test_two_accounts_of_one_name_are_a_question(carnet: Rehearsal) -> None:
    first = carnet.account("Contoso", website="contoso.com")
    carnet.account("contoso", website="contoso.org")
    planned = carnet.plan([ADA, BOB])
    (question,) = planned.plan.questions
    assert question.kind is QuestionKind.ACCOUNT
    assert set(question.records) == {ADA.id, BOB.id}

    planned = answer(carnet.world, user=ME.id, number=planned.run.number, answers={question.key: f"account:{first}"})
    apply(carnet.world, user=ME.id, number=planned.run.number, fingerprint=planned.run.fingerprint)
    assert {each.parent.id for each in carnet.contacts() if each.parent} == {first}


def test_w15_w21_cleared_groups_stay_out_and_variants_are_rows_of_their_own(carnet: Rehearsal) -> None:
    variant = card("Dora Klein", company="Contoso Ltd", email1="dora@contoso.com")
    reading = carnet.read([ADA, variant, CLARA])
    grouping = group(carnet.world, user=ME.id, reading=reading.id, choices=Choices())
    assert [each.key for each in grouping.groups] == ["company:contoso", "company:contoso ltd", "company:fabrikam"]

    choices = Choices(excluded_groups=frozenset({"company:contoso ltd"}), excluded_records=frozenset({CLARA.id}))
    planned = plan(carnet.world, user=ME.id, reading=reading.id, choices=choices)
    run = apply(carnet.world, user=ME.id, number=planned.run.number, fingerprint=planned.run.fingerprint)
    summary = counts(carnet.world, run)
    assert (summary.added, summary.not_selected) == (1, 2)
    assert summary.adds_up


def test_w13_a_contact_of_two_categories_is_counted_in_both_and_added_once(carnet: Rehearsal) -> None:
    both = card("Ada Lovelace", categories=("VIP", "Press"), email1="ada@contoso.com")
    reading = carnet.read([both])
    choices = Choices(mode=Mode.CATEGORY)
    grouping = group(carnet.world, user=ME.id, reading=reading.id, choices=choices)
    assert (grouping.contacts, grouping.memberships) == (1, 2)
    carnet.add([both], choices)
    assert len(carnet.contacts()) == 1


def test_groups_that_disagree_about_the_account_are_a_question_and_switch_communications_off(carnet: Rehearsal) -> None:
    both = card("Ada Lovelace", categories=("VIP", "Press"), company="Contoso", email1="ada@contoso.com")
    choices = Choices(
        mode=Mode.CATEGORY,
        communications=True,
        no_communications=frozenset({"category:press"}),
        account_by_group={"category:vip": AccountChoice(setting=AccountSetting.NOT_SET)},
    )
    planned = carnet.plan([both], choices)
    (question,) = planned.plan.questions
    assert question.kind is QuestionKind.CONFLICT
    assert {option.value for option in question.options} == {"none", "company"}
    (entry,) = planned.plan.entries
    assert not entry.communications


def test_w35_communications_are_kept_with_each_link(carnet: Rehearsal) -> None:
    run = carnet.plan([ADA, CLARA], Choices(communications=True, no_communications=frozenset({"company:fabrikam"}))).run
    apply(carnet.world, user=ME.id, number=run.number, fingerprint=run.fingerprint)
    links = carnet.world.store.links.all(Scope(user=ME.id, mailbox="memory", crm=carnet.world.crm.key))
    assert {link.record: link.communications for link in links} == {ADA.id: True, CLARA.id: False}


def test_w16_to_w20_coverage_counts_what_the_crm_has(carnet: Rehearsal) -> None:
    carnet.contact("Ada Lovelace", email1="ada@contoso.com")
    reading = carnet.read([ADA, BOB, CLARA])
    rows = {each.title: each.coverage for each in group(carnet.world, user=ME.id, reading=reading.id, choices=Choices()).groups}
    assert (rows["Contoso"].known, rows["Contoso"].colour) == (1, Colour.RED)
    assert rows["Fabrikam"].colour is Colour.NONE


def test_private_cards_lists_and_unreadable_ones_are_left_out_and_counted(carnet: Rehearsal) -> None:
    reading = carnet.read(
        [ADA],
        held_back=[HeldBack(key="k", folder="contacts", reason=HeldBackReason.PRIVATE)],
        lists=[ContactList(name="Board", folder="contacts", members=3)],
        skipped=[SkippedRecord(folder="contacts", place="item 7", code="CA301", reason="The item cannot be read.")],
    )
    planned = plan(carnet.world, user=ME.id, reading=reading.id, choices=Choices())
    run = apply(carnet.world, user=ME.id, number=planned.run.number, fingerprint=planned.run.fingerprint)
    summary = counts(carnet.world, run)
    assert (summary.read, summary.left_out, summary.added) == (4, 3, 1)
    assert summary.adds_up


def test_a_company_card_is_proposed_as_an_account(carnet: Rehearsal) -> None:
    firm = card("", company="Northwind", business_phone="+33 1 02 03 04 05")
    planned = carnet.plan([firm])
    (question,) = planned.plan.questions
    assert question.kind is QuestionKind.COMPANY_CARD

    planned = answer(carnet.world, user=ME.id, number=planned.run.number, answers={question.key: "account"})
    run = apply(carnet.world, user=ME.id, number=planned.run.number, fingerprint=planned.run.fingerprint)
    (made,) = carnet.accounts()
    assert dict(made.values) == {"name": "Northwind", "business_phone": "+33 1 02 03 04 05"}
    assert carnet.contacts() == []
    summary = counts(carnet.world, run)
    assert (summary.linked, summary.accounts_created) == (1, 1)
    assert summary.adds_up

    again = carnet.add([firm])
    assert counts(carnet.world, again).already == 1


def test_a_company_name_that_is_too_long_holds_nobody(carnet: Rehearsal) -> None:
    long = " ".join(["Société"] * 30)
    run = carnet.add([card("Ada Lovelace", company=long)], Choices(missing_accounts=MissingAccounts.CREATE))
    assert counts(carnet.world, run).added == 1
    (made,) = carnet.accounts()
    assert long.startswith(made.name)
    assert len(made.name) <= 160


def test_a_card_without_a_name_can_be_named_in_the_review(carnet: Rehearsal) -> None:
    nameless = card("", email1="someone@example.org")
    planned = carnet.plan([nameless])
    (question,) = planned.plan.questions
    assert question.kind is QuestionKind.NO_NAME
    planned = answer(carnet.world, user=ME.id, number=planned.run.number, answers={}, edits={nameless.id: {"surname": "Someone"}})
    assert planned.plan.questions == ()
    apply(carnet.world, user=ME.id, number=planned.run.number, fingerprint=planned.run.fingerprint)
    assert [each.values["surname"] for each in carnet.contacts()] == ["Someone"]


def test_an_over_long_value_stays_empty_and_is_listed_in_full(carnet: Rehearsal) -> None:
    title = "Directrice " * 20
    planned = carnet.plan([card("Ada Lovelace", job_title=title.strip(), email1="ada@contoso.com")])
    (entry,) = planned.plan.entries
    assert entry.too_long == {"job_title": title.strip()}
    apply(carnet.world, user=ME.id, number=planned.run.number, fingerprint=planned.run.fingerprint)
    (made,) = carnet.contacts()
    assert "job_title" not in made.values


def test_an_inactive_match_is_a_question(carnet: Rehearsal) -> None:
    carnet.contact("Ada Lovelace", email1="ada@contoso.com", active="0")
    planned = carnet.plan([ADA])
    assert [question.kind for question in planned.plan.questions] == [QuestionKind.INACTIVE]


def test_already_linked_contacts_change_only_when_the_box_is_ticked(carnet: Rehearsal) -> None:
    carnet.add([ADA])
    account = carnet.account("Contoso")
    run = carnet.add([ADA])
    assert counts(carnet.world, run).updated == 0

    run = carnet.add([ADA], Choices(include_linked=True, communications=True))
    summary = counts(carnet.world, run)
    assert (summary.already, summary.updated) == (1, 1)
    (made,) = carnet.contacts()
    assert made.parent is not None
    assert made.parent.id == account


def test_nothing_is_written_without_the_fingerprint_of_the_plan(carnet: Rehearsal) -> None:
    planned = carnet.plan([ADA])
    for wrong in ("", "0" * 24):
        with pytest.raises(PlanMoved):
            apply(carnet.world, user=ME.id, number=planned.run.number, fingerprint=wrong)
    assert carnet.contacts() == []


def test_the_same_plan_made_again_has_the_same_fingerprint(carnet: Rehearsal) -> None:
    assert carnet.plan([ADA, BOB]).run.fingerprint == carnet.plan([ADA, BOB]).run.fingerprint
    assert carnet.plan([ADA, BOB]).run.fingerprint != carnet.plan([ADA]).run.fingerprint
