"""Which fields leave, until when a run can be undone, how it is forgotten, and what is held about somebody."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from carnet.bootstrap import App
from carnet.core.retaining import kept_until
from carnet.model.account import RecordKind
from carnet.model.choices import Preset
from carnet.model.policy import Policy
from carnet.web.planning import leaving
from carnet.words import Words
from web.test_wizard import ME, card, upload
from web.visitor import Visitor

ANN = card("Ann Roy", "EMAIL:ann@exemple.example", "BDAY:1977-03-04", "NOTE:aime le maïs", "TITLE:Chef")
EVA = card("Eva Lind", "EMAIL:eva@exemple.example", "ORG:Nulle Part SA")
FIXED = "C’est fixé par votre administrateur."


@pytest.fixture
def under(app: App) -> Iterator[Visitor]:
    """A visitor of a Carnet whose administrator allows little."""
    policy = Policy(fields=Preset.PROFESSIONAL, largest_run=1, create_accounts=False, communications=False)
    strict = replace(app, world=replace(app.world, policy=policy))
    with Visitor(strict) as visitor:
        visitor.enter()
        yield visitor


def review(visitor: Visitor, *cards: str) -> Visitor:
    upload(visitor, *cards).press("next").press("next")
    assert visitor.at.endswith("/review"), visitor.text
    return visitor


def add(visitor: Visitor, *cards: str) -> int:
    """Add cards; the number of the run."""
    review(visitor, *cards).press("add")
    return int(visitor.at.rpartition("/")[2])


def crm_values(visitor: Visitor, name: str) -> dict[str, str]:
    (found,), _ = visitor.app.world.crm.search(RecordKind.CONTACT, name)
    return dict(found.values)


# The fields that leave


def test_the_review_lists_every_field_that_leaves_with_its_number(visitor: Visitor) -> None:
    review(visitor, ANN, EVA)
    for told in ("Fonction (1 contact)", "Anniversaire (1 contact)", "Notes (1 contact)", "E-mail (2 contacts)"):
        assert told in visitor.text
    run = visitor.app.world.store.drafts.all(ME)[0].run
    assert run is not None
    entries = visitor.app.world.store.journal.entries(run)
    listed = dict(leaving(entries, RecordKind.CONTACT))
    for key in {key for entry in entries for key in entry.values}:
        assert listed[key] == sum(bool(entry.values.get(key)) for entry in entries)


def test_professional_fields_are_one_click_in_the_review_and_back(visitor: Visitor) -> None:
    review(visitor, ANN).press("fields:professional")
    assert "Champs professionnels seulement" in visitor.text
    assert "Anniversaire (1 contact)" not in visitor.text
    assert "E-mail (1 contact)" in visitor.text
    visitor.press("fields:all")
    assert "Anniversaire (1 contact)" in visitor.text
    visitor.press("fields:professional").press("add")
    values = crm_values(visitor, "Ann Roy")
    assert values["job_title"] == "Chef"
    assert not {"birthday", "notes"} & values.keys()


def test_where_the_administrator_has_fixed_it_the_page_says_so_and_offers_no_other(under: Visitor) -> None:
    review(under, ANN)
    assert FIXED in under.text
    assert "fields:all" not in under.page.text
    assert "Anniversaire (1 contact)" not in under.text
    under.press("add")
    assert "birthday" not in crm_values(under, "Ann Roy")


def test_what_the_policy_forbids_is_disabled_with_its_reason(under: Visitor) -> None:
    upload(under, ANN, EVA).press("next")
    assert f"Suivre toutes les communications pour les contacts ajoutés {FIXED}" in under.text
    under.press("next")
    assert f"Créer 1 compte – {FIXED}" in under.text
    assert "2 contacts, c’est trop : votre administrateur en autorise 1 par exécution." in under.text.replace("\u202f", " ")
    with pytest.raises(AssertionError, match="disabled"):
        under.press("add")


# Until when a run can be undone, and forgetting it


def test_the_date_until_which_a_run_can_be_undone_is_on_its_pages(visitor: Visitor) -> None:
    number = add(visitor, ANN)
    last = kept_until(visitor.app.world.store.runs.get(ME, number), Policy())
    assert last is not None
    day = Words("fr").date(last)
    assert f"Peut être annulée jusqu’au {day}" in visitor.text
    assert f"peut être annulée jusqu’au {day}" in visitor.go("/history").text


def test_a_run_is_forgotten_after_a_page_that_says_what_goes(visitor: Visitor) -> None:
    number = add(visitor, ANN, EVA)
    visitor.go(f"/runs/{number}/forget")
    assert "L’exécution ne pourra plus être annulée." in visitor.text
    visitor.press("back")
    assert visitor.at == f"/runs/{number}"
    visitor.go(f"/runs/{number}/forget").press("forget")
    assert visitor.at == f"/runs/{number}"
    assert "il ne reste que les chiffres" in visitor.text
    assert f"/runs/{number}/undo" not in visitor.page.text
    assert "Ann Roy" not in visitor.go(f"/runs/{number}/entries").text
    assert crm_values(visitor, "Ann Roy")["notes"] == "aime le maïs"
    for path in ("/", "/history", f"/runs/{number}/contacts.csv"):
        assert visitor.client.get(path).status_code == 200
    visitor.go(f"/runs/{number}/undo")
    assert visitor.page.status_code == 409
    assert "elle ne peut plus être annulée" in visitor.text


def test_forgetting_wants_the_token_of_the_page(visitor: Visitor) -> None:
    number = add(visitor, ANN)
    visitor.client.post(f"/runs/{number}/forget", data={"go": "forget"}, headers={"origin": "http://127.0.0.1:8765"})
    assert visitor.app.world.store.runs.get(ME, number).erased_at is None


# Somebody


def test_a_contacts_page_leads_to_all_that_is_held_about_the_person(visitor: Visitor) -> None:
    number = add(visitor, ANN, EVA)
    (found,), _ = visitor.app.world.crm.search(RecordKind.CONTACT, "Ann Roy")
    visitor.go(f"/crm/contacts/{found.id}")
    assert 'href="/person?address=ann%40exemple.example"' in visitor.page.text
    visitor.go("/person?address=ann%40exemple.example")
    for told in ("Dans le CRM", "Dans les lignes des exécutions", "Sous forme de lien", str(number), "aime le maïs"):
        assert told in visitor.text
    assert "Lind" not in visitor.text


def test_somebody_who_is_not_known_is_told_to_be_unknown(visitor: Visitor) -> None:
    visitor.go("/person?address=personne%40exemple.example")
    assert "Rien n’est conservé sur personne@exemple.example." in visitor.text
    assert "Rien n’est conservé" not in visitor.go("/person").text
