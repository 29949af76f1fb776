"""Which spellings of a reading may be one company, and what did a person say to that?"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import product

from carnet.core.blocking import company_keys
from carnet.core.normalise import company_key, email_host, is_free_mail, registrable_domain
from carnet.core.variants import AS_WRITTEN, Spelling, Variant
from carnet.core.variants import propose as propose_spellings
from carnet.errors import NotFound, Refused
from carnet.flows.events import Watcher, nobody
from carnet.flows.observe import BATCH, Observed, fetch, observe
from carnet.flows.rules import spellings
from carnet.flows.seen import Sight, look
from carnet.model.account import RecordKind
from carnet.model.contact import Record
from carnet.model.match import Candidate, Confidence
from carnet.model.rule import Rule, RuleKind
from carnet.ports.world import World

_SURE = frozenset({Confidence.LINKED, Confidence.CERTAIN})


def propose(
    world: World, *, user: str, reading: str, folders: frozenset[str] | None = None, watch: Watcher = nobody
) -> tuple[Variant, ...]:
    """The companies that the ticked folders may spell in several ways, the most contacts first; nothing is joined by this."""
    sight = look(world, user=user, reading=reading, folders=folders, watch=watch)
    return sight.kept("variants", tuple[Variant, ...], lambda: _propose(sight, watch=watch))


def proposal(world: World, *, user: str, reading: str, key: str, folders: frozenset[str] | None = None) -> Variant:
    """That proposal; NotFound where it is not made, or no longer."""
    for each in propose(world, user=user, reading=reading, folders=folders):
        if each.key == key:
            return each
    raise NotFound("This proposal is no longer made.", "Look at the proposals again.")


def accept(world: World, *, user: str, variant: Variant, without: Iterable[str] = (), name: str = "") -> Rule:
    """Say that the spellings are one company called `name`, but for the keys in `without`, which are apart from it.

    What was said of some of them before becomes one rule with this. Raises Refused where nothing is left to join.
    """
    out = frozenset(without)
    kept = [each for each in variant.members if each.key not in out]
    name = name.strip() or variant.name
    if not kept or (len(kept) == 1 and company_key(name) == kept[0].key):
        raise Refused("There is nothing to join.", "Keep at least two spellings, or refuse the proposal.")
    before = [rule for rule in world.store.rules.all(user) if _is_part(rule, variant, kept)]
    labels = {key: rule.labels.get(key, key) for rule in before for key in rule.members}
    labels |= {each.key: each.title for each in kept}
    account = variant.account
    rule = Rule(
        id=before[0].id if before else _id(world, user, kind=RuleKind.VARIANTS, labels=labels),
        kind=RuleKind.VARIANTS,
        members=tuple(labels),
        name=name,
        account=account.id if account and company_key(account.name) == company_key(name) else "",
        labels=labels,
        made_at=world.clock.now(),
    )
    for each in before[1:]:
        world.store.rules.delete(user, each.id)
    world.store.rules.save(user, rule)
    for left, stays in product([each for each in variant.members if each.key in out], kept):
        _part(world, user, {left.key: left.title, stays.key: stays.title})
    return rule


def refuse(world: World, *, user: str, variant: Variant) -> Rule:
    """Say that the spellings, and the account if there is one, are not one company: they are not proposed again."""
    labels = {each.key: each.title for each in variant.members}
    if variant.account:
        labels.setdefault(company_key(variant.account.name), variant.account.name)
    return _part(world, user, labels)


def _part(world: World, user: str, labels: Mapping[str, str]) -> Rule:
    rule = Rule(
        id=_id(world, user, kind=RuleKind.APART, labels=labels),
        kind=RuleKind.APART,
        members=tuple(labels),
        labels=labels,
        made_at=world.clock.now(),
    )
    world.store.rules.save(user, rule)
    return rule


def _is_part(rule: Rule, variant: Variant, kept: Sequence[Spelling]) -> bool:
    """Whether an accepted rule speaks of a spelling that is joined now, or is the one that the proposal adds to."""
    joined = {each.key for each in kept}
    return rule.kind is RuleKind.VARIANTS and (rule.id == variant.rule or not joined.isdisjoint(rule.members))


def _id(world: World, user: str, *, kind: RuleKind, labels: Iterable[str]) -> str:
    """The same answer has the same id: it is not listed twice."""
    return world.ids.record_key("rule", user, str(kind), *sorted(labels))


def _propose(sight: Sight, *, watch: Watcher) -> tuple[Variant, ...]:
    world = sight.world
    seen = observe(world, user=sight.user, reading=sight.reading.id, folders=sight.folders, watch=watch)
    cards = world.store.readings.records(sight.reading.id, folders=sight.folders)
    found, domains = spellings(cards), _domains(cards)
    accounts = _accounts(world, found, domains)
    rules = world.store.rules.all(sight.user)
    variants = propose_spellings(
        found,
        accounts=accounts,
        domains=domains,
        colleagues=_colleagues(world, seen),
        rules=rules,
        sites=_sites(world, accounts),
    )
    called = {key: company_key(rule.name) for rule in rules if rule.kind is RuleKind.VARIANTS for key in rule.members}
    return tuple(each for each in variants if _is_open(each, called))


def _is_open(variant: Variant, called: Mapping[str, str]) -> bool:
    """Whether the proposal would join what is not one row already."""
    names = {called.get(each.key, each.key) for each in variant.members}
    return len(names | ({company_key(variant.account.name)} if variant.account else set())) > 1


def _domains(cards: Iterable[Record]) -> dict[str, frozenset[str]]:
    """Company key → the e-mail domains of its contacts, free mail aside."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for card in cards:
        domains = {registrable_domain(host) for address in card.contact.emails if (host := email_host(address))}
        found[company_key(card.contact.get("company"))] |= {domain for domain in domains if not is_free_mail(domain)}
    return {key: frozenset(domains) for key, domains in found.items() if key and domains}


