"""Is a person who was said not to be the card's left out from then on?"""

from __future__ import annotations

import pytest

from carnet.core.identity import content_key
from carnet.flows.observe import observe
from carnet.flows.read import read
from carnet.mailboxes.memory import MemoryMailbox
from carnet.model.match import Confidence
from carnet.model.rule import Rule, RuleKind
from flows.rehearsal import COLLEAGUE, ME, Rehearsal, card

JEAN = card("Jean Martin", email1="jean.martin@fabrikam.com")


def confidence(carnet: Rehearsal) -> Confidence:
    reading = read(carnet.world, MemoryMailbox([JEAN]), user=ME.id, source="memory", digest="")
    (found,) = observe(carnet.world, user=ME.id, reading=reading.id).matches.values()
    return found.confidence


@pytest.mark.parametrize(("user", "expected"), [(ME.id, Confidence.NONE), (COLLEAGUE.id, Confidence.CERTAIN)])
def test_who_is_not_the_same_is_left_out_for_the_person_who_said_so(carnet: Rehearsal, user: str, expected: Confidence) -> None:
    known = carnet.contact("Jean Martin", email1="jean.martin@fabrikam.com")
    assert confidence(carnet) is Confidence.CERTAIN
    members = (f"card:{content_key(JEAN.contact)}", f"contact:{known}")
    carnet.world.store.rules.save(user, Rule(id="1", kind=RuleKind.NOT_SAME, members=members))
    assert confidence(carnet) is expected


def test_dropping_the_rule_brings_the_person_back(carnet: Rehearsal) -> None:
    known = carnet.contact("Jean Martin", email1="jean.martin@fabrikam.com")
    members = (f"contact:{known}", f"card:{content_key(JEAN.contact)}")
    carnet.world.store.rules.save(ME.id, Rule(id="1", kind=RuleKind.NOT_SAME, members=members))
    carnet.world.store.rules.delete(ME.id, "1")
    assert confidence(carnet) is Confidence.CERTAIN


def test_another_contact_of_that_name_is_still_found(carnet: Rehearsal) -> None:
    refused = carnet.contact("Jean Martin", email1="jean.martin@contoso.com")
    carnet.contact("Jean Martin", email1="jean.martin@fabrikam.com")
    members = (f"card:{content_key(JEAN.contact)}", f"contact:{refused}")
    carnet.world.store.rules.save(ME.id, Rule(id="1", kind=RuleKind.NOT_SAME, members=members))
    assert confidence(carnet) is Confidence.CERTAIN
