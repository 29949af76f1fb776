"""Does every run keep to the policy, whoever plans it and whatever was chosen before?"""

from __future__ import annotations

from dataclasses import replace

import pytest

from carnet.core.permitting import within
from carnet.errors import NotAllowed, UnsafePlan
from carnet.flows.apply import apply, resume
from carnet.flows.plan import answer, plan
from carnet.flows.seed import SeedRow, seed
from carnet.model.account import RecordKind
from carnet.model.choices import AccountChoice, AccountSetting, Choices, MissingAccounts, Preset
from carnet.model.contact import Contact
from carnet.model.plan import Action
from carnet.model.policy import Policy
from carnet.ports.store import Scope
from flows.rehearsal import ME, Rehearsal, card

PROFESSIONAL = Policy(fields=Preset.PROFESSIONAL)
ANN = card("Ann Roy", company="Contoso", email1="ann@contoso.com", birthday="1977-03-04", home_phone="+33 1 99 00 12 34")
COMPANY = card("", company="Fabrikam SARL", business_phone="+33 1 99 00 55 55")


def under(carnet: Rehearsal, policy: Policy) -> Rehearsal:
    carnet.world = replace(carnet.world, policy=policy)
    return carnet


def test_under_a_professional_policy_no_personal_field_leaves_whatever_was_chosen(carnet: Rehearsal) -> None:
    run = under(carnet, PROFESSIONAL).add([ANN], Choices(fields=Preset.ALL))
    assert run.choices.fields is Preset.PROFESSIONAL
    (contact,) = carnet.contacts()
    assert contact.values["email1"] == "ann@contoso.com"
    assert not {"birthday", "home_phone"} & contact.values.keys()
    (link,) = carnet.world.store.links.all(Scope(user=ME.id, mailbox=run.mailbox, crm=run.crm))
    assert not {"birthday", "home_phone"} & link.base.keys()


def test_blanks_of_a_contact_that_is_there_are_not_filled_with_personal_fields(carnet: Rehearsal) -> None:
    carnet.contact("Ann Roy", email1="ann@contoso.com")
    carnet.add([ANN], Choices(fields=Preset.PROFESSIONAL))
    (contact,) = carnet.contacts()
    assert not {"birthday", "home_phone"} & contact.values.keys()


def test_a_link_made_with_all_fields_loses_the_personal_ones_at_the_next_update(carnet: Rehearsal) -> None:
    run = carnet.add([ANN])
    scope = Scope(user=ME.id, mailbox=run.mailbox, crm=run.crm)
    assert "birthday" in carnet.world.store.links.all(scope)[0].base
    carnet.add([ANN], Choices(fields=Preset.PROFESSIONAL, include_linked=True, communications=True))
    (link,) = carnet.world.store.links.all(scope)
    assert link.communications
    assert "email1" in link.base
    assert not {"birthday", "home_phone"} & link.base.keys()


def test_a_table_imported_into_the_crm_keeps_to_the_policy_and_is_known_again(carnet: Rehearsal) -> None:
    rows = [SeedRow(contact=Contact(values={"surname": "Roy", "birthday": "1977-03-04"}))]
    seed(under(carnet, PROFESSIONAL).world, user=ME.id, source="table", rows=rows)
    seed(under(carnet, Policy()).world, user=ME.id, source="table", rows=rows)
    (contact,) = carnet.contacts()
    assert "birthday" not in contact.values


def test_a_plan_made_before_the_policy_is_refused(carnet: Rehearsal) -> None:
    planned = carnet.plan([ANN])
    under(carnet, PROFESSIONAL)
    with pytest.raises(NotAllowed, match="professional"):
        apply(carnet.world, user=ME.id, number=planned.run.number, fingerprint=planned.run.fingerprint)
    assert carnet.contacts() == []


@pytest.mark.parametrize(
    ("choices", "policy", "why"),
    [
        (Choices(communications=True), Policy(communications=False), "communications"),
        (Choices(missing_accounts=MissingAccounts.CREATE), Policy(create_accounts=False), "accounts"),
        (
            Choices(account_by_company={"contoso": AccountChoice(setting=AccountSetting.COMPANY)}),
            Policy(create_accounts=False),
            "accounts",
        ),
        (Choices(), PROFESSIONAL, "professional"),
    ],
)
def test_what_is_asked_for_against_the_policy_is_refused_by_name(choices: Choices, policy: Policy, why: str) -> None:
    with pytest.raises(NotAllowed, match=why):
        within(choices, policy)
    assert within(choices, Policy()) == choices


def test_where_accounts_may_not_be_created_none_is_by_choice_answer_or_card(carnet: Rehearsal) -> None:
    carnet.account("Litware")
    carnet.account("Litware", website="litware.com")
    under(carnet, Policy(create_accounts=False))
    by_company = {"contoso": AccountChoice(setting=AccountSetting.COMPANY)}
    choices = Choices(missing_accounts=MissingAccounts.CREATE, account_by_company=by_company)
    cards = [ANN, COMPANY, card("Lou Petit", company="Litware")]

    planned = carnet.plan(cards, choices)

    options = {option.value for question in planned.plan.questions for option in question.options}
    assert not options & {"new", "account"}
    assert {"create", "none"} <= options
    reading = carnet.read(cards)
    forced = {question.key: {"account": "new", "company_card": "account"}[question.kind] for question in planned.plan.questions}
    again = plan(carnet.world, user=ME.id, reading=reading.id, choices=choices, answers=forced)
    assert len(again.plan.questions) == 2
    apply(carnet.world, user=ME.id, number=again.run.number, fingerprint=again.run.fingerprint)
    assert [each.name for each in carnet.accounts()] == ["Litware", "Litware"]


def test_an_answer_given_before_the_policy_makes_no_account(carnet: Rehearsal) -> None:
    planned = carnet.plan([COMPANY])
    (question,) = planned.plan.questions
    answer(carnet.world, user=ME.id, number=planned.run.number, answers={question.key: "account"})
    under(carnet, Policy(create_accounts=False))
    again = answer(carnet.world, user=ME.id, number=planned.run.number, answers={})
    assert again.plan.count(Action.CREATE, RecordKind.ACCOUNT) == 0
    assert [each.key for each in again.plan.questions] == [question.key]


def test_where_communications_may_not_be_tracked_none_are(carnet: Rehearsal) -> None:
    run = under(carnet, Policy(communications=False)).add([ANN], Choices(communications=True))
    (link,) = carnet.world.store.links.all(Scope(user=ME.id, mailbox=run.mailbox, crm=run.crm))
    assert not link.communications


def test_a_run_larger_than_allowed_is_refused_with_both_numbers(carnet: Rehearsal) -> None:
    under(carnet, Policy(largest_run=2))
    planned = carnet.plan([card(f"Ann {name}") for name in ("Roy", "Lind", "Weber")])
    with pytest.raises(UnsafePlan) as refused:
        apply(carnet.world, user=ME.id, number=planned.run.number, fingerprint=planned.run.fingerprint)
    assert refused.value.values == {"count": 3, "limit": 2}
    assert carnet.contacts() == []
    assert carnet.add([card("Ann Roy"), card("Ann Lind")]).state == "done"


def test_a_stopped_run_does_not_go_on_against_a_policy_laid_down_since(carnet: Rehearsal) -> None:
    run = carnet.add([ANN])
    carnet.world.store.runs.save(replace(run, state=type(run.state).STOPPED))
    with pytest.raises(NotAllowed):
        resume(under(carnet, PROFESSIONAL).world, user=ME.id, number=run.number)
