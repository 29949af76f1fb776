"""Which cards of one selection are the same person, surely or perhaps, and why?

Three steps, each the same whatever the order of the cards. Copies and cards that share a name and an address or number of
their own are gathered first, key by key and so in one pass. What is left is compared within blocks, of which a crowded one
says nothing. Last, what hangs together surely becomes one person if no two cards in it contradict each other; if two do, every
tie of that chain is a question.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from itertools import combinations

from carnet.core.acquainting import acquainted
from carnet.core.comparing import Card, understand
from carnet.core.identity import content_key
from carnet.core.kinship import Cluster, Kin, Pair, Tie, Twins, contradict, kin_of, sure, ties, worth_asking
from carnet.model.contact import Record

CROWD = 40
"""So many different people under one key that it says nothing of any of them."""
_SEVERAL = 2
_TRIED = 5
"""To how many people of one name a card of that name is compared before it stands for itself."""
_CHAIN = 60
"""So many different cards that hang together are taken for a contradiction rather than compared all with all."""

_TOLD = frozenset("epn")

Apart = AbstractSet[frozenset[str]]


def find(records: Sequence[Record], *, region: str, links: Mapping[str, str], apart: Apart = frozenset()) -> Twins:
    """The twins among the records; companies' cards have none.

    `links` gives the CRM record of each card that is linked: one record is one person, two are two. `apart` holds pairs that a
    person said are not the same, as record ids or as "card:<content key>" (a pair of equal keys is a set of one).
    """
    met = sorted(acquainted(records, region=region, links=links), key=lambda each: each[0].id)
    kin = [kin_of(record, region=region, keys=keys) for record, keys in met]
    finder = _Finder(
        [each for each in kin if each.personal], region=region, links=links, apart=_named([record for record, _ in met], apart)
    )
    finder.gather()
    finder.compare()
    return finder.found()


def _named(records: Sequence[Record], apart: Apart) -> Apart:
    """The pairs that are apart as record ids."""
    wanted = {member for pair in apart for member in pair if member.startswith("card:")}
    if not wanted:
        return apart
    by_content: defaultdict[str, list[str]] = defaultdict(list)
    for record in records:
        if (member := f"card:{content_key(record.contact)}") in wanted:
            by_content[member].append(record.id)
    named = set(apart)
    for one, other in ((*pair, *pair)[:2] for pair in apart):
        both = ((left, right) for left in by_content.get(one, ()) for right in by_content.get(other, ()))
        named |= {frozenset(pair) for pair in both if len(set(pair)) > 1}
    return named


class _Finder:
    """Joins cards to people: `_head` says of each card which card stands for its person."""

    def __init__(self, kin: Sequence[Kin], *, region: str, links: Mapping[str, str], apart: Apart) -> None:
        self._kin = {each.id: each for each in kin}
        self._region = region
        self._cards: dict[str, Card] = {}
        self._links = links
        self._apart = apart
        self._parted = {record for pair in apart for record in pair}
        self._head = {each.id: each.id for each in kin}
        self._members = {each.id: [each.id] for each in kin}
        self._claims = {each.id: {each.claims: each} for each in kin}
        self._targets = {each.id: {links[each.id]} if each.id in links else set() for each in kin}
        self._pairs: dict[tuple[str, str], Tie] = {}
        self._likely: dict[tuple[str, str], Tie] = {}
        self._crowded: set[str] = set()

    # What needs no comparison

    def gather(self) -> None:
        """Join cards linked to one CRM record, copies, and cards of one name with an address or number of their own."""
        carriers = self._carriers()
        known: defaultdict[tuple[str, ...], list[Kin]] = defaultdict(list)
        for kin in self._kin.values():
            if target := self._links.get(kin.id):
                known["link", target].append(kin)
            if kin.copy:
                known["copy", kin.copy].append(kin)
            for key in kin.own:
                if kin.signature and len(carriers[key]) == 1:
                    known[(key, *kin.signature)].append(kin)
        for what, alike in known.items():
            if len(alike) > 1:
                self._join_all(alike, linked=what[0] == "link")

    def _carriers(self) -> dict[str, set[frozenset[str]]]:
        """Own address or number → the different names that it has."""
        carriers: defaultdict[str, set[frozenset[str]]] = defaultdict(set)
        for kin in self._kin.values():
            for key in kin.own if kin.names else ():
                if len(carriers[key]) < _SEVERAL and not any(names & kin.names for names in carriers[key]):
                    carriers[key].add(kin.names)
        return carriers

    def _join_all(self, alike: Sequence[Kin], *, linked: bool) -> None:
        """Join each to the first it is sure with: cards of one key are mostly all alike, so one comparison does."""
        heads: list[Kin] = []
        for kin in alike:
            for head in heads[:_TRIED]:
                tie = self._ties(head, kin)
                if (linked or sure(head, kin, tie)) and self._may_join(head.id, kin.id):
                    self._join(head.id, kin.id, tie)
                    break
            else:
                heads.append(kin)

    # What is compared

    def compare(self) -> None:
        """Compare those of each block that are not one person yet, and join chains without a contradiction."""
        certain: dict[tuple[str, str], Tie] = {}
        for one, other in self._meetings():
            tie = self._ties(one, other)
            if self._is_apart(one.id, other.id) or (one.id in self._links and other.id in self._links):
                continue
            if sure(one, other, tie):
                certain[one.id, other.id] = tie
            elif worth_asking(one, other, tie):
                self._likely[one.id, other.id] = tie
        for chain in self._chains(certain):
            if self._contradicts({self._head[record] for pair in chain for record in pair}):
                self._likely |= {pair: certain[pair] for pair in chain}
            else:
                for pair in chain:
                    self._join(*pair, certain[pair])

    def _meetings(self) -> Iterator[tuple[Kin, Kin]]:
        """Each two people that share a key once, by the first cards of theirs that do."""
        blocks: defaultdict[str, dict[str, Kin]] = defaultdict(dict)
        for kin in self._kin.values():
            for key in kin.keys:
                blocks[key].setdefault(self._head[kin.id], kin)
        met: set[tuple[str, str]] = set()
        for key, people in sorted(blocks.items()):
            if len(people) > CROWD:
                self._crowded |= {key} if key[0] in _TOLD else set()
                continue
            for (left, one), (right, other) in combinations(sorted(people.items()), 2):
                if (left, right) not in met:
                    met.add((left, right))
                    yield (one, other) if one.id < other.id else (other, one)

    def _chains(self, certain: Mapping[tuple[str, str], Tie]) -> list[list[tuple[str, str]]]:
        """The certain pairs, those that hang together in one list."""
        root: dict[str, str] = {}

        def top(head: str) -> str:
            while root.setdefault(head, head) != head:
                head = root[head]
            return head

        for one, other in certain:
            left, right = sorted((top(self._head[one]), top(self._head[other])))
            root[right] = left
        chains: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
        for pair in sorted(certain):
            chains[top(self._head[pair[0]])].append(pair)
        return list(chains.values())

    def _contradicts(self, heads: AbstractSet[str]) -> bool:
        """Whether two cards among all those of these people cannot be one person."""
        if len({target for head in heads for target in self._targets[head]}) > 1:
            return True
        parted = [record for head in heads for record in self._members[head] if record in self._parted] if self._parted else []
        if any(frozenset(pair) in self._apart for pair in combinations(parted, 2)):
            return True
        different = {claims: kin for head in heads for claims, kin in self._claims[head].items()}
        return len(different) > _CHAIN or any(contradict(*pair) for pair in combinations(different.values(), 2))

    # What comes of it

    def found(self) -> Twins:
        """The people with several cards, and the pairs that are still to be asked about."""
        pairs: defaultdict[str, list[Pair]] = defaultdict(list)
        for (one, other), tie in sorted(self._pairs.items()):
            pairs[self._head[one]].append(Pair(records=(one, other), evidence=tie))
        clusters = (
            Cluster(records=tuple(sorted(members)), pairs=tuple(pairs[head]))
            for head, members in self._members.items()
            if len(members) > 1
        )
        return Twins(
            clusters=tuple(sorted(clusters, key=lambda each: each.records)),
            likely=tuple(self._asked()),
            crowded=tuple(sorted(self._crowded)),
        )

    def _asked(self) -> Iterator[Pair]:
        """One pair for two people, named by the first cards of each, so that its key stays when a card is added."""
        asked: set[tuple[str, str]] = set()
        for (one, other), tie in sorted(self._likely.items()):
            first, second = sorted((min(self._members[self._head[one]]), min(self._members[self._head[other]])))
            if first != second and (first, second) not in asked and not self._contradicted_by_a_person(one, other):
                asked.add((first, second))
                yield Pair(records=(first, second), evidence=tie)

    def _contradicted_by_a_person(self, one: str, other: str) -> bool:
        """Whether a person said that a card of one is not a card of the other, or linked both."""
        left, right = self._members[self._head[one]], self._members[self._head[other]]
        if any(self._is_apart(a, b) for a in left if a in self._parted for b in right if b in self._parted):
            return True
        return bool(self._targets[self._head[one]] and self._targets[self._head[other]])

    def _ties(self, one: Kin, other: Kin) -> Tie:
        if one.id not in self._cards:
            self._cards[one.id] = understand(one.contact, self._region)
        return ties(self._cards[one.id], other)

    def _may_join(self, one: str, other: str) -> bool:
        return not self._contradicts({self._head[one], self._head[other]})

    def _is_apart(self, one: str, other: str) -> bool:
        return frozenset({one, other}) in self._apart

    def _join(self, one: str, other: str, tie: Tie) -> None:
        self._pairs[min(one, other), max(one, other)] = tie
        first, second = sorted((self._head[one], self._head[other]))
        if first == second:
            return
        self._claims[first] |= self._claims.pop(second)
        self._targets[first] |= self._targets.pop(second)
        moved = self._members.pop(second)
        self._members[first] += moved
        for record in moved:
            self._head[record] = first
