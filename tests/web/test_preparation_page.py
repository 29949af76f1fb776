"""What could be mended first, on the page of the groups and on pages of its own."""

from __future__ import annotations

import csv
import io

import pytest

from carnet.web import preparation
from web.test_wizard import card, upload
from web.visitor import Visitor

BARE = card("Ann Roy", "ORG:Nulle Part SA")
FORMULA = card("=SUM(1) Bob")


def box(visitor: Visitor) -> str:
    """The address of the wizard, once its groups are on the page."""
    assert visitor.at.endswith("/groups"), visitor.text
    return visitor.at.removesuffix("/groups")


def test_the_groups_page_counts_what_could_be_mended_and_leads_to_it(visitor: Visitor) -> None:
    base = box(upload(visitor, BARE, FORMULA).press("next"))
    assert "3 points pourraient d’abord être corrigés dans Outlook" in visitor.text
    assert f'href="{base}/preparation?kind=unreachable"' in visitor.page.text
    visitor.go(f"{base}/preparation?kind=unreachable")
    assert "Ann Roy" in visitor.text
    assert "2 contacts." in visitor.text


def test_where_nothing_is_to_be_mended_it_says_so(visitor: Visitor) -> None:
    upload(visitor, card("Ann Roy", "EMAIL:ann@exemple.example")).press("next")
    assert "rien à corriger n’a été trouvé" in visitor.text


def test_every_kind_tells_what_to_do(visitor: Visitor) -> None:
    base = box(upload(visitor, BARE, FORMULA).press("next"))
    visitor.go(f"{base}/preparation")
    assert "Sociétés sans compte" in visitor.text
    assert "Donnez la même orthographe à la société et au compte" in visitor.text


def test_names_are_searched_and_turned(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preparation, "PAGE", 1)
    base = box(upload(visitor, BARE, FORMULA).press("next"))
    visitor.go(f"{base}/preparation?kind=unreachable")
    assert "Page 1 sur 2" in visitor.text
    visitor.go(f"{base}/preparation?kind=unreachable&page=2")
    assert "Bob" in visitor.text
    assert "Ann Roy" not in visitor.text
    visitor.press("Chercher", change={"q": "nulle part"})
    assert "Ann Roy" in visitor.text
    assert "Page 1 sur" not in visitor.text
    visitor.press("Chercher", change={"q": "personne"})
    assert "Rien ne porte ce nom." in visitor.text


def test_a_kind_is_exported_and_no_cell_is_a_formula(visitor: Visitor) -> None:
    base = box(upload(visitor, BARE, FORMULA).press("next"))
    page = visitor.client.get(f"{base}/preparation.csv?kind=unreachable")
    assert page.content.startswith(b"\xef\xbb\xbf")
    titles, *rows = csv.reader(io.StringIO(page.content.decode("utf-8-sig")), delimiter=";")
    assert titles[0] == "Constat"
    assert [row[1] for row in rows] == ["Ann Roy", "'=SUM(1) Bob"]
    everything = visitor.client.get(f"{base}/preparation.csv").content.decode("utf-8-sig")
    assert "Sociétés sans compte" in everything


def test_many_contacts_are_counted_after_the_page_is_shown(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preparation, "_AT_ONCE", 0)
    base = box(upload(visitor, BARE).press("next"))
    assert f'hx-get="{base}/preparation/box"' in visitor.page.text
    assert f'href="{base}/preparation"' in visitor.page.text
    assert "points pourraient" in visitor.client.get(f"{base}/preparation/box").text
    visitor.go(f"{base}/groups")
    assert "hx-get" not in visitor.page.text


def test_looking_changes_no_choice(visitor: Visitor) -> None:
    base = box(upload(visitor, BARE).press("next"))
    draft = visitor.app.world.store.drafts.all("alix")[0]
    for path in ("/preparation", "/preparation?kind=unreachable", "/preparation.csv"):
        assert visitor.client.get(base + path).status_code == 200
    assert visitor.app.world.store.drafts.all("alix")[0] == draft


def test_a_kind_that_does_not_exist_is_not_found(visitor: Visitor) -> None:
    base = box(upload(visitor, BARE).press("next"))
    assert visitor.client.get(f"{base}/preparation?kind=x").status_code == 404
