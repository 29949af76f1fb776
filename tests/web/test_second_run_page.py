"""Next month's file in the wizard: whose it is, last time's choices, what is new (M02)."""

from __future__ import annotations

import pytest

from web.test_wizard import YAN, ZOE, card, draft_of, upload, vcards
from web.visitor import Visitor

LEA = card("Léa Roux", "ORG:Nouvelle Société", "EMAIL:lea@nouvelle.example")


@pytest.fixture
def again(visitor: Visitor) -> Visitor:
    """Zoé was added, Yan's company was not ticked; now the next file holds Léa too, and no longer Zoé."""
    upload(visitor, ZOE, YAN).press("next")
    visitor.press("next", change={"group": ["company:nouvelle societe"]}).press("add").press("close")
    name, _ = vcards()
    return visitor.start().press("Suivant", change={"source": "file"}, upload=(name, vcards(LEA, YAN)[1]))


def test_the_first_file_is_not_asked_about(visitor: Visitor) -> None:
    assert upload(visitor, ZOE).at.endswith("/folders")


def test_m02_another_file_is_asked_about_once_with_what_is_known_of_it(again: Visitor) -> None:
    assert again.at.endswith("/mailbox")
    assert "De quelle boîte vient ce fichier" in again.text
    assert "contacts.vcf 1 contact sur 2 est connu" in again.text
    again.press("next")
    assert again.at.endswith("/folders")
    again.press("cancel")


def test_an_answer_that_is_none_is_asked_for_again(again: Visitor) -> None:
    again.press("next", change={"mailbox": "nobody"})
    assert again.page.status_code == 422
    assert "Choisissez une boîte." in again.text
    assert again.press("back").at.endswith("/welcome")


def test_m02_the_wizard_opens_with_the_last_choices_and_tells_what_is_new(again: Visitor) -> None:
    again.press("next").press("next")
    assert "1 nouveau" in again.text
    assert "1 disparu" in again.text
    assert "Qui a disparu du fichier reste dans le CRM." in again.text
    assert "company:autre societe" in draft_of(again).choices.excluded_groups
    again.press("only_new")
    assert "1 contact déjà vu à la dernière exécution est masqué." in again.text
    assert "Autre Société" not in again.text
    again.press("all_contacts")
    assert "Autre Société" in again.text


def test_each_number_opens_its_names(again: Visitor) -> None:
    again.press("next").press("next")
    at = again.at.replace("/groups", "/since")
    assert "Léa Roux" in again.go(f"{at}?kind=new").text
    assert "Zoé Nouvelle" in again.go(f"{at}?kind=gone").text
    assert "Rien" in again.go(f"{at}?kind=changed").text
    assert again.go(f"{at}?kind=else").page.status_code == 404


def test_a_file_from_another_mailbox_opens_as_a_first_one(again: Visitor) -> None:
    again.press("next", change={"mailbox": "new"}).press("next")
    assert "disparu" not in again.text
    assert draft_of(again).choices.excluded_groups == frozenset()
