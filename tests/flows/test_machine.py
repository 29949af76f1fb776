"""Whatever a person, a colleague and an undo do in whatever order: numbers add up, nobody is made twice, nothing is lost."""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter, defaultdict
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from carnet.crms.embedded.crm import EmbeddedCrm
from carnet.database import Database
from carnet.errors import UnsafePlan
from carnet.flows.apply import apply, resume
from carnet.flows.events import Progress
from carnet.flows.plan import answer
from carnet.flows.summary import counts
from carnet.flows.undo import plan_undo
from carnet.model.account import RecordKind
from carnet.model.change import Operation, Write
from carnet.model.choices import Choices, MissingAccounts
from carnet.model.contact import Record
from carnet.model.decision import Question
from carnet.model.group import Mode
from carnet.model.plan import Action, State
from carnet.model.run import Run, RunKind, RunState
from carnet.ports.crm import CrmCapabilities
from carnet.ports.store import Scope
from flows.rehearsal import ME, TickingClock, card, lay, rehearse

NAMES = ("Ada Lovelace", "Ada King", "Bob Martin", "Zoe", "")
COMPANIES = ("", "Contoso", "CONTOSO", "Contoso Ltd", "Fabrikam")
ADDRESSES = ("", "ada@contoso.com", "bob@contoso.com", "info@fabrikam.com")
FIELDS = ("job_title", "department", "email2")

choices = st.builds(
    Choices,
    mode=st.sampled_from(Mode),
    company_account=st.booleans(),
    missing_accounts=st.sampled_from(MissingAccounts),
    communications=st.booleans(),
    include_linked=st.booleans(),
    excluded_groups=st.sampled_from([frozenset[str](), frozenset({"company:contoso"}), frozenset({"category:vip"})]),
)
cards = st.builds(
    lambda name, **values: (name, values),
    st.sampled_from(NAMES),
    company=st.sampled_from(COMPANIES),
    email1=st.sampled_from(ADDRESSES),
    job_title=st.sampled_from(["", "Analyst"]),
    categories=st.sampled_from([(), ("VIP",), ("VIP", "Press")]),
)


class SmallSteps(EmbeddedCrm):
    """The embedded CRM, three writes at a time."""

    @property
    def capabilities(self) -> CrmCapabilities:
        return CrmCapabilities(chunk=3)


class CarnetMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.cards: list[Record] = []
        self.waiting: list[Run] = []
        self.begun: list[int] = []
        self.folder = Path(tempfile.mkdtemp(prefix="carnet-machine-"))

    @initialize(names=st.lists(cards, min_size=1, max_size=5))
    def open(self, names: list[tuple[str, dict[str, str]]]) -> None:
        crm = SmallSteps(Database(lay(self.folder)), ME, clock=TickingClock(), key="embedded")
        self.carnet = rehearse(self.folder, crm)
        for each in names:
            self.a_card_appears(each)

    def teardown(self) -> None:
        if hasattr(self, "carnet"):
            self.carnet.world.store.close()
            self.carnet.world.crm.close()
        shutil.rmtree(self.folder)

    # What a person does

    @rule(of=cards)
    def a_card_appears(self, of: tuple[str, dict[str, str]]) -> None:
        name, values = of
        self.cards.append(card(name, uid=f"uid-{len(self.cards)}", **values))

    @precondition(lambda self: self.cards)
    @rule(data=st.data(), title=st.sampled_from(["", "Analyst", "Chief"]), company=st.sampled_from(COMPANIES))
    def somebody_gets_another_card(self, data: st.DataObject, title: str, company: str) -> None:
        of = data.draw(st.sampled_from(self.cards)).contact
        values = {"email1": of.get("email1"), "job_title": title, "company": company}
        self.cards.append(card(of.get("full_name"), uid=f"uid-{len(self.cards)}", **values))

    @rule(choices=choices)
    def plan(self, choices: Choices) -> None:
        before = self.carnet.state(), self.links()
        self.waiting.append(self.carnet.plan(self.cards, choices).run)
        assert (self.carnet.state(), self.links()) == before, "planning wrote"

    @precondition(lambda self: self.waiting)
    @rule(data=st.data())
    def approve_later(self, data: st.DataObject) -> None:
        run = self.waiting.pop(data.draw(st.integers(0, len(self.waiting) - 1)))
        self.apply(run)

    @rule(choices=choices)
    def add_and_take_back(self, choices: Choices) -> None:
        before = self.carnet.state(), self.links()
        run = self.apply(self.carnet.plan(self.cards, choices).run)
        assert run is not None
        planned = plan_undo(self.carnet.world, user=ME.id, number=run.number)
        assert planned.keeps == ()
        assert planned.run is not None
        self.apply(planned.run)
        assert (self.carnet.state(), self.links()) == before, "an undo at once left something"

    @rule(choices=choices, stops=st.booleans())
    def add(self, choices: Choices, stops: bool) -> None:
        planned = self.carnet.plan(self.cards, choices)
        run = self.apply(planned.run, stops=stops)
        assert run is not None
        again = self.carnet.plan(self.cards, choices)
        assert again.plan.count(Action.CREATE) == 0, "a second run would add somebody again"

    @precondition(lambda self: any(self.questions(number) for number in self.begun))
    @rule(data=st.data())
    def answer(self, data: st.DataObject) -> None:
        number = data.draw(st.sampled_from([number for number in self.begun if self.questions(number)]))
        question = data.draw(st.sampled_from(self.questions(number)))
        option = data.draw(st.sampled_from([option.value for option in question.options]))
        planned = answer(self.carnet.world, user=ME.id, number=number, answers={question.key: option})
        self.apply(planned.run)

    @precondition(lambda self: self.begun)
    @rule(data=st.data())
    def undo(self, data: st.DataObject) -> None:
        """Of a run, or of an undo."""
        number = data.draw(st.sampled_from(self.begun))
        planned = plan_undo(self.carnet.world, user=ME.id, number=number)
        assert planned.run is not None
        self.apply(planned.run)

    # What a colleague does

    @rule(name=st.sampled_from(NAMES[:4]), address=st.sampled_from(ADDRESSES), title=st.sampled_from(["", "Chief"]))
    def a_colleague_adds_a_contact(self, name: str, address: str, title: str) -> None:
        values = {key: value for key, value in {"email1": address, "job_title": title}.items() if value}
        identity = f"theirs-{len(self.carnet.contacts())}-{len(self.begun)}-{name}"
        given, _, surname = name.partition(" ")
        named = {"given_name": given, "surname": surname or given, **values}
        receipts = self.carnet.world.crm.apply(
            [Write(operation=Operation.CREATE, kind=RecordKind.CONTACT, id=identity, values=named, owner="user-2")]
        )
        assert receipts[0].outcome != "stale"

    @rule(name=st.sampled_from(COMPANIES[1:]))
    def a_colleague_adds_an_account(self, name: str) -> None:
        write = Write(operation=Operation.CREATE, kind=RecordKind.ACCOUNT, id=f"theirs-{name}", values={"name": name})
        self.carnet.world.crm.apply([write])

    @precondition(lambda self: self.carnet.contacts())
    @rule(data=st.data(), field=st.sampled_from(FIELDS), value=st.sampled_from([None, "Chief", "Sales"]))
    def a_colleague_edits(self, data: st.DataObject, field: str, value: str | None) -> None:
        identity = data.draw(st.sampled_from([each.id for each in self.carnet.contacts()]))
        self.carnet.world.crm.apply(
            [Write(operation=Operation.UPDATE, kind=RecordKind.CONTACT, id=identity, values={field: value})]
        )

    @precondition(lambda self: self.carnet.contacts() or self.carnet.accounts())
    @rule(data=st.data())
    def a_colleague_deletes(self, data: st.DataObject) -> None:
        every = [*self.carnet.contacts(), *self.carnet.accounts()]
        kind, identity = data.draw(st.sampled_from([(each.kind, each.id) for each in every]))
        self.carnet.world.crm.apply([Write(operation=Operation.DELETE, kind=kind, id=identity)])

    # What always holds

    @invariant()
    @precondition(lambda self: self.begun)
    def every_summary_adds_up(self) -> None:
        for number in self.begun:
            run = self.carnet.world.store.runs.get(ME.id, number)
            if run.kind is RunKind.ADD:
                summary = counts(self.carnet.world, run)
                assert summary.adds_up, summary
                assert summary.failed == 0 or self.all_foreseen(number), self.failures(number)

    @invariant()
    @precondition(lambda self: self.begun)
    def one_primary_link_for_each_contact(self) -> None:
        primaries: Counter[tuple[RecordKind, str]] = Counter()
        every = self.carnet.world.store.links.all(self.scope())
        for link in every:
            primaries[link.kind, link.target] += link.primary
        assert set(primaries.values()) <= {1}
        assert len({link.record for link in every}) == len(every)

    @invariant()
    @precondition(lambda self: self.begun)
    def nobody_is_made_twice_and_all_are_the_persons_own(self) -> None:
        present = {each.id: each for each in self.carnet.contacts()}
        made: defaultdict[str, set[str]] = defaultdict(set)
        for number in self.begun:
            for entry in self.carnet.world.store.journal.entries(number, states=[State.DONE], actions=[Action.CREATE]):
                if entry.kind is RecordKind.CONTACT and entry.target in present:
                    made[entry.record or ""].add(entry.target or "")
        assert all(len(targets) == 1 for targets in made.values()), made
        assert {present[target].owner for targets in made.values() for target in targets} <= {ME.id}

    # Steps

    def apply(self, run: Run, *, stops: bool = False) -> Run | None:
        """Approve a plan; None where too much has moved."""

        def stop(progress: Progress) -> None:
            if stops and progress.phase == "write":
                self.carnet.world.store.runs.request_stop(ME.id, run.number)

        world = self.carnet.world
        try:
            done = apply(world, user=ME.id, number=run.number, fingerprint=run.fingerprint, watch=stop)
        except UnsafePlan:
            return None
        if done.state is RunState.STOPPED:
            done = resume(world, user=ME.id, number=run.number)
        assert done.state is RunState.DONE
        assert not world.store.journal.pending(run.number, 1)
        if run.number not in self.begun:
            self.begun.append(run.number)
        return done

    def scope(self) -> Scope:
        return Scope(user=ME.id, mailbox="memory", crm=self.carnet.world.crm.key)

    def questions(self, number: int) -> tuple[Question, ...]:
        return self.carnet.world.store.journal.questions(number)

    def links(self) -> set[tuple[str, str, bool]]:
        """The links to CRM records that are there."""
        present = {each.id for each in [*self.carnet.contacts(), *self.carnet.accounts()]}
        every = self.carnet.world.store.links.all(self.scope())
        return {(link.record, link.target, link.communications) for link in every if link.target in present}

    def failures(self, number: int) -> list[tuple[str, str]]:
        failed = self.carnet.world.store.journal.entries(number, states=[State.FAILED])
        return [(entry.action, entry.code) for entry in failed]

    def all_foreseen(self, number: int) -> bool:
        """A parent that a colleague deleted between plan and run is a failure that nobody can prevent."""
        return {code for _, code in self.failures(number)} <= {"unknown_parent"}


TestCarnet = CarnetMachine.TestCase
TestCarnet.settings = settings(
    max_examples=25, stateful_step_count=12, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
