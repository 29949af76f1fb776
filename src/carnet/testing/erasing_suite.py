"""Does a store keep the promises of forgetting, and of finding somebody?

For authors of stores: subclass it beside `carnet.testing.store_suite.StoreSuite`, whose fixture `store` it uses.
"""

from __future__ import annotations

from dataclasses import replace

from carnet.model.choices import Choices
from carnet.model.decision import Question, QuestionKind
from carnet.model.draft import Draft
from carnet.model.plan import MissingAccount, State
from carnet.model.run import RunKind, RunState
from carnet.ports.store import Store
from carnet.testing.journal_suite import RUN, SCOPE, entry, link, planned, run, settle

UNDO, AGAIN, OTHER = RUN + 1, RUN + 2, RUN + 3


class ErasingSuite:
    """What of a run is forgotten and what stays, and where somebody is found."""

    def test_an_erased_run_keeps_its_rows_without_what_they_said(self, store: Store) -> None:
        """Counts and targets stay; values, names, questions and missing accounts go."""
        planned(store, [entry(1), entry(2)])
        settle(store, replace(entry(1), state=State.DONE))
        question = Question(key="q", kind=QuestionKind.NO_NAME, records=("record 2",), options=())
        missing = MissingAccount(key="contoso", title="Contoso", records=("record 2",))
        store.journal.write(RUN, [entry(2)], questions=[question], missing=[missing])
        before = store.journal.counts(RUN)

        store.erasing.erase([RUN])

        assert store.journal.counts(RUN) == before
        for each in store.journal.entries(RUN):
            assert not any((each.values, each.label, each.keys))
            assert each.target == f"target {each.seq}"
        assert store.journal.questions(RUN) == ()
        assert store.journal.missing_accounts(RUN) == ()

    def test_an_erased_run_has_no_choices_and_says_since_when(self, store: Store) -> None:
        """Source, label, choices and answers go."""
        chosen = Choices(excluded_records=frozenset({"record 1"}))
        store.runs.save(replace(run(), source="ann.vcf", label="ann.vcf", choices=chosen, answers={"q": "skip"}))
        store.erasing.erase([RUN])
        kept = store.runs.get("camille", RUN)
        assert kept.erased_at is not None
        assert (kept.source, kept.label, kept.choices, dict(kept.answers)) == ("", "", Choices(), {})

    def test_saving_a_run_again_does_not_bring_it_back(self, store: Store) -> None:
        """Somebody may hold the run as it was."""
        store.runs.save(run())
        store.erasing.erase([RUN])
        store.runs.save(run())
        assert store.runs.get("camille", RUN).erased_at is not None

    def test_only_the_runs_named_are_erased_and_links_stay(self, store: Store) -> None:
        """Other runs keep their values."""
        planned(store, [entry(1)])
        planned(store, [entry(1)], OTHER)
        store.links.save(SCOPE, [link("record 1")])
        store.erasing.erase([RUN])
        assert store.journal.entries(OTHER)[0].values == entry(1).values
        assert len(store.links.all(SCOPE)) == 1

    def test_runs_with_values_are_told_whosever_they_are(self, store: Store) -> None:
        """But for those at work, in an open draft, or erased."""
        store.runs.save(run())
        store.runs.save(run(UNDO, user="dominique"))
        store.runs.save(replace(run(AGAIN), state=RunState.APPLYING))
        store.runs.save(run(OTHER))
        store.drafts.save(Draft(id="draft", user="camille", run=OTHER))
        assert {each.number for each in store.erasing.kept()} == {RUN, UNDO}
        store.erasing.erase([RUN])
        assert {each.number for each in store.erasing.kept()} == {UNDO}

    def test_undos_and_their_undos_are_told(self, store: Store) -> None:
        """The whole chain, in its order."""
        for number, reverts in ((RUN, None), (UNDO, RUN), (AGAIN, UNDO), (OTHER, None)):
            store.runs.save(replace(run(number), kind=RunKind.UNDO if reverts else RunKind.ADD, reverts=reverts))
        assert store.erasing.undoing(RUN) == (UNDO, AGAIN)
        assert store.erasing.undoing(OTHER) == ()

    def test_the_file_can_be_cleaned_while_the_store_is_open(self, store: Store) -> None:
        """Nothing else uses it."""
        planned(store, [entry(1)])
        store.erasing.erase([RUN])
        assert store.erasing.scrub()
        assert store.journal.counts(RUN)

    def test_somebody_is_found_in_values_by_record_and_by_target(self, store: Store) -> None:
        """In any case, in entries and links."""
        planned(store, [entry(1), entry(2), entry(3)])
        store.links.save(SCOPE, [link("record 1", "target 1"), replace(link("record 9", "target 9"), base={})])
        assert [each.seq for _, each in store.mentions.of("camille", "DURAND 2", targets=[]).entries] == [2]
        found = store.mentions.of("camille", "nobody", targets=["target 3", "target 9"])
        assert [(number, each.seq) for number, each in found.entries] == [(RUN, 3)]
        assert [(box, each.target) for box, each in found.links] == [(SCOPE.mailbox, "target 9")]

    def test_nothing_of_somebody_elses_is_found(self, store: Store) -> None:
        """Everything is scoped by user."""
        planned(store, [entry(1)])
        store.links.save(SCOPE, [link("record 1", "target 1")])
        found = store.mentions.of("dominique", "Durand", targets=["target 1"])
        assert not any((found.entries, found.links, found.cards, found.questions, found.remembered))

    def test_a_pattern_is_a_text_like_any_other(self, store: Store) -> None:
        """No sign stands for another."""
        planned(store, [entry(1)])
        assert store.mentions.of("camille", "%", targets=[]).entries == ()
        assert store.mentions.of("camille", "Durand_1", targets=[]).entries == ()
