"""What exactly will be written, and what must be decided first?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response
from starlette.datastructures import FormData

from carnet.core.deciding import ALREADY
from carnet.core.gathering import together
from carnet.core.permitting import WRITES
from carnet.flows.mailbox import remember_if_nothing_to_do
from carnet.flows.plan import Planned
from carnet.model.account import RecordKind
from carnet.model.choices import AccountChoice, AccountSetting, Choices, MissingAccounts, Preset
from carnet.model.contact import Record
from carnet.model.decision import Question
from carnet.model.draft import Draft, Step
from carnet.model.plan import Action, MissingAccount, Plan
from carnet.model.run import Run, RunState
from carnet.web import looking, running, twins
from carnet.web.asking import EDITABLE, bulk_answers, cards_needed, sent_answers, sent_edits, topics
from carnet.web.door import Form, Known, Visit, go, text
from carnet.web.drafts import Drafted, cancel, change
from carnet.web.paging import Leaf, turn
from carnet.web.planning import leaving, plan_draft, tally
from carnet.web.rows import parse_parent
from carnet.web.wizard_names import COMPANY
from carnet.words.runs import SYNCHRONISED

router = APIRouter(prefix="/wizard/{draft}")


@router.get("/review")
def review(visit: Known, draft: Drafted, *, kind: str = "", page: int = 1) -> Response:
    """4: the plan; only this page has Add contacts."""
    if not draft.reading:
        return go(f"/wizard/{draft.id}/welcome")
    started = _started(visit, draft)
    if started:
        return go(f"/runs/{started.number}")
    draft = change(visit, draft, step=Step.REVIEW)
    if looking.waits(visit, draft, looking.Awaited.REVIEW):
        return looking.waiting_page(draft, looking.Awaited.REVIEW, said=visit.query.get("said", ""))
    draft, planned = plan_draft(visit, draft)
    remember_if_nothing_to_do(visit.world, planned.run)
    return _review(visit, draft, planned, kind=kind, page=page)


@router.post("/review")
def decide(visit: Known, draft: Drafted, form: Form) -> Response:
    """Keep the answers, plan again, and on Add contacts run the plan that was seen."""
    verb, _, what = text(form, "go").partition(":")
    if verb == "cancel":
        cancel(visit, draft)
        return go("/", said="cancelled")
    started = _started(visit, draft)
    if started:
        return go(f"/runs/{started.number}")
    draft = _keep(visit, draft, form)
    if verb == "add":
        return _add(visit, draft, fingerprint=text(form, "fingerprint"))
    return _onward(draft, form, verb=verb, what=what)


def _onward(draft: Draft, form: FormData, *, verb: str, what: str) -> Response:
    """The page behind a button that writes nothing."""
    base = f"/wizard/{draft.id}"
    if verb == "back":
        return go(f"/mailbox/{draft.choices.by_hand}/contacts" if draft.choices.by_hand else f"{base}/groups")
    if verb == "page":
        kind, _, page = what.partition(":")
        return go(f"{base}/review", kind=kind, page=page, ask=text(form, "ask"))
    if verb == "missing":
        return go(f"{base}/review", missing=what, company=text(form, "company"))
    if verb in twins.VERBS:
        return twins.onward(draft, form, verb=verb, what=what)
    picks = [key for key, value in _sent_companies(form).items() if value == AccountSetting.PICKED]
    waiting = [what] if verb == "pick" else [key for key in picks if not _has_parent(draft.choices, key)]
    return go(f"{base}/pick", key=COMPANY + waiting[0]) if waiting else go(f"{base}/review", said="saved")


def _add(visit: Visit, draft: Draft, *, fingerprint: str) -> Response:
    """Run the plan, if it is still the one on the page; else show it again."""
    if looking.waits(visit, draft, looking.Awaited.REVIEW):
        return looking.waiting_page(draft, looking.Awaited.REVIEW, said="moved")
    draft, planned = plan_draft(visit, draft)
    if fingerprint != planned.run.fingerprint:
        return go(f"/wizard/{draft.id}/review", said="moved")
    running.apply_run(visit, planned.run, fingerprint=fingerprint, draft=draft)
    return go(f"/runs/{planned.run.number}/progress")


def _started(visit: Visit, draft: Draft) -> Run | None:
    """The draft's run, once it was approved."""
    if draft.run is None:
        return None
    run = visit.world.store.runs.get(visit.user, draft.run)
    return run if run.approved or run.state is not RunState.PLANNED else None


def _open_questions(visit: Visit, draft: Draft) -> tuple[Question, ...]:
    return visit.world.store.journal.questions(draft.run) if draft.run else ()


