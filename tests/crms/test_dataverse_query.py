"""Is an address for Dataverse what was meant, whatever stands in the values?"""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

from hypothesis import given
from hypothesis import strategies as st

from carnet.crms.dataverse import query

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40)


@given(TEXTS)
def test_a_condition_comes_back_from_an_address_as_it_was_put(value: str) -> None:
    condition = f"lastname eq {query.text(value)}"
    url = query.address("contacts", select=("contactid",), filter=condition, orderby="fullname asc")
    assert url.isascii()
    assert not set(url) & set(' #"<>\\^`{|}')
    assert dict(parse_qsl(urlsplit(url).query, keep_blank_values=True)) == {
        "$select": "contactid",
        "$filter": condition,
        "$orderby": "fullname asc",
    }


@given(st.lists(TEXTS, max_size=1200))
def test_lists_hold_every_value_once_and_fit_an_address(values: list[str]) -> None:
    lists = list(query.lists(values))
    assert [value for some in lists for value in some] == list(dict.fromkeys(values))
    for some in lists:
        assert len(some) <= query.MOST_VALUES
        assert len(query.address("contacts", filter=query.any_of(("emailaddress1",), some))) < 65_536


def test_a_list_of_values_is_asked_for_by_dataverses_own_function() -> None:
    plain = "Microsoft.Dynamics.CRM.In(PropertyName='emailaddress1',PropertyValues=['a@b.c','d@e.f'])"
    assert query.among("emailaddress1", ["a@b.c", "d@e.f"]) == plain
    assert query.among("name", ["O'Neill"]) == "name eq 'O''Neill'"
    both = "Microsoft.Dynamics.CRM.In(PropertyName='name',PropertyValues=['A']) or name eq 'B]'"
    assert query.among("name", ["A", "B]"]) == both


def test_signs_mean_themselves_in_a_search() -> None:
    assert query.holds("fullname", "50%_[x]") == "contains(fullname,'50[%][_][[]x]')"
    assert query.begins("fullname", "O'") == "startswith(fullname,'O''')"
    assert query.ends("fullname", "%") == "endswith(fullname,'[%]')"


def test_only_long_addresses_go_in_a_batch() -> None:
    assert not query.is_long(query.address("accounts", select=("accountid",)))
    assert query.is_long("x" * 1801)
    assert query.address("accounts") == "accounts"
