"""Whatever people do in Outlook and in the CRM, whatever the network does, and wherever Carnet dies: no twin, no lost edit."""

from __future__ import annotations

import itertools
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

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
from carnet.model.account import RecordKind
from carnet.model.choices import Choices
from carnet.model.connection import Connection, Service, SignInKind
from carnet.model.plan import Action, State
from carnet.model.run import Run, RunState
from carnet.ports.store import Scope
from carnet.ports.world import World
from carnet.testing.emulators.faults import Fault, Faults
from carnet.testing.emulators.graph import GraphEmulator
from carnet.testing.emulators.graph_mailbox import GraphMailbox
from flows.live_world import IN_THE_CRM, PEOPLE, TROUBLES, Side, dynamics_side, email_of, embedded_side, new_card
from flows.mortal import Countdown, Killed, mortal, mortal_mailbox
from flows.rehearsal import ME, CountingIds, Rehearsal, TickingClock, lay
from gates.fixtures import client_of, watched_graph

T = TypeVar("T")
TRIES = 20

people = st.sampled_from(PEOPLE)
deaths = st.just(0) | st.integers(1, 40) | st.integers(-40, -1)
"""The step at which Carnet dies, 0 for never."""


class LiveMachine(RuleBasedStateMachine):
    carnet: Rehearsal
    side: Callable[[Path], AbstractContextManager[Side]]

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="carnet-live-"))
        self.open_things = ExitStack()
        self.numbers = itertools.count(1)
        self.titles: dict[str, str] = {}
        self.lost: set[str] = set()
        self.chosen: set[str] = set()
        self.waiting: list[Run] = []
        self.begun: dict[int, Run] = {}

    @initialize(someone=st.lists(people, min_size=1, max_size=4, unique=True))
    def open(self, someone: list[tuple[str, str]]) -> None:
        lay(self.folder)
        mailbox = GraphMailbox("me", address=ME.address)
        self.places = [mailbox.default, mailbox.add_folder("Clients")]
        self.graph = self.open_things.enter_context(watched_graph(GraphEmulator(mailbox)))
        self.crm = self.open_things.enter_context(type(self).side(self.folder))
        self.above = self.crm.account("Northwind")
        self.ids, self.clock = CountingIds(), TickingClock()
        self.reopen()
        described = Connection(id="c1", user=ME.id, service=Service.GRAPH, label="", url=self.graph.url, sign_in=SignInKind.NONE)
        self.connect(described)
        for person in someone:
            self.a_card_is_made(person, place=0)

    def teardown(self) -> None:
        with self.open_things:
            try:
                if hasattr(self, "carnet"):
                    self.everything_settles()
            finally:
                if hasattr(self, "carnet"):
                    self.carnet.world.store.close()
                    self.carnet.world.crm.close()
        shutil.rmtree(self.folder)

    # Outlook

    @rule(person=people, place=st.integers(0, 1))
    def a_card_is_made(self, person: tuple[str, str], place: int) -> None:
        new_card(self.graph.mine, self.places[place], person)

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
    def outlook_is_in_trouble(self, what: Sequence[Callable[[], Fault]]) -> None:
        self.graph.faults.add(*(each() for each in what))

    @rule(what=st.lists(st.sampled_from(IN_THE_CRM), min_size=1, max_size=3))
    def the_crm_is_in_trouble(self, what: Sequence[Callable[[], Fault]]) -> None:
        for each in what:
            self.crm.trouble(each())

    # The CRM

    @rule(person=people)
    def a_colleague_adds_somebody_the_crm_lacks(self, person: tuple[str, str]) -> None:
        if not any(each.email == email_of(person) for each in self.crm.contacts()):
            self.crm.add(next(self.numbers), person)

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

    @rule(data=st.data(), death=deaths)
    def a_colleague_is_faster(self, data: st.DataObject, death: int) -> None:
        """Somebody of the plan comes into the CRM by another way before it is approved."""
        run, there = self.planned(0), {each.email for each in self.crm.contacts()}
        cards = {each.contact.get("email1") for each in self.carnet.world.store.readings.records(run.reading)} - there
        if missing := [person for person in PEOPLE if email_of(person) in cards]:
            self.crm.add(next(self.numbers), data.draw(st.sampled_from(missing)))
        self.apply(run, death)

    @rule()
    def a_plan_waits(self) -> None:
        self.waiting.append(self.planned(0))

    @precondition(lambda self: self.waiting)
    @rule(data=st.data(), death=deaths, goes_on=st.booleans())
    def a_waiting_plan_is_approved(self, data: st.DataObject, death: int, goes_on: bool) -> None:
        run = self.waiting.pop(data.draw(st.integers(0, len(self.waiting) - 1)))
        self.apply(run, death, goes_on=goes_on)

    @rule(data=st.data(), verb=st.sampled_from(["track", "set_parent", "keep", "delete"]), both=st.tuples(deaths, deaths))
    def a_few_are_chosen(self, data: st.DataObject, verb: str, both: tuple[int, int]) -> None:
        death, dies_again = both
        self.refreshed(0)
        if not (records := [each.id for each in self.carnet.world.store.readings.records(self.connection.reading)]):
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
        edited = {each.id for each in self.crm.contacts()} & set(self.titles)
        undo = self.survive(lambda world: plan_undo(world, user=ME.id, number=number), death)
        assert not undo.unknown, "the journal does not know what the run has created"
        if undo.run is not None:
            self.apply(undo.run, dies_again)
        assert edited <= {each.id for each in self.crm.contacts()} | self.lost, "an undo took an edited contact away"

    @rule()
    def everything_settles(self) -> None:
        """The trouble is over, and a person goes on: every card is linked, or asked about; a second run finds nothing to do."""
        self.graph.faults = Faults()
        self.crm.calm()
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
    def nobody_is_in_the_crm_twice(self) -> None:
        found = Counter(each.email for each in self.crm.contacts())
        assert all(number == 1 for number in found.values()), found

    @invariant()
    def what_a_colleague_wrote_is_there(self) -> None:
        present = {each.id: each.title for each in self.crm.contacts()}
        kept = {identity: title for identity, title in self.titles.items() if identity in present}
        assert kept == {identity: present[identity] for identity in kept}

    @invariant()
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
    def outlook_is_never_written_to(self) -> None:
        asked = [each.asked for each in self.graph.log]
        assert [each.method for each in asked if each.method != "GET" and not each.path.endswith("/$batch")] == []

    @invariant()
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
        countdown, last = Countdown(death), ""
        for _ in range(TRIES):
            try:
                return step(mortal(self.carnet.world, countdown) if countdown.deadly else self.carnet.world)
            except Killed:
                countdown = Countdown()
                self.reopen()
            except Deferred as error:
                last = repr(error)
        raise AssertionError(f"the trouble has no end: {last}")

    def refreshed(self, death: int) -> None:
        in_the_mailbox = Countdown(death)

        def step(world: World) -> Connection:
            mine = world.store.connections.get(ME.id, self.connection.id)
            mailbox = open_mailbox(client_of(self.graph))
            try:
                return refresh(world, mine, mortal_mailbox(mailbox, in_the_mailbox))
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
        if self.carnet.world.store.runs.get(ME.id, run.number).approved:
            self.begun[run.number] = run
        if done is not None:
            assert done.state is RunState.DONE
            self.assert_true(done)

    def once(self, step: Callable[[World], T], death: int) -> T | None:
        """What comes of a step that nobody takes again."""
        try:
            return step(mortal(self.carnet.world, Countdown(death)))
        except (Killed, Deferred):
            self.reopen()
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
        return {(each.id, *each.says) for each in self.crm.contacts()}


class OnTheEmbeddedCrm(LiveMachine):
    """Outlook on Microsoft 365, and the CRM that Carnet keeps itself."""

    side = staticmethod(embedded_side)


class OnDynamics(LiveMachine):
    """Outlook on Microsoft 365, and Dynamics 365."""

    side = staticmethod(dynamics_side)


SETTINGS = settings(
    max_examples=8,
    stateful_step_count=10,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    phases=(Phase.explicit, Phase.reuse, Phase.generate),  # to make a failure smaller would take an hour
)
TestOnTheEmbeddedCrm = OnTheEmbeddedCrm.TestCase
TestOnTheEmbeddedCrm.settings = SETTINGS
TestOnDynamics = OnDynamics.TestCase
TestOnDynamics.settings = SETTINGS
