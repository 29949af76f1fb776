"""What does a mailbox of Microsoft 365 answer, where only a real one can tell? Nothing is written."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from statistics import median

from carnet.core.examining import YES, answer, at_most, observe, unsure
from carnet.mailboxes.graph import tree
from carnet.mailboxes.graph.client import IMMUTABLE, PAGE, PARTS, GraphClient, Json, Reply
from carnet.mailboxes.graph.translate import EXPAND, EXTENDED, MICROSOFT, PRIVATE, SENSITIVITY, extended_of, held_back
from carnet.model.examination import Measure, Observation
from carnet.transport.calls import Part

SAMPLE, MANY, PAGES = 999, 1000, 40
"""Contacts that are looked at for what they hold, rows asked for to see where a page ends, and pages of changes at most."""
_BEYOND = frozenset(name.casefold() for name in (*EXTENDED.values(), SENSITIVITY, PRIVATE, *MICROSOFT.values()))
"""What the resource has no property for; a second number it has, though not always in its place."""
_ACCEPTED, _REFUSED = "200", "400 ErrorInvalidUrlQuery"
_USUAL_PAGE, _CLOCKS_APART = 10, 120
_EMAILS, _PHONES = 3, 2


@dataclass(slots=True, kw_only=True)
class _Asking:
    """Asks, and counts and times what it asks."""

    client: GraphClient
    seconds: list[float] = field(default_factory=list)

    def get(self, url: str, *, prefer: str = IMMUTABLE) -> Reply:
        began = time.monotonic()
        reply = self.client.ask(url, prefer=prefer)
        self.seconds.append(time.monotonic() - began)
        return reply

    def path(self, rest: str) -> str:
        return f"{self.client.path}/{rest}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """A folder, and how many contacts it says it holds."""

    id: str
    count: int

    @property
    def contacts(self) -> str:
        return f"contactFolders/{self.id}/contacts"


def examine(client: GraphClient, *, shared: Sequence[str] = ()) -> Iterator[Observation]:
    """Every question, in about two dozen requests, and what mailboxes that are shared answer. Raises NotSignedIn or Deferred."""
    asking = _Asking(client=client)
    yield from _who(asking)
    default = asking.get(asking.path("contactFolders/contacts"))
    yield observe(Measure.GRAPH_DEFAULT, _status(default), expected=_ACCEPTED)
    if default.is_success:
        ids = yield from _folders(asking, str(default.body.get("id")))
        places = yield from _batch(asking, ids)
        largest, smallest = max(places, key=lambda each: each.count), min(places, key=lambda each: each.count)
        yield from _pages_of_changes(asking, largest)
        yield from _tokens(asking, smallest)
        yield from _ids(asking, largest)
        yield from _sample(asking, largest)
    categories = asking.get(asking.path("outlook/masterCategories"))
    yield observe(Measure.GRAPH_CATEGORIES, f"{_status(categories)}, {len(_rows(categories))}")
    if shared:
        told = Counter(_status(asking.get(tree.default_of(tree.path_of(each)))) for each in shared)
        yield observe(Measure.GRAPH_OTHERS, ", ".join(f"{count} * {status}" for status, count in sorted(told.items())))
    usual, longest = (round(1000 * each) for each in (median(asking.seconds), max(asking.seconds)))
    yield observe(Measure.SPEED, f"{len(asking.seconds)} / {usual} ms / {longest} ms")


def _who(asking: _Asking) -> Iterator[Observation]:
    found = asking.get(f"{asking.client.path}?$select=id,mail,userPrincipalName,proxyAddresses")
    proxies = [str(each) for each in found.body.get("proxyAddresses") or ()]
    yield observe(Measure.GRAPH_IDENTITY, _status(found), expected=_ACCEPTED)
    yield observe(Measure.GRAPH_PRIMARY, any(each.startswith("SMTP:") for each in proxies), expected=YES)
    yield observe(Measure.GRAPH_ALIASES, sum(each.startswith("smtp:") for each in proxies))
    if said := found.headers.get("date"):
        apart = abs(round((datetime.now(UTC) - parsedate_to_datetime(said)).total_seconds()))
        yield observe(Measure.CLOCK, f"{apart} s", expected=f"≤ {_CLOCKS_APART} s", holds=apart <= _CLOCKS_APART)


def _folders(asking: _Asking, default: str) -> Generator[Observation, None, list[str]]:
    """Which folders the list names, and which stand below the default one; returns their ids."""
    listed = asking.get(asking.path("contactFolders?$top=100"))
    below = asking.get(asking.path(f"contactFolders/{default}/childFolders?$top=100"))
    first, second = ([str(each.get("id")) for each in _rows(reply)] for reply in (listed, below))
    yield observe(Measure.GRAPH_DEFAULT_LISTED, default in first)
    yield observe(Measure.GRAPH_FOLDERS, f"{_status(listed)}, {len(first)} / {_status(below)}, {len(second)}")
    return list(dict.fromkeys((default, *first, *second)))


def _batch(asking: _Asking, ids: Sequence[str]) -> Generator[Observation, None, list[_Place]]:
    """What a full batch is answered: it asks each folder for its count, again and again; returns the folders."""
    known = ids[:PARTS]
    url = asking.path("contactFolders/{}/contacts?$count=true&$top=1&$select=id")
    parts = [Part(method="GET", url=url.format(known[number % len(known)])) for number in range(PARTS)]
    replies = asking.client.once(parts)
    statuses = sorted({_status(each) for each in replies})
    seen = ", ".join(f"{sum(_status(each) == status for each in replies)} * {status}" for status in statuses)
    yield observe(Measure.GRAPH_BATCH, seen, expected=f"{PARTS} * {_ACCEPTED}")
    counts = {part: int(reply.body.get("@odata.count") or 0) for part, reply in zip(known, replies, strict=False)}
    yield observe(Measure.GRAPH_CONTACTS, f"{sum(counts.values())} / {max(counts.values())}")
    return [_Place(id=each, count=count) for each, count in counts.items()]


def _pages_of_changes(asking: _Asking, place: _Place) -> Iterator[Observation]:
    """How large a page of the changes is, and what asking for one does not take."""
    changes = asking.path(f"{place.contacts}/delta")
    usual = asking.get(f"{changes}?$select=id")
    yield _page(Measure.GRAPH_DELTA_USUAL_PAGE, usual, _USUAL_PAGE)
    largest = asking.get(f"{changes}?$select=id", prefer=f"{IMMUTABLE}, odata.maxpagesize={MANY}")
    yield _page(Measure.GRAPH_DELTA_LARGEST_PAGE, largest, PAGE)
    yield observe(Measure.GRAPH_DELTA_TOP, _status(asking.get(f"{changes}?$top=5")), expected=_REFUSED)
    expanded = asking.get(f"{changes}?$expand={EXPAND}")
    yield observe(Measure.GRAPH_DELTA_EXPAND, _status(expanded), expected=_REFUSED)


def _page(question: Measure, reply: Reply, expected: int) -> Observation:
    """The rows of a page; whether that is the most it can hold shows only where another page follows."""
    rows = len(_rows(reply))
    if reply.is_success and "@odata.nextLink" not in reply.body and rows <= expected:
        return unsure(question, rows, expected=expected)
    return observe(question, rows if reply.is_success else _status(reply), expected=expected)


def _tokens(asking: _Asking, place: _Place) -> Iterator[Observation]:
    """Whether a token that was just given tells nothing, and how many contact groups the count holds that are never listed."""
    prefer = f"{IMMUTABLE}, odata.maxpagesize={PAGE}"
    reply = asking.get(asking.path(f"{place.contacts}/delta?$select=id"), prefer=prefer)
    rows = _there(reply)
    for _ in range(PAGES):
        if link := str(reply.body.get("@odata.nextLink") or ""):
            reply = asking.get(link, prefer=prefer)
            rows += _there(reply)
    later = str(reply.body.get("@odata.deltaLink") or "")
    if not later:
        yield unsure(Measure.GRAPH_DELTA_IDLE, _status(reply), expected=f"{_ACCEPTED}, 0")
        return
    idle = asking.get(later)
    yield observe(Measure.GRAPH_DELTA_IDLE, f"{_status(idle)}, {len(_rows(idle))}", expected=f"{_ACCEPTED}, 0")
    yield observe(Measure.GRAPH_GROUPS, place.count - rows)


def _ids(asking: _Asking, place: _Place) -> Iterator[Observation]:
    """Whether ids that outlive a move are other ids, and whether a contact is found by one."""
    url = asking.path(f"{place.contacts}?$top=5&$select=id")
    lasting, passing = ([str(each.get("id")) for each in _rows(asking.get(url, prefer=each))] for each in (IMMUTABLE, ""))
    if not lasting:
        yield unsure(Measure.GRAPH_IMMUTABLE, 0, expected=YES)
        return
    yield observe(Measure.GRAPH_IMMUTABLE, not set(lasting) & set(passing), expected=YES)
    one = asking.get(asking.path(f"contacts/{lasting[0]}?$select=id"))
    yield observe(Measure.GRAPH_BY_ID, _status(one), expected=_ACCEPTED)


def _sample(asking: _Asking, place: _Place) -> Iterator[Observation]:
    """What the contacts of a page hold, in numbers."""
    reply = asking.get(asking.path(f"{place.contacts}?$top={SAMPLE}&$expand={EXPAND}"))
    rows = _rows(reply)
    yield observe(Measure.GRAPH_LIST_PAGE, f"{_status(reply)}, {len(rows)}", holds=reply.is_success)
    if not rows:
        return
    yield observe(Measure.GRAPH_EXTENDED, f"{sum(not _BEYOND.isdisjoint(extended_of(each)) for each in rows)} / {len(rows)}")
    told = Counter(key for each in rows for key, name in EXTENDED.items() if name.casefold() in extended_of(each))
    yield observe(Measure.GRAPH_EXTENDED_FIELDS, ", ".join(f"{key} {told[key]}" for key in EXTENDED))
    yield at_most(Measure.GRAPH_EMAILS, _most(rows, "emailAddresses"), _EMAILS)
    yield at_most(Measure.GRAPH_BUSINESS_PHONES, _most(rows, "businessPhones"), _PHONES)
    yield at_most(Measure.GRAPH_HOME_PHONES, _most(rows, "homePhones"), _PHONES)
    listed = [entry for each in rows for entry in each.get("emailAddresses") or ()]
    yield observe(Measure.GRAPH_UNPARSED, sum("@" not in str(entry.get("address") or "") for entry in listed))
    yield observe(Measure.GRAPH_PRIVATE, sum(held_back(each) is not None for each in rows))
    state = MICROSOFT["crm_state"].casefold()
    yield observe(Measure.GRAPH_TRACKED, sum(state in extended_of(each) for each in rows))


def _there(reply: Reply) -> int:
    return sum("@removed" not in each for each in _rows(reply))


def _most(rows: Sequence[Json], name: str) -> int:
    return max(len(each.get(name) or ()) for each in rows)


def _rows(reply: Reply) -> Sequence[Json]:
    rows: Sequence[Json] = reply.body.get("value") or ()
    return rows


def _status(reply: Reply) -> str:
    return answer(reply.status, reply.code)
