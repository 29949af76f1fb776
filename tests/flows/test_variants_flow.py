"""Spellings of one company are proposed, joined or parted by a person, and the answer holds from then on."""

from __future__ import annotations

import pytest

from carnet.core.variants import Variant
from carnet.errors import NotFound, Refused
from carnet.flows.apply import apply
from carnet.flows.group import group
from carnet.flows.plan import plan
from carnet.flows.rules import drop, standing
from carnet.flows.summary import counts
from carnet.flows.variants import accept, proposal, propose, refuse
from carnet.model.choices import Choices, MissingAccounts
from carnet.model.rule import RuleKind
from flows.rehearsal import ME, Rehearsal, card

ADA = card("Ada Lovelace", company="Contoso", email1="ada@contoso.com")
BOB = card("Bob Martin", company="Contoso Ltd", email1="bob@contoso.com")
CAROL = card("Carol Weber", company="CONTOSO, Ltd.", email1="carol@contoso.com")
DORA = card("Dora Klein", company="Fabrikam", email1="dora@fabrikam.com")
CARDS = (ADA, BOB, CAROL, DORA)
THREE = {"contoso", "contoso ltd", "contoso, ltd."}
CREATE = Choices(missing_accounts=MissingAccounts.CREATE)


def proposed(carnet: Rehearsal, reading: str) -> tuple[Variant, ...]:
    return propose(carnet.world, user=ME.id, reading=reading)


def rows(carnet: Rehearsal, reading: str) -> list[tuple[str, int]]:
    grouping = group(carnet.world, user=ME.id, reading=reading, choices=Choices())
    return [(each.title, len(each.records)) for each in grouping.groups]


def joined(carnet: Rehearsal, reading: str, *, name: str = "Contoso", without: str = "") -> None:
    (variant,) = proposed(carnet, reading)
    accept(carnet.world, user=ME.id, variant=variant, name=name, without=[without] if without else [])


def test_m02_spellings_are_proposed_as_one_and_stay_rows_of_their_own_until_accepted(carnet: Rehearsal) -> None:
    """W21 holds until a person answers."""
    reading = carnet.read(CARDS).id

    (variant,) = proposed(carnet, reading)

    assert {each.key for each in variant.members} == THREE
    assert variant.evidence
    assert variant.account is None
    assert rows(carnet, reading) == [("Contoso", 1), ("Contoso Ltd", 1), ("CONTOSO, Ltd.", 1), ("Fabrikam", 1)]


def test_m02_three_spellings_accepted_become_one_row_and_one_account(carnet: Rehearsal) -> None:
    reading = carnet.read(CARDS).id
    joined(carnet, reading, name="Contoso Limited")

    grouping = group(carnet.world, user=ME.id, reading=reading, choices=Choices())
    assert [(each.title, len(each.records)) for each in grouping.groups] == [("Contoso Limited", 3), ("Fabrikam", 1)]
    assert set(grouping.groups[0].spellings) == {"Contoso", "Contoso Ltd", "CONTOSO, Ltd."}
    assert grouping.groups[1].spellings == ()

    planned = plan(carnet.world, user=ME.id, reading=reading, choices=CREATE)
    apply(carnet.world, user=ME.id, number=planned.run.number, fingerprint=planned.run.fingerprint)
    assert sorted(each.name for each in carnet.accounts()) == ["Contoso Limited", "Fabrikam"]
    under = {each.name: each.parent.name for each in carnet.contacts() if each.parent}
    assert {under[name] for name in ("Ada Lovelace", "Bob Martin", "Carol Weber")} == {"Contoso Limited"}


def test_what_was_read_still_says_how_the_card_spells_the_company(carnet: Rehearsal) -> None:
    reading = carnet.read(CARDS).id
    joined(carnet, reading, name="Contoso Limited")

    kept = carnet.world.store.readings.records(reading)

    assert [each.contact for each in kept] == [each.contact for each in CARDS]


def test_an_answer_holds_for_another_export_of_the_file_and_two_runs_add_nothing(carnet: Rehearsal) -> None:
    reading = carnet.read(CARDS).id
    joined(carnet, reading)
    carnet.add(CARDS, CREATE)

    again = carnet.add(tuple(reversed(CARDS)), CREATE)

    summary = counts(carnet.world, again)
    assert (summary.already, summary.added, summary.accounts_created) == (4, 0, 0)
    assert len(carnet.contacts()) == 4
    assert rows(carnet, again.reading) == [("Contoso", 3), ("Fabrikam", 1)]
    assert proposed(carnet, again.reading) == ()


