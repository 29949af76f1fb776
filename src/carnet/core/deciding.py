"""What becomes of one card, beside what was decided of those before it?"""

from __future__ import annotations

from dataclasses import replace

from carnet.core.asking import about_company_card, about_name, about_person, company_card_key
from carnet.core.completing import Nature, complete, label
from carnet.core.kinship import Pair
from carnet.core.linking import link_entry, update_entry
from carnet.core.mailing import mailed
from carnet.core.mapping import Mapped, to_account, to_crm
from carnet.core.normalise import company_key
from carnet.core.parenting import Accounts, Parenting, decide_parent
from carnet.core.persons import DIFFERENT, ONE, about_twins, people
from carnet.core.rechecking import CHANGED
from carnet.core.situation import Situation, edited
from carnet.core.withholding import allowed, kept_back, sayable, shown
from carnet.model.account import CrmRecord, Parent, RecordKind
from carnet.model.contact import Contact, Record
from carnet.model.decision import Question, QuestionKind
from carnet.model.group import Group
from carnet.model.link import Link
from carnet.model.match import Confidence, Match
from carnet.model.plan import Action, Entry, State

COMPANY_CARD = "company_card"
NOT_SELECTED = "not_selected"
ALREADY = "already"


class Decider:
    """Decides one record after another; remembers which accounts the run makes and which questions are open."""

    def __init__(self, situation: Situation) -> None:
        """Nothing is decided yet."""
        self.s = situation
        self._without = kept_back(situation.choices)
        self.accounts = Accounts(situation.account_ids, lengths=situation.lengths.get(RecordKind.ACCOUNT))
        self._questions: dict[str, Question] = {}
        self.waiting: dict[str, list[str]] = {}
        self._filled: set[str] = set()
        self.matches = dict(situation.matches)
        self.companies: dict[str, tuple[str, ...]] = {}
        self._pairs: dict[str, list[Pair]] = {}
        for pair in situation.twins.likely:
            for card in pair.records:
                self._pairs.setdefault(card, []).append(pair)
        self.people = people(situation.twins, situation.answers)
        self.groups: dict[str, list[Group]] = {}
        for group in situation.groups:
            if group.key not in situation.choices.excluded_groups:
                for record in group.records:
                    self.groups.setdefault(record, []).append(group)

    def decide(self, record: Record) -> Entry:
        """One entry for one record."""
        groups = self.groups.get(record.id, [])
        contact = edited(record.contact, self.s.choices.edits.get(record.id, {}))
        entry = self.entry(record, contact)
        dropped = record.id in self.s.choices.excluded_records or self.s.answers.get(f"{CHANGED}:{record.id}") == "skip"
        if dropped or not groups:
            return replace(entry, reason=NOT_SELECTED)
        link = self.s.links.get(record.id)
        if link is not None:
            return self._linked(entry, record, contact=contact, link=link)
        if twins := self._twins_of(record):
            question = about_twins(twins[0], record, fields=self.s.choices.fields)
            return self._unless_skipped(entry, question, reason=QuestionKind.TWINS)
        nature = complete(contact).nature
        if nature is Nature.NOTHING:
            return self._unless_skipped(entry, about_name(entry), reason="no_name")
        if nature is Nature.COMPANY and self.s.answers.get(company_card_key(entry)) != "create":
            return self._company_card(entry, contact)
        return self._person(entry, record, contact)

    def entry(self, record: Record, contact: Contact) -> Entry:
        """The entry of a card of which nothing is decided yet: a skip."""
        communications = self.s.choices.communications and not any(
            group.key in self.s.choices.no_communications for group in self.groups.get(record.id, [])
        )
        return Entry(
            seq=0,
            action=Action.SKIP,
            record=record.id,
            label=label(shown(contact, self.s.choices.fields)),
            folder=record.folder,
            keys=record.keys,
            communications=communications,
        )

    def questions(self) -> tuple[Question, ...]:
        """The open questions, each with every record that waits for it."""
        return tuple(replace(question, records=tuple(self.waiting[key])) for key, question in self._questions.items())

    def _twins_of(self, record: Record) -> list[Pair]:
        """The pairs of the record's person that wait for an answer, those answered with "skip" first.

        Nothing is asked where the CRM knows both sides for certain.
        """
        cards = self.people.get(record.id, (record.id,))
        pairs = [pair for card in cards for pair in self._pairs.get(card, ()) if not all(map(self._is_known, pair.records))]
        pairs = [pair for pair in pairs if not set(pair.records) <= set(cards)]
        open_ = [pair for pair in pairs if self.s.answers.get(pair.key) not in {ONE, DIFFERENT}]
        return sorted(open_, key=lambda pair: (self.s.answers.get(pair.key) != "skip", pair.key))

    def _is_known(self, record: str) -> bool:
        cards = self.people.get(record, (record,))
        return any(card in self.s.matches and self.s.matches[card].confidence is Confidence.CERTAIN for card in cards)

    # What becomes of each kind of card

    def _linked(self, entry: Entry, record: Record, *, contact: Contact, link: Link) -> Entry:
        """Linked before: left as it is, unless "apply to the n already linked too" is ticked (W41)."""
        entry = replace(entry, target=link.target, kind=link.kind, confidence=Confidence.LINKED, reason=ALREADY)
        found = self.s.found.get(link.target)
        if self.s.choices.by_hand:
            entry = replace(entry, communications=link.communications)
        if not self.s.choices.include_linked or found is None or link.kind is not RecordKind.CONTACT:
            return replace(entry, communications=link.communications)
        parenting = self._parenting(record, contact)
        if parenting.question:
            return self._ask(entry, parenting.question, reason="question")
        parent = self._settle(parenting, record, contact)
        entry = update_entry(entry, found=found, parent=None if link.target in self._filled else parent, link=link)
        entry = replace(entry, agreed=allowed(entry.agreed, self._without))
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
            mapped = to_account(contact, without=self._without, lengths=self.s.lengths.get(RecordKind.ACCOUNT))
            made = self.accounts.create(company_key(title), title, values=mapped.values)
            return replace(entry, action=Action.LINK, target=made.id, reason=COMPANY_CARD, too_long=mapped.too_long)
        if answer in {f"link:{account.id}" for account in known}:
            return replace(entry, action=Action.LINK, target=answer.removeprefix("link:"), reason=COMPANY_CARD)
        return self._unless_skipped(entry, about_company_card(entry, title, known), reason=COMPANY_CARD)

    def _person(self, entry: Entry, record: Record, contact: Contact) -> Entry:
        match = self.matches.get(record.id) or Match(record=record.id, confidence=Confidence.NONE)
        best = match.suggestions[0] if match.suggestions else None
        evidence = sayable((*(best.evidence if best else ()), *match.astray), contact, self.s.choices.fields)
        entry = replace(entry, confidence=match.confidence, evidence=evidence)
        target, question = self._target(entry, match)
        if question is not None:
            return self._unless_skipped(entry, question, reason=question.kind)
        parenting = self._parenting(record, contact)
        stays = target.parent if target and not self.s.choices.by_hand else None
        if parenting.question is not None and not stays:
            return self._ask(entry, parenting.question, reason="question")
        card = mailed(contact, self.s.choices, edits=self.s.choices.edits.get(record.id, {}))
        mapped = to_crm(card, without=self._without, lengths=self.s.lengths.get(RecordKind.CONTACT))
        entry = replace(entry, invented=mapped.invented, too_long=mapped.too_long)
        if target is None:
            parent = self._settle(parenting, record, contact)
            return self._create(entry, mapped, parent=parent, doubtful=match.confidence is Confidence.DOUBTFUL)
        parent = stays or self._settle(parenting, record, contact)
        entry = link_entry(
            entry, mapped, found=target, parent=parent, fill=target.id not in self._filled, over=bool(self.s.choices.by_hand)
        )
        self._filled.add(target.id)
        return replace(entry, before=allowed(entry.before, self._without))

    def _target(self, entry: Entry, match: Match) -> tuple[CrmRecord | None, Question | None]:
        """The CRM contact to link to, None to create one, or the question that has to be answered first."""
        suggested = {f"link:{suggestion.candidate.id}" for suggestion in match.suggestions}
        sure = match.confidence is Confidence.CERTAIN
        inactive = sure and bool(match.suggestions) and not match.suggestions[0].candidate.active
        if sure and not inactive:
            return self.s.found.get(match.target or ""), None
        kind = QuestionKind.INACTIVE if inactive else QuestionKind.PERSON
        if not (inactive or match.confidence is Confidence.LIKELY):
            if not match.astray:
                return None, None
            kind = QuestionKind.TRACKED
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
            self.groups[record.id],
            choices=self.s.choices,
            answers=self.s.answers,
            resolutions=self.s.resolutions,
            company=self._company(contact),
            companies=() if self.s.choices.new_account else self.companies.get(record.id, ()),
        )

    def _settle(self, parenting: Parenting, record: Record, contact: Contact) -> Parent | None:
        return self.accounts.settle(parenting, record.id, company=self._company(contact))

    def _company(self, contact: Contact) -> str:
        """The company whose account the contact goes under: the one named for all, else its own."""
        return self.s.choices.new_account or contact.get("company")

    def _unless_skipped(self, entry: Entry, question: Question, *, reason: str) -> Entry:
        if self.s.answers.get(question.key) == "skip":
            return replace(entry, action=Action.SKIP, reason=NOT_SELECTED)
        return self._ask(entry, question, reason=reason)

    def _ask(self, entry: Entry, question: Question, *, reason: str) -> Entry:
        """Hold the record; a question that others wait for too keeps their records together."""
        self._questions.setdefault(question.key, question)
        self.waiting.setdefault(question.key, []).extend(question.records)
        return replace(entry, action=Action.ASK, state=State.HELD, reason=reason, question=question.key)
