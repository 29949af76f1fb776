"""A row is held where what it was decided on has moved, and says what was and what is."""

from __future__ import annotations

from dataclasses import replace

from carnet.core.rechecking import differences, held, now_known, questions, target_moved
from carnet.model.account import CrmRecord, RecordKind
from carnet.model.match import Confidence, Match
from carnet.model.plan import Action, Entry, State

LINK = Entry(seq=1, action=Action.LINK, record="r", label="Ada", target="c", before={"surname": "L"}, expects="1")
THERE = CrmRecord(kind=RecordKind.CONTACT, id="c", values={"surname": "L"}, version="1")


def test_a_target_has_moved_with_its_version_where_something_is_written() -> None:
    assert not target_moved(LINK, THERE)
    assert target_moved(LINK, replace(THERE, version="2"))
    assert target_moved(LINK, None)


def test_and_with_its_values_where_nothing_is() -> None:
    only_link = replace(LINK, expects=None, before={"surname": "L", "parent": "account:a", "communications": "1"})
    assert not target_moved(only_link, replace(THERE, version="2"))
    assert target_moved(only_link, replace(THERE, values={"surname": "King"}))


def test_a_creation_is_known_by_now_where_a_match_is_likely_at_least() -> None:
    create = replace(LINK, action=Action.CREATE)
    for confidence in Confidence:
        match = Match(record="r", confidence=confidence)
        assert now_known(create, match) == (confidence in {Confidence.CERTAIN, Confidence.LIKELY})
        assert not now_known(LINK, match)


def test_a_held_row_says_before_and_after_of_each_field() -> None:
    entry = held(LINK, replace(THERE, values={"surname": "King", "department": "Sales"}))
    assert (entry.state, entry.reason, entry.question) == (State.HELD, "changed", "changed:r")
    assert [dict(each.values) for each in entry.evidence] == [
        {"field": "department", "before": "", "after": "Sales"},
        {"field": "surname", "before": "L", "after": "King"},
    ]


def test_gone_is_said_only_of_a_record_that_was_there() -> None:
    assert [each.code for each in held(LINK, None).evidence] == ["gone"]
    assert held(replace(LINK, action=Action.CREATE), None).evidence == ()
    assert held(LINK, None, reason="card_changed").evidence == ()
    assert differences({}, THERE) == ()


def test_each_held_card_can_be_decided_again_or_left() -> None:
    (question,) = questions([held(LINK, THERE), replace(LINK, record=None)])
    assert (question.key, question.records, question.about) == ("changed:r", ("r",), "Ada")
    assert [option.value for option in question.options] == ["again", "skip"]
