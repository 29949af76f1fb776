"""Whose cards belong together in a plan, what they leave to choose, and what goes when one of them is somebody else."""

from __future__ import annotations

from carnet.core.gathering import Together, choices_of, kept_without, taken, together, told_apart, why_one
from carnet.model.contact import Contact, Record
from carnet.model.plan import Action, Entry, State


def record(identity: str, **values: str) -> Record:
    return Record(id=identity, folder="f", keys=(), version="", place=identity, contact=Contact(values=values))


def entry(record: str, action: Action, target: str, *, reason: str = "", state: State = State.PLANNED) -> Entry:
    values = {"surname": "Roe"} if action is Action.CREATE else {}
    return Entry(seq=0, action=action, record=record, target=target, reason=reason, state=state, label=record, values=values)


FULL = record("a", full_name="Zoe Roe", surname="Roe", mobile_phone="1", job_title="Buyer", company="Contoso")
OTHER = record("b", full_name="Zoé Roe-Poe", given_name="Zoé", mobile_phone="2", home_phone="3")
THIRD = record("c", full_name="Zoe Roe", home_phone="4")
EVERY = ("given_name", "home_phone", "mobile_phone", "surname")


def person(*cards: str, written: tuple[str, ...] = EVERY) -> Together:
    return Together(name="Zoe Roe", cards=cards, written=written)


def test_cards_of_one_target_are_one_person_the_one_that_makes_it_first() -> None:
    entries = [
        entry("old", Action.SKIP, "t", reason="already"),
        entry("a", Action.CREATE, "t"),
        entry("b", Action.LINK, "t", reason="twin"),
        entry("x", Action.LINK, "u"),
        entry("y", Action.LINK, "u"),
        entry("c", Action.LINK, "t", reason="twin", state=State.FAILED),
        entry("z", Action.CREATE, "v"),
    ]
    (found,) = together(entries)
    assert (found.cards, found.written) == (("a", "b", "old"), ("surname",))


def test_what_the_cards_say_otherwise_is_offered_and_what_would_be_written_stands_first() -> None:
    offered = choices_of(person("a", "b", "c"), [FULL, OTHER, THIRD])
    assert offered == {
        "full_name": {"a": "Zoe Roe", "b": "Zoé Roe-Poe"},
        "mobile_phone": {"a": "1", "b": "2"},
        "home_phone": {"b": "3", "c": "4"},
    }


def test_a_field_that_is_not_written_is_not_offered() -> None:
    assert choices_of(person("a", "b", written=("mobile_phone",)), [FULL, OTHER]) == {"mobile_phone": {"a": "1", "b": "2"}}


def test_a_name_is_taken_whole_and_goes_whole() -> None:
    edits = {"a": {**taken(OTHER, "full_name"), "job_title": "Boss"}}
    assert edits["a"] == {
        "full_name": "Zoé Roe-Poe",
        "given_name": "Zoé",
        "middle_name": "",
        "surname": "",
        "suffix": "",
        "job_title": "Boss",
    }
    assert kept_without(edits, OTHER, [person("a", "b")]) == {"a": {"job_title": "Boss"}}
    assert kept_without(edits, OTHER, [person("a", "c")]) == edits


def test_a_parted_card_is_another_person_than_each_of_the_others() -> None:
    assert told_apart([person("x", "y"), person("a", "b", "c")], "b") == {"twins:a|b": "different", "twins:b|c": "different"}
    assert told_apart([person("x", "y")], "b") == {}


def test_a_card_is_tied_by_what_makes_it_sure_be_it_through_another_card() -> None:
    cards = [
        record("a", full_name="Zoe Roe", email1="zoe@example.com"),
        record("b", full_name="Zoe Roe", email1="zoe@example.com", email2="z@example.net"),
        record("c", full_name="Zoe Roe", email1="z@example.net"),
    ]
    why = why_one(cards, "FR")
    assert sorted(why) == ["b", "c"]
    said = {card: [each.values["email"] for each in tie if each.code == "same_email"] for card, tie in why.items()}
    assert said == {"b": ["zoe@example.com"], "c": ["z@example.net"]}
