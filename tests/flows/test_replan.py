"""A plan is made once for the same choices, answers and world, and never taken where one of them has moved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from carnet.flows.apply import apply
from carnet.flows.plan import Planned
from carnet.flows.replan import holds, plan_once
from carnet.model.choices import Choices, MissingAccounts
from carnet.model.rule import Rule, RuleKind
from carnet.model.run import RunState
from flows.rehearsal import ME, Rehearsal, card

ADA = card("Ada Lovelace", company="Contoso", email1="ada@contoso.com", job_title="Mathematician")
BOB = card("Bob Martin", company="Fabrikam", email1="bob@fabrikam.com")
SIMPLE = Choices()


class Draft:
    """What the review asks of one reading, again and again."""

    def __init__(self, carnet: Rehearsal) -> None:
        self.carnet, self.reading = carnet, carnet.read([ADA, BOB]).id
        self.number: int | None = None

    def plan(self, choices: Choices = SIMPLE, answers: Mapping[str, str] | None = None) -> Planned:
        planned = plan_once(
            self.carnet.world, user=ME.id, reading=self.reading, choices=choices, answers=answers or {}, number=self.number
        )
        self.number = planned.run.number
        return planned

    def holds(self, choices: Choices = SIMPLE, answers: Mapping[str, str] | None = None) -> bool:
        assert self.number is not None
        return holds(
            self.carnet.world, user=ME.id, reading=self.reading, choices=choices, answers=answers or {}, number=self.number
        )


def test_the_same_choices_are_planned_once_and_the_journal_tells_the_same_plan(carnet: Rehearsal) -> None:
    carnet.contact("Ada Lovelace", email1="ada.private@home.example")
    draft = Draft(carnet)
    first = draft.plan()

    assert draft.holds()
    again = draft.plan()

    assert again.run == first.run, "planned_at would have moved"
    assert again.plan == replace(first.plan, accounts_used=())


def test_other_choices_or_answers_are_planned_anew_and_so_are_the_first_ones_then(carnet: Rehearsal) -> None:
    draft = Draft(carnet)
    first = draft.plan()
    create = Choices(missing_accounts=MissingAccounts.CREATE)

    assert not draft.holds(create)
    assert not draft.holds(answers={"person:x": "create"})
    second = draft.plan(create)

    assert second.run.number == first.run.number
    assert second.plan.fingerprint != first.plan.fingerprint
    assert not draft.holds()
    assert draft.plan().plan.fingerprint == first.plan.fingerprint


def test_a_plan_does_not_outlive_a_change_in_the_crm_or_of_a_rule(carnet: Rehearsal) -> None:
    draft = Draft(carnet)
    draft.plan()

    carnet.contact("Ada Lovelace", email1="ada@contoso.com")
    assert not draft.holds()
    assert any(entry.action == "link" for entry in draft.plan().plan.entries)

    rule = Rule(id="r", kind=RuleKind.APART, members=("contoso", "fabrikam"), labels={}, made_at=carnet.world.clock.now())
    carnet.world.store.rules.save(ME.id, rule)
    assert not draft.holds()


def test_a_run_that_was_started_is_not_to_be_planned(carnet: Rehearsal) -> None:
    draft = Draft(carnet)
    planned = draft.plan()
    ended = apply(carnet.world, user=ME.id, number=planned.run.number, fingerprint=planned.run.fingerprint)

    assert ended.state is RunState.DONE
    assert draft.holds(Choices(missing_accounts=MissingAccounts.CREATE))
