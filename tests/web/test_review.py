"""The review and the summary, through the door, without a script: what is asked, written and told."""

from __future__ import annotations

import html
import re

from carnet.model.account import RecordKind
from web.test_wizard import ME, SECRET, YAN, ZOE, crm_names, draft_of, summary_numbers, upload
from web.visitor import Visitor


def test_only_the_review_adds_contacts(visitor: Visitor) -> None:
    upload(visitor, ZOE)
    for _ in ("folders", "groups"):
        assert not [button for form in visitor.forms() for button in form.buttons if button[2] == "Ajouter des contacts"]
        visitor.press("next")
    assert [button[1] for form in visitor.forms() for button in form.buttons if button[2] == "Ajouter des contacts"] == ["add"]
    assert "Zoé Nouvelle" not in crm_names(visitor)


def test_w43_a_missing_account_is_created_only_where_somebody_says_so(visitor: Visitor) -> None:
    upload(visitor, ZOE, YAN).press("next").press("next")
    assert "2 sociétés n’ont pas de compte dans le CRM" in visitor.text
    keys = sorted(re.findall(r'name="company:([^"]+)"', visitor.page.text))
    other = next(key for key in keys if "autre" in key)
    visitor.press("save", change={"missing": "create", f"company:{other}": "none"})
    assert "1 compte à créer" in visitor.text
    visitor.press("add")
    assert "Nouvelle Société" in crm_names(visitor, RecordKind.ACCOUNT)
    assert "Autre Société" not in crm_names(visitor, RecordKind.ACCOUNT)
    assert "1 compte créé" in visitor.text
    assert "1 société n’a pas de compte" in visitor.text


def test_by_default_a_missing_account_holds_nobody_and_is_not_created(visitor: Visitor) -> None:
    upload(visitor, ZOE).press("next").press("next").press("add")
    assert "Zoé Nouvelle" in crm_names(visitor)
    assert "Nouvelle Société" not in crm_names(visitor, RecordKind.ACCOUNT)


def test_a_missing_company_gets_an_account_that_is_there(visitor: Visitor) -> None:
    upload(visitor, ZOE).press("next").press("next")
    (key,) = re.findall(r'name="company:([^"]+)"', visitor.page.text)
    visitor.press("save", change={f"company:{key}": "picked"}).press("Chercher", change={"q": "fabrikam"})
    account = re.findall(r'value="(account:[^"]+)"', visitor.page.text)[0]
    visitor.press("OK", change={"parent": account})
    assert visitor.at.endswith("/review")
    assert "Fabrikam" in visitor.text
    visitor.press("add")
    assert "1 compte utilisé Fabrikam (1 contact)" in visitor.text


def test_questions_are_answered_singly_and_at_once(visitor: Visitor) -> None:
    visitor.open_demo().press("next").press("next")
    assert "Est-ce la même personne ? 2" in visitor.text
    assert "Le compte Alpine Ski House est inactif dans le CRM." in visitor.text
    assert "Sous Adventure Works (leeds@adventure-works.com)" in visitor.text
    (twins,) = set(re.findall(r'name="(q:twins:[^"]+)"', visitor.page.text))
    visitor.press("save", change={html.unescape(twins): "different"})
    assert "Est-ce la même personne ? 3" in visitor.text, "one of two namesakes of one company may be a third, in the CRM"
    for words in ("Outlook", "CRM", "Indices", "Même adresse e-mail", "Décider plus tard"):
        assert words in visitor.text
    question = re.findall(r'name="(q:person:[^"]+)" value="create"', visitor.page.text)[0]
    visitor.press("save", change={question: "create"})
    assert "Est-ce la même personne ? 2" in visitor.text
    assert "2 questions ont une réponse." in visitor.text
    visitor.press("bulk:person", change={"bulk:person": "first"})
    assert "Est-ce la même personne ?" not in visitor.text
    visitor.press("bulk:account", change={"bulk:account": "none"})
    assert "Quel compte est cette société ?" not in visitor.text
    visitor.press("reopen")
    assert "Est-ce la même personne ? 2" in visitor.text


