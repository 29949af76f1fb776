"""The duplicate rules of the CRM, the contacts they hold, and who else tracks a contact, through the door."""

from __future__ import annotations

import re

from carnet.crms import embedded
from carnet.flows.apply import apply
from carnet.flows.plan import plan
from carnet.flows.read import read
from carnet.mailboxes.memory import MemoryMailbox
from carnet.model.account import CrmRecord, CrmUser, RecordKind
from carnet.model.change import Operation, Write
from carnet.model.choices import Choices
from carnet.model.contact import Contact, KeyStrength, Record, SourceKey
from carnet.model.duplicate_rule import Condition, Sameness, default_rules
from carnet.ports.world import World
from carnet.words.duplicates import FIRST_RULES
from web.test_wizard import ZOE, card, crm_names, upload
from web.visitor import Visitor

COLLEAGUE = CrmUser(id="lou", name="Lou Petit", address="lou.petit@contoso.example")
DESK = card("Zoé Nouvelle", "ORG:Nouvelle Société", "EMAIL:info@nouvelle.example")


def somebody_adds_zoe(visitor: Visitor) -> CrmRecord:
    """A colleague with a file of their own has added her."""
    world = visitor.app.world
    crm = embedded.open_crm(visitor.app.settings.database, user=COLLEAGUE, clock=world.clock)
    theirs = World(store=world.store, crm=crm, clock=world.clock, ids=world.ids)
    values = {"given_name": "Zoé", "surname": "Nouvelle", "email1": "zoe@nouvelle.example"}
    key = SourceKey(strength=KeyStrength.SEARCH, key="zoe")
    record = Record(id="r:zoe", folder="contacts", place="1", keys=(key,), version="1", contact=Contact(values=values))
    reading = read(theirs, MemoryMailbox([record]), user=COLLEAGUE.id, source="theirs.csv", digest="")
    run = plan(theirs, user=COLLEAGUE.id, reading=reading.id, choices=Choices()).run
    apply(theirs, user=COLLEAGUE.id, number=run.number, fingerprint=run.fingerprint)
    (found,) = crm.search(RecordKind.CONTACT, "zoe@nouvelle.example")[0]
    crm.close()
    return found


def test_the_first_rules_have_names_in_both_languages() -> None:
    assert {rule.name for rule in default_rules()} == set(FIRST_RULES)


def test_the_page_lists_the_rules_and_turns_detection_off_and_on(visitor: Visitor) -> None:
    visitor.go("/crm/contacts")
    assert 'href="/crm/duplicates"' in visitor.page.text
    visitor.go("/crm/duplicates")
    assert "La détection des doublons est activée." in visitor.text
    assert re.search(r"même adresse de messagerie Contact N’importe quelle adresse de messagerie .* publiée", visitor.text)
    visitor.press("off")
    assert "La détection des doublons est désactivée" in visitor.text
    assert not visitor.app.world.crm.detection().on
    visitor.press("on")
    assert visitor.app.world.crm.detection().on


def test_a_rule_is_added_published_unpublished_and_deleted(visitor: Visitor) -> None:
    given = {
        "name": "Même <fin> de téléphone",
        "field:0": "mobile_phone",
        "sameness:0": "last",
        "length:0": "6",
        "field:1": "surname",
        "sameness:1": "whole",
    }
    visitor.go("/crm/duplicates").press("add", change=given)
    (rule,) = [each for each in visitor.app.world.crm.detection().rules if each.name == given["name"]]
    assert rule.conditions == (
        Condition(field="mobile_phone", sameness=Sameness.LAST, length=6),
        Condition(field="surname"),
    )
    assert (rule.published, rule.exclude_inactive, rule.case_sensitive, rule.ignore_blanks) == (False, True, False, True)
    assert "Téléphone mobile (6 derniers caractères), Nom" in visitor.text
    assert "<fin>" not in visitor.page.text
    for button, published in (("publish", True), ("unpublish", False)):
        visitor.press(f"{button}:{rule.id}")
        assert published in {each.published for each in visitor.app.world.crm.detection().rules if each.id == rule.id}
    visitor.press(f"drop:{rule.id}")
    assert rule.id not in {each.id for each in visitor.app.world.crm.detection().rules}


def test_d05_the_sixth_published_rule_is_refused_in_words(visitor: Visitor) -> None:
    visitor.go("/crm/duplicates")
    for place in range(4):
        visitor.press("add", change={"name": f"Règle {place}", "field:0": "nickname", "sameness:0": "whole", "published": "on"})
    visitor.press("publish:contact-name")
    assert visitor.page.status_code == 409
    assert "Au plus 5 règles de doublons sont publiées pour un type d’enregistrement." in visitor.text
    visitor.press("add", change={"name": "Vide"})
    assert "Une règle de doublons a besoin d’un nom et d’un champ à comparer." in visitor.text


def test_d01_d02_a_duplicate_is_asked_about_in_the_review_and_saved_anyway(visitor: Visitor) -> None:
    values = {"surname": "Accueil", "email1": "info@nouvelle.example"}
    visitor.app.world.crm.apply([Write(operation=Operation.CREATE, kind=RecordKind.CONTACT, id="desk", values=values)])
    upload(visitor, DESK).press("next").press("next")
    assert "Le CRM tient ce contact pour un doublon. Que faire ? 1" in visitor.text
    assert "Règle de doublons : Contacts ayant la même adresse de messagerie" in visitor.text
    for answer in ("Lier à Accueil", "Le créer quand même", "Ne pas ajouter", "Décider plus tard"):
        assert answer in visitor.text
    (question,) = set(re.findall(r'name="(q:duplicate:[^"]+)"', visitor.page.text))
    visitor.press("save", change={question: "create"}).press("add")
    assert {"Zoé Nouvelle", "Accueil"} <= crm_names(visitor)


def test_a_contact_of_a_colleague_is_told_to_be_tracked_already(visitor: Visitor) -> None:
    found = somebody_adds_zoe(visitor)
    visitor.go(f"/crm/contacts/{found.id}")
    assert "Déjà suivi par Lou Petit" in visitor.text
    assert COLLEAGUE.address not in visitor.page.text
    upload(visitor, ZOE).press("next").press("next")
    assert "1 contact est déjà suivi par quelqu’un d’autre" in visitor.text
    assert "déjà suivi par Lou Petit" in visitor.text
    visitor.press("add")
    assert "déjà suivi par Lou Petit" in visitor.text
    assert "theirs.csv" not in visitor.page.text
