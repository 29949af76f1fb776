"""Has every field of a contact its rule, its column and its property?"""

from __future__ import annotations

import json

import pytest

from architecture.sources import ROOT
from carnet.core.mapping import to_crm
from carnet.crms.embedded import tables
from carnet.model.contact import Contact
from carnet.model.field import FIELDS, ROWS, Field, Merge, Shape
from shared_data import shared

SAMPLES = {
    Shape.DATE: "1980-04-05",
    Shape.EMAIL: "a@contoso.com",
    Shape.PHONE: "+33 1 23 45 67 89",
    Shape.URL: "https://contoso.com",
}


def test_there_are_thirty_four_rows() -> None:
    assert len(ROWS) == 34
    assert len({field.key for field in FIELDS}) == len(FIELDS)


@pytest.mark.parametrize("field", [each for each in FIELDS if each.merge is not Merge.NEVER], ids=lambda each: each.key)
def test_a_value_of_every_field_reaches_the_crm(field: Field) -> None:
    value = SAMPLES.get(field.shape, "Renard")
    mapped = to_crm(Contact(values={"surname": "Petit", "given_name": "Lou", field.key: value}))
    assert mapped.values[field.key] == value


@pytest.mark.parametrize("field", FIELDS, ids=lambda each: each.key)
def test_the_embedded_crm_has_a_column_for_every_field(field: Field) -> None:
    assert field.crm in tables.contact.c


@pytest.mark.parametrize("field", FIELDS, ids=lambda each: each.key)
def test_every_column_is_as_long_as_dataverse_makes_it(field: Field) -> None:
    columns = json.loads(shared("contracts", "dataverse-columns.json").read_text(encoding="utf-8"))["contact"]
    kind, length = columns["_parentcustomerid_value" if field.key == "company" else field.crm]
    if field.shape is Shape.DATE:
        assert (kind, field.length) in {("Edm.Date", None), ("Edm.DateTimeOffset", None)}
    elif field.key.endswith("_street"):
        assert field.length == 3 * length
    elif length is not None:
        assert field.length == length


def test_every_field_has_a_property_of_its_own_in_outlook() -> None:
    assert [field.key for field in FIELDS if field.mapi is None] == []
    assert len({field.mapi for field in FIELDS}) == len(FIELDS)


def test_the_reference_page_lists_every_field() -> None:
    page = (ROOT / "docs" / "reference" / "fields.md").read_text(encoding="utf-8")
    assert [field.key for field in FIELDS if field.crm not in page] == []
