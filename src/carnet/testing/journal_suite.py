"""Does a store keep the promises of the journal: one truth for each run, resumable at any point?

Part of `carnet.testing.store_suite.StoreSuite`, whose fixture `store` it uses.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from carnet.errors import NotFound
from carnet.model.account import Parent, RecordKind
from carnet.model.contact import KeyStrength, SourceKey
from carnet.model.decision import Option, Question, QuestionKind
from carnet.model.link import Link
from carnet.model.match import Candidate, Confidence, Evidence, Suggestion
from carnet.model.plan import Action, Entry, MissingAccount, State
from carnet.model.run import Run, RunKind, RunState
from carnet.ports.store import Scope, Settlement, Store

RUN = 4711
SCOPE = Scope(user="camille", mailbox="mailbox", crm="crm")
CONTACT = RecordKind.CONTACT
MANY = 40
"""Enough calls for two doors to meet."""


def run(number: int = RUN, user: str = "camille") -> Run:
    """A run of that user, planned and never started."""
    return Run(number=number, user=user, mailbox="mailbox", crm="crm")


def entry(seq: int, action: Action = Action.CREATE) -> Entry:
    """An entry of a contact."""
    values = {"surname": f"Durand {seq}"}
    return Entry(seq=seq, action=action, record=f"record {seq}", target=f"target {seq}", values=values)


def link(record: str, target: str = "target") -> Link:
    """A link of that record."""
    keys = (SourceKey(strength=KeyStrength.SEARCH, key=record), SourceKey(strength=KeyStrength.FINGERPRINT, key="print"))
    return Link(record=record, keys=keys, kind=CONTACT, target=target, base={"surname": "Durand"})


def planned(store: Store, entries: Sequence[Entry], number: int = RUN) -> None:
    """A run with those entries."""
    store.runs.save(run(number))
    store.journal.write(number, entries, questions=(), missing=())


def settle(store: Store, entry: Entry, number: int = RUN) -> None:
    """Settle one entry as it is."""
    store.journal.settle(SCOPE, number, [Settlement(entry=entry)])


def seqs(entries: Sequence[Entry]) -> list[int]:
    """Which entries these are."""
    return [entry.seq for entry in entries]


def raises(kind: type[Exception], call: Callable[[], object]) -> bool:
    """Whether the call raises that."""
    try:
        call()
    except kind:
        return True
    return False


def not_found(call: Callable[[], object]) -> None:
    """The call says NotFound."""
    assert raises(NotFound, call), "what is not there, or somebody else's, was found"


class JournalSuite:
    """The promises of `carnet.ports.store.Journal`, one test each."""

    def test_an_entry_comes_back_as_it_was_written(self, store: Store) -> None:
        """With every field that an entry has."""
        whole = Entry(
            seq=1,
            action=Action.LINK,
            kind=CONTACT,
            state=State.HELD,
            record="s:1",
            label="Zoé Durand",
            folder="folder",
            keys=(SourceKey(strength=KeyStrength.IMMUTABLE, key="1"), SourceKey(strength=KeyStrength.NODE, key="2")),
            target="target",
            values={"surname": "Durand", "job_title": None},
            before={"surname": ""},
            parent=Parent(kind=RecordKind.ACCOUNT, id="account", name="Contoso"),
            sets_parent=True,
            expects="7",
            agreed={"email1": "zoe@contoso.com"},
            communications=True,
            confidence=Confidence.CERTAIN,
            evidence=(Evidence(code="email", values={"email": "zoe@contoso.com"}), Evidence(code="name", supports=False)),
            reason="reason",
            question="question",
            to_check=True,
            invented=frozenset({"surname"}),
            too_long={"notes": "x" * 5000},
            code="too_long",
            message="A value is too long",
            version="8",
            reverts=3,
        )
        planned(store, [whole, entry(2)])
        assert store.journal.entries(RUN) == (whole, entry(2))

    def test_questions_and_missing_accounts_come_back_in_order(self, store: Store) -> None:
        """They are replaced as a whole."""
        store.runs.save(run())
        candidate = Candidate(kind=CONTACT, id="1", name="Zoé Durand", emails=("zoe@contoso.com",))
        suggestion = Suggestion(candidate=candidate, confidence=Confidence.LIKELY, evidence=(Evidence(code="name"),))
        options = (Option(value="link:1", label="Zoé Durand"), Option(value="create"))
        asked = [
            Question(key=key, kind=QuestionKind.PERSON, records=("1",), options=options, about="Zoé", suggestions=(suggestion,))
            for key in ("z", "a")
        ]
        missing = [MissingAccount(key=key, title=key.upper(), records=("1", "2"), created=key == "z") for key in ("z", "a")]
        store.journal.write(RUN, [entry(1)], questions=asked, missing=missing)
        assert store.journal.questions(RUN) == tuple(asked)
        assert store.journal.missing_accounts(RUN) == tuple(missing)
        store.journal.write(RUN, [entry(1)], questions=asked[1:], missing=())
        assert store.journal.questions(RUN) == (asked[1],)
        assert store.journal.missing_accounts(RUN) == ()

    def test_a_journal_belongs_to_a_run(self, store: Store) -> None:
        """There is none without it."""
        not_found(lambda: store.journal.write(RUN, [entry(1)], questions=(), missing=()))
        not_found(lambda: settle(store, entry(1)))

    def test_writing_again_replaces_what_is_planned_or_held(self, store: Store) -> None:
        """What was sent, done or failed stays."""
        planned(store, [entry(1), entry(2), entry(3), entry(4), replace(entry(5), state=State.HELD)])
        store.journal.mark_sent(RUN, [2])
        settle(store, replace(entry(3), state=State.DONE))
        settle(store, replace(entry(4), state=State.FAILED))
        store.journal.write(RUN, [entry(6)], questions=(), missing=())
        found = [(one.seq, one.state) for one in store.journal.entries(RUN)]
        assert found == [(2, State.SENT), (3, State.DONE), (4, State.FAILED), (6, State.PLANNED)]

    def test_what_was_sent_is_worked_off_first(self, store: Store) -> None:
        """Its outcome is unknown; then what is planned, by seq, up to the limit."""
        planned(store, [entry(seq) for seq in (5, 3, 1, 4, 2)] + [replace(entry(6), state=State.HELD)])
        store.journal.mark_sent(RUN, [4, 2])
        assert seqs(store.journal.pending(RUN, 10)) == [2, 4, 1, 3, 5]
        assert seqs(store.journal.pending(RUN, 3)) == [2, 4, 1]
        assert seqs(store.journal.pending(RUN, 1)) == [2]
        assert store.journal.pending(RUN + 1, 10) == ()

    def test_what_is_settled_is_not_sent_again(self, store: Store) -> None:
        """Marking it late changes nothing."""
        planned(store, [entry(1), entry(2)])
        settle(store, replace(entry(1), state=State.DONE))
        store.journal.mark_sent(RUN, [1, 2])
        assert [one.state for one in store.journal.entries(RUN)] == [State.DONE, State.SENT]

    def test_settling_keeps_the_entry_as_it_now_is(self, store: Store) -> None:
        """With the values before, the version and the message."""
        planned(store, [entry(1), entry(2)])
        done = replace(entry(1), state=State.DONE, before={"surname": "Old"}, version="9", target="another", message="Éa")
        settle(store, done)
        assert store.journal.entries(RUN) == (done, entry(2))
        assert store.journal.pending(RUN, 10) == (entry(2),)

    def test_settling_makes_and_removes_links(self, store: Store) -> None:
        """By the record of the entry."""
        planned(store, [entry(1), entry(2)])
        store.links.save(SCOPE, [link("record 2", "target 2")])
        made = link("record 1", "target 1")
        removed = replace(entry(2, Action.UNLINK), state=State.DONE)
        both = [Settlement(entry=replace(entry(1), state=State.DONE), link=made), Settlement(entry=removed, unlink=True)]
        store.journal.settle(SCOPE, RUN, both)
        assert store.links.all(SCOPE) == (made,)

    def test_the_generation_rises_with_each_undone_creation(self, store: Store) -> None:
        """So that adding the record again makes a new CRM record."""
        planned(store, [entry(1), entry(2)])
        undone = Settlement(entry=replace(entry(1), state=State.DONE), raise_generation=True)
        store.journal.settle(SCOPE, RUN, [undone])
        store.journal.settle(SCOPE, RUN, [undone])
        settle(store, replace(entry(2), state=State.DONE))
        assert store.links.generations(SCOPE, ["record 1", "record 2", "nobody"]) == {"record 1": 2, "record 2": 0, "nobody": 0}
        assert store.links.generations(replace(SCOPE, user="alex"), ["record 1"]) == {"record 1": 0}

    def test_settling_is_all_or_nothing(self, store: Store) -> None:
        """A settlement that cannot be kept takes the others with it."""
        planned(store, [entry(1), entry(2)])
        twice = (SourceKey(strength=KeyStrength.NODE, key="\ud800"),)
        bad = Settlement(entry=replace(entry(2), state=State.DONE), link=replace(link("record 2"), keys=twice))
        both = [Settlement(entry=replace(entry(1), state=State.DONE), link=link("record 1")), bad]
        assert raises(Exception, lambda: store.journal.settle(SCOPE, RUN, both))
        assert [one.state for one in store.journal.entries(RUN)] == [State.PLANNED] * 2
        assert store.links.all(SCOPE) == ()

    def test_somebody_else_settles_nothing(self, store: Store) -> None:
        """The scope's user must own the run."""
        planned(store, [entry(1)])
        theirs = replace(SCOPE, user="alex")
        not_found(lambda: store.journal.settle(theirs, RUN, [Settlement(entry=replace(entry(1), state=State.DONE))]))
        assert store.journal.entries(RUN) == (entry(1),)

    def test_failed_entries_can_be_tried_again(self, store: Store) -> None:
        """All of them or some; what failed them is forgotten."""
        planned(store, [entry(1), entry(2), entry(3), entry(4)])
        for seq in (1, 2, 3):
            settle(store, replace(entry(seq), state=State.FAILED, code="busy", message="Try again"))
        assert store.journal.retry(RUN, [1, 4]) == 1
        assert store.journal.pending(RUN, 10) == (entry(1), entry(4))
        assert [store.journal.retry(RUN), store.journal.retry(RUN)] == [2, 0]
        assert seqs(store.journal.pending(RUN, 10)) == [1, 2, 3, 4]
        assert store.journal.entries(RUN, query="try again") == ()

    def test_entries_are_counted_by_action_kind_state_and_reason(self, store: Store) -> None:
        """The counts of a run add up to its entries."""
        account = replace(entry(1), kind=RecordKind.ACCOUNT)
        planned(
            store,
            [
                account,
                entry(2),
                entry(3),
                replace(entry(4, Action.SKIP), reason="linked"),
                replace(entry(5, Action.SKIP), reason="out"),
            ],
        )
        settle(store, replace(entry(3), state=State.DONE))
        assert store.journal.counts(RUN) == {
            (Action.CREATE, RecordKind.ACCOUNT, State.PLANNED, ""): 1,
            (Action.CREATE, CONTACT, State.PLANNED, ""): 1,
            (Action.CREATE, CONTACT, State.DONE, ""): 1,
            (Action.SKIP, CONTACT, State.PLANNED, "linked"): 1,
            (Action.SKIP, CONTACT, State.PLANNED, "out"): 1,
        }

    def test_updated_counts_done_links_and_updates_that_wrote(self, store: Store) -> None:
        """Values or a parent; not creations, not what failed."""
        entries = [
            entry(1),
            entry(2, Action.LINK),
            replace(entry(3, Action.LINK), values={}),
            replace(entry(4, Action.UPDATE), values={}, sets_parent=True),
            entry(5, Action.LINK),
        ]
        planned(store, entries)
        for one in entries:
            settle(store, replace(one, state=State.FAILED if one.seq == len(entries) else State.DONE))
        assert store.journal.updated(RUN) == len([2, 4])

    def test_entries_are_found_by_state_action_and_text(self, store: Store) -> None:
        """Case and accents aside, by seq, by page."""
        entries = [
            replace(entry(1), label="Zoé Durand"),
            replace(entry(2, Action.LINK), label="Léo 100%"),
            replace(entry(3, Action.LINK), label="ZOE Martin", state=State.HELD),
            replace(entry(4), state=State.HELD, message="Zoë was changed"),
        ]
        planned(store, entries)
        assert seqs(store.journal.entries(RUN, states=[State.HELD])) == [3, 4]
        assert seqs(store.journal.entries(RUN, actions=[Action.LINK], states=[State.PLANNED, State.HELD])) == [2, 3]
        assert seqs(store.journal.entries(RUN, query="zoe")) == [1, 3, 4]
        assert seqs(store.journal.entries(RUN, query="%")) == [2]
        assert seqs(store.journal.entries(RUN, offset=1, limit=2)) == [2, 3]
        assert seqs(store.journal.entries(RUN, offset=3)) == [4]

    def test_the_history_of_a_crm_record_is_what_was_done_to_it(self, store: Store) -> None:
        """Over all the user's runs, oldest first; what touched nothing is left out."""
        for number, user in ((1, "camille"), (2, "camille"), (3, "alex")):
            store.runs.save(run(number, user))
            entries = [replace(entry(1), target="t"), replace(entry(2, Action.SKIP), target="t"), replace(entry(3), target="t")]
            store.journal.write(number, entries, questions=(), missing=())
        done = replace(entry(1), target="t", state=State.DONE)
        for number, user in ((2, "camille"), (1, "camille"), (3, "alex")):
            settled = [Settlement(entry=done), Settlement(entry=replace(entry(2, Action.SKIP), target="t", state=State.DONE))]
            store.journal.settle(replace(SCOPE, user=user), number, settled)
        assert store.journal.history("camille", CONTACT, "t") == ((2, done), (1, done))
        assert store.journal.history("camille", RecordKind.ACCOUNT, "t") == ()

    def test_who_waits_to_be_brought_into_the_crm_is_told_with_the_newest_run(self, store: Store) -> None:
        """A wizard's plan counts once it is approved, a selection by hand at once; what is skipped, done or undone does not."""
        rows = [entry(1), entry(2, Action.SKIP), entry(3)]
        planned(store, rows)
        assert store.journal.open_records(SCOPE) == {}
        store.runs.save(replace(run(RUN), state=RunState.APPLYING))
        settle(store, replace(rows[0], state=State.DONE), RUN)
        assert store.journal.open_records(SCOPE) == {rows[2].record: RUN}
        by_hand = replace(run(2), kind=RunKind.TRACK)
        store.runs.save(by_hand)
        store.journal.write(2, [rows[2]], questions=(), missing=())
        assert store.journal.open_records(SCOPE) == {rows[2].record: 2}
        assert store.journal.open_records(replace(SCOPE, user="dominique")) == {}
        store.runs.save(replace(by_hand, state=RunState.UNDONE))
        assert store.journal.open_records(SCOPE) == {rows[2].record: RUN}

    def test_what_an_undo_took_back_is_reverted_until_it_is_undone(self, store: Store) -> None:
        """And what the undo kept is not."""
        planned(store, [entry(1), entry(2), entry(3)])
        undo = [
            replace(entry(1, Action.DELETE), reverts=1),
            replace(entry(2, Action.DELETE), reverts=2),
            replace(entry(3, Action.KEEP), reverts=3),
        ]
        self._undo(store, 2, of=RUN, entries=undo)
        assert store.journal.reverted(RUN) == frozenset({1, 2})
        self._undo(store, 3, of=2, entries=[replace(entry(1, Action.CREATE), reverts=1)])
        assert store.journal.reverted(2) == frozenset({1})
        assert store.journal.reverted(RUN) == frozenset({2})
        assert store.journal.reverted(3) == frozenset()

    @staticmethod
    def _undo(store: Store, number: int, *, of: int, entries: Sequence[Entry]) -> None:
        store.runs.save(replace(run(number), kind=RunKind.UNDO, reverts=of, state=RunState.APPLYING))
        store.journal.write(number, entries, questions=(), missing=())
        for one in entries:
            settle(store, replace(one, state=State.DONE), number)

    def test_two_doors_may_settle_at_once(self, store: Store) -> None:
        """Nothing is lost, and nobody is turned away."""
        planned(store, [entry(seq) for seq in range(MANY)])

        def work(seq: int) -> None:
            store.journal.mark_sent(RUN, [seq])
            settled = Settlement(entry=replace(entry(seq), state=State.DONE), link=link(f"record {seq}", f"target {seq}"))
            store.journal.settle(SCOPE, RUN, [settled])

        with ThreadPoolExecutor(max_workers=4) as doors:
            list(doors.map(work, range(MANY)))
        assert {one.state for one in store.journal.entries(RUN)} == {State.DONE}
        assert len(store.links.all(SCOPE)) == MANY
