"""What becomes of a creation that the CRM takes for a record it has?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from carnet.core.asking import each_as
from carnet.core.rechecking import held
from carnet.core.resolving import Resolution, ResolutionKind
from carnet.model.account import RecordKind
from carnet.model.change import Duplicate
from carnet.model.decision import Option, Question, QuestionKind
from carnet.model.match import Candidate, Confidence, Evidence, Match, Suggestion
from carnet.model.plan import Action, Entry, State

DUPLICATE = "duplicate"
ACCOUNT = "account"
_BY_RULE = "duplicate_rule"
_MEANWHILE = "created_meanwhile"
_SAVED_ANYWAY = (QuestionKind.DUPLICATE, QuestionKind.PERSON, QuestionKind.INACTIVE)


def detects(entry: Entry, answers: Mapping[str, str]) -> bool:
    """Whether the CRM is to look for duplicates of what the entry creates: not where a person said to create it."""
    if entry.action is not Action.CREATE:
        return False
    if entry.kind is RecordKind.ACCOUNT:
        return answers.get(entry.record or "") != "new"
    return all(answers.get(f"{kind}:{entry.record}") != "create" for kind in _SAVED_ANYWAY)


def held_as_duplicate(entry: Entry, duplicates: Sequence[Duplicate]) -> Entry:
    """The entry held until a person answers; its evidence names what it was taken for."""
    key = entry.record or "" if entry.kind is RecordKind.ACCOUNT else f"{DUPLICATE}:{entry.record}"
    return replace(entry, state=State.HELD, reason=DUPLICATE, question=key, evidence=_evidence(duplicates))


def to_be_checked(entry: Entry, duplicates: Sequence[Duplicate]) -> Entry:
    """The entry marked for a person to look at: somebody else has made the same record at the same moment, and both are there."""
    return replace(entry, to_check=True, evidence=_evidence(duplicates))


def _evidence(duplicates: Sequence[Duplicate]) -> tuple[Evidence, ...]:
    return tuple(
        Evidence(code=_BY_RULE if each.rule else _MEANWHILE, values={"kind": each.kind.value, "id": each.id, "rule": each.rule})
        for each in duplicates
    )


def rests_on(entry: Entry) -> str | None:
    """The account that has to be there for the entry: the one it puts a contact under, or links a company's card to."""
    if entry.kind is RecordKind.ACCOUNT:
        return entry.target if entry.action is Action.LINK else None
    above = entry.parent if entry.sets_parent and entry.parent and entry.parent.kind is RecordKind.ACCOUNT else None
    return above.id if above else None


def held_under(entry: Entry, account: Entry) -> Entry:
    """The entry held with the account that it rests on: the answer about the account decides it again."""
    if account.reason != DUPLICATE:
        return held(entry, None)
    return replace(entry, state=State.HELD, reason=ACCOUNT, question=account.record or "", evidence=())


def named(evidence: Iterable[Evidence]) -> list[tuple[RecordKind, str]]:
    """(kind, id) of what an entry was taken for."""
    return [(RecordKind(each.values["kind"]), each.values["id"]) for each in evidence if each.code in {_BY_RULE, _MEANWHILE}]


def question_about(entry: Entry, suggestions: Sequence[Suggestion]) -> Question:
    """Is it one of these? Link to one of the contacts, create it anyway, or drop it (Save Record, Cancel)."""
    people = (each.candidate for each in suggestions if each.candidate.kind is RecordKind.CONTACT)
    links = each_as("link", people)
    return Question(
        key=entry.question,
        kind=QuestionKind.DUPLICATE,
        records=(entry.record or "",),
        options=(*links, Option(value="create"), Option(value="skip")),
        about=entry.label,
        suggestions=tuple(suggestions),
    )


def question_about_account(account: Entry, records: Sequence[str], suggestions: Sequence[Suggestion]) -> Question:
    """Which account is the company that the run was to create? Those in `records` wait for it."""
    known = tuple(each for each in suggestions if each.candidate.kind is RecordKind.ACCOUNT)
    options = each_as("account", (each.candidate for each in known))
    return Question(
        key=account.record or "",
        kind=QuestionKind.ACCOUNT,
        records=tuple(records),
        options=(*options, Option(value="new", label=account.label), Option(value="none")),
        about=account.label,
        suggestions=known,
    )


def answered(match: Match, answers: Mapping[str, str], candidates: Mapping[str, Candidate]) -> tuple[Match, Mapping[str, str]]:
    """The match as the answer about a duplicate settles it, and the answers with what follows from it."""
    answer = answers.get(f"{DUPLICATE}:{match.record}", "")
    candidate = candidates.get(answer.removeprefix("link:"))
    if answer == "create":
        return Match(record=match.record, confidence=Confidence.NONE), answers
    if candidate is None:
        return match, answers
    sure = Suggestion(candidate=candidate, confidence=Confidence.CERTAIN, evidence=())
    settled = Match(record=match.record, confidence=Confidence.CERTAIN, target=candidate.id, suggestions=(sure,))
    return settled, {**answers, f"{QuestionKind.INACTIVE}:{match.record}": answer}


def answered_account(resolution: Resolution, answer: str, chosen: Candidate | None) -> Resolution:
    """What a company resolves to once a person has said which account it is: `chosen`, a new one or none."""
    if not answer or resolution.kind is ResolutionKind.BLANK:
        return resolution
    others = tuple(each for each in resolution.accounts if chosen is None or each.id != chosen.id)
    return Resolution(kind=ResolutionKind.LOOSE, accounts=(*((chosen,) if chosen else ()), *others))
