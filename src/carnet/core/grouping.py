"""Which contacts are reviewed together, and how much of each group has the CRM?"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from carnet.core.normalise import company_key, email_host, fold, is_free_mail, registrable_domain
from carnet.core.resolving import Resolution, ResolutionKind
from carnet.core.variants import AS_WRITTEN
from carnet.model.choices import Choices
from carnet.model.contact import Contact, Record
from carnet.model.group import NONE_KEY, Coverage, Group, Mode
from carnet.model.match import Confidence, Match


def group(
    records: Sequence[Record],
    mode: Mode,
    *,
    resolutions: Mapping[str, Resolution],
    matches: Mapping[str, Match],
) -> tuple[Group, ...]:
    """The groups of a mode, by title; the one without a value last."""
    members: defaultdict[str, list[Record]] = defaultdict(list)
    titles: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for record in records:
        for key, title in _places(record, mode, resolutions):
            members[key].append(record)
            titles[key][title] += 1
    groups = [_group(key, members[key], titles=titles[key], mode=mode, matches=matches) for key in members]
    return tuple(sorted(groups, key=lambda each: (each.key == NONE_KEY, fold(each.title), each.key)))


def memberships(groups: Iterable[Group]) -> int:
    """How often contacts stand in groups: one of two categories counts twice."""
    return sum(len(each.records) for each in groups)


def without(group: Group, records: frozenset[str], confidence: Mapping[str, Confidence]) -> Group:
    """The group without those records; `confidence` says how sure the CRM has each, where it has it at all."""
    left = tuple(each for each in group.records if each not in records)
    tally = Counter(confidence.get(each) for each in left)
    coverage = Coverage(
        total=len(left),
        linked=tally[Confidence.LINKED],
        known=tally[Confidence.CERTAIN],
        possible=tally[Confidence.LIKELY],
    )
    return replace(group, records=left, coverage=coverage)


def under_new_names(choices: Choices, groups: Iterable[Group]) -> Choices:
    """What was chosen for a company holds on when the company has got an account since, and its group another key."""
    now = {f"company:{company_key(each.title)}": each.key for each in groups if each.account}
    return replace(
        choices,
        excluded_groups=choices.excluded_groups | {now[key] for key in choices.excluded_groups if key in now},
        no_communications=choices.no_communications | {now[key] for key in choices.no_communications if key in now},
        account_by_group={now.get(key, key): choice for key, choice in choices.account_by_group.items()},
    )


def _places(record: Record, mode: Mode, resolutions: Mapping[str, Resolution]) -> list[tuple[str, str]]:
    """(key, title) of each group the record belongs to."""
    contact = record.contact
    if mode is Mode.CATEGORY:
        named = {fold(category): category.strip() for category in contact.categories if fold(category)}
        return [(f"category:{key}", title) for key, title in named.items()] or [(NONE_KEY, "")]
    if mode is Mode.DOMAIN:
        domain = registrable_domain(_host(contact))
        return [(f"domain:{domain}", domain)] if domain else [(NONE_KEY, "")]
    key = company_key(contact.get("company"))
    if not key:
        return [(NONE_KEY, "")]
    resolution = resolutions.get(key)
    if resolution and resolution.kind is ResolutionKind.FOUND:
        return [(f"account:{resolution.accounts[0].id}", resolution.accounts[0].name)]
    return [(f"company:{key}", contact.get("company").strip())]


def _host(contact: Contact) -> str:
    """The host of the first usable address, "" if there is none."""
    return next((host for address in contact.emails if (host := email_host(address))), "")


def _group(key: str, records: Sequence[Record], *, titles: Counter[str], mode: Mode, matches: Mapping[str, Match]) -> Group:
    domain = key.removeprefix("domain:") if mode is Mode.DOMAIN and key != NONE_KEY else ""
    return Group(
        key=key,
        title=_most_common(titles),
        records=tuple(record.id for record in records),
        coverage=_coverage(records, matches),
        account=key.removeprefix("account:") if key.startswith("account:") else None,
        hosts=tuple(sorted({_host(record.contact) for record in records})) if domain else (),
        personal=is_free_mail(domain),
        spellings=_spellings(records) if mode is Mode.COMPANY else (),
    )


def _spellings(records: Sequence[Record]) -> tuple[str, ...]:
    """How the cards spell the company, the most common first; none where no rule calls it otherwise."""
    if not any(AS_WRITTEN in record.contact.extras for record in records):
        return ()
    titles: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for record in records:
        title = record.contact.extras.get(AS_WRITTEN, record.contact.get("company"))
        titles[company_key(title)][title.strip()] += 1
    common = sorted(titles.values(), key=lambda each: (-each.total(), *sorted(each)))
    return tuple(_most_common(each) for each in common)


def _most_common(titles: Counter[str]) -> str:
    return min(titles, key=lambda each: (-titles[each], each))


def _coverage(records: Sequence[Record], matches: Mapping[str, Match]) -> Coverage:
    tally = Counter(matches[record.id].confidence for record in records if record.id in matches)
    return Coverage(
        total=len(records),
        linked=tally[Confidence.LINKED],
        known=tally[Confidence.CERTAIN],
        possible=tally[Confidence.LIKELY],
    )
