"""`carnet questions`, `carnet answer`: what waits for a person, and what do they decide?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated

import typer

from carnet.bootstrap import App
from carnet.cli.add import show_plan
from carnet.cli.door import AsJson, RunNumber, door_of, user_of
from carnet.cli.mailbox import changes
from carnet.core.gathering import kept_without, together, told_apart
from carnet.errors import BadSettings
from carnet.flows.plan import answer as take_answers
from carnet.flows.plan import plan
from carnet.model.account import RecordKind
from carnet.model.decision import Question, QuestionKind
from carnet.model.field import BY_KEY
from carnet.words import Words
from carnet.words.evidence import evidence
from carnet.words.questions import option_label, question_kind


def register(application: typer.Typer) -> None:
    """Add the commands."""
    application.command()(questions)
    application.command()(answer)


def questions(context: typer.Context, run: RunNumber, *, as_json: AsJson = False) -> None:
    """List the open questions of a run with their possible answers."""
    door = door_of(context)
    with door.app(as_json=as_json, run=run) as app:
        found = app.world.store.journal.questions(run)
    if as_json:
        door.print_json([_as_json(door.words, each) for each in found])
        return
    for each in found:
        door.out.print(f"{question_kind(door.words, each.kind)} {each.about}".strip(), style="bold", markup=False)
        for option in each.options:
            said = f"  {each.key}={option.value}  {option_label(door.words, each.kind, option)}"
            door.out.print(said, markup=False, soft_wrap=True)  # to be copied whole
        for item in each.evidence:
            door.out.print(f"  {evidence(door.words, item)}", markup=False)
        for suggestion in each.suggestions:
            said = "; ".join(evidence(door.words, item) for item in suggestion.evidence)
            if suggestion.candidate.kind is RecordKind.ACCOUNT and not suggestion.candidate.active:
                door.phrase("The account {name} is inactive in the CRM.", name=suggestion.candidate.name)
            if said:
                door.out.print(f"  {suggestion.candidate.name}: {said}", markup=False)
    if not found:
        door.phrase("No question waits.")


def answer(
    context: typer.Context,
    run: RunNumber,
    answers: Annotated[list[str] | None, typer.Argument(metavar="KEY=VALUE", help="An answer to one question.")] = None,
    *,
    all_of: Annotated[
        list[str] | None, typer.Option("--all", metavar="KIND=VALUE", help="The same answer for every question of a kind.")
    ] = None,
    edit: Annotated[
        list[str] | None, typer.Option("--edit", metavar="ID:FIELD=VALUE", help="Type a value of a card, such as its surname.")
    ] = None,
    apart: Annotated[
        list[str] | None,
        typer.Option("--apart", metavar="ID", help="This card is somebody else than the other cards of its person."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Answer questions; the run is planned again and has a new fingerprint."""
    door = door_of(context)
    with door.app(as_json=as_json, run=run) as app:
        user = user_of(app)
        if apart:
            _part(app, user=user, number=run, wanted=apart)
        given = _in_bulk(app.world.store.journal.questions(run), all_of or ()) | dict(map(_pair, answers or ()))
        edits: dict[str, dict[str, str]] = {}
        for text in edit or ():
            place, value = _pair(text)
            record, _, field = place.rpartition(":")
            if field not in BY_KEY:
                raise BadSettings("{field} is no field.", "Fields: {known}.", field=field, known=", ".join(BY_KEY))
            edits.setdefault(record, {})[field] = value
        planned = take_answers(app.world, user=user, number=run, answers=given, edits=edits)
        show_plan(door, app, planned, since=changes(app, app.world.store.readings.get(user, planned.run.reading)))


def _part(app: App, *, user: str, number: int, wanted: Sequence[str]) -> None:
    """Plan again with each of those cards as a person of its own."""
    run = app.world.store.runs.get(user, number)
    people = together(app.world.store.journal.entries(number))
    answers, edits = dict(run.answers), {card: dict(values) for card, values in run.choices.edits.items()}
    for card in wanted:
        parted = told_apart(people, card)
        if not parted:
            raise BadSettings("{id} is no card of a person on several cards.", "carnet show RUN --json lists them.", id=card)
        answers |= parted
        for record in app.world.store.readings.records(run.reading, ids=[card]):
            edits = kept_without(edits, record, people)
    choices = replace(run.choices, edits=edits)
    plan(app.world, user=user, reading=run.reading, choices=choices, answers=answers, number=number)


def _in_bulk(found: Sequence[Question], wanted: Sequence[str]) -> dict[str, str]:
    """One answer for every question of a kind that offers it; "link" takes the best suggestion."""
    given: dict[str, str] = {}
    for text in wanted:
        kind, value = _pair(text)
        if kind not in {each.value for each in QuestionKind}:
            raise BadSettings("{kind} is no kind of question.", "Kinds: {known}.", kind=kind, known=", ".join(QuestionKind))
        for question in found:
            fitting = [
                option.value for option in question.options if option.value == value or option.value.startswith(f"{value}:")
            ]
            if question.kind == kind and fitting:
                given[question.key] = fitting[0]
    return given


def _pair(text: str) -> tuple[str, str]:
    """The last "=" parts key and value: a key may hold one, an option never does."""
    key, found, value = text.rpartition("=")
    if not found:
        raise BadSettings("{text} is no answer.", "Write KEY=VALUE, as carnet questions shows them.", text=text)
    return key, value


def _as_json(words: Words, question: Question) -> dict[str, object]:
    return {
        "key": question.key,
        "kind": str(question.kind),
        "about": question.about,
        "records": list(question.records),
        "options": [{"value": each.value, "label": option_label(words, question.kind, each)} for each in question.options],
        "suggestions": [
            {
                "id": each.candidate.id,
                "name": each.candidate.name,
                "confidence": str(each.confidence),
                "evidence": [evidence(words, item) for item in each.evidence],
            }
            for each in question.suggestions
        ],
        "evidence": [evidence(words, item) for item in question.evidence],
    }
