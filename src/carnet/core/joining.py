"""Which spellings and accounts hang together as one company, and what says so?

Names are compared within blocks: the same core, a word of their own, an e-mail domain. The strongest ties join first, and never
two groups of which any two names contradict each other, so that no chain joins what a person would not.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

from carnet.core.likeness import apart, contains, likeness, parts
from carnet.core.normalise import company_key, email_host, is_free_mail, registrable_domain
from carnet.core.organisations import company_core, organisation_types
from carnet.model.match import Candidate, Confidence, Evidence
from carnet.model.rule import Rule, RuleKind

ALIKE = 0.76
"""From this likeness on, two names may be one company by themselves (the best threshold in benchmarks/names)."""
_BESIDE = 0.6
"""The likeness that is enough beside a domain or colleagues."""
_SHORT = 3
"""A core of fewer letters is like too many others."""
_CROWD = 60
"""So many names under one key that it says nothing of any two."""
_MOST = 40
"""The most names that are compared all with all within one company."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tie:
    """What speaks for two names being one company."""

    ends: tuple[str, str]
    confidence: Confidence
    score: float
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """Spellings (company keys) that hang together, with the account and the accepted rule among them, and why."""

    members: tuple[str, ...]
    account: Candidate | None
    rule: Rule | None
    evidence: tuple[Evidence, ...]
    confidence: Confidence


