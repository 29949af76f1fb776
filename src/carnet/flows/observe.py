"""What do a reading, the links and the CRM say together, before anything is decided?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from carnet.core.blocking import company_keys, contact_keys
from carnet.core.identity import content_key
from carnet.core.marking import Mark, mark_of
from carnet.core.matching import match, not_the_same
from carnet.core.normalise import company_key
from carnet.core.relinking import known_links
from carnet.core.resolving import Resolution, resolve
from carnet.core.variants import heal
from carnet.flows.events import Progress, Watcher, nobody
from carnet.flows.seen import Sight, look
from carnet.model.account import CrmRecord, RecordKind
from carnet.model.contact import Record
from carnet.model.link import Link
from carnet.model.match import Candidate, Confidence, Match
from carnet.model.reading import Reading
from carnet.ports.store import Scope
from carnet.ports.world import World

BATCH = 1000
MATCHED_AT_ONCE = 200
"""Cards whose candidates are in memory together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """One reading seen against the CRM. `cursor` is the CRM's; `dangling` are links whose CRM record is gone, by record."""

    scope: Scope
    reading: Reading
    records: tuple[Record, ...]
    links: Mapping[str, Link]
    dangling: Mapping[str, Link]
    matches: Mapping[str, Match]
    resolutions: Mapping[str, Resolution]
    cursor: str


def observe(
    world: World,
    *,
    user: str,
    reading: str,
    folders: frozenset[str] | None = None,
    ids: Sequence[str] | None = None,
    watch: Watcher = nobody,
) -> Observed:
    """Match every record of the ticked folders (or those ids) and resolve every company it names.

    What was worked out of the ticked folders before is taken as it was, while nothing it hangs on has moved.
    """
    sight = look(world, user=user, reading=reading, folders=folders, watch=watch)
    records = heal(world.store.readings.records(reading, folders=folders, ids=ids), world.store.rules.all(user))
    everybody = None if ids is not None else records if folders is None else world.store.readings.records(reading)
    links, dangling = _links(world, sight.scope, records, whole=everybody)

    def matches() -> dict[str, Match]:
        return _matches(world, records, links, user=user, watch=watch)

    def resolutions() -> dict[str, Resolution]:
        return _resolutions(world, records)

    whole = ids is None
    return Observed(
        scope=sight.scope,
        reading=sight.reading,
        records=records,
        links=links,
        dangling=dangling,
        matches=_kept_matches(sight, records, matches) if whole else matches(),
        resolutions=sight.kept("resolutions", dict[str, Resolution], resolutions) if whole else resolutions(),
        cursor=sight.cursor,
    )


def records_behind(world: World, matches: Iterable[Match]) -> dict[str, CrmRecord]:
    """The CRM contacts that matches suggest, with all their values."""
    wanted = {each.candidate.id for found in matches for each in found.suggestions}
    wanted |= {found.target for found in matches if found.target}
    return fetch(world, RecordKind.CONTACT, wanted)


def with_company(world: World, seen: Observed, company: str) -> Observed:
    """The same, with what a company that no card names resolves to as well; "" for none."""
    if not company or company_key(company) in seen.resolutions:
        return seen
    return replace(seen, resolutions={**seen.resolutions, **_resolve(world, {company_key(company): company})})


def fetch(world: World, kind: RecordKind, ids: Iterable[str]) -> dict[str, CrmRecord]:
    """CRM records by id, asked for in batches."""
    wanted = sorted(set(ids))
    found: dict[str, CrmRecord] = {}
    for start in range(0, len(wanted), BATCH):
        found.update(world.crm.get(kind, wanted[start : start + BATCH]))
    return found


