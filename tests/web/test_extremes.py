"""Nothing, one, and very many: what the pages say and how they are turned and searched, through the door (M02)."""

from __future__ import annotations

import re

import pytest

from carnet.model.draft import Draft
from web.test_wizard import SECRET, YAN, ZOE, card, draft_of, upload
from web.visitor import Visitor

BOTH = pytest.mark.parametrize("language", ["fr", "en"])
LIST = "BEGIN:VCARD\r\nVERSION:4.0\r\nKIND:group\r\nFN:Liste\r\nEND:VCARD\r\n"
NEXT = {"fr": "Suivant", "en": "Next"}


def speak(visitor: Visitor, language: str) -> Visitor:
    visitor.client.cookies.set("language", language)
    return visitor


def sent(visitor: Visitor, language: str, *cards: str) -> Visitor:
    """Cards uploaded in that language."""
    speak(visitor, language).go("/").press({"fr": "Ajouter des contacts", "en": "Add Contacts"}[language])
    return visitor.press(NEXT[language], upload=("contacts.vcf", "".join(cards).encode()))


def many(count: int, *, companies: int) -> list[str]:
    return [
        card(f"Prénom{number:05} Nom{number:05}", f"ORG:Société {number % companies:04}", f"EMAIL:p{number}@mail{number}.example")
        for number in range(count)
    ]


def is_disabled(visitor: Visitor, value: str) -> bool:
    (button,) = [button for form in visitor.forms() for button in form.buttons if value in {button[1], button[2]}]
    return button[3]


def choices_are(visitor: Visitor, *, groups_out: int) -> Draft:
    draft = draft_of(visitor)
    assert len(draft.choices.excluded_groups) == groups_out
    return draft


@BOTH
def test_a_file_without_contacts_says_what_to_do_and_goes_no_further(visitor: Visitor, language: str) -> None:
    sent(visitor, language, LIST)
    words = {"fr": "Il n’y a aucun contact dans ce fichier", "en": "There is no contact in this file. Choose another one."}
    assert words[language] in visitor.text
    assert is_disabled(visitor, NEXT[language])


@BOTH
def test_private_contacts_alone_leave_nothing_to_add_and_no_way_on(visitor: Visitor, language: str) -> None:
    sent(visitor, language, SECRET)
    words = {"fr": "Tous les contacts de ce fichier sont privés", "en": "Every contact of this file is private"}
    assert words[language] in visitor.text
    assert is_disabled(visitor, NEXT[language])
    visitor.go(f"/wizard/{draft_of(visitor).id}/groups")
    words = {"fr": "Revenez en arrière et choisissez d’autres dossiers.", "en": "Go back and choose other folders."}
    assert words[language] in visitor.text
    assert is_disabled(visitor, "next")
    assert "Secret" not in visitor.text


@BOTH
def test_without_a_ticked_group_both_pages_say_what_to_do(visitor: Visitor, language: str) -> None:
    sent(visitor, language, ZOE, YAN).press("next").press("none")
    words = {"fr": "Cochez au moins un groupe qui contient un contact.", "en": "Tick at least one group that has a contact."}
    assert words[language] in visitor.text
    assert re.search(r'value="next" data-needs="group" aria-describedby="why"', visitor.page.text)
    words = {"fr": "0 groupe est coché, sur 2", "en": "0 groups are ticked, of 2"}
    assert words[language] in visitor.text
    visitor.press("next")
    words = {"fr": "revenez en arrière et cochez un groupe", "en": "go back and tick a group"}
    assert words[language] in visitor.text
    assert is_disabled(visitor, "add")


@BOTH
def test_where_everybody_is_linked_both_pages_say_so_and_what_to_do(visitor: Visitor, language: str) -> None:
    sent(visitor, language, ZOE).press("next").press("next").press("add").press("close")
    sent(visitor, language, ZOE).press("next")
    words = {"fr": "Tous les contacts cochés sont déjà liés au CRM.", "en": "Every ticked contact is linked to the CRM already."}
    assert words[language] in visitor.text
    visitor.press("next")
    words = {"fr": "Revenez en arrière pour en cocher d’autres", "en": "Go back and tick others"}
    assert words[language] in visitor.text
    assert is_disabled(visitor, "add")


