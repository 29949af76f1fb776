"""What Microsoft's own app tracks already: is it recognised, and tracked no second time?"""

from __future__ import annotations

from dataclasses import replace
from uuid import NAMESPACE_OID, uuid5

import pytest

from carnet.core.marking import Mark, mark_of
from carnet.core.matching import match
from carnet.flows.apply import apply
from carnet.flows.plan import answer
from carnet.flows.summary import counts
from carnet.flows.track import contacts, track
from carnet.model.choices import Choices
from carnet.model.contact import Contact, Record
from carnet.model.decision import Question, QuestionKind
from carnet.model.match import Confidence
from carnet.model.plan import Action, Entry
from carnet.model.run import Run
from carnet.model.tracking import Tracking
from carnet.words import Words
from carnet.words.evidence import evidence
from flows.by_hand import approve
from flows.rehearsal import ME, Rehearsal, card
from people import REGION, candidate, record

GONE = str(uuid5(NAMESPACE_OID, "gone"))
ELSEWHERE = str(uuid5(NAMESPACE_OID, "another organisation"))


def marked(of: Record, identity: str, *, state: str = "2", organisation: str = "") -> Record:
    """The card as Microsoft's own app leaves it."""
    told = {"crm_state": state, "crm_id": identity, "crm_org": organisation}
    extras = {key: value for key, value in told.items() if value}
    return replace(of, contact=replace(of.contact, extras={**of.contact.extras, **extras}))


def of_this(carnet: Rehearsal) -> str:
    return carnet.world.crm.key.rpartition(":")[2]


def asked(carnet: Rehearsal, *cards: Record, **answers: str) -> tuple[list[Entry], tuple[Question, ...], Run]:
    planned = carnet.plan(cards, Choices(), **answers)
    return (
        [each for each in planned.plan.entries if each.record in {one.id for one in cards}],
        planned.plan.questions,
        planned.run,
    )


@pytest.mark.parametrize("state", ["1", "2", ""])
@pytest.mark.parametrize("organised", [True, False])
def test_w41_what_microsofts_own_app_tracks_is_linked_and_not_added_a_second_time(
    state: str, organised: bool, carnet: Rehearsal
) -> None:
    """Whatever else the card says, and however the app writes the id."""
    theirs = carnet.contact("Bo Martin", email1="bo@fabrikam.com")
    ours = marked(
        card("Ann Roy", job_title="Chief"),
        f"{{{theirs.upper()}}}",
        state=state,
        organisation=of_this(carnet) if organised else "",
    )
    run = carnet.add([ours])
    (contact,) = carnet.contacts()
    assert (contact.id, contact.values["surname"], contact.values["job_title"]) == (theirs, "Martin", "Chief")
    (entry,) = carnet.world.store.journal.entries(run.number)
    assert (entry.action, entry.confidence) == (Action.LINK, Confidence.CERTAIN)
    assert entry.evidence[0].code == "tracked_by_app"
    assert counts(carnet.world, run).linked == 1
    again = carnet.plan([ours])
    assert [each.reason for each in again.plan.entries] == ["already"]


def test_a_card_that_was_tracked_formerly_is_matched_like_any_other(carnet: Rehearsal) -> None:
    theirs = carnet.contact("Bo Martin", email1="bo@fabrikam.com")
    (entry,), questions, _ = asked(carnet, marked(card("Ann Roy"), theirs, state="0"))
    assert (entry.action, questions) == (Action.CREATE, ())


def test_the_tracked_record_is_certain_beside_one_with_the_same_address(carnet: Rehearsal) -> None:
    theirs = carnet.contact("Ann Roy", nickname="tracked")
    carnet.contact("Ann Roy", email1="ann@contoso.com")
    (entry,), questions, _ = asked(carnet, marked(card("Ann Roy", email1="ann@contoso.com"), theirs))
    assert (entry.action, entry.target, questions) == (Action.LINK, theirs, ())


def test_an_inactive_record_that_the_app_tracks_is_asked_about(carnet: Rehearsal) -> None:
    theirs = carnet.contact("Ann Roy", active="0")
    _, (question,), _ = asked(carnet, marked(card("Ann Roy"), theirs))
    assert question.kind is QuestionKind.INACTIVE
    assert question.suggestions[0].evidence[0].code == "tracked_by_app"


@pytest.mark.parametrize(
    ("organisation", "code"), [("", "tracked_and_gone"), ("here", "tracked_and_gone"), (ELSEWHERE, "tracked_elsewhere")]
)
def test_what_the_app_tracks_as_a_record_that_is_not_here_waits_and_is_not_made_anew(
    organisation: str, code: str, carnet: Rehearsal
) -> None:
    ours = marked(card("Ann Roy"), GONE, organisation=of_this(carnet) if organisation == "here" else organisation)
    (entry,), (question,), run = asked(carnet, ours)
    assert (entry.action, entry.reason, question.kind) == (Action.ASK, "tracked", QuestionKind.TRACKED)
    assert [each.code for each in question.evidence] == [code]
    assert [each.value for each in question.options] == ["create", "skip"]
    apply(carnet.world, user=ME.id, number=run.number, fingerprint=run.fingerprint)
    assert carnet.contacts() == []
    again = answer(carnet.world, user=ME.id, number=run.number, answers={question.key: "create"})
    apply(carnet.world, user=ME.id, number=run.number, fingerprint=again.run.fingerprint)
    assert [each.name for each in carnet.contacts()] == ["Ann Roy"]


