"""What does a run do about creations that the CRM takes for records it has?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from carnet.core.blocking import candidate_of
from carnet.core.comparing import compare
from carnet.core.duplicating import (
    ACCOUNT,
    DUPLICATE,
    answered,
    answered_account,
    detects,
    held_as_duplicate,
    held_under,
    named,
    question_about,
    question_about_account,
    rests_on,
)
from carnet.core.planning import fingerprint
from carnet.core.withholding import sayable
from carnet.core.writing import write_of
from carnet.flows.observe import Observed, fetch
from carnet.model.account import RecordKind
from carnet.model.change import Duplicate
from carnet.model.choices import Choices, Preset
from carnet.model.contact import Contact
from carnet.model.decision import Question
from carnet.model.match import Candidate, Confidence, Suggestion
from carnet.model.plan import Action, Entry, Plan, State
from carnet.ports.world import World

Answers = Mapping[str, str]
_ASKED_AT_ONCE = 5000
"""New records about whose duplicates the CRM is asked together: over a network, a request takes as long for many as for few."""


def foresee(
    world: World, plan: Plan, *, number: int, answers: Answers, contacts: Mapping[str, Contact], choices: Choices
) -> Plan:
    """The plan with a question in the place of each creation that the CRM would hold by its rules as they are now."""
    found = _found(world, [entry for entry in plan.entries if detects(entry, answers)], number)
    if not found:
        return plan
    entries = hold(plan.entries, found)
    held = [entry for entry in entries if entry.state is State.HELD and entry.reason in {DUPLICATE, ACCOUNT}]
    asked = questions(world, held, contacts=contacts, preset=choices.fields)
    waiting = {entry.seq for entry in held if entry.kind is RecordKind.CONTACT or entry.action is not Action.CREATE}
    entries = [replace(entry, action=Action.ASK) if entry.seq in waiting else entry for entry in entries]
    entries = [entry for entry in entries if not (entry.action is Action.CREATE and entry.reason == DUPLICATE)]
    unmade = {entry.record for entry in held if entry.kind is RecordKind.ACCOUNT and entry.seq not in waiting}
    missing = (replace(row, created=row.created and f"{ACCOUNT}:{row.key}" not in unmade) for row in plan.missing_accounts)
    return replace(
        plan,
        entries=tuple(entries),
        questions=(*plan.questions, *asked),
        missing_accounts=tuple(missing),
        fingerprint=fingerprint(entries),
    )


def _found(world: World, entries: Sequence[Entry], number: int) -> dict[str, tuple[Duplicate, ...]]:
    """CRM id of a creation → what the CRM takes it for."""
    if not world.crm.capabilities.detects_duplicates:
        return {}
    detection = world.crm.detection()
    checked = [entry for entry in entries if detection.published(entry.kind)]
    writes = [write for entry in checked if (write := write_of(entry, owner="", run=number, detect=True))]
    found: dict[str, tuple[Duplicate, ...]] = {}
    for start in range(0, len(writes), _ASKED_AT_ONCE):
        found |= world.crm.duplicates(writes[start : start + _ASKED_AT_ONCE])
    return found


def hold(entries: Sequence[Entry], found: Mapping[str, Sequence[Duplicate]]) -> list[Entry]:
    """The entries, those held whose creation has a duplicate, and those that rest on an account that is held so."""
    held = [_held(entry, found) for entry in entries]
    accounts = {entry.target or "": entry for entry in held if entry.kind is RecordKind.ACCOUNT and entry.reason == DUPLICATE}
    return [held_under(entry, accounts[above]) if (above := rests_on(entry) or "") in accounts else entry for entry in held]


def _held(entry: Entry, found: Mapping[str, Sequence[Duplicate]]) -> Entry:
    duplicates = found.get(entry.target or "", ()) if entry.action is Action.CREATE else ()
    return held_as_duplicate(entry, duplicates) if duplicates else entry


def questions(world: World, held: Sequence[Entry], *, contacts: Mapping[str, Contact], preset: Preset) -> tuple[Question, ...]:
    """One question for each contact held as a duplicate, and one for each account held so with those that wait for it."""
    candidates = _candidates(world, (key for entry in held for key in named(entry.evidence)))
    waiting: defaultdict[str, list[str]] = defaultdict(list)
    for entry in held:
        if entry.reason == ACCOUNT:
            waiting[entry.question].append(entry.record or "")
    asked = []
    for entry in held:
        if entry.reason == DUPLICATE:
            contact = contacts.get(entry.record or "")
            suggestions = _suggestions(entry, candidates, contact=contact, region=world.region, preset=preset)
            if entry.kind is RecordKind.CONTACT:
                asked.append(question_about(entry, suggestions))
            elif waiting[entry.question]:
                asked.append(question_about_account(entry, waiting[entry.question], suggestions))
    return tuple(asked)


def _suggestions(
    entry: Entry, candidates: Mapping[tuple[RecordKind, str], Candidate], *, contact: Contact | None, region: str, preset: Preset
) -> list[Suggestion]:
    suggestions = []
    for key, said in zip(named(entry.evidence), entry.evidence, strict=True):
        if candidate := candidates.get(key):
            comparable = contact is not None and candidate.kind is RecordKind.CONTACT
            more = sayable(compare(contact, candidate, region), contact, preset) if contact and comparable else ()
            suggestions.append(Suggestion(candidate=candidate, confidence=Confidence.LIKELY, evidence=(said, *more)))
    return suggestions


def _candidates(world: World, keys: Iterable[tuple[RecordKind, str]]) -> dict[tuple[RecordKind, str], Candidate]:
    wanted = set(keys)
    found: dict[tuple[RecordKind, str], Candidate] = {}
    for kind in RecordKind:
        for record in fetch(world, kind, [id_ for of_kind, id_ in wanted if of_kind is kind]).values():
            found[kind, record.id] = candidate_of(record, world.region)[0]
    return found


def settle(world: World, seen: Observed, *, choices: Choices, answers: Answers) -> tuple[Observed, Choices, Answers]:
    """What was seen and chosen, once the answers about duplicates have their way."""
    wanted = {answers.get(f"{DUPLICATE}:{record}", "").removeprefix("link:") for record in seen.matches}
    companies = {key: answers.get(f"{ACCOUNT}:{key}", "") for key in seen.resolutions}
    chosen = {answer.removeprefix("account:") for answer in companies.values()}
    candidates = _candidates(
        world, [*((RecordKind.CONTACT, id_) for id_ in wanted), *((RecordKind.ACCOUNT, id_) for id_ in chosen)]
    )
    people = {id_: each for (kind, id_), each in candidates.items() if kind is RecordKind.CONTACT}
    matches = {}
    for record, match in seen.matches.items():
        matches[record], answers = answered(match, answers, people)
    resolutions = {
        key: answered_account(each, companies[key], candidates.get((RecordKind.ACCOUNT, companies[key].removeprefix("account:"))))
        for key, each in seen.resolutions.items()
    }
    dropped = frozenset(record for record in seen.matches if answers.get(f"{DUPLICATE}:{record}") == "skip")
    choices = replace(choices, excluded_records=choices.excluded_records | dropped)
    return replace(seen, matches=matches, resolutions=resolutions), choices, answers