def test_a_refused_proposal_is_not_made_again(carnet: Rehearsal) -> None:
    (variant,) = proposed(carnet, carnet.read(CARDS).id)
    rule = refuse(carnet.world, user=ME.id, variant=variant)
    assert rule.kind is RuleKind.APART
    assert set(rule.members) == THREE

    reading = carnet.read(CARDS).id

    assert proposed(carnet, reading) == ()
    assert len(rows(carnet, reading)) == 4
    with pytest.raises(NotFound):
        proposal(carnet.world, user=ME.id, reading=reading, key=variant.key)


def test_a_spelling_left_out_stays_a_row_of_its_own_and_is_not_proposed_again(carnet: Rehearsal) -> None:
    reading = carnet.read(CARDS).id
    joined(carnet, reading, without="contoso, ltd.")

    assert rows(carnet, reading) == [("Contoso", 2), ("CONTOSO, Ltd.", 1), ("Fabrikam", 1)]
    assert not any("contoso, ltd." in {member.key for member in each.members} for each in proposed(carnet, reading))
    kinds = [(rule.kind, rule.members) for rule in carnet.world.store.rules.all(ME.id)]
    assert (RuleKind.APART, ("contoso, ltd.", "contoso")) in kinds
    assert (RuleKind.APART, ("contoso, ltd.", "contoso ltd")) in kinds


def test_dropping_the_rule_brings_the_rows_and_the_proposal_back(carnet: Rehearsal) -> None:
    reading = carnet.read(CARDS).id
    joined(carnet, reading)
    (rule,) = carnet.world.store.rules.all(ME.id)

    drop(carnet.world, user=ME.id, rule=rule.id)

    assert len(rows(carnet, reading)) == 4
    assert len(proposed(carnet, reading)) == 1


def test_a_name_that_an_account_has_puts_the_group_under_that_account(carnet: Rehearsal) -> None:
    identity = carnet.account("Contoso Limited", website="https://www.contoso.com/")
    reading = carnet.read(CARDS).id
    (variant,) = proposed(carnet, reading)
    assert variant.account is not None
    assert variant.name == "Contoso Limited"

    rule = accept(carnet.world, user=ME.id, variant=variant)

    assert rule.account == identity
    first = group(carnet.world, user=ME.id, reading=reading, choices=Choices()).groups[0]
    assert (first.key, len(first.records)) == (f"account:{identity}", 3)
    planned = plan(carnet.world, user=ME.id, reading=reading, choices=Choices())
    assert planned.plan.questions == ()


def test_a_name_that_several_accounts_have_asks_the_usual_question(carnet: Rehearsal) -> None:
    carnet.account("Contoso Limited")
    carnet.account("Contoso Limited", website="contoso.org")
    reading = carnet.read(CARDS).id
    joined(carnet, reading, name="Contoso Limited")

    planned = plan(carnet.world, user=ME.id, reading=reading, choices=Choices())

    (question,) = planned.plan.questions
    assert len(question.records) == 3


def test_another_spelling_is_added_to_the_rule_that_is_there(carnet: Rehearsal) -> None:
    joined(carnet, carnet.read((ADA, BOB)).id)
    reading = carnet.read(CARDS).id
    (variant,) = proposed(carnet, reading)

    accept(carnet.world, user=ME.id, variant=variant)

    (rule,) = carnet.world.store.rules.all(ME.id)
    assert set(rule.members) == THREE
    assert len(rows(carnet, reading)) == 2


def test_nothing_is_made_where_nothing_is_left_to_join(carnet: Rehearsal) -> None:
    (variant,) = proposed(carnet, carnet.read(CARDS).id)
    for out in (THREE, THREE - {"contoso"}):
        with pytest.raises(Refused):
            accept(carnet.world, user=ME.id, variant=variant, without=out, name="Contoso")

    assert carnet.world.store.rules.all(ME.id) == ()


def test_what_dropping_changes_is_counted_in_the_file_that_is_read_at_present(carnet: Rehearsal) -> None:
    (variant,) = proposed(carnet, carnet.read(CARDS).id)
    rule = accept(carnet.world, user=ME.id, variant=variant)
    (before,) = standing(carnet.world, user=ME.id, rules=[rule])
    assert (before.label, before.effect.contacts) == ("", 0)

    carnet.plan(CARDS)

    (stands,) = standing(carnet.world, user=ME.id, rules=[rule])
    assert stands.label
    assert (len(stands.effect.spellings), stands.effect.contacts) == (3, 3)