def _keep(visit: Visit, draft: Draft, form: FormData) -> Draft:
    """The draft with what the page said of accounts, links, names and questions."""
    questions = _open_questions(visit, draft)
    answers = {**draft.answers, **sent_answers(form, questions)}
    verb, _, what = text(form, "go").partition(":")
    if verb == "bulk":
        answers |= bulk_answers(text(form, f"bulk:{what}"), kind=what, questions=questions)
    apart, edits = twins.said(visit, draft, form)
    answers |= apart
    if verb == "reopen":
        answers = {}
    for record, values in sent_edits(form).items():
        edits[record] = {**edits.get(record, {}), **values}
    choices = replace(
        draft.choices,
        include_linked=text(form, "include_linked") == "1",
        fields=Preset(what) if verb == "fields" and what in set(Preset) else draft.choices.fields,
        missing_accounts=MissingAccounts(text(form, "missing") or draft.choices.missing_accounts),
        account_by_company=_companies(draft.choices, _sent_companies(form)),
        edits=edits,
    )
    return change(visit, draft, choices=choices, answers=answers)


def _sent_companies(form: FormData) -> dict[str, str]:
    return {name.removeprefix("company:"): str(value) for name, value in form.items() if name.startswith("company:")}


def _has_parent(choices: Choices, key: str) -> bool:
    return key in choices.account_by_company and choices.account_by_company[key].parent is not None


def _companies(choices: Choices, sent: Mapping[str, str]) -> dict[str, AccountChoice]:
    """What each missing company gets; "" follows the choice for all of them."""
    kept = dict(choices.account_by_company)
    for key, value in sent.items():
        if value == "":
            kept.pop(key, None)
        elif value != AccountSetting.PICKED:
            kept[key] = AccountChoice(setting=AccountSetting(value))
    return kept


def _review(visit: Visit, draft: Draft, planned: Planned, *, kind: str, page: int) -> HTMLResponse:
    entries, questions = planned.plan.entries, planned.plan.questions
    records = visit.world.store.readings.records(draft.reading, ids=cards_needed(questions))
    by_id: dict[str, Record] = {record.id: record for record in records}
    return visit.page(
        "review.html",
        draft=draft,
        run=planned.run,
        plan=planned.plan,
        twins=twins.box(visit, draft, together(entries)),
        tally=tally(planned.plan),
        topics=topics(questions, records=by_id, changes={}, kind=kind, page=page, query=visit.query.get("ask", "")),
        missing=_missing(visit, planned.plan),
        too_long=[entry for entry in entries if entry.too_long],
        leaving=leaving(entries, RecordKind.CONTACT),
        leaving_accounts=leaving(entries, RecordKind.ACCOUNT),
        picked=_picked(draft.choices),
        former=_former(visit, planned.plan) if draft.choices.by_hand else {},
        why_not=_why_not(visit, planned.plan),
        editable=EDITABLE,
        SYNCHRONISED=SYNCHRONISED,
        Action=Action,
        RecordKind=RecordKind,
    )


def _missing(visit: Visit, plan: Plan) -> Leaf[MissingAccount]:
    """A page of the companies without an account."""
    page = visit.query.get("missing", "")
    query = visit.query.get("company", "")
    return turn(plan.missing_accounts, lambda each: each.title, query=query, page=int(page) if page.isdecimal() else 1)


def _picked(choices: Choices) -> dict[str, AccountChoice]:
    """Companies whose account was picked: they are no longer missing, and the pick can be taken back."""
    return {key: choice for key, choice in choices.account_by_company.items() if choice.parent is not None}


def _former(visit: Visit, plan: Plan) -> dict[str, str]:
    """The parents that contacts selected by hand have until now, by record, where they get another one."""
    moved = {entry.record or "": parse_parent(entry.before.get("parent", "")) for entry in plan.entries if entry.sets_parent}
    names: dict[str, str] = {}
    for kind in RecordKind:
        ids = sorted({parent.id for parent in moved.values() if parent and parent.kind is kind})
        names |= {found.id: found.name for found in visit.world.crm.get(kind, ids).values()} if ids else {}
    return {record: names.get(parent.id, parent.id) for record, parent in moved.items() if parent}


def _why_not(visit: Visit, plan: Plan) -> str:
    """Why nothing can be added now, "" where something can."""
    limit = visit.world.policy.largest_run
    if limit is not None and (count := sum(map(plan.count, WRITES))) > limit:
        return visit.words.t(
            "{count} contacts are too many: your administrator allows {limit} in a run.", count=count, limit=limit
        )
    if any(entry.action in WRITES for entry in plan.entries):
        return ""
    if plan.questions:
        return visit.words.t("Answer at least one question: nothing else is to be added.")
    if any(entry.reason == ALREADY for entry in plan.entries):
        return visit.words.t(
            "Every selected contact is linked to the CRM already: there is nothing to add. "
            "Go back and tick others, or apply account and communications to them above."
        )
    return visit.words.t("No contact is selected: go back and tick a group.")
