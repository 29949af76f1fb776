"""What will a run do, contact by contact?"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from carnet.core.asking import about_company_card, about_name, about_person, company_card_key
from carnet.core.completing import Nature, complete, label
from carnet.core.linking import link_entry, update_entry
from carnet.core.mapping import Mapped, to_account, to_crm
from carnet.core.normalise import company_key
from carnet.core.parenting import Accounts, Parenting, decide_parent
from carnet.core.rechecking import CHANGED
from carnet.core.resolving import Resolution
from carnet.core.withholding import allowed, sayable, shown
from carnet.model.account import CrmRecord, Parent, RecordKind
from carnet.model.choices import Choices
from carnet.model.contact import Contact, Record
from carnet.model.decision import Question, QuestionKind
from carnet.model.group import Group
from carnet.model.link import Link
from carnet.model.match import Confidence, Match
from carnet.model.plan import Action, Entry, Plan, State

COMPANY_CARD = "company_card"
NOT_SELECTED = "not_selected"
ALREADY = "already"


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """Everything a plan is decided from.

    `groups` are those of the chosen mode over the ticked folders; `found` holds the CRM contacts behind links, certain
    matches and answers; `new_ids` the CRM id that each record would get, `account_ids` that of each missing company
    (normalised name).
    """

    records: Sequence[Record]
    groups: Sequence[Group]
    matches: Mapping[str, Match]
    links: Mapping[str, Link]
    found: Mapping[str, CrmRecord]
    resolutions: Mapping[str, Resolution]
    new_ids: Mapping[str, str]
    account_ids: Mapping[str, str]
    choices: Choices = field(default_factory=Choices)
    answers: Mapping[str, str] = field(default_factory=dict)


def plan(situation: Situation, *, first: int = 1) -> Plan:
    """Decide every record, in order; new accounts come before the contacts that go under them.

    Entries are numbered from `first`.
    """
    planner = _Planner(situation)
    contacts = [planner.decide(record) for record in situation.records]
    entries = tuple(replace(entry, seq=first + place) for place, entry in enumerate([*planner.accounts.entries(), *contacts]))
    return Plan(
        entries=entries,
        questions=planner.questions(),
        missing_accounts=planner.accounts.missing(),
        accounts_used=planner.accounts.used(),
        fingerprint=fingerprint(entries),
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


class _Planner:
    """Decides one record after another; remembers which accounts the run makes and which questions are open."""

    def __init__(self, situation: Situation) -> None:
        self.s = situation
        self.accounts = Accounts(situation.account_ids)
        self._questions: dict[str, Question] = {}
        self._waiting: dict[str, list[str]] = {}
        self._filled: set[str] = set()
        self._groups: dict[str, list[Group]] = {}
        for group in situation.groups:
            if group.key not in situation.choices.excluded_groups:
                for record in group.records:
                    self._groups.setdefault(record, []).append(group)

    def decide(self, record: Record) -> Entry:
        """One entry for one record."""
        groups = self._groups.get(record.id, [])
        contact = _edited(record.contact, self.s.choices.edits.get(record.id, {}))
        communications = self.s.choices.communications and not any(
            group.key in self.s.choices.no_communications for group in groups
        )
        entry = Entry(
            seq=0,
            action=Action.SKIP,
            record=record.id,
            label=label(shown(contact, self.s.choices.fields)),
            folder=record.folder,
            keys=record.keys,
            communications=communications,
        )
        dropped = record.id in self.s.choices.excluded_records or self.s.answers.get(f"{CHANGED}:{record.id}") == "skip"
        if dropped or not groups:
            return replace(entry, reason=NOT_SELECTED)
        link = self.s.links.get(record.id)
        if link is not None:
            return self._linked(entry, record, contact=contact, link=link)
        nature = complete(contact).nature
        if nature is Nature.NOTHING:
            return self._unless_skipped(entry, about_name(entry), reason="no_name")
        if nature is Nature.COMPANY and self.s.answers.get(company_card_key(entry)) != "create":
            return self._company_card(entry, contact)
        return self._person(entry, record, contact)

    def questions(self) -> tuple[Question, ...]:
        """The open questions, each with every record that waits for it."""
        return tuple(replace(question, records=tuple(self._waiting[key])) for key, question in self._questions.items())

    # What becomes of each kind of card

    def _linked(self, entry: Entry, record: Record, *, contact: Contact, link: Link) -> Entry:
        """Linked before: left as it is, unless "apply to the n already linked too" is ticked (W41)."""
        entry = replace(entry, target=link.target, kind=link.kind, confidence=Confidence.LINKED, reason=ALREADY)
        found = self.s.found.get(link.target)
        if not self.s.choices.include_linked or found is None or link.kind is not RecordKind.CONTACT:
            return replace(entry, communications=link.communications)
        parenting = self._parenting(record, contact)
        if parenting.question:
            return self._ask(entry, parenting.question, reason="question")
        parent = self.accounts.settle(parenting, record.id, company=contact.get("company"))
        entry = update_entry(entry, found=found, parent=None if link.target in self._filled else parent, link=link)
        entry = replace(entry, agreed=allowed(entry.agreed, self.s.choices.fields))
        if entry.sets_parent:
            self._filled.add(link.target)
        return entry

    def _company_card(self, entry: Entry, contact: Contact) -> Entry:
        """A card that names a company and no person is proposed as an account."""
        title = (contact.get("company") or contact.get("full_name")).strip()
        resolution = self.s.resolutions.get(company_key(title))
        known = tuple(resolution.accounts) if resolution else ()
        answer = self.s.answers.get(company_card_key(entry), "")
        entry = replace(entry, kind=RecordKind.ACCOUNT)
        if answer == "account" and not known:
            mapped = to_account(contact)
            made = self.accounts.create(company_key(title), title, values=mapped.values)
            return replace(entry, action=Action.LINK, target=made.id, reason=COMPANY_CARD, too_long=mapped.too_long)
        if answer in {f"link:{account.id}" for account in known}:
            return replace(entry, action=Action.LINK, target=answer.removeprefix("link:"), reason=COMPANY_CARD)
        return self._unless_skipped(entry, about_company_card(entry, title, known), reason=COMPANY_CARD)

    def _person(self, entry: Entry, record: Record, contact: Contact) -> Entry:
        match = self.s.matches.get(record.id) or Match(record=record.id, confidence=Confidence.NONE)
        best = match.suggestions[0] if match.suggestions else None
        evidence = sayable(best.evidence if best else (), contact, self.s.choices.fields)
        entry = replace(entry, confidence=match.confidence, evidence=evidence)
        target, question = self._target(entry, match)
        if question is not None:
            return self._unless_skipped(entry, question, reason=question.kind)
        parenting = self._parenting(record, contact)
        if parenting.question is not None and not (target and target.parent):
            return self._ask(entry, parenting.question, reason="question")
        mapped = to_crm(contact, fields=self.s.choices.fields)
        entry = replace(entry, invented=mapped.invented, too_long=mapped.too_long)
        if target is None:
            parent = self.accounts.settle(parenting, record.id, company=contact.get("company"))
            return self._create(entry, mapped, parent=parent, doubtful=match.confidence is Confidence.DOUBTFUL)
        parent = target.parent or self.accounts.settle(parenting, record.id, company=contact.get("company"))
        entry = link_entry(entry, mapped, found=target, parent=parent, fill=target.id not in self._filled)
        self._filled.add(target.id)
        return replace(entry, before=allowed(entry.before, self.s.choices.fields))

    def _target(self, entry: Entry, match: Match) -> tuple[CrmRecord | None, Question | None]:
        """The CRM contact to link to, None to create one, or the question that has to be answered first."""
        suggested = {f"link:{suggestion.candidate.id}" for suggestion in match.suggestions}
        sure = match.confidence is Confidence.CERTAIN
        inactive = sure and not match.suggestions[0].candidate.active
        if sure and not inactive:
            return self.s.found.get(match.target or ""), None
        if not (inactive or match.confidence is Confidence.LIKELY):
            return None, None
        kind = QuestionKind.INACTIVE if inactive else QuestionKind.PERSON
        answer = self.s.answers.get(f"{kind}:{entry.record}", "")
        if answer == "create":
            return None, None
        if answer in suggested and answer.removeprefix("link:") in self.s.found:
            return self.s.found[answer.removeprefix("link:")], None
        return None, about_person(entry, match, kind)

    def _create(self, entry: Entry, mapped: Mapped, *, parent: Parent | None, doubtful: bool) -> Entry:
        return replace(
            entry,
            action=Action.CREATE,
            target=self.s.new_ids[entry.record or ""],
            values=dict(mapped.values),
            parent=parent,
            sets_parent=parent is not None,
            to_check=doubtful,
        )

    # Accounts and questions

    def _parenting(self, record: Record, contact: Contact) -> Parenting:
        return decide_parent(
            record,
            self._groups[record.id],
            choices=self.s.choices,
            answers=self.s.answers,
            resolutions=self.s.resolutions,
            company=contact.get("company"),
        )

    def _unless_skipped(self, entry: Entry, question: Question, *, reason: str) -> Entry:
        if self.s.answers.get(question.key) == "skip":
            return replace(entry, action=Action.SKIP, reason=NOT_SELECTED)
        return self._ask(entry, question, reason=reason)

    def _ask(self, entry: Entry, question: Question, *, reason: str) -> Entry:
        """Hold the record; a question that others wait for too keeps their records together."""
        self._questions.setdefault(question.key, question)
        self._waiting.setdefault(question.key, []).extend(question.records)
        return replace(entry, action=Action.ASK, state=State.HELD, reason=reason, question=question.key)


def _edited(contact: Contact, edits: Mapping[str, str]) -> Contact:
    if not edits:
        return contact
    values = {key: value for key, value in {**contact.values, **edits}.items() if value.strip()}
    return replace(contact, values=values)
