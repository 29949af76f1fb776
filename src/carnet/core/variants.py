"""Which spellings may be one company, and how is a company called that a person has said to be one?"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from carnet.core.joining import Company, Joining
from carnet.core.normalise import company_key
from carnet.model.account import RecordKind
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
    by_key = {each.key: each for each in spellings}
    found = Joining(
        {key: each.title for key, each in by_key.items()},
        accounts=[each for each in accounts if each.kind is RecordKind.ACCOUNT and each.active],
        domains=domains,
        colleagues=colleagues,
        rules=rules,
        sites=sites or {},
    )
    variants = (_variant(company, by_key) for company in found.companies())
    return tuple(sorted(variants, key=lambda each: (-sum(m.contacts for m in each.members), each.key)))


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


def _variant(company: Company, by_key: Mapping[str, Spelling]) -> Variant:
    labels = company.rule.labels if company.rule else {}
    members = (by_key.get(key) or Spelling(key=key, title=labels.get(key, key), contacts=0) for key in company.members)
    ordered = tuple(sorted(members, key=lambda each: (-each.contacts, each.key)))
    named = company.account.name if company.account else ordered[0].title
    return Variant(
        key=_digest([*(each.key for each in ordered), f"account:{company.account.id}" if company.account else ""]),
        members=ordered,
        name=company.rule.name if company.rule else named,
        account=company.account,
        evidence=company.evidence,
        confidence=company.confidence,
        rule=company.rule.id if company.rule else "",
    )


def _digest(parts: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(_sorted(parts)).encode()).hexdigest()[:24]


def _sorted(parts: Iterable[str]) -> Iterator[str]:
    return iter(sorted(filter(None, parts)))
