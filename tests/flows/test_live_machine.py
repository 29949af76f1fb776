"""Whatever people do in Outlook and in the CRM, whatever the network does, and wherever Carnet dies: no twin, no lost edit."""

from __future__ import annotations

import atexit
import itertools
import json
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from carnet.crms.embedded.crm import EmbeddedCrm
from carnet.database import Database
from carnet.errors import Deferred, Refused, UnsafePlan
from carnet.flows.apply import apply
from carnet.flows.connect import connect_mailbox
from carnet.flows.mailbox import take
from carnet.flows.plan import plan
from carnet.flows.refresh import fork, refresh
from carnet.flows.summary import counts, undo_counts
from carnet.flows.track import plan_untrack, set_parent, track
from carnet.flows.undo import plan_undo
from carnet.mailboxes.graph import open_mailbox
from carnet.model.account import CrmRecord, Parent, RecordKind
from carnet.model.change import Operation, Write
from carnet.model.choices import Choices
from carnet.model.connection import Connection, Service, SignInKind
from carnet.model.plan import Action, State
from carnet.model.run import Run, RunState
from carnet.ports.crm import CrmCapabilities
from carnet.ports.store import Scope
from carnet.ports.world import World
from carnet.testing.emulators.faults import Asked, Fault, Faults, Trouble
from carnet.testing.emulators.graph import GraphEmulator
from carnet.testing.emulators.graph_mailbox import GraphMailbox
from flows.mortal import Countdown, Killed, mortal, mortal_mailbox
from flows.rehearsal import COLLEAGUE, ME, CountingIds, Rehearsal, TickingClock, rehearse
from gates import graph_gate
from gates.fixtures import client_of

T = TypeVar("T")
PEOPLE = (("Ada", "Lovelace"), ("Bob", "Martin"), ("Clara", "Nowak"), ("Zoé", "Petit"), ("Jürgen", "Weiß"))
TRIES = 12

people = st.sampled_from(PEOPLE)
deaths = st.just(0) | st.integers(1, 40) | st.integers(-40, -1)
"""The step at which Carnet dies, 0 for never."""


def is_part(asked: Asked) -> bool:
    return asked.part


def is_change(asked: Asked) -> bool:
    return "$deltatoken" in asked.query


def is_whole(asked: Asked) -> bool:
    return not asked.part


def refusal(status: int, when: Callable[[Asked], bool], code: str = "OnDemand") -> Fault:
    headers = {"Retry-After": "3"} if status in {429, 503} else {}
    body = json.dumps({"error": {"code": code, "message": "…"}}).encode()
    return Fault(trouble=Trouble.STATUS, when=when, status=status, headers=headers, body=body)


TROUBLES: tuple[Callable[[], Fault], ...] = (
    lambda: refusal(429, is_whole),
    lambda: refusal(429, is_part),
    lambda: refusal(503, is_whole),
    lambda: refusal(504, is_part),
    lambda: refusal(410, is_change, "SyncStateNotFound"),
    lambda: Fault(trouble=Trouble.HANG_UP),
    lambda: Fault(trouble=Trouble.HANG_UP_AFTER),
    lambda: Fault(trouble=Trouble.DUPLICATE_ROWS),
    lambda: Fault(trouble=Trouble.REORDERED_ROWS, times=2),
    lambda: Fault(trouble=Trouble.HANG_UP, times=5),
)


def email_of(person: tuple[str, str]) -> str:
    return f"{person[0]}@contoso.example".lower()


class SmallSteps(EmbeddedCrm):
    """The embedded CRM, two writes at a time."""

    @property
    def capabilities(self) -> CrmCapabilities:
        return CrmCapabilities(chunk=2)


