"""Does an organisation of the emulator find all that a filter asks for, and forget all that was undone?"""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, precondition, rule

from carnet.testing.emulators.dataverse_filter import Test as Filter
from carnet.testing.emulators.dataverse_filter import parsed
from carnet.testing.emulators.dataverse_organisation import DataverseOrganisation
from carnet.testing.emulators.dataverse_row import Reference, Row, folded
from carnet.testing.emulators.dataverse_turn import Refusal

NAMES = ("Zoé", "zoe", "ZOE", "Inès", "", "O'Neil", 'a "b"', "100% [x]")
KINDS = {"firstname": "text", "lastname": "text", "statecode": "whole", "contactid": "id"}
EVERYBODY = [(first, last, state) for first in NAMES for last in NAMES for state in (0, 1)]


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def listed(values: list[str]) -> str:
    return ",".join('"' + value.replace('"', '\\"') + '"' for value in values)


COLUMN = st.sampled_from(["firstname", "lastname"])
LEAF = st.one_of(
    st.builds(
        lambda column, operator, name: f"{column} {operator} {quoted(name)}",
        COLUMN,
        st.sampled_from(["eq", "ne"]),
        st.sampled_from(NAMES),
    ),
    st.builds(lambda column, operator: f"{column} {operator} null", COLUMN, st.sampled_from(["eq", "ne"])),
    st.builds(lambda column, name: f"contains({column},{quoted(name[:2])})", COLUMN, st.sampled_from(NAMES)),
    st.builds(lambda state: f"statecode eq {state}", st.integers(0, 1)),
    st.builds(
        lambda column, names: f"Microsoft.Dynamics.CRM.In(PropertyName='{column}',PropertyValues=[{listed(names)}])",
        COLUMN,
        st.lists(st.sampled_from(NAMES), min_size=1, max_size=3),
    ),
)
CONDITION = st.recursive(
    LEAF,
    lambda inner: st.one_of(
        st.builds("({} and {})".format, inner, inner),
        st.builds("({} or {})".format, inner, inner),
        st.builds("not ({})".format, inner),
    ),
    max_leaves=6,
)


@pytest.fixture(scope="module")
def organisation() -> DataverseOrganisation:
    made = DataverseOrganisation()
    for first, last, state in EVERYBODY:
        made.add_contact(firstname=first or None, lastname=last or None, statecode=state)
    return made


def filter_of(condition: str, *, accents_count: bool = False) -> Filter:
    return parsed(condition, kinds=KINDS, aliases={}, accents_count=accents_count)


@settings(max_examples=300, deadline=None)
@given(condition=CONDITION, accents_count=st.booleans())
def test_what_an_index_finds_is_all_that_a_filter_lets_through(
    organisation: DataverseOrganisation, condition: str, *, accents_count: bool
) -> None:
    test = filter_of(condition, accents_count=accents_count)
    passing = {row.id for row in organisation.rows["contact"].values() if test.passes(row.read)}
    if test.places is not None:
        near = {row.id for column, values in test.places for row in organisation.holding("contact", column, values)}
        assert passing <= near


@pytest.mark.parametrize("name", NAMES)
def test_a_text_equals_itself_whatever_stands_in_it(organisation: DataverseOrganisation, name: str) -> None:
    same = {each for each in NAMES if folded(each, accents_count=False) == folded(name, accents_count=False)}
    for condition in (
        f"firstname eq {quoted(name)}",
        f"Microsoft.Dynamics.CRM.In(PropertyName='firstname',PropertyValues=[{listed([name])}])",
    ):
        test = filter_of(condition)
        found = {row.values["firstname"] for row in organisation.rows["contact"].values() if test.passes(row.read)}
        assert found == same - {""}


@settings(max_examples=300, deadline=None)
@given(text=st.text(alphabet="ab'()[],= \"@%_\\", max_size=12))
def test_a_filter_is_understood_or_refused(text: str) -> None:
    found = understood(f"firstname eq 'x' and {text}")
    assert found is None or not found.passes({"firstname": "y"}.get)


def understood(text: str) -> Filter | None:
    try:
        return filter_of(text)
    except Refusal:
        return None


def state_of(organisation: DataverseOrganisation) -> dict[str, Any]:
    """All that can be seen of the contacts, the accounts and the activities."""
    rows = {
        (name, row.id): (dict(row.values), dict(row.lookups), row.version)
        for name in ("contact", "account", "email", "activityparty")
        for row in organisation.rows[name].values()
    }
    by_name = {last: sorted(row.id for row in organisation.holding("contact", "lastname", [last])) for last in ("A", "B", "C")}
    return {"rows": deepcopy(rows), "gone": deepcopy(organisation.removed), "by name": by_name}


class Undoing(RuleBasedStateMachine):
    """People create, change and delete, in transactions that hold or are undone."""

    known = Bundle("known")

    def __init__(self) -> None:
        super().__init__()
        self.organisation = DataverseOrganisation()
        self.before: dict[str, Any] | None = None
        self.undo: Any = None

    @precondition(lambda self: self.before is None)
    @rule()
    def begin(self) -> None:
        self.before = state_of(self.organisation)
        self.undo = self.organisation.transaction()
        self.undo.__enter__()

    @precondition(lambda self: self.before is not None)
    @rule(keeps=st.booleans())
    def end(self, *, keeps: bool) -> None:
        error = None if keeps else ValueError("undone")
        assert not self.undo.__exit__(type(error) if error else None, error, None)
        assert keeps or state_of(self.organisation) == self.before
        self.before = None

    @rule(target=known, name=st.sampled_from("ABC"))
    def add_account(self, name: str) -> Reference:
        return "account", self.organisation.add_account(name=name)

    @rule(target=known, name=st.sampled_from("ABC"), parent=known)
    def add_contact(self, name: str, parent: Reference) -> Reference:
        there = parent if self.organisation.find(parent) and parent[0] != "email" else None
        return "contact", self.organisation.add_contact(parent=there, lastname=name)

    @rule(target=known, about=known)
    def add_email(self, about: Reference) -> Reference:
        there = self.organisation.find(about) is not None and about[0] != "email"
        return "email", self.organisation.add("email", lookups={"regardingobjectid": about} if there else {}, subject="S")

    @rule(which=known, name=st.sampled_from("ABC"))
    def edit(self, which: Reference, name: str) -> None:
        if self.organisation.find(which):
            self.organisation.edit(
                *which, **{"contact": {"lastname": name}, "account": {"name": name}, "email": {"subject": name}}[which[0]]
            )

    @rule(which=known)
    def delete(self, which: Reference) -> None:
        if self.organisation.find(which):
            self.organisation.delete(*which)

    @invariant()
    def nothing_leads_nowhere(self) -> None:
        for rows in self.organisation.rows.values():
            for row in rows.values():
                assert all(self.organisation.find(target) for target in row.lookups.values())

    @invariant()
    def the_index_agrees_with_the_rows(self) -> None:
        contacts: list[Row] = list(self.organisation.rows["contact"].values())
        for name in "ABC":
            found = {row.id for row in self.organisation.holding("contact", "lastname", [name])}
            assert found == {row.id for row in contacts if row.values["lastname"] == name}

    @invariant()
    def what_is_there_is_not_gone_and_versions_are_given_once(self) -> None:
        versions = []
        for name, rows in self.organisation.rows.items():
            assert not set(rows) & set(self.organisation.removed[name])
            versions += [row.version for row in rows.values()] + list(self.organisation.removed[name].values())
        assert len(set(versions)) == len(versions)


TestUndoing = Undoing.TestCase
TestUndoing.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
