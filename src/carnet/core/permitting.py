"""What is left of a person's choices under the policy, and is a plan within it?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace

from carnet.core.mailing import BUSINESS
from carnet.core.parenting import NOT_SET
from carnet.errors import NotAllowed, UnsafePlan
from carnet.model.account import RecordKind
from carnet.model.choices import AccountChoice, AccountSetting, Choices, MissingAccounts, Preset
from carnet.model.decision import Question, QuestionKind
from carnet.model.plan import Action, Entry, State
from carnet.model.policy import Policy

WRITES = (Action.CREATE, Action.LINK, Action.UPDATE)
_MAKES_ACCOUNT = {QuestionKind.ACCOUNT: "new", QuestionKind.COMPANY_CARD: "account"}


def permitted(choices: Choices, policy: Policy) -> Choices:
    """The choices, but for what the policy rules out, and with the fields that it keeps from the CRM."""
    choices = replace(choices, withheld=policy.withheld, mailing=policy.mailing)
    if policy.fields is Preset.PROFESSIONAL:
        choices = replace(choices, fields=Preset.PROFESSIONAL)
    if not policy.communications:
        choices = replace(choices, communications=False)
    if not policy.create_accounts:
        companies = {key: _without_creating(choice) for key, choice in choices.account_by_company.items()}
        choices = replace(choices, missing_accounts=MissingAccounts.WITHOUT, account_by_company=companies)
    return choices


def permitted_answers(answers: Mapping[str, str], policy: Policy) -> dict[str, str]:
    """The answers, but for those that would make an account against the policy: these questions are open again."""
    made = {(str(kind), value) for kind, value in _MAKES_ACCOUNT.items()}
    return {key: value for key, value in answers.items() if policy.create_accounts or (key.partition(":")[0], value) not in made}


def offered(questions: Iterable[Question], policy: Policy) -> tuple[Question, ...]:
    """The questions with the answers that the policy allows."""
    if policy.create_accounts:
        return tuple(questions)
    return tuple(
        replace(question, options=tuple(each for each in question.options if each.value != _MAKES_ACCOUNT.get(question.kind)))
        for question in questions
    )


def within(choices: Choices, policy: Policy) -> Choices:
    """These choices; NotAllowed where the policy rules one out."""
    allowed = replace(permitted(choices, policy), withheld=choices.withheld, mailing=choices.mailing)
    if allowed.fields is not choices.fields:
        raise NotAllowed("The policy lets professional fields out only.", "Plan again with professional fields.")
    if allowed.communications is not choices.communications:
        raise NotAllowed("The policy allows no tracking of communications.", "Plan again without it.")
    if allowed != choices:
        raise NotAllowed("The policy allows no new accounts.", "Plan again without them.")
    return choices


def closed_since(choices: Choices, policy: Policy) -> frozenset[str]:
    """The fields that the directions let through when those choices were made and no longer do."""
    address = frozenset(BUSINESS) if choices.mailing - policy.mailing else frozenset()  # it may be another one in its place
    return (policy.withheld - choices.withheld) | address


def check_directions(entries: Iterable[Entry], without: AbstractSet[str]) -> None:
    """NotAllowed where an entry would write one of those fields: the directions have changed since it was planned."""
    keys = without | ({"website"} if "web_page" in without else set())  # as an account calls it
    if any(value is not None and key in keys for entry in entries for key, value in entry.values.items()):
        raise NotAllowed("The directions of fields have changed since the plan.", "Plan again.")


def check_size(count: int, policy: Policy) -> None:
    """UnsafePlan where a run writes more contacts than the policy allows."""
    if policy.largest_run is not None and count > policy.largest_run:
        raise UnsafePlan(
            "The run would write {count} contacts; the policy allows {limit}.",
            "Leave some groups out, and add them in another run.",
            count=count,
            limit=policy.largest_run,
        )


def written(tally: Mapping[tuple[Action, RecordKind, State, str], int]) -> int:
    """How many contacts a run has written or is to write; `tally` counts its entries by action, kind, state and reason."""
    return sum(
        number
        for (action, kind, state, _), number in tally.items()
        if kind is RecordKind.CONTACT and action in WRITES and state is not State.HELD
    )


def _without_creating(choice: AccountChoice) -> AccountChoice:
    return NOT_SET if choice.setting is AccountSetting.COMPANY else choice
