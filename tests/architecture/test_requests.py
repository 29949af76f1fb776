"""Is every request that our clients can make known, and held to its owner's contract?

The places that ask a server for something are found in the source (`gates.discovering`). A new one fails here until the acts
below come to it, and the operation that it sends has a schema and stands in the list.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import uuid4

import pytest

from carnet.crms.dataverse import open_crm
from carnet.flows.examine import Part, examine
from carnet.mailboxes.graph import open_mailbox
from carnet.model.account import RecordKind
from carnet.model.activity import Activity, ActivityKind
from carnet.model.card import CardWrite
from carnet.model.change import Operation, Write
from carnet.model.examination import Subject
from carnet.ports.examined import Examined
from carnet.testing.emulators.dataverse import DataverseEmulator
from carnet.testing.emulators.dataverse_copy import organisation_of
from carnet.testing.emulators.dataverse_turn import VERSION
from carnet.testing.emulators.faults import Fault, Trouble
from carnet.testing.emulators.graph import GraphEmulator
from carnet.testing.live_suite import read_all
from gates import dataverse_gate, graph_gate
from gates.discovering import unvisited
from gates.fixtures import client_of, one_mailbox, one_organisation, watched_dataverse, watched_graph

ID = "11111111-2222-5333-8444-555555555555"


@pytest.fixture
def graph() -> Iterator[GraphEmulator]:
    with watched_graph(GraphEmulator(one_mailbox())) as emulator:
        yield emulator


@pytest.fixture
def dataverse() -> Iterator[DataverseEmulator]:
    with watched_dataverse(DataverseEmulator(one_organisation())) as emulator:
        yield emulator


BY_GRAPH = {
    ("POST", "/$batch"),
    ("GET", "/me"),
    ("GET", "/me/contactFolders"),
    ("GET", "/me/contactFolders/{id_1}"),
    ("GET", "/me/contactFolders/{id_1}/childFolders"),
    ("GET", "/me/contacts"),
    ("GET", "/me/contactFolders/{id_1}/contacts"),
    ("GET", "/me/contactFolders/{id_1}/contacts/delta"),
    ("POST", "/me/contactFolders/{id_1}/contacts"),
    ("GET", "/me/contacts/{id_1}"),
    ("GET", "/me/contacts/{id}/photo/$value"),
    ("PATCH", "/me/contacts/{id_1}"),
    ("DELETE", "/me/contacts/{id_1}"),
    ("GET", "/me/outlook/masterCategories"),
}
"""Every operation that our mailbox sends."""


def everything_of_outlook(graph: GraphEmulator) -> None:
    """Whatever our mailbox can ask for."""
    mailbox = open_mailbox(client_of(graph))
    mailbox.identity()
    mailbox.categories()
    records, later = read_all(mailbox)
    mailbox.photos(list(records.values()))
    graph.mine.add_contact(surname="Nouveau")
    mailbox.changes(later)
    first, second = sorted(records)[:2]
    mailbox.write(
        [
            CardWrite(operation=Operation.CREATE, key="k", values={"surname": "Neuve"}),
            CardWrite(operation=Operation.UPDATE, id=first, values={"pager": "9"}),
            CardWrite(operation=Operation.DELETE, id=second),
        ]
    )
    examine([Part(subject=Subject.GRAPH, examine=mailbox.examine)])
    mailbox.close()


def seldom_of_outlook(graph: GraphEmulator) -> None:
    """What is asked for where pages are short and people work meanwhile."""
    graph.largest_page = 1
    measured = open_mailbox(client_of(graph))
    examine([Part(subject=Subject.GRAPH, examine=measured.examine)])
    measured.close()
    for number in range(6):
        below = graph.mine.add_folder(f"F{number}", parent=graph.mine.add_folder("Sous"))
        graph.mine.add_contact(below, surname=f"N{number}")
    graph.largest_page = 2
    mailbox = open_mailbox(client_of(graph))
    mailbox.folders()
    pages = mailbox.read(graph.mine.default)
    graph.mine.delete(next(pages).records[0].id.removeprefix("i:"))
    list(pages)
    graph.knows_names = False
    mailbox.folders()
    mailbox.close()
    graph.knows_names = True
    graph.mailboxes["other"] = one_mailbox("other")
    graph.mailboxes["other"].shared_with = ("me",)
    beside = open_mailbox(client_of(graph), shared=["other"])
    beside.folders()
    examine([Part(subject=Subject.GRAPH, examine=beside.examine)])
    beside.close()


def test_our_mailbox_sends_no_other_operation_than_those_listed(graph: GraphEmulator) -> None:
    forgotten = unvisited("mailboxes/graph", partial(everything_of_outlook, graph), partial(seldom_of_outlook, graph))
    assert not forgotten, "\n".join(["each place that asks for something is to be come to here:", *forgotten])
    assert {graph_gate.operation(each.asked.method, each.asked.path.removeprefix("/v1.0")) for each in graph.log} == BY_GRAPH
    assert all(graph_gate.operation(*each) for each in BY_GRAPH)


class Now:
    """The clock of the machine."""

    def __init__(self) -> None:
        self.ahead = timedelta(0)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead


BY_DATAVERSE = {
    ("POST", "/$batch"),
    ("GET", "/WhoAmI"),
    ("GET", "/EntityDefinitions({key})"),
    ("GET", "/EntityDefinitions({key})/Attributes"),
    ("GET", "/systemusers"),
    ("GET", "/systemusers({key})"),
    ("GET", "/systemusers({key})/RetrieveUserPrivileges"),
    ("GET", "/systemusers({key})/roles"),
    ("GET", "/mailboxes"),
    ("GET", "/sdkmessagefilters"),
    ("GET", "/organizations"),
    ("GET", "/duplicaterules"),
    ("GET", "/duplicateruleconditions"),
    ("GET", "/contacts"),
    ("POST", "/contacts"),
    ("GET", "/contacts({key})"),
    ("PATCH", "/contacts({key})"),
    ("DELETE", "/contacts({key})"),
    ("POST", "/contacts/CreateMultiple"),
    ("GET", "/accounts"),
    ("PATCH", "/accounts({key})"),
    ("DELETE", "/accounts({key})"),
    ("POST", "/accounts/CreateMultiple"),
    ("GET", "/activitypointers"),
    ("GET", "/activityparties"),
    ("GET", "/RetrieveDuplicates"),
    *(("POST", f"/{kind}s") for kind in ActivityKind),
    *(("PATCH", f"/{kind}s({{key}})") for kind in ActivityKind),
}
"""Every operation that our CRM sends."""


def everything_of_dynamics(dataverse: DataverseEmulator) -> None:
    """Whatever our CRM can ask for."""
    organisation = dataverse.organisation
    organisation.add_rule("Same address", "emailaddress1")
    crm = open_crm(client_of(dataverse), clock=Now())
    crm.whoami()
    crm.require(accounts=True)
    crm.users()
    crm.detection()
    *_, page = crm.snapshot()
    for kind, name, column in ((RecordKind.ACCOUNT, "name", "website"), (RecordKind.CONTACT, "surname", "email1")):
        identity, value = str(uuid4()), "durand1@contoso.com"
        new = Write(operation=Operation.CREATE, kind=kind, id=identity, values={name: "Neuve", column: "x"}, detect=True)
        double = Write(operation=Operation.CREATE, kind=kind, id=str(uuid4()), values={name: "D", column: value}, detect=True)
        crm.duplicates([new, double])
        crm.apply([new, double])
        crm.apply([Write(operation=Operation.UPDATE, kind=kind, id=identity, values={column: "y"})])
        crm.search(kind, "Neuve")
        crm.get(kind, [identity])
        crm.dependents(kind, [identity])
        crm.stamped(1)
        crm.apply([Write(operation=Operation.DELETE, kind=kind, id=identity)])
    list(crm.snapshot(page.cursor))
    for activity in ActivityKind:
        crm.record([Activity(id=str(uuid4()), kind=activity, subject="X", completed=True)])
    assert isinstance(crm, Examined)
    examine([Part(subject=Subject.DATAVERSE, examine=crm.examine)])
    organisation_of(crm.copy())
    crm.close()


def seldom_of_dynamics(dataverse: DataverseEmulator) -> None:
    """What is asked for where pages are short, rights few, rules strange, and records inactive."""
    organisation = dataverse.organisation
    organisation.add_rule("Same birthday", ("birthdate", 3, 0))
    dataverse.largest_page = 1
    crm = open_crm(client_of(dataverse), clock=Now())
    new = {"surname": "Neuve", "birthday": "1981-02-28"}
    held = Write(operation=Operation.CREATE, kind=RecordKind.CONTACT, id=str(uuid4()), values=new, detect=True)
    asleep = Write(operation=Operation.CREATE, kind=RecordKind.CONTACT, id=str(uuid4()), values={"surname": "D", "active": "0"})
    crm.apply([held, asleep])
    list(crm.snapshot())
    crm.dependents(RecordKind.ACCOUNT, list(organisation.rows["account"]))
    withheld = Fault(trouble=Trouble.STATUS, status=403, body=b"{}", when=lambda asked: asked.path.endswith("/duplicaterules"))
    dataverse.faults.add(withheld)
    crm.copy()
    crm.close()
    rights = {f"prvRead{noun}": "Basic" for noun in ("Contact", "Account", "Activity")}
    organisation.add_user("lea@contoso.com", privileges=rights)
    clock = Now()
    narrow = open_crm(client_of(dataverse, user="lea@contoso.com"), clock=clock)
    *_, page = narrow.snapshot()
    clock.ahead = timedelta(hours=2)
    list(narrow.snapshot(page.cursor))
    narrow.close()


def test_our_crm_sends_no_other_operation_than_those_listed(dataverse: DataverseEmulator) -> None:
    forgotten = unvisited("crms/dataverse", partial(everything_of_dynamics, dataverse), partial(seldom_of_dynamics, dataverse))
    sent = {dataverse_gate.operation(each.asked.method, each.asked.path.removeprefix(VERSION)) for each in dataverse.log}
    assert not forgotten, "\n".join(["each place that asks for something is to be come to here:", *forgotten])
    assert sent == BY_DATAVERSE
    assert all(dataverse_gate.operation(*each) for each in map(_path, BY_DATAVERSE))


def _path(sent: tuple[str, str]) -> tuple[str, str]:
    if sent[1] == "/RetrieveDuplicates":
        return sent[0], "/RetrieveDuplicates(BusinessEntity=@p1,MatchingEntityName=@p2,PagingInfo=@p3)"
    path = sent[1].replace("{key}", ID).replace("/roles", "/systemuserroles_association")
    crm = "Microsoft.Dynamics.CRM."
    return sent[0], path.replace("CreateMultiple", f"{crm}CreateMultiple").replace("RetrieveUser", f"{crm}RetrieveUser")