def test_a_card_without_a_name_is_named_in_the_review(visitor: Visitor) -> None:
    nameless = "BEGIN:VCARD\r\nVERSION:3.0\r\nN:;;;;\r\nFN:\r\nTEL:+33 6 39 98 00 01\r\nEND:VCARD\r\n"
    upload(visitor, ZOE, nameless).press("next").press("next")
    assert "La fiche n’a ni nom ni société." in visitor.text
    (field,) = re.findall(r'name="(edit:surname:[^"]+)"', visitor.page.text)
    visitor.press("save", change={field: "Trouvée"})
    assert "La fiche n’a ni nom ni société." not in visitor.text
    visitor.press("add")
    assert "Trouvée" in crm_names(visitor)


def test_a_plan_that_the_last_answers_changed_is_shown_again_before_it_runs(visitor: Visitor) -> None:
    visitor.open_demo().press("next").press("next")
    question = re.findall(r'name="(q:person:[^"]+)" value="create"', visitor.page.text)[0]
    visitor.press("add", change={question: "create"})
    assert visitor.at.endswith("/review")
    assert "Vos dernières réponses ont changé ce qui sera écrit." in visitor.text
    assert visitor.press("add").at.startswith("/runs/")


def test_the_review_tells_which_fields_leave_and_which_values_do_not_fit(visitor: Visitor) -> None:
    visitor.open_demo().press("next").press("next")
    assert "champs passent d’Outlook au CRM" in visitor.text
    assert "3 contacts ont des valeurs que le CRM ne peut pas contenir" in visitor.text
    assert re.search(r"Empreinte de ce plan : [0-9a-f]{24}", visitor.text)


def test_w39_the_summary_adds_up(visitor: Visitor) -> None:
    visitor.open_demo().press("next").press("next").press("add")
    numbers = summary_numbers(visitor)
    total = numbers.pop("en tout")
    assert total == 397
    assert sum(numbers.values()) == total
    assert numbers["ajoutés"] > 200
    assert "Alix Renard (alix.renard@contoso.example)" in visitor.text
    assert "Durée" in visitor.text


def test_w40_close_ends_the_wizard_and_the_run_stays_in_the_history(visitor: Visitor) -> None:
    upload(visitor, ZOE, YAN).press("next").press("next").press("add")
    run = visitor.at
    reading = draft_of(visitor).reading
    visitor.press("Fermer")
    assert visitor.at == "/"
    assert visitor.app.world.store.drafts.all(ME) == ()
    assert visitor.app.world.store.readings.records(reading) == ()
    assert list(visitor.app.settings.uploads.iterdir()) == []
    assert f'href="{run}"' in visitor.go("/history").page.text
    assert summary_numbers(visitor.go(run))["ajoutés"] == 2


def test_w41_a_second_run_adds_nobody_twice(visitor: Visitor) -> None:
    upload(visitor, ZOE).press("next").press("next").press("add").press("Fermer")
    upload(visitor, ZOE).press("next")
    assert "Tous déjà présents (1/1)" in visitor.text
    visitor.press("next")
    assert "Tous les contacts sélectionnés sont déjà liés au CRM" in visitor.text
    assert re.search(r'value="add" disabled', visitor.page.text)


def test_linked_contacts_take_account_and_communications_where_asked(visitor: Visitor) -> None:
    upload(visitor, ZOE).press("next").press("next").press("add").press("Fermer")
    upload(visitor, ZOE).press("next").press("next", change={"communications": "1"})
    visitor.press("save", change={"include_linked": "1"})
    assert "1 contact lié à mettre à jour" in visitor.text
    visitor.press("add")
    assert "Les communications de 1 contact sont suivies." in visitor.text


def test_with_private_contacts_only_the_page_says_so(visitor: Visitor) -> None:
    upload(visitor, SECRET)
    assert "Tous les contacts de ce fichier sont privés : il n’y a rien à ajouter." in visitor.text
    assert "Secret" not in visitor.page.text
    assert re.search(r"<button[^>]* disabled[^>]*>Suivant", visitor.page.text)


def test_a_private_card_never_reaches_a_page(visitor: Visitor) -> None:
    upload(visitor, ZOE, SECRET)
    assert "1 contact privé a été retenu" in visitor.text
    for button in ("next", "next", "add"):
        visitor.press(button)
        assert "Secret" not in visitor.page.text
    assert summary_numbers(visitor)["laissés de côté : privés, groupes de contacts, illisibles"] == 1


def test_one_is_singular(visitor: Visitor) -> None:
    upload(visitor, ZOE)
    assert "1 contact a été lu dans contacts.vcf." in visitor.text
    visitor.press("next")
    assert "1 contact trouvé dans le dossier" in visitor.text
    assert "1 personne, 1 appartenance" in visitor.text
