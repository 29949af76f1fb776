"""Track, Set Parent and Untrack on the contacts page of a mailbox, without scripts."""

from __future__ import annotations

import re

import pytest

from carnet.model.account import Parent, RecordKind
from carnet.model.change import Operation, Outcome, Write
from carnet.model.run import RunKind
from web.test_wizard import card, draft_of, upload
from web.visitor import Visitor

PEOPLE = [
    card("Ada Quux", "ORG:Zyxware", "EMAIL:ada@quux.example", "UID:a"),
    card("Bob Quux", "ORG:Zyxware", "EMAIL:bob@quux.example", "UID:b"),
    card("Clara Quux", "ORG:Fabrikam", "EMAIL:clara@quux.example", "UID:c"),
]


@pytest.fixture
def contacts(visitor: Visitor) -> Visitor:
    """On the contacts page of a mailbox of three."""
    upload(visitor, *PEOPLE).press("next")
    return visitor.go(f"/mailbox/{draft_of(visitor).reading}/contacts")


def ids(visitor: Visitor) -> dict[str, str]:
    """Name → contact id, of the mailbox of the page."""
    reading = visitor.at.split("/")[2]
    found = visitor.app.world.store.readings.records(reading)
    return {each.contact.get("full_name"): each.id for each in found}


def in_crm(visitor: Visitor, kind: RecordKind = RecordKind.CONTACT) -> dict[str, str]:
    """Name → parent's name, of those in the CRM that these tests put there."""
    sought = ("Quux",) if kind is RecordKind.CONTACT else ("Quuxware", "Zyxware")
    found = [each for text in sought for each in visitor.app.world.crm.search(kind, text, limit=100)[0]]
    return {each.name: each.parent.name if each.parent else "" for each in found}


def track(visitor: Visitor, *names: str) -> Visitor:
    page, known = visitor.page.url.raw_path.decode(), ids(visitor)
    visitor.press("track", change={"record": [known[name] for name in names]})
    visitor.press("add")
    return visitor.go(page)


def test_a_contact_is_tracked_after_a_review_and_marked_in_the_list(contacts: Visitor) -> None:
    page, known = contacts.at, ids(contacts)
    contacts.press("track", change={"record": known["Ada Quux"]})
    assert contacts.at.endswith("/review")
    assert "Ada Quux – Créer" in contacts.text
    assert in_crm(contacts) == {}

    waiting = contacts.client.get(page).text
    assert "En attente" in waiting
    contacts.press("add")
    assert in_crm(contacts) == {"Ada Quux": ""}
    assert in_crm(contacts, RecordKind.ACCOUNT) == {}
    contacts.go(page)
    assert contacts.text.count("✓ Suivi") == 1


def test_t06_t08_m07_only_who_is_in_the_crm_is_marked_and_can_be_viewed_there(contacts: Visitor) -> None:
    assert contacts.page.text.count("disabled>Afficher dans le CRM") == 3
    track(contacts, "Ada Quux")
    assert contacts.page.text.count("disabled>Afficher dans le CRM") == 2
    (made,) = contacts.app.world.crm.search(RecordKind.CONTACT, "Ada Quux", limit=5)[0]
    assert f'href="/crm/contacts/{made.id}"' in contacts.page.text


def test_t07_the_page_of_a_tracked_contact_shows_state_parent_and_related_records(contacts: Visitor) -> None:
    track(contacts, "Ada Quux", "Bob Quux")
    crm = contacts.app.world.crm
    made = {each.name: each for each in crm.search(RecordKind.CONTACT, "Quux", limit=5)[0]}
    ada = Parent(kind=RecordKind.CONTACT, id=made["Ada Quux"].id)
    moved = Write(
        operation=Operation.UPDATE, kind=RecordKind.CONTACT, id=made["Bob Quux"].id, values={}, parent=ada, sets_parent=True
    )
    assert crm.apply([moved])[0].outcome is Outcome.DONE

    contacts.go(f"/crm/contacts/{made['Bob Quux'].id}")
    assert f'href="/crm/contacts/{ada.id}"' in contacts.page.text
    assert contacts.text.count("✓ Suivi") == 1
    assert "Enregistrements liés" not in contacts.text
    contacts.go(f"/crm/contacts/{ada.id}")
    assert "Enregistrements liés : 1 enregistrement en dépend" in contacts.text.replace("\xa0", " ")


def test_m07_the_tracked_marker_is_in_the_list_without_opening_a_contact(contacts: Visitor) -> None:
    track(contacts, "Ada Quux")
    assert contacts.at.split("?")[0].endswith("/contacts")
    assert contacts.text.count("✓ Suivi") == 1


def test_t08_t11_who_waits_in_a_run_is_pending_and_cannot_be_viewed_in_the_crm_yet(contacts: Visitor) -> None:
    page, known = contacts.at, ids(contacts)
    contacts.press("track", change={"record": known["Ada Quux"]})
    contacts.go(page)
    rows = contacts.page.text.partition("<tbody>")[2]
    assert rows.count(">En attente</a>") == 1
    assert rows.count("disabled>Afficher dans le CRM") == 3
    assert "✓ Suivi" not in rows


def test_t10_a_contact_can_be_tracked_placed_untracked_and_viewed_but_not_converted(contacts: Visitor) -> None:
    track(contacts, "Ada Quux")
    form = contacts.page.text.partition('<form method="post" action="/mailbox/')[2]
    offered = set(re.findall(r'name="go" value="(\w+)"', form))
    assert offered == {"search", "track", "parent", "untrack"}
    assert "Convertir" not in contacts.text