@BOTH
def test_one_contact_is_singular_on_every_page(visitor: Visitor, language: str) -> None:
    def sees(french: str, english: str) -> None:
        assert {"fr": french, "en": english}[language] in visitor.text

    sent(visitor, language, card("Zoé Seule", "ORG:Société Seule", "TEL:+33 6 39 98 00 01", "TEL:+33 6 39 98 00 01"))
    sees("1 contact a été lu", "1 contact was read")
    visitor.press("next")
    sees("1 contact trouvé dans le dossier", "1 contact found in the folder")
    sees("1 groupe est coché, sur 1", "1 group is ticked, of 1")
    sees("1 contact est sélectionné.", "1 contact is selected.")
    sees("1 personne, 1 appartenance", "1 person, 1 membership")
    visitor.press(re.findall(r'value="(names:[^"]+)"', visitor.page.text)[0])
    sees("1 contact. Aucun présent (0/1)", "1 contact. None present (0/1)")
    sees("1 nom est coché, sur 1", "1 name is ticked, of 1")
    visitor.press("groups").press("next")
    sees("1 contact à créer", "1 contact to create")
    sees("0 contact à lier", "0 contacts to link")
    sees("1 société n’a pas de compte dans le CRM", "1 company has no account in the CRM")
    number = draft_of(visitor).run
    visitor.press("add")
    sees("1 enregistrement a été lu", "1 record was read")
    visitor.go(f"/runs/{number}/entries")
    sees("1 ligne", "1 line")
    visitor.go(f"/runs/{number}/undo")
    sees("1 modification est annulée", "1 change is taken back")
    visitor.go("/history?q=contacts.vcf")
    sees("1 exécution", "1 run")
    visitor.go("/crm/contacts?q=Seule")
    sees("1 contact dans le CRM", "1 contact in the CRM")


def test_all_none_and_new_act_on_every_page_of_the_groups(visitor: Visitor) -> None:
    upload(visitor, *many(250, companies=250)).press("next")
    assert visitor.page.text.count('name="shown"') == 50
    assert "250 groupes sont cochés, sur 250 dans toutes les pages." in visitor.text
    visitor.press("none")
    assert "0 groupe est coché, sur 250" in visitor.text
    choices_are(visitor, groups_out=250)
    visitor.press("page:2").press("page:3")
    assert not re.search(r'name="group"[^>]* checked', visitor.page.text)
    assert "250 groupes sont cochés" in visitor.press("all").text
    choices_are(visitor, groups_out=0)
    assert "250 groupes sont cochés" in visitor.press("new").text
    visitor.press("search", change={"q": "société 000"})
    assert "La recherche trouve 10 groupes ; Tous, Aucun et Nouveaux seulement" in visitor.text
    assert "240 groupes sont cochés, sur 250" in visitor.press("none").text
    choices_are(visitor, groups_out=10)


def test_the_names_of_a_group_are_turned_searched_and_ticked_on_every_page(visitor: Visitor) -> None:
    upload(visitor, *many(250, companies=1)).press("next")
    visitor.press(re.findall(r'value="(names:[^"]+)"', visitor.page.text)[0])
    assert "Page 1 sur 5" in visitor.text
    assert "250 noms sont cochés, sur 250 dans toutes les pages." in visitor.text
    assert "0 nom est coché, sur 250" in visitor.press("none").text
    assert len(draft_of(visitor).choices.excluded_records) == 250
    visitor.press("page:2").press("page:3")
    assert "Page 3 sur 5" in visitor.text
    assert not re.search(r'name="record"[^>]* checked', visitor.page.text)
    visitor.press("search", change={"q": "PRENOM0000"})
    assert visitor.page.text.count('name="shown"') == 10
    assert "10 noms sont cochés" in visitor.press("all").text
    assert "p249@mail249.example" in visitor.press("search", change={"q": "p249@"}).text
    assert "Rien ne porte ce nom." in visitor.press("search", change={"q": "zzz"}).text
    assert "250 noms sont cochés" in visitor.press("search", change={"q": ""}).press("new").text


def test_the_names_of_new_people_leave_those_out_whom_the_crm_has(visitor: Visitor) -> None:
    upload(visitor, ZOE).press("next").press("next").press("add").press("close")
    upload(visitor, ZOE, card("Léa Roux", "ORG:Nouvelle Société", "EMAIL:lea@nouvelle.example")).press("next").press("next")
    visitor.press(re.findall(r'value="(names:[^"]+)"', visitor.page.text)[0]).press("new")
    assert "1 nom est coché, sur 2" in visitor.text
    records = visitor.app.world.store.readings.records(draft_of(visitor).reading)
    (out,) = draft_of(visitor).choices.excluded_records
    assert [each.contact.get("full_name") for each in records if each.id == out] == ["Zoé Nouvelle"]
