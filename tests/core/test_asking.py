"""Each question has a lasting key, and every answer that makes sense."""

from __future__ import annotations

from carnet.core.asking import about_company_card, about_name, about_person
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
