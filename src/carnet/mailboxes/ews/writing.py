"""How are contacts of an Exchange mailbox created, changed and deleted, each once?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from carnet.errors import Unanswered
from carnet.mailboxes.ews import asking
from carnet.mailboxes.ews.client import EwsClient, Message
from carnet.mailboxes.ews.finding import TOGETHER, Finder, Found, chunks, named
from carnet.mailboxes.ews.node import Node
from carnet.mailboxes.ews.paths import said_by
from carnet.mailboxes.ews.reading import CONTACT, Reader, version_of
from carnet.mailboxes.ews.translate import ASKED, OPERATION, SEARCH_KEY, contact_of, values_of
from carnet.model.card import CardReceipt, CardWrite
from carnet.model.change import Operation, Outcome
from carnet.model.contact import Contact

_TRIES = 3
_REFUSED = "refused"
_MISSING, _CONFLICT = "ErrorItemNotFound", frozenset({"ErrorIrresolvableConflict", "ErrorStaleObject"})


class Writer:
    """Writes to one mailbox."""

    def __init__(self, client: EwsClient, reader: Reader, finder: Finder) -> None:
        """Write through that client."""
        self._client = client
        self._reader = reader
        self._finder = finder

    def write(self, writes: Sequence[CardWrite]) -> tuple[CardReceipt, ...]:
        """Write them, in order; one receipt each. One that fails does not stop the others."""
        receipts: dict[int, CardReceipt] = {}
        creates = {number: each for number, each in enumerate(writes) if each.operation is Operation.CREATE}
        receipts |= self._create(creates)
        others = {number: each for number, each in enumerate(writes) if number not in creates}
        present = self._finder.present({number: (each.id, each.expects) for number, each in others.items()}, ASKED)
        for number, each in others.items():
            if settled := _settled_before(each, present.get(number)):
                receipts[number] = settled
        open_ = {number: each for number, each in others.items() if number not in receipts}
        receipts |= self._change(open_, present)
        return tuple(receipts[number] for number in range(len(writes)))

    # Creating

    def _create(self, creates: dict[int, CardWrite]) -> dict[int, CardReceipt]:
        """Create what is not there yet: an operation key on each contact tells what an unanswered try has made."""
        receipts: dict[int, CardReceipt] = {}
        open_, lost = dict(creates), None
        for attempt in range(_TRIES + 1):
            receipts |= self._looked_up(open_)
            open_ = {number: each for number, each in open_.items() if number not in receipts}
            if not open_ or attempt == _TRIES:  # it looks once more after its last try
                break
            try:
                answered = self._created(open_)
            except Unanswered as unanswered:
                lost = unanswered
                continue
            lost = None
            receipts |= answered
            open_ = {number: each for number, each in open_.items() if number not in receipts}
            if not open_:
                break
        if open_ and lost is not None:
            raise lost
        return receipts | {number: CardReceipt(outcome=Outcome.FAILED, code=_REFUSED) for number in open_}

    def _created(self, creates: Mapping[int, CardWrite]) -> dict[int, CardReceipt]:
        """One try to create those, folder by folder; what the server was too busy for has no receipt yet."""
        receipts: dict[int, CardReceipt] = {}
        made: dict[str, int] = {}
        for folder in dict.fromkeys(each.folder for each in creates.values()):
            mine = [(number, each) for number, each in creates.items() if each.folder == folder]
            for chunk in chunks(mine, TOGETHER):
                contacts = [values_of(each.values, categories=each.categories) | {OPERATION: each.key} for _, each in chunk]
                said = [{path: value for path, value in each.items() if value} for each in contacts]
                for (number, _), message in zip(chunk, self._client.ask(asking.new(folder, said), repeatable=False), strict=True):
                    found = message.node.find("m:Items", CONTACT, "t:ItemId")
                    if message.is_success and found:
                        made[found.get("Id")] = number
                    elif not message.is_busy:
                        receipts[number] = CardReceipt(outcome=Outcome.FAILED, code=message.code or _REFUSED)
        for identity, message in self._reader.read(list(made), (SEARCH_KEY,)):
            if item := message.node.find("m:Items", CONTACT):
                receipts[made[identity]] = self._receipt(Outcome.DONE, (identity, item))
        return receipts

    def _looked_up(self, creates: Mapping[int, CardWrite]) -> dict[int, CardReceipt]:
        """What earlier tries have made of those, by their operation keys."""
        found: dict[int, CardReceipt] = {}
        numbers = {each.key: number for number, each in creates.items()}
        folders = tuple(dict.fromkeys(each.folder for each in creates.values()))
        for keys in chunks(list(numbers), TOGETHER):
            for identity, item in self._finder.holding(OPERATION, keys, folders):
                if (number := numbers.get(str(said_by(item).get(OPERATION, "")))) is not None:
                    found[number] = self._receipt(Outcome.ALREADY, (identity, item))
        return found

    # Changing and deleting

    def _change(self, writes: Mapping[int, CardWrite], present: Mapping[int, Found]) -> dict[int, CardReceipt]:
        receipts: dict[int, CardReceipt] = {}
        for kind, ask in ((Operation.UPDATE, self._updated), (Operation.DELETE, self._deleted)):
            mine = [(number, each) for number, each in writes.items() if each.operation is kind]
            for chunk in chunks(mine, TOGETHER):
                receipts |= self._sent(dict(chunk), present, ask)
        stale = {number: writes[number] for number, each in receipts.items() if each.outcome is Outcome.STALE}
        return receipts | self._looked_at_again(stale, present)

    def _sent(
        self,
        writes: dict[int, CardWrite],
        present: Mapping[int, Found],
        ask: Callable[[Mapping[int, CardWrite], Mapping[int, Found]], dict[int, CardReceipt]],
    ) -> dict[int, CardReceipt]:
        """The receipts of changes; an unanswered try goes again, for the change key keeps it from being done twice."""
        receipts: dict[int, CardReceipt] = {}
        lost: Unanswered | None = None
        for _ in range(_TRIES):
            open_ = {number: each for number, each in writes.items() if number not in receipts}
            if not open_:
                return receipts
            try:
                receipts |= ask(open_, present)
                lost = None
            except Unanswered as unanswered:
                lost = unanswered
        if lost is not None:
            raise lost
        failed = CardReceipt(outcome=Outcome.FAILED, code=_REFUSED)
        return dict.fromkeys(writes, failed) | receipts

    def _updated(self, writes: Mapping[int, CardWrite], present: Mapping[int, Found]) -> dict[int, CardReceipt]:
        wanted = []
        for number, each in writes.items():
            _, item = present[number]
            values = values_of(each.values, before=_contact(item), categories=each.categories)
            wanted.append((*named(item), values))
        told = self._client.ask(asking.updates(wanted), repeatable=False)
        return self._receipts(writes, told, lambda message: message.node.find("m:Items", CONTACT))

    def _deleted(self, writes: Mapping[int, CardWrite], present: Mapping[int, Found]) -> dict[int, CardReceipt]:
        told = self._client.ask(asking.deletions(named(present[number][1]) for number in writes), repeatable=False)
        return self._receipts(writes, told, lambda _: None)

    def _receipts(
        self, writes: Mapping[int, CardWrite], told: Iterable[Message], item: Callable[[Message], Node | None]
    ) -> dict[int, CardReceipt]:
        receipts: dict[int, CardReceipt] = {}
        for (number, each), message in zip(writes.items(), told, strict=True):
            if message.is_busy:
                continue
            now = item(message)
            version = version_of(now) if now else ""
            receipts[number] = CardReceipt(
                outcome=_outcome(each, message), id=each.id, version=version, code=_code(message, each)
            )
        return receipts

    def _looked_at_again(self, stale: Mapping[int, CardWrite], present: Mapping[int, Found]) -> dict[int, CardReceipt]:
        """Whether those that have moved say by now what was to be written: it was our own try, whose answer was lost."""
        updates = {number: present[number][0] for number, each in stale.items() if each.operation is Operation.UPDATE}
        receipts: dict[int, CardReceipt] = {}
        for number, (_, item) in self._finder.read(updates, ASKED).items():
            if _says(_contact(item), stale[number]):
                receipts[number] = CardReceipt(outcome=Outcome.ALREADY, id=stale[number].id, version=version_of(item))
        return receipts

    def _receipt(self, outcome: Outcome, found: Found) -> CardReceipt:
        identity, item = found
        return CardReceipt(outcome=outcome, id=self._finder.record(identity, item), version=version_of(item))


def _contact(item: Node) -> Contact:
    return contact_of(said_by(item))


def _says(contact: Contact, each: CardWrite) -> bool:
    same = all(contact.get(key) == (value or "") for key, value in each.values.items())
    return same and (each.categories is None or set(contact.categories) == set(each.categories))


def _settled_before(each: CardWrite, found: Found | None) -> CardReceipt | None:
    """What is known before anything is sent: the contact is gone, or has moved since it was decided on."""
    if found is None:
        gone = Outcome.ALREADY if each.operation is Operation.DELETE else Outcome.FAILED
        return CardReceipt(outcome=gone, id=each.id, code="" if gone is Outcome.ALREADY else "gone")
    version = version_of(found[1])
    if each.expects and version != each.expects:
        return CardReceipt(outcome=Outcome.STALE, id=each.id, version=version)
    return None


def _outcome(each: CardWrite, message: Message) -> Outcome:
    if message.is_success:
        return Outcome.DONE
    if message.code in _CONFLICT:
        return Outcome.STALE
    return Outcome.ALREADY if (each.operation, message.code) == (Operation.DELETE, _MISSING) else Outcome.FAILED


def _code(message: Message, each: CardWrite) -> str:
    return (message.code or _REFUSED) if _outcome(each, message) is Outcome.FAILED else ""
