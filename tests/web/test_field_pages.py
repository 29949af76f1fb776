"""Which way fields go: shown to everybody, changed by the administrator, through the door."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from carnet.bootstrap import App, build
from carnet.bootstrap.governing import govern
from carnet.errors import BadSettings, NotAllowed, Refused
from carnet.flows.administer import administers
from carnet.model.account import RecordKind
from carnet.model.direction import SETTABLE, Addresses, Direction
from carnet.model.policy import Policy
from carnet.settings import POLICY_FILE, read_policy
from web.test_privacy_pages import add, crm_values, review
from web.test_wizard import card
from web.visitor import ORIGIN, Visitor

SOMEBODY_ELSE = 64_999
ANN = card("Ann Roy", "EMAIL:ann@exemple.example", "NOTE:aime le maïs", "TITLE:Chef", "ADR;TYPE=HOME:;;1 rue;Nice;;;")


def policy_file(app: App) -> Path:
    return app.settings.home / POLICY_FILE


def laid_down(visitor: Visitor) -> Policy:
    return read_policy(visitor.app.settings.home)


def somebody_else(app: App, monkeypatch: pytest.MonkeyPatch) -> App:
    """The same home in the hands of another user of the computer."""
    monkeypatch.setattr(os, "getuid", lambda: SOMEBODY_ELSE)
    return build(app.settings)


def test_the_page_shows_every_row_and_what_is_fixed(visitor: Visitor) -> None:
    visitor.go("/rules")
    assert 'href="/fields"' in visitor.page.text
    visitor.go("/fields")
    assert visitor.page.text.count("<select") == len(SETTABLE) == 32
    assert visitor.text.count("↔ dans les deux sens (fixe)") == 2
    assert visitor.text.count("seulement avec trois adresses") == 2
    assert "birthdate" in visitor.text


def test_f05_what_the_administrator_sets_to_none_holds_for_the_next_run(visitor: Visitor) -> None:
    visitor.go("/fields").press("save", change={"row:notes": "none", "row:job_title": "to_outlook"})
    assert laid_down(visitor).directions == {"notes": Direction.NONE, "job_title": Direction.TO_OUTLOOK}
    review(visitor, ANN)
    assert "Reste dans Outlook selon les sens fixés par votre administrateur" in visitor.text
    assert "Notes (1 contact)" not in visitor.text
    visitor.press("add")
    assert {"notes", "job_title", "home_city"} & crm_values(visitor, "Ann Roy").keys() == set()


def test_c07_turning_to_three_addresses_warns_of_what_can_be_lost(visitor: Visitor) -> None:
    visitor.go("/fields").press("save", change={"addresses": "three", "row:pager": "none"})
    assert "ce qui s’y trouve peut être perdu" in visitor.text
    assert not policy_file(visitor.app).exists(), "nothing is written before the answer"
    visitor.press("save", change={"sure": "on"})
    assert (laid_down(visitor).addresses, laid_down(visitor).directions) == (Addresses.THREE, {"pager": Direction.NONE})
    add(visitor, ANN)
    assert crm_values(visitor, "Ann Roy")["home_city"] == "Nice"
    visitor.go("/fields").press("save", change={"addresses": "one"})
    assert laid_down(visitor).addresses is Addresses.ONE, "turning back loses nothing, and asks nothing"


def test_f04_who_is_not_the_administrator_sees_the_directions_and_changes_none(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    policy_file(app).write_text('[directions]\nnotes = "none"\n', encoding="utf-8")
    theirs = somebody_else(app, monkeypatch)
    with Visitor(theirs) as visitor:
        visitor.enter()
        visitor.go("/fields")
        assert "Votre administrateur fixe cela" in visitor.text
        assert "✕ pas du tout" in visitor.text
        assert not [each for form in visitor.forms() for each in form.buttons if each[1] == "save"]
        assert "<select" not in visitor.page.text
        (form,) = [each for each in visitor.forms() if each.action == "/fields"]
        sent = {**dict(form.values), "row:notes": "both", "addresses": "three", "sure": "on"}
        visitor.page = visitor.client.post("/fields", data=sent, headers={"origin": ORIGIN})
        assert visitor.page.status_code == 409
        assert "Seul un administrateur" in visitor.text
        assert laid_down(visitor).directions == {"notes": Direction.NONE}
    theirs.close()


def test_f04_the_administrator_is_the_owner_of_the_policy(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    assert administers(app.world)
    theirs = somebody_else(app, monkeypatch)
    assert not administers(theirs.world)
    with pytest.raises(NotAllowed):
        govern(theirs, directions={"notes": Direction.NONE}, addresses=Addresses.ONE)
    theirs.close()
    assert not policy_file(app).exists()


WRITTEN: list[tuple[str, dict[str, str], Addresses, str]] = [
    ("", {}, Addresses.THREE, 'addresses = "three"\n'),
    ("", {"notes": "none"}, Addresses.ONE, '[directions]\nnotes = "none"\n'),
    (
        "# ours\nundo_months = 6 # half\n\n[directions]\n# quiet\nnotes = 'none' # why\n",
        {"notes": "both", "pager": "to_crm"},
        Addresses.THREE,
        '# ours\nundo_months = 6 # half\naddresses = "three"\n\n[directions]\n# quiet\nnotes = "both" # why\npager = "to_crm"\n',
    ),
    (
        'addresses = "one"\n[directions]\n',
        {"notes": "none"},
        Addresses.THREE,
        'addresses = "three"\n[directions]\nnotes = "none"\n',
    ),
    ("undo_months = 6\n", {"notes": "both"}, Addresses.ONE, "undo_months = 6\n"),
]


@pytest.mark.parametrize("change", WRITTEN, ids=str)
def test_the_policy_is_changed_line_by_line_and_keeps_what_else_it_says(
    change: tuple[str, dict[str, str], Addresses, str], app: App
) -> None:
    before, directions, addresses, after = change
    path = policy_file(app)
    path.write_text(before, encoding="utf-8")
    path.chmod(0o604)
    ruled = govern(app, directions={row: Direction(each) for row, each in directions.items()}, addresses=addresses)
    assert path.read_text(encoding="utf-8") == after
    assert path.stat().st_mode & 0o777 == 0o604
    assert ruled.world.policy == read_policy(app.settings.home)
    assert [each.name for each in app.settings.home.iterdir() if each.name.startswith(POLICY_FILE)] == [POLICY_FILE]


def test_a_policy_that_cannot_be_changed_line_by_line_is_left_as_it_is(app: App) -> None:
    text = 'directions = { notes = "none" }\n'
    policy_file(app).write_text(text, encoding="utf-8")
    with pytest.raises(Refused, match="cannot change"):
        govern(app, directions={"notes": Direction.BOTH}, addresses=Addresses.ONE)
    assert policy_file(app).read_text(encoding="utf-8") == text


def test_a_policy_that_is_no_file_is_refused_in_words(app: App) -> None:
    policy_file(app).mkdir()
    with pytest.raises(BadSettings):
        govern(app, directions={"notes": Direction.NONE}, addresses=Addresses.ONE)


def test_a_plan_from_before_is_refused_once_the_directions_hold(visitor: Visitor) -> None:
    review(visitor, ANN)
    place = visitor.at
    visitor.go("/fields").press("save", change={"row:job_title": "none"})
    visitor.go(place)
    assert "Fonction (1 contact)" not in visitor.text, "the review plans again"
    visitor.press("add")
    found, _ = visitor.app.world.crm.search(RecordKind.CONTACT, "Ann Roy")
    assert "job_title" not in found[0].values
