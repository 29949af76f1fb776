"""How is a run planned, and planned again when a person answers?"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from carnet.core.grouping import group as group_records
from carnet.core.grouping import under_new_names
from carnet.core.kinship import Twins
from carnet.core.parenting import still_missing
from carnet.core.permitting import offered, permitted, permitted_answers
from carnet.core.persons import selected, told_apart, with_twins
from carnet.core.planning import fingerprint
from carnet.core.planning import plan as decide
from carnet.core.situation import Situation
from carnet.core.twinning import find as find_twins
from carnet.errors import Refused
from carnet.flows.connect import require_crm
from carnet.flows.duplicates import foresee, settle
from carnet.flows.events import Watcher, nobody
from carnet.flows.observe import Observed, fetch, observe, records_behind, with_company
from carnet.flows.returning import only_new
from carnet.flows.seen import look
from carnet.flows.twins import linked_twins, other_ids
from carnet.model.account import RecordKind
from carnet.model.choices import Choices
from carnet.model.group import Group
from carnet.model.plan import Action, Entry, Plan, State
from carnet.model.rule import RuleKind
from carnet.model.run import Run, RunKind, RunState
from carnet.ports.world import World

_OPEN = (State.PLANNED, State.HELD)


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A run with its plan; nothing is written to the CRM yet."""

    run: Run
    plan: Plan


def plan(
    world: World,
    *,
    user: str,
    reading: str,
    choices: Choices,
    answers: Mapping[str, str] | None = None,
    number: int | None = None,
    kind: RunKind = RunKind.ADD,
    watch: Watcher = nobody,
) -> Planned:
    """Plan a run over a reading and keep it; with the `number` of a run not yet started, plan that one again as it is."""
    seen = observe(world, user=user, reading=reading, folders=choices.folders, watch=watch)
    number, kind = _number(world, user, number, kind=kind)
    choices = permitted(choices, world.policy)
    answers = permitted_answers(answers or {}, world.policy)

    wanted = only_new(world, choices, user=user, reading=reading)
    planned = decide(_situation(world, seen, number=number, choices=wanted, answers=answers))
    contacts = {record.id: record.contact for record in seen.records}
    planned = _together(foresee(world, planned, number=number, answers=answers, contacts=contacts, choices=choices))
    planned = replace(planned, questions=offered(planned.questions, world.policy))

    totals = world.store.readings.totals(reading)
    ticked = [counts for folder, counts in totals.items() if choices.folders is None or folder in choices.folders]
    run = Run(
        number=number,
        user=user,
        mailbox=seen.scope.mailbox,
        crm=seen.scope.crm,
        kind=kind,
        source=seen.reading.source,
        label=seen.reading.identity.label,
        digest=seen.reading.digest,
        reading=reading,
        cursor=seen.cursor,
        fingerprint=planned.fingerprint,
        choices=choices,
        answers=answers,
        read=sum(sum(counts) for counts in ticked),
        held_back=sum(counts[1] for counts in ticked),
        lists=sum(counts[2] for counts in ticked),
        skipped=sum(counts[3] for counts in ticked),
        planned_at=world.clock.now(),
    )
    world.store.runs.save(run)
    world.store.journal.write(number, planned.entries, questions=planned.questions, missing=planned.missing_accounts)
    return Planned(run=run, plan=planned)


def answer(
    world: World, *, user: str, number: int, answers: Mapping[str, str], edits: Mapping[str, Mapping[str, str]] | None = None
) -> Planned:
    """Take answers (question key → option) and names typed for cards without one, and decide again what waits for them.

    Before the run everything is planned anew. After it only the held entries are, and the run waits to be approved again.
    """
    run = world.store.runs.get(user, number)
    require_crm(world, run)
    _check_answers(world, run, answers)
    kept = permitted_answers({**run.answers, **answers}, world.policy)
    choices = permitted(replace(run.choices, edits={**run.choices.edits, **(edits or {})}), world.policy)
    if run.state is RunState.PLANNED and not run.approved:
        return plan(world, user=user, reading=run.reading, choices=choices, answers=kept, number=number)
    if not run.kind.brings_contacts or run.state is RunState.APPLYING:
        raise Refused("Run {number} cannot take answers now.", "Wait until it has ended, or stop it.", number=number)

    entries = world.store.journal.entries(number)
    waiting = [entry for entry in entries if entry.state in _OPEN and entry.record and not entry.record.startswith("account:")]
    left = [entry for entry in waiting if entry.action is Action.SKIP or _still_waits(entry, kept)]
    kept_seqs = {entry.seq for entry in left}
    ids = [entry.record for entry in waiting if entry.record and entry.seq not in kept_seqs]
    beside = linked_twins(world, run, ids, entries=entries)
    seen = observe(world, user=user, reading=run.reading, ids=[*ids, *beside])

    first = max((entry.seq for entry in entries), default=0) + 1
    situation = _situation(world, seen, number=number, choices=choices, answers=kept, later=True)
    again = decide(replace(situation, new_ids={**situation.new_ids, **other_ids(world, waiting)}), first=first)
    again = replace(again, entries=tuple(entry for entry in again.entries if entry.record not in beside))
    contacts = {record.id: record.contact for record in seen.records}
    again = _together(foresee(world, again, number=number, answers=kept, contacts=contacts, choices=choices))
    again = replace(
        again,
        entries=(*left, *again.entries),
        questions=(
            *offered(again.questions, world.policy),
            *(each for each in world.store.journal.questions(number) if each.key in {entry.question for entry in left}),
        ),
        missing_accounts=still_missing(world.store.journal.missing_accounts(number), again.missing_accounts, decided=ids),
    )

    run = replace(run, choices=choices, answers=kept, fingerprint=again.fingerprint, cursor=seen.cursor, approved="")
    world.store.runs.save(run)
    world.store.journal.write(number, again.entries, questions=again.questions, missing=again.missing_accounts)
    return Planned(run=run, plan=again)


