"""Which cards are one person: never a namesake, a couple or a chain of strangers, and whatever the order."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from carnet.core.twinning import find
from carnet.model.contact import Record
from people import record

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
    return [record(str(at), given_name=name[0], surname=name[1], **values) for at, (name, values) in enumerate(several)]


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
