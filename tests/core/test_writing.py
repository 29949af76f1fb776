"""An entry says what is written, and its receipt what has become of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from carnet.core.writing import link_of, settled, stands, write_of
from carnet.model.account import CrmRecord, Parent, RecordKind
from carnet.model.change import Duplicate, Operation, Outcome, Receipt
from carnet.model.plan import Action, Entry, State

CREATE = Entry(seq=1, action=Action.CREATE, record="r", target="c", values={"surname": "Lovelace"})
LINK = replace(CREATE, action=Action.LINK, values={"job_title": "Analyst"}, before={"surname": "L"}, expects="1")
UPDATE = replace(
    CREATE,
    action=Action.UPDATE,
    values={},
    before={"communications": "1", "parent": "account:old"},
    parent=Parent(kind=RecordKind.ACCOUNT, id="new"),
    sets_parent=True,
    expects="1",
)


def receipt(outcome: Outcome, code: str = "", message: str = "") -> Receipt:
    return Receipt(kind=RecordKind.CONTACT, id="c", outcome=outcome, version="7", code=code, message=message)


def test_only_a_creation_names_the_owner() -> None:
    made = write_of(CREATE, owner="me", run=4)
    linked = write_of(LINK, owner="me", run=4)
    assert made is not None
    assert (made.operation, made.owner, made.run) == (Operation.CREATE, "me", 4)
    assert linked is not None
    assert (linked.operation, linked.owner, linked.expects) == (Operation.UPDATE, "", "1")


@pytest.mark.parametrize("action", [Action.ASK, Action.SKIP, Action.KEEP])
def test_what_touches_nothing_writes_nothing(action: Action) -> None:
    assert write_of(replace(CREATE, action=action), owner="me", run=1) is None


def test_a_link_without_blanks_to_fill_writes_nothing_to_the_crm() -> None:
    assert write_of(replace(LINK, values={}), owner="me", run=1) is None
    assert settled(replace(LINK, values={}), None).state is State.DONE


def test_a_creation_that_was_there_already_has_no_version_of_its_own() -> None:
    assert settled(CREATE, receipt(Outcome.DONE)).version == "7"
    assert settled(CREATE, receipt(Outcome.ALREADY)).version == ""


def test_a_creation_whose_id_is_used_up_is_held_to_be_decided_again() -> None:
    entry = settled(CREATE, receipt(Outcome.FAILED, code="deleted"))
    assert (entry.state, entry.question, entry.evidence) == (State.HELD, "changed:r", ())


def test_a_failure_keeps_its_code_and_message() -> None:
    entry = settled(CREATE, receipt(Outcome.FAILED, code="too_long", message="Too long"))
    assert (entry.state, entry.code, entry.message) == (State.FAILED, "too_long", "Too long")


def test_a_creation_beside_somebody_elses_is_done_and_to_be_checked() -> None:
    double = Duplicate(kind=RecordKind.CONTACT, id="theirs")
    entry = settled(CREATE, replace(receipt(Outcome.DONE), duplicates=(double,)))
    assert (entry.state, entry.version, entry.to_check) == (State.DONE, "7", True)
    assert [(each.code, each.values["id"]) for each in entry.evidence] == [("created_meanwhile", "theirs")]
    assert not settled(CREATE, receipt(Outcome.DONE)).to_check


def test_a_stale_row_is_held_unless_an_earlier_try_had_got_through() -> None:
    there = CrmRecord(kind=RecordKind.CONTACT, id="c", parent=UPDATE.parent, version="8")
    assert settled(UPDATE, receipt(Outcome.STALE), there).state is State.HELD
    entry = settled(replace(UPDATE, state=State.SENT), receipt(Outcome.STALE), there)
    assert (entry.state, entry.version, entry.before) == (State.DONE, "8", UPDATE.before)
    assert settled(replace(UPDATE, state=State.SENT), receipt(Outcome.STALE), replace(there, parent=None)).state is State.HELD


def test_an_entry_stands_where_every_value_and_the_parent_are_there() -> None:
    there = CrmRecord(kind=RecordKind.CONTACT, id="c", values={"job_title": "Analyst"})
    assert stands(LINK, there)
    assert stands(replace(LINK, values={"department": None}), there)
    assert not stands(replace(LINK, values={"job_title": None}), there)
    assert not stands(UPDATE, there)


def test_a_link_remembers_what_both_sides_agree_on() -> None:
    link = link_of(replace(LINK, agreed={"surname": "Lovelace"}, invented=frozenset({"surname"}), too_long={"notes": "…"}), run=3)
    assert link is not None
    assert (link.base, link.run) == ({"surname": "Lovelace", "job_title": "Analyst"}, 3)
    assert (link.invented, link.left_out) == (frozenset({"surname"}), frozenset({"notes"}))


@pytest.mark.parametrize(
    "entry", [replace(CREATE, record="account:x"), replace(CREATE, record=None), replace(CREATE, action=Action.DELETE)]
)
def test_accounts_and_deletions_make_no_link(entry: Entry) -> None:
    assert link_of(entry, run=1) is None
