"""Which account or contact does a person go under?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from carnet.core.asking import each_as
from carnet.core.mapping import Lengths, account_name
from carnet.core.normalise import company_key
from carnet.core.resolving import Resolution, ResolutionKind
from carnet.model.account import Parent, RecordKind
from carnet.model.choices import AccountChoice, AccountSetting, Choices, MissingAccounts
from carnet.model.contact import Record
from carnet.model.decision import Option, Question, QuestionKind
from carnet.model.group import Group
from carnet.model.match import Candidate, Confidence, Suggestion
from carnet.model.plan import Action, Entry, MissingAccount

COMPANY = AccountChoice(setting=AccountSetting.COMPANY)
NOT_SET = AccountChoice(setting=AccountSetting.NOT_SET)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parenting:
    """The verdict for one person: a parent or none, a question that holds the person, or the company to create.

    `missing` is the company (normalised) that has no account; `creates` tells whether the run creates it.
    """

    parent: Parent | None = None
    question: Question | None = None
    missing: str = ""
    creates: bool = False


def default_choice(choices: Choices) -> AccountChoice:
    """What a group follows until somebody sets it: the box "use company name" (W24, W25)."""
    return COMPANY if choices.company_account else NOT_SET


def choice_value(choice: AccountChoice) -> str:
    """The choice as an option value: "none", "company", "account:<id>" or "contact:<id>"."""
    if choice.parent is not None:
        return f"{choice.parent.kind}:{choice.parent.id}"
    return str(choice.setting)


def decide_parent(
    record: Record,
    groups: Sequence[Group],
    *,
    choices: Choices,
    answers: Mapping[str, str],
    resolutions: Mapping[str, Resolution],
    company: str,
    companies: Sequence[str] = (),
) -> Parenting:
    """Decide from the contact's own setting, else its ticked groups'; where those disagree, a person decides.

    `companies` are those that the cards of one person name: where they come to different accounts, a person decides too.
    """
    own = choices.account_by_record.get(record.id)
    asked = [own] if own else [choices.account_by_group.get(group.key, default_choice(choices)) for group in groups]
    different = {choice_value(choice): choice for choice in asked}
    if len(different) > 1:
        key = f"conflict:{record.id}"
        answer = answers.get(key, "")
        if answer not in different:
            options = tuple(Option(value=value, label=_label(choice)) for value, choice in sorted(different.items()))
            question = Question(key=key, kind=QuestionKind.CONFLICT, records=(record.id,), options=options)
            return Parenting(question=question)
        different = {answer: different[answer]}
    choice = next(iter(different.values()))
    if choice.parent is not None:
        return Parenting(parent=choice.parent)
    if choice.setting is AccountSetting.NOT_SET:
        return Parenting()
    found = {
        company_key(name): (name, _by_company(name, record.id, choices=choices, answers=answers, resolutions=resolutions))
        for name in (companies or (company,))
    }
    if len({_comes_to(each) for _, each in found.values()}) == 1:
        return found[company_key(company)][1] if company_key(company) in found else next(iter(found.values()))[1]
    return _among(record.id, found, answers.get(f"{QuestionKind.COMPANIES}:{record.id}", ""))


def _comes_to(parenting: Parenting) -> str:
    """What the contact goes under, "" for nothing."""
    if parenting.question:
        return parenting.question.key
    return parenting.parent.id if parenting.parent else parenting.missing if parenting.creates else ""


def _among(record: str, found: Mapping[str, tuple[str, Parenting]], answer: str) -> Parenting:
    """The company that a person chose for somebody whose cards name several."""
    if answer.removeprefix("company:") in found:
        return found[answer.removeprefix("company:")][1]
    if answer == "none":
        return Parenting()
    options = (Option(value=f"company:{key}", label=name) for key, (name, _) in sorted(found.items()))
    key = f"{QuestionKind.COMPANIES}:{record}"
    question = Question(key=key, kind=QuestionKind.COMPANIES, records=(record,), options=(*options, Option(value="none")))
    return Parenting(question=question)


def _label(choice: AccountChoice) -> str:
    return choice.parent.name if choice.parent else ""


def _by_company(
    company: str, record: str, *, choices: Choices, answers: Mapping[str, str], resolutions: Mapping[str, Resolution]
) -> Parenting:
    """The account that bears the company's name: one is used, several are asked, none is created only if so chosen."""
    key = company_key(company)
    resolution = resolutions.get(key)
    if not key or resolution is None or resolution.kind is ResolutionKind.BLANK:
        return Parenting()
    if resolution.kind is ResolutionKind.FOUND:
        return Parenting(parent=_parent(resolution.accounts[0]))
    if resolution.kind is ResolutionKind.MISSING:
        return _missing(key, choices)
    return _asked(company, record, accounts=resolution.accounts, answer=answers.get(f"account:{key}", ""))


