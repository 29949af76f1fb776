"""How are the contacts that a run held decided afterwards?"""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from carnet.core.permitting import WRITES
from carnet.flows.plan import answer
from carnet.model.account import RecordKind
from carnet.model.plan import Action, Plan, State
from carnet.model.run import Run
from carnet.web import running
from carnet.web.asking import EDITABLE, bulk_answers, cards_needed, sent_answers, sent_edits, topics
from carnet.web.door import Form, Known, Visit, go, text
from carnet.web.planning import leaving, tally

router = APIRouter(prefix="/runs/{number}/decide")


@router.get("")
def decide(visit: Known, number: int, *, kind: str = "", page: int = 1) -> HTMLResponse:
    """What is held, side by side, and what the answers so far would write."""
    return _decide(visit, visit.world.store.runs.get(visit.user, number), kind=kind, page=page)


@router.post("")
def take_answers(visit: Known, number: int, form: Form) -> Response:
    """Keep the answers and decide again; on Add contacts work them off."""
    verb, _, what = text(form, "go").partition(":")
    questions = visit.world.store.journal.questions(number)
    answers = sent_answers(form, questions)
    if verb == "bulk":
        answers |= bulk_answers(text(form, f"bulk:{what}"), kind=what, questions=questions)
    edits = sent_edits(form)
    run = visit.world.store.runs.get(visit.user, number)
    if answers or edits:
        run = answer(visit.world, user=visit.user, number=number, answers=answers, edits=edits).run
    if verb == "page":
        kind, _, page = what.partition(":")
        return go(f"/runs/{number}/decide", kind=kind, page=page, ask=text(form, "ask"))
    if verb == "back":
        return go(f"/runs/{number}")
    if verb == "add":
        if text(form, "fingerprint") != run.fingerprint:
            return go(f"/runs/{number}/decide", said="moved")
        running.apply_run(visit, run, fingerprint=run.fingerprint)
        return go(f"/runs/{number}/progress")
    return go(f"/runs/{number}/decide", said="saved" if answers or edits else "nothing")


def _decide(visit: Visit, run: Run, *, kind: str, page: int) -> HTMLResponse:
    journal = visit.world.store.journal
    questions = journal.questions(run.number)
    needed = cards_needed(questions)
    records = visit.world.store.readings.records(run.reading, ids=needed) if run.reading else ()
    waiting = journal.entries(run.number, states=[State.PLANNED, State.HELD])
    planned = Plan(entries=tuple(entry for entry in waiting if entry.state is State.PLANNED))
    changes = {entry.record: entry.evidence for entry in waiting if entry.record and entry.reason in {"changed", "card_changed"}}
    writes = any(entry.action in WRITES for entry in planned.entries)
    return visit.page(
        "decide.html",
        run=run,
        plan=planned,
        tally=tally(planned),
        topics=topics(
            questions,
            records={record.id: record for record in records},
            changes=changes,
            kind=kind,
            page=page,
            query=visit.query.get("ask", ""),
        ),
        leaving=leaving(planned.entries, RecordKind.CONTACT),
        leaving_accounts=leaving(planned.entries, RecordKind.ACCOUNT),
        too_long=[entry for entry in planned.entries if entry.too_long],
        why_not="" if writes else visit.words.t("Answer a question and save: nothing is to be added yet."),
        editable=EDITABLE,
        Action=Action,
        RecordKind=RecordKind,
    )
