"""How is one folder read the first time, so that nothing is lost between its content and what is told later?

First the change tracking is walked for its token, by ids alone, for it cannot carry the properties that the resource lacks;
then the folder is listed with them. What changes in between is told by the first look at the changes.
"""

from __future__ import annotations

import base64
import hashlib
import json
import queue
import threading
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from carnet.core.identity import fingerprint
from carnet.errors import Refused, Unmappable
from carnet.mailboxes.graph.client import PAGE, GraphClient, Json, trouble
from carnet.mailboxes.graph.translate import EXPAND, contact_of, held_back
from carnet.model.contact import KeyStrength, Record, SourceKey
from carnet.model.reading import HeldBack, Page, Repair, SkippedRecord
from carnet.transport.calls import Part

WORKERS, AHEAD = 4, 2
"""Folders fetched at once (the gate bounds the requests), and pages of each that wait to be taken."""
_MISSING, _MARK = 404, 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What one resource comes to: a record, or the reason why it is none."""

    record: Record | None = None
    held_back: HeldBack | None = None
    skipped: SkippedRecord | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """Where the reading of a folder has got to: the next link, and the token with which changes are asked for later.

    `seen`: the marks of the ids that came so far; what slips past the link while nobody reads is told by them.
    """

    folder: str
    link: str
    later: str
    seen: frozenset[str] = field(default_factory=frozenset)


def told(resource: Json) -> Told:
    """The record of a resource. A private one is dropped here: only its id and the reason go on."""
    identity, folder = str(resource.get("id", "")), str(resource.get("parentFolderId", ""))
    record_id = f"i:{identity}"
    if reason := held_back(resource):
        return Told(held_back=HeldBack(key=record_id, folder=folder, reason=reason))
    contact = contact_of(resource)
    place = f"contact {identity[-12:]}"
    if not contact.values:
        reason_ = "The card says nothing about anybody."
        return Told(skipped=SkippedRecord(folder=folder, place=place, code=Unmappable.code, reason=reason_))
    keys = (
        SourceKey(strength=KeyStrength.IMMUTABLE, key=identity),
        SourceKey(strength=KeyStrength.FINGERPRINT, key=fingerprint(contact)),
    )
    version = str(resource.get("@odata.etag") or resource.get("changeKey") or "")
    return Told(
        record=Record(id=record_id, folder=folder, place=place, keys=keys, version=f"{identity}:{version}", contact=contact)
    )


def cursor_of(text: str, folder: str) -> State:
    """The state that a cursor of this folder stands for. Raises Refused for any other text."""
    try:
        said = json.loads(base64.urlsafe_b64decode(text))
        marks = str(said["s"])
        seen = frozenset(marks[start : start + _MARK] for start in range(0, len(marks), _MARK))
        state = State(folder=said["f"], link=said["n"], later=said["l"], seen=seen)
    except (ValueError, KeyError, TypeError):
        state = None
    if state is None or state.folder != folder:
        raise Refused("Reading cannot go on from here.", "Read the mailbox again from the start.")
    return state


class FolderReader:
    """Reads one folder page by page."""

    def __init__(self, client: GraphClient, folder: str) -> None:
        """Read that folder."""
        self._client = client
        self._folder = folder
        self._path = f"{client.path}/contactFolders/{folder}/contacts"

    def pages(self, state: State | None = None) -> Iterator[Page]:
        """Its pages from that state on; what the listing misses while people work, or while nobody reads, is fetched singly."""
        ids, later = self._walk()
        if state is None:
            state = State(folder=self._folder, link=f"{self._path}?$top={PAGE}&$expand={EXPAND}", later=later)
        seen, marks = set[str](), set(state.seen)
        link: str | None = state.link
        while link:
            body = self._client.get(link)
            rows = [each for each in body.get("value", ()) if str(each.get("id")) not in seen]
            seen |= {str(each.get("id")) for each in rows}
            marks |= {_mark(str(each.get("id"))) for each in rows}
            link = body.get("@odata.nextLink")
            if not link:
                rows += self._missed({each for each in ids if _mark(each) not in marks})
            yield self._page(rows, State(folder=self._folder, link=link or "", later=state.later, seen=frozenset(marks)))

    def _walk(self) -> tuple[frozenset[str], str]:
        """The ids in the folder, and the token for later."""
        ids: set[str] = set()
        later = ""
        for page in self._client.pages(f"{self._path}/delta?$select=id", prefer=f"odata.maxpagesize={PAGE}"):
            ids |= {str(each["id"]) for each in page.get("value", ()) if "@removed" not in each}
            later = str(page.get("@odata.deltaLink") or "")
        return frozenset(ids), later

    def _missed(self, ids: AbstractSet[str]) -> list[Json]:
        urls = [f"{self._client.path}/contacts/{each}?$expand={EXPAND}" for each in sorted(ids)]
        replies = self._client.batch([Part(method="GET", url=url) for url in urls])
        for reply in replies:
            if not reply.is_success and reply.status != _MISSING:
                raise trouble(reply)
        return [reply.body for reply in replies if reply.is_success]

    def _page(self, rows: Sequence[Json], state: State) -> Page:
        found = [told({**row, "parentFolderId": self._folder}) for row in rows]
        return Page(
            records=tuple(each.record for each in found if each.record),
            held_back=tuple(each.held_back for each in found if each.held_back),
            skipped=tuple(each.skipped for each in found if each.skipped),
            repairs=_repairs(found),
            cursor=_sealed(state) if state.link else None,
            later="" if state.link else state.later,
        )


class Prefetch:
    """Fetches several folders side by side, a few pages ahead of whoever takes them in their order."""

    def __init__(self, client: GraphClient, folders: Sequence[str]) -> None:
        """Begin with the first ones."""
        self._client = client
        self._stop = threading.Event()
        self._begun: dict[str, tuple[queue.Queue[Page | None], Future[None]]] = {}
        self._pool = ThreadPoolExecutor(WORKERS, thread_name_prefix="graph")
        for each in folders:
            waiting: queue.Queue[Page | None] = queue.Queue(AHEAD)
            self._begun[each] = waiting, self._pool.submit(self._fetch, each, waiting)

    def has(self, folder: str) -> bool:
        """Whether the folder is fetched here and was not taken yet."""
        return folder in self._begun

    def pages(self, folder: str) -> Iterator[Page]:
        """The pages of a folder; what stopped the fetching, whatever it was, is raised here."""
        waiting, fetching = self._begun.pop(folder)
        while (found := waiting.get()) is not None:
            yield found
        fetching.result()

    def close(self) -> None:
        """Fetch no more."""
        self._stop.set()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _fetch(self, folder: str, waiting: queue.Queue[Page | None]) -> None:
        """Fetch a folder for whoever takes it, perhaps before this begins; they hear of the end however it comes."""
        try:
            for page in FolderReader(self._client, folder).pages():
                if not self._put(waiting, page):
                    return
        finally:
            self._put(waiting, None)

    def _put(self, waiting: queue.Queue[Page | None], what: Page | None) -> bool:
        """Wait for room; False where nobody wants it any more."""
        while not self._stop.is_set():
            try:
                waiting.put(what, timeout=0.1)
            except queue.Full:
                continue
            return True
        return False


def _mark(identity: str) -> str:
    """A short digest of an id: a cursor holds those of every contact of its folder."""
    return base64.urlsafe_b64encode(hashlib.blake2b(identity.encode(), digest_size=_MARK * 3 // 4).digest()).decode()


def _sealed(state: State) -> str:
    said: Mapping[str, Any] = {"f": state.folder, "n": state.link, "l": state.later, "s": "".join(sorted(state.seen))}
    return base64.urlsafe_b64encode(json.dumps(said).encode()).decode()


def _repairs(found: Sequence[Told]) -> tuple[Repair, ...]:
    """Addresses that Exchange could not parse: kept apart, and reported."""
    unresolved = [each.record for each in found if each.record and each.record.contact.unresolved]
    return tuple(Repair(place=each.place, code="unresolved", detail="") for each in unresolved)
