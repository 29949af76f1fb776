"""A link is found again by the strongest key that names its record, and is given away once."""

from __future__ import annotations

from carnet.core.relinking import known_links
from carnet.model.account import RecordKind
from carnet.model.contact import Contact, KeyStrength, Record, SourceKey
from carnet.model.link import Link


def record(identity: str, surname: str, *keys: SourceKey) -> Record:
    contact = Contact(values={"surname": surname})
    return Record(id=identity, folder="contacts", place="", keys=keys, version="", contact=contact)


def link(identity: str, surname: str, *keys: SourceKey) -> Link:
    return Link(record=identity, keys=keys, kind=RecordKind.CONTACT, target=f"crm-{identity}", base={"surname": surname})


def key(strength: KeyStrength, name: str) -> SourceKey:
    return SourceKey(strength=strength, key=name)


SEARCH, NODE, PRINT = (key(strength, "k") for strength in (KeyStrength.SEARCH, KeyStrength.NODE, KeyStrength.FINGERPRINT))


def test_a_record_of_the_same_id_keeps_its_link() -> None:
    tie = link("a", "Lovelace")
    assert known_links([record("a", "King")], [tie]) == {"a": tie}


def test_a_record_exported_again_is_found_by_a_key_they_share() -> None:
    tie = link("old", "Lovelace", SEARCH, PRINT)
    assert known_links([record("new", "King", SEARCH)], [tie]) == {"new": tie}
    assert known_links([record("new", "Lovelace", PRINT)], [tie]) == {"new": tie}


def test_a_node_id_counts_only_with_the_name() -> None:
    tie = link("old", "Lovelace", NODE)
    assert known_links([record("new", "Lovelace", NODE)], [tie]) == {"new": tie}
    assert known_links([record("new", "Martin", NODE)], [tie]) == {}


def test_a_link_whose_own_record_is_here_is_not_given_to_another() -> None:
    tie = link("a", "Lovelace", SEARCH)
    assert known_links([record("a", "Lovelace", SEARCH), record("b", "Lovelace", SEARCH)], [tie]) == {"a": tie}


def test_two_equal_cards_find_one_link_each() -> None:
    ties = [link("f:k", "Lovelace", PRINT), link("f:k~2", "Lovelace", PRINT)]
    cards = [record(name, "Lovelace", PRINT) for name in ("one", "two", "three")]
    assert known_links(cards, ties) == {"one": ties[0], "two": ties[1]}