def _accounts(world: World, found: Iterable[Spelling], domains: Mapping[str, frozenset[str]]) -> tuple[Candidate, ...]:
    """The CRM's accounts of that name, with or without its type, or of one of those domains."""
    keys = {key for each in found for key in company_keys(each.title)} | {
        f"d:{each}" for some in domains.values() for each in some
    }
    wanted = sorted(keys)
    once: dict[str, Candidate] = {}
    for start in range(0, len(wanted), BATCH):
        by_key = world.store.candidates.by_keys(world.crm.key, wanted[start : start + BATCH])
        once |= {each.id: each for some in by_key.values() for each in some if each.kind is RecordKind.ACCOUNT}
    return tuple(once.values())


def _colleagues(world: World, seen: Observed) -> dict[str, Counter[str]]:
    """Company key as the card spells it → account → how many of its contacts the CRM surely has under that account."""
    targets = {record: found.target for record, found in seen.matches.items() if found.confidence in _SURE and found.target}
    wanted = sorted(set(targets.values()))
    parents: dict[str, str] = {}
    for start in range(0, len(wanted), BATCH):
        people = world.store.candidates.get(world.crm.key, RecordKind.CONTACT, wanted[start : start + BATCH])
        parents |= {key: each.parent for key, each in people.items() if each.parent}
    found: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for record in seen.records:
        parent = parents.get(targets.get(record.id, ""))
        key = company_key(record.contact.extras.get(AS_WRITTEN, record.contact.get("company")))
        if parent and key:
            found[key][parent] += 1
    return dict(found)


def _sites(world: World, accounts: Iterable[Candidate]) -> dict[str, frozenset[str]]:
    """Account → the domain of its site."""
    records = fetch(world, RecordKind.ACCOUNT, (each.id for each in accounts))
    hosts = {key: _host(record.values.get("website", "")) for key, record in records.items()}
    return {key: frozenset({registrable_domain(host)}) for key, host in hosts.items() if host}


def _host(address: str) -> str:
    """The host of a web address, "" if it names none."""
    host = address.rpartition("://")[2].partition("/")[0].partition(":")[0].strip()
    return host if "." in host and " " not in host else ""
