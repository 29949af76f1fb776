"""What will a run do, contact by contact?"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace

from carnet.core.deciding import Decider
from carnet.core.normalise import company_key
from carnet.core.persons import beside, gathered, joint_match, most_complete
from carnet.core.rechecking import CHANGED
from carnet.core.situation import Situation
from carnet.core.withholding import told
from carnet.model.contact import Record
from carnet.model.match import Confidence, Match
from carnet.model.plan import Action, Entry, Plan


def plan(situation: Situation, *, first: int = 1) -> Plan:
    """Decide every record, in order; new accounts come before the contacts that go under them.

    Entries are numbered from `first`.
    """
    planner = _Planner(situation)
    contacts = planner.decide_all()
    entries = tuple(replace(entry, seq=first + place) for place, entry in enumerate([*planner.accounts.entries(), *contacts]))
    return Plan(
        entries=entries,
        questions=planner.questions(),
        missing_accounts=planner.accounts.missing(),
        accounts_used=planner.accounts.used(),
        fingerprint=fingerprint(entries),
        crowded=len(situation.twins.crowded),
    )


def fingerprint(entries: Sequence[Entry]) -> str:
    """24 hex digits over what the entries do, in order; the same plan made again has the same one."""
    digest = hashlib.sha256()
    for entry in entries:
        parent = (entry.parent.kind, entry.parent.id) if entry.parent else None
        content: list[object] = [
            entry.action,
            entry.kind,
            entry.record,
            entry.target,
            sorted(entry.values.items(), key=lambda item: item[0]),
        ]
        content += [parent, entry.sets_parent, entry.expects, entry.communications, entry.reason, entry.question]
        digest.update(json.dumps(content, ensure_ascii=False).encode())
    return digest.hexdigest()[:24]


class _Planner(Decider):
    """Decides the cards of one person together."""

    def decide_all(self) -> list[Entry]:
        """One entry for each record, in order; the cards of one person stand together, the chosen one first."""
        by_id = {record.id: record for record in self.s.records}
        entries: dict[str, Entry] = {}
        for record in self.s.records:
            if record.id not in entries:
                ids = self.people.get(record.id, (record.id,))
                cards = [by_id[each] for each in ids if each in by_id]
                made = self._together(cards) if len(cards) > 1 else [self.decide(record)]
                entries |= {entry.record or "": entry for entry in made}
        return list(entries.values())

    def _together(self, cards: Sequence[Record]) -> list[Entry]:
        """One CRM contact for the cards of a person: that of a card linked before, else what the most complete one comes to."""
        linked = [card for card in cards if card.id in self.s.links]
        new = [card for card in cards if card.id not in self.s.links and self.s.answers.get(f"{CHANGED}:{card.id}") != "skip"]
        entries = [self.decide(card) for card in cards if card in linked or card not in new]
        if not new:
            return entries
        chosen = most_complete(new)
        others = [card for card in new if card is not chosen]
        self._speaks_for(chosen, cards, linked)
        first = self.decide(replace(chosen, contact=gathered(chosen, [*others, *linked])))
        if first.action is Action.ASK:
            self.waiting[first.question].extend(card.id for card in others)
        besides = [beside(self.entry(card, card.contact), first, card.contact) for card in others]
        return [*entries, first, *besides]

    def _speaks_for(self, chosen: Record, cards: Sequence[Record], linked: Sequence[Record]) -> None:
        """Give the chosen card the groups, matches and companies of all, and the CRM contact that one is linked to."""
        groups = {group.key: group for card in cards for group in self.groups.get(card.id, [])}
        self.groups[chosen.id] = list(groups.values())
        tied = next((self.s.links[card.id].target for card in linked), None)
        fields, matches = self.s.choices.fields, self.s.matches
        found = joint_match(chosen.id, [told(matches[card.id], card.contact, fields) for card in cards if card.id in matches])
        known = Match(record=chosen.id, confidence=Confidence.CERTAIN, target=tied)
        self.matches[chosen.id] = known if tied in self.s.found else found
        companies = {company_key(name): name for card in cards if (name := card.contact.get("company").strip())}
        self.companies[chosen.id] = tuple(companies.values())
