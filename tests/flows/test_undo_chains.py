"""Undo after undo, and undo among colleagues: nothing that somebody else did is lost, nothing of ours is left over."""

from __future__ import annotations

from carnet.flows.apply import apply
from carnet.flows.plan import answer
from carnet.flows.summary import counts, undo_counts
from carnet.flows.undo import Undo, plan_undo
from carnet.model.account import RecordKind
from carnet.model.change import Operation, Write
from carnet.model.choices import Choices, MissingAccounts
from carnet.model.run import Run, RunState
from carnet.ports.store import Scope
from flows.rehearsal import ME, Rehearsal, card

ADA = card("Ada Lovelace", company="Contoso", email1="ada@contoso.com", job_title="Analyst")
FIRM = card("", company="Northwind", business_phone="+33 1 02 03 04 05")
CREATE = Choices(missing_accounts=MissingAccounts.CREATE)


def undo(carnet: Rehearsal, run: Run) -> tuple[Undo, Run]:
    planned = plan_undo(carnet.world, user=ME.id, number=run.number)
    assert planned.run is not None
    return planned, apply(carnet.world, user=ME.id, number=planned.run.number, fingerprint=planned.run.fingerprint)


def links(carnet: Rehearsal) -> dict[str, str]:
    every = carnet.world.store.links.all(Scope(user=ME.id, mailbox="memory", crm=carnet.world.crm.key))
    return {link.record: link.target for link in every}


def delete(carnet: Rehearsal, identity: str, kind: RecordKind = RecordKind.CONTACT) -> None:
    carnet.write(Write(operation=Operation.DELETE, kind=kind, id=identity))


def test_what_a_colleague_deleted_is_only_unlinked(carnet: Rehearsal) -> None:
    carnet.account("Contoso")
    run = carnet.add([ADA])
    delete(carnet, carnet.contacts()[0].id)

    _, done = undo(carnet, run)

    assert undo_counts(carnet.world, done) == {**dict.fromkeys(undo_counts(carnet.world, done), 0), "unlinked": 1}
    assert links(carnet) == {}


def test_after_that_the_person_can_be_added_again(carnet: Rehearsal) -> None:
    run = carnet.add([ADA])
    delete(carnet, carnet.contacts()[0].id)
    undo(carnet, run)
    again = carnet.add([ADA])
    assert (counts(carnet.world, again).added, counts(carnet.world, again).failed) == (1, 0)


def test_a_person_whom_a_colleague_deleted_is_added_anew_and_the_first_undo_leaves_that_alone(carnet: Rehearsal) -> None:
    first = carnet.add([ADA])
    delete(carnet, carnet.contacts()[0].id)
    again = carnet.add([ADA])
    assert counts(carnet.world, again).added == 1
    now = links(carnet)

    undo(carnet, first)

    assert links(carnet) == now
    assert counts(carnet.world, carnet.add([ADA])).already == 1


def test_undo_and_undo_again_to_any_depth(carnet: Rehearsal) -> None:
    before = carnet.state()
    run = carnet.add([ADA], CREATE)
    after = carnet.state()
    chain = [run]
    for step in range(5):
        _, done = undo(carnet, chain[-1])
        chain.append(done)
        assert carnet.state() == (before if step % 2 == 0 else after)
        states = [carnet.world.store.runs.get(ME.id, each.number).state for each in chain]
        done_now = [state is RunState.DONE for state in states]
        assert done_now == [(len(chain) - 1 - place) % 2 == 0 for place in range(len(chain))]


def test_a_run_that_was_taken_back_and_put_again_can_be_taken_back_by_its_own_number(carnet: Rehearsal) -> None:
    before = carnet.state()
    run = carnet.add([ADA], CREATE)
    after = carnet.state()
    for _ in range(3):
        _, back = undo(carnet, run)
        assert (carnet.state(), links(carnet)) == (before, {})
        undo(carnet, back)
        assert carnet.state() == after
        assert len(links(carnet)) == 1