def _asked(company: str, record: str, *, accounts: Iterable[Candidate], answer: str) -> Parenting:
    key = company_key(company)
    by_value = {f"account:{account.id}": account for account in accounts}
    if answer in by_value:
        return Parenting(parent=_parent(by_value[answer]))
    if answer == "none":
        return Parenting()
    if answer == "new":
        return Parenting(missing=key, creates=True)
    options = (
        *each_as("account", by_value.values()),
        Option(value="new", label=company),
        Option(value="none"),
    )
    suggestions = tuple(Suggestion(candidate=account, confidence=Confidence.LIKELY, evidence=()) for account in by_value.values())
    question = Question(
        key=f"account:{key}",
        kind=QuestionKind.ACCOUNT,
        records=(record,),
        options=options,
        about=company,
        suggestions=suggestions,
    )
    return Parenting(question=question)


def _missing(key: str, choices: Choices) -> Parenting:
    chosen = choices.account_by_company.get(key)
    if chosen is None:
        return Parenting(missing=key, creates=choices.missing_accounts is MissingAccounts.CREATE)
    if chosen.parent is not None:
        return Parenting(parent=chosen.parent)
    return Parenting(missing=key, creates=chosen.setting is AccountSetting.COMPANY)


def _parent(account: Candidate) -> Parent:
    return Parent(kind=RecordKind.ACCOUNT, id=account.id, name=account.name)


class Accounts:
    """Which accounts a run uses, makes and misses: at most one new account a normalised company name."""

    def __init__(self, ids: Mapping[str, str], *, lengths: Lengths | None = None) -> None:
        """`ids` gives the CRM id that the account of each company (normalised name) would get; `lengths` are an account's."""
        self._lengths = lengths
        self._ids = ids
        self._made: dict[str, Entry] = {}
        self._used: dict[str, Parent] = {}
        self._waiting: dict[str, list[str]] = {}
        self._titles: dict[str, str] = {}

    def settle(self, parenting: Parenting, record: str, *, company: str) -> Parent | None:
        """The parent, after noting that it is used, or that the company has none and whether one is made for it."""
        if not parenting.missing:
            if parenting.parent is not None:
                self._used.setdefault(parenting.parent.id, parenting.parent)
            return parenting.parent
        self._waiting.setdefault(parenting.missing, []).append(record)
        title = self._titles.setdefault(parenting.missing, company.strip())
        return self.create(parenting.missing, title) if parenting.creates else None

    def create(self, key: str, title: str, *, values: Mapping[str, str] | None = None) -> Parent:
        """The account that this run makes for the company; a company's own card adds what it tells about it."""
        made = self._made.get(key) or Entry(
            seq=0,
            action=Action.CREATE,
            kind=RecordKind.ACCOUNT,
            record=f"account:{key}",
            label=title,
            target=self._ids[key],
            values={"name": account_name(title, self._lengths)},
        )
        self._made[key] = replace(made, values={**(values or {}), **made.values})
        return Parent(kind=RecordKind.ACCOUNT, id=self._ids[key], name=title)

    def entries(self) -> tuple[Entry, ...]:
        """The accounts to create, in the order in which they were needed."""
        return tuple(self._made.values())

    def used(self) -> tuple[Parent, ...]:
        """The accounts and contacts that are there and go above somebody, by name."""
        return tuple(sorted(self._used.values(), key=lambda parent: (parent.name, parent.id)))

    def missing(self) -> tuple[MissingAccount, ...]:
        """Companies without an account, by name, created or not."""
        return tuple(
            MissingAccount(key=key, title=self._titles[key], records=tuple(records), created=key in self._made)
            for key, records in sorted(self._waiting.items())
        )


def still_missing(
    before: Sequence[MissingAccount], now: Sequence[MissingAccount], *, decided: Iterable[str]
) -> tuple[MissingAccount, ...]:
    """The companies without an account, by name, once some records of a run were decided again."""
    again = set(decided)
    merged = {row.key: row for row in now}
    for row in before:
        others = tuple(record for record in row.records if record not in again)
        later = merged.get(row.key, replace(row, records=()))
        if others:
            records = (*others, *later.records)
            merged[row.key] = replace(row, records=records, created=row.created or later.created)
    return tuple(row for _, row in sorted(merged.items()))
