"""Which card of another export is which card known from before?"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from carnet.core.identity import content_marks
from carnet.model.contact import KeyStrength, Record, SourceKey
from carnet.model.known import SeenRecord, Since


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """What is known of one card: its id, the keys that an export keeps, node, fingerprint, and the marks of its content."""

    id: str
    strong: frozenset[str] = frozenset()
    node: str = ""
    fingerprint: str = ""
    marks: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def has(self, *names: str) -> list[Hashable]:
        """Those marks together, as one thing to look for; nothing where one of them is absent."""
        found = [self.marks.get(name, frozenset()) for name in names]
        return [(names, *found)] if all(found) else []

    def shares(self, other: Trace, *names: str) -> bool:
        """Whether one of these marks is the same in both."""
        return any(self.marks.get(name, frozenset()) & other.marks.get(name, frozenset()) for name in names)

    def denies(self, other: Trace, name: str) -> bool:
        """Whether both have that mark, and another one."""
        mine, yours = self.marks.get(name, frozenset()), other.marks.get(name, frozenset())
        return bool(mine and yours) and not mine & yours


def trace(identity: str, keys: Sequence[SourceKey], *, marks: str = "") -> Trace:
    """The trace of a card that has those keys; `marks` are those of its content where the keys hold none."""
    by_strength: defaultdict[KeyStrength, list[str]] = defaultdict(list)
    for key in keys:
        by_strength[key.strength].append(key.key)
    strong = {f"{strength}:{key}" for strength in _STRONG for key in by_strength[strength]}
    split: defaultdict[str, set[str]] = defaultdict(set)
    for mark in (" ".join(by_strength[KeyStrength.CONTENT]) or marks).split():
        name, _, value = mark.partition(":")
        split[name].add(value)
    return Trace(
        id=identity,
        strong=frozenset(strong or ({identity} if identity[:2] not in _WEAK else ())),
        node=next(iter(by_strength[KeyStrength.NODE]), ""),
        fingerprint=next(iter(by_strength[KeyStrength.FINGERPRINT]), ""),
        marks={name: frozenset(values) for name, values in split.items()},
    )


_STRONG = (KeyStrength.IMMUTABLE, KeyStrength.SEARCH)
_WEAK = {"n:", "f:", "c:"}


def recognise(cards: Sequence[Trace], known: Sequence[Trace]) -> dict[str, str]:
    """Id of a card → id of the known one that it is; each is given away once, and in doubt nobody is.

    First what says the same under the same key, then a key that only one card has, then what the content says: name with
    address, and a name or an address alone where nobody else has it and nothing speaks against it.
    """
    pairs = _Pairs(cards, known)
    pairs.alike(lambda each: [(each.id, each.fingerprint)] if each.fingerprint else [])
    pairs.alike(lambda each: [(key, each.fingerprint) for key in sorted(each.strong) if each.fingerprint])
    pairs.alone(lambda each: each.strong)
    pairs.left(lambda each: [(key, *each.has("name", "mail")) for key in each.strong if each.has("name", "mail")])
    pairs.left(lambda each: [(key, *each.has("name")) for key in each.strong if each.has("name")])
    pairs.left(lambda each: [(key, *each.has("mail")) for key in each.strong if each.has("mail")])
    pairs.copies()
    pairs.alike(lambda each: [each.fingerprint] if each.fingerprint else [])
    pairs.left(lambda each: [(each.node, *each.has("name"))] if each.node and each.has("name") else [])
    pairs.left(lambda each: each.has("name", "mail") or ([] if each.has("name") or each.has("mail") else each.has("who")))
    pairs.alone(lambda each: each.has("name"), agree=_same_name)
    pairs.alone(lambda each: each.has("mail"), agree=lambda one, other: one.shares(other, "given", "last", "call"))
    return pairs.found


def _differ(one: Trace, other: Trace) -> bool:
    return one.denies(other, "name") or one.denies(other, "mail")


def _same_name(one: Trace, other: Trace) -> bool:
    """Whether two cards of one name may be one person: with another address and another company they share a number."""
    moved = one.denies(other, "mail") and one.denies(other, "firm")
    return not moved or one.shares(other, "call")


class _Pairs:
    """Cards and known ones that were put together so far."""

    def __init__(self, cards: Sequence[Trace], known: Sequence[Trace]) -> None:
        self._cards = {each.id: each for each in cards}
        self._known = {each.id: each for each in known}
        self._everybody = (tuple(cards), tuple(known))
        self.found: dict[str, str] = {}

    def alike(self, of: _Of) -> None:
        """Put together what cannot be told apart by this, in order, but those of one id first."""
        waiting: defaultdict[Hashable, deque[Trace]] = defaultdict(deque)
        for each in self._known.values():
            for thing in of(each):
                waiting[thing].append(each)
        for card in sorted(self._cards.values(), key=lambda each: each.id not in self._known):
            for thing in of(card):
                if other := self._next(card, waiting.get(thing, deque())):
                    self._join(card, other)
                    break

    def _next(self, card: Trace, queue: deque[Trace]) -> Trace | None:
        while queue and queue[0].id not in self._known:
            queue.popleft()
        own = self._known.get(card.id)
        return own if own is not None and own in queue else (queue[0] if queue else None)

    def copies(self) -> None:
        """Of several cards with the key of one that is known, take the one of its id, if it is called so and reached so."""
        known = _owners(self._everybody[1], lambda each: each.strong)
        for card in list(self._cards.values()):
            own = next((known[key] for key in card.strong if key in known), None)
            if own is not None and own.id == card.id and own.id in self._known and not _differ(card, own):
                self._join(card, own)

    def alone(self, of: _Of, agree: _Agree = lambda _, __: True) -> None:
        """Put together what only one of all the cards has, and only one of all the known."""
        cards, known = self._everybody
        self._only(_owners(cards, of), _owners(known, of), agree)

    def left(self, of: _Of) -> None:
        """Put together what only one of the cards that are left has, and only one of the known that are."""
        self._only(_owners(self._cards.values(), of), _owners(self._known.values(), of), lambda _, __: True)

    def _only(self, cards: Mapping[Hashable, Trace], known: Mapping[Hashable, Trace], agree: _Agree) -> None:
        for thing, card in cards.items():
            other = known.get(thing)
            if other is not None and card.id in self._cards and other.id in self._known and agree(card, other):
                self._join(card, other)

    def _join(self, card: Trace, known: Trace) -> None:
        self.found[card.id] = known.id
        del self._cards[card.id], self._known[known.id]


_Of = Callable[[Trace], Iterable[Hashable]]
_Agree = Callable[[Trace, Trace], bool]


def _owners(traces: Iterable[Trace], of: _Of) -> dict[Hashable, Trace]:
    """Each thing that one trace alone has → that trace."""
    counted: Counter[Hashable] = Counter()
    owners: dict[Hashable, Trace] = {}
    for each in traces:
        for thing in of(each):
            counted[thing] += 1
            owners[thing] = each
    return {thing: owner for thing, owner in owners.items() if counted[thing] == 1}


def trace_of(record: Record) -> Trace:
    """The trace of a card as it is read now."""
    return trace(record.id, record.keys, marks=content_mark(record.keys) or content_marks(record.contact).key)


def content_mark(keys: Sequence[SourceKey]) -> str:
    """The content marks among a record's keys, "" where it was read before they were kept."""
    return next((each.key for each in keys if each.strength is KeyStrength.CONTENT), "")


def trace_of_seen(seen: SeenRecord) -> Trace:
    """The trace of a card that was remembered."""
    letter, _, key = seen.record.partition(":")
    strength = {"i": KeyStrength.IMMUTABLE, "s": KeyStrength.SEARCH}.get(letter)
    base, _, number = key.rpartition("~")
    strong = [SourceKey(strength=strength, key=base if number.isdecimal() and base else key)] if strength else []
    keys = [*strong, SourceKey(strength=KeyStrength.FINGERPRINT, key=seen.version)]
    return trace(seen.record, keys, marks=seen.key)


def since(records: Sequence[Record], seen: Sequence[SeenRecord], *, read: frozenset[str] | None = None) -> Since:
    """What is new, changed and gone; `read` are the digests of the folders that were read, None for all."""
    found = recognise([trace_of(record) for record in records], [trace_of_seen(each) for each in seen])
    versions = {each.record: each.version for each in seen}
    again = set(found.values())
    return Since(
        new=tuple(record.id for record in records if record.id not in found),
        changed=tuple(record.id for record in records if record.id in found and versions[found[record.id]] != record.version),
        gone=tuple(each.record for each in seen if each.record not in again and (read is None or each.folder in read)),
        formerly={now: then for now, then in found.items() if now != then},
    )