class Joining:
    """The spellings of one selection beside the CRM's accounts and the rules; the same whatever their order."""

    def __init__(
        self,
        titles: Mapping[str, str],
        *,
        accounts: Sequence[Candidate],
        domains: Mapping[str, frozenset[str]],
        colleagues: Mapping[str, Mapping[str, int]],
        rules: Sequence[Rule],
        sites: Mapping[str, frozenset[str]],
    ) -> None:
        """`titles`: company key → as it is written; the rest as `carnet.core.variants.propose` has it."""
        self._rules = {each.id: each for each in rules if each.kind is RuleKind.VARIANTS}
        self._of_rule = {key: each.id for each in self._rules.values() for key in each.members}
        self._titles = {**{key: each.labels.get(key, key) for each in self._rules.values() for key in each.members}, **titles}
        self._accounts = {f"account:{each.id}": each for each in accounts}
        self._names = {**self._titles, **{node: each.name for node, each in self._accounts.items()}}
        self._domains = {**domains, **{node: _places(each, sites) for node, each in self._accounts.items()}}
        self._colleagues = colleagues
        self._apart = {frozenset(pair) for each in rules if each.kind is RuleKind.APART for pair in combinations(each.members, 2)}
        self._group: dict[str, tuple[str, ...]] = {node: (node,) for node in self._names}
        self._ties: defaultdict[str, list[Tie]] = defaultdict(list)

    def companies(self) -> tuple[Company, ...]:
        """What hangs together: two spellings or more, or one and an account."""
        for each in self._rules.values():
            first = next(iter(each.members), "")
            for key in each.members:
                self._join(first, key)
        for tie in sorted(self._found(), key=lambda each: (each.confidence is not Confidence.CERTAIN, -each.score, each.ends)):
            if self._may_join(*tie.ends):
                self._join(*tie.ends)
                self._ties[tie.ends[0]].append(tie)
        groups = sorted(group for group in set(self._group.values()) if len(group) > 1)
        return tuple(company for group in groups for company in self._company(group))

    def _found(self) -> Iterator[Tie]:
        blocks: defaultdict[str, list[str]] = defaultdict(list)
        for node, name in sorted(self._names.items()):
            for key in self._keys(node, name):
                blocks[key].append(node)
        compared: set[tuple[str, str]] = set()
        for key, nodes in blocks.items():
            if len(nodes) > _CROWD and not key.startswith("o:"):
                continue
            pairs = combinations(nodes, 2) if len(nodes) <= _CROWD else pairwise(nodes)
            for pair in pairs:
                if pair not in compared:
                    compared.add(pair)
                    if tie := self._tie(*pair):
                        yield tie

    def _keys(self, node: str, name: str) -> set[str]:
        taken = parts(name)
        initials = "".join(word[0] for word in taken.words)
        return {
            f"o:{company_core(name)}",
            *(f"w:{word}" for word in taken.own[:2]),
            f"i:{taken.words[0] if len(taken.words) == 1 else initials}",
            f"j:{''.join(taken.words)[:6]}",
            *(f"d:{domain}" for domain in self._domains.get(node, ())),
        }

    def _tie(self, one: str, other: str) -> Tie | None:
        if one in self._accounts and other in self._accounts:
            return None
        names = self._names[one], self._names[other]
        beside = tuple(self._beside(one, other))
        if company_core(names[0]) == company_core(names[1]):
            core = company_core(names[0])
            sure = len(core) >= _SHORT and _types_agree(*names)
            evidence = Evidence(code="same_core", values={"core": core})
            confidence = Confidence.CERTAIN if sure else Confidence.LIKELY
            return Tie(ends=(one, other), confidence=confidence, score=1.0, evidence=(evidence, *beside))
        if apart(*names) or min(len("".join(parts(name).words)) for name in names) < _SHORT:
            return None
        alike = likeness(*names)
        near = alike >= ALIKE or (beside and (alike >= _BESIDE or contains(*names)))
        evidence = Evidence(code="similar_name", values={"ours": names[0], "theirs": names[1]})
        return Tie(ends=(one, other), confidence=Confidence.LIKELY, score=alike, evidence=(evidence, *beside)) if near else None

    def _beside(self, one: str, other: str) -> Iterator[Evidence]:
        """What speaks for it beside the names."""
        account = self._accounts.get(one) or self._accounts.get(other)
        shared = self._domains.get(one, frozenset()) & self._domains.get(other, frozenset())
        if shared and account:
            yield Evidence(code="account_site", values={"domain": min(shared), "account": account.name})
        elif shared:
            yield Evidence(code="same_domain", values={"domain": min(shared)})
        linked = self._colleagues.get(other if one in self._accounts else one, {}).get(account.id, 0) if account else 0
        if account and linked:
            yield Evidence(code="colleagues_linked", values={"n": str(linked), "account": account.name})

    def _may_join(self, one: str, other: str) -> bool:
        ours, theirs = self._group[one], self._group[other]
        if ours == theirs or len(ours) + len(theirs) > _MOST:
            return False
        both = (*ours, *theirs)
        rules = {self._of_rule[node] for node in both if node in self._of_rule}
        if len(rules) > 1 or sum(1 for node in both if node in self._accounts) > 1:
            return False
        return not any(self._contradict(left, right) for left in ours for right in theirs)

    def _contradict(self, one: str, other: str) -> bool:
        names = self._names[one], self._names[other]
        told = frozenset(
            company_key(name) if node in self._accounts else node for node, name in zip((one, other), names, strict=True)
        )
        return told in self._apart or (company_core(names[0]) != company_core(names[1]) and apart(*names))

    def _join(self, one: str, other: str) -> None:
        joined = tuple(sorted({*self._group[one], *self._group[other]}))
        for node in joined:
            self._group[node] = joined

    def _company(self, group: Sequence[str]) -> Iterator[Company]:
        account = next((self._accounts[node] for node in group if node in self._accounts), None)
        members = tuple(node for node in group if node not in self._accounts)
        ties = [tie for node in group for tie in self._ties.get(node, ())]
        if not members or not ties:
            return
        sure = all(tie.confidence is Confidence.CERTAIN for tie in ties)
        rule = next((self._of_rule[node] for node in members if node in self._of_rule), "")
        yield Company(
            members=members,
            account=account,
            rule=self._rules.get(rule),
            evidence=_once(evidence for tie in ties for evidence in tie.evidence),
            confidence=Confidence.CERTAIN if sure else Confidence.LIKELY,
        )


def _places(account: Candidate, sites: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """The domains of an account's addresses and site, free mail aside."""
    hosts = (email_host(each) for each in account.emails)
    domains = {registrable_domain(host) for host in hosts if host} | sites.get(account.id, frozenset())
    return frozenset(domain for domain in domains if not is_free_mail(domain))


def _types_agree(one: str, other: str) -> bool:
    """Whether the types of organisation are one, or one name has none: a SARL and a GmbH are two companies on paper."""
    ours, theirs = organisation_types(one), organisation_types(other)
    return ours <= theirs or theirs <= ours


def _once(found: Iterable[Evidence]) -> tuple[Evidence, ...]:
    by_text = {(each.code, *sorted(each.values.items())): each for each in found}
    return tuple(by_text.values())
