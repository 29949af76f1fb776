"""What can be seen of a service is asked read-only, and may be sent to anybody."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from carnet.core.examining import observe
from carnet.errors import Throttled
from carnet.flows.events import Progress
from carnet.flows.examine import Part, examine
from carnet.mailboxes.graph import open_mailbox
from carnet.mailboxes.graph.translate import EXTENDED
from carnet.model.examination import Examination, Measure, Observation, Subject
from carnet.ports.examined import Examined
from carnet.testing.emulators.faults import Asked, Fault, Trouble
from carnet.testing.emulators.graph import GraphEmulator
from carnet.testing.emulators.graph_batch import parts_of
from carnet.testing.emulators.graph_mailbox import GraphMailbox
from carnet.words.examination import QUESTIONS, SUBJECTS
from flows.rehearsal import Rehearsal
from gates import graph_gate
from gates.fixtures import client_of, one_mailbox

MICROSOFT = "Integer {00020329-0000-0000-c000-000000000046} Name crmLinkState"


def _seen(emulator: GraphEmulator) -> dict[Measure, Observation]:
    mailbox = open_mailbox(client_of(emulator))
    assert isinstance(mailbox, Examined)
    (found,) = examine([Part(subject=Subject.GRAPH, examine=mailbox.examine)])
    mailbox.close()
    return {each.question: each for each in found.observations}


def _full(contacts: int = 30) -> GraphMailbox:
    mailbox = one_mailbox()
    for number in range(contacts):
        mailbox.add_contact(surname=f"Vauquelin{number}", homePhones=["+33 1 40 00 00 00"] * (1 + number % 2))
    mailbox.add_contact(surname="Suivi", extended={MICROSOFT: "2"})
    mailbox.add_contact(surname="Illisible", emailAddresses=[{"address": "/o=contoso/cn=illisible"}])
    mailbox.categories["Clients secrets"] = "preset3"
    return mailbox


@pytest.fixture
def graph() -> Iterator[GraphEmulator]:
    with GraphEmulator(_full()) as emulator:
        yield emulator


def test_a_mailbox_is_measured(graph: GraphEmulator) -> None:
    seen = {question: each.seen for question, each in _seen(graph).items()}

    assert seen == seen | {
        Measure.ANSWERED: "yes",
        Measure.GRAPH_IDENTITY: "200",
        Measure.GRAPH_ALIASES: "1",
        Measure.GRAPH_DEFAULT_LISTED: "no",
        Measure.GRAPH_FOLDERS: "200, 1 / 200, 1",
        Measure.GRAPH_BATCH: "20 * 200",
        Measure.GRAPH_CONTACTS: "39 / 37",
        Measure.GRAPH_DELTA_USUAL_PAGE: "10",
        Measure.GRAPH_DELTA_TOP: "400 ErrorInvalidUrlQuery",
        Measure.GRAPH_DELTA_EXPAND: "400 ErrorInvalidUrlQuery",
        Measure.GRAPH_DELTA_IDLE: "200, 0",
        Measure.GRAPH_LIST_PAGE: "200, 36",
        Measure.GRAPH_IMMUTABLE: "yes",
        Measure.GRAPH_BY_ID: "200",
        Measure.GRAPH_EXTENDED: "5 / 36",
        Measure.GRAPH_EMAILS: "1",
        Measure.GRAPH_HOME_PHONES: "2",
        Measure.GRAPH_UNPARSED: "1",
        Measure.GRAPH_PRIVATE: "1",
        Measure.GRAPH_TRACKED: "1",
        Measure.GRAPH_CATEGORIES: "200, 1",
    }


def test_where_a_page_ends_is_told_only_where_another_one_follows(graph: GraphEmulator) -> None:
    assert _seen(graph)[Measure.GRAPH_DELTA_LARGEST_PAGE] == Observation(
        question=Measure.GRAPH_DELTA_LARGEST_PAGE, seen="36", expected="512", holds=None
    )
    graph.largest_page = 7
    assert _seen(graph)[Measure.GRAPH_DELTA_LARGEST_PAGE].holds is False
    graph.mine.add_folder("Beaucoup")
    for number in range(600):
        graph.mine.add_contact(list(graph.mine.folders)[-1], surname=f"N{number}")
    graph.largest_page = 512
    assert _seen(graph)[Measure.GRAPH_DELTA_LARGEST_PAGE].holds is True


def test_nothing_but_reading_is_asked_of_the_mailbox(graph: GraphEmulator) -> None:
    before = json.dumps(graph.mine.tick)
    _seen(graph)

    asked = [exchange.asked for exchange in graph.log]
    batches = [each for each in asked if each.path == "/v1.0/$batch"]
    assert {each.method for each in asked if each not in batches} == {"GET"}
    assert {part["method"] for each in batches for part in parts_of(each)} == {"GET"}
    assert len(asked) > 20
    assert graph.requests < 40
    assert json.dumps(graph.mine.tick) == before


def test_what_is_sent_is_what_the_owner_documents(graph: GraphEmulator) -> None:
    """But for the two options of which a refusal is expected."""
    graph.watch(graph_gate.check)
    _seen(graph)

    assert all("delta" in each and ("$top" in each or "$expand" in each) for each in graph.violations), graph.violations


def _personal(mailbox: GraphMailbox) -> set[str]:
    """Every text that the mailbox holds."""
    found = {mailbox.address, mailbox.name, *mailbox.aliases, *mailbox.categories, *mailbox.folders, *mailbox.items}
    found |= {each.name for each in mailbox.folders.values()}

    def walk(value: object) -> None:
        if isinstance(value, str):
            found.add(value)
        elif isinstance(value, dict):
            for each in value.values():
                walk(each)
        elif isinstance(value, list | tuple):
            for each in value:
                walk(each)

    for item in mailbox.items.values():
        walk(item.values)
        walk(item.extended)
        found.add(item.passing_id)
    return {each for each in found if len(each) > 3} - set(EXTENDED)  # the sample's pager is called "pager"


def test_no_personal_datum_id_or_token_is_in_what_was_seen(graph: GraphEmulator) -> None:
    graph.tokens = {"top-secret-token": "me"}
    mailbox = open_mailbox(client_of(graph, user="top-secret-token"))
    (found,) = examine([Part(subject=Subject.GRAPH, examine=mailbox.examine)])
    mailbox.close()
    told = " ".join(f"{each.seen} {each.expected}" for each in found.observations).casefold()

    personal = _personal(graph.mine)
    assert len(personal) > 60
    assert [each for each in personal if each.casefold() in told] == []
    assert "top-secret" not in told
    assert "@" not in told
    assert "127.0.0.1" not in told


def test_what_a_service_says_in_words_of_its_own_is_left_out() -> None:
    assert observe(Measure.GRAPH_IDENTITY, "Zoé <zoe@contoso.com> https://x").seen == "Zo zoecontoso.com httpsx"
    said = json.dumps({"error": {"code": "No mailbox for zoe@contoso.com", "message": "zoe"}}).encode()
    with GraphEmulator(one_mailbox()) as emulator:
        emulator.faults.add(Fault(trouble=Trouble.STATUS, status=403, body=said, when=lambda asked: asked.path == "/v1.0/me"))
        seen = _seen(emulator)[Measure.GRAPH_IDENTITY]
    assert (seen.seen, seen.holds) == ("403", False)


def test_a_right_that_is_missing_is_seen_and_the_rest_is_asked(graph: GraphEmulator) -> None:
    graph.scopes = {"me": frozenset({"User.Read", "Contacts.Read"})}
    seen = _seen(graph)
    assert seen[Measure.GRAPH_CATEGORIES].seen == "403 ErrorAccessDenied, 0"
    assert seen[Measure.GRAPH_DEFAULT].holds is True

    graph.scopes = {"me": frozenset({"User.Read"})}
    seen = _seen(graph)
    assert (seen[Measure.GRAPH_DEFAULT].seen, seen[Measure.GRAPH_DEFAULT].holds) == ("403 ErrorAccessDenied", False)
    assert seen[Measure.ANSWERED].holds is True


def test_a_batch_whose_parts_are_asked_to_wait_is_seen_as_it_was(graph: GraphEmulator) -> None:
    def a_part(asked: Asked) -> bool:
        return asked.part

    wait = Fault(trouble=Trouble.STATUS, when=a_part, times=3, status=429, headers={"Retry-After": "7"})
    graph.faults.add(wait)
    seen = _seen(graph)[Measure.GRAPH_BATCH]
    assert (seen.seen, seen.holds) == ("17 * 200, 3 * 429", False)


def test_a_service_that_cannot_be_asked_says_why_and_the_others_are_asked(graph: GraphEmulator) -> None:
    graph.tokens = {}
    mailbox = open_mailbox(client_of(graph))

    def busy() -> Iterator[Observation]:
        yield observe(Measure.GRAPH_IDENTITY, "200")
        raise Throttled("The other side asks to wait {seconds} seconds.", seconds="60")

    steps: list[Progress] = []
    parts = [Part(subject=Subject.GRAPH, examine=mailbox.examine), Part(subject=Subject.GRAPH, examine=busy)]
    first, second = examine(parts, steps.append)
    mailbox.close()
    assert (first.number, [each.seen for each in first.observations]) == (1, ["CA105"])
    assert (second.number, [each.seen for each in second.observations]) == (2, ["200", "CA203"])
    assert (steps[0].done, steps[-1].done, steps[-1].total) == (0, 2, 2)


def test_an_empty_mailbox_is_measured_too() -> None:
    with GraphEmulator(GraphMailbox("me")) as emulator:
        seen = _seen(emulator)
    assert seen[Measure.ANSWERED].holds is True
    assert seen[Measure.GRAPH_IMMUTABLE].holds is None
    assert Measure.GRAPH_EMAILS not in seen


def test_the_embedded_crm_and_the_database_are_measured(carnet: Rehearsal) -> None:
    store, crm = carnet.world.store, carnet.world.crm
    assert isinstance(store, Examined)
    assert isinstance(crm, Examined)
    found: tuple[Examination, ...] = examine(
        [Part(subject=Subject.STORE, examine=store.examine), Part(subject=Subject.EMBEDDED, examine=crm.examine)]
    )
    seen = {each.question: each for part in found for each in part.observations}
    assert [each.question for each in seen.values() if each.holds is False] == []
    assert (seen[Measure.WHOLE].seen, seen[Measure.LOG].seen) == ("yes", "wal")
    assert seen[Measure.RECORDS].seen == "0 / 0"


def test_every_question_and_subject_has_words() -> None:
    assert set(QUESTIONS) == set(Measure)
    assert set(SUBJECTS) == set(Subject)


def test_each_field_that_the_resource_lacks_is_counted(graph: GraphEmulator) -> None:
    seen = _seen(graph)[Measure.GRAPH_EXTENDED_FIELDS].seen
    assert "business_fax 3" in seen
    assert "pager 3" in seen
    assert "home_page 0" in seen or "anniversary 0" in seen
