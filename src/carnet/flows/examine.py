"""What can be seen of the services, and of the computer, that Carnet works with here? Nothing is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from carnet.core.examining import YES, observe
from carnet.errors import CarnetError
from carnet.flows.events import Progress, Watcher, nobody
from carnet.model.examination import Examination, Measure, Observation, Subject


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One thing to examine: `examine` opens it, asks and lets go of it."""

    subject: Subject
    examine: Callable[[], Iterable[Observation]]


def examine(parts: Sequence[Part], watch: Watcher = nobody) -> tuple[Examination, ...]:
    """What was seen of each part, in their order; one that cannot be asked to the end says why, by the code of the error."""
    counted: Counter[Subject] = Counter()
    found: list[Examination] = []
    for done, part in enumerate(parts):
        watch(Progress(phase="examine", done=done, total=len(parts)))
        counted[part.subject] += 1
        found.append(Examination(subject=part.subject, number=counted[part.subject], observations=_asked(part)))
    watch(Progress(phase="examine", done=len(parts), total=len(parts)))
    return tuple(found)


def _asked(part: Part) -> tuple[Observation, ...]:
    seen: list[Observation] = []
    try:
        seen.extend(part.examine())
    except CarnetError as error:
        seen.append(observe(Measure.ANSWERED, error.code, expected=YES))
    else:
        seen.append(observe(Measure.ANSWERED, YES, expected=YES))
    return tuple(seen)
