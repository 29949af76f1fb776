"""Does an OData server nobody here wrote understand our questions and batches, and do we understand its answers?

Loaded with the contract of Dataverse. It knows neither Dataverse's own functions and actions nor doubled apostrophes, and takes
the addresses of a batch's parts from the service's own on.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from carnet.crms.dataverse import query
from carnet.crms.dataverse.client import DataverseClient
from carnet.transport.calls import Part
from carnet.transport.client import Client
from foreign.odata import odata_server
from gates.fixtures import quick_gate

pytestmark = [pytest.mark.foreign, pytest.mark.real]
PEOPLE = [
    ("Zoé", "Durand", "zoe@contoso.com"),
    ("Inès", "100% Bio_", "ines&co@contoso.com"),
    ("Léa", "Été #1", "a+b@contoso.com"),
]


def identity(number: int) -> str:
    return f"00000000-0000-0000-0000-{number:012}"


@pytest.fixture
def client(tmp_path: Path) -> Iterator[DataverseClient]:
    rows = [
        {"contactid": identity(number), "firstname": given, "lastname": name, "emailaddress1": email, "statecode": 0}
        for number, (given, name, email) in enumerate(PEOPLE, start=1)
    ]
    with odata_server(tmp_path, contacts=rows, accounts=[]) as base:
        found = DataverseClient(Client(base, token=lambda: "me", gate=quick_gate(), attempts=1))
        found.base = ""
        yield found
        found.close()


def names(client: DataverseClient, **options: str | int) -> list[str]:
    (rows,) = client.gather([query.address("contacts", select=("lastname",), **options)])
    return [str(row["lastname"]) for row in rows]


def etag(client: DataverseClient, number: int) -> dict[str, str]:
    found = client.get(query.address(f"contacts({identity(number)})", select=("lastname",)))
    return {"If-Match": str(found["@odata.etag"])}


def test_questions_are_understood_whatever_stands_in_them(client: DataverseClient) -> None:
    assert names(client, orderby="lastname desc", top=2) == ["Été #1", "Durand"]
    for _, name, email in PEOPLE:
        assert names(client, filter=f"lastname eq {query.text(name)}") == [name]
        assert names(client, filter=f"emailaddress1 eq {query.text(email)}") == [name]
    assert names(client, filter=query.holds("lastname", "ura")) == ["Durand"]
    assert names(client, filter=query.begins("lastname", "Dur")) == ["Durand"]
    assert names(client, filter=query.ends("lastname", "#1")) == ["Été #1"]
    either = query.either([query.holds("lastname", "#1"), f"emailaddress1 eq {query.text('zoe@contoso.com')}"])
    assert sorted(names(client, filter=either)) == ["Durand", "Été #1"]


def test_the_parts_of_a_batch_are_each_done_and_answered_in_their_place(client: DataverseClient) -> None:
    replies = client.batch(
        [
            Part(method="GET", url=query.address("contacts", select=("lastname",), orderby="lastname asc")),
            Part(method="GET", url=f"contacts({identity(99)})"),
            Part(method="PATCH", url=f"contacts({identity(1)})", body={"jobtitle": "Été – “Ö”"}, headers=etag(client, 1)),
            Part(method="POST", url="contacts", body={"contactid": identity(10), "lastname": "Neuf"}),
            Part(method="DELETE", url=f"contacts({identity(2)})", headers=etag(client, 2)),
            Part(method="PATCH", url=f"contacts({identity(3)})", body={"jobtitle": "X"}, headers={"If-Match": 'W/"7"'}),
        ]
    )
    statuses = [reply.status for reply in replies]
    assert (statuses[0], statuses[1], statuses[3], statuses[5]) == (200, 404, 201, 412)
    assert [reply.is_success for reply in replies] == [True, False, True, True, True, False]
    assert len(replies[0].body["value"]) == len(PEOPLE)
    assert replies[3].body["lastname"] == "Neuf"
    rows = client.get(query.address("contacts", select=("lastname", "jobtitle")))["value"]
    titles = {str(row["lastname"]): row["jobtitle"] for row in rows}
    assert titles == {"Durand": "Été – “Ö”", "Été #1": "", "Neuf": ""}


def test_a_change_set_is_answered_as_one(client: DataverseClient) -> None:
    replies = client.together(
        [
            Part(method="PATCH", url=f"contacts({identity(1)})", body={"jobtitle": "CEO"}, headers=etag(client, 1)),
            Part(method="POST", url="contacts", body={"contactid": identity(11), "lastname": "Onze"}),
        ]
    )
    assert [reply.is_success for reply in replies] == [True, True]
    assert sorted(names(client)) == sorted([*(name for _, name, _ in PEOPLE), "Onze"])


def test_somebody_elses_change_is_not_written_over(client: DataverseClient) -> None:
    stale = etag(client, 1)
    url = f"contacts({identity(1)})"
    assert client.ask(Part(method="PATCH", url=url, body={"jobtitle": "Leur titre"}, headers=stale)).is_success
    assert client.ask(Part(method="PATCH", url=url, body={"jobtitle": "X"}, headers=stale)).status == 412
    assert client.get(query.address(url, select=("jobtitle",)))["jobtitle"] == "Leur titre"
