"""Which planned entries no longer stand on what they were decided on?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from carnet.model.account import CrmRecord
from carnet.model.decision import Option, Question, QuestionKind
from carnet.model.match import Confidence, Evidence, Match
from carnet.model.plan import Action, Entry, State

CHANGED = "changed"


def target_moved(entry: Entry, present: CrmRecord | None) -> bool:
    """Whether the CRM record behind a link or update has changed, or is gone, since the plan."""
    if present is None:
        return True
    if entry.expects is not None:
        return present.version != entry.expects
    return any(present.values.get(key) != value for key, value in entry.before.items() if key not in {"communications", "parent"})


def now_known(entry: Entry, match: Match) -> bool:
    """Whether a contact that was to be created now has a match that the plan did not know."""
    return entry.action is Action.CREATE and match.confidence in {Confidence.CERTAIN, Confidence.LIKELY}


def held(entry: Entry, present: CrmRecord | None, *, reason: str = CHANGED) -> Entry:
    """The entry held as "changed meanwhile", with what was and what is now of each field that differs."""
    nothing_to_compare = entry.action is Action.CREATE or (present is None and reason != CHANGED)
    evidence = () if nothing_to_compare else differences(entry.before, present)
    return replace(entry, state=State.HELD, reason=reason, question=f"{CHANGED}:{entry.record}", evidence=evidence)


def differences(before: Mapping[str, str], present: CrmRecord | None) -> tuple[Evidence, ...]:
    """Each field that changed, with both values; one `gone` where the record is no longer there."""
    if present is None:
        return (Evidence(code="gone", supports=False),)
    keys = sorted(set(before) | set(present.values)) if before else ()
    return tuple(
        Evidence(
            code="field_changed",
            supports=False,
            values={"field": key, "before": before.get(key, ""), "after": present.values.get(key, "")},
        )
        for key in keys
        if key not in {"communications", "parent"} and before.get(key, "") != present.values.get(key, "")
    )


def questions(entries: Sequence[Entry]) -> tuple[Question, ...]:
    """One question for each entry held as changed: decide it again as things are now, or leave it."""
    return tuple(
        Question(
            key=entry.question,
            kind=QuestionKind.CHANGED,
            records=(entry.record,),
            options=(Option(value="again"), Option(value="skip")),
            about=entry.label,
        )
        for entry in entries
        if entry.record is not None
    )
