"""Every card read has one fate, and accounts are counted beside."""

from __future__ import annotations

from carnet.core.summarising import counts, undo_counts
from carnet.model.account import RecordKind
from carnet.model.plan import Action, State
from carnet.model.run import Run

ACCOUNT, CONTACT = RecordKind.ACCOUNT, RecordKind.CONTACT
DONE, HELD, FAILED, PLANNED, SENT = State.DONE, State.HELD, State.FAILED, State.PLANNED, State.SENT


def test_a_summary_adds_up_and_an_account_is_no_card() -> None:
    tally = {
        (Action.CREATE, CONTACT, DONE, ""): 7,
        (Action.CREATE, CONTACT, FAILED, ""): 1,
        (Action.CREATE, CONTACT, SENT, ""): 1,
        (Action.CREATE, ACCOUNT, DONE, ""): 2,
        (Action.CREATE, ACCOUNT, FAILED, ""): 1,
        (Action.CREATE, ACCOUNT, HELD, "changed"): 1,
        (Action.LINK, CONTACT, DONE, ""): 3,
        (Action.LINK, CONTACT, HELD, "changed"): 1,
        (Action.LINK, CONTACT, PLANNED, ""): 2,
        (Action.LINK, CONTACT, DONE, "twin"): 2,
        (Action.LINK, ACCOUNT, DONE, "company_card"): 1,
        (Action.ASK, ACCOUNT, HELD, "company_card"): 1,
        (Action.UPDATE, CONTACT, DONE, "already"): 2,
        (Action.SKIP, CONTACT, DONE, "already"): 4,
        (Action.SKIP, ACCOUNT, DONE, "already"): 1,
        (Action.SKIP, CONTACT, DONE, "not_selected"): 5,
    }
    run = Run(number=1, user="u", mailbox="m", crm="c", read=37, held_back=3, lists=2, skipped=1)
    made = counts(run, tally, updated=4)
    assert (made.added, made.linked, made.twins, made.updated, made.already) == (7, 6, 2, 4, 7)
    assert (made.held, made.failed, made.not_selected, made.left_out) == (2, 1, 5, 6)
    assert (made.accounts_created, made.waiting) == (2, 3)
    assert made.adds_up


def test_an_empty_run_adds_up_to_nothing() -> None:
    assert counts(Run(number=1, user="u", mailbox="m", crm="c"), {}, updated=0).adds_up


def test_an_undo_is_counted_by_what_it_did() -> None:
    tally = {
        (Action.DELETE, CONTACT, DONE, ""): 5,
        (Action.DELETE, ACCOUNT, DONE, ""): 2,
        (Action.DELETE, CONTACT, FAILED, ""): 1,
        (Action.UNLINK, CONTACT, DONE, "edited"): 3,
        (Action.UPDATE, CONTACT, DONE, ""): 1,
        (Action.CREATE, ACCOUNT, DONE, ""): 1,
        (Action.LINK, CONTACT, DONE, ""): 1,
        (Action.KEEP, CONTACT, DONE, "edited"): 4,
        (Action.UNLINK, CONTACT, HELD, "changed"): 1,
        (Action.DELETE, CONTACT, PLANNED, ""): 6,
    }
    assert undo_counts(tally) == {
        "contacts_deleted": 5,
        "accounts_deleted": 2,
        "unlinked": 3,
        "restored": 1,
        "put_back": 2,
        "kept": 4,
        "held": 1,
        "failed": 1,
        "waiting": 6,
    }