def _links(
    world: World, scope: Scope, records: Sequence[Record], *, whole: Sequence[Record] | None
) -> tuple[dict[str, Link], dict[str, Link]]:
    """The links of these records, and those of them whose CRM record is gone.

    `whole` are all records of the reading, for who else is called so counts; without them links count by their ids alone.
    """
    every = world.store.links.all(scope)
    if whole is None:
        wanted = {record.id for record in records}
        by_record = {each.record: each for each in every if each.record in wanted}
    else:
        known = known_links(whole, every) if every else {}
        by_record = {record.id: known[record.id] for record in records if record.id in known}
    alive: set[tuple[RecordKind, str]] = set()
    for kind in RecordKind:
        targets = sorted({link.target for link in by_record.values() if link.kind is kind})
        for start in range(0, len(targets), BATCH):
            found = world.store.candidates.get(scope.crm, kind, targets[start : start + BATCH])
            alive.update((kind, target) for target in found)
    links = {record: link for record, link in by_record.items() if (link.kind, link.target) in alive}
    dangling = {record: link for record, link in by_record.items() if record not in links}
    return links, dangling


def _kept_matches(sight: Sight, records: Sequence[Record], compute: Callable[[], dict[str, Match]]) -> dict[str, Match]:
    """The matches, of which only those that found something are kept."""
    found = sight.kept("matches", tuple[Match, ...], lambda: tuple(each for each in compute().values() if _says_something(each)))
    by_record = {each.record: each for each in found}
    return {record.id: by_record.get(record.id) or Match(record=record.id, confidence=Confidence.NONE) for record in records}


def _says_something(found: Match) -> bool:
    return found.confidence is not Confidence.NONE or bool(found.astray)


def _matches(
    world: World, records: Sequence[Record], links: Mapping[str, Link], *, user: str, watch: Watcher
) -> dict[str, Match]:
    apart = not_the_same(world.store.rules.all(user))
    matches: dict[str, Match] = {}
    for start in range(0, len(records), MATCHED_AT_ONCE):
        batch = records[start : start + MATCHED_AT_ONCE]
        keys = {record.id: contact_keys(record.contact, world.region) for record in batch}
        found = world.store.candidates.by_keys(world.crm.key, sorted({key for each in keys.values() for key in each}))
        marks = {record.id: mark for record in batch if (mark := mark_of(record.contact))}
        tracked = _tracked(world, marks.values()) if marks else {}
        for record in batch:
            candidates = {
                each.id: each for key in keys[record.id] for each in found.get(key, ()) if each.kind is RecordKind.CONTACT
            }
            mark = marks.get(record.id)
            if mark and mark.id in tracked:
                candidates[mark.id] = tracked[mark.id]
            link = links.get(record.id)
            target = link.target if link else None
            never = apart.get(content_key(record.contact), frozenset()) if apart else frozenset()
            matches[record.id] = match(
                record,
                tuple(candidates.values()),
                link=target,
                region=world.region,
                apart=never,
                mark=mark,
                crm=world.crm.key,
            )
        watch(Progress(phase="match", done=len(matches), total=len(records)))
    return matches


def _tracked(world: World, marks: Iterable[Mark]) -> Mapping[str, Candidate]:
    """The CRM contacts that Microsoft's own app tracks cards as, by id."""
    wanted = sorted({mark.id for mark in marks if mark.is_of(world.crm.key)})
    return world.store.candidates.get(world.crm.key, RecordKind.CONTACT, wanted)


def _resolutions(world: World, records: Sequence[Record]) -> dict[str, Resolution]:
    """What each company name (normalised) resolves to in the CRM."""
    names: dict[str, str] = {}
    for record in records:
        for name in (record.contact.get("company"), record.contact.get("full_name")):
            if name:
                names.setdefault(company_key(name), name)
    return _resolve(world, names)


def _resolve(world: World, names: Mapping[str, str]) -> dict[str, Resolution]:
    """What companies, by their normalised names, resolve to in the CRM."""
    resolutions: dict[str, Resolution] = {}
    wanted = sorted(names.items())
    for start in range(0, len(wanted), BATCH):
        batch = wanted[start : start + BATCH]
        keys = sorted({key for _, name in batch for key in company_keys(name)})
        found = world.store.candidates.by_keys(world.crm.key, keys)
        resolutions.update({key: resolve(name, _accounts(found, name)) for key, name in batch})
    return resolutions


def _accounts(found: Mapping[str, Sequence[Candidate]], name: str) -> dict[str, list[Candidate]]:
    return {key: [each for each in found.get(key, ()) if each.kind is RecordKind.ACCOUNT] for key in company_keys(name)}
