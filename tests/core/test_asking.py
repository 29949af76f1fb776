"""Each question has a lasting key, and every answer that makes sense."""

from __future__ import annotations

from dataclasses import replace

from carnet.core.asking import about_company_card, about_name, about_person, each_as
from carnet.model.decision import QuestionKind
from carnet.model.match import Confidence, Match, Suggestion
from carnet.model.plan import Action, Entry
from people import account, candidate

ENTRY = Entry(seq=0, action=Action.SKIP, record="r", label="Ada Lovelace")


def test_a_card_without_a_name_can_only_be_left() -> None:
    question = about_name(ENTRY)
    assert (question.key, question.records, [each.value for each in question.options]) == ("no_name:r", ("r",), ["skip"])


def test_a_company_card_becomes_an_account_or_one_that_is_there_never_both() -> None:
    new = about_company_card(ENTRY, "Contoso", ())
    assert [(each.value, each.label) for each in new.options] == [("account", "Contoso"), ("create", ""), ("skip", "")]
    known = about_company_card(ENTRY, "Contoso", (account("a1", "Contoso"),))
    assert [each.value for each in known.options] == ["link:a1", "create", "skip"]
    assert new.key == known.key == "company_card:r"


def test_a_person_may_be_any_of_those_suggested_or_somebody_new() -> None:
    suggested = Suggestion(candidate=candidate("c1", surname="Lovelace"), confidence=Confidence.LIKELY, evidence=())
    match = Match(record="r", confidence=Confidence.LIKELY, suggestions=(suggested,))
    for kind in (QuestionKind.PERSON, QuestionKind.INACTIVE):
        question = about_person(ENTRY, match, kind)
        assert (question.key, question.about) == (f"{kind}:r", "Ada Lovelace")
        assert [each.value for each in question.options] == ["link:c1", "create", "skip"]
        assert question.suggestions == (suggested,)


def test_candidates_of_one_name_are_told_apart() -> None:
    lyon = replace(account("a1", "Contoso"), emails=("lyon@contoso.com",))
    leeds = replace(account("a2", "CONTOSO"), phones=("+441130000000",))
    blank, other = account("a3-0123456789", "Contoso"), account("a4-0123456789", "Contoso")
    alone = account("a5", "Fabrikam")
    labels = [each.label for each in each_as("account", (lyon, leeds, blank, other, alone))]
    assert labels[:2] == ["Contoso (lyon@contoso.com)", "CONTOSO (+441130000000)"]
    assert labels[2:] == ["Contoso (a3-01234)", "Contoso (a4-01234)", "Fabrikam"]
    assert [each.value for each in each_as("link", (lyon,))] == ["link:a1"]