def test_a_record_of_another_organisation_is_not_taken_for_one_of_this(carnet: Rehearsal) -> None:
    theirs = carnet.contact("Bo Martin")
    _, (question,), _ = asked(carnet, marked(card("Ann Roy"), theirs, organisation=ELSEWHERE))
    assert [each.code for each in question.evidence] == ["tracked_elsewhere"]


def test_a_certain_match_needs_no_question_about_a_record_that_is_gone(carnet: Rehearsal) -> None:
    theirs = carnet.contact("Ann Roy", email1="ann@contoso.com")
    (entry,), questions, _ = asked(carnet, marked(card("Ann Roy", email1="ann@contoso.com"), GONE))
    assert (entry.action, entry.target, questions) == (Action.LINK, theirs, ())
    assert "tracked_and_gone" in [each.code for each in entry.evidence], "it is told all the same"


def test_a_namesake_is_offered_beside_a_record_that_is_gone(carnet: Rehearsal) -> None:
    theirs = carnet.contact("Ann Roy")
    ours = marked(card("Ann Roy"), GONE)
    _, (question,), run = asked(carnet, ours)
    assert [each.value for each in question.options] == [f"link:{theirs}", "create", "skip"]
    again = answer(carnet.world, user=ME.id, number=run.number, answers={question.key: f"link:{theirs}"})
    (entry,) = again.plan.entries
    assert (entry.action, entry.target) == (Action.LINK, theirs)


def test_two_cards_of_one_person_wait_where_one_of_them_is_tracked_elsewhere(carnet: Rehearsal) -> None:
    first = card("Ann Roy", email1="ann@contoso.com", job_title="Chief")
    second = marked(card("Ann Roy", email1="ann@contoso.com"), GONE, organisation=ELSEWHERE)
    entries, (question,), _ = asked(carnet, first, second)
    assert [each.action for each in entries] == [Action.ASK, Action.ASK]
    assert (question.kind, set(question.records)) == (QuestionKind.TRACKED, {first.id, second.id})


def test_a_record_that_turns_up_after_the_plan_holds_the_creation(carnet: Rehearsal) -> None:
    identity = str(uuid5(NAMESPACE_OID, "contact Bo Martin []"))
    ours = marked(card("Ann Roy"), identity)
    _, (question,), run = asked(carnet, ours)
    planned = answer(carnet.world, user=ME.id, number=run.number, answers={question.key: "create"})
    assert carnet.contact("Bo Martin") == identity
    apply(carnet.world, user=ME.id, number=run.number, fingerprint=planned.run.fingerprint)
    assert [each.name for each in carnet.contacts()] == ["Bo Martin"]


def test_the_list_of_contacts_says_what_the_app_tracks(carnet: Rehearsal) -> None:
    here = marked(card("Ann Roy"), GONE, organisation=of_this(carnet))
    cards = [here, marked(card("Bo Martin"), GONE, organisation=ELSEWHERE), card("Clara Nowak")]
    listed = contacts(carnet.world, user=ME.id, reading=carnet.read(cards).id)
    assert {row.name: row.by_app for row in listed} == {"Ann Roy": True, "Bo Martin": False, "Clara Nowak": False}


def test_track_by_hand_links_what_the_app_tracks(carnet: Rehearsal) -> None:
    theirs = carnet.contact("Bo Martin")
    reading = carnet.read([marked(card("Ann Roy"), theirs)])
    (row,) = contacts(carnet.world, user=ME.id, reading=reading.id)
    approve(carnet, track(carnet.world, user=ME.id, reading=reading.id, records=[row.record]))
    assert [each.id for each in carnet.contacts()] == [theirs]
    (row,) = contacts(carnet.world, user=ME.id, reading=reading.id)
    assert (row.state, row.target) == (Tracking.TRACKED, theirs)


def test_not_the_same_outweighs_the_mark() -> None:
    theirs = candidate("7", given_name="Ann", surname="Roy")
    ours = marked(record("r", of=card("Ann Roy").contact), "7")
    verdict = match(ours, [theirs], link=None, region=REGION, apart=frozenset({"7"}), mark=mark_of(ours.contact), crm="crm:x")
    assert (verdict.confidence, verdict.astray) == (Confidence.NONE, ())


@pytest.mark.parametrize(
    ("extras", "mark"),
    [
        ({}, None),
        ({"crm_org": ELSEWHERE, "crm_state": "2"}, None),
        ({"crm_id": GONE, "crm_state": "0"}, None),
        ({"crm_id": f" {{{GONE.upper()}}} "}, Mark(id=GONE)),
        ({"crm_id": GONE.replace("-", ""), "crm_org": ELSEWHERE.upper()}, Mark(id=GONE, organisation=ELSEWHERE)),
    ],
)
def test_a_mark_is_read_however_it_is_written(extras: dict[str, str], mark: Mark | None) -> None:
    assert mark_of(Contact(values={}, extras=extras)) == mark


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("code", ["tracked_by_app", "tracked_elsewhere", "tracked_and_gone"])
def test_the_app_is_named_in_both_languages(language: str, code: str) -> None:
    said = mark_of(Contact(values={}, extras={"crm_id": GONE}))
    assert said is not None
    reason = replace(said.astray("x"), code=code)
    assert "Dynamics 365 App for Outlook" in evidence(Words(language), reason)
