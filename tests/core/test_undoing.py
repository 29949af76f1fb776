"""What a run did is inverted entry by entry, against how things stand, and what somebody changed since stays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from carnet.core.undoing import DEPENDENTS, EDITED, GONE, LINKED_ELSEWHERE, NAMED, Present, undo
from carnet.model.account import CrmRecord, Dependents, Parent, RecordKind
from carnet.model.plan import Action, Entry, State

CONTOSO = Parent(kind=RecordKind.ACCOUNT, id="contoso", name="Contoso")
MADE = Entry(
    seq=1,
    action=Action.CREATE,
    state=State.DONE,
    record="r",
    target="c",
    values={"surname": "Lovelace"},
    version="1",
    parent=CONTOSO,
    sets_parent=True,
)
FOUND = CrmRecord(
    kind=RecordKind.CONTACT, id="c", values={"surname": "Lovelace", "full_name": "Lovelace"}, parent=CONTOSO, version="1"
)
LINKED = replace(MADE, action=Action.LINK, values={"job_title": "Analyst"}, before={"job_title": ""}, version="2")


def present(*records: CrmRecord, links: Mapping[str, int] | None = None, **other: Mapping[str, Dependents]) -> Present:
    return Present(
        records={each.id: each for each in records},
        dependents=other.get("dependents", {}),
        links=links or {"c": 1},
        new_ids={"r": "c2", "account:contoso": "contoso2"},
        linked={"r": "c"},
    )


def only(entries: tuple[Entry, ...]) -> Entry:
    (entry,) = entries
    return entry


def test_what_was_created_is_deleted_at_the_version_it_was_seen() -> None:
    entry = only(undo([MADE], present(FOUND)))
    assert (entry.action, entry.expects, entry.reverts, entry.state) == (Action.DELETE, "1", 1, State.PLANNED)
    assert entry.before == FOUND.values


def test_what_somebody_edited_is_kept_and_an_edit_that_was_put_back_is_none() -> None:
    edited = replace(FOUND, values={**FOUND.values, "department": "Sales"}, version="3")
    assert only(undo([MADE], present(edited))).reason == EDITED
    assert only(undo([MADE], present(replace(FOUND, version="3")))).action is Action.DELETE
    assert only(undo([MADE], present(replace(FOUND, version="3", parent=None)))).reason == EDITED
    assert only(undo([MADE], present(replace(FOUND, version="3", active=False)))).reason == EDITED


def test_what_something_hangs_on_is_kept() -> None:
    for hanging in (Dependents(activities=1), Dependents(children=1)):
        assert only(undo([MADE], present(FOUND, dependents={"c": hanging}))).reason == DEPENDENTS


def test_what_another_record_is_linked_to_is_kept() -> None:
    assert only(undo([MADE], present(FOUND, links={"c": 2}))).reason == LINKED_ELSEWHERE


def test_a_record_that_is_linked_to_something_else_by_now_is_left_alone() -> None:
    now = replace(present(FOUND), linked={"r": "other"})
    for entry in (MADE, LINKED, replace(MADE, action=Action.UPDATE), replace(MADE, action=Action.DELETE)):
        kept = only(undo([entry], now))
        assert (kept.action, kept.reason) == (Action.KEEP, LINKED_ELSEWHERE)


def test_what_is_gone_is_only_unlinked_and_nothing_is_written_to_it() -> None:
    for entry in (MADE, LINKED):
        inverse = only(undo([entry], present()))
        assert (inverse.action, inverse.reason) == (Action.UNLINK, GONE)
        assert (dict(inverse.values), inverse.sets_parent) == ({}, False)


def test_filled_blanks_are_cleared_but_for_those_edited_since() -> None:
    found = replace(FOUND, values={"surname": "King", "job_title": "Analyst", "department": "Sales"}, version="5")
    linked = replace(LINKED, values={"job_title": "Analyst", "department": "Engines"})
    inverse = only(undo([linked], present(found)))
    assert dict(inverse.values) == {"job_title": None}
    assert (inverse.expects, inverse.reason, inverse.parent, inverse.sets_parent) == ("5", EDITED, None, True)
    assert inverse.before == {"job_title": "Analyst", "parent": "account:contoso"}


def test_a_last_name_that_was_filled_stays_and_the_other_blanks_are_cleared() -> None:
    linked = replace(LINKED, values={"job_title": "Analyst", "surname": "Lovelace"}, sets_parent=False)
    found = replace(FOUND, values={**FOUND.values, "job_title": "Analyst"}, version="5")
    inverse = only(undo([linked], present(found)))
    assert (dict(inverse.values), inverse.reason, dict(inverse.before)) == ({"job_title": None}, NAMED, {"job_title": "Analyst"})
    edited = only(undo([linked], present(replace(found, values={**found.values, "job_title": "Countess"}))))
    assert (dict(edited.values), edited.reason) == ({}, EDITED)


def test_two_writes_to_one_record_are_guarded_once_and_then_deleted_whole() -> None:
    found = replace(FOUND, values={**FOUND.values, "job_title": "Analyst"}, version="2")
    second = replace(LINKED, seq=2, record="s", sets_parent=False)
    now = replace(present(found, links={"c": 2}), linked={"r": "c", "s": "c"})
    unlink, delete = undo([MADE, second], now)
    assert (unlink.action, unlink.expects) == (Action.UNLINK, "2")
    assert (delete.action, delete.expects) == (Action.DELETE, None)
    assert "job_title" not in delete.before


def test_an_account_goes_with_its_people_and_stays_with_anybody_elses() -> None:
    account = Entry(seq=1, action=Action.CREATE, kind=RecordKind.ACCOUNT, record="account:contoso", target="contoso", version="1")
    person = replace(MADE, seq=2)
    firm = CrmRecord(kind=RecordKind.ACCOUNT, id="contoso", version="1")
    one = present(FOUND, firm, dependents={"contoso": Dependents(children=1)})
    assert [entry.action for entry in undo([account, person], one)] == [Action.DELETE, Action.DELETE]
    two = present(FOUND, firm, dependents={"contoso": Dependents(children=2)})
    assert [entry.action for entry in undo([account, person], two)] == [Action.DELETE, Action.KEEP]


def test_put_back_things_come_in_the_first_order_under_new_ids() -> None:
    person = replace(MADE, seq=1, action=Action.DELETE, before=dict(FOUND.values), values={})
    account = replace(
        person,
        seq=2,
        kind=RecordKind.ACCOUNT,
        record="account:contoso",
        target="contoso",
        before={"name": "Contoso"},
        parent=None,
    )
    firm, again = undo([person, account], replace(present(), linked={}))
    assert (firm.action, firm.target, dict(firm.values)) == (Action.CREATE, "contoso2", {"name": "Contoso"})
    assert (again.action, again.target, dict(again.values)) == (Action.CREATE, "c2", {"surname": "Lovelace"})
    assert again.parent is not None
    assert again.parent.id == "contoso2"


def test_an_update_goes_back_to_the_account_before_and_without_its_link_to_no_link() -> None:
    before = {"communications": "0", "parent": "account:old"}
    moved = replace(MADE, action=Action.UPDATE, values={}, before=before, communications=True)
    inverse = only(undo([moved], present(FOUND)))
    assert (inverse.action, inverse.communications, inverse.sets_parent, inverse.expects) == (Action.UPDATE, False, True, "1")
    assert inverse.parent == Parent(kind=RecordKind.ACCOUNT, id="old")
    assert only(undo([moved], replace(present(FOUND), linked={}))).action is Action.UNLINK
    since = replace(FOUND, parent=Parent(kind=RecordKind.ACCOUNT, id="third"))
    assert not only(undo([moved], present(since))).sets_parent
