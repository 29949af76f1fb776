"""Every record gets exactly one entry, and the same situation always the same plan."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from carnet.core.grouping import group
from carnet.core.normalise import company_key
from carnet.core.planning import fingerprint, plan
from carnet.core.resolving import Resolution, ResolutionKind
from carnet.core.situation import Situation
from carnet.core.summarising import counts
from carnet.model.account import CrmRecord, RecordKind
from carnet.model.choices import AccountChoice, AccountSetting, Choices, MissingAccounts
from carnet.model.contact import Record
from carnet.model.group import Mode
from carnet.model.link import Link
from carnet.model.match import Candidate, Confidence, Match, Suggestion
from carnet.model.plan import Action, Entry, Plan, State
from carnet.model.run import Run
from flows.rehearsal import card

COMPANIES = ("", "Contoso", "CONTOSO", "Contoso Ltd", "Fabrikam")
NAMES = ("", "Ada Lovelace", "Bob Martin", "Zoe")


def situation(records: list[Record], choices: Choices, confidences: list[Confidence], *, several: bool) -> Situation:
    matches, links, found = {}, {}, {}
    for place, (record, confidence) in enumerate(zip(records, confidences, strict=True)):
        candidate = Candidate(kind=RecordKind.CONTACT, id=f"crm-{place}", name="Somebody", active=place % 5 != 0)
        suggestions = (
            (Suggestion(candidate=candidate, confidence=confidence, evidence=()),) if confidence is not Confidence.NONE else ()
        )
        sure = confidence in {Confidence.LINKED, Confidence.CERTAIN}
        matches[record.id] = Match(
            record=record.id, confidence=confidence, target=candidate.id if sure else None, suggestions=suggestions
        )
        found[candidate.id] = CrmRecord(kind=RecordKind.CONTACT, id=candidate.id, values={"surname": "Somebody"}, version="1")
        if confidence is Confidence.LINKED:
            links[record.id] = Link(record=record.id, keys=record.keys, kind=RecordKind.CONTACT, target=candidate.id)
    twins = tuple(Candidate(kind=RecordKind.ACCOUNT, id=f"account-{n}", name="Fabrikam") for n in (1, 2))
    kinds = {key: Resolution(kind=ResolutionKind.MISSING) for key in map(company_key, COMPANIES) if key}
    if several:
        kinds["fabrikam"] = Resolution(kind=ResolutionKind.SEVERAL, accounts=twins)
    return Situation(
        records=records,
        groups=group(records, choices.mode, resolutions=kinds, matches=matches),
        matches=matches,
        links=links,
        found=found,
        resolutions=kinds,
        new_ids={record.id: f"new-{record.id}" for record in records},
        account_ids={key: f"made-{key}" for key in kinds},
        choices=choices,
    )


@st.composite
def situations(draw: st.DrawFn) -> Situation:
    size = draw(st.integers(0, 12))
    records = [
        card(
            draw(st.sampled_from(NAMES)),
            uid=f"uid-{place}",
            company=draw(st.sampled_from(COMPANIES)),
            email1=f"p{place}@example.com",
            categories=draw(st.lists(st.sampled_from(["VIP", "Press"]), max_size=2, unique=True)),
        )
        for place in range(size)
    ]
    choices = Choices(
        mode=draw(st.sampled_from(Mode)),
        company_account=draw(st.booleans()),
        missing_accounts=draw(st.sampled_from(MissingAccounts)),
        communications=draw(st.booleans()),
        include_linked=draw(st.booleans()),
        excluded_groups=draw(st.frozensets(st.sampled_from(["none", "company:contoso", "category:vip"]))),
        account_by_group=draw(st.sampled_from([{}, {"category:press": AccountChoice(setting=AccountSetting.NOT_SET)}])),
    )
    confidences = draw(st.lists(st.sampled_from(Confidence), min_size=size, max_size=size))
    return situation(records, choices, confidences, several=draw(st.booleans()))


def cards(made: Plan) -> list[Entry]:
    return [entry for entry in made.entries if not (entry.record or "").startswith("account:")]


@given(situations())
def test_every_record_has_exactly_one_entry_and_accounts_come_first(case: Situation) -> None:
    made = plan(case)
    assert [entry.record for entry in cards(made)] == [record.id for record in case.records]
    assert [entry.seq for entry in made.entries] == list(range(1, len(made.entries) + 1))
    accounts = [entry for entry in made.entries if (entry.record or "").startswith("account:")]
    assert list(made.entries[: len(accounts)]) == accounts


@given(situations())
def test_at_most_one_new_account_a_company_and_none_unless_asked(case: Situation) -> None:
    made = plan(case)
    new = Counter(entry.target for entry in made.entries if entry.kind is RecordKind.ACCOUNT and entry.action is Action.CREATE)
    assert all(count == 1 for count in new.values())
    if case.choices.missing_accounts is MissingAccounts.WITHOUT:
        assert not new
    parents = {entry.parent.id for entry in made.entries if entry.parent}
    assert {parent for parent in parents if parent.startswith("made-")} <= set(new)


@given(situations())
def test_a_plan_made_again_is_the_same(case: Situation) -> None:
    assert plan(case) == plan(case)


@given(situations())
def test_held_entries_and_open_questions_are_the_same_thing(case: Situation) -> None:
    made = plan(case)
    held = {entry.record for entry in made.entries if entry.state is State.HELD}
    assert held == {record for question in made.questions for record in question.records}
    assert {entry.question for entry in made.entries if entry.question} == {question.key for question in made.questions}


@given(situations())
def test_the_summary_of_any_plan_adds_up(case: Situation) -> None:
    made = plan(case)
    run = Run(number=1, user="u", mailbox="m", crm="c", read=len(case.records) + 3, held_back=1, lists=1, skipped=1)
    before = Counter((entry.action, entry.kind, entry.state, entry.reason) for entry in made.entries)
    assert counts(run, before, updated=0).adds_up
    after: Counter[tuple[Action, RecordKind, State, str]] = Counter(
        (entry.action, entry.kind, State.DONE if entry.state is State.PLANNED else entry.state, entry.reason)
        for entry in made.entries
    )
    summary = counts(run, after, updated=0)
    assert summary.adds_up
    assert summary.waiting == 0


@given(situations(), st.data())
def test_the_fingerprint_changes_with_anything_that_is_written(case: Situation, data: st.DataObject) -> None:
    entries = list(plan(case).entries)
    if not entries:
        return
    place = data.draw(st.integers(0, len(entries) - 1))
    entry = entries[place]
    changes = [
        replace(entry, values={**entry.values, "job_title": "Chief"}),
        replace(entry, target="elsewhere"),
        replace(entry, communications=not entry.communications),
        replace(entry, action=Action.DELETE),
        replace(entry, expects="99"),
    ]
    for changed in changes:
        assert fingerprint([*entries[:place], changed, *entries[place + 1 :]]) != fingerprint(entries)
