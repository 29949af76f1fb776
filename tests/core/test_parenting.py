"""A person goes under the account that was chosen, else the one that bears the company's name; doubt is a question."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from carnet.core.parenting import Accounts, Parenting, choice_value, decide_parent, still_missing
from carnet.core.resolving import Resolution, ResolutionKind
from carnet.model.account import Parent, RecordKind
from carnet.model.choices import AccountChoice, AccountSetting, Choices, MissingAccounts
from carnet.model.decision import QuestionKind
from carnet.model.group import Coverage, Group
from carnet.model.plan import Action, MissingAccount
from people import account, record

CARD = record("r", surname="Lovelace", company="Contoso")
FOUND = Resolution(kind=ResolutionKind.FOUND, accounts=(account("a1", "Contoso"),))
SEVERAL = Resolution(kind=ResolutionKind.SEVERAL, accounts=(account("a1", "Contoso"), account("a2", "Contoso")))
MISSING = Resolution(kind=ResolutionKind.MISSING)
NOT_SET = AccountChoice(setting=AccountSetting.NOT_SET)
PICKED = AccountChoice(setting=AccountSetting.PICKED, parent=Parent(kind=RecordKind.CONTACT, id="boss", name="Boss"))
CREATE = MissingAccounts.CREATE


def groups(*keys: str) -> list[Group]:
    return [Group(key=key, title=key, records=("r",), coverage=Coverage(total=1)) for key in keys]


def decide(
    resolution: Resolution,
    choices: Choices | None = None,
    *,
    of: tuple[str, ...] = ("g",),
    answers: Mapping[str, str] | None = None,
) -> Parenting:
    return decide_parent(
        CARD,
        groups(*of),
        choices=choices or Choices(),
        answers=answers or {},
        resolutions={"contoso": resolution},
        company="Contoso",
    )


def test_the_account_of_the_company_s_name_is_used() -> None:
    assert decide(FOUND).parent == Parent(kind=RecordKind.ACCOUNT, id="a1", name="Contoso")


def test_w25_nothing_is_set_where_company_names_are_not_used() -> None:
    assert decide(FOUND, Choices(company_account=False)) == Parenting()


@pytest.mark.parametrize(("answer", "wanted"), [("account:a2", "a2"), ("none", None), ("new", "new")])
def test_several_accounts_are_asked_and_the_answer_holds(answer: str, wanted: str | None) -> None:
    question = decide(SEVERAL).question
    assert question is not None
    assert (question.kind, question.key) == (QuestionKind.ACCOUNT, "account:contoso")
    made = decide(SEVERAL, answers={question.key: answer})
    assert made.question is None
    assert (made.parent.id if made.parent else "new" if made.creates else None) == wanted


def test_an_answer_that_is_no_option_any_more_is_asked_again() -> None:
    assert decide(SEVERAL, answers={"account:contoso": "account:gone"}).question is not None


def test_w43_a_missing_account_is_made_only_if_chosen() -> None:
    assert decide(MISSING) == Parenting(missing="contoso")
    assert decide(MISSING, Choices(missing_accounts=CREATE)) == Parenting(missing="contoso", creates=True)
    left = Choices(missing_accounts=CREATE, account_by_company={"contoso": NOT_SET})
    assert not decide(MISSING, left).creates
    assert decide(MISSING, Choices(account_by_company={"contoso": PICKED})).parent == PICKED.parent


def test_a_contact_s_own_setting_goes_before_its_groups() -> None:
    choices = Choices(account_by_record={"r": PICKED}, account_by_group={"g": NOT_SET})
    assert decide(FOUND, choices).parent == PICKED.parent


def test_groups_that_disagree_are_a_question_and_agreeing_ones_are_not() -> None:
    choices = Choices(account_by_group={"g": NOT_SET, "h": PICKED})
    question = decide(FOUND, choices, of=("g", "h")).question
    assert question is not None
    assert [option.value for option in question.options] == ["contact:boss", "none"]
    assert decide(FOUND, choices, of=("g", "h"), answers={"conflict:r": "contact:boss"}).parent == PICKED.parent
    same = Choices(account_by_group={"g": PICKED, "h": PICKED})
    assert decide(FOUND, same, of=("g", "h")).parent == PICKED.parent


def test_a_choice_has_one_value_for_each_meaning() -> None:
    assert [choice_value(each) for each in (NOT_SET, PICKED)] == ["none", "contact:boss"]


def test_one_account_a_company_is_made_and_who_waits_for_it_is_known() -> None:
    accounts = Accounts({"contoso": "new-1"})
    wanted = Parenting(missing="contoso", creates=True)
    parents = [accounts.settle(wanted, name, company=title) for name, title in (("r", "Contoso "), ("s", "CONTOSO"))]
    assert {parent.id for parent in parents if parent} == {"new-1"}
    (entry,) = accounts.entries()
    assert (entry.action, entry.target, dict(entry.values)) == (Action.CREATE, "new-1", {"name": "Contoso"})
    (row,) = accounts.missing()
    assert (row.title, row.records, row.created) == ("Contoso", ("r", "s"), True)


def test_companies_stay_missing_for_those_who_are_not_decided_again() -> None:
    before = [MissingAccount(key="a", title="A", records=("1", "2")), MissingAccount(key="b", title="B", records=("3",))]
    now = [MissingAccount(key="a", title="A", records=("2",), created=True)]
    assert still_missing(before, now, decided=["2", "3"]) == (
        MissingAccount(key="a", title="A", records=("1", "2"), created=True),
    )