class Dynamics:
    """The CRM of the machine: how Carnet opens it, and what colleagues do in it meanwhile."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.colleague = rehearse(folder)

    def open(self) -> Rehearsal:
        """Carnet, opened once more over the same files."""
        crm = SmallSteps(Database(self.folder / "carnet.db"), ME, clock=TickingClock(), key="embedded")
        return rehearse(self.folder, crm)

    def contacts(self) -> list[CrmRecord]:
        return self.colleague.contacts()

    def add(self, identity: str, person: tuple[str, str]) -> None:
        values = {"given_name": person[0], "surname": person[1], "email1": email_of(person)}
        self._write(Write(operation=Operation.CREATE, kind=RecordKind.CONTACT, id=identity, values=values, owner=COLLEAGUE.id))

    def account(self, identity: str, name: str) -> Parent:
        self._write(Write(operation=Operation.CREATE, kind=RecordKind.ACCOUNT, id=identity, values={"name": name}))
        return Parent(kind=RecordKind.ACCOUNT, id=identity, name=name)

    def edit(self, identity: str, title: str) -> None:
        self._write(Write(operation=Operation.UPDATE, kind=RecordKind.CONTACT, id=identity, values={"job_title": title}))

    def delete(self, identity: str) -> None:
        self._write(Write(operation=Operation.DELETE, kind=RecordKind.CONTACT, id=identity))

    def close(self) -> None:
        self.colleague.world.store.close()
        self.colleague.world.crm.close()

    def _write(self, write: Write) -> None:
        self.colleague.write(write)


def migrated() -> Path:
    """An empty database, made once and copied for each example."""
    folder = Path(tempfile.mkdtemp(prefix="carnet-live-"))
    atexit.register(shutil.rmtree, folder)
    world = rehearse(folder).world
    world.crm.close()
    world.store.close()
    return folder


class LiveMachine(RuleBasedStateMachine):
    template: Path | None = None
    carnet: Rehearsal

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="carnet-live-"))
        self.numbers = itertools.count(1)
        self.titles: dict[str, str] = {}
        self.lost: set[str] = set()
        self.chosen: set[str] = set()
        self.waiting: list[Run] = []
        self.begun: dict[int, Run] = {}

    @initialize(someone=st.lists(people, min_size=1, max_size=4, unique=True))
    def open(self, someone: list[tuple[str, str]]) -> None:
        LiveMachine.template = LiveMachine.template or migrated()
        shutil.copy(LiveMachine.template / "carnet.db", self.folder / "carnet.db")
        mailbox = GraphMailbox("me", address=ME.address)
        self.places = [mailbox.default, mailbox.add_folder("Clients")]
        self.graph = GraphEmulator(mailbox)
        self.graph.watch(graph_gate.check)
        self.graph.start()
        self.crm = Dynamics(self.folder)
        self.above = self.crm.account("acc-1", "Northwind")
        self.ids, self.clock = CountingIds(), TickingClock()
        self.reopen()
        described = Connection(id="c1", user=ME.id, service=Service.GRAPH, label="", url=self.graph.url, sign_in=SignInKind.NONE)
        self.connect(described)
        for person in someone:
            self.a_card_is_made(person, place=0)

    def teardown(self) -> None:
        try:
            if hasattr(self, "carnet"):
                self.everything_settles()
        finally:
            if hasattr(self, "crm"):
                self.graph.stop()
                self.carnet.world.store.close()
                self.carnet.world.crm.close()
                self.crm.close()
            shutil.rmtree(self.folder)
        if hasattr(self, "graph"):
            assert self.graph.violations == []

    # Outlook

    @rule(person=people, place=st.integers(0, 1))
    def a_card_is_made(self, person: tuple[str, str], place: int) -> None:
        self.graph.mine.add_contact(
            self.places[place],
            givenName=person[0],
            surname=person[1],
            companyName="Fabrikam",
            emailAddresses=[{"name": person[1], "address": email_of(person)}],
        )

    @precondition(lambda self: self.graph.mine.items)
    @rule(data=st.data(), what=st.sampled_from(["edit", "move", "delete", "hide"]))
    def a_card_changes(self, data: st.DataObject, what: str) -> None:
        mailbox = self.graph.mine
        identity = data.draw(st.sampled_from(sorted(mailbox.items)))
        if what == "edit":
            mailbox.edit(identity, department=f"Department {next(self.numbers)}")
        elif what == "move":
            mailbox.move(identity, next(each for each in self.places if each != mailbox.items[identity].folder))
        elif what == "delete":
            mailbox.delete(identity)
        else:
            mailbox.edit(identity, extended={"Integer 0x36": "2"}, personalNotes="whispered")

    @rule()
    def the_server_forgets_its_tokens(self) -> None:
        self.graph.mine.expire()

    @rule(what=st.lists(st.sampled_from(TROUBLES), min_size=1, max_size=3))
    def trouble_is_coming(self, what: Sequence[Callable[[], Fault]]) -> None:
        self.graph.faults.add(*(each() for each in what))

    # The CRM

    @rule(person=people)
    def a_colleague_adds_somebody_the_crm_lacks(self, person: tuple[str, str]) -> None:
        if not any(each.values.get("email1") == email_of(person) for each in self.crm.contacts()):
            self.crm.add(f"colleague-{next(self.numbers)}", person)

    @rule(data=st.data(), deletes=st.booleans())
    def a_colleague_edits_or_deletes(self, data: st.DataObject, deletes: bool) -> None:
        if not (present := sorted(each.id for each in self.crm.contacts())):
            return
        identity = data.draw(st.sampled_from(present))
        if deletes:
            self.crm.delete(identity)
            self.lost.add(identity)
            self.titles.pop(identity, None)
        else:
            self.titles[identity] = f"Title {next(self.numbers)}"
            self.crm.edit(identity, self.titles[identity])

    # Carnet

    @rule(death=deaths, dies_again=deaths)
    def the_wizard_adds_all(self, death: int, dies_again: int) -> None:
        self.apply(self.planned(death), dies_again)

    @rule(death=deaths)
    def a_plan_waits(self, death: int) -> None:
        self.waiting.append(self.planned(death))

    @precondition(lambda self: self.waiting)
    @rule(data=st.data(), death=deaths, goes_on=st.booleans())
    def a_waiting_plan_is_approved(self, data: st.DataObject, death: int, goes_on: bool) -> None:
        run = self.waiting.pop(data.draw(st.integers(0, len(self.waiting) - 1)))
        self.apply(run, death, goes_on=goes_on)

    @rule(data=st.data(), verb=st.sampled_from(["track", "set_parent", "keep", "delete"]), both=st.tuples(deaths, deaths))
    def a_few_are_chosen(self, data: st.DataObject, verb: str, both: tuple[int, int]) -> None:
        death, dies_again = both
        self.refreshed(0)
        records = [each.id for each in self.carnet.world.store.readings.records(self.connection.reading)]
        if not records:
            return
        some = data.draw(st.lists(st.sampled_from(records), min_size=1, max_size=3, unique=True))

        def choose(world: World) -> Run | None:
            reading = self.connection.reading
            if verb == "track":
                return track(world, user=ME.id, reading=reading, records=some).run
            if verb == "set_parent":
                return set_parent(world, user=ME.id, reading=reading, records=some, parent=self.above).run
            return plan_untrack(world, user=ME.id, reading=reading, records=some, delete=verb == "delete").run

        try:
            run = self.survive(choose, death)
        except Refused:  # none of them is tracked
            return
        if run is not None:
            if verb in {"track", "set_parent"}:
                self.chosen |= set(some)
            self.apply(run, dies_again)

    @precondition(lambda self: self.begun)
    @rule(data=st.data(), death=deaths, dies_again=deaths)
    def a_run_is_taken_back(self, data: st.DataObject, death: int, dies_again: int) -> None:
        number = data.draw(st.sampled_from(sorted(self.begun)))
        if self.carnet.world.store.runs.get(ME.id, number).state is not RunState.DONE:
            return
        edited = {each.id for each in self.crm.contacts() if each.id in self.titles}
        undo = self.survive(lambda world: plan_undo(world, user=ME.id, number=number).run, death)
        if undo is not None:
            self.apply(undo, dies_again)
        assert edited <= {each.id for each in self.crm.contacts()} | self.lost, "an undo took an edited contact away"

    @rule()
    def everything_settles(self) -> None:
        """The trouble is over, and a person goes on: every card is linked, or asked about; a second run finds nothing to do."""
        self.graph.faults = Faults()
        for run in list(self.begun.values()):
            if self.carnet.world.store.runs.get(ME.id, run.number).state is RunState.APPLYING:
                self.apply(run, 0)
        for again in (False, True):
            before = self.says()
            last = self.planned(0)
            self.apply(last, 0)
            self.assert_no_gap(last)
            summary = counts(self.carnet.world, last)
            if again:
                assert (summary.added, summary.linked, summary.updated) == (0, 0, 0)
                assert self.says() == before

    # What always holds

    @invariant()
    @precondition(lambda self: hasattr(self, "carnet"))
    def nobody_is_in_the_crm_twice(self) -> None:
        found = Counter(each.values.get("email1", "") for each in self.crm.contacts())
        assert all(number == 1 for number in found.values()), found

    @invariant()
    @precondition(lambda self: hasattr(self, "carnet"))
    def what_a_colleague_wrote_is_there(self) -> None:
        present = {each.id: each.values.get("job_title", "") for each in self.crm.contacts()}
        kept = {identity: title for identity, title in self.titles.items() if identity in present}
        assert kept == {identity: present[identity] for identity in kept}

    @invariant()
    @precondition(lambda self: hasattr(self, "carnet"))
    def nobody_is_in_the_crm_whom_nobody_chose(self) -> None:
        """T16: what nobody selected is never sent, whatever is read."""
        made = {
            entry.record
            for number in self.begun
            for entry in self.carnet.world.store.journal.entries(number, actions=[Action.CREATE], states=[State.DONE])
            if entry.kind is RecordKind.CONTACT
        }
        assert made <= self.chosen

    @invariant()
    @precondition(lambda self: hasattr(self, "carnet"))
    def outlook_is_never_written_to(self) -> None:
        written = [
            each.asked.method for each in self.graph.log if each.asked.method != "GET" and not each.asked.path.endswith("/$batch")
        ]
        assert written == []

    @invariant()
    @precondition(lambda self: hasattr(self, "carnet"))
    def a_link_has_one_record_and_one_of_them_is_primary(self) -> None:
        scope = Scope(user=ME.id, mailbox=self.connection.key, crm=self.carnet.world.crm.key)
        links = self.carnet.world.store.links.all(scope)
        assert len({link.record for link in links}) == len(links)
        assert set(Counter(link.target for link in links if link.primary).values()) <= {1}

    # Steps

    def reopen(self) -> None:
        """Begin again, as after the process was killed."""
        if hasattr(self, "carnet"):
            self.carnet.world.store.close()
            self.carnet.world.crm.close()
        self.carnet = self.crm.open()
        self.carnet.world = replace(self.carnet.world, ids=self.ids, clock=self.clock)

    def connect(self, described: Connection) -> None:
        mailbox = open_mailbox(client_of(self.graph))
        try:
            self.connection = connect_mailbox(self.carnet.world, described, mailbox)
        finally:
            mailbox.close()

    def survive(self, step: Callable[[World], T], death: int) -> T:
        """What comes of a step: once Carnet may die in it, and it is tried until the other side answers."""
        countdown = Countdown(death)
        for _ in range(TRIES):
            try:
                return step(mortal(self.carnet.world, countdown) if countdown.deadly else self.carnet.world)
            except Killed:
                countdown = Countdown()
                self.reopen()
            except Deferred:
                continue
        raise AssertionError("the trouble has no end")

    def refreshed(self, death: int) -> None:
        def step(world: World) -> Connection:
            mine = world.store.connections.get(ME.id, self.connection.id)
            mailbox = open_mailbox(client_of(self.graph))
            try:
                return refresh(world, mine, mortal_mailbox(mailbox, Countdown(death)))
            finally:
                mailbox.close()

        self.connection = self.survive(step, death)

    def planned(self, death: int) -> Run:
        """The wizard's plan over the whole mailbox as it is now; it may die while it reads or plans."""
        self.refreshed(death)

        def step(world: World) -> Run:
            reading = take(world, fork(world, self.connection))
            return plan(world, user=ME.id, reading=reading.id, choices=Choices()).run

        run = self.survive(step, death)
        self.chosen |= {each.id for each in self.carnet.world.store.readings.records(run.reading)}
        return run

    def apply(self, run: Run, death: int, *, goes_on: bool = True) -> None:
        """Approve a plan; where Carnet dies in it, a person goes on, now or later. Nothing where too much has moved."""

        def step(world: World) -> Run:
            again = world.store.runs.get(ME.id, run.number)
            reopen = (lambda: open_mailbox(client_of(self.graph))) if again.reading else None
            return apply(world, user=ME.id, number=run.number, fingerprint=again.fingerprint, reopen=reopen)

        try:
            done = self.survive(step, death) if goes_on else self.once(step, death)
        except UnsafePlan:
            return
        if done is None:
            if self.carnet.world.store.runs.get(ME.id, run.number).approved:
                self.begun[run.number] = run
            return
        assert done.state is RunState.DONE
        self.begun[run.number] = done
        self.assert_true(done)

    def once(self, step: Callable[[World], T], death: int) -> T | None:
        """What comes of a step that nobody takes again."""
        try:
            return step(mortal(self.carnet.world, Countdown(death)))
        except Killed:
            self.reopen()
        except Deferred:
            return None
        return None

    def assert_true(self, run: Run) -> None:
        """The summary says what is there."""
        journal, present = self.carnet.world.store.journal, {each.id for each in self.crm.contacts()} | self.lost
        if run.kind.takes_back:
            assert undo_counts(self.carnet.world, run)["waiting"] == 0
            gone = journal.entries(run.number, actions=[Action.DELETE], states=[State.DONE])
            assert not {entry.target for entry in gone} & (present - self.lost)
            return
        summary = counts(self.carnet.world, run)
        assert summary.adds_up, summary
        assert (summary.waiting, summary.failed) == (0, 0)
        made = journal.entries(run.number, actions=[Action.CREATE], states=[State.DONE])
        assert summary.added == len(made)
        assert {entry.target for entry in made} <= present

    def assert_no_gap(self, run: Run) -> None:
        """Every card that is not private is in the CRM and linked, or held with a question."""
        world = self.carnet.world
        scope = Scope(user=ME.id, mailbox=self.connection.key, crm=world.crm.key)
        present = {each.id for each in self.crm.contacts()}
        linked = {link.record for link in world.store.links.all(scope) if link.target in present}
        held = {entry.record for entry in world.store.journal.entries(run.number, states=[State.HELD])}
        cards = {
            f"i:{each.id}"
            for each in self.graph.mine.items.values()
            if each.extended.get("Integer 0x36") != "2" and not each.is_list
        }
        assert cards == {each.id for each in world.store.readings.records(self.connection.reading)}
        assert cards <= linked | held

    def says(self) -> set[tuple[object, ...]]:
        """What the CRM says of contacts."""
        return {(each.id, each.parent and each.parent.id, *sorted(each.values.items())) for each in self.crm.contacts()}


TestLive = LiveMachine.TestCase
TestLive.settings = settings(max_examples=10, stateful_step_count=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
