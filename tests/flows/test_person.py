"""Is all that is held about one person told, and nothing of anybody else?"""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from carnet.core.identity import content_key
from carnet.flows.apply import apply
from carnet.flows.person import Held, find_person
from carnet.flows.plan import plan
from carnet.flows.retain import forget_run
from carnet.flows.undo import plan_undo
from carnet.model.choices import Choices
from carnet.model.connection import Connection, Service
from carnet.model.contact import Record
from carnet.model.draft import Draft
from carnet.model.plan import Action
from carnet.model.rule import Rule, RuleKind
from carnet.model.run import Run
from carnet.words import Words
from carnet.words.person import sections
from flows.rehearsal import COLLEAGUE, ME, Rehearsal, card

ANN = card("Ann Roy", email1="ann@contoso.com", notes="likes maize")
JOANN = card("Joann Roy", email1="joann@contoso.com")
ADDRESS = "Ann@CONTOSO.com"


def sought(carnet: Rehearsal, text: str = ADDRESS, user: str = ME.id) -> Held:
    return find_person(carnet.world, user=user, sought=text)


def undo(carnet: Rehearsal, run: Run) -> Run:
    planned = plan_undo(carnet.world, user=ME.id, number=run.number).run
    assert planned is not None
    return apply(carnet.world, user=ME.id, number=planned.number, fingerprint=planned.fingerprint)


def in_a_draft(carnet: Rehearsal, records: Sequence[Record], choices: Choices | None = None) -> Draft:
    reading = carnet.read(records)
    draft = Draft(id=f"draft {reading.id}", user=ME.id, name="mailbox", reading=reading.id, choices=choices or Choices())
    carnet.world.store.drafts.save(draft)
    return draft


def test_where_nothing_is_known_nothing_is_told(carnet: Rehearsal) -> None:
    carnet.add([JOANN])
    assert not sought(carnet)
    assert not sought(carnet, "")


def test_the_contact_its_index_row_its_link_and_its_lines_are_told(carnet: Rehearsal) -> None:
    run = carnet.add([ANN, JOANN])
    held = sought(carnet)
    (contact,) = held.contacts
    assert contact.values["notes"] == "likes maize"
    assert [each.id for each in held.index] == [contact.id]
    assert [(each.number, entry.action, entry.values["notes"]) for each, entry in held.lines] == [
        (run.number, Action.CREATE, "likes maize")
    ]
    assert [(mailbox, link.target) for mailbox, link in held.links] == [(run.mailbox, contact.id)]


def test_a_card_that_is_only_read_is_told_with_its_draft(carnet: Rehearsal) -> None:
    draft = in_a_draft(carnet, [ANN, JOANN], Choices(excluded_records=frozenset({ANN.id})))
    in_a_draft(carnet, [JOANN])
    held = sought(carnet)
    assert [(reading, each.id) for reading, each in held.cards] == [(draft.reading, ANN.id)]
    assert held.drafts == (draft,)
    assert not held.contacts


def test_a_name_that_was_typed_into_a_draft_is_told(carnet: Rehearsal) -> None:
    draft = in_a_draft(carnet, [JOANN], Choices(edits={JOANN.id: {"email2": "ann@contoso.com"}}))
    assert sought(carnet).drafts == (draft,)


def test_a_question_that_offers_the_person_is_told(carnet: Rehearsal) -> None:
    carnet.contact("Ann Roy", email1="ann@contoso.com")
    planned = carnet.plan([card("Ann Smith", email1="ann@contoso.com")])
    keys = [key for _, key in sought(carnet).questions]
    assert keys == [question.key for question in planned.plan.questions]
    assert keys


def test_what_an_undo_took_back_is_told_until_it_is_forgotten(carnet: Rehearsal) -> None:
    run = carnet.add([ANN])
    back = undo(carnet, run)
    held = sought(carnet)
    assert [(each.number, entry.action) for each, entry in held.lines] == [
        (run.number, Action.CREATE),
        (back.number, Action.DELETE),
    ]
    assert not held.contacts
    assert not held.links

    forget_run(carnet.world, user=ME.id, number=run.number)
    for reading in {reading for reading, _ in held.cards}:
        carnet.world.store.readings.drop(ME.id, reading)
    assert not sought(carnet)


def test_a_rule_about_the_card_or_the_contact_is_told(carnet: Rehearsal) -> None:
    in_a_draft(carnet, [ANN])
    identity = carnet.contact("Ann Roy", email1="ann@contoso.com")
    members = (f"card:{content_key(ANN.contact)}", f"contact:{identity}", "contact:somebody else")
    for name, pair in (("a", members[:2]), ("b", members[1:]), ("c", members[2:])):
        carnet.world.store.rules.save(ME.id, Rule(id=name, kind=RuleKind.NOT_SAME, members=pair))
    assert [rule.id for rule in sought(carnet).rules] == ["a", "b"]


def test_a_person_is_found_by_the_whole_name_too(carnet: Rehearsal) -> None:
    carnet.add([ANN, JOANN])
    assert [each.name for each in sought(carnet, "ann roy").contacts] == ["Ann Roy"]
    assert not sought(carnet, "Roy")


@pytest.mark.parametrize("text", ["%", "_nn@contoso.com", "ann@contoso.co"])
def test_a_part_of_an_address_or_a_pattern_finds_nobody(carnet: Rehearsal, text: str) -> None:
    carnet.add([ANN])
    assert not sought(carnet, text)


def test_somebody_else_is_told_what_the_crm_has_and_nothing_of_our_runs(carnet: Rehearsal) -> None:
    carnet.add([ANN])
    in_a_draft(carnet, [ANN])
    held = sought(carnet, user=COLLEAGUE.id)
    assert len(held.contacts) == 1
    assert not any((held.lines, held.links, held.cards, held.drafts))


def test_looking_changes_nothing(carnet: Rehearsal) -> None:
    reading = carnet.read([ANN])
    plan(carnet.world, user=ME.id, reading=reading.id, choices=Choices())
    assert sought(carnet) == sought(carnet)


def test_an_address_whose_folders_are_shown_beside_a_mailbox_is_told(carnet: Rehearsal) -> None:
    connection = Connection(id="c1", user=ME.id, service=Service.GRAPH, label="my mailbox", url="", shared=("ann@contoso.com",))
    carnet.world.store.connections.save(connection)
    held = sought(carnet)
    assert held.shown == ("my mailbox",)
    assert held
    assert sections(Words("en"), held) == [("Beside a mailbox, as an address whose folders are shown", [("my mailbox", [])])]
    assert not sought(carnet, "joann@contoso.com")
    assert not sought(carnet, user=COLLEAGUE.id)
