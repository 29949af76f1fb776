"""The wizard, through the door, without a script: what it shows, keeps and writes."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from carnet.model.account import RecordKind
from carnet.model.choices import AccountSetting
from carnet.model.draft import Draft
from carnet.model.folder import Folder
from carnet.model.group import Mode
from carnet.model.reading import Page
from carnet.model.run import RunState
from web.visitor import ORIGIN, Visitor

ME = "alix"


def card(name: str, *lines: str) -> str:
    given, _, surname = name.partition(" ")
    return "\r\n".join(("BEGIN:VCARD", "VERSION:3.0", f"N:{surname};{given};;;", f"FN:{name}", *lines, "END:VCARD", ""))


def vcards(*cards: str) -> tuple[str, bytes]:
    return "contacts.vcf", "".join(cards).encode()


def upload(visitor: Visitor, *cards: str) -> Visitor:
    return visitor.start().press("Suivant", upload=vcards(*cards))


def draft_of(visitor: Visitor) -> Draft:
    (draft,) = visitor.app.world.store.drafts.all(ME)
    return draft


def crm_names(visitor: Visitor, kind: RecordKind = RecordKind.CONTACT) -> set[str]:
    return {record.name for record in visitor.app.world.crm.search(kind, "", limit=10_000)[0]}


def summary_numbers(visitor: Visitor) -> dict[str, int]:
    found = re.findall(
        r'<th scope="row">(?:<strong>)?([^<]+?)(?:</strong>)?</th><td class="right">(?:<strong>)?([\d\s]+)', visitor.page.text
    )
    return {label.replace("\xa0", " "): int(re.sub(r"\s", "", number)) for label, number in found}


ZOE = card("Zoé Nouvelle", "ORG:Nouvelle Société", "EMAIL:zoe@nouvelle.example")
YAN = card("Yan Ancien", "ORG:Autre Société", "EMAIL:yan@autre.example")
SECRET = card("Secret Personne", "ORG:Nouvelle Société", "CLASS:PRIVATE")


def test_w01_the_wizard_starts_from_import_contacts_add_contacts(visitor: Visitor) -> None:
    assert "Importer des contacts › Ajouter des contacts" in visitor.go("/").text
    assert visitor.press("Ajouter des contacts").at.endswith("/welcome")


def test_w02_the_first_page_offers_next_and_cancel_and_the_seeds_advice(visitor: Visitor) -> None:
    visitor.start()
    (form,) = [form for form in visitor.forms() if form.multipart]
    assert [button[2] for button in form.buttons] == ["Annuler", "Suivant"]
    assert "Conseil Pour de meilleurs résultats, vérifiez" in visitor.text
    assert "Pourboire" not in visitor.text


def test_w04_every_folder_is_ticked_with_its_count_and_what_stays_out_is_told(visitor: Visitor) -> None:
    visitor.open_demo()
    boxes = re.findall(r'<input type="checkbox" name="folder"[^>]*>', visitor.page.text)
    assert len(boxes) == 5
    assert all("checked" in box for box in boxes)
    assert "Contacts dossier par défaut 87 contacts 2 privés, retenus" in visitor.text
    assert "3 groupes de contacts ne sont pas ajoutés" in visitor.text


def test_w05_a_folder_that_is_cleared_leaves_every_count(visitor: Visitor) -> None:
    visitor.open_demo()
    read = visitor.app.world.store.readings.get(ME, draft_of(visitor).reading)
    salon = next(folder.id for folder in read.folders if folder.name == "Salon 2025")
    kept = [folder.id for folder in read.folders if folder.id != salon]
    visitor.press("next", change={"folder": kept})
    assert "304 contacts trouvés dans 4 dossiers" in visitor.text
    visitor.press("back")
    assert len(re.findall(r'name="folder"[^>]* checked', visitor.page.text)) == 4


def test_a_file_is_called_what_the_person_called_it(visitor: Visitor) -> None:
    upload(visitor, ZOE)
    assert "contacts dossier par défaut 1 contact" in visitor.text
    assert "tmp" not in visitor.text


def test_w06_somebody_elses_folder_is_shown_with_the_reason_and_cannot_be_ticked(visitor: Visitor) -> None:
    upload(visitor, ZOE)
    readings = visitor.app.world.store.readings
    read = readings.get(ME, draft_of(visitor).reading)
    delegate = Folder(id="d", name="Contacts de Lou", path=("Contacts de Lou",), count=3, reason="delegate")
    readings.start(replace(read, id="two", folders=(*read.folders, delegate)))
    readings.add("two", read.folders[0].id, Page(records=readings.records(read.id)))
    readings.finish("two")
    visitor.app.world.store.drafts.save(replace(draft_of(visitor), reading="two"))
    visitor.go(visitor.at)
    assert "Contacts de Lou" in visitor.text
    assert "les contacts d’une autre personne ne peuvent pas être ajoutés" in visitor.text
    assert re.search(r'value="d"[^>]* disabled', visitor.page.text)
    visitor.press("next", change={"folder": ["d"]})
    assert "Cochez au moins un dossier." in visitor.text


def test_no_folder_at_all_is_asked_about(visitor: Visitor) -> None:
    visitor.open_demo().press("next", change={"folder": []})
    assert visitor.page.status_code == 422
    assert "Cochez au moins un dossier." in visitor.text


def test_w07_there_are_three_ways_to_group(visitor: Visitor) -> None:
    visitor.open_demo().press("next")
    for mode, title, row in (
        (Mode.DOMAIN, "Domaine de messagerie", "fabrikam.com"),
        (Mode.CATEGORY, "Catégories", "(Aucune catégorie)"),
        (Mode.COMPANY, "Nom de la société", "(Aucune société)"),
    ):
        visitor.press("mode", change={"mode": mode})
        assert f"Ajouter {title} Nombre de contacts" in visitor.text
        assert row in visitor.text
        assert draft_of(visitor).choices.mode is mode


def test_w15_w24_w26_groups_are_ticked_company_accounts_are_ticked_and_communications_are_not(visitor: Visitor) -> None:
    visitor.open_demo().press("next")
    groups = re.findall(r'<input type="checkbox" name="group"[^>]*>', visitor.page.text)
    assert len(groups) == 23
    assert all("checked" in box for box in groups)
    assert re.search(r'name="company_account" value="1" checked', visitor.page.text)
    assert not re.search(r'name="communications"[^>]* checked', visitor.page.text)
    assert "Utiliser le nom de la société comme nom de compte (recommandé)" in visitor.text
    assert "Suivre toutes les communications pour les contacts ajoutés" in visitor.text


def test_w16_to_w19_coverage_is_told_by_number_words_shape_and_colour(visitor: Visitor) -> None:
    visitor.open_demo().press("next")
    for colour, words in (
        ("green", "Tous déjà présents (22/22)"),
        ("yellow", "Plus de 50 % présents (19/31)"),
        ("red", "Au moins un présent (3/18)"),
        ("none", "Aucun présent (0/15)"),
    ):
        assert words in visitor.text
        assert re.search(rf'class="pill {colour}"[^>]*><b>\d+</b>\s*<svg class="shape"', visitor.page.text), colour


def test_groups_are_searched_sorted_and_ticked_together(visitor: Visitor) -> None:
    visitor.open_demo().press("next").press("Chercher", change={"q": "CONTOSO"})
    assert visitor.page.text.count('name="shown"') == 3
    visitor.press("Chercher", change={"q": ""}).press("sort:count").press("sort:count")
    counts = [int(number) for number in re.findall(r"<b>(\d+)</b>", visitor.page.text)]
    assert counts == sorted(counts, reverse=True)
    assert 'aria-sort="descending"' in visitor.page.text
    assert "0 contact est sélectionné" in visitor.press("none").text
    assert "390 contacts sont sélectionnés" in visitor.press("all").text
    visitor.press("new")
    assert [key for key in draft_of(visitor).choices.excluded_groups if "fabrikam" not in key.casefold()] != []
    assert "368 contacts sont sélectionnés" in visitor.text


def test_with_nothing_ticked_the_page_says_what_to_do(visitor: Visitor) -> None:
    visitor.open_demo().press("next").press("none").press("next")
    assert visitor.at.endswith("/review")
    assert "Aucun contact n’est sélectionné" in visitor.text
    assert re.search(r'value="add" disabled aria-describedby="why"', visitor.page.text)


def test_w14_the_count_opens_the_names_and_a_name_can_be_unticked(visitor: Visitor) -> None:
    upload(visitor, ZOE, YAN).press("next")
    keys = re.findall(r'role="link" name="go" value="(names:[^"]+)"', visitor.page.text)
    visitor.press(next(key for key in keys if "nouvelle" in key))
    assert "Zoé Nouvelle" in visitor.text
    assert "zoe@nouvelle.example" in visitor.text
    assert "Yan" not in visitor.text
    visitor.press("groups", change={"record": []})
    assert "1 contact est sélectionné" in visitor.text
    visitor.press("next").press("add")
    assert "Yan Ancien" in crm_names(visitor)
    assert "Zoé Nouvelle" not in crm_names(visitor)
    assert summary_numbers(visitor)["non sélectionnés"] == 1


def test_w22_cancel_leaves_nothing_on_any_page(visitor: Visitor) -> None:
    before = crm_names(visitor)
    store, uploads = visitor.app.world.store, visitor.app.settings.uploads
    runs = len(store.runs.all(ME))
    for presses in ([], ["next"], ["next", "next"]):
        upload(visitor, ZOE)
        reading = draft_of(visitor).reading
        for button in presses:
            visitor.press(button)
        visitor.press("cancel")
        assert visitor.at == "/"
        assert "Annulé. Rien n’a été conservé" in visitor.text
        assert store.drafts.all(ME) == ()
        assert store.readings.records(reading) == ()
        assert list(uploads.iterdir()) == []
    assert len(store.runs.all(ME)) == runs
    assert crm_names(visitor) == before


def test_choices_survive_back(visitor: Visitor) -> None:
    upload(visitor, ZOE, YAN).press("next").press("advanced")
    key = re.findall(r'name="account:([^"]+)"', visitor.page.text)[0]
    chosen = {"communications": "1", f"account:{key}": "none", "group": [key]}
    visitor.press("next", change=chosen).press("back").press("back").press("next")
    choices = draft_of(visitor).choices
    assert choices.communications
    assert choices.account_by_group[key].setting is AccountSetting.NOT_SET
    assert len(choices.excluded_groups) == 1
    assert re.search(r'name="communications"[^>]* checked', visitor.page.text)


def test_back_from_folders_keeps_what_was_read(visitor: Visitor) -> None:
    upload(visitor, ZOE).press("back")
    assert "contacts.vcf, qui a été lu (1 contact)" in visitor.text
    assert visitor.press("Suivant").at.endswith("/folders")


def test_w29_advanced_reveals_its_two_columns_on_the_same_page(visitor: Visitor) -> None:
    upload(visitor, ZOE).press("next")
    assert "Définir un compte" not in visitor.text
    visitor.press("advanced")
    assert visitor.at.endswith("/groups")
    assert "Définir un compte" in visitor.text
    assert "Inclure les communications" in visitor.text
    for label in ("Non défini", "Utiliser le nom de la société", "Sélectionner un compte existant"):
        assert f">{label}" in visitor.page.text
    assert "Définir un compte" not in visitor.press("advanced").text


def test_the_communications_of_a_row_follow_the_box_for_all_until_they_are_cleared(visitor: Visitor) -> None:
    upload(visitor, ZOE, YAN).press("next").press("advanced")
    assert len(re.findall(r'name="comm"[^>]* disabled', visitor.page.text)) == 2
    visitor.press("search", change={"communications": "1"})
    assert len(re.findall(r'name="comm"[^>]* checked', visitor.page.text)) == 2
    keys = re.findall(r'name="comm" value="([^"]+)"', visitor.page.text)
    visitor.press("next", change={"comm": [keys[0]]}).press("add")
    entries = visitor.app.world.store.journal.entries(int(visitor.at.rsplit("/", 1)[1]))
    assert sorted(entry.communications for entry in entries) == [False, True]
    assert "Les communications de 1 contact sont suivies." in visitor.text


def test_w33_w34_an_existing_account_or_contact_is_picked(visitor: Visitor) -> None:
    upload(visitor, ZOE, YAN).press("next").press("advanced")
    first, second = re.findall(r'name="account:([^"]+)"', visitor.page.text)
    visitor.press("next", change={f"account:{first}": "picked"})
    assert visitor.at.endswith("/pick")
    visitor.press("Chercher", change={"q": "fabrikam"})
    account = re.findall(r'value="(account:[^"]+)"', visitor.page.text)[0]
    visitor.press("OK", change={"parent": account})
    assert draft_of(visitor).choices.account_by_group[first].parent is not None
    visitor.press("next", change={f"account:{second}": "picked"}).press("Chercher", change={"q": "camille"})
    contact = re.findall(r'value="(contact:[^"]+)"', visitor.page.text)[0]
    visitor.press("OK", change={"parent": contact}).press("next").press("add")
    people = {record.name: record for record in visitor.app.world.crm.search(RecordKind.CONTACT, "", limit=10_000)[0]}
    parents = {people[name].parent for name in ("Zoé Nouvelle", "Yan Ancien")}
    assert {f"{parent.kind}:{parent.id}" for parent in parents if parent} == {account, contact}


def test_one_contact_gets_an_account_of_its_own(visitor: Visitor) -> None:
    upload(visitor, ZOE).press("next").press("advanced")
    names = re.findall(r'value="(names:[^"]+)"', visitor.page.text)[0]
    record = re.findall(r'name="account:([^"]+)"', visitor.press(names).page.text)[0]
    visitor.press("groups", change={f"account:{record}": "picked"})
    assert "Zoé Nouvelle" in visitor.text
    visitor.press("Chercher", change={"q": "fabrikam"})
    account = re.findall(r'value="(account:[^"]+)"', visitor.page.text)[0]
    visitor.press("OK", change={"parent": account})
    assert visitor.at.endswith("/names")
    assert "Fabrikam" in visitor.text
    assert draft_of(visitor).choices.account_by_record[record].parent is not None


def test_picking_nothing_changes_nothing(visitor: Visitor) -> None:
    upload(visitor, ZOE).press("next").press("advanced")
    key = re.findall(r'name="account:([^"]+)"', visitor.page.text)[0]
    visitor.press("next", change={f"account:{key}": "picked"}).press("back")
    assert visitor.at.endswith("/groups")
    assert draft_of(visitor).choices.account_by_group == {}


def test_what_was_left_is_offered_again_on_the_home_page(visitor: Visitor) -> None:
    upload(visitor, ZOE).press("next")
    assert "Reprendre où vous en étiez" in visitor.go("/").text
    (path,) = re.findall(r'href="(/wizard/[^"]+)"', visitor.page.text)
    assert visitor.go(path).at.endswith("/groups")


def test_a_started_run_is_not_started_again_from_the_wizard(visitor: Visitor) -> None:
    upload(visitor, ZOE).press("next").press("next")
    review = visitor.at
    visitor.press("add")
    run = visitor.at
    assert visitor.go(review).at == run


def test_a_very_long_path_or_page_number_breaks_nothing(visitor: Visitor) -> None:
    visitor.open_demo().press("next")
    base = visitor.at
    assert visitor.go(f"{base}?page=99999&sort=nonsense&q=%C3%A9").page.status_code == 200
    assert "Aucun groupe" not in visitor.go(f"{base}?page=-3").text
    assert visitor.go(f"{base}?page=x").page.status_code == 404


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_page_names_its_language(visitor: Visitor, language: str) -> None:
    visitor.client.headers["accept-language"] = language
    assert f'<html lang="{language}">' in visitor.go("/").page.text


def test_the_language_is_switched_and_remembered_on_the_same_page(visitor: Visitor) -> None:
    visitor.go("/history").press("en")
    assert visitor.at == "/history"
    assert "Import into the CRM" in visitor.text
    assert '<html lang="en">' in visitor.go("/").page.text


def test_the_way_back_after_a_language_stays_on_carnet(visitor: Visitor) -> None:
    for path in ("//evil.example", "/\\evil.example", "https://evil.example"):
        other = "en" if "English" in visitor.go("/").text else "fr"
        visitor.press(other, change={"back": path})
        assert str(visitor.page.url) == f"{ORIGIN}/"


def test_a_run_that_was_killed_goes_on_when_its_page_is_opened(visitor: Visitor) -> None:
    upload(visitor, ZOE, YAN).press("next").press("next")
    number = draft_of(visitor).run
    assert number is not None
    runs = visitor.app.world.store.runs
    run = runs.get(ME, number)
    runs.save(replace(run, state=RunState.APPLYING, approved=run.fingerprint, started_at=run.planned_at))
    visitor.go(f"/runs/{number}").settle()
    assert visitor.at == f"/runs/{number}"
    assert summary_numbers(visitor)["ajoutés"] == 2
