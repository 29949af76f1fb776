"""How is a folder of Exchange read, and what changed in it since?

Exchange gives a contact another id with every move, and tells of a deletion by that id alone. A record is therefore named by
its search key, which survives a move, and a cursor remembers which item was which record.
"""

from __future__ import annotations

import base64
import hashlib
import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from carnet.core.identity import fingerprint
from carnet.errors import Expired, NotFound, Refused, Unmappable, Unreadable
from carnet.mailboxes.ews import asking
from carnet.mailboxes.ews.client import EwsClient, Message
from carnet.mailboxes.ews.node import Node
from carnet.mailboxes.ews.paths import said_by
from carnet.mailboxes.ews.translate import ASKED, KEYS, SEARCH_KEY, contact_of, held_back
from carnet.model.contact import KeyStrength, Record, SourceKey
from carnet.model.reading import ContactList, HeldBack, Page, Repair, SkippedRecord

CHUNK = 100
"""Items that are read at once."""
CONTACT, LIST = "t:Contact", "t:DistributionList"
_LIST_PATHS = (*KEYS, "contacts:DisplayName", "distributionlist:Members")
_GONE = frozenset({"ErrorItemNotFound"})
_FORGOTTEN = frozenset({"ErrorInvalidSyncStateData", "ErrorSyncFolderNotFound", "ErrorFolderNotFound"})
_ID, _SUFFIX = "s:", 8


class Names:
    """Which item is which record: copies share a search key, and the second one that is met is named by its item as well."""

    def __init__(self) -> None:
        """Nothing is known yet."""
        self._records: dict[str, str] = {}
        self._items: dict[str, str] = {}

    def name(self, item: str, key: str) -> str:
        """The record that an item is."""
        known = self._records.get(_short(item))
        if known is None:
            known = f"{_ID}{base64.b64decode(key).hex()}" if key else f"i:{item}"
            if self._items.get(known, _short(item)) != _short(item):
                known = f"{known}~{_short(item)[:_SUFFIX]}"
            self.keep(_short(item), known)
        return known

    def may_be(self, item: str, key: str, *, record: str) -> bool:
        """Whether an item with that key is a record whose own item is gone: known as it, or known as nothing yet and named so."""
        if (known := self._records.get(_short(item))) is not None:
            return known == record
        named = f"{_ID}{base64.b64decode(key).hex()}"
        return record in {named, f"{named}~{_short(item)[:_SUFFIX]}"}

    def keep(self, short: str, record: str) -> None:
        """Remember what a cursor says."""
        self._records[short] = record
        self._items[record] = short

    def leave(self, item: str) -> str:
        """The record that an item was before it went from its folder, "" where it was none."""
        record = self._records.pop(_short(item), "")
        self._items.pop(record, None)
        return record


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """Where a folder has got to: what Exchange calls it, and which of its items (shortened) is which record."""

    folder: str
    sync: str = ""
    records: Mapping[str, str] = field(default_factory=dict)

    def seal(self) -> str:
        """The state as a text."""
        said = json.dumps({"f": self.folder, "s": self.sync, "r": dict(self.records)}, separators=(",", ":"))
        return base64.b64encode(zlib.compress(said.encode())).decode()


def state_of(text: str, folder: str) -> State:
    """The state that a cursor of this folder stands for. Raises Refused for any other text."""
    try:
        said = json.loads(zlib.decompress(base64.b64decode(text, validate=True)))
        state = State(folder=said["f"], sync=said["s"], records=said["r"])
    except (ValueError, KeyError, TypeError, zlib.error):
        state = None
    if state is None or state.folder != folder:
        raise Refused("Reading cannot go on from here.", "Read the mailbox again from the start.")
    return state


@dataclass(slots=True, kw_only=True)
class Step:
    """One page of what changed in a folder: the items that are there now, and the records that went."""

    present: dict[str, str] = field(default_factory=dict)
    gone: list[str] = field(default_factory=list)
    sync: str = ""
    is_last: bool = True


@dataclass(slots=True, kw_only=True)
class Told:
    """What items come to."""

    records: list[Record] = field(default_factory=list)
    held_back: list[HeldBack] = field(default_factory=list)
    lists: list[ContactList] = field(default_factory=list)
    skipped: list[SkippedRecord] = field(default_factory=list)