def _still_waits(entry: Entry, answers: Mapping[str, str]) -> bool:
    """Whether the entry was held while the run wrote, and nobody has answered since."""
    return entry.state is State.HELD and entry.action is not Action.ASK and entry.question not in answers


def _number(world: World, user: str, number: int | None, *, kind: RunKind) -> tuple[int, RunKind]:
    if number is None:
        return world.ids.run_number(), kind
    run = world.store.runs.get(user, number)
    if run.state is not RunState.PLANNED or run.approved:
        raise Refused("Run {number} has been started and cannot be planned again.", "Plan a new run.", number=number)
    return number, run.kind


def _check_answers(world: World, run: Run, answers: Mapping[str, str]) -> None:
    open_questions = {question.key: question for question in world.store.journal.questions(run.number)}
    for key, value in answers.items():
        if key not in open_questions and key not in run.answers:
            raise Refused("Run {number} has no question {key}.", "List its questions first.", number=run.number, key=key)
        question = open_questions.get(key)
        if question and value not in {option.value for option in question.options}:
            known = ", ".join(option.value for option in question.options)
            raise Refused("{value} does not answer {key}.", "Possible answers: {known}.", value=value, key=key, known=known)


def _situation(
    world: World, seen: Observed, *, number: int, choices: Choices, answers: Mapping[str, str], later: bool = False
) -> Situation:
    """`later`: the choices were made before the run, when companies may have had no account yet."""
    ticked = choices
    seen = with_company(world, seen, choices.new_account)
    seen, choices, answers = settle(world, seen, choices=choices, answers=answers)
    groups = group_records(seen.records, choices.mode, resolutions=seen.resolutions, matches=seen.matches)
    choices = under_new_names(choices, groups) if later else choices
    found = records_behind(world, seen.matches.values())
    twins = _twins(
        world, seen, groups, choices=replace(choices, excluded_records=ticked.excluded_records), answers=answers, later=later
    )
    joined = {record for cluster in twins.clusters for record in cluster.records} | {
        record for pair in twins.likely for record in pair.records
    }
    found |= fetch(world, RecordKind.CONTACT, [link.target for record, link in seen.links.items() if record in joined])
    if choices.include_linked:
        found |= fetch(world, RecordKind.CONTACT, [link.target for link in seen.links.values()])
    return Situation(
        records=seen.records,
        groups=groups,
        matches=seen.matches,
        links=seen.links,
        found=found,
        resolutions=seen.resolutions,
        new_ids=_new_ids(world, seen, [record.id for record in seen.records]),
        account_ids=_account_ids(world, seen, number),
        choices=choices,
        answers=answers,
        twins=twins,
        lengths=world.crm.lengths(),
    )


def _twins(
    world: World, seen: Observed, groups: Sequence[Group], *, choices: Choices, answers: Mapping[str, str], later: bool
) -> Twins:
    """The people who are on several of the ticked cards, but for those told apart in this run or another.

    They are kept with the reading, but for the few cards that are decided `later`.
    """
    cards = selected(seen.records, groups, choices)
    rules = (rule for rule in world.store.rules.all(seen.scope.user) if rule.kind is RuleKind.NOT_SAME)
    apart = told_apart(answers, [card.id for card in cards]) | {frozenset(rule.members) for rule in rules}
    links = {record: link.target for record, link in seen.links.items() if link.kind is RecordKind.CONTACT}

    def found() -> Twins:
        return find_twins(cards, region=world.region, links=links, apart=apart)

    if later:
        return found()
    sight = look(world, user=seen.scope.user, reading=seen.reading.id, folders=choices.folders)
    hangs_on = [sorted(card.id for card in cards), sorted(sorted(pair) for pair in apart)]
    return sight.kept("twins", Twins, found, hangs_on=json.dumps(hangs_on))


def _together(plan: Plan) -> Plan:
    """The plan with every person's cards held where the chosen one is."""
    entries, questions = with_twins(plan.entries, plan.questions)
    if tuple(entries) == plan.entries:
        return plan
    return replace(plan, entries=tuple(entries), questions=questions, fingerprint=fingerprint(entries))


def _new_ids(world: World, seen: Observed, records: list[str]) -> dict[str, str]:
    """The CRM id each record would get: the same every time, until an undo raises the generation.

    Where the linked CRM record was deleted by somebody, its id enters the key: a deleted record is not made again.
    """
    generations = world.store.links.generations(seen.scope, records)
    ids = {}
    for record in records:
        generation = str(generations.get(record, 0))
        buried = (seen.dangling[record].target,) if record in seen.dangling else ()
        ids[record] = world.ids.record_key(seen.scope.crm, seen.scope.mailbox, record, generation, *buried)
    return ids


def _account_ids(world: World, seen: Observed, number: int) -> dict[str, str]:
    """The CRM id that each company's new account would get in this run: another one after an undo."""
    generations = world.store.links.generations(seen.scope, [f"account:{key}" for key in seen.resolutions])
    return {
        key: world.ids.record_key(seen.scope.crm, "account", key, str(number), str(generations.get(f"account:{key}", 0)))
        for key in seen.resolutions
    }
