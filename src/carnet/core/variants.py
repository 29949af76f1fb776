"""Which spellings may be one company, and how is a company called that a person has said to be one?"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from carnet.core.normalise import company_key
from carnet.core.organisations import company_core
from carnet.model.contact import Record
from carnet.model.match import Candidate, Confidence, Evidence
from carnet.model.rule import Rule, RuleKind

AS_WRITTEN = "company_as_written"
"""The extra of a contact that keeps how the card spells a company which a rule calls otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spelling:
    """One way to write a company's name: its key (`company_key`), as it is written most often, and on how many contacts."""

    key: str
    title: str
    contacts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """A proposal: these spellings, and the account if there is one, may be one company called `name`.

    `key` is a digest of the members' keys and the account. `members` are two or more, or one with an account, the most
    frequent first; one without contacts is known from the `rule` only, the id of the accepted rule that the others would be
    added to ("" for a new one). The codes of `evidence` are same_core (core), similar_name (ours, theirs), same_domain
    (domain), account_site (domain, account) and colleagues_linked (n, account).
    """

    key: str
    members: tuple[Spelling, ...]
    name: str
    account: Candidate | None
    evidence: tuple[Evidence, ...]
    confidence: Confidence
    rule: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What dropping a rule changes: the spellings that are rows of their own again, and their contacts."""

    spellings: tuple[Spelling, ...]

    @property
    def contacts(self) -> int:
        """How many contacts move."""
        return sum(each.contacts for each in self.spellings)


def propose(
    spellings: Iterable[Spelling],
    *,
    accounts: Sequence[Candidate],
    domains: Mapping[str, frozenset[str]],
    colleagues: Mapping[str, Mapping[str, int]],
    rules: Sequence[Rule],
    sites: Mapping[str, frozenset[str]] | None = None,
) -> tuple[Variant, ...]:
    """The companies that may be written in several ways, the most contacts first; nothing is joined by this.

    `accounts` are those that the index finds for the spellings. `domains`: company key → registrable e-mail domains of its
    contacts, free mail aside. `colleagues`: company key → account id → how many of its contacts are linked under that account.
    `sites`: account id → domains of its site, besides those of its e-mail addresses.
    """
    del domains, colleagues, sites
    apart = _apart(rules)
    by_core: defaultdict[str, list[Spelling]] = defaultdict(list)
    for each in spellings:
        by_core[company_core(each.title)].append(each)
    named = {company_core(each.name): each for each in sorted(accounts, key=lambda each: each.id, reverse=True)}
    found = []
    for core, members in by_core.items():
        account = named.get(core)
        if len(members) + bool(account) > 1 and not any(frozenset(pair) in apart for pair in combinations([m.key for m in members], 2)):
            found.append(_variant(core, members, account))
    return tuple(sorted(found, key=lambda each: (-sum(m.contacts for m in each.members), each.key)))


def heal(records: Sequence[Record], rules: Iterable[Rule]) -> tuple[Record, ...]:
    """The records with each company called as the rules say, in memory only; how the card spells it stays in its extras."""
    names = _names(rules)
    return tuple(_healed(record, names) for record in records) if names else tuple(records)


def effect(rule: Rule, spellings: Iterable[Spelling]) -> Effect:
    """What dropping the rule would change among these spellings; nothing for a rule that joins none."""
    members = frozenset(rule.members) if rule.kind is RuleKind.VARIANTS else frozenset()
    return Effect(spellings=tuple(each for each in spellings if each.key in members))


def _names(rules: Iterable[Rule]) -> dict[str, str]:
    """Company key → what the company is called; the newest rule counts, and a name that is a member in turn leads on."""
    newest = sorted(
        (rule for rule in rules if rule.kind is RuleKind.VARIANTS and company_key(rule.name)),
        key=lambda rule: (rule.made_at.timestamp() if rule.made_at else 0.0, rule.id),
    )
    direct = {key: rule.name.strip() for rule in newest for key in rule.members}
    return {key: _followed(key, direct) for key in direct}


def _followed(key: str, direct: Mapping[str, str]) -> str:
    """Where the names lead; in a circle, to the one that is first in the order of the alphabet."""
    passed = [key]
    while (at := passed[-1]) in direct:
        after = company_key(direct[at])
        if after in passed:
            circle = passed[passed.index(after) :]
            return min((direct[each] for each in circle), key=lambda name: (company_key(name), name))
        passed.append(after)
    return direct[passed[-2]]


def _healed(record: Record, names: Mapping[str, str]) -> Record:
    contact = record.contact
    company = contact.get("company")
    name = names.get(company_key(company), company)
    if name == company:
        return record
    extras = {**contact.extras, AS_WRITTEN: contact.extras.get(AS_WRITTEN, company)}
    return replace(record, contact=replace(contact, values={**contact.values, "company": name}, extras=extras))


def _apart(rules: Iterable[Rule]) -> frozenset[frozenset[str]]:
    return frozenset(
        frozenset(pair) for rule in rules if rule.kind is RuleKind.APART for pair in combinations(rule.members, 2)
    )


def _variant(core: str, members: Sequence[Spelling], account: Candidate | None) -> Variant:
    ordered = tuple(sorted(members, key=lambda each: (-each.contacts, each.key)))
    return Variant(
        key=_digest([*(each.key for each in ordered), f"account:{account.id}" if account else ""]),
        members=ordered,
        name=account.name if account else ordered[0].title,
        account=account,
        evidence=(Evidence(code="same_core", values={"core": core}),),
        confidence=Confidence.CERTAIN,
    )


def _digest(parts: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(_sorted(parts)).encode()).hexdigest()[:24]


def _sorted(parts: Iterable[str]) -> Iterator[str]:
    return iter(sorted(filter(None, parts)))