class Reader:
    """Reads the folders of one mailbox."""

    def __init__(self, client: EwsClient) -> None:
        """Read through that client."""
        self._client = client
        self.names = Names()

    def pages(self, folder: str, state: State) -> Iterator[Page]:
        """The pages of a folder from that state on."""
        self._remember(state)
        records = dict(state.records)
        sync, is_last = state.sync, False
        while not is_last:
            step = self.step(folder, sync)
            gone = self.forget(step.gone, records)
            told = self.told(folder, step.present, records)
            sync, is_last = step.sync, step.is_last
            after = State(folder=folder, sync=sync, records=records).seal()
            yield Page(
                records=tuple(told.records),
                held_back=tuple(told.held_back),
                lists=tuple(told.lists),
                skipped=tuple(told.skipped),
                repairs=_repairs(told.records),
                gone=tuple(gone),
                cursor=None if is_last else after,
                later=after if is_last else "",
            )

    def changes(self, state: State) -> Step:
        """All that changed in a folder since. Raises Expired where the server no longer knows the state."""
        self._remember(state)
        whole = self.step(state.folder, state.sync)
        while not whole.is_last:
            more = self.step(state.folder, whole.sync)
            whole.present |= more.present
            whole.gone += more.gone
            whole.sync, whole.is_last = more.sync, more.is_last
        for item in whole.gone:
            whole.present.pop(item, None)
        return whole

    def step(self, folder: str, sync: str) -> Step:
        """One page of changes, by the ids of items. Raises Expired, NotFound."""
        (message,) = self._client.ask(asking.changed(folder, sync))
        if message.code in _FORGOTTEN and sync:
            raise Expired("The mailbox no longer knows where we had got to.", "It is read again.")
        if not message.is_success:
            raise NotFound("The mailbox no longer has what was asked for.", "Read it again.")
        step = Step(sync=message.node.said("m:SyncState"))
        step.is_last = message.node.said("m:IncludesLastItemInRange") == "true"
        for change in message.node.each("m:Changes"):
            item = change.inside[0]
            if change.name == "t:Delete":
                step.gone.append(item.get("Id"))
            elif change.name in {"t:Create", "t:Update"} and item.name in {CONTACT, LIST} and (named := item.find("t:ItemId")):
                step.present[named.get("Id")] = item.name
        return step

    def forget(self, items: Sequence[str], records: dict[str, str]) -> list[str]:
        """The records that those items were; they are no longer in the folder."""
        for item in items:
            records.pop(_short(item), None)
        return [record for item in items if (record := self.names.leave(item))]

    def told(self, folder: str, present: Mapping[str, str], records: dict[str, str]) -> Told:
        """What those items of a folder come to; which record each of them is goes into `records`."""
        told = Told()
        contacts = [item for item, kind in present.items() if kind == CONTACT]
        for item, message in self.read(contacts, ASKED):
            if message.code not in _GONE:
                self._tell(folder, item, message, told=told, records=records)
        for item, message in self.read([item for item, kind in present.items() if kind == LIST], _LIST_PATHS):
            if message.is_success:
                self._tell_list(folder, item, message.node, told=told)
        return told

    def read(self, items: Sequence[str], paths: Sequence[str]) -> Iterator[tuple[str, Message]]:
        """Each item, with what the server answers about it."""
        for start in range(0, len(items), CHUNK):
            chunk = items[start : start + CHUNK]
            yield from zip(chunk, self._client.ask(asking.items(chunk, paths)), strict=True)

    def _remember(self, state: State) -> None:
        for short, record in state.records.items():
            self.names.keep(short, record)

    def _tell(self, folder: str, item: str, message: Message, *, told: Told, records: dict[str, str]) -> None:
        place = f"contact {_short(item)[:12]}"
        found = message.node.find("m:Items", CONTACT)
        if not message.is_success or found is None:
            reason = "This item is damaged."
            told.skipped.append(SkippedRecord(folder=folder, place=place, code=Unreadable.code, reason=reason))
            return
        values = said_by(found)
        record = self.names.name(item, str(values.get(SEARCH_KEY, "")))
        records[_short(item)] = record
        if reason_ := held_back(values):
            told.held_back.append(HeldBack(key=record, folder=folder, reason=reason_))
            return
        contact = contact_of(values)
        if not contact.values:
            reason = "The card says nothing about anybody."
            told.skipped.append(SkippedRecord(folder=folder, place=place, code=Unmappable.code, reason=reason))
            return
        keys = (
            SourceKey(strength=KeyStrength.SEARCH, key=record.removeprefix(_ID)),
            SourceKey(strength=KeyStrength.FINGERPRINT, key=fingerprint(contact)),
        )
        told.records.append(Record(id=record, folder=folder, place=place, keys=keys, version=version_of(found), contact=contact))

    def _tell_list(self, folder: str, item: str, node: Node, *, told: Told) -> None:
        found = node.find("m:Items", LIST)
        if found is None:
            return
        values = said_by(found)
        if reason := held_back(values):
            key = self.names.name(item, str(values.get(SEARCH_KEY, "")))
            told.held_back.append(HeldBack(key=key, folder=folder, reason=reason))
            return
        members = sum(1 for _ in found.each("t:Members"))
        told.lists.append(ContactList(name=found.said("t:DisplayName"), folder=folder, members=members))


def version_of(item: Node) -> str:
    """What changes with every change of an item: its id, which names it for the server, and its change key."""
    named = item.find("t:ItemId")
    return f"{named.get('Id')}:{named.get('ChangeKey')}" if named else ""


def _short(item: str) -> str:
    """An item's id, which is long, as a cursor remembers it; one that is short already stays."""
    return hashlib.blake2b(item.encode(), digest_size=12).hexdigest()


def _repairs(records: Sequence[Record]) -> tuple[Repair, ...]:
    """Addresses that are none which can be sent to: kept apart, and reported."""
    return tuple(Repair(place=each.place, code="unresolved", detail="") for each in records if each.contact.unresolved)
