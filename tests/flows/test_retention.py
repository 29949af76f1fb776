"""Is what a run wrote and replaced forgotten when its time has come, or when a person wants it, and nothing else?"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest

from carnet.core.retaining import kept_until, later
from carnet.errors import NotFound, Refused
from carnet.flows.apply import apply, resume
from carnet.flows.plan import plan
from carnet.flows.retain import expire, forget_run
from carnet.flows.summary import counts
from carnet.flows.undo import plan_undo
from carnet.model.account import RecordKind
from carnet.model.choices import Choices, MissingAccounts
from carnet.model.draft import Draft
from carnet.model.policy import Policy
from carnet.model.run import Run, RunState
from carnet.ports.store import Scope
from flows.rehearsal import COLLEAGUE, ME, Rehearsal, TickingClock, card

MARK = "Quetzalcoatl"
"""A text that stands in one contact alone."""
MARKED = card(
    f"Zoé {MARK}",
    company="Contoso",
    email1=f"zoe.{MARK}@contoso.com",
    notes=f"{MARK} likes maize. " * 400,
    home_street=f"1 rue {MARK}",
)


def at(carnet: Rehearsal, day: str) -> None:
    clock = carnet.world.clock
    assert isinstance(clock, TickingClock)
    clock.moment = datetime.fromisoformat(f"{day}T12:00:00+00:00")


def undo(carnet: Rehearsal, number: int) -> Run:
    planned = plan_undo(carnet.world, user=ME.id, number=number).run
    assert planned is not None
    return apply(carnet.world, user=ME.id, number=planned.number, fingerprint=planned.fingerprint)


def on_disk(carnet: Rehearsal, text: str = MARK) -> bool:
    """Whether the text stands in any byte of the database, its log or anything beside it, in any case."""
    return any(text.lower().encode() in path.read_bytes().lower() for path in carnet.path.iterdir())


@pytest.mark.parametrize(
    ("day", "months", "end"),
    [
        (date(2026, 11, 25), 12, date(2027, 11, 25)),
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2028, 2, 29), 12, date(2029, 2, 28)),
        (date(2026, 12, 31), 2, date(2027, 2, 28)),
    ],
)
def test_months_are_those_of_the_calendar(day: date, months: int, end: date) -> None:
    assert later(day, months) == end


def test_a_run_is_kept_for_twelve_months_to_the_day_and_then_forgotten(carnet: Rehearsal) -> None:
    at(carnet, "2026-11-25")
    run = carnet.add([MARKED])
    assert kept_until(run, carnet.world.policy) == date(2027, 11, 25)

    at(carnet, "2027-11-25")
    assert expire(carnet.world).runs == ()
    assert plan_undo(carnet.world, user=ME.id, number=run.number, dry_run=True).reverts

    at(carnet, "2027-11-26")
    assert expire(carnet.world).runs == (run.number,)
    assert expire(carnet.world).runs == ()
    kept = carnet.world.store.runs.get(ME.id, run.number)
    assert kept.erased_at is not None
    assert kept_until(kept, carnet.world.policy) is None


def test_the_policy_says_how_long(carnet: Rehearsal) -> None:
    carnet.world = replace(carnet.world, policy=Policy(undo_months=1))
    at(carnet, "2026-01-31")
    run = carnet.add([MARKED])
    at(carnet, "2026-03-01")
    assert expire(carnet.world).runs == (run.number,)


def test_a_run_that_ends_forgets_those_before_it_whose_time_is_over(carnet: Rehearsal) -> None:
    first = carnet.add([MARKED])
    at(carnet, "2027-11-26")
    second = carnet.add([card("Ada Lovelace")])
    runs = carnet.world.store.runs
    assert runs.get(ME.id, first.number).erased_at
    assert not runs.get(ME.id, second.number).erased_at


def test_a_forgotten_run_keeps_its_counts_its_links_and_the_crm(carnet: Rehearsal) -> None:
    run = carnet.add([MARKED, card("Ada Lovelace", company="Contoso")], Choices(missing_accounts=MissingAccounts.CREATE))
    before, state = counts(carnet.world, run), carnet.state()

    forget_run(carnet.world, user=ME.id, number=run.number)

    kept = carnet.world.store.runs.get(ME.id, run.number)
    assert counts(carnet.world, kept) == before
    assert carnet.state() == state
    scope = Scope(user=ME.id, mailbox=run.mailbox, crm=run.crm)
    assert len(carnet.world.store.links.all(scope)) == 2
    entries = carnet.world.store.journal.entries(run.number)
    assert len(entries) == 3
    assert not any(entry.label or entry.values or entry.before or entry.too_long or entry.parent for entry in entries)
    assert carnet.plan([MARKED]).plan.entries[0].reason == "already"


def test_a_forgotten_run_cannot_be_undone_resumed_or_applied_and_says_why(carnet: Rehearsal) -> None:
    run = carnet.add([MARKED])
    planned = carnet.plan([card("Ada Lovelace")])
    for number in (run.number, planned.run.number):
        forget_run(carnet.world, user=ME.id, number=number)
    with pytest.raises(Refused, match="can no longer be undone"):
        plan_undo(carnet.world, user=ME.id, number=run.number)
    with pytest.raises(Refused, match="forgotten"):
        resume(carnet.world, user=ME.id, number=run.number)
    with pytest.raises(Refused):
        apply(carnet.world, user=ME.id, number=planned.run.number, fingerprint=planned.run.fingerprint)
    assert len(carnet.contacts()) == 1


def test_a_run_whose_undo_was_forgotten_cannot_be_undone_either(carnet: Rehearsal) -> None:
    run = carnet.add([MARKED])
    again = undo(carnet, undo(carnet, run.number).number)
    forget_run(carnet.world, user=ME.id, number=again.number)
    with pytest.raises(Refused, match="can no longer be undone"):
        plan_undo(carnet.world, user=ME.id, number=run.number)


def test_once_undone_and_forgotten_no_byte_of_a_person_is_left(carnet: Rehearsal) -> None:
    carnet.account("Contoso")
    run = carnet.add([MARKED])
    carnet.plan([MARKED])
    carnet.plan([card(MARK, email1="ada@contoso.com")])
    assert on_disk(carnet)
    undo(carnet, run.number)
    assert not carnet.contacts()
    for each in carnet.world.store.runs.all(ME.id):
        assert forget_run(carnet.world, user=ME.id, number=each.number).clean
    assert not on_disk(carnet)


def test_what_only_the_run_knew_is_gone_while_the_contact_stays(carnet: Rehearsal) -> None:
    run = carnet.add([MARKED])
    assert on_disk(carnet, "likes maize")
    forget_run(carnet.world, user=ME.id, number=run.number)
    assert not on_disk(carnet, "likes maize")
    assert carnet.contacts()[0].values["surname"] == MARK


def test_the_reading_and_the_upload_of_a_forgotten_run_go_too(carnet: Rehearsal, tmp_path: Path) -> None:
    upload = tmp_path / "upload.vcf"
    upload.write_text(MARK)
    reading = carnet.read([MARKED])
    planned = plan(carnet.world, user=ME.id, reading=reading.id, choices=Choices())
    draft = Draft(id="d", user=ME.id, source=str(upload), upload=True, reading=reading.id, run=planned.run.number)
    carnet.world.store.drafts.save(draft)
    apply(carnet.world, user=ME.id, number=planned.run.number, fingerprint=planned.run.fingerprint)

    forget_run(carnet.world, user=ME.id, number=planned.run.number)

    assert not upload.exists()
    assert carnet.world.store.drafts.all(ME.id) == ()
    with pytest.raises(NotFound):
        carnet.world.store.readings.get(ME.id, reading.id)


def test_a_plan_in_an_open_draft_does_not_expire(carnet: Rehearsal) -> None:
    planned = carnet.plan([MARKED])
    carnet.world.store.drafts.save(Draft(id="d", user=ME.id, run=planned.run.number))
    at(carnet, "2030-01-01")
    assert expire(carnet.world).runs == ()


def test_a_run_at_work_is_not_forgotten(carnet: Rehearsal) -> None:
    run = carnet.add([MARKED])
    carnet.world.store.runs.save(replace(run, state=RunState.APPLYING))
    with pytest.raises(Refused, match="at work"):
        forget_run(carnet.world, user=ME.id, number=run.number)
    at(carnet, "2030-01-01")
    assert expire(carnet.world).runs == ()


def test_somebody_elses_run_is_not_forgotten(carnet: Rehearsal) -> None:
    run = carnet.add([MARKED])
    with pytest.raises(NotFound):
        forget_run(carnet.world, user=COLLEAGUE.id, number=run.number)


def test_forgetting_a_run_that_somebody_saves_meanwhile_stays_forgotten(carnet: Rehearsal) -> None:
    run = carnet.add([MARKED])
    forget_run(carnet.world, user=ME.id, number=run.number)
    carnet.world.store.runs.save(replace(carnet.world.store.runs.get(ME.id, run.number), erased_at=None))
    assert carnet.world.store.runs.get(ME.id, run.number).erased_at is not None


def test_companies_of_a_forgotten_run_are_not_named_in_it(carnet: Rehearsal) -> None:
    run = carnet.add([card("Ada Lovelace", company=MARK)], Choices(missing_accounts=MissingAccounts.CREATE))
    forget_run(carnet.world, user=ME.id, number=run.number)
    entry, *_ = carnet.world.store.journal.entries(run.number)
    assert (entry.kind, entry.record, entry.label) == (RecordKind.ACCOUNT, "account:", "")
    assert carnet.world.store.journal.missing_accounts(run.number) == ()
