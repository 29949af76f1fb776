"""Is what is said of a contact to Exchange what is understood of it?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis.strategies import dictionaries, sampled_from, text

from carnet.mailboxes.ews.node import node
from carnet.mailboxes.ews.paths import changes, contact, said_by, uri
from carnet.mailboxes.ews.translate import ASKED, MICROSOFT, OPERATION, PATHS, contact_of, values_of
from carnet.model.field import BY_KEY, Shape

WRITTEN = [*PATHS.values(), *MICROSOFT.values(), OPERATION]
TEXTS = [key for key in PATHS if BY_KEY[key].shape in {Shape.TEXT, Shape.PHONE}]
WORDS = text(alphabet="abcÉ œ,;<>&'\"", min_size=1).filter(str.strip)


@given(dictionaries(sampled_from(WRITTEN), WORDS, min_size=1))
def test_what_a_contact_is_made_of_is_read_from_it(values: dict[str, str]) -> None:
    said = said_by(contact(values))
    assert {path: said[path] if isinstance(said[path], str) else ", ".join(said[path]) for path in values} == values
    assert said.keys() == values.keys()


@given(dictionaries(sampled_from(TEXTS), WORDS.map(lambda each: " ".join(each.split()))))
def test_fields_are_what_they_were_after_a_round_trip(values: dict[str, str]) -> None:
    said = {path: value for path, value in values_of(dict(values)).items() if value}
    told = contact_of(said_by(contact(said))).values
    listed = ", ".join(part for each in values.get("children", "").split(",") if (part := each.strip()))
    wanted = {key: value for key, value in {**values, "children": listed}.items() if value}
    assert {key: told.get(key, "") for key in wanted} == wanted


@pytest.mark.parametrize("path", ASKED)
def test_a_property_is_asked_for_and_answered_under_one_path(path: str) -> None:
    if " " in path:
        shown = node("t:Contact", node("t:ExtendedProperty", uri(path), node("t:Value", "x")))
        assert said_by(shown) == {path: "x"}
    else:
        assert uri(path).get("FieldURI") == path.partition("/")[0]


def test_a_change_says_one_property_and_a_body_is_emptied_not_taken_away() -> None:
    told = changes({"contacts:Surname": "X", "contacts:PhoneNumber/Pager": None, "item:Body": None})
    assert [each.name for each in told] == ["t:SetItemField", "t:DeleteItemField", "t:SetItemField"]
    assert [len(each.inside) for each in told] == [2, 1, 2]
