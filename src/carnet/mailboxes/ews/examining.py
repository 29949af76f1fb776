"""What does an Exchange server answer, where only a real one can tell? Nothing is written."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from statistics import median
from typing import TypeVar

from carnet.core.examining import NONE, YES, observe, unsure
from carnet.errors import NotAllowed
from carnet.mailboxes.ews import asking
from carnet.mailboxes.ews.client import EwsClient
from carnet.mailboxes.ews.paths import UNPARSED, Value, said_by
from carnet.mailboxes.ews.reading import CHUNK, CONTACT, LIST, Reader
from carnet.mailboxes.ews.translate import ASKED, MICROSOFT, SEARCH_KEY, held_back
from carnet.model.examination import Measure, Observation
from carnet.model.folder import Folder
from carnet.model.reading import MailboxIdentity

PAGES = 20
"""Pages of changes that are walked through at most."""
T = TypeVar("T")


@dataclass(slots=True, kw_only=True)
class _Timing:
    """Times what is asked."""

    seconds: list[float] = field(default_factory=list)

    def __call__(self, ask: Callable[[], T]) -> T:
        began = time.monotonic()
        found = ask()
        self.seconds.append(time.monotonic() - began)
        return found


def examine(
    client: EwsClient,
    reader: Reader,
    *,
    identity: Callable[[], MailboxIdentity],
    folders: Callable[[], Sequence[Folder]],
) -> Iterator[Observation]:
    """Every question, in about a dozen requests. Raises NotSignedIn, Deferred, and Refused where there is no such server."""
    timing = _Timing()
    try:
        found = timing(identity)
    except NotAllowed as error:
        yield observe(Measure.EWS_IDENTITY, error.code, expected=YES)
    else:
        yield observe(Measure.EWS_IDENTITY, YES, expected=YES)
        yield observe(Measure.EWS_ALIASES, len(found.aliases))
    yield observe(Measure.EWS_VERSION, client.version or NONE)
    yield observe(Measure.EWS_SIGN_IN, client.way_in or NONE)
    places = [each for each in timing(folders) if each.selectable]
    counts = [each.count for each in places]
    yield observe(Measure.EWS_FOLDERS, len(places), holds=bool(places))
    yield observe(Measure.EWS_CONTACTS, f"{sum(counts)} / {max(counts, default=0)}")
    if places:
        largest, smallest = max(places, key=lambda each: each.count), min(places, key=lambda each: each.count)
        yield from _changes(reader, timing, smallest.id)
        yield from _sample(reader, timing, largest.id)
    usual, longest = (round(1000 * each) for each in (median(timing.seconds), max(timing.seconds)))
    yield observe(Measure.SPEED, f"{client.sent} / {usual} ms / {longest} ms")


def _changes(reader: Reader, timing: _Timing, folder: str) -> Iterator[Observation]:
    """Whether a state that was just given tells nothing."""
    step = timing(partial(reader.step, folder, ""))
    for _ in range(PAGES):
        if not step.is_last:
            step = timing(partial(reader.step, folder, step.sync))
    if not step.is_last:
        yield unsure(Measure.EWS_IDLE, NONE, expected=0)
        return
    idle = timing(partial(reader.step, folder, step.sync))
    yield observe(Measure.EWS_IDLE, len(idle.present) + len(idle.gone), expected=0)


def _sample(reader: Reader, timing: _Timing, folder: str) -> Iterator[Observation]:
    """How large a page of changes is, and what the contacts of it hold, in numbers."""
    step = timing(partial(reader.step, folder, ""))
    rows = len(step.present)
    page = unsure if step.is_last and rows <= asking.PAGE else observe
    yield page(Measure.EWS_PAGE, rows, expected=asking.PAGE)
    yield observe(Measure.EWS_GROUPS, sum(kind == LIST for kind in step.present.values()))
    contacts = [item for item, kind in step.present.items() if kind == CONTACT][:CHUNK]
    if not contacts:
        return
    told = [message for _, message in timing(lambda: list(reader.read(contacts, ASKED)))]
    yield observe(Measure.EWS_DAMAGED, sum(not each.is_success for each in told), expected=0)
    found = [said_by(item) for each in told if (item := each.node.find("m:Items", CONTACT)) is not None]
    keys = Counter(str(each.get(SEARCH_KEY, "")) for each in found)
    yield observe(Measure.EWS_KEYS, f"{len(found) - keys['']} / {len(found)}", expected=f"{len(found)} / {len(found)}")
    yield observe(Measure.EWS_COPIES, sum(count - 1 for key, count in keys.items() if key))
    yield observe(Measure.EWS_UNPARSED, sum(_is_unparsed(each) for each in found))
    yield observe(Measure.EWS_PRIVATE, sum(held_back(each) is not None for each in found))
    yield observe(Measure.EWS_TRACKED, sum(MICROSOFT["crm_state"] in each for each in found))


def _is_unparsed(values: dict[str, Value]) -> bool:
    return any(path.endswith(UNPARSED) for path in values)
