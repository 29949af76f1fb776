"""The review tells who has several cards, and a card that is somebody else is parted by one button."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from carnet.model.account import RecordKind
from web.server import Server
from web.test_browser_pages import WIDE, Inspector
from web.test_wizard import card, draft_of, summary_numbers, upload
from web.visitor import Visitor

ZITA = [card("Zita Double", "EMAIL:zita@example.com", f"UID:{uid}") for uid in ("z1", "z2")]


def test_two_cards_of_one_person_are_one_row_and_can_be_told_apart(visitor: Visitor) -> None:
    upload(visitor, *ZITA).press("next").press("next")
    assert "la même personne, 2 fiches" in visitor.text.replace("\u00a0", " ")
    (button,) = {each[1] for form in visitor.forms() for each in form.buttons if each[1].startswith("apart:")}
    visitor.press(button)
    assert "la même personne" not in visitor.text
    assert "2 contacts à créer" in visitor.text.replace("\u00a0", " ")


def test_one_contact_comes_of_two_cards_of_one_person(visitor: Visitor) -> None:
    upload(visitor, *ZITA).press("next").press("next").press("add")
    people = visitor.app.world.crm.search(RecordKind.CONTACT, "Zita", limit=10)[0]
    assert [each.name for each in people] == ["Zita Double"]


ANNE = [
    card("Anne Deux", "EMAIL:anne@example.com", "TEL;TYPE=CELL:+33 6 39 98 00 01", "ORG:Contoso", "TITLE:Acheteuse", "UID:a1"),
    card("Anne Deux", "EMAIL:anne@example.com", "TEL;TYPE=CELL:+33 6 39 98 00 02", "UID:a2"),
]


def anne(visitor: Visitor) -> list[str]:
    """Her mobile phone in the CRM, once for each contact that she has there."""
    found = visitor.app.world.crm.search(RecordKind.CONTACT, "Anne Deux", limit=10)[0]
    return [each.values.get("mobile_phone", "") for each in found]


def radios(visitor: Visitor) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in re.findall(r'<input type="radio" name="(take:[^"]+)" value="([^"]*)"', visitor.page.text):
        found.setdefault(name, []).append(value)
    return found


def test_the_value_of_another_card_is_written_where_a_person_takes_it_and_undo_takes_it_away(visitor: Visitor) -> None:
    upload(visitor, *ANNE).press("next").press("next")
    assert "Même adresse e-mail" in visitor.text
    ((name, (own, other)),) = radios(visitor).items()
    assert name.startswith("take:mobile_phone:")
    visitor.press("twins:1", change={name: other})
    assert (name, other) in {each for form in visitor.forms() for each in form.values}
    visitor.press("add")
    assert anne(visitor) == ["+33 6 39 98 00 02"]
    visitor.go(visitor.at + "/undo").press("undo")
    assert anne(visitor) == []
    assert own != other


def test_without_a_choice_the_fullest_card_says_what_is_written(visitor: Visitor) -> None:
    upload(visitor, *ANNE).press("next").press("next").press("add")
    assert anne(visitor) == ["+33 6 39 98 00 01"]


def test_a_choice_is_taken_back_and_nothing_of_a_card_that_is_somebody_else_stays(visitor: Visitor) -> None:
    upload(visitor, *ANNE).press("next").press("next")
    ((name, (own, other)),) = radios(visitor).items()
    visitor.press("save", change={name: other}).press("save", change={name: own})
    assert draft_of(visitor).choices.edits == {}
    visitor.press("save", change={name: other}).press(f"apart:{other}")
    assert draft_of(visitor).choices.edits == {}
    visitor.press("add")
    assert sorted(anne(visitor)) == ["+33 6 39 98 00 01", "+33 6 39 98 00 02"]


def test_the_people_are_searched_and_turned_page_by_page(visitor: Visitor) -> None:
    many = [
        card(f"Personne Numero{letter}", f"EMAIL:{letter}@example.com", f"UID:{letter}{copy}")
        for letter in "abcdefghijkl"
        for copy in (1, 2)
    ]
    upload(visitor, *many).press("next").press("next")
    assert "12 personnes sur 24 fiches" in visitor.text
    assert [name in visitor.text for name in ("Numeroa", "Numerol")] == [True, False]
    visitor.press("twins:2")
    assert [name in visitor.text for name in ("Numeroa", "Numerol")] == [False, True]
    visitor.press("twins:1", change={"who": "numeroc"})
    assert [name in visitor.text for name in ("Numeroa", "Numeroc")] == [False, True]


def test_every_card_is_counted_once_and_further_cards_apart_from_links_to_the_crm(visitor: Visitor) -> None:
    upload(visitor, *ANNE, *ZITA, card("Lou Petit")).press("next").press("next")
    assert "3 contacts à créer" in visitor.text
    assert "2 autres fiches des mêmes personnes" in visitor.text
    visitor.press("add")
    numbers = summary_numbers(visitor)
    assert (numbers["ajoutés"], numbers["liés à un enregistrement CRM existant"]) == (3, 0)
    assert numbers["autres fiches des mêmes personnes, liées aussi"] == 2
    assert sum(numbers.values()) == 2 * numbers["en tout"] == 2 * 5
    assert "2 personnes sur 4 fiches." in visitor.text


@pytest.mark.browser
def test_the_cards_of_a_person_are_read_by_everybody_wide_and_narrow(chromium: Browser, server: Server, tmp_path: Path) -> None:
    file = tmp_path / "cards.vcf"
    file.write_text("".join((*ANNE, *ZITA)), encoding="utf-8")
    context = chromium.new_context(locale="fr-FR", viewport=WIDE)
    page = context.new_page()
    page.goto(server.address)
    inspector = Inspector(page, "fr")
    inspector.press("add")
    page.set_input_files("input[type=file]", file)
    for _ in range(3):
        inspector.press("next")
    page.locator("#twins > summary").click()
    page.locator("#twins details > summary").first.click()
    assert page.get_by_role("group", name="Téléphone mobile").get_by_role("radio").count() == 2
    inspector.look("people on several cards")
    context.close()
    assert inspector.wrong == []