def test_a_company_card_that_was_taken_back_with_its_account_is_put_back_with_it(carnet: Rehearsal) -> None:
    planned = carnet.plan([FIRM], None, **{f"company_card:{FIRM.id}": "account"})
    run = apply(carnet.world, user=ME.id, number=planned.run.number, fingerprint=planned.run.fingerprint)
    after = carnet.state()

    _, back = undo(carnet, run)
    assert carnet.state() == set()
    assert links(carnet) == {}

    undo(carnet, back)
    assert carnet.state() == after
    (account,) = carnet.accounts()
    assert links(carnet) == {FIRM.id: account.id}


def test_an_update_can_be_undone_and_put_again(carnet: Rehearsal) -> None:
    carnet.add([ADA])
    run = carnet.add([ADA], Choices(include_linked=True, communications=True, missing_accounts=MissingAccounts.CREATE))
    after = carnet.state()
    _, back = undo(carnet, run)
    assert carnet.accounts() == []
    undo(carnet, back)
    assert carnet.state() == after
    (link,) = carnet.world.store.links.all(Scope(user=ME.id, mailbox="memory", crm=carnet.world.crm.key))
    assert link.communications


def test_taking_back_an_update_does_not_link_again_what_was_unlinked(carnet: Rehearsal) -> None:
    carnet.contact("Ada Lovelace", email1="ada@contoso.com")
    before = carnet.state()
    first = carnet.add([ADA])
    carnet.account("Contoso")
    second = carnet.add([ADA], Choices(include_linked=True, communications=True))
    undo(carnet, first)
    undo(carnet, second)
    assert links(carnet) == {}
    assert {each for each in carnet.state() if each[0] is RecordKind.CONTACT} == before


def test_two_cards_of_one_person_are_unlinked_together(carnet: Rehearsal) -> None:
    carnet.contact("Ada Lovelace", email1="ada@contoso.com")
    before = carnet.state()
    run = carnet.add([card("Ada Lovelace", uid=f"uid-{n}", email1="ada@contoso.com", job_title="Analyst") for n in range(2)])
    assert len(links(carnet)) == 2
    _, back = undo(carnet, run)
    assert (carnet.state(), links(carnet)) == (before, {})
    undo(carnet, back)
    assert len(links(carnet)) == 2


def test_a_person_added_again_after_an_undo_is_not_put_back_beside_it(carnet: Rehearsal) -> None:
    run = carnet.add([ADA])
    _, back = undo(carnet, run)
    carnet.contact("Ada Lovelace", email1="ada@contoso.com")
    carnet.add([ADA])
    now = links(carnet)

    planned, _ = undo(carnet, back)

    assert [entry.reason for entry in planned.keeps] == ["linked_elsewhere"]
    assert len(carnet.contacts()) == 1
    assert links(carnet) == now


def test_two_plans_over_the_same_cards_add_them_once(carnet: Rehearsal) -> None:
    shy = card("Ada Lovelace")
    first, second = carnet.plan([shy]).run, carnet.plan([shy]).run
    one = apply(carnet.world, user=ME.id, number=first.number, fingerprint=first.fingerprint)
    two = apply(carnet.world, user=ME.id, number=second.number, fingerprint=second.fingerprint)
    assert (counts(carnet.world, one).added, counts(carnet.world, two).held) == (1, 1)
    assert len(carnet.contacts()) == 1


def test_an_older_plan_whose_people_were_added_and_taken_back_meanwhile_is_held_and_can_go_on(carnet: Rehearsal) -> None:
    planned = carnet.plan([ADA]).run
    undo(carnet, carnet.add([ADA]))
    run = apply(carnet.world, user=ME.id, number=planned.number, fingerprint=planned.fingerprint)
    assert (counts(carnet.world, run).held, counts(carnet.world, run).failed) == (1, 0)
    (question,) = carnet.world.store.journal.questions(run.number)
    planned = answer(carnet.world, user=ME.id, number=run.number, answers={question.key: "again"}).run
    run = apply(carnet.world, user=ME.id, number=planned.number, fingerprint=planned.fingerprint)
    assert counts(carnet.world, run).added == 1
