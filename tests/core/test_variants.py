"""Which spellings are proposed as one company (M02), and which never are?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carnet.core.normalise import company_key
from carnet.core.organisations import company_core
from carnet.core.variants import AS_WRITTEN, Spelling, Variant, effect, heal, propose
from carnet.model.account import RecordKind
from carnet.model.contact import Contact, KeyStrength, Record, SourceKey
from carnet.model.match import Candidate, Confidence
from carnet.model.rule import Rule, RuleKind

WHEN = datetime(2026, 3, 2, tzinfo=UTC)
NAMES = (
    *(
        "Contoso",
        "Contoso Ltd",
        "CONTOSO, Ltd.",
        "Contosso",
        "Contoso France",
        "Contoso Deutschland GmbH",
        "Fabrikam",
        "Fabrikam SARL",
    ),
    *("SARL Fabrikam", "Delta Air Lines", "Delta Faucet", "IBM", "I.B.M.", "IBM France", "A-B-C Company", "Company", "SA", "AB"),
    *(
        "Studio 54",
        "Studio 55",
        "Dupont & Fils",
        "Dupont et Fils",
        "Dupont und Fils",
        "東芝",
        "株式会社東芝",
        "ООО Ромашка",
        "Ромашка",
    ),
)


def proposals(
    *titles: str, accounts: Sequence[Candidate] = (), rules: Sequence[Rule] = (), domains: Mapping[str, str] | None = None
) -> tuple[Variant, ...]:
    spellings = [Spelling(key=company_key(title), title=title, contacts=10 - place % 10) for place, title in enumerate(titles)]
    by_key = {company_key(title): frozenset({domain}) for title, domain in (domains or {}).items()}
    return propose(spellings, accounts=accounts, domains=by_key, colleagues={}, rules=rules)


def account(name: str, email: str = "") -> Candidate:
    return Candidate(kind=RecordKind.ACCOUNT, id=f"id of {name}", name=name, emails=(email,) if email else ())


def rule(kind: RuleKind, *titles: str, name: str = "") -> Rule:
    labels = {company_key(title): title for title in titles}
    return Rule(id=f"{kind} {titles}", kind=kind, members=tuple(labels), labels=labels, name=name, made_at=WHEN)


def together(found: Sequence[Variant]) -> list[set[str]]:
    return [{member.title for member in each.members} for each in found]


def record(company: str) -> Record:
    keys = (SourceKey(strength=KeyStrength.SEARCH, key=company),)
    return Record(id=f"s:{company}", folder="f", place="1", keys=keys, version="1", contact=Contact(values={"company": company}))


def test_m02_spellings_and_the_account_of_a_company_are_proposed_as_one() -> None:
    (found,) = proposals("Contoso", "Contoso Ltd", "CONTOSO, Ltd.", accounts=[account("Contoso Limited")])
    assert together([found]) == [{"Contoso", "Contoso Ltd", "CONTOSO, Ltd."}]
    assert found.account is not None
    assert found.name == "Contoso Limited"
    assert found.confidence is Confidence.CERTAIN
    assert {each.code for each in found.evidence} == {"same_core"}


def test_what_else_speaks_for_it_is_told() -> None:
    name = account("Contoso Limited", "office@contoso.com")
    spelling = Spelling(key=company_key("Contoso"), title="Contoso", contacts=3)
    (found,) = propose(
        [spelling],
        accounts=[name],
        domains={spelling.key: frozenset({"contoso.com"})},
        colleagues={spelling.key: {name.id: 2}},
        rules=[],
    )
    assert [each.code for each in found.evidence] == ["same_core", "account_site", "colleagues_linked"]
    assert found.evidence[2].values == {"n": "2", "account": "Contoso Limited"}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Contoso", "Contosso"),
        ("Dupont & Fils", "Dupont et Fils"),
        ("Dupont and Fils", "Dupont und Fils"),
        ("Fabrikam SARL", "SARL Fabrikam"),
        ("ООО Ромашка", "Ромашка"),
        ("東芝", "株式会社東芝"),
        ("I.B.M.", "IBM"),
        ("Société Fabrikam", "Fabrikam"),
    ],
)
def test_two_ways_to_write_one_name_are_proposed(one: str, other: str) -> None:
    assert together(proposals(one, other)) == [{one, other}]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("IBM France", "IBM Deutschland"),
        ("Danone Iberia", "Danone France"),
        ("Delta Air Lines", "Delta Faucet"),
        ("A-B-C Company", "Company"),
        ("SA", "AB"),
        ("AB", "ABB"),
        ("Studio 54", "Studio 55"),
        ("Chase & Co.", "and"),
        ("Banque Martin", "Banque Durand"),
        ("SAS Institute", "Institute"),
    ],
)
def test_two_companies_are_not_proposed_as_one(one: str, other: str) -> None:
    assert proposals(one, other) == ()


def test_sister_companies_of_one_domain_are_at_most_likely() -> None:
    found = proposals("Renault", "Renault Trucks", domains={"Renault": "renault.com", "Renault Trucks": "renault.com"})
    assert all(each.confidence is Confidence.LIKELY for each in found)


def test_companies_on_paper_of_two_countries_are_at_most_likely() -> None:
    (found,) = proposals("Contoso SARL", "Contoso GmbH")
    assert found.confidence is Confidence.LIKELY


def test_a_chain_joins_no_two_that_contradict_each_other() -> None:
    found = proposals("Contoso France", "Contoso", "Contoso Deutschland", domains=dict.fromkeys(NAMES, "contoso.com"))
    assert not any({"Contoso France", "Contoso Deutschland"} <= each for each in together(found))


def test_sas_institute_keeps_its_name() -> None:
    assert company_core("SAS Institute") == "sas institute"
    assert company_core("SAS Dupont") == "dupont"


def test_what_was_refused_is_not_proposed_again() -> None:
    assert proposals("Contoso", "Contoso Ltd", rules=[rule(RuleKind.APART, "Contoso", "Contoso Ltd")]) == ()
    left = proposals("Contoso", "Contoso Ltd", "CONTOSO Inc", rules=[rule(RuleKind.APART, "Contoso Ltd", "CONTOSO Inc")])
    assert all(not {"Contoso Ltd", "CONTOSO Inc"} <= each for each in together(left))


def test_a_later_spelling_is_proposed_for_the_rule_that_was_accepted() -> None:
    accepted = rule(RuleKind.VARIANTS, "Contoso", "Contoso Ltd", name="Contoso")
    (found,) = proposals("Contoso", "Contoso Ltd", "Contoso Inc", rules=[accepted])
    assert found.rule == accepted.id
    assert together([found]) == [{"Contoso", "Contoso Ltd", "Contoso Inc"}]


def test_healing_changes_how_the_company_is_called_and_keeps_how_it_is_written() -> None:
    accepted = rule(RuleKind.VARIANTS, "Contoso", "CONTOSO, Ltd.", name="Contoso Limited")
    healed = heal([record("CONTOSO, Ltd."), record("Fabrikam")], [accepted])
    assert [each.contact.get("company") for each in healed] == ["Contoso Limited", "Fabrikam"]
    assert healed[0].contact.extras[AS_WRITTEN] == "CONTOSO, Ltd."
    assert heal(healed, [accepted]) == healed


def test_dropping_a_rule_brings_its_rows_back() -> None:
    accepted = rule(RuleKind.VARIANTS, "Contoso", "Contoso Ltd", name="Contoso")
    spellings = [Spelling(key=company_key(title), title=title, contacts=2) for title in ("Contoso", "Contoso Ltd", "Fabrikam")]
    assert effect(accepted, spellings).contacts == 4


@given(st.permutations(NAMES))
def test_proposals_hang_on_no_order(names: list[str]) -> None:
    spellings = [Spelling(key=company_key(title), title=title, contacts=1) for title in names]

    def found(some: Sequence[Spelling]) -> list[tuple[str, ...]]:
        variants = propose(some, accounts=(), domains={}, colleagues={}, rules=())
        return [tuple(member.key for member in each.members) for each in variants]

    assert found(spellings) == found(sorted(spellings, key=lambda each: each.key))
    keys = [key for members in found(spellings) for key in members]
    assert len(keys) == len(set(keys)), "a spelling stands in two proposals"


@given(st.lists(st.sampled_from(NAMES), min_size=2, max_size=3, unique=True))
def test_no_proposal_holds_what_a_person_has_parted(parted: list[str]) -> None:
    rules = [rule(RuleKind.APART, *parted)]
    keys = {company_key(title) for title in parted}
    for each in proposals(*NAMES, rules=rules):
        assert len(keys & {member.key for member in each.members}) <= 1


@given(st.sampled_from(NAMES), st.sampled_from(("", " SA", " GmbH", " & Co. KG", " Ltd", ", Inc.")))
def test_the_core_of_a_core_is_itself(name: str, kind: str) -> None:
    core = company_core(name + kind)
    assert company_core(core) == core
