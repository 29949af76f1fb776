"""Which cards are one person: never a namesake, a couple or a chain of strangers, and whatever the order."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carnet.core.twinning import find
from carnet.model.contact import Record
from people import contact, record

NAMES = (("Jean", "Martin"), ("Marie", "Martin"), ("", ""), ("J.", "Martin"))
cards = st.builds(
    lambda name, **values: (name, values),
    st.sampled_from(NAMES),
    email1=st.sampled_from(["", "j@home.example", "info@contoso.com", "jean@contoso.com"]),
    mobile_phone=st.sampled_from(["", "06 99 00 11 22"]),
    birthday=st.sampled_from(["", "1970-01-02", "1980-01-02"]),
    company=st.sampled_from(["", "Contoso"]),
)


def made(several: list[tuple[tuple[str, str], dict[str, str]]]) -> list[Record]:
    return [
        record(str(at), of=contact(given_name=name[0], surname=name[1], **values)) for at, (name, values) in enumerate(several)
    ]


@given(st.lists(cards, max_size=8).flatmap(lambda each: st.tuples(st.just(made(each)), st.permutations(made(each)))))
def test_the_order_of_the_cards_changes_nothing(case: tuple[list[Record], list[Record]]) -> None:
    one, other = case
    assert find(one, region="FR", links={}) == find(other, region="FR", links={})


@given(st.lists(cards, max_size=8))
def test_no_person_has_two_birthdays_or_two_given_names(several: list[tuple[tuple[str, str], dict[str, str]]]) -> None:
    by_id = {each.id: each.contact for each in made(several)}
    for cluster in find(made(several), region="FR", links={}).clusters:
        assert len({by_id[each].get("birthday") for each in cluster.records} - {""}) <= 1
        assert not {"Jean", "Marie"} <= {by_id[each].get("given_name") for each in cluster.records}


def test_a_couple_at_one_address_and_namesakes_at_a_desk_are_never_joined() -> None:
    couple = made([(("Jean", "Martin"), {"email1": "j@home.example"}), (("Marie", "Martin"), {"email1": "j@home.example"})])
    assert find(couple, region="FR", links={}).clusters == ()
    desk = made([(("Jean", "Martin"), {"email1": "info@contoso.com", "job_title": title}) for title in ("Chef", "Aide")])
    assert find(desk, region="FR", links={}).clusters == ()


def test_thousands_of_people_with_one_number_are_told_and_not_compared() -> None:
    crowd = made([((f"Given{at}", f"Name{at}"), {"business_phone": "01 99 00 12 34"}) for at in range(300)])
    found = find(crowd, region="FR", links={})
    assert (found.clusters, found.likely) == ((), ())
    assert found.crowded == ("p:+33199001234",)


@pytest.mark.parametrize("other", ["+33 6 99 00 11 22", "0033699001122", "06.99.00.11.22", "06 99 00 11 22 / 01 99 00 55 66"])
def test_a_number_is_met_again_however_it_is_written(other: str) -> None:
    several = [
        (("Jean", "Martin"), {"mobile_phone": "(06) 99-00-11-22"}),
        (("Jean", "Martin"), {"mobile_phone": other, "email1": "jean@home.example"}),
        (("Marie", "Durand"), {"mobile_phone": "06 99 00 11 23"}),
    ]
    (cluster,) = find(made(several), region="FR", links={}).clusters
    assert cluster.records == ("0", "1")


@given(st.lists(cards, max_size=8))
def test_strangers_change_nothing(several: list[tuple[tuple[str, str], dict[str, str]]]) -> None:
    alone = find(made(several), region="FR", links={})
    stranger = record("stranger", given_name="Ottilie", surname="Zwentibold", email1="o@zwentibold.example")
    assert find([*made(several), stranger], region="FR", links={}) == alone


def test_cards_linked_to_one_contact_are_one_person_though_they_share_nothing() -> None:
    several = made([(("Jean", "Martin"), {}), (("", ""), {"mobile_phone": "06 99 00 11 22"})])
    (cluster,) = find(several, region="FR", links={"0": "crm-1", "1": "crm-1"}).clusters
    assert cluster.records == ("0", "1")
