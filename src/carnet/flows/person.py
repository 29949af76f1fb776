"""What is held about one person, wherever it is?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from carnet.core.identity import content_key
from carnet.core.normalise import email_key, fold
from carnet.flows.index import refresh
from carnet.flows.observe import fetch
from carnet.model.account import CrmRecord, RecordKind
from carnet.model.contact import Record
from carnet.model.draft import Draft
from carnet.model.link import Link
from carnet.model.match import Candidate
from carnet.model.plan import Entry
from carnet.model.rule import Rule
from carnet.model.run import Run
from carnet.ports.world import World

_MANY = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """Everything that a user's Carnet holds about somebody.

    `contacts` are in the CRM, `index` is what the candidate index has of them, and from other CRMs. `cards` are (reading, card)
    of readings in progress, `lines` entries of runs, `links` (mailbox, link); `questions` are (run, key); `remembered` are
    mailboxes whose last reading held such a card, of which a digest is kept. `shown` are mailboxes beside which the folders of
    that address are shown.
    """

    sought: str
    contacts: tuple[CrmRecord, ...] = ()
    index: tuple[Candidate, ...] = ()
    cards: tuple[tuple[str, Record], ...] = ()
    drafts: tuple[Draft, ...] = ()
    lines: tuple[tuple[Run, Entry], ...] = ()
    questions: tuple[tuple[int, str], ...] = ()
    links: tuple[tuple[str, Link], ...] = ()
    rules: tuple[Rule, ...] = ()
    remembered: tuple[str, ...] = ()
    shown: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Whether anything is held."""
        known = (self.contacts, self.index, self.links, self.rules, self.remembered, self.shown)
        return any((*known, self.cards, self.drafts, self.lines, self.questions))


def find_person(world: World, *, user: str, sought: str) -> Held:
    """All that is held about whoever has that e-mail address or, without an "@", exactly that name; nothing is changed."""
    refresh(world)
    sought = email_key(sought) or sought.strip()
    if not sought:
        return Held(sought="")
    contacts = _contacts(world, sought)
    found = world.store.mentions.of(user, sought, targets=sorted(contacts))
    cards = tuple((reading, card) for reading, card in found.cards if _in_card(sought, card))
    links = tuple((box, link) for box, link in found.links if link.target in contacts or _speaks(sought, link.base))
    records = {card.id for _, card in cards} | {link.record for _, link in links}
    names = {*contacts, *(content_key(card.contact) for _, card in cards)}
    return Held(
        sought=sought,
        contacts=tuple(contacts.values()),
        index=(
            *world.store.candidates.get(world.crm.key, RecordKind.CONTACT, sorted(contacts)).values(),
            *_elsewhere(world, sought),
        ),
        cards=cards,
        drafts=tuple(draft for draft in world.store.drafts.all(user) if _in_draft(draft, sought, records)),
        lines=_lines(world, user, [each for each in found.entries if _in_entry(sought, each[1], {*contacts, *records})]),
        questions=found.questions,
        links=links,
        rules=tuple(rule for rule in world.store.rules.all(user) if _in_rule(rule, sought, names)),
        remembered=found.remembered if cards else (),
        shown=tuple(each.label for each in world.store.connections.all(user) if sought in each.shared),
    )


def _elsewhere(world: World, sought: str) -> Iterator[Candidate]:
    """What the index has from CRMs that contacts do not go to now."""
    index = world.store.candidates
    for crm in index.crms():
        if crm == world.crm.key:
            continue
        if email_key(sought):
            found = index.by_keys(crm, [f"e:{sought}"]).get(f"e:{sought}", ())
            yield from (each for each in found if each.kind is RecordKind.CONTACT)
            continue
        people = sorted(id_ for kind, id_ in index.ids(crm) if kind is RecordKind.CONTACT)
        for start in range(0, len(people), _MANY):
            some = index.get(crm, RecordKind.CONTACT, people[start : start + _MANY]).values()
            yield from (each for each in some if fold(each.name) == fold(sought))


def _lines(world: World, user: str, entries: Sequence[tuple[int, Entry]]) -> tuple[tuple[Run, Entry], ...]:
    runs = {number: world.store.runs.get(user, number) for number in {number for number, _ in entries}}
    return tuple((runs[number], entry) for number, entry in entries)


def _contacts(world: World, sought: str) -> dict[str, CrmRecord]:
    """The CRM's contacts of that address or name, by id."""
    if email_key(sought):
        found = world.store.candidates.by_keys(world.crm.key, [f"e:{sought}"]).get(f"e:{sought}", ())
        return fetch(world, RecordKind.CONTACT, [each.id for each in found if each.kind is RecordKind.CONTACT])
    named, _ = world.crm.search(RecordKind.CONTACT, sought, limit=_MANY) if sought else ((), 0)
    return {each.id: each for each in named if fold(each.name) == fold(sought)}


def _speaks(sought: str, values: Mapping[str, str | None], *others: str) -> bool:
    """Whether a value, or a text beside them, is the address; where a name is sought, whether they name that person."""
    if key := email_key(sought):
        return any(email_key(text) == key for text in (*values.values(), *others) if text)
    whole = " ".join(filter(None, (values.get("given_name"), values.get("surname"))))
    return fold(sought) in {fold(text) for text in (values.get("full_name"), whole, *others) if text}


def _in_card(sought: str, card: Record) -> bool:
    return _speaks(sought, card.contact.values, *card.contact.extras.values(), *card.contact.more_emails)


def _in_entry(sought: str, entry: Entry, ids: set[str]) -> bool:
    said = [text for item in entry.evidence for text in item.values.values()]
    about = entry.target in ids or entry.record in ids
    return about or any(
        _speaks(sought, values, entry.label, *said) for values in (entry.values, entry.before, entry.agreed, entry.too_long)
    )


def _in_draft(draft: Draft, sought: str, records: set[str]) -> bool:
    choices = draft.choices
    touched = {*choices.edits, *choices.excluded_records, *choices.account_by_record}
    touched |= {key.partition(":")[2] for key in draft.answers}
    return bool(touched & records) or any(_speaks(sought, values) for values in choices.edits.values())


def _in_rule(rule: Rule, sought: str, ids: set[str]) -> bool:
    return any(member.partition(":")[2] in ids for member in rule.members) or _speaks(sought, {}, *rule.labels.values())
