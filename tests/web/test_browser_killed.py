"""Killed in the middle of every phase between Outlook and Dynamics 365, does what a person does in Chromium end right?"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from carnet.model.run import RunKind, RunState
from carnet.testing.emulators.dataverse_organisation import DataverseOrganisation
from carnet.testing.emulators.faults import Trouble
from carnet.testing.emulators.graph_mailbox import GraphMailbox
from web.mortal_desk import AGAIN, ME, Desk, Place, desk, of_outlook

pytestmark = pytest.mark.browser
PEOPLE = 130
KNOWN = 20
"""Those of them whom the CRM has already."""
COMPANIES = ("Contoso", "Fabrikam", "Northwind")
BEFORE, AFTER = Trouble.HANG_UP, Trouble.HANG_UP_AFTER
PLACES = [Place(share=0.0, trouble=BEFORE, writing=True), Place(share=0.7, trouble=AFTER, writing=True)]
if os.environ.get("CARNET_KILLED_EVERY") == "1":
    PLACES = [
        Place(share=share / 6, trouble=trouble, writing=writing)
        for share in range(7)
        for trouble in (BEFORE, AFTER)
        for writing in (False, True)
    ]


WEATHER = {"429", "429 in a part", "503", "504", "hang_up_after", "duplicate_rows", "reordered_rows"}
"""What must have struck on the way."""


def address_of(number: int) -> str:
    return f"p{number:03}@{COMPANIES[number % 3].lower()}.example"


RUN = r"/runs/\d+$"
EVERYBODY = [address_of(number) for number in range(PEOPLE)]


def outlook() -> GraphMailbox:
    mailbox = GraphMailbox("me", address=ME.address, name=ME.name)
    places = [mailbox.default, mailbox.add_folder("Clients")]
    for number in range(PEOPLE):
        mailbox.add_contact(
            places[number % 2],
            givenName="Person",
            surname=f"N{number:03}",
            companyName=COMPANIES[number % 3],
            emailAddresses=[{"name": "", "address": address_of(number)}],
        )
    mailbox.add_contact(surname="Whisper", extended={"Integer 0x36": "2"})
    return mailbox


def dynamics() -> DataverseOrganisation:
    organisation = DataverseOrganisation()
    organisation.add_user(ME.address, name=ME.name, administrator=True)
    organisation.add_account(name=COMPANIES[0])
    for number in range(KNOWN):
        organisation.add_contact(firstname="Person", lastname=f"N{number:03}", emailaddress1=address_of(number))
    return organisation


@pytest.fixture(scope="module")
def calm(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, tuple[int, int]]:
    """How many requests each phase takes when nothing goes wrong: a way that must end right, too."""
    counted: dict[str, tuple[int, int]] = {}
    for way in (wizard, by_hand):
        with desk(chromium, tmp_path_factory.mktemp("calm"), mailbox=outlook(), organisation=dynamics()) as calm:
            way(calm)
            counted |= calm.counted
    return counted


@pytest.fixture(params=PLACES, ids=str)
def bad_day(
    chromium: Browser, tmp_path: Path, calm: Mapping[str, tuple[int, int]], *, request: pytest.FixtureRequest
) -> Iterator[Desk]:
    with desk(chromium, tmp_path / "home", mailbox=outlook(), organisation=dynamics()) as found:
        found.calm, found.place = calm, request.param
        yield found


def test_the_wizard_and_its_undo_end_right_wherever_the_server_is_killed(bad_day: Desk) -> None:
    wizard(bad_day)
    assert bad_day.kills == 8
    assert bad_day.struck >= WEATHER


def test_track_set_parent_and_untrack_end_right_wherever_the_server_is_killed(bad_day: Desk) -> None:
    by_hand(bad_day)
    assert bad_day.kills == 11
    assert bad_day.struck >= WEATHER


def wizard(desk: Desk) -> None:
    """Add everybody and take it back; what each summary says is held against what is in Dynamics 365."""
    page = desk.page
    page.get_by_role("button", name="Ajouter des contacts").click()
    desk.do("reading", desk.go_on, r"/folders$")
    desk.do("matching", partial(desk.press, "next"), r"/groups$")
    desk.do("planning", partial(desk.press, "next"), r"/review$")
    page.locator('input[name="missing"][value="create"]').check()
    desk.do("planning again", partial(desk.press, "save"), r"/review\?said=saved$")
    if desk.place is not None:
        begun_and_killed_before_it_was_kept(desk)
    desk.do("applying", partial(desk.press, "add"), RUN)
    told = desk.told()
    assert desk.contacts() == EVERYBODY, "a twin or a gap"
    assert (told["ajoutés"], told["liés à un enregistrement CRM existant"]) == (PEOPLE - KNOWN, KNOWN)
    assert (told["en échec"], told["retenus, à décider"], told["en tout"]) == (0, 0, PEOPLE + 1)
    assert desk.accounts() == sorted(COMPANIES)
    assert "2 comptes ont été créés" in desk.text
    assert desk.tracked() == EVERYBODY

    desk.do("looking at the undo", partial(desk.follow, "Annuler l’exécution"), r"/undo$")
    desk.do("undoing", partial(desk.press, "undo"), RUN)
    assert desk.contacts() == EVERYBODY[:KNOWN]
    assert desk.accounts() == [COMPANIES[0]]
    told = desk.told()
    assert (told["contacts supprimés"], told["comptes supprimés"], told["liens annulés"]) == (PEOPLE - KNOWN, 2, KNOWN)
    assert desk.tracked() == []
    assert [(run.kind, run.state) for run in desk.runs()] == [(RunKind.UNDO, RunState.DONE), (RunKind.ADD, RunState.UNDONE)]


def begun_and_killed_before_it_was_kept(desk: Desk) -> None:
    """The mailbox is looked at again before anything is written; killed then, the page says so and leads back to the plan."""

    def add() -> None:
        desk.press("add")
        desk.page.wait_for_url("**/progress")

    desk.do("beginning", add, RUN, at=(1, of_outlook))
    assert "n’a pas commencé" in desk.text
    assert desk.contacts() == EVERYBODY[:KNOWN]
    desk.follow(AGAIN)
    desk.page.wait_for_url("**/review")


def by_hand(desk: Desk) -> None:
    """Track three, put five under a new account, untrack two and keep them, untrack two and delete them, take that back."""
    desk.page.get_by_role("link", name="Connexions").first.click()
    desk.do("reading by hand", partial(desk.send, "Contacts " + ME.address), r"/contacts$")
    contacts = desk.page.url
    few = range(KNOWN, KNOWN + 10, 2)
    known, five = EVERYBODY[:KNOWN], [address_of(number) for number in few]

    desk.tick(contacts, few[:3])
    desk.do("tracking", partial(desk.press, "track"), r"/review$")
    desk.do("tracking for good", partial(desk.press, "add"), RUN)
    told = desk.told()
    assert (told["ajoutés"], told["en échec"], told["en tout"]) == (3, 0, 3)
    assert desk.tracked() == five[:3]
    assert desk.contacts() == [*known, *five[:3]]

    desk.tick(contacts, few)
    desk.press("parent")
    desk.page.wait_for_url("**/parent*")
    desk.page.locator("#name").fill("Adatum")
    desk.do("placing", partial(desk.press, "new"), r"/review$")
    desk.do("placing for good", partial(desk.press, "add"), RUN)
    told = desk.told()
    assert (told["ajoutés"], told["en échec"], told["en tout"]) == (2, 0, 5)
    assert desk.under("Adatum") == desk.tracked() == five
    assert desk.accounts() == ["Adatum", COMPANIES[0]]

    for choice, places in (("keep", few[:2]), ("delete", few[2:4])):
        before = desk.tracked()
        desk.tick(contacts, places)
        desk.do(f"asking what becomes of those to {choice}", partial(desk.press, "untrack"), r"/untrack\?")
        desk.page.locator(f'input[value="{choice}"]').check()

        def once_more(choice: str = choice, places: Sequence[int] = places) -> None:
            desk.tick(contacts, places)
            desk.press("untrack")
            desk.page.locator(f'input[value="{choice}"]').check()

        desk.do(f"untracking, {choice}", partial(desk.press, "untrack"), RUN, again=once_more)
        told = desk.told()
        gone = 2 if choice == "delete" else 0
        assert (told["contacts supprimés"], told["liens annulés"]) == (gone, 2 - gone)
        assert sorted(set(before) - set(desk.tracked())) == [address_of(number) for number in places]
        assert len(desk.contacts()) == KNOWN + 5 - gone
    desk.do("looking at the undo of it", partial(desk.follow, "Annuler l’exécution"), r"/undo$")
    desk.do("taking it back", partial(desk.press, "undo"), RUN)
    assert desk.contacts() == [*known, *five]
    assert desk.tracked() == five[2:]