def test_t14_the_list_is_filtered_searched_and_keeps_what_is_selected(contacts: Visitor) -> None:
    track(contacts, "Ada Quux")
    bob = ids(contacts)["Bob Quux"]
    contacts.press("state:tracked", change={"record": bob})
    assert "Ada Quux" in contacts.text
    assert "Clara Quux" not in contacts.text
    assert "1 contact est sélectionné, dont 1 sur d’autres pages" in contacts.text
    contacts.press("state:not_tracked")
    assert ("record", bob) in {each for form in contacts.forms() for each in form.values}
    assert "Clara Quux" in contacts.text
    contacts.press("search", change={"q": "clara"})
    assert "Bob Quux" not in contacts.text
    contacts.press("state:")
    contacts.press("clear")
    assert "0 contact est sélectionné" in contacts.text


def test_t01_t02_twenty_one_are_refused_on_the_page_with_the_way_to_the_wizard(visitor: Visitor) -> None:
    many = [card(f"Person N{place:02}", f"EMAIL:p{place}@example.com", f"UID:{place}") for place in range(21)]
    upload(visitor, *many).press("next")
    visitor.go(f"/mailbox/{draft_of(visitor).reading}/contacts")
    for verb in ("track", "parent", "untrack"):
        visitor.press(verb, change={"record": list(ids(visitor).values())})
        assert visitor.page.status_code == 409
        assert "21 contacts sont sélectionnés" in visitor.text
        assert "Assistant Ajouter des contacts" in visitor.text
        visitor.press("clear")


def test_t04_t09_t12_set_parent_puts_the_tracked_and_the_others_under_one_account(contacts: Visitor) -> None:
    account = Write(operation=Operation.CREATE, kind=RecordKind.ACCOUNT, id="acc-1", values={"name": "Quuxware"})
    contacts.app.world.crm.apply([account])
    track(contacts, "Ada Quux")
    page, known = contacts.at, ids(contacts)
    contacts.press("parent", change={"record": [known["Ada Quux"], known["Bob Quux"]]})
    assert "Ada Quux" in contacts.text
    contacts.press("set")
    assert "Aucun parent n’est choisi" in contacts.text
    contacts.press("search", change={"q": "quuxw"})
    contacts.press("set", change={"parent": "account:acc-1"})
    assert "sous Quuxware" in contacts.text
    contacts.press("add")
    assert in_crm(contacts) == {"Ada Quux": "Quuxware", "Bob Quux": "Quuxware"}
    contacts.go(page)
    assert contacts.page.text.count('href="/crm/accounts/acc-1"') == 2
    assert "Quuxware" in contacts.go("/crm/accounts/acc-1").text


def test_a_parent_is_made_on_the_page_and_named_again_is_used(contacts: Visitor) -> None:
    page, known = contacts.at, ids(contacts)
    for name in ("Ada Quux", "Bob Quux"):
        contacts.go(page).press("parent", change={"record": known[name]})
        contacts.press("new", change={"name": "Quuxware"})
        contacts.press("add")
    assert in_crm(contacts, RecordKind.ACCOUNT) == {"Quuxware": ""}
    assert in_crm(contacts) == {"Ada Quux": "Quuxware", "Bob Quux": "Quuxware"}


def test_t13_m04_untrack_asks_and_says_what_becomes_of_each_before_it_does_anything(contacts: Visitor) -> None:
    track(contacts, "Ada Quux", "Bob Quux")
    page, known = contacts.at, ids(contacts)
    contacts.press("untrack", change={"record": known["Ada Quux"]})
    assert "Annuler le suivi et supprimer" in contacts.text
    assert "Ada Quux – supprimé dans le CRM" in contacts.text
    contacts.press("untrack")
    assert "Choisissez ce que deviennent" in contacts.text
    contacts.press("untrack", change={"choice": "delete"})
    assert list(in_crm(contacts)) == ["Bob Quux"]
    contacts.go(page).press("untrack", change={"record": known["Bob Quux"]})
    contacts.press("untrack", change={"choice": "keep"})
    assert list(in_crm(contacts)) == ["Bob Quux"]
    run = contacts.at
    contacts.go(page)
    assert "✓ Suivi" not in contacts.text
    contacts.go(run + "/undo").press("undo")
    assert "✓ Suivi" in contacts.go(page).text


def test_what_changed_since_the_page_was_seen_is_asked_again(contacts: Visitor) -> None:
    track(contacts, "Ada Quux")
    contacts.press("untrack", change={"record": ids(contacts)["Ada Quux"]})
    (made,) = contacts.app.world.crm.search(RecordKind.CONTACT, "Ada Quux", limit=5)[0]
    edit = Write(operation=Operation.UPDATE, kind=RecordKind.CONTACT, id=made.id, values={"job_title": "Director"})
    contacts.app.world.crm.apply([edit])
    contacts.press("untrack", change={"choice": "delete"})
    assert contacts.at.endswith("/untrack")
    assert list(in_crm(contacts)) == ["Ada Quux"]


def test_cancelling_a_review_leaves_neither_plan_nor_reading_and_the_mailbox_as_it_was(contacts: Visitor) -> None:
    page = contacts.at
    contacts.press("track", change={"record": ids(contacts)["Ada Quux"]})
    contacts.press("cancel")
    contacts.go(page)
    assert "En attente" not in contacts.page.text.partition("<tbody>")[2]
    runs = contacts.app.world.store.runs.all(contacts.app.world.crm.whoami().id)
    assert [each.kind for each in runs if each.kind is not RunKind.IMPORT] == []


def test_somebody_elses_mailbox_is_not_found(contacts: Visitor) -> None:
    for path in ("contacts", "untrack"):
        assert contacts.go(f"/mailbox/nobodys/{path}?chosen=x").page.status_code == 404
