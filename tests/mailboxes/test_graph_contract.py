"""Does the mailbox of Microsoft 365 keep the promises of the ports, with Microsoft's contract watching?"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

import pytest
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from hypothesis.strategies import integers, sampled_from

from carnet.errors import CarnetError, NotAllowed, NotFound, NotSignedIn, Unavailable
from carnet.mailboxes.graph import GraphMailbox as Adapter
from carnet.mailboxes.graph import open_mailbox
from carnet.mailboxes.graph.translate import contact_of
from carnet.model.card import CardWrite
from carnet.model.change import Operation, Outcome
from carnet.model.contact import Record
from carnet.ports.live import LiveMailbox
from carnet.ports.mailbox import Mailbox
from carnet.testing.emulators.faults import Asked, Fault, Trouble
from carnet.testing.emulators.graph import GraphEmulator
from carnet.testing.emulators.graph_mailbox import GraphMailbox
from carnet.testing.live_suite import LiveMailboxSuite, read_all
from carnet.testing.mailbox_suite import Expected, MailboxSuite
from gates import graph_gate
from gates.fixtures import client_of, one_mailbox, quick_gate, watched_graph
from mailboxes.microsoft365 import SENSITIVITY, Outlook

T = TypeVar("T")


@pytest.fixture
def graph() -> Iterator[GraphEmulator]:
    with watched_graph(GraphEmulator(one_mailbox(), GraphMailbox("owner", shared_with=("me",)))) as emulator:
        yield emulator


@pytest.fixture
def opened(graph: GraphEmulator) -> Iterator[Adapter]:
    adapter = open_mailbox(client_of(graph), shared=["owner@contoso.com"])
    yield adapter
    adapter.close()


class TestGraphMailbox(MailboxSuite):
    @pytest.fixture
    def mailbox(self, opened: Adapter) -> Mailbox:
        return opened

    @pytest.fixture
    def expected(self, graph: GraphEmulator) -> Expected:
        first, second = graph.mine.folders
        closed = frozenset({"shared:owner@contoso.com", "shared:owner@contoso.com:contacts-owner"})
        return Expected(records={first: 3, second: 2}, held_back=1, private=("Confidence",), closed=closed)


class TestLiveGraphMailbox(LiveMailboxSuite):
    @pytest.fixture
    def mailbox(self, opened: Adapter) -> LiveMailbox:
        return opened

    @pytest.fixture
    def hands(self, graph: GraphEmulator) -> Outlook:
        return Outlook(graph.mine)


def test_the_contact_is_read_whole_extended_properties_included(opened: Adapter) -> None:
    records, _ = read_all(opened)
    found = next(record.contact for record in records.values() if record.contact.get("surname") == "Durand")
    wanted = {
        "given_name": "Zoé",
        "full_name": "Zoé Durand",
        "company": "Contoso",
        "email1": "durand1@contoso.com",
        "business_phone": "+33 4 72 00 00 01",
        "business_city": "Lyon",
        "birthday": "1981-02-28",
        "pager": "pager",
        "business_fax": "+33 4 72 00 01 01",
    }
    assert {key: found.get(key) for key in wanted} == wanted
    assert found.categories == ("Clients",)


def test_p07_w06_somebody_elses_folder_is_shown_and_never_read(opened: Adapter, graph: GraphEmulator) -> None:
    graph.mailboxes["owner"].add_contact(surname="Ailleurs")
    shown = opened.folders()[-1]
    assert (shown.selectable, shown.reason) == (False, "delegate")
    with pytest.raises(NotAllowed):
        list(opened.read(shown.id))
    of_owner = [each.asked.path for each in graph.log if "/users/" in each.asked.path]
    assert of_owner
    assert [path for path in of_owner if "/contacts" in path.partition("/contactFolders/")[2].partition("/")[2]] == []


@pytest.mark.parametrize("in_list", [True, False])
def test_the_default_folder_is_found_whether_or_not_the_list_names_it(in_list: bool) -> None:
    with watched_graph(GraphEmulator(one_mailbox(), default_in_list=in_list)) as emulator:
        adapter = open_mailbox(client_of(emulator))
        folders = adapter.folders()
        assert [(folder.name, folder.is_default) for folder in folders] == [("Contacts", True), ("Clients", False)]
        adapter.close()


def test_the_default_folder_is_found_by_its_contacts_where_its_name_is_not_known(graph: GraphEmulator, opened: Adapter) -> None:
    graph.knows_names = False
    assert [(folder.name, folder.is_default) for folder in opened.folders()[:2]] == [("Contacts", True), ("Clients", False)]
    assert len(read_all(opened)[0]) == 5
    for item in list(graph.mine.items.values()):
        graph.mine.delete(item.id)
    with pytest.raises(NotFound):
        opened.folders()


def test_the_identity_is_the_primary_address_and_aliases_stand_apart(opened: Adapter) -> None:
    identity = opened.identity()
    assert (identity.address, identity.aliases) == ("camille@contoso.com", ("c.roche@contoso.com",))


def test_what_microsofts_own_app_tracks_is_recognised(graph: GraphEmulator, opened: Adapter) -> None:
    named = "{00020329-0000-0000-c000-000000000046} Name"
    extended = {f"Integer {named} crmLinkState": "2", f"String {named} crmid": "an-id", f"String {named} crmorgid": "an-org"}
    graph.mine.add_contact(surname="Suivi", extended=extended)
    found = next(record.contact for record in read_all(opened)[0].values() if record.contact.get("surname") == "Suivi")
    assert {key: found.extras[key] for key in ("crm_state", "crm_id", "crm_org")} == {
        "crm_state": "2",
        "crm_id": "an-id",
        "crm_org": "an-org",
    }


def test_a_first_reading_asks_twice_for_each_page_and_once_for_each_folder() -> None:
    mailbox = GraphMailbox("me")
    folders = [mailbox.default, *(mailbox.add_folder(f"F{number}") for number in range(4))]
    for number in range(2500):
        mailbox.add_contact(folders[number % 5], surname=f"N{number}")
    with watched_graph(GraphEmulator(mailbox, largest_page=100)) as emulator:
        adapter = open_mailbox(client_of(emulator))
        adapter.identity()
        places = adapter.folders()
        before = emulator.requests
        adapter.prepare([folder.id for folder in places])
        found = [record for folder in places for page in adapter.read(folder.id) for record in page.records]
        assert len({record.id for record in found}) == 2500
        assert emulator.requests - before == 2 * 5 * 5
        assert before <= 6
        adapter.close()


def test_a_reading_that_was_broken_off_misses_nobody_though_rows_moved_up_meanwhile() -> None:
    mailbox = GraphMailbox("me")
    for number in range(12):
        mailbox.add_contact(surname=f"N{number}")
    with watched_graph(GraphEmulator(mailbox, largest_page=4)) as emulator:
        begun = open_mailbox(client_of(emulator))
        first = next(iter(begun.read(mailbox.default)))
        begun.close()
        for record in first.records[:2]:
            mailbox.delete(record.id.removeprefix("i:"))
        opened = open_mailbox(client_of(emulator))
        rest = [record.id for page in opened.read(mailbox.default, first.cursor) for record in page.records]
        opened.close()
    assert {f"i:{item.id}" for item in mailbox.visible(mailbox.default)} == {*rest, *(each.id for each in first.records[2:])}
    assert len(rest) == len(set(rest)) == 8


def test_who_moves_up_a_page_while_pages_are_read_is_read_all_the_same() -> None:
    mailbox = GraphMailbox("me")
    for number in range(12):
        mailbox.add_contact(surname=f"N{number}", extended={"String 0x3a21": f"pager {number}"})
    with watched_graph(GraphEmulator(mailbox, largest_page=4)) as emulator:
        opened = open_mailbox(client_of(emulator))
        records: list[Record] = []
        for page in opened.read(mailbox.default):
            if not records:
                mailbox.delete(page.records[0].id.removeprefix("i:"))
            records += page.records
        opened.close()
    assert [each.contact.get("surname") for each in records] == [f"N{number}" for number in (*range(4), *range(5, 12), 4)]
    assert records[-1].contact.get("pager") == "pager 4"


def test_an_idle_look_is_one_request(graph: GraphEmulator, opened: Adapter) -> None:
    _, laters = read_all(opened)
    before = graph.requests
    assert not opened.changes(laters)
    assert graph.requests - before == 1


def test_a_folder_fetched_ahead_is_let_go_when_nobody_takes_it(graph: GraphEmulator) -> None:
    for number in range(3000):
        graph.mine.add_contact(surname=f"N{number}")
    adapter = open_mailbox(client_of(graph))
    adapter.prepare([folder.id for folder in adapter.folders()])
    adapter.close()


class LatePool(ThreadPoolExecutor):
    """Begins what it is given a little later, as a busy computer does."""

    def submit(self, work: Callable[..., T], /, *given: Any, **named: Any) -> Future[T]:
        def late() -> T:
            time.sleep(0.2)
            return work(*given, **named)

        return super().submit(late)


def within_reason(step: Callable[[], object]) -> BaseException | None:
    """What a step raises, None where it ends well; one that waits for ever is a failure."""
    raised: list[BaseException] = []

    def run() -> None:
        try:
            step()
        except (CarnetError, LookupError) as error:
            raised.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(timeout=30)
    assert not thread.is_alive(), "it waits for ever"
    return next(iter(raised), None)


def everything(adapter: Adapter) -> list[Record]:
    """Each folder, fetched ahead."""
    places = [folder for folder in adapter.folders() if folder.selectable]
    adapter.prepare([folder.id for folder in places])
    return [record for folder in places for page in adapter.read(folder.id) for record in page.records]


def test_a_folder_that_is_taken_before_its_fetching_has_begun_is_read(opened: Adapter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("carnet.mailboxes.graph.reading.ThreadPoolExecutor", LatePool)
    assert within_reason(lambda: everything(opened)) is None


def test_an_answer_that_nobody_foresaw_ends_a_reading_ahead(graph: GraphEmulator, opened: Adapter) -> None:
    odd = json.dumps({"value": [{"no": "id"}]}).encode()
    graph.faults.add(Fault(trouble=Trouble.STATUS, status=200, body=odd, when=lambda asked: asked.path.endswith("/delta")))
    assert isinstance(within_reason(lambda: everything(opened)), KeyError)


def _listing(asked: Asked) -> bool:
    return asked.path.endswith("/contacts") and not asked.part


def _in_batch(asked: Asked) -> bool:
    return asked.part and asked.method == "GET"


def busy(when: Callable[[Asked], bool], times: int = 1) -> Fault:
    body = json.dumps({"error": {"code": "TooManyRequests", "message": "…"}}).encode()
    return Fault(trouble=Trouble.STATUS, when=when, times=times, status=429, headers={"Retry-After": "7"}, body=body)


FAULTS: dict[str, Callable[[], Fault]] = {
    "throttled in the middle": lambda: busy(_listing),
    "throttled inside a batch": lambda: busy(_in_batch, 3),
    "broken": lambda: Fault(trouble=Trouble.STATUS, when=_listing, status=503),
    "hung up": lambda: Fault(trouble=Trouble.HANG_UP, when=_listing, times=2),
    "hung up after": lambda: Fault(trouble=Trouble.HANG_UP_AFTER, when=_listing, times=2),
    "a row twice": lambda: Fault(trouble=Trouble.DUPLICATE_ROWS, when=_listing),
    "another order": lambda: Fault(trouble=Trouble.REORDERED_ROWS, when=_listing),
}


@pytest.mark.parametrize("name", FAULTS)
def test_nothing_is_lost_or_doubled_when_the_service_stumbles(name: str, graph: GraphEmulator, opened: Adapter) -> None:
    fault = FAULTS[name]()
    graph.faults.add(fault)
    records, laters = read_all(opened)
    assert {record.contact.get("surname") for record in records.values()} == {"Durand", "Martin", "Lefèvre", "Renard", "Petit"}
    graph.mine.add_contact(surname="Nouveau")
    assert [record.contact.get("surname") for record in opened.changes(laters).records] == ["Nouveau"]
    assert graph.faults.left == 0


def test_a_create_that_was_not_answered_is_not_made_twice(graph: GraphEmulator, opened: Adapter) -> None:
    graph.faults.add(Fault(trouble=Trouble.HANG_UP_AFTER, when=lambda asked: b"POST" in asked.body))
    (receipt,) = opened.write([CardWrite(operation=Operation.CREATE, values={"surname": "Unique"}, key="once")])
    assert receipt.outcome is Outcome.ALREADY
    assert sum(item.values.get("surname") == "Unique" for item in graph.mine.items.values()) == 1


def test_a_create_that_could_not_be_recognised_again_cannot_be_asked_for() -> None:
    with pytest.raises(ValueError, match="operation key"):
        CardWrite(operation=Operation.CREATE, values={"surname": "Sans"})


def test_addresses_are_known_by_place_where_the_service_does_not_name_them() -> None:
    addresses = [{"address": f"a{number}@contoso.com"} for number in range(4)]
    contact = contact_of({"surname": "X", "emailAddresses": [*addresses, {"name": "poste"}]})
    assert contact.emails == tuple(each["address"] for each in addresses)
    assert contact.unresolved == ("poste",)


def test_a_missing_right_is_named(graph: GraphEmulator, opened: Adapter) -> None:
    graph.scopes = {"me": frozenset({"User.Read"})}
    with pytest.raises(NotAllowed, match=r"Contacts\.Read"):
        opened.folders()


def test_a_sign_in_that_no_longer_holds_is_told(graph: GraphEmulator, opened: Adapter) -> None:
    graph.tokens = {}
    with pytest.raises(NotSignedIn):
        opened.identity()


def test_a_service_that_stays_broken_is_told(graph: GraphEmulator, opened: Adapter) -> None:
    graph.faults.add(Fault(trouble=Trouble.HANG_UP, times=99))
    with pytest.raises(Unavailable):
        opened.identity()


class Mirror(RuleBasedStateMachine):
    """A mirror kept by changes alone is the mailbox, whatever people do in it."""

    def __init__(self) -> None:
        super().__init__()
        self.emulator = GraphEmulator(one_mailbox(), largest_page=2)
        self.emulator.watch(graph_gate.check)
        self.emulator.start()
        self.hands = Outlook(self.emulator.mine)
        self.adapter = open_mailbox(client_of(self.emulator, gate=quick_gate()))
        self.mirror, self.laters = read_all(self.adapter)

    def teardown(self) -> None:
        self.adapter.close()
        self.emulator.stop()
        assert not self.emulator.violations

    def _some(self, number: int) -> str | None:
        ids = sorted(item.id for item in self.emulator.mine.items.values() if not item.is_list)
        return f"i:{ids[number % len(ids)]}" if ids else None

    @rule(number=integers(0, 9), private=sampled_from([False, False, True]))
    def add(self, number: int, private: bool) -> None:
        self.hands.add(f"Nom {number}", private=private)

    @rule(number=integers(0, 99), what=sampled_from(["rename", "hide", "move", "delete"]))
    def change(self, number: int, what: str) -> None:
        if record := self._some(number):
            getattr(self.hands, what)(*((record, f"Autre {number}") if what == "rename" else (record,)))

    @rule()
    def forget(self) -> None:
        self.hands.expire()

    @rule(trouble=sampled_from([Trouble.HANG_UP, Trouble.HANG_UP_AFTER]))
    def stumble(self, trouble: Trouble) -> None:
        self.emulator.faults.add(Fault(trouble=trouble))

    @invariant()
    def the_mirror_is_the_mailbox(self) -> None:
        changes = self.adapter.changes(self.laters)
        if changes.expired:
            self.mirror, self.laters = read_all(self.adapter)
        else:
            for gone in changes.gone:
                self.mirror.pop(gone, None)
            self.mirror |= {record.id: record for record in changes.records}
            self.laters = dict(changes.cursors)
        assert _said(self.mirror) == _truth(self.emulator.mine)


def _said(records: dict[str, Record]) -> dict[str, tuple[str, str]]:
    return {key: (record.folder, record.contact.get("surname")) for key, record in records.items()}


def _truth(mailbox: GraphMailbox) -> dict[str, tuple[str, str]]:
    shown = [item for item in mailbox.items.values() if not item.is_list and item.extended.get(SENSITIVITY, "0") == "0"]
    return {f"i:{item.id}": (item.folder, item.values.get("surname", "")) for item in shown}


TestMirror = Mirror.TestCase
TestMirror.settings = settings(max_examples=25, stateful_step_count=12, deadline=None)
