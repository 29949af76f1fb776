"""A run through the door: stopped, resumed, tried again, decided afterwards, exported, undone."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from uuid import uuid4

import pytest

from carnet.flows.undo import plan_undo
from carnet.model.account import RecordKind
from carnet.model.change import Operation, Write
from carnet.model.run import RunState
from carnet.words.spreadsheet import safe_cell
from web.test_wizard import ME, YAN, ZOE, card, crm_names, draft_of, summary_numbers, upload
from web.visitor import Visitor

FORMULA = card("=HYPERLINK(1) Bob", "EMAIL:bob@formule.example")


def add(visitor: Visitor, *cards: str) -> str:
    """Add cards; the address of the run."""
    upload(visitor, *cards).press("next").press("next").press("add")
    assert visitor.at.startswith("/runs/"), visitor.text
    return visitor.at


def stop_before_the_end(visitor: Visitor, *cards: str) -> str:
    """A run that was approved and stopped before anything was written."""
    upload(visitor, *cards).press("next").press("next")
    number = draft_of(visitor).run
    assert number is not None
    runs = visitor.app.world.store.runs
    run = runs.get(ME, number)
    runs.save(replace(run, state=RunState.STOPPED, approved=run.fingerprint, started_at=run.planned_at))
    return f"/runs/{number}"


def test_a_stopped_run_is_resumed(visitor: Visitor) -> None:
    visitor.go(stop_before_the_end(visitor, ZOE, YAN))
    assert "L’exécution a été arrêtée. 2 lignes ne sont pas encore faites." in visitor.text
    visitor.press("resume")
    assert summary_numbers(visitor)["ajoutés"] == 2
    assert {"Zoé Nouvelle", "Yan Ancien"} <= crm_names(visitor)


def test_a_stopped_run_waits_on_the_home_page(visitor: Visitor) -> None:
    run = stop_before_the_end(visitor, ZOE)
    assert "Exécutions non terminées" in visitor.go("/").text
    assert f'href="{run}"' in visitor.page.text


def test_stop_asks_the_run_to_end_after_its_batch(visitor: Visitor) -> None:
    path = stop_before_the_end(visitor, ZOE)
    number = int(path.rsplit("/", 1)[1])
    token = next(value for form in visitor.go(path).forms() for key, value in form.values if key == "csrf")
    visitor.client.post(path, data={"csrf": token, "go": "stop"}, headers={"origin": "http://127.0.0.1:8765"})
    assert visitor.app.world.store.runs.get(ME, number).stop


def test_a_run_is_undone_after_a_preview_and_the_undo_undone(visitor: Visitor) -> None:
    run = add(visitor, ZOE, YAN)
    visitor.go(f"{run}/undo")
    assert "2 modifications sont annulées" in visitor.text
    assert {"Zoé Nouvelle", "Yan Ancien"} <= crm_names(visitor)
    undo = visitor.press("undo").at
    assert "2 contacts supprimés" in visitor.text
    assert not {"Zoé Nouvelle", "Yan Ancien"} & crm_names(visitor)
    assert "Annulée" in visitor.go("/history").text
    visitor.go(f"{undo}/undo").press("undo")
    assert {"Zoé Nouvelle", "Yan Ancien"} <= crm_names(visitor)


def test_an_undo_is_left_without_a_trace(visitor: Visitor) -> None:
    run = add(visitor, ZOE)
    before = visitor.app.world.store.runs.all(ME)
    assert visitor.go(f"{run}/undo").press("back").at == run
    assert visitor.app.world.store.runs.all(ME) == before


def test_an_undo_whose_preview_no_longer_holds_is_shown_again(visitor: Visitor) -> None:
    run = add(visitor, ZOE)
    runs = len(visitor.app.world.store.runs.all(ME))
    visitor.go(f"{run}/undo").press("undo", change={"fingerprint": "0" * 24})
    assert visitor.at == f"{run}/undo"
    assert "Quelque chose a changé entre-temps" in visitor.text
    assert len(visitor.app.world.store.runs.all(ME)) == runs
    assert "Zoé Nouvelle" in crm_names(visitor)


def test_an_undo_keeps_what_was_edited_since_and_says_why(visitor: Visitor) -> None:
    run = add(visitor, ZOE)
    crm = visitor.app.world.crm
    zoe = next(each for each in crm.search(RecordKind.CONTACT, "zoé", limit=5)[0] if each.name == "Zoé Nouvelle")
    crm.apply([Write(operation=Operation.UPDATE, kind=RecordKind.CONTACT, id=zoe.id, values={"job_title": "Directrice"})])
    visitor.go(f"{run}/undo")
    assert "1 enregistrement est conservé Zoé Nouvelle – Modifié depuis l’exécution" in visitor.text
    assert "Il n’y a rien à annuler." in visitor.text


def test_an_undo_tells_of_what_bears_its_number_and_is_not_in_its_journal(visitor: Visitor) -> None:
    run = add(visitor, ZOE)
    assert "porte le numéro" not in visitor.go(f"{run}/undo").text
    stray = {"given_name": "Yves", "surname": "Perdu"}
    write = Write(operation=Operation.CREATE, kind=RecordKind.CONTACT, id=str(uuid4()), values=stray, run=int(run[6:]))
    visitor.app.world.crm.apply([write])
    visitor.go(f"{run}/undo")
    assert (
        "1 enregistrement du CRM porte le numéro de cette exécution sans figurer dans son journal : Yves Perdu." in visitor.text
    )
    visitor.press("undo")
    assert {"Yves Perdu"} <= crm_names(visitor)


def test_every_run_opens_from_the_history(visitor: Visitor) -> None:
    add(visitor, ZOE)
    paths = re.findall(r'href="(/runs/\d+)"', visitor.go("/history").page.text)
    assert len(paths) == 2
    for path in paths:
        assert visitor.go(path).page.status_code == 200
        assert "Résumé" in visitor.text
        assert visitor.go(f"{path}/entries").page.status_code == 200
        assert visitor.go(f"{path}/undo").page.status_code == 200


def test_what_was_held_waits_and_is_decided_afterwards(visitor: Visitor) -> None:
    visitor.open_demo().press("next").press("next").press("add")
    run = visitor.at
    visitor.press("Fermer")
    assert re.search(r"\d+ contacts attendent votre réponse\.", visitor.go("/").text)
    visitor.go(f"{run}/decide")
    assert "Est-ce la même personne ? 2" in visitor.text
    assert re.search(r'value="add" disabled', visitor.page.text)
    visitor.press("bulk:person", change={"bulk:person": "create"})
    assert "2 contacts à créer" in visitor.text
    held = summary_numbers(visitor.go(run))["retenus, à décider"]
    added = summary_numbers(visitor)["ajoutés"]
    visitor.go(f"{run}/decide").press("add")
    assert visitor.at == run
    assert summary_numbers(visitor)["ajoutés"] == added + 2
    numbers = summary_numbers(visitor)
    assert numbers["retenus, à décider"] <= held
    total = numbers.pop("en tout")
    assert sum(numbers.values()) == total


def test_saving_no_answer_says_so(visitor: Visitor) -> None:
    visitor.open_demo().press("next").press("next").press("add")
    visitor.go(f"{visitor.at}/decide").press("save")
    assert "Rien n’a été choisi." in visitor.text


def test_a_failure_stands_first_with_its_cause_and_is_tried_again(visitor: Visitor) -> None:
    path = stop_before_the_end(visitor, ZOE, YAN)
    number = int(path.rsplit("/", 1)[1])
    journal = visitor.app.world.store.journal
    entries = journal.entries(number)
    broken = replace(entries[0], values={**entries[0].values, "job_title": "x" * 200})
    journal.write(number, [broken, *entries[1:]], questions=(), missing=())
    visitor.go(path).press("resume")
    assert "1 contact n’a pas pu être ajouté Une valeur est plus longue que son champ dans le CRM (1)" in visitor.text
    numbers = summary_numbers(visitor)
    assert (numbers["en échec"], numbers["ajoutés"]) == (1, 1)
    assert visitor.page.text.index('id="errors"') < visitor.page.text.index('class="sum"')
    visitor.press("retry")
    assert summary_numbers(visitor)["en échec"] == 1


@pytest.mark.parametrize(
    ("cell", "safe"),
    [
        ("=1+1", "'=1+1"),
        ("+33 1", "'+33 1"),
        ("-2", "'-2"),
        ("@cmd", "'@cmd"),
        ("\t=1", "'\t=1"),
        (" =1", "' =1"),
        ("＝1", "'＝1"),
        ("Zoé = x", "Zoé = x"),
        ("", ""),
    ],
)
def test_a_cell_never_starts_a_formula(cell: str, safe: str) -> None:
    assert safe_cell(cell) == safe


def test_the_export_is_a_table_in_the_readers_language(visitor: Visitor) -> None:
    run = add(visitor, ZOE, FORMULA)
    answer = visitor.client.get(f"{run}/contacts.csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert "attachment" in answer.headers["content-disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))
    assert [row["Contact"] for row in rows] == ["Zoé Nouvelle", "'=HYPERLINK(1) Bob"]
    assert {row["Ce qu’il en est"] for row in rows} == {"Terminé"}


def test_lines_are_filtered_by_name_action_and_state(visitor: Visitor) -> None:
    run = add(visitor, ZOE, YAN)
    assert "2 lignes" in visitor.go(f"{run}/entries").text
    assert "1 ligne" in visitor.press("Chercher", change={"q": "zoe"}).text
    assert "0 ligne" in visitor.go(f"{run}/entries?state=failed").text
    assert "2 lignes" in visitor.go(f"{run}/entries?action=create").text


def test_a_contact_tells_which_run_and_card_each_value_came_from(visitor: Visitor) -> None:
    run = add(visitor, ZOE)
    visitor.go("/crm/contacts?q=nouvelle")
    (path,) = re.findall(r'href="(/crm/contacts/[^"]+)"', visitor.page.text)
    visitor.go(path)
    assert "E-mail zoe@nouvelle.example Exécution" in visitor.text
    assert "fiche Zoé Nouvelle" in visitor.text
    assert f'href="{run}"' in visitor.page.text
    assert "Nom complet Zoé Nouvelle composé des parties du nom" in visitor.text


def test_the_crms_pages_are_searched_and_turned(visitor: Visitor) -> None:
    assert "Page 1 sur" in visitor.go("/crm/contacts").text
    assert visitor.go("/crm/contacts?page=2").page.status_code == 200
    assert "Fabrikam" in visitor.go("/crm/accounts?q=FABRIK").text
    assert "Rien ne porte ce nom." in visitor.go("/crm/accounts?q=zzz").text


def test_a_planned_run_that_nobody_approved_can_neither_be_resumed_nor_undone(visitor: Visitor) -> None:
    upload(visitor, ZOE).press("next").press("next")
    number = draft_of(visitor).run
    visitor.go(f"/runs/{number}")
    assert "rien n’a été écrit" in visitor.text
    assert visitor.go(f"/runs/{number}/undo").page.status_code == 409


def link_called(visitor: Visitor, words: str) -> str:
    """Where the link of those words leads."""
    (found,) = re.findall(rf'href="([^"]+)">{words}<', visitor.page.text)
    return str(found)


def test_a_run_that_has_not_begun_leads_back_to_where_it_is_approved(visitor: Visitor) -> None:
    upload(visitor, ZOE).press("next").press("next")
    review, number = visitor.at, draft_of(visitor).run
    assert link_called(visitor.go(f"/runs/{number}"), "Revoir le plan") == review
    run = visitor.go(review).press("add").at
    undo = plan_undo(visitor.app.world, user=ME, number=int(run.rpartition("/")[2])).run
    assert undo is not None
    assert link_called(visitor.go(f"/runs/{undo.number}"), "Revoir le plan") == f"{run}/undo"
