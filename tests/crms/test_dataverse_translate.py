"""Does a record of ours come back from Dataverse's columns as it went there?"""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carnet.crms.dataverse import translate
from carnet.crms.rules import STREET_KEYS, full_name, settled_values
from carnet.model.account import Parent, RecordKind
from carnet.model.change import Operation, Write
from carnet.model.field import FIELDS, Merge, Shape
from shared_data import shared

ID, PARENT, ME = "00000000-0000-0000-0000-000000000001", "00000000-0000-0000-0000-000000000002", "me"
CONTACT, ACCOUNT = RecordKind.CONTACT, RecordKind.ACCOUNT
KEYS = [field.key for field in FIELDS if field.merge is not Merge.NEVER and field.shape is not Shape.DATE]
LINES = st.text("abc é\n", min_size=1, max_size=30).map(lambda text: text.strip()).filter(bool)


def create(**values: str) -> Write:
    return Write(operation=Operation.CREATE, kind=CONTACT, id=ID, values=values, run=7)


@given(
    st.dictionaries(st.sampled_from(KEYS), st.text("abc é🙂", min_size=1, max_size=9), max_size=8), st.lists(LINES, max_size=3)
)
def test_values_come_back_as_they_went(values: dict[str, str], streets: list[str]) -> None:
    values |= dict(zip(sorted(STREET_KEYS), streets, strict=False))
    body = translate.body_of(create(**values), me=ME)
    row = {**body, "fullname": full_name(values) or None, "@odata.etag": 'W/"42"'}
    record = translate.record_of(row, CONTACT)
    assert {key: value for key, value in record.values.items() if key != "full_name"} == settled_values(values)
    assert (record.id, record.version, record.active, record.parent) == (ID, "42", True, None)


def test_a_new_record_names_its_id_and_its_run_and_nothing_blank() -> None:
    body = translate.body_of(create(surname="Durand", nickname=""), me=ME)
    assert body == {"lastname": "Durand", "contactid": ID, "importsequencenumber": 7}


@pytest.mark.parametrize("kind", list(RecordKind))
def test_a_parent_is_bound_by_the_property_of_its_kind(kind: RecordKind) -> None:
    parent = Parent(kind=kind, id=PARENT)
    write = Write(operation=Operation.UPDATE, kind=CONTACT, id=ID, parent=parent, sets_parent=True)
    body = translate.body_of(write, me=ME)
    assert body == {f"parentcustomerid_{kind.value}@odata.bind": f"/{kind.value}s({PARENT})"}
    lookup = "_parentcustomerid_value"
    row = {"contactid": ID, lookup: PARENT, f"{lookup}@{translate.TARGETS}": kind.value, f"{lookup}@{translate.NAMES}": "Contoso"}
    assert translate.parent_of(row, CONTACT) == Parent(kind=kind, id=PARENT, name="Contoso")


def test_an_update_clears_what_it_names_as_nothing_and_leaves_the_rest() -> None:
    write = Write(operation=Operation.UPDATE, kind=CONTACT, id=ID, values={"job_title": None, "active": "0"}, sets_parent=True)
    cleared = {"jobtitle": None, "statecode": 1, "statuscode": 2, "parentcustomerid_account@odata.bind": None}
    assert translate.body_of(write, me=ME) == cleared
    account = Write(operation=Operation.UPDATE, kind=ACCOUNT, id=ID, values={"business_street": ""}, sets_parent=True)
    lines = dict.fromkeys(["address1_line1", "address1_line2", "address1_line3"])
    assert translate.body_of(account, me=ME) == {**lines, "parentaccountid@odata.bind": None}


def test_an_owner_is_bound_where_it_is_somebody_else() -> None:
    mine = Write(operation=Operation.CREATE, kind=ACCOUNT, id=ID, values={"name": "Contoso"}, owner=ME)
    theirs = Write(operation=Operation.CREATE, kind=ACCOUNT, id=ID, values={"name": "Contoso"}, owner=PARENT)
    assert "ownerid@odata.bind" not in translate.body_of(mine, me=ME)
    assert translate.body_of(theirs, me=ME)["ownerid@odata.bind"] == f"/systemusers({PARENT})"


@pytest.mark.parametrize("kind", list(RecordKind))
def test_every_column_is_one_that_dataverse_has(kind: RecordKind) -> None:
    columns = json.loads(shared("contracts", "dataverse-columns.json").read_text())[kind.value]
    asked = {*translate.whole(kind), *translate.slim(kind)}
    assert asked <= set(columns)
    lengths = {field.crm: field.length for field in FIELDS if field.merge is not Merge.NEVER and field.key not in STREET_KEYS}
    known = {column: lengths[column] for column in asked & set(lengths) if lengths[column]}
    assert known == {column: columns[column][1] for column in known}
