"""A link fills blanks and never overwrites; an update touches the account and the communications alone."""

from __future__ import annotations

from dataclasses import replace

from carnet.core.linking import link_entry, update_entry
from carnet.core.mapping import to_crm
from carnet.model.account import CrmRecord, Parent, RecordKind
from carnet.model.contact import Contact
from carnet.model.link import Link
from carnet.model.plan import Action, Entry

ENTRY = Entry(seq=1, action=Action.SKIP, record="r", target="c")
MAPPED = to_crm(Contact(values={"given_name": "Ada", "surname": "Lovelace", "job_title": "Analyst", "department": "Engines"}))
FOUND = CrmRecord(
    kind=RecordKind.CONTACT, id="c", values={"given_name": "Ada", "surname": "Lovelace", "department": "Sales"}, version="4"
)
CONTOSO = Parent(kind=RecordKind.ACCOUNT, id="contoso", name="Contoso")
TIE = Link(record="r", keys=(), kind=RecordKind.CONTACT, target="c", base={"surname": "L"}, left_out=frozenset({"notes"}))


def test_only_blanks_are_filled_and_the_record_is_guarded_by_its_version() -> None:
    entry = link_entry(ENTRY, MAPPED, found=FOUND, parent=CONTOSO, fill=True)
    assert (entry.action, dict(entry.values), entry.sets_parent, entry.expects) == (
        Action.LINK,
        {"job_title": "Analyst"},
        True,
        "4",
    )
    assert entry.agreed == {"given_name": "Ada", "surname": "Lovelace"}


def test_a_parent_that_is_there_stays() -> None:
    entry = link_entry(ENTRY, MAPPED, found=replace(FOUND, parent=CONTOSO), parent=replace(CONTOSO, id="other"), fill=True)
    assert not entry.sets_parent


def test_the_second_card_of_one_person_fills_nothing() -> None:
    entry = link_entry(ENTRY, MAPPED, found=FOUND, parent=CONTOSO, fill=False)
    assert (dict(entry.values), entry.sets_parent, entry.expects) == ({}, False, None)


def test_an_update_that_changes_nothing_is_none() -> None:
    assert update_entry(ENTRY, found=FOUND, parent=None, link=TIE) == ENTRY
    assert update_entry(ENTRY, found=replace(FOUND, parent=CONTOSO), parent=CONTOSO, link=TIE) == ENTRY


def test_an_update_remembers_what_was_before() -> None:
    old = replace(CONTOSO, id="old")
    entry = update_entry(replace(ENTRY, communications=True), found=replace(FOUND, parent=old), parent=CONTOSO, link=TIE)
    assert (entry.action, entry.parent, entry.sets_parent, entry.expects) == (Action.UPDATE, CONTOSO, True, "4")
    assert entry.before == {"communications": "0", "parent": "account:old"}
    assert (entry.agreed, entry.too_long) == ({"surname": "L"}, {"notes": ""})


def test_communications_alone_write_nothing_to_the_crm() -> None:
    entry = update_entry(replace(ENTRY, communications=True), found=FOUND, parent=None, link=TIE)
    assert (entry.action, entry.sets_parent, entry.expects) == (Action.UPDATE, False, None)
