"""A link is found again by the strongest key that names its record, and is given away once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carnet.core.identity import Naming, content_marks, fingerprint
from carnet.core.relinking import known_links, renames
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


def shown(identity: str, name: str, *keys: SourceKey, **values: str) -> Record:
    first, _, surname = name.partition(" ")
    contact = Contact(values={"given_name": first, "surname": surname, **values})
    print_ = key(KeyStrength.FINGERPRINT, fingerprint(contact))
    every = (*keys, print_, content_marks(contact))
    return Record(id=identity, folder="contacts", place="", keys=every, version=print_.key, contact=contact)


def tied(card: Record) -> Link:
    return Link(record=card.id, keys=card.keys, kind=RecordKind.CONTACT, target=f"crm-{card.id}")


def pairs(now: Sequence[Record], then: Sequence[Record]) -> dict[str, str]:
    return {record: link.record for record, link in known_links(now, [tied(card) for card in then]).items()}


JEAN = shown("f:1", "Jean Martin", company="Fabrikam", email1="jean.martin@fabrikam.com", mobile_phone="06 39 98 80 01")
NAMESAKE = shown("f:2", "Jean Martin", company="Fabrikam", email1="jean.martin2@fabrikam.com")


@pytest.mark.parametrize(
    "changed",
    [
        shown("f:9", "Jean Martin", company="Fabrikam", email1="jean.martin@fabrikam.com", mobile_phone="06 39 98 80 77"),
        shown("f:9", "Jean Martin", company="Fabrikam", email1="jm@fabrikam.com", mobile_phone="06 39 98 80 01"),
        shown("f:9", "Jean Martin-Roux", company="Fabrikam", email1="jean.martin@fabrikam.com", mobile_phone="06 39 98 80 01"),
        shown("f:9", "Martin Jean", company="Contoso", email1="jean@contoso.com", mobile_phone="+33 6 39 98 80 01"),
    ],
    ids=["phone", "e-mail", "name", "order and company"],
)
def test_one_edit_does_not_hide_a_card_without_a_lasting_key(changed: Record) -> None:
    other = shown("f:3", "Amina Haddad", email1="amina@fabrikam.com")
    assert pairs([other, changed], [JEAN, other]) == {"f:9": "f:1", "f:3": "f:3"}


def test_of_two_namesakes_a_changed_address_names_neither() -> None:
    changed = shown("f:9", "Jean Martin", company="Fabrikam", email1="jean@contoso.com")
    assert pairs([NAMESAKE, changed], [JEAN, NAMESAKE]) == {"f:2": "f:2"}
    assert pairs([changed], [JEAN, NAMESAKE]) == {}


def test_a_namesake_with_another_address_at_another_company_is_another_person() -> None:
    assert pairs([shown("f:9", "Jean Martin", company="Contoso", email1="jean@contoso.com")], [JEAN]) == {}


def test_whoever_takes_over_a_desk_is_another_person() -> None:
    then = shown("f:1", "Paul Roux", email1="info@fabrikam.com")
    assert pairs([shown("f:9", "Léa Petit", email1="info@fabrikam.com")], [then]) == {}


def test_copies_of_one_search_key_keep_their_own_links_in_another_order() -> None:
    then = [shown("s:k", "Ada Lovelace", SEARCH, email1="ada@contoso.com"), shown("s:k~2", "Alan Turing", SEARCH)]
    now = [
        shown("s:k", "Alan Turing", SEARCH, mobile_phone="1"),
        shown("s:k~2", "Ada Lovelace", SEARCH, email1="new@contoso.com"),
    ]
    assert pairs(now, then) == {"s:k": "s:k~2", "s:k~2": "s:k"}
    assert pairs([now[0]], then) == {"s:k": "s:k~2"}


def test_a_uid_that_one_card_has_names_it_whatever_it_says() -> None:
    then = shown("s:k", "Ada Byron", SEARCH, email1="ada@byron.example")
    assert pairs([shown("s:k", "Ada Lovelace", SEARCH, email1="ada@lovelace.example")], [then]) == {"s:k": "s:k"}


def test_a_link_made_before_marks_were_kept_is_found_by_what_both_sides_agreed_on() -> None:
    old = Link(record="f:1", keys=JEAN.keys[:1], kind=RecordKind.CONTACT, target="crm", base=JEAN.contact.values)
    changed = shown("f:9", "Jean Martin", company="Fabrikam", email1="jean.martin@fabrikam.com")
    assert known_links([changed], [old]) == {"f:9": old}


def test_renames_name_what_is_called_otherwise_now() -> None:
    now = shown("f:9", "Jean Martin", email1="jean.martin@fabrikam.com")
    assert renames([now, NAMESAKE], [tied(JEAN), tied(NAMESAKE)]) == {"f:1": now}


words = st.sampled_from(["Jean", "Anne", "Léa"])
surnames = st.sampled_from(["Martin", "Roux"])
people = st.lists(
    st.tuples(
        words,
        surnames,
        st.sampled_from(["", "info@x.example", "a@x.example", "b@x.example", "c@x.example"]),
        st.sampled_from(["", "0199001234", "0199001235", "0199001236"]),
        st.sampled_from(["", "Fabrikam", "Contoso"]),
        st.sampled_from(["", "k1", "k2", "k3", "k4"]),
    ),
    max_size=8,
)


@given(people, st.data())
def test_an_export_reordered_cut_and_edited_gives_each_link_back_to_its_own_card(
    rows: list[tuple[str, str, str, str, str, str]], data: st.DataObject
) -> None:
    then = named(rows)
    order = data.draw(st.permutations(range(len(rows))))
    kept = order[: data.draw(st.integers(0, len(rows)))]
    edits = {place: data.draw(st.sampled_from(["", "phone", "mail", "surname"])) for place in kept}
    now = named([edited(rows[place], edits[place], place) for place in kept])
    found = pairs(now, then)
    assert len(set(found.values())) == len(found)
    by_id = {card.id: card for card in then}
    for place, card in zip(kept, now, strict=True):
        if card.id in found:
            assert by_id[found[card.id]].version == then[place].version
    if not any(edits.values()):
        assert len(found) == len(now)


def edited(row: tuple[str, str, str, str, str, str], edit: str, place: int) -> tuple[str, str, str, str, str, str]:
    first, surname, mail, phone, company, uid = row
    return (
        first,
        f"Neuf{place}" if edit == "surname" else surname,
        f"new{place}@y.example" if edit == "mail" else mail,
        f"06399880{place:02}" if edit == "phone" else phone,
        company,
        uid,
    )


def named(rows: Sequence[tuple[str, str, str, str, str, str]]) -> list[Record]:
    naming, cards = Naming(), []
    for first, surname, mail, phone, company, uid in rows:
        values = {"email1": mail, "mobile_phone": phone, "company": company}
        keys = [key(KeyStrength.SEARCH, uid)] if uid else []
        card = shown("", f"{first} {surname}", *keys, **{name: value for name, value in values.items() if value})
        cards.append(replace(card, id=naming.name(card.keys)))
    return cards
