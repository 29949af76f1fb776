"""The review tells who has several cards, and a card that is somebody else is parted by one button."""

from __future__ import annotations

from carnet.model.account import RecordKind
from web.test_wizard import card, upload
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
