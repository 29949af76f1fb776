"""Does our emulator of Dataverse answer plain questions of OData as a server nobody here wrote does?

The data are such that letter case and accents decide nothing: there Dataverse goes its own way.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from carnet.testing.emulators.dataverse import DataverseEmulator
from carnet.testing.emulators.dataverse_organisation import DataverseOrganisation
from carnet.transport.calls import Answer
from carnet.transport.client import Client
from emulators.dataverse_talk import batch, change_set, get, part, send, statuses
from foreign.odata import odata_server
from gates.fixtures import client_of, quick_gate, watched_dataverse

pytestmark = [pytest.mark.foreign, pytest.mark.real]
NEW = {"firstname": "yan", "lastname": "yew", "numberofchildren": 1}
PEOPLE: list[dict[str, Any]] = [
    {"firstname": "ada", "lastname": "ash", "numberofchildren": 2, "birthdate": "1980-02-28", "donotemail": True},
    {"firstname": "bob", "lastname": "birch", "numberofchildren": 0, "birthdate": "1985-02-28", "donotemail": False},
    {"firstname": "cid", "lastname": "birch", "numberofchildren": 7, "birthdate": None, "donotemail": True},
    {"firstname": None, "lastname": "o'cedar", "numberofchildren": None, "birthdate": "1990-02-28", "donotemail": False},
    {"firstname": "eve", "lastname": "elm", "numberofchildren": 2, "birthdate": None, "donotemail": False},
]
QUERIES = [
    "$filter=lastname eq 'birch'",
    "$filter=lastname ne 'birch'",
    "$filter=firstname ge 'a' and numberofchildren gt 1",
    "$filter=numberofchildren ge 2 and numberofchildren lt 7",
    "$filter=numberofchildren le 0 or lastname eq 'ash'",
    "$filter=donotemail eq true",
    "$filter=not (lastname eq 'birch')",
    "$filter=(firstname eq 'ada' or firstname eq 'bob') and donotemail eq false",
    "$filter=firstname eq 'ada' or firstname eq 'bob' and donotemail eq false",
    "$filter=contains(lastname,'ir')",
    "$filter=startswith(lastname,'as')",
    "$filter=endswith(lastname,'ch')",
    "$filter=contactid eq 00000000-0000-0000-0000-000000000003",
    "$filter=parentcustomerid_account/name eq 'grove'",
    "$filter=_parentcustomerid_value eq 00000000-0000-0000-0000-00000000000a",
    "$orderby=numberofchildren desc,firstname&$filter=numberofchildren ge 0 and firstname ge 'a'",
    "$orderby=lastname,firstname desc&$filter=firstname ge 'a'",
    "$orderby=firstname&$filter=firstname ge 'a'&$top=2",
    "$filter=lastname eq 'birch'&$count=true&$top=1&$orderby=firstname",
]
"""Those that both know: the other server takes null for something of its own."""


def identity(number: int) -> str:
    return f"00000000-0000-0000-0000-{number:012x}"


ROWS = [{"contactid": identity(number), "statecode": 0, **each} for number, each in enumerate(PEOPLE, start=1)]
GROVE = identity(10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Twins:
    """Our emulator and the other server, with the same rows."""

    ours: Client
    theirs: Client

    def __iter__(self) -> Iterator[Client]:
        return iter((self.ours, self.theirs))

    def rows(self) -> list[list[tuple[Any, ...]]]:
        """What each holds now."""
        found = [get(client, "contacts?$orderby=contactid").json()["value"] for client in self]
        return [
            [tuple(row.get(name) for name in ("firstname", "lastname", "numberofchildren")) for row in rows] for rows in found
        ]


@pytest.fixture
def twins(tmp_path: Path) -> Iterator[Twins]:
    organisation = DataverseOrganisation()
    organisation.add_account(accountid=GROVE, name="grove")
    rows = []
    for number, row in enumerate(ROWS):
        parent = GROVE if number < 2 else None
        organisation.add_contact(parent=("account", GROVE) if parent else None, **row)
        rows.append({**row, "_parentcustomerid_value": parent})
    grove = {"accountid": GROVE, "name": "grove"}
    with (
        odata_server(tmp_path, contacts=rows, accounts=[grove]) as base,
        watched_dataverse(DataverseEmulator(organisation)) as emulator,
    ):
        twins = Twins(ours=client_of(emulator), theirs=Client(base, token=lambda: "me", gate=quick_gate(), attempts=1))
        yield twins
        for client in twins:
            client.close()


def told(answer: Answer) -> tuple[int, Any, list[str]]:
    said = answer.json()
    return answer.status, said.get("@odata.count"), [row["contactid"] for row in said["value"]]


def test_they_answer_the_same_questions_alike(twins: Twins) -> None:
    for query in QUERIES:
        asked = f"contacts?$select=contactid&{query}"
        status, count, ours = told(get(twins.ours, asked))
        other = told(get(twins.theirs, asked))
        order = list if "$orderby" in query else sorted
        assert (status, order(ours)) == (other[0], order(other[2])), query
        assert "$count" not in query or count == other[1]


def test_every_question_tells_some_rows_from_others(twins: Twins) -> None:
    for query in QUERIES:
        assert 0 < len(told(get(twins.ours, f"contacts?$select=contactid&{query}"))[2]) < len(ROWS), query


def test_they_create_change_and_delete_alike(twins: Twins) -> None:
    new = identity(99)
    for client in twins:
        assert send(client, "POST", "contacts", {**NEW, "contactid": new}, Prefer="return=representation").status == 201
        assert send(client, "PATCH", f"contacts({new})", {"firstname": "zed"}, Prefer="return=representation").status == 200
        assert send(client, "DELETE", f"contacts({identity(1)})").status == 204
        assert get(client, f"contacts({identity(1)})").status == 404
    ours, theirs = twins.rows()
    assert ours == theirs
    assert ("zed", "yew", 1) in ours


def test_they_refuse_a_stale_etag_alike(twins: Twins) -> None:
    url = f"contacts({identity(2)})"
    for client in twins:
        etag = get(client, url).json()["@odata.etag"]
        for status in (200, 412):
            body = {"firstname": f"when {status}"}
            answer = send(client, "PATCH", url, body, **{"If-Match": etag, "Prefer": "return=representation"})
            assert answer.status == status
        assert get(client, url).json()["firstname"] == "when 200"


def test_they_do_a_batch_alike(twins: Twins) -> None:
    url = f"contacts({identity(2)})"
    answers = []
    for client in twins:
        etag = get(client, url).json()["@odata.etag"]
        parts = (
            part("GET", "contacts?$top=1"),
            change_set(
                part("PATCH", url, {"firstname": "zed"}, content_id=1, **{"If-Match": etag}),
                part("POST", "contacts", {**NEW, "contactid": identity(98)}, content_id=2),
            ),
            part("GET", f"contacts({identity(97)})"),
        )
        answers.append(statuses(batch(client, *parts, Prefer="odata.continue-on-error")))
    assert [[status // 100 for status in each] for each in answers] == [[2, 2, 2, 4]] * 2
    ours, theirs = twins.rows()
    assert ours == theirs
    assert ("zed", "birch", 0) in ours
