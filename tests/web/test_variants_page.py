"""Spellings of one company on the page of the groups, and the rules that answers make, without a script."""

from __future__ import annotations

import re

from carnet.model.account import RecordKind
from carnet.model.rule import RuleKind
from web.test_wizard import ME, card, crm_names, draft_of, upload
from web.visitor import Visitor

ADA = card("Ada Nouvelle", "ORG:Kalysta", "EMAIL:ada@kalysta.example")
BOB = card("Bob Ancien", "ORG:Kalysta SARL", "EMAIL:bob@kalysta.example")
EVE = card("Eve Moyen", "ORG:KALYSTA\\, S.A.R.L.", "EMAIL:eve@kalysta.example")
FAR = card("Yan Loin", "ORG:Autre Chose", "EMAIL:yan@autre.example")
CARDS = (ADA, BOB, EVE, FAR)
BOX = re.compile(r'<fieldset class="question" id="variant-(\w+)">')


def groups(visitor: Visitor, *cards: str) -> str:
    """The groups page of those cards; returns the key of the only proposal."""
    upload(visitor, *cards).press("next")
    (key,) = BOX.findall(visitor.page.text)
    return str(key)


def titles(visitor: Visitor) -> list[str]:
    found = re.findall(r'aria-label="Ajouter ([^"]+)"', visitor.page.text)
    return [each for each in found if each != "des contacts"]


def rules(visitor: Visitor) -> list[tuple[RuleKind, int]]:
    return [(rule.kind, len(rule.members)) for rule in visitor.app.world.store.rules.all(ME)]


def test_m02_a_proposal_tells_why_and_its_rows_stay_apart_until_it_is_accepted(visitor: Visitor) -> None:
    groups(visitor, *CARDS)

    assert "Variantes d’un nom 1 proposition" in visitor.text
    assert "Même nom sans son type de société" in visitor.text
    assert len(titles(visitor)) == 4
    assert visitor.text.count("peut ne faire qu’une avec") == 3
    assert rules(visitor) == []


def test_m02_an_accepted_proposal_is_one_row_that_names_its_spellings(visitor: Visitor) -> None:
    key = groups(visitor, *CARDS)
    visitor.press(f"accept:{key}", change={f"name:{key}": "Kalysta France"})

    assert titles(visitor) == ["Autre Chose", "Kalysta France"]
    assert "3 orthographes : " in visitor.text
    assert "Kalysta SARL" in visitor.text
    assert "Variantes d’un nom" not in visitor.text
    assert rules(visitor) == [(RuleKind.VARIANTS, 3)]
    visitor.press("next").press("Ajouter des contacts")
    assert {"Ada Nouvelle", "Bob Ancien", "Eve Moyen"} <= crm_names(visitor)
    assert not {"Kalysta", "Kalysta SARL"} & crm_names(visitor, RecordKind.ACCOUNT)


def test_what_was_ticked_on_the_page_is_kept_with_the_answer(visitor: Visitor) -> None:
    key = groups(visitor, *CARDS)
    visitor.press(f"refuse:{key}", change={"group": []})

    assert len(draft_of(visitor).choices.excluded_groups) == 4


def test_a_refused_proposal_is_gone_and_remembered_for_the_next_file(visitor: Visitor) -> None:
    key = groups(visitor, *CARDS)
    visitor.press(f"refuse:{key}")
    assert "Elles ne sont plus proposées" in visitor.text
    assert len(titles(visitor)) == 4

    upload(visitor, *CARDS).press("next")

    assert BOX.findall(visitor.page.text) == []
    assert rules(visitor) == [(RuleKind.APART, 3)]


def test_a_member_left_out_stays_a_row(visitor: Visitor) -> None:
    key = groups(visitor, *CARDS)
    kept = [value for name, value in visitor.forms()[-1].values if name == f"member:{key}" and "s.a.r.l" not in value]
    visitor.press(f"accept:{key}", change={f"member:{key}": kept, f"name:{key}": "Kalysta"})

    assert titles(visitor) == ["Autre Chose", "Kalysta", "KALYSTA, S.A.R.L."]


def test_an_answer_that_leaves_nothing_to_join_says_what_to_do(visitor: Visitor) -> None:
    key = groups(visitor, *CARDS)
    visitor.press(f"accept:{key}", change={f"member:{key}": []})

    assert visitor.page.status_code == 409
    assert "Gardez au moins deux orthographes" in visitor.text
    assert rules(visitor) == []


def test_the_chip_of_a_row_leads_to_its_proposal(visitor: Visitor) -> None:
    key = groups(visitor, *CARDS)
    visitor.press(f"variant:{key}")

    assert visitor.page.url.fragment == f"variant-{key}"
    assert '<details id="variants" open>' in visitor.page.text


def test_many_proposals_are_closed_and_paged(visitor: Visitor) -> None:
    people = [
        card(f"Jo N{n}", f"ORG:{name}") for n in range(12) for name in (f"Zebra{n:02} Atelier", f"Zebra{n:02} Atelier SARL")
    ]
    upload(visitor, *people).press("next")
    assert "12 propositions" in visitor.text
    assert '<details id="variants" open>' not in visitor.page.text
    assert len(BOX.findall(visitor.page.text)) == 10

    visitor.press("variants:2")

    assert len(BOX.findall(visitor.page.text)) == 2
    assert '<details id="variants" open>' in visitor.page.text


def test_proposals_are_made_where_contacts_are_grouped_by_company_only(visitor: Visitor) -> None:
    groups(visitor, *CARDS)
    visitor.press("mode", change={"mode": "domain"})

    assert "Variantes d’un nom" not in visitor.text


def test_a_rule_is_listed_with_what_dropping_it_changes_and_is_dropped(visitor: Visitor) -> None:
    key = groups(visitor, *CARDS)
    visitor.press(f"accept:{key}", change={f"name:{key}": "Kalysta France"})
    back = visitor.at
    visitor.go("/").go("/rules")
    assert "sont une seule société, appelée « Kalysta France »" in visitor.text
    assert "3 contacts sont de nouveau répartis sur 3 lignes" in visitor.text

    (rule,) = visitor.app.world.store.rules.all(ME)
    visitor.go(f"/rules/{rule.id}/drop?back={back}").press("back")
    assert visitor.at == back
    assert rules(visitor) == [(RuleKind.VARIANTS, 3)]
    visitor.go(f"/rules/{rule.id}/drop?back={back}").press("drop")

    assert visitor.at == back
    assert len(titles(visitor)) == 4
    assert rules(visitor) == []


def test_rules_are_searched_and_a_way_back_leads_nowhere_else(visitor: Visitor) -> None:
    key = groups(visitor, *CARDS)
    visitor.press(f"refuse:{key}")
    assert "Sociétés distinctes" in visitor.go("/rules?q=kalysta").text
    assert "Aucune règle n’en parle" in visitor.go("/rules?q=fabrikam").text

    (rule,) = visitor.app.world.store.rules.all(ME)
    visitor.go(f"/rules/{rule.id}/drop?back=//elsewhere.example").press("drop")

    assert visitor.at == "/rules"
    assert "Il n’y a encore aucune règle" in visitor.text
    assert visitor.go(f"/rules/{rule.id}/drop").page.status_code == 404
